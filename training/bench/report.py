"""What an evaluation shows: the same titled tables in a terminal, Markdown, LaTeX and a page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from affecthub.metrics.mer_unibench.paper import COLUMNS
from affecthub.screen import Screen, Section
from affecthub.training.bench.cells import HEADS, STEM, percent, with_interval
from affecthub.training.bench.compare import section
from affecthub.training.bench.paper import Beside, beside, known_floor
from affecthub.training.bench.rendering import write_all
from affecthub.training.bench.scoring import PROTOCOLS
from affecthub.unibench import SETS

# What guessing is called; both know the labels of the clips.
FLOORS = {"majority": "majority answer", "constant": "best constant answer"}
HERE = "here"
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
            *([subsets_section(subsets)] if (subsets := self.result.get("subsets")) else []),
            *_comparison(self.result.get("comparison")),
            _beside(self.result),
            *_epochs(self.result["epochs"]),
            _constants(self.result["floors"]),
            _facts(self.result),
        ]

    def on_screen(self) -> list[Section]:
        """The sections for a terminal: published rows on the sets that were scored alone."""
        return [_narrow(s) if s.columns[0] == "system" else s for s in self.sections()]

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
        sources = _sources(self.result)
        notes.append(
            "Sources: "
            + "; ".join(f"[{number}] {source}" for number, source in enumerate(sources, start=1))
            + ". The majority and the best constant answer know the labels of the clips."
        )
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
        return write_all(
            Path(folder), STEM, self.result, self.title, self.lead, self.sections(), self.notes()
        )


def _scores(result: Mapping[str, Any]) -> Section:
    rows, is_fixed = [], result["protocol"] == "fixed"
    for name, entry in result["sets"].items():
        first, *others = entry["scores"]
        rows.append(
            [
                name,
                HEADS[first],
                with_interval(entry["scores"][first]),
                ", ".join(
                    f"{HEADS[key]} {percent(entry['scores'][key]['value'])}" for key in others
                ),
                entry["n_clips"],
                entry["n_unanswered"] or None,
                None if is_fixed else result["checkpoints"].get(name) or None,
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
    own = [result["sets"][s.name]["scores"] if s.name in result["sets"] else None for s in SETS]
    rows = [
        (result["system"], [_first(scores) for scores in own], HERE),
        (f"{result['system']}, F1", [_with_f1(scores) for scores in own], HERE),
    ]
    for floor, name in FLOORS.items():
        scored = [result["floors"][floor].get(s.name) for s in SETS]
        rows.append((name, [_first(scores) for scores in scored], HERE))
        rows.append((f"{name}, F1", [_with_f1(scores) for scores in scored], HERE))
    cells, before = [], None
    for name, values, source in rows:
        # Without a set that hit rate scores, or where nobody names two labels, F1 says the same.
        if [*map(percent, values)] != before:
            cells.append([name, *_means(values, result), *map(percent, values), source])
        before = [*map(percent, values)]
    for row in _others(result):
        shares = [None if score is None else score / 100 for score in row.scores]
        source = f"[{1 + _sources(result).index(row.source)}]"
        mean = "" if row.mean is None else f"{row.mean:.2f}"
        over = [_means(shares, result)[0], mean] if result["partial"] else [mean]
        cells.append([row.model, *over, *map(percent, shares), source])
    n = len(result["sets"])
    heads = [f"Mean of {n}", "Mean of 9"] if result["partial"] else ["Mean"]
    return Section("Beside published scores", ["system", *heads, *COLUMNS, "source"], cells)


def _means(values: Sequence[float | None], result: Mapping[str, Any]) -> list[str]:
    """The mean over the sets that were scored here, and where some are missing the one of nine."""
    here = [value for value, s in zip(values, SETS, strict=True) if s.name in result["sets"]]
    known = [value for value in here if value is not None]
    mean = percent(sum(known) / len(known)) if known and len(known) == len(here) else ""
    return [mean, ""] if result["partial"] else [mean]


def _narrow(section: Section) -> Section:
    """Leave out sets that were not scored here, sources, and systems without a score left."""
    own = section.rows[0]
    is_mean = [name.startswith("Mean") for name in section.columns]
    kept = [i for i, value in enumerate(own[:-1]) if value != "" or is_mean[i]]
    rows = [[row[i] for i in kept] for row in section.rows]
    return Section(
        section.title, [section.columns[i] for i in kept], [row for row in rows if any(row[1:])]
    )


def _others(result: Mapping[str, Any]) -> list[Beside]:
    """Rows that were not made here."""
    floor = known_floor(result["lexicon"]["name"])
    return [*([floor] if floor else []), *beside()]


def _sources(result: Mapping[str, Any]) -> list[str]:
    """Where the rows that were not made here stand, each once."""
    return list(dict.fromkeys(row.source for row in _others(result)))


def _first(scores: Mapping[str, Any] | None) -> float | None:
    """The primary score of an entry, which is its first one."""
    return None if scores is None else _value(next(s for key, s in scores.items() if key in HEADS))


def _with_f1(scores: Mapping[str, Any] | None) -> float | None:
    """The same, with F1 in place of hit rate."""
    if scores is None or "hit_f1" not in scores:
        return _first(scores)
    return _value(scores["hit_f1"])


def _value(score: Any) -> float:
    return float(score["value"] if isinstance(score, Mapping) else score)


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
    for floor, name in FLOORS.items():
        for set_name, entry in floors[floor].items():
            scores = [f"{HEADS[key]} {percent(entry[key])}" for key in entry if key != "answer"]
            rows.append([name, set_name, entry["answer"] or "(nothing)", ", ".join(scores)])
    return Section(
        "What the same answer to every clip scores", ["", "set", "answer", "scores"], rows
    )


def subsets_section(subsets: Mapping[str, Mapping[str, Any]]) -> Section:
    """Scores of the parts of a set, side by side."""
    rows = [
        [
            name,
            part,
            entry["n_clips"],
            *(
                f"{HEADS.get(key, key)} {with_interval(score)}"
                for key, score in list(entry["scores"].items())[:2]
            ),
        ]
        for name, parts in subsets.items()
        for part, entry in parts.items()
    ]
    title = "Clips whose modalities agree, and clips whose modalities disagree"
    return Section(title, ["set", "part", "clips", "score", "beside it"], rows)


def _comparison(comparison: Mapping[str, Any] | None) -> list[Section]:
    if not comparison:
        return []
    return [section(comparison)]


def _facts(result: Mapping[str, Any]) -> Section:
    lexicon = result["lexicon"]
    facts = {
        "system": result["system"],
        "protocol": result["protocol"],
        "checkpoint": ", ".join(dict.fromkeys(filter(None, result["checkpoints"].values()))),
        "labels taken out by": result["extractor"],
        "lexicon": f"{lexicon['name']} {lexicon['version']}",
        "missing sets": ", ".join(result["missing"]) or "none",
        "seed": result["seed"],
        **result.get("made_by", {}),
    }
    return Section(
        "How it was made", ["", ""], [[key, value] for key, value in facts.items() if value != ""]
    )
