"""Turning points of emotion in a stream: does the label change from one utterance to the next?"""

import warnings
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, Literal, get_args

from affecthub.errors import unknown_name
from affecthub.metrics.turning_points.changes import Changes, baselines, count_changes, retrieval
from affecthub.metrics.turning_points.timeline import (
    Utterance,
    align,
    boundaries,
    count_matches,
    read_utterances,
)

Alignment = Literal["overlap", "given"]

# Seconds by which a predicted change may miss a boundary.
TOLERANCES = (1.0, 2.0, 5.0)


def turning_points(
    predictions: Iterable[object],
    references: Iterable[object],
    *,
    alignment: Alignment | None = None,
    tolerances: Sequence[float] = TOLERANCES,
    label_set: Iterable[str] | None = None,
) -> dict[str, Any]:
    """How well changes of emotion along a stream were predicted, beside two baselines.

    Every two consecutive reference utterances of a clip are a pair; it is a change where their
    labels differ. What is scored for a pair is whether the predicted labels of the same two
    utterances differ.

    Args:
        predictions: One list per clip: utterances ``{"start_s", "end_s", "label"}`` of the
            system's own segmentation, or one label per reference utterance. Labels may be None;
            case does not matter.
        references: One list of utterances, or of labels, per clip, in the order of the stream.
        alignment: ``"overlap"`` gives each reference utterance the label of the prediction that
            overlaps it longest (the earlier of equals; none: invalid). ``"given"`` takes labels by
            position. None: by overlap where both sides have times, else as given.
        tolerances: Seconds by which a predicted boundary may miss one of the reference.
        label_set: Accepted labels; another predicted label is invalid. None accepts all.

    Returns:
        ``turning_points``, the share of pairs predicted right, in [0, 1], higher is better, to be
        read beside ``baselines``; ``change_precision``, ``change_recall``, ``change_f1`` with a
        change as the positive class; ``transition_accuracy``, the share of reference changes whose
        two labels both are right; ``label_accuracy`` over utterances; ``macro``, ``accuracy`` and
        ``f1`` as means over clips (with ``n_clips``; F1 over those with a change on either side,
        ``n_clips_f1``); ``boundary``, one dict with ``tolerance_s``, ``precision``, ``recall`` and
        ``f1`` per tolerance, empty where the references have no times; ``baselines``, the scores of
        always and of never predicting a change; ``n_clips``, ``n_utterances``, ``n_pairs``,
        ``n_changes``, ``n_predicted_changes``, ``n_invalid`` (utterances without a usable
        predicted label); ``alignment``, how labels were aligned. Precision is 0 where no change was
        predicted; a value over no pair, or over no change, is NaN; without any pair a UserWarning
        says so.

    Raises:
        ValueError: Lengths differ, an utterance cannot be used, a reference has no label, times
            are missing where overlap needs them, or an option is unknown.
        TypeError: An item is of the wrong kind.

    Source: EmoS paper, section 4.4 (turning points as state transitions).
    Differs: the paper gives one accuracy and leaves open what counts. Its 401 turning points are
        all pairs of the released clips, of which 233 change the primary emotion; the change is
        what is scored here. A boundary is the start of the utterance with the new label.

    Example:
        >>> scores = turning_points([["joy", "joy", "fear"]], [["joy", "fear", "fear"]])
        >>> scores["turning_points"], scores["baselines"]["always_change"]["accuracy"]
        (0.0, 0.5)
    """
    predicted = _streams(predictions, "predictions")
    reference = _streams(references, "references")
    if len(predicted) != len(reference):
        raise ValueError(
            f"`predictions` and `references` differ in length: got {len(predicted)} predictions "
            f"for {len(reference)} references. Align them by clip first."
        )
    accepted = None if label_set is None else {label.strip().lower() for label in label_set}
    _require_labels(reference, accepted)
    tolerances = checked_tolerances(tolerances)
    chosen = choose_alignment(alignment, predicted, reference)
    if chosen == "overlap":
        reference = [sorted(clip, key=lambda u: (u["start_s"], u["end_s"])) for clip in reference]
    for clip in predicted:
        for utterance in clip:
            if accepted is not None and utterance["label"] not in accepted:
                utterance["label"] = None
    aligned = [
        align(found, wanted) if chosen == "overlap" else _by_position(found, wanted, clip)
        for clip, (found, wanted) in enumerate(zip(predicted, reference, strict=True))
    ]
    gold = [[str(utterance["label"]) for utterance in clip] for clip in reference]
    per_clip = [count_changes(found, wanted) for found, wanted in zip(aligned, gold, strict=True)]
    total = Changes(
        *(sum(getattr(clip, name) for clip in per_clip) for name in Changes.__annotations__)
    )
    if not total.n_pairs:
        warnings.warn(
            "turning_points is nan: no clip has two utterances, so there is no pair to score.",
            UserWarning,
            stacklevel=2,
        )
    pooled = total.scores
    labels = [pair for clip in zip(aligned, gold, strict=True) for pair in zip(*clip, strict=True)]
    return {
        "turning_points": pooled["accuracy"],
        "change_precision": pooled["precision"],
        "change_recall": pooled["recall"],
        "change_f1": pooled["f1"],
        "transition_accuracy": _transition_accuracy(aligned, gold),
        "label_accuracy": _mean([found == wanted for found, wanted in labels]),
        "macro": _macro(per_clip),
        "boundary": _boundary(predicted, reference, aligned, chosen, tolerances),
        "baselines": baselines(total.n_changes, total.n_pairs),
        "n_clips": len(reference),
        "n_utterances": len(labels),
        "n_pairs": total.n_pairs,
        "n_changes": total.n_changes,
        "n_predicted_changes": total.n_predicted,
        "n_invalid": sum(found is None for found, _ in labels),
        "alignment": chosen,
    }


def choose_alignment(
    alignment: Alignment | None,
    predicted: Sequence[Sequence[Utterance]],
    reference: Sequence[Sequence[Utterance]],
) -> Alignment:
    """The alignment asked for, or the one that the items allow.

    Raises:
        ValueError: The alignment is unknown, or by overlap where times are missing.
    """
    if alignment is not None and alignment not in get_args(Alignment):
        raise unknown_name("alignment", alignment, get_args(Alignment))
    timed = all(
        utterance["start_s"] is not None for clip in (*predicted, *reference) for utterance in clip
    )
    if alignment == "overlap" and not timed:
        raise ValueError(
            "`alignment` needs times: got 'overlap' and labels alone, expected start_s and end_s "
            "on both sides. Use alignment='given' for one label per reference utterance."
        )
    return alignment or ("overlap" if timed else "given")


def checked_tolerances(tolerances: Sequence[float]) -> list[float]:
    """The tolerances as numbers, or a ValueError where one is negative."""
    values = [float(tolerance) for tolerance in tolerances]
    if not all(value >= 0 for value in values):
        raise ValueError(f"`tolerances`: got {list(tolerances)}, expected seconds from 0 up.")
    return values


def _streams(clips: Iterable[object], argument: str) -> list[list[Utterance]]:
    if isinstance(clips, str) or not isinstance(clips, Iterable):
        raise TypeError(
            f"`{argument}` is not a list of clips: got {clips!r} ({type(clips).__name__}), "
            "expected one list of utterances per clip. Wrap a single clip in a list."
        )
    return [read_utterances(clip, f"{argument}[{number}]") for number, clip in enumerate(clips)]


def _require_labels(reference: list[list[Utterance]], accepted: set[str] | None) -> None:
    for clip, utterances in enumerate(reference):
        for place, utterance in enumerate(utterances):
            label = utterance["label"]
            if label is None:
                raise ValueError(
                    f"`references[{clip}]`, utterance {place} has no label: expected one. Leave "
                    "utterances without a reference out."
                )
            if accepted is not None and label not in accepted:
                raise unknown_name(f"label in `references[{clip}]`", label, accepted)


def _by_position(
    predicted: Sequence[Utterance], reference: Sequence[Utterance], clip: int
) -> list[str | None]:
    if len(predicted) != len(reference):
        raise ValueError(
            f"`predictions[{clip}]` does not fit its reference: got {len(predicted)} labels for "
            f"{len(reference)} utterances, expected one each. Give utterances with times to have "
            "them aligned by overlap."
        )
    return [utterance["label"] for utterance in predicted]


def _transition_accuracy(aligned: list[list[str | None]], gold: list[list[str]]) -> float:
    right = []
    for found, wanted in zip(aligned, gold, strict=True):
        both = zip(pairwise(found), pairwise(wanted), strict=True)
        right += [pair == (before, after) for pair, (before, after) in both if before != after]
    return _mean(right)


def _macro(per_clip: list[Changes]) -> dict[str, float | int]:
    with_pairs = [clip.scores["accuracy"] for clip in per_clip if clip.n_pairs]
    with_changes = [clip.scores["f1"] for clip in per_clip if clip.n_changes or clip.n_predicted]
    return {
        "accuracy": _mean(with_pairs),
        "f1": _mean(with_changes),
        "n_clips": len(with_pairs),
        "n_clips_f1": len(with_changes),
    }


def _boundary(
    predicted: list[list[Utterance]],
    reference: list[list[Utterance]],
    aligned: list[list[str | None]],
    alignment: Alignment,
    tolerances: list[float],
) -> list[dict[str, float]]:
    if any(utterance["start_s"] is None for clip in reference for utterance in clip):
        return []
    if alignment == "given":  # labels of given utterances change where the utterances do
        predicted = [
            [
                Utterance(label=label, start_s=place["start_s"], end_s=place["end_s"])
                for label, place in zip(labels, places, strict=True)
            ]
            for labels, places in zip(aligned, reference, strict=True)
        ]
    found, wanted = ([boundaries(clip) for clip in clips] for clips in (predicted, reference))
    n_found, n_wanted = (sum(map(len, clips)) for clips in (found, wanted))
    results = []
    for tolerance in tolerances:
        both = zip(found, wanted, strict=True)
        n_hits = sum(count_matches(one, other, tolerance) for one, other in both)
        results.append({"tolerance_s": tolerance, **retrieval(n_hits, n_found, n_wanted)})
    return results


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else float("nan")
