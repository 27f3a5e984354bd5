"""Figures beside MER-UniBench: what the AffectGPT paper reports, and what guessing scores.

Figures are percent, in the order of `affecthub.unibench.SETS`, the printed mean last.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

# The sets as the paper prints them.
COLUMNS = (
    "MER2023",
    "MER2024",
    "MELD",
    "IEMOCAP",
    "MOSI",
    "MOSEI",
    "SIMS",
    "SIMS v2",
    "OV-MERD+",
)
# One row per printed row. The same system stands in several where it was given other modalities.
_TABLE_2 = """
OneLLM       |audio, text       |25.52 17.21 28.32 33.44 64.01 54.09 63.39 61.98 22.25 41.14
SECap        |audio, text       |40.95 52.46 25.56 36.92 55.76 54.18 59.51 57.41 36.97 46.64
PandaGPT     |audio, text       |33.57 39.04 31.91 36.55 66.06 61.33 62.93 58.88 31.33 46.84
Qwen-Audio   |audio, text       |41.85 31.61 49.09 35.47 70.09 46.90 70.73 65.26 32.36 49.26
SALMONN      |audio, text       |55.53 45.38 45.62 46.84 81.00 67.03 68.69 65.93 45.00 57.89
AffectGPT    |audio, text       |72.94 73.41 56.63 55.68 83.46 80.74 82.99 83.75 59.98 72.18
Otter        |video, text       |16.41 14.65 22.57 29.08 52.89 50.44 57.56 53.12 16.63 34.82
Video-LLaVA  |video, text       |36.93 30.25 30.73 38.95 56.37 61.64 53.28 57.45 34.00 44.40
PandaGPT     |video, text       |39.13 47.16 38.33 47.21 58.50 64.25 62.07 65.25 35.07 50.77
Video-ChatGPT|video, text       |44.86 46.80 37.33 56.83 54.42 63.12 64.82 65.80 39.80 52.64
VideoChat2   |video, text       |33.67 54.50 36.64 48.70 66.84 54.32 69.49 70.66 39.21 52.67
LLaMA-VID    |video, text       |50.72 57.60 42.75 46.02 61.78 63.89 69.35 67.48 45.01 56.07
VideoChat    |video, text       |48.73 57.30 41.11 48.38 65.13 63.61 69.52 72.14 44.52 56.71
Chat-UniVi   |video, text       |57.62 65.67 45.61 52.37 54.53 63.18 68.15 66.36 48.00 57.94
mPLUG-Owl    |video, text       |56.86 59.89 49.11 55.54 72.40 72.91 72.13 75.00 48.18 62.45
AffectGPT    |video, text       |74.58 75.29 57.63 62.19 82.39 81.57 87.20 86.29 61.65 74.31
PandaGPT     |audio, video, text|40.21 51.89 37.88 44.04 61.92 67.61 68.38 67.23 37.12 52.92
Emotion-LLaMA|audio, video, text|59.38 73.62 46.76 55.47 66.13 67.66 78.32 77.23 52.97 64.17
AffectGPT    |audio, video, text|78.54 78.80 55.65 60.54 81.30 80.90 88.49 86.18 62.52 74.77
"""


# Set-F of the best constant answer to the 332 clips of MER2024's checked open-vocabulary labels, by
# the lexicon's name. Source: benchmarks/results/constant_answers.md of this repository.
CONSTANT_ON_OV_MERD = {"affecthub": 44.63, "mer2025": 47.03, "mer2026": 46.90}


class PublishedRow(NamedTuple):
    """One row of the table: nine scores in percent, None where there is none, and their mean."""

    model: str
    modalities: str
    scores: tuple[float | None, ...]
    mean: float | None


def published_rows() -> list[PublishedRow]:
    """The nineteen rows of the paper's main table, in its order.

    Source: AffectGPT paper (arXiv 2501.16566), Table 2.

    Example:
        >>> best = published_rows()[-1]
        >>> best.model, best.mean
        ('AffectGPT', 74.77)
    """
    rows = []
    for line in _TABLE_2.strip().splitlines():
        model, modalities, figures = map(str.strip, line.split("|"))
        *scores, mean = map(float, figures.split())
        rows.append(PublishedRow(model, modalities, tuple(scores), mean))
    return rows


def beside_published(scores: Sequence[float | None], mean: float) -> list[dict[str, Any]]:
    """An evaluation as the first row of the paper's table, all in percent.

    Args:
        scores: Nine scores in [0, 1] in the order of `COLUMNS`; None or NaN where there is none.
        mean: Their mean, or NaN.

    Returns:
        Twenty rows with ``model``, ``modalities``, the columns and ``Mean``.

    Example:
        >>> rows = beside_published([0.5] * 9, 0.5)
        >>> len(rows), rows[0]["MELD"], rows[0]["Mean"], rows[-1]["Mean"]
        (20, 50.0, 50.0, 74.77)
    """
    own = PublishedRow("this evaluation", "", tuple(map(_percent, scores)), _percent(mean))
    return [
        {"model": row.model, "modalities": row.modalities}
        | dict(zip(COLUMNS, row.scores, strict=True))
        | {"Mean": row.mean}
        for row in (own, *published_rows())
    ]


def _percent(score: float | None) -> float | None:
    return None if score is None or score != score else round(100 * score, 2)
