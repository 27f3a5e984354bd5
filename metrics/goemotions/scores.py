"""GoEmotions: several of 28 labels per clip, against label sets or annotators' soft labels."""

import warnings
from collections.abc import Iterable
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from affecthub.errors import unknown_name
from affecthub.labels import GOEMOTIONS, GOEMOTIONS_WITH_UNSURE
from affecthub.metrics.answers.confusion import ratio
from affecthub.metrics.answers.label_in_text import names_of
from affecthub.metrics.goemotions.divergence import cross_entropy, jensen_shannon
from affecthub.metrics.parsing import normalise, parse_labels
from affecthub.metrics.plain_values import is_missing, plain

Binarize = Literal["any", "majority"]
Item = list[str] | list[float] | dict[str, float] | str | None
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

BINARIZE: tuple[Binarize, ...] = ("any", "majority")

# Released tables print thirds, rounded; sums of float32 end just above 1.
_ROUNDING = 1e-6
_MAJORITY = 2 / 3 - _ROUNDING


def goemotions(
    predictions: Iterable[object],
    references: Iterable[object],
    *,
    binarize: Binarize = "any",
    threshold: float = 0.5,
) -> dict[str, Any]:
    """Precision, recall and F1 of GoEmotions label sets, and how soft labels diverge.

    Args:
        predictions: One per clip: a list of labels, a text such as ``"['joy', 'love']"``, a dict
            from label to probability, 28 or 29 probabilities in the order of
            `affecthub.labels.GOEMOTIONS_WITH_UNSURE`, or None for no answer.
        references: The same; a probability is the share of annotators who chose the label.
        binarize: Which labels a reference of probabilities has: ``"any"`` that an annotator chose
            (p > 0), or those of the ``"majority"`` (p >= 2/3).
        threshold: Which labels a prediction of probabilities has: p >= `threshold`.

    Returns:
        In [0, 1], higher is better, unless said otherwise.

        - ``goemotions``, the macro-F1, ``macro_precision``, ``macro_recall``: means over the
          ``n_labels`` labels that a reference has; ``macro_f1_all``: over all 28, those without
          a reference as 0.
        - ``micro_f1``, ``micro_precision``, ``micro_recall``: over all decisions.
        - ``per_label``: 28 dicts with ``label``, ``precision``, ``recall``, ``f1``, ``support``,
          ``n_predicted``, and ``zero_division``: whether precision or recall had nothing to
          divide by and is 0 for that reason.
        - ``jsd``, Jensen-Shannon divergence in bits, in [0, 1], and ``cross_entropy`` in nats:
          means over the ``n_soft`` clips whose reference has a label, both sides normalised to sum
          to 1, a label set evenly. Lower is better. An answer without a label is as far as can be.
          A predicted probability counts as 1e-7 at least in the cross-entropy.
        - ``n_clips``, ``n_missing`` (None or nothing), ``coverage`` (share of named labels that
          are of GoEmotions; None where there are none), ``binarize``, ``threshold``.

        ``unsure`` is read and dropped. Where no reference has a label the means are NaN, with a
        UserWarning.

    Raises:
        ValueError: Lengths differ, a list of probabilities has another length, a probability is
            outside [0, 1], or an option is unknown.
        TypeError: An item is of the wrong type.

    Source: Demszky et al. (2020) for the labels; EmoS, section 4.2 and Appendix D, for precision
        and recall per label; Lin (1991) for JSD.
    Differs: EmoS does not say how soft labels become sets. Labels without a reference are left
        out of the macro means.

    Example:
        >>> scores = goemotions([["joy", "love"], "anger"], [{"joy": 1, "love": 1 / 3}, ["anger"]])
        >>> scores["goemotions"], round(scores["jsd"], 3), scores["n_labels"]
        (1.0, 0.024, 3)
    """
    if binarize not in BINARIZE:
        raise unknown_name("binarize", binarize, BINARIZE)
    if not 0 < threshold <= 1:
        raise ValueError(f"`threshold` is out of range: got {threshold!r}, expected above 0 to 1.")
    predicted = _read(predictions, "predictions")
    reference = _read(references, "references")
    if len(predicted) != len(reference):
        raise ValueError(
            f"`predictions` and `references` differ in length: got {len(predicted)} predictions "
            f"for {len(reference)} references. Align them by clip first."
        )
    has = predicted.shares >= threshold
    is_label = reference.shares >= _MAJORITY if binarize == "majority" else reference.shares > 0
    if not is_label.any():
        warnings.warn(
            f"goemotions is nan: no reference of {len(reference)} clips has a label.",
            UserWarning,
            stacklevel=2,
        )
    soft = reference.shares.any(axis=1)
    divergences = {
        "jsd": jensen_shannon(predicted.shares[soft], reference.shares[soft]),
        "cross_entropy": cross_entropy(predicted.shares[soft], reference.shares[soft]),
    }
    return {
        **_set_scores(has, is_label),
        **{name: float(d.mean()) if len(d) else None for name, d in divergences.items()},
        "n_clips": len(reference),
        "n_soft": int(soft.sum()),
        "n_missing": int((~predicted.shares.any(axis=1)).sum()),
        "coverage": {"predictions": predicted.coverage, "references": reference.coverage},
        "binarize": binarize,
        "threshold": threshold,
    }


def as_label_set(value: Any, where: str) -> Item:
    """A clip's value as text, list of texts or of floats, dict or None.

    Args:
        value: What the caller passed for one clip.
        where: The argument and position, for the error.

    Raises:
        TypeError: The value is none of these.
        ValueError: A list of probabilities has another length than 28 or 29, a probability is
            outside [0, 1], or the text is a lone ``[``.
    """
    value = plain(value)
    if is_missing(value):
        return None
    if isinstance(value, str):
        parse_labels(value)  # a text cut off before its first label raises here
        return value
    if isinstance(value, dict) and all(isinstance(name, str) for name in value):
        return {name: _share(p, f"{where}[{name!r}]") for name, p in value.items()}
    if isinstance(value, set):
        value = sorted(value, key=str)
    if isinstance(value, list):
        if all(isinstance(entry, str) for entry in value):
            return list(value)
        shares = [_share(p, f"{where}[{column}]") for column, p in enumerate(value)]
        if len(shares) not in (len(GOEMOTIONS), len(GOEMOTIONS_WITH_UNSURE)):
            raise ValueError(
                f"`{where}` has {len(shares)} probabilities, expected {len(GOEMOTIONS)} or, with "
                f"unsure at the end, {len(GOEMOTIONS_WITH_UNSURE)}."
            )
        return shares
    raise TypeError(
        f"`{where}` is no label set: got {value!r} ({type(value).__name__}), expected a list of "
        "labels, a text, a dict from label to probability, probabilities, or None."
    )


def _share(value: object, where: str) -> float:
    if not isinstance(value, int | float):
        raise TypeError(
            f"`{where}` is no probability: got {value!r} ({type(value).__name__}), expected a "
            "number from 0 to 1."
        )
    share = float(value)
    if not -_ROUNDING <= share <= 1 + _ROUNDING:
        raise ValueError(f"`{where}` is no probability: got {value!r}, expected 0 to 1.")
    return min(max(share, 0.0), 1.0)


class _Shares:
    """Probabilities of the 28 labels, shape (clip, label), and the share of known labels."""

    def __init__(self, items: list[Item]) -> None:
        self.shares = np.zeros((len(items), len(GOEMOTIONS_WITH_UNSURE)))
        n_named = n_known = 0
        for row, item in zip(self.shares, items, strict=True):
            if isinstance(item, list) and item and isinstance(item[0], float):
                row[: len(item)] = item
                continue
            named = item if isinstance(item, dict) else dict.fromkeys(parse_labels(item), 1.0)
            for label, share in named.items():
                column = _column_of().get(normalise(label, "any"))
                n_named, n_known = n_named + 1, n_known + (column is not None)
                if column is not None:
                    row[column] = max(row[column], share)
        self.shares = self.shares[:, : len(GOEMOTIONS)]
        self.coverage = n_known / n_named if n_named else None

    def __len__(self) -> int:
        return len(self.shares)


def _read(items: Iterable[object], argument: str) -> _Shares:
    return _Shares([as_label_set(item, f"{argument}[{i}]") for i, item in enumerate(items)])


@cache
def _column_of() -> dict[str, int]:
    """The column of each name of a label."""
    columns = {label: column for column, label in enumerate(GOEMOTIONS_WITH_UNSURE)}
    names = names_of(GOEMOTIONS_WITH_UNSURE).items()
    return {name: columns[label] for name, label in names if label}


def _set_scores(predicted: Bools, reference: Bools) -> dict[str, Any]:
    """Score boolean tables, shape (clip, label)."""
    agreed = (predicted & reference).sum(axis=0)
    n_predicted, support = predicted.sum(axis=0), reference.sum(axis=0)
    precision, recall = ratio(agreed, n_predicted), ratio(agreed, support)
    f1 = ratio(2 * agreed, support + n_predicted)
    occurs = support > 0
    n_labels = int(occurs.sum())

    def mean(scores: Floats) -> float:
        return float(scores[occurs].mean()) if n_labels else float("nan")

    totals = [np.array([counts.sum()]) for counts in (agreed, n_predicted, support)]
    return {
        "goemotions": mean(f1),
        "macro_precision": mean(precision),
        "macro_recall": mean(recall),
        "macro_f1_all": float(f1.mean()) if n_labels else float("nan"),
        "micro_f1": float(ratio(2 * totals[0], totals[1] + totals[2])[0]),
        "micro_precision": float(ratio(totals[0], totals[1])[0]),
        "micro_recall": float(ratio(totals[0], totals[2])[0]),
        "n_labels": n_labels,
        "per_label": [
            {
                "label": label,
                "precision": float(precision[i]),
                "recall": float(recall[i]),
                "f1": float(f1[i]),
                "support": int(support[i]),
                "n_predicted": int(n_predicted[i]),
                "zero_division": not (support[i] and n_predicted[i]),
            }
            for i, label in enumerate(GOEMOTIONS)
        ],
    }
