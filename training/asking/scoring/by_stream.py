"""Streams: does the emotion turn where it should, and is every utterance labelled right?"""

from typing import Any

import numpy as np

from affecthub.labels import BASIC7, GOEMOTIONS
from affecthub.metrics.replies.values import Stream, Utterance
from affecthub.metrics.turning_points.changes import count_changes
from affecthub.metrics.turning_points.scores import turning_points
from affecthub.metrics.turning_points.timeline import align, read_utterances
from affecthub.training.asking.scoring.by_fine_label import fine_columns, fine_scores
from affecthub.training.asking.scoring.measured import Measured, Replies, with_reference
from affecthub.training.asking.scoring.tallies import Floats, Tally, ratio

FORMS = ("stream",)
COLUMN = "utterances"
_KEYS = frozenset(("start_s", "end_s", "emotion"))
_KEPT = (
    *("change_precision", "change_recall", "transition_accuracy", "macro", "boundary"),
    *("baselines", "n_clips", "n_utterances", "n_pairs", "n_changes", "n_predicted_changes"),
    *("n_invalid", "alignment"),
)
_N_COUNTS = 7


def by_stream(replies: Replies, column: str | None = None) -> Measured | None:
    """Turning points, and the labels of utterances that a system cut out by itself.

    Each utterance of the reference is given the label of the predicted one that overlaps it
    longest; one that nothing overlaps, and every one of a clip without an answer, is wrong.
    Predicted utterances without usable times are left out, and counted (``n_untimed``).

    Args:
        replies: Answers of the form ``stream``.
        column: Of the references: a list of utterances with ``start_s``, ``end_s``, ``emotion``
            and ``secondary``; None takes ``utterances``.

    Returns:
        ``turning_points``, the share of pairs of consecutive utterances told right, ``change_f1``,
        ``label_accuracy`` of utterances, and ``goemotions``, the macro-F1 of their fine labels;
        None where no clip has such a reference.

    Raises:
        ValueError: `column` is no column of utterances.

    Source: EmoS, section 4.4.
    Differs: EmoS leaves open how utterances are matched and what a turning point is; see
        `turning_points`.
    """
    if replies.form.name not in FORMS:
        return None
    chosen = column or COLUMN
    values = replies.clips.require(chosen) if column else replies.clips.column(chosen)
    places = with_reference(values)
    if not places:
        return None
    first = values[places[0]]
    if not isinstance(first, list) or not isinstance(first[0], dict) or _KEYS - first[0].keys():
        raise ValueError(
            f"`--reference-column` {chosen} is no column of utterances: got {str(first)[:60]!r}, "
            f"expected lists of objects with {', '.join(sorted(_KEYS))}."
        )
    wanted = [sorted(values[i], key=lambda u: (u["start_s"], u["end_s"])) for i in places]
    said = [usable(replies.values[i]) for i in places]
    n_untimed = sum(
        len(replies.values[i].utterances) - len(kept)
        for i, kept in zip(places, said, strict=True)
        if replies.values[i] is not None
    )
    golden = [[_timed(u, u["emotion"]) for u in clip] for clip in wanted]
    found = [[_timed(u, u.primary) for u in clip] for clip in said]
    whole = turning_points(found, golden, alignment="overlap", label_set=BASIC7)
    rows = [_clip(clip, reference) for clip, reference in zip(said, wanted, strict=True)]
    details = {name: whole[name] for name in _KEPT} | {"n_untimed": n_untimed}
    return Measured("turning_points", chosen, places, Tally(np.array(rows), _scores), details)


def usable(stream: Stream | None) -> list[Utterance]:
    """The utterances whose times can be used, none where there is no answer."""
    return [
        u
        for u in (stream.utterances if stream is not None else ())
        if u.start_s is not None and u.end_s is not None and u.start_s <= u.end_s
    ]


def _timed(utterance: Any, label: str | None) -> dict[str, Any]:
    start, end = (
        (utterance["start_s"], utterance["end_s"])
        if isinstance(utterance, dict)
        else (utterance.start_s, utterance.end_s)
    )
    return {"start_s": start, "end_s": end, "label": label or None}


def _clip(said: list[Utterance], wanted: list[Any]) -> Floats:
    """Counts of a clip: of pairs, of labels, and of fine labels."""
    golden = read_utterances([_timed(u, u["emotion"]) for u in wanted], "references")
    # Aligned by number, so that the fine labels of the same utterance are at hand.
    numbers = read_utterances([_timed(u, str(i)) for i, u in enumerate(said)], "predictions")
    matched = [None if n is None else said[int(n)] for n in align(numbers, golden)]
    labels = [_label(u) for u in matched]
    reference = [str(u["label"]) for u in golden]
    changes = count_changes(labels, reference)
    n_right = sum(one == other for one, other in zip(labels, reference, strict=True))
    counts = (
        *(changes.n_right, changes.n_pairs, changes.n_hits, changes.n_predicted),
        *(changes.n_changes, n_right, len(reference)),
    )
    fine = fine_columns(
        [[] if u is None else list(u.secondary) for u in matched],
        [list(u.get("secondary") or ()) for u in wanted],
    )
    return np.concatenate((np.array(counts, np.float64), fine.sum(axis=0)))


def _label(utterance: Utterance | None) -> str | None:
    label = "" if utterance is None else utterance.primary.strip().lower()
    return label if label in BASIC7 else None


def _scores(sums: Floats) -> dict[str, Floats]:
    n_right, n_pairs, hits, predicted, changes, labels, n = sums[:, :_N_COUNTS].T
    scores = {
        "turning_points": ratio(n_right, n_pairs),
        "change_f1": ratio(2 * hits, predicted + changes),
        "label_accuracy": ratio(labels, n),
    }
    fine = sums[:, _N_COUNTS:]
    if fine[:, len(GOEMOTIONS) : 2 * len(GOEMOTIONS)].any():
        scores["goemotions"] = fine_scores(fine)["macro_f1"]
    return scores
