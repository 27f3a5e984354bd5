"""Emotion classification: one label per clip, from labels, sentences, rankings or probabilities."""

import warnings
from collections.abc import Iterable
from numbers import Integral
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affecthub.labels import emotion_of
from affecthub.metrics.answers.confusion import INVALID, Confusion
from affecthub.metrics.answers.label_in_text import (
    Ambiguous,
    AnswerReader,
    LabelSource,
    closed_set,
    names_of,
)
from affecthub.metrics.emotion_classification.rankings import (
    as_answer,
    as_reference,
    checked_class,
    ranking,
)
from affecthub.metrics.parsing import normalise

Classes = NDArray[np.int64]


def emotion_classification(
    predictions: Iterable[object],
    references: Iterable[object],
    *,
    labels: LabelSource | None = None,
    dialogue_ids: Iterable[object] | None = None,
    top_k: int | None = None,
    drop_invalid: bool = False,
    ambiguous: Ambiguous = "invalid",
) -> dict[str, Any]:
    """Accuracy, mean recall, F1 and per-class scores of one emotion label per clip.

    Args:
        predictions: One answer per clip: a label or a text that holds one; an integer, its number
            in `labels`; a list of labels or texts, best first; a list of scores in the order of
            `labels`; a dict from label to score; or None for no answer. Names that corpora use
            for the same emotion, English and Chinese, count as the label; see
            `affecthub.metrics.answers.label_in_text`.
        references: One label of the set per clip, by any of its names or its place in `labels`.
        labels: Name of a corpus or ``"goemotions"`` for its label set, or a list of labels. None
            for the labels found among the references, in alphabetical order.
        dialogue_ids: One id per clip, clips of a dialogue in the order they were spoken; gives the
            persistence baseline. None for a clip outside any dialogue.
        top_k: Also count a clip as right where its label is among this many best answers.
        drop_invalid: Leave clips out whose answer names no label; by default they are wrong, and
            the denominator is the same for every system.
        ambiguous: A text that names several labels is ``"invalid"``, or the ``"first"`` counts.

    Returns:
        ``emotion_classification``, the accuracy (WA); ``uar``, mean recall (UA);
        ``weighted_f1``; ``macro_f1``: in [0, 1], higher is better, means over ``macro_labels``, the
        labels that occur as reference; ``macro_f1_sklearn``, the mean over those that occur or are
        predicted, as ``sklearn.metrics.f1_score(average="macro")`` takes it. ``per_class``, a list
        of dicts with ``label``, ``precision``, ``recall``, ``f1``, ``support``. ``confusion``, a
        row per label, the last column invalid answers. ``top_k`` and ``top_k_accuracy``, None where
        not asked for. ``baselines``: ``majority`` (the commonest reference for every clip) and
        ``persistence`` (each clip has the emotion of the clip before it in its dialogue; first
        clips do not count; None without
        `dialogue_ids`), each with the scores, ``majority`` with its ``label``,
        both with ``n_scored``. ``n_clips``, ``n_scored``, ``n_invalid``, ``invalid_rate``,
        ``coverage`` (1 - `invalid_rate`; None without clips), ``labels``, ``drop_invalid``,
        ``ambiguous``. Without a clip to score, scores are NaN, with a UserWarning.

    Raises:
        ValueError: Lengths differ, a reference is not in the label set, a score list is not as
            long as `labels`, a dict names other labels, `top_k` is below 1, or an option is
            unknown.
        TypeError: An item is of the wrong type, or an integer comes without `labels`.

    Source: EmoS, section 4.1 and Table 7 (accuracy, macro-F1, weighted F1, P, R, F1 per class;
        an answer outside the set is incorrect); EmotionTalk, Tables 13 and 14 (UA, WA, F1).
    Differs: a label that never occurs as reference does not enter the means but
        `macro_f1_sklearn`. An answer may be a word of the built-in lexicon ("furious"), which
        stands for the label of its meaning or of its basic emotion.

    Example:
        >>> scores = emotion_classification(
        ...     ["Happy", "He sounds sad.", "no idea"], ["joy", "anger", "anger"]
        ... )
        >>> scores["emotion_classification"].__round__(3), scores["uar"], scores["n_invalid"]
        (0.333, 0.5, 2)
    """
    if top_k is not None and (not isinstance(top_k, Integral) or top_k < 1):
        raise ValueError(f"`top_k` is no rank: got {top_k!r}, expected None or 1 and more.")
    answers = [as_answer(item, f"predictions[{i}]") for i, item in enumerate(predictions)]
    targets = [as_reference(item, f"references[{i}]") for i, item in enumerate(references)]
    dialogues = None if dialogue_ids is None else list(dialogue_ids)
    for name, items in (("predictions", answers), ("dialogue_ids", dialogues)):
        if items is not None and len(items) != len(targets):
            raise ValueError(
                f"`{name}` and `references` differ in length: got {len(items)} {name} for "
                f"{len(targets)} references. Align them by clip first."
            )
    names = _label_names(labels, answers, targets)
    reader = AnswerReader(names_of(names), ambiguous)
    classes = {name: number for number, name in enumerate(names)}
    reference = _class_numbers(targets, reader, classes)
    ranked = [ranking(item, reader, classes, f"predictions[{i}]") for i, item in enumerate(answers)]
    predicted = np.array([best[0] for best in ranked], dtype=np.int64)

    is_valid = predicted != INVALID
    kept = is_valid if drop_invalid else np.ones(len(predicted), dtype=bool)
    confusion = Confusion.of(reference[kept], predicted[kept], len(names))
    if not confusion.n_clips:
        warnings.warn(
            f"emotion_classification is nan: none of {len(targets)} clips could be scored.",
            UserWarning,
            stacklevel=2,
        )
    n_clips, n_invalid = len(targets), int((~is_valid).sum())
    return {
        "emotion_classification": confusion.accuracy,
        **_means(confusion),
        "macro_labels": [name for name, n in zip(names, confusion.support, strict=True) if n],
        "per_class": [
            {"label": name, "precision": p, "recall": r, "f1": f, "support": n}
            for name, p, r, f, n in zip(
                names,
                confusion.precision.tolist(),
                confusion.recall.tolist(),
                confusion.f1.tolist(),
                confusion.support.tolist(),
                strict=True,
            )
        ],
        "confusion": confusion.counts.tolist(),
        "top_k": top_k,
        "top_k_accuracy": _top_k_accuracy(reference, ranked, kept, top_k),
        "baselines": {
            "majority": _majority(reference, names),
            "persistence": _persistence(reference, dialogues, len(names)),
        },
        "n_clips": n_clips,
        "n_scored": confusion.n_clips,
        "n_invalid": n_invalid,
        "invalid_rate": n_invalid / n_clips if n_clips else None,
        "coverage": 1 - n_invalid / n_clips if n_clips else None,
        "labels": list(names),
        "drop_invalid": drop_invalid,
        "ambiguous": ambiguous,
    }


def _label_names(
    labels: LabelSource | None, answers: list[Any], targets: list[str | int]
) -> tuple[str, ...]:
    """The label set: as asked for, or what the references hold."""
    if labels is not None:
        return closed_set(labels)
    by_place = [item for item in (*targets, *answers) if isinstance(item, int)]
    if by_place:
        raise TypeError(
            f"`labels` is missing: got the integer {by_place[0]} for a label, expected text. Pass "
            "the label names in the order of the integers."
        )
    # Names of one emotion are one label, called by the first of them in the alphabet.
    by_emotion: dict[str, str] = {}
    for label in sorted({str(target) for target in targets}):
        emotion = emotion_of(label)
        by_emotion.setdefault(emotion.name if emotion else normalise(label, "any"), label)
    return tuple(by_emotion.values())


def _class_numbers(
    targets: list[str | int], reader: AnswerReader, classes: dict[str, int]
) -> Classes:
    """The class number of each reference."""
    known = {word: classes[label] for word, label in reader.words.items() if label}
    found = np.zeros(len(targets), dtype=np.int64)
    for clip, target in enumerate(targets):
        number = target if isinstance(target, int) else known.get(normalise(target, "any"), INVALID)
        found[clip] = checked_class(number, target, classes, f"references[{clip}]")
    return found


def _means(confusion: Confusion) -> dict[str, float]:
    return {
        "uar": confusion.uar,
        "weighted_f1": confusion.weighted_f1,
        "macro_f1": confusion.macro_f1,
        "macro_f1_sklearn": confusion.macro_f1_sklearn,
    }


def _top_k_accuracy(
    reference: Classes, ranked: list[list[int]], kept: NDArray[np.bool_], top_k: int | None
) -> float | None:
    if top_k is None or not kept.any():
        return None
    hits = [number in best[:top_k] for number, best in zip(reference.tolist(), ranked, strict=True)]
    return float(np.mean(np.array(hits)[kept]))


def _majority(reference: Classes, names: tuple[str, ...]) -> dict[str, Any] | None:
    """Score the commonest reference label (of equals the first of the set) for every clip."""
    if not len(reference):
        return None
    commonest = int(np.bincount(reference).argmax())
    confusion = Confusion.of(reference, np.full_like(reference, commonest), len(names))
    return {"label": names[commonest], **_baseline(confusion)}


def _persistence(
    reference: Classes, dialogues: list[Any] | None, n_classes: int
) -> dict[str, Any] | None:
    """Score the label of the clip before in the same dialogue, where there is one."""
    if dialogues is None:
        return None
    before: dict[object, int] = {}
    pairs = []
    for dialogue, number in zip(dialogues, reference.tolist(), strict=True):
        if dialogue is not None:
            if dialogue in before:
                pairs.append((number, before[dialogue]))
            before[dialogue] = number
    if not pairs:
        return None
    now, earlier = np.array(pairs).T
    return _baseline(Confusion.of(now, earlier, n_classes))


def _baseline(confusion: Confusion) -> dict[str, Any]:
    return {
        "accuracy": confusion.accuracy,
        **_means(confusion),
        "n_scored": confusion.n_clips,
    }
