"""Scores that the AffectGPT paper states; nothing of them was scored by us."""

from affecthub.hub_cards.spaces.leaderboard.entries import Entry, Score, modalities_of
from affecthub.metrics.mer_unibench.paper import published_rows
from affecthub.unibench import SETS

PAPER = "https://arxiv.org/abs/2501.16566"
LEXICON = "of the paper"
WHERE = "AffectGPT paper (arXiv 2501.16566), Table 2"


def stated_entries() -> list[Entry]:
    """The nineteen rows of the paper's main table, without intervals, which it has none of.

    Example:
        >>> rows = stated_entries()
        >>> rows[-1].system, rows[-1].mean.value, rows[-1].kind
        ('AffectGPT', 74.77, 'stated')
    """
    return [
        Entry(
            system=row.model,
            kind="stated",
            scores={
                test_set.name: Score(score)
                for test_set, score in zip(SETS, row.scores, strict=True)
                if score is not None
            },
            mean=None if row.mean is None else Score(row.mean),
            protocol="official-best-epoch" if row.model == "AffectGPT" else "",
            lexicon=LEXICON,
            modalities=modalities_of(row.modalities),
            model=PAPER,
            where=WHERE,
        )
        for row in published_rows()
    ]
