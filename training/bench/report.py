"""What an evaluation shows: the same titled tables in a terminal, Markdown, LaTeX and a page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from affecthub.cache import write_whole
from affecthub.metrics.mer_unibench.paper import COLUMNS
from affecthub.screen import Screen, Section
from affecthub.training.bench.paper import beside
from affecthub.training.bench.rendering import as_json, as_latex, as_markdown, as_page
from affecthub.training.bench.scoring import PROTOCOLS
from affecthub.unibench import SETS

STEM = "bench"
_HEADS = {
    "hit_rate": "hit rate",
    "hit_f1": "F1",
    "hit_precision": "precision",
    "waf": "WAF",
    "acc": "ACC",
    "set_f": "set-F",
    "set_precision": "set-P",
    "set_recall": "set-R",
}
# A row of somebody else's, or of guessing, is paler than the run's own.
PALE = ("majority answer", "best constant answer")
_F1_NOTE = (
    "Hit rate asks for one right label among any number, so that naming all labels of a set scores "
    "all of it. F1 is set-F against the one reference label: its recall is the hit rate, its "
    "precision the share of the named sectors that are right. Beside hit rate it follows MER-R1 "
    "(arXiv 2606.27652); the formula is ours, so that its means do not compare with theirs."
)


class BenchReport(Screen):
    """An evaluation as tables.

    Args:
        result: Of an `Evaluation`; with ``comparison`` and ``subsets`` where they were asked for.
    """

    def __init__(self, result: Mapping[str, Any]) -> None:
        self.result = result

    @property
    def title(self) -> str:
        """What was evaluated; scores whose epochs were chosen on the test sets say so here."""
        chosen = "" if self.result["protocol"] == "fixed" else ", epochs chosen on the test sets"
        return f"{self.result['benchmark']}: {self.result['system']}{chosen}"

    def heading(self) -> str:
        """The title and the protocol."""
        return f"{self.title}\n{self.lead}"

    @property
    def lead(self) -> str:
        """The protocol, in a sentence."""
        protocol = self.result["protocol"]
        return f"Protocol {protocol}: {PROTOCOLS[protocol]}."

    def sections(self) -> list[Section]:
        """Scores, others' scores, what choosing epochs is worth, and how it was made."""
        return [
            _scores(self.result),
            *_subsets(self.result.get("subsets")),
            *_comparison(self.result.get("comparison")),
            _beside(self.result),
            *_epochs(self.result["epochs"]),
            _constants(self.result["floors"]),
            _facts(self.result),
        ]

    def notes(self) -> list[str]:
        """What a reader must know to read the tables."""
        level, n = self.result["level"], self.result["n_resamples"]
        drawn = (
            f" In brackets the {level:.0%} interval of {n:,} bootstrap resamples of the clips."
            if n
            else ""
        )
        notes = [*self.result["notes"], f"Per cent, higher is better.{drawn}"]
        if any(entry["primary"] == "hit_rate" for entry in self.result["sets"].values()):
            notes.append(_F1_NOTE)
        because = self.result["published"]["because"]
        if because:
            notes.append(f"Not comparable with the published rows: {'; '.join(because)}.")
        if self.result["protocol"] != "fixed":
            notes.append(
                "The intervals are of the chosen epochs; that these were chosen on the same clips "
                "is not in them."
            )
        return notes

    def write(self, folder: str | Path) -> dict[str, Path]:
        """Write ``bench.json``, ``bench.md``, ``bench.tex`` and ``bench.html``.

        Returns:
            Suffix to file.
        """
        folder = Path(folder)
        sections, notes = self.sections(), self.notes()
        written = {
            "json": as_json(self.result),
            "md": as_markdown(self.title, self.lead, sections, notes),
            "tex": as_latex(self.title, self.lead, sections[:-1], notes),
            "html": as_page(self.title, self.lead, sections, notes),
        }
        paths = {suffix: folder / f"{STEM}.{suffix}" for suffix in written}
        folder.mkdir(parents=True, exist_ok=True)
        for suffix, text in written.items():
            write_whole(paths[suffix], text)
        return paths


def percent(value: float | None, *, sign: str = "") -> str:
    """A share as per cent with two digits; empty where there is none.

    Example:
        >>> percent(0.78538), percent(0.02, sign="+"), percent(None)
        ('78.54', '+2.00', '')
    """
    return "" if value is None or value != value else f"{100 * value:{sign}.2f}"


def with_interval(score: Mapping[str, float], *, sign: str = "") -> str:
    """A score with its interval, where it has one.

    Example:
        >>> with_interval({"value": 0.5, "low": 0.4, "high": 0.61})
        '50.00 [40.00, 61.00]'
    """
    value = percent(score["value"], sign=sign)
    if "low" not in score or score["low"] != score["low"]:
        return value
    return f"{value} [{percent(score['low'], sign=sign)}, {percent(score['high'], sign=sign)}]"


def _scores(result: Mapping[str, Any]) -> Section:
    rows = []
    for name, entry in result["sets"].items():
        first, *others = entry["scores"]
        rows.append(
            [
                name,
                _HEADS[first],
                with_interval(entry["scores"][first]),
                ", ".join(
                    f"{_HEADS[key]} {percent(entry['scores'][key]['value'])}" for key in others
                ),
                entry["n_clips"],
                entry["n_unanswered"] or None,
                result["checkpoints"].get(name) or None,
            ]
        )
    n = len(result["sets"])
    what = f"mean of {n}" + (f", {len(result['missing'])} missing" if result["partial"] else "")
    rows.append(
        [
            what,
            "",
            with_interval(result["mean"]),
            f"with F1 for hit rate {with_interval(result['mean_f1'])}",
            sum(entry["n_clips"] for entry in result["sets"].values()),
            None,
            None,
        ]
    )
    columns = ["set", "score", "value", "beside it", "clips", "unanswered", "checkpoint"]
    return _without_empty(Section("Scores", columns, rows))


def _without_empty(section: Section) -> Section:
    """Leave columns out of which every cell is empty."""
    kept = [
        i
        for i in range(len(section.columns))
        if any(row[i] not in (None, "") for row in section.rows)
    ]
    return Section(
        section.title,
        [section.columns[i] for i in kept],
        [[row[i] for i in kept] for row in section.rows],
    )


def _beside(result: Mapping[str, Any]) -> Section:
    """The run, its floors on the same clips, and the published rows."""
    sets = result["sets"]
    own = _row(
        result["system"],
        [sets[s.name]["scores"][sets[s.name]["primary"]]["value"] if s.name in sets else None
         for s in SETS],
        result["mean"]["value"],
        "this run" + (", best epoch of each set" if result["protocol"] != "fixed" else ""),
    )  # fmt: skip
    rows = [own]
    if any(entry["primary"] == "hit_rate" for entry in sets.values()):
        rows.append(
            _row(
                f"{result['system']}, F1 for hit rate",
                [_with_f1(sets[s.name]["scores"]) if s.name in sets else None for s in SETS],
                result["mean_f1"]["value"],
                "this run",
            )
        )
    for floor, name in zip(("majority", "constant"), PALE, strict=True):
        scored = result["floors"][floor]
        values = [next_score(scored.get(s.name)) for s in SETS]
        f1 = [_f1_score(scored.get(s.name)) for s in SETS]
        rows.append(_row(name, values, _mean(values), "same clips, knows their labels"))
        if f1 != values:
            rows.append(
                _row(f"{name}, F1 for hit rate", f1, _mean(f1), "same clips, knows their labels")
            )
    for row in beside():
        cells = ["" if score is None else f"{score:.2f}" for score in row.scores]
        mean = "" if row.mean is None else f"{row.mean:.2f}"
        rows.append([row.model, *cells, mean, row.source])
    title = "Beside published scores"
    if result["partial"]:
        title += f" (means of this run and of guessing: {len(sets)} of nine sets)"
    return Section(title, ["system", *COLUMNS, "Mean", "source"], rows)


def _row(name: str, values: list[float | None], mean: float | None, source: str) -> list[Any]:
    return [name, *map(percent, values), percent(mean), source]


def next_score(scores: Mapping[str, Any] | None) -> float | None:
    """The first score of a floor's entry, which is the primary one."""
    if scores is None:
        return None
    return float(next(value for key, value in scores.items() if key in _HEADS))


def _with_f1(scores: Mapping[str, Mapping[str, float]]) -> float:
    return float((scores.get("hit_f1") or next(iter(scores.values())))["value"])


def _f1_score(scores: Mapping[str, Any] | None) -> float | None:
    if scores is None:
        return None
    return float(scores["hit_f1"]) if "hit_f1" in scores else next_score(scores)


def _mean(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def _epochs(epochs: Mapping[str, Mapping[str, Any]]) -> list[Section]:
    """What the best epoch of each set is above the last, and above the mean of all."""
    if not epochs:
        return []
    rows = []
    for name, entry in epochs.items():
        rows.append(
            [
                "mean of these" if name == "mean" else name,
                percent(entry["best"]),
                "each its own" if name == "mean" else entry["checkpoint"],
                percent(entry["last"]),
                percent(entry["above_last"], sign="+"),
                percent(entry["mean"]),
                percent(entry["above_mean"], sign="+"),
                percent(entry["lowest"]),
            ]
        )
    if "mean" in epochs:
        entry = epochs["mean"]
        rows.append(
            [
                "best single epoch",
                percent(entry["best_single"]),
                entry["checkpoint"],
                percent(entry["last"]),
                percent(entry["best_single"] - entry["last"], sign="+"),
                percent(entry["mean"]),
                percent(entry["best_single"] - entry["mean"], sign="+"),
                percent(entry["lowest"]),
            ]
        )
    columns = ["set", "best", "epoch", "last", "over last", "mean", "over mean", "lowest"]
    return [Section("What choosing the epoch on the test set is worth", columns, rows)]


def _constants(floors: Mapping[str, Mapping[str, Any]]) -> Section:
    """The constant answers themselves."""
    rows = []
    for floor, name in zip(("majority", "constant"), PALE, strict=True):
        for set_name, entry in floors[floor].items():
            scores = [f"{_HEADS[key]} {percent(entry[key])}" for key in entry if key != "answer"]
            rows.append([name, set_name, entry["answer"] or "(nothing)", ", ".join(scores)])
    return Section("What the same answer to every clip scores", ["", "set", "answer", "scores"], rows)


def _subsets(subsets: Mapping[str, Mapping[str, Any]] | None) -> list[Section]:
    """Scores of the parts of a set, side by side."""
    if not subsets:
        return []
    rows = [
        [
            name,
            part,
            entry["n_clips"],
            *(
                f"{_HEADS.get(key, key)} {with_interval(score)}"
                for key, score in list(entry["scores"].items())[:2]
            ),
        ]
        for name, parts in subsets.items()
        for part, entry in parts.items()
    ]
    title = "Clips whose modalities agree, and clips whose modalities disagree"
    return [Section(title, ["set", "part", "clips", "score", "beside it"], rows)]


def _comparison(comparison: Mapping[str, Any] | None) -> list[Section]:
    if not comparison:
        return []
    from affecthub.training.bench.compare import section

    return [section(comparison)]


def _facts(result: Mapping[str, Any]) -> Section:
    lexicon = result["lexicon"]
    facts = {
        "system": result["system"],
        "protocol": result["protocol"],
        "labels taken out by": result["extractor"],
        "lexicon": f"{lexicon['name']} {lexicon['version']}",
        "missing sets": ", ".join(result["missing"]) or "none",
        "seed": result["seed"],
        **result.get("made_by", {}),
    }
    return Section("How it was made", ["", ""], [[key, value] for key, value in facts.items()])
