"""Scores of journals as titled tables: in a terminal, Markdown, LaTeX and a page."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from affecthub.cache import write_whole
from affecthub.metrics.replies.reading import STATUSES
from affecthub.screen import Screen, Section
from affecthub.training.asking.scoring.targets import beside
from affecthub.training.bench.cells import percent, with_interval
from affecthub.training.bench.compare import in_digits
from affecthub.training.bench.rendering import as_json, as_latex, as_markdown, as_page

SUFFIXES = (".html", ".md", ".tex", ".json")
# Scores that are not in [0, 1], and are shown as they are.
_OWN_RANGE = ("cider_d", "spider")
_SHOWN_LABELS = 29


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
            _scores(named),
            *_subsets(named),
            _readings(named),
            *(_comparison(found) for found in self.comparisons),
            *(section for name, result in named for section in _labels(name, result, len(named))),
            *(section for section, _ in beside(named)),
            _facts(named),
        ]

    @property
    def _named(self) -> "Named":
        return list(zip(self.names, self.results, strict=True))

    def on_screen(self) -> list[Section]:
        """The sections for a terminal, without the tables of single labels."""
        return [each for each in self.sections() if not each.title.startswith("Labels")]

    def notes(self) -> list[str]:
        """What a reader must know to read the tables."""
        notes = []
        for name, result in self._named:
            notes += [f"{name}: {note}" for note in _notes_on(result)]
        first = self.results[0]
        if first["n_resamples"]:
            n_groups = first["n_groups"]
            drawn = f"{n_groups:,} groups of clips, whole" if n_groups else "clips one by one"
            notes.append(
                f"In brackets the {first['level']:.0%} interval of {first['n_resamples']:,} "
                f"bootstrap resamples of the {drawn}"
                + ("." if n_groups else ", since the corpus names no groups.")
            )
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


Named = Sequence[tuple[str, Mapping[str, Any]]]


def _scores(named: Named) -> Section:
    rows = []
    for name, result in named:
        tokens = result["tokens"]
        beside_it = [
            percent(result["parsing"]["invalid"]),
            result["n_errors"],
            result["n_unanswered"],
            " / ".join(_whole(tokens[key]) for key in ("n_in", "n_out")),
        ]
        for metric, entry in result["scores"].items():
            for score, value in _all_scores(entry):
                shown = _cell(score, value)
                rows.append([name, _called(metric, score), shown, entry["n"], *beside_it])
    columns = ["journal", "score", "value", "clips", "invalid %", "errors", "no line"]
    return Section("Scores", [*columns, "tokens in / out"], rows)


def _called(metric: str, score: str) -> str:
    """A score, with its metric where the name alone does not tell it."""
    plain = {"accuracy", "macro_f1", "macro_precision", "macro_recall", "micro_f1", "goemotions"}
    return f"{metric} {score}" if metric != "emotion_classification" and score in plain else score


def _all_scores(entry: Mapping[str, Any]) -> list[tuple[str, Mapping[str, float]]]:
    """Scores with intervals, and those of the metric that have none."""
    without = entry["details"].get("without_interval", {})
    return [*entry["scores"].items(), *((name, {"value": v}) for name, v in without.items())]


def _subsets(named: Named) -> list[Section]:
    rows = [
        [name, part, _called(metric, score), _cell(score, value), found["n"]]
        for name, result in named
        for metric, entry in result["scores"].items()
        for part, found in entry["subsets"].items()
        for score, value in found["scores"].items()
        if not (metric == "confidence" and part.startswith("tier"))  # told apart by its scores
    ]
    if not rows:
        return []
    columns = ["journal", "clips of", "score", "value", "clips"]
    return [Section("Scores of parts", columns, rows)]


def _readings(named: Named) -> Section:
    rows = []
    for name, result in named:
        parsing = result["parsing"]
        rows.append(
            [
                name,
                result["form"],
                parsing["n"],
                *(percent(parsing[status]) for status in STATUSES),
                _counted(parsing["why"]),
                _counted(parsing["notes"]),
            ]
        )
    columns = ["journal", "form", "answers", *STATUSES, "invalid because", "noted"]
    return Section("How answers were read, % of answers", columns, rows)


def _counted(counts: Mapping[str, int], most: int = 4) -> str:
    said = [f"{name} {n:,}" for name, n in list(counts.items())[:most]]
    return ", ".join(said) + (", ..." if len(counts) > most else "")


def _comparison(found: Mapping[str, Any]) -> Section:
    one, other = found["names"]
    rows = []
    for metric, entry in found["metrics"].items():
        for number, (score, value) in enumerate(entry["scores"].items()):
            mcnemar = entry.get("mcnemar") if score == "accuracy" and not number else None
            rows.append(
                [
                    _called(metric, score),
                    _cell(score, {"value": value["first"]}),
                    _cell(score, {"value": value["second"]}),
                    _cell(score, value["difference"], sign="+"),
                    in_digits(value.get("p")),
                    in_digits(value.get("p_holm")),
                    in_digits(mcnemar["p"]) if mcnemar else "",
                    entry["n"],
                ]
            )
    columns = ["score", one, other, "difference", "p", "p (Holm)", "McNemar", "clips"]
    left = len(found["only_first"]) + len(found["only_second"])
    title = f"{one} against {other}, on the {found['n_both']:,} clips of both"
    return Section(title + (f"; {left:,} of one alone are left out" if left else ""), columns, rows)


def _labels(name: str, result: Mapping[str, Any], n_journals: int) -> list[Section]:
    whose = f" of {name}" if n_journals > 1 else ""
    return [
        Section(
            f"Labels{whose}: {metric}",
            ["label", "precision", "recall", "F1", "clips"],
            [
                [row["label"], *(percent(row[key]) for key in ("precision", "recall", "f1"))]
                + [row["support"]]
                for row in entry["per_label"][:_SHOWN_LABELS]
            ],
        )
        for metric, entry in result["scores"].items()
        if entry["per_label"]
    ]


def _facts(named: Named) -> Section:
    rows: list[list[Any]] = []
    for name, result in named:
        rows += [
            [f"{name}: journal", result["journal"]],
            [f"{name}: model", result["model"] or "not said"],
            [f"{name}: prompt", result["prompt"] or "not said"],
            [f"{name}: media", result["media"] or "not said"],
        ]
        if result["extractor"]:
            rows.append([f"{name}: labels taken out by", result["extractor"]])
    first = named[0][1]
    lexicon = first["lexicon"]
    rows += [
        ["lexicon", f"{lexicon['name']} {lexicon['version']}"],
        ["seed", first["seed"]],
        ["affecthub", version("affecthub")],
    ]
    return Section("How it was made", ["", ""], rows)


def _notes_on(result: Mapping[str, Any]) -> list[str]:
    """Clips and lines that a score does not speak of, or counts as wrong."""
    notes = []
    if result["n_unanswered"]:
        first = ", ".join(result["unanswered"][:5])
        more = ", ..." if result["n_unanswered"] > 5 else ""
        said = (
            "are not scored (only those asked are)"
            if result["n_clips"] == result["n_lines"]
            else "count as unanswered"
        )
        notes.append(f"{result['n_unanswered']:,} clips have no line and {said}: {first}{more}.")
    if result["n_errors"]:
        notes.append(
            f"{result['n_errors']:,} clips ended in an error and count as unanswered: "
            f"{_counted(result['errors'])}."
        )
    if result["n_unknown"]:
        where = ", ".join(f"{n:,} of split {name}" for name, n in result["elsewhere"].items())
        notes.append(
            f"{result['n_unknown']:,} lines are about other clips and are left out"
            + (f" ({where})." if where else ".")
        )
    if result["matched_by"]:
        notes.append(f"Clips were matched by {result['matched_by']}.")
    if result["tokens"]["n_cut"]:
        notes.append(
            f"{result['tokens']['n_cut']:,} answers were as long as allowed and had no end."
        )
    for metric, entry in result["scores"].items():
        if entry["n_without_reference"]:
            notes.append(
                f"{entry['n_without_reference']:,} clips have no {entry['column']} and are not "
                f"scored by {metric}."
            )
        for score, why in entry["details"].get("unavailable", {}).items():
            notes.append(f"{score} could not be computed: {why}")
    return notes


def _cell(score: str, value: Mapping[str, float], sign: str = "") -> str:
    if score not in _OWN_RANGE:
        return with_interval(value, sign=sign)
    shown = f"{value['value']:{sign}.3f}"
    if "low" not in value:
        return shown
    return f"{shown} [{value['low']:{sign}.3f}, {value['high']:{sign}.3f}]"


def _whole(value: float) -> str:
    return "–" if value != value else f"{value:,.0f}"
