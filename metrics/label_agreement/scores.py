"""The agreement of annotators in one table: coefficients, overlaps, confusions, and against gold.

Votes come as people write them, one label or one set of labels per annotator, and are counted by
the array functions of ``agreement``.
"""

import warnings
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Any, Literal

import numpy as np

from affecthub.annotation.agreement import (
    LEVELS,
    fleiss_kappa,
    krippendorff_alpha,
    pairwise_jaccard,
)
from affecthub.annotation.votes import (
    MISSING,
    Bools,
    Ints,
    count_distinct,
    encode_sets,
    encode_votes,
)
from affecthub.errors import unknown_name
from affecthub.metrics.label_agreement.vote_lists import (
    Kind,
    Vote,
    as_set,
    kind_of,
    read_vote,
    votes_of,
)

Level = Literal["nominal", "ordinal", "interval"]
NAN = float("nan")
_COEFFICIENTS = (
    "fleiss_kappa",
    "krippendorff_alpha",
    "jaccard",
    "pairwise_jaccard",
    "n_distinct",
    "confusion",
)


def label_agreement(
    votes: Iterable[object],
    gold: Iterable[object] | None = None,
    *,
    classes: Sequence[str] | None = None,
    level: Level = "nominal",
) -> dict[str, Any]:
    """How far annotators agree, on single labels, on sets of labels or on numbers.

    Args:
        votes: For each clip, one vote per annotator, in the same order of annotators: a label, a
            set (list) of labels, a number, or None where there is none. One kind for all clips;
            single labels among sets are sets of one.
        gold: Per clip the label, set or number to hold each annotator against, or None. Without
            it, only annotators are compared.
        classes: All labels there are, in the order of the confusion tables. None takes those that
            occur, sorted. Not for numbers.
        level: What a difference between two numbers means to Krippendorff's alpha: ``"nominal"``,
            ``"ordinal"`` or ``"interval"``. Labels are nominal.

    Returns:
        ``label_agreement``, at most 1, higher is better: Fleiss' kappa of labels, the mean pairwise
        Jaccard overlap of sets, Krippendorff's alpha of numbers; ``measure`` names it.

        - ``fleiss_kappa`` for labels, ``krippendorff_alpha`` for labels and numbers; else None.
        - ``pairwise_jaccard``, annotator by annotator over the clips that both labelled, and
          ``jaccard``, its mean over pairs; None for numbers.
        - ``exact_match``, the share of clips with two votes or more whose votes are all the same.
        - ``n_distinct``, clips by how many different labels they got, and ``confusion``, per pair
          of ``annotators`` the ``counts`` (rows the first); None unless votes are single labels.
        - ``against_gold``, per annotator ``accuracy`` and ``n``, the clips with vote and gold; for
          labels also ``counts`` (rows gold). None without gold.
        - ``kind``, ``level``, ``classes``, ``n_clips``, ``n_annotators``, ``n_votes``,
          ``n_missing``.

        What cannot be computed is NaN, inside tables None; a NaN ``label_agreement`` comes with a
        UserWarning.

    Raises:
        ValueError: Clips have unlike numbers of annotators, a label is not among `classes`, kinds
            are mixed, `gold` has another length, or an option is unknown.
        TypeError: A clip is no list of votes, or a vote is of the wrong kind.

    Source: EmotionTalk, eq. 3 (Fleiss' kappa); EmoS, Tables 1, 2 and 4 (distinct labels, exact
        match, Jaccard); Krippendorff (2011). See `affecthub.annotation.agreement`.
    Differs: Jaccard and exact match leave missing votes out; the array functions, as EmoS, count
        one as an empty set.

    Example:
        >>> scores = label_agreement([["joy", "joy"], ["joy", "anger"], ["anger", "anger"]])
        >>> round(scores["label_agreement"], 3), scores["confusion"][0]["counts"]
        (0.333, [[1, 0], [1, 1]])
    """
    if level not in LEVELS:
        raise unknown_name("level", level, LEVELS)
    table = [votes_of(clip, f"predictions[{i}]") for i, clip in enumerate(_clips(votes))]
    answers = None if gold is None else [read_vote(item, "references") for item in gold]
    if answers is not None and len(answers) != len(table):
        raise ValueError(
            f"`predictions` and `references` differ in length: got {len(table)} predictions for "
            f"{len(answers)} references. Align them by clip first."
        )
    widths = sorted({len(clip) for clip in table})
    if len(widths) > 1:
        raise ValueError(
            f"clips have unlike numbers of annotators: got {widths}, expected one number. Fill up "
            "with None where an annotator gave no vote."
        )
    kind = kind_of([vote for clip in table for vote in clip] + (answers or []))
    if table and kind != "numbers" and level != "nominal":
        raise ValueError(
            f"`level` does not fit: got {level!r} for {kind}, expected 'nominal'. Only numbers "
            "have an order; give labels as numbers to use it."
        )
    if kind == "sets":
        table = [[as_set(vote) or None for vote in clip] for clip in table]
        answers = answers and [as_set(item) or None for item in answers]
    names = [] if kind == "numbers" else _class_names([*table, answers or []], classes)
    result = _coefficients(table, kind, names, level)
    if np.isnan(result["label_agreement"]):
        warnings.warn(
            "label_agreement is nan: no clip has two votes to compare, or all votes are the same.",
            UserWarning,
            stacklevel=2,
        )
    n_missing = sum(vote is None for clip in table for vote in clip)
    return {
        **result,
        "exact_match": _exact_match(table),
        "against_gold": None if answers is None else _against_gold(table, answers, kind, names),
        "kind": kind,
        "level": level,
        "classes": names if kind != "numbers" else None,
        "n_clips": len(table),
        "n_annotators": len(table[0]) if table else 0,
        "n_votes": sum(map(len, table)) - n_missing,
        "n_missing": n_missing,
    }


def _coefficients(
    table: list[list[Vote]], kind: Kind, classes: list[str], level: Level
) -> dict[str, Any]:
    """What the kind of votes decides: the primary score, and None for what it rules out."""
    absent = dict.fromkeys(_COEFFICIENTS)
    if kind == "numbers":
        values = np.array([[NAN if v is None else v for v in clip] for clip in table], dtype=float)
        alpha = krippendorff_alpha(values.reshape(len(table), -1), level)
        found = absent | {"krippendorff_alpha": alpha}
        return {"label_agreement": alpha, "measure": "krippendorff_alpha", **found}
    overlaps = _overlaps(table, classes)
    if kind == "sets":
        return {
            "label_agreement": overlaps["jaccard"],
            "measure": "jaccard",
            **absent,
            **overlaps,
        }
    votes = _class_numbers(table, classes)
    kappa = fleiss_kappa(votes, len(classes))
    distinct = np.bincount(count_distinct(votes, len(classes))).tolist()
    return {
        "label_agreement": kappa,
        "measure": "fleiss_kappa",
        "fleiss_kappa": kappa,
        "krippendorff_alpha": krippendorff_alpha(np.where(votes == MISSING, NAN, votes)),
        **overlaps,
        "n_distinct": {str(number): n for number, n in enumerate(distinct) if n},
        "confusion": [
            {"annotators": [i, j], "counts": _crossed(votes[:, i], votes[:, j], len(classes))}
            for i, j in combinations(range(votes.shape[1]), 2)
        ],
    }


def _overlaps(table: list[list[Vote]], classes: list[str]) -> dict[str, Any]:
    """The Jaccard overlap of every two annotators over the clips that both labelled."""
    chosen = encode_sets([[as_set(vote) for vote in clip] for clip in table], classes)
    given: Bools = np.asarray(chosen.any(axis=2))
    n = chosen.shape[1]
    matrix: list[list[float | None]] = [[None] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            both = given[:, i] & given[:, j]
            if both.any():
                matrix[i][j] = float(pairwise_jaccard(chosen[both][:, [i, j]])[0, 1])
    pairs = [matrix[i][j] for i, j in combinations(range(n), 2)]
    overlaps = [overlap for overlap in pairs if overlap is not None]
    return {"jaccard": _mean(overlaps), "pairwise_jaccard": matrix}


def _exact_match(table: list[list[Vote]]) -> float:
    given = [[vote for vote in clip if vote is not None] for clip in table]
    return _mean([all(vote == clip[0] for vote in clip) for clip in given if len(clip) > 1])


def _against_gold(
    table: list[list[Vote]], gold: list[Vote], kind: Kind, classes: list[str]
) -> list[dict[str, Any]]:
    """Each annotator's share of votes that equal the gold, over the clips that have both."""
    results: list[dict[str, Any]] = []
    for votes in zip(*table, strict=True):
        both = [
            (vote, right)
            for vote, right in zip(votes, gold, strict=True)
            if vote is not None and right is not None
        ]
        n_right = sum(vote == right for vote, right in both)
        results.append({"accuracy": n_right / len(both) if both else None, "n": len(both)})
        if kind == "labels":
            numbers = _class_numbers([[right, vote] for vote, right in both], classes)
            numbers = numbers.reshape(-1, 2)
            results[-1]["counts"] = _crossed(numbers[:, 0], numbers[:, 1], len(classes))
    return results


def _class_numbers(table: list[list[Vote]], classes: list[str]) -> Ints:
    labels = [[vote if isinstance(vote, str) else None for vote in clip] for clip in table]
    return encode_votes(labels, classes)


def _crossed(rows: Ints, columns: Ints, n_classes: int) -> list[list[int]]:
    """Count pairs of classes over the clips where both are there."""
    both = (rows != MISSING) & (columns != MISSING)
    cells = rows[both] * n_classes + columns[both]
    counts = np.bincount(cells, minlength=n_classes * n_classes)
    table: list[list[int]] = counts.reshape(n_classes, n_classes).tolist()
    return table


def _class_names(votes: list[list[Vote]], classes: Sequence[str] | None) -> list[str]:
    if classes is not None:
        return list(classes)
    return sorted({label for clip in votes for vote in clip for label in as_set(vote)})


def _clips(votes: object) -> Iterable[object]:
    if isinstance(votes, str) or not isinstance(votes, Iterable):
        raise TypeError(
            f"`predictions` is not a list of clips: got {votes!r} ({type(votes).__name__}), "
            "expected one list of votes per clip. Wrap a single clip in a list."
        )
    return votes


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else NAN
