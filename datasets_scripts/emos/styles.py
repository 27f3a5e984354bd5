"""Annotators' styles: how many labels each one gives, and to which kinds they lean."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from affecthub.annotation.votes import Bools, Floats, checked_sets

# Labels by which the paper tells two of the styles.
NEUTRAL = ("neutral", "unsure")
SOCIO_COGNITIVE = ("caring", "confusion", "disapproval", "realization")


@dataclass(frozen=True)
class Style:
    """How one annotator labels, compared with the others of a group.

    Attributes:
        cardinality: Mean number of labels per clip labelled.
        neutral_rate: Share of the labelled clips that got neutral or unsure.
        socio_cognitive_share: Share of caring, confusion, disapproval and realization among all
            labels given.
        types: Any of ``expansive``, ``parsimonious``, ``neutral_fallback``, ``socio_cognitive``.
    """

    cardinality: float
    neutral_rate: float
    socio_cognitive_share: float
    types: tuple[str, ...]


def label_cardinality(chosen: ArrayLike) -> Floats:
    """How many labels each annotator chooses on average, over the clips labelled.

    Args:
        chosen: Booleans of shape (clip, annotator, label).

    Returns:
        Shape (annotator,), at least 1; NaN for an annotator who labelled nothing.

    Source: EmoS, section 3.2.3 and Table 4.
    Differs: the release's own summary divides by blank rows too.
    """
    chosen = checked_sets(chosen)
    labelled = chosen.any(axis=2).sum(axis=0)
    total = chosen.sum(axis=(0, 2))
    return np.divide(total, labelled, out=np.full(total.shape, np.nan), where=labelled > 0)


def annotator_styles(
    chosen: ArrayLike, labels: Sequence[str], *, margin: float = 0.1
) -> list[Style]:
    """Describe each annotator of a group.

    ``parsimonious`` has a cardinality below the group's median. The others exceed the median by
    more than ``margin`` of it: ``expansive`` in cardinality, ``neutral_fallback`` in the neutral
    rate, ``socio_cognitive`` in the socio-cognitive share.

    Args:
        chosen: Booleans of shape (clip, annotator, label).
        labels: Label names of the last axis.
        margin: How far above the median counts as notable.

    Returns:
        One style per annotator, who may be of several types or none. An annotator who labelled
        nothing has NaN, no type, and no part in the medians.

    Raises:
        ValueError: The number of labels does not fit.

    Source: EmoS, section 3.2.3.
    Differs: the paper says "significantly above" and "notably higher" and no number; the margin is
        ours.

    Example:
        >>> chosen = np.zeros((1, 3, 2), bool)
        >>> chosen[0, 0, :] = chosen[0, 1, 0] = chosen[0, 2, 1] = True
        >>> [style.types for style in annotator_styles(chosen, ["joy", "neutral"])]
        [('expansive',), (), ()]
    """
    chosen = checked_sets(chosen)
    if chosen.shape[2] != len(labels):
        raise ValueError(
            f"`labels`: got {len(labels)} names, expected {chosen.shape[2]}. Name every label."
        )
    n_clips = chosen.any(axis=2).sum(axis=0)
    is_neutral, is_social = np.isin(labels, NEUTRAL), np.isin(labels, SOCIO_COGNITIVE)
    with np.errstate(invalid="ignore"):
        neutral = chosen[:, :, is_neutral].any(axis=2).sum(axis=0) / n_clips
        social = chosen[:, :, is_social].sum(axis=(0, 2)) / chosen.sum(axis=(0, 2))
    cardinality = label_cardinality(chosen)
    types = {
        "expansive": _is_above(cardinality, margin),
        "parsimonious": _is_above(-cardinality, 0.0),
        "neutral_fallback": _is_above(neutral, margin),
        "socio_cognitive": _is_above(social, margin),
    }
    return [
        Style(
            float(cardinality[i]),
            float(neutral[i]),
            float(social[i]),
            tuple(name for name, holds in types.items() if holds[i]),
        )
        for i in range(len(n_clips))
    ]


def _is_above(values: Floats, margin: float) -> Bools:
    """Tell which values exceed their median by more than a share of it; NaN never does."""
    if np.isnan(values).all():
        return np.zeros(len(values), dtype=bool)
    median = np.nanmedian(values)
    return values > median + margin * abs(median)
