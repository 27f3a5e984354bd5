"""Scores of journals as titled tables: in a terminal, Markdown, LaTeX and a page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from affecthub.cache import write_whole
from affecthub.screen import Screen, Section
from affecthub.training.asking.scoring.tables import (
    Named,
    comparison,
    facts,
    labels,
    notes_on,
    readings,
    scores,
    subsets,
)
from affecthub.training.asking.scoring.targets import beside
from affecthub.training.bench.rendering import as_json, as_latex, as_markdown, as_page

SUFFIXES = (".html", ".md", ".tex", ".json")


class JournalReport(Screen):
    """Scores of journals as tables.

    Args:
        results: Of `affecthub.training.asking.scoring.scored.score_journal`, one per journal.
        comparisons: Of `affecthub.training.asking.scoring.pairing.compare`.
        names: What tables call the journals.
    """

    def __init__(
        self,
        results: Sequence[Mapping[str, Any]],
        comparisons: Sequence[Mapping[str, Any]],
        names: Sequence[str],
    ) -> None:
        self.results = list(results)
        self.comparisons = list(comparisons)
        self.names = list(names)

    @property
    def value(self) -> dict[str, Any]:
        """All of it, for programs."""
        return {
            "journals": [
                {"name": name, **result}
                for name, result in zip(self.names, self.results, strict=True)
            ],
            "comparisons": self.comparisons,
        }

    @property
    def title(self) -> str:
        """What was scored."""
        first = self.results[0]
        return f"{first['corpus']}, {first['split']}: {', '.join(self.names)}"

    @property
    def lead(self) -> str:
        """Of which clips, and how many."""
        first = self.results[0]
        return (
            f"Configuration {first['config']}, protocol {first['protocol']}, split "
            f"{first['split']}, {first['n_clips']:,} clips."
        )

    def heading(self) -> str:
        """The title and the clips."""
        return f"{self.title}\n{self.lead}"

    def sections(self) -> list[Section]:
        """Scores, how answers were read, comparisons, published tables, and how it was made."""
        named = self._named
        return [
            scores(named),
            *subsets(named),
            readings(named),
            *(comparison(found) for found in self.comparisons),
            *(section for name, result in named for section in labels(name, result, len(named))),
            *(section for section, _ in beside(named)),
            facts(named),
        ]

    @property
    def _named(self) -> Named:
        return list(zip(self.names, self.results, strict=True))

    def on_screen(self) -> list[Section]:
        """The sections for a terminal, without the tables of single labels."""
        return [each for each in self.sections() if not each.title.startswith("Labels")]

    def notes(self) -> list[str]:
        """What a reader must know to read the tables."""
        notes = []
        for name, result in self._named:
            notes += [f"{name}: {note}" for note in notes_on(result)]
        first = self.results[0]
        if first["n_resamples"]:
            notes.append(_on_intervals(first))
        if self.comparisons:
            notes.append(
                "Differences are on the clips that both journals have a line about, by a paired "
                "bootstrap; p by a permutation test in which the two exchange whole groups. "
                "McNemar's test takes clips for independent of each other. p (Holm) may be read "
                "together."
            )
        return notes + [note for _, note in beside(self._named)]

    def write(self, path: Path) -> Path:
        """Write one file, by its suffix a page, Markdown, LaTeX or JSON.

        Raises:
            ValueError: The suffix is none of `SUFFIXES`.
        """
        suffix = require_suffix(path)
        tables, notes = self.sections(), self.notes()
        texts = {
            ".json": lambda: as_json(self.value),
            ".md": lambda: as_markdown(self.title, self.lead, tables, notes),
            ".tex": lambda: as_latex(self.title, self.lead, tables[:-1], notes),
            ".html": lambda: as_page(self.title, self.lead, tables, notes),
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, texts[suffix]())
        return path


def _on_intervals(result: Mapping[str, Any]) -> str:
    """What the intervals are of, or why there are none."""
    n_groups = result["n_groups"]
    found = [score for each in result["scores"].values() for score in each["scores"].values()]
    if n_groups == 1 and not any("low" in score for score in found):
        return (
            "There are no intervals: all clips are of one group (a speaker, a film), and groups "
            "are drawn whole."
        )
    drawn = f"{n_groups:,} groups of clips, whole." if n_groups else "clips one by one, since "
    return (
        f"In brackets the {result['level']:.0%} interval of {result['n_resamples']:,} bootstrap "
        f"resamples of the {drawn}" + ("" if n_groups else "the corpus names no groups.")
    )


def require_suffix(path: Path) -> str:
    """The suffix of a report's file.

    Raises:
        ValueError: It is none of `SUFFIXES`.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(
            f"`--out` {path}: got the suffix {suffix!r}, expected {', '.join(SUFFIXES)}."
        )
    return suffix
