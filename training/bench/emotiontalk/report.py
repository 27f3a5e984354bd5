"""The paper's tables with ours beside them, for a terminal, Markdown, LaTeX and a page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from affecthub.screen import Screen, Section
from affecthub.training.bench.cells import percent
from affecthub.training.bench.emotiontalk.asked import ASKED, journals_section
from affecthub.training.bench.emotiontalk.paper import COLUMNS, PAPER, paper_tables
from affecthub.training.bench.emotiontalk.scoring import HEADS
from affecthub.training.bench.emotiontalk.text_baselines import TARGETS as TEXT_TARGETS
from affecthub.training.bench.rendering import write_all

STEM = "emotiontalk"
NOT_RUN = "–"
REACHED = "*"
_GROUPS = {
    "audio": "sound",
    "text": "text",
    "vision": "faces and frames",
    "utterance": "one vector a clip",
    "frame": "steps",
}
_ALGORITHMS = {
    "attention": "Attention",
    "lmf": "LMF",
    "tfn": "TFN",
    "misa": "MISA",
    "mmim": "MMIM",
    "mult": "MulT",
    "mfn": "MFN",
    "graph_mfn": "Graph-MFN",
    "mfm": "MFM",
    "mctn": "MCTN",
    "cmn": "CMN",
    "icon": "ICON",
    "dialoguernn": "DialogueRNN",
    "dialoguegcn": "DialogueGCN",
    "bigru": "BiGRU",
    "avef": "AVEF",
    "dep": "DEP",
    "eamt": "EAMT",
}
# Scores of Table 5 are shares of one, with three digits.
_OF_CAPTIONS = {
    "bleu_4": "BLEU-4",
    "rouge_l": "ROUGE-L",
    "meteor": "METEOR",
    "spider": "SPIDEr",
    "fense": "FENSE",
    "bertscore": "BERTScore",
    "clapscore": "CLAPScore",
}


class EmotionTalkReport(Screen):
    """A run of the benchmark as tables.

    Args:
        result: Of `affecthub.training.bench.emotiontalk.benchmark.run_benchmark`.
    """

    def __init__(self, result: Mapping[str, Any]) -> None:
        self.result = result

    @property
    def title(self) -> str:
        """Which tables."""
        tables = list(self.result["tables"])
        if not tables:
            return "EmotionTalk"
        return f"EmotionTalk, Table{'s' if len(tables) > 1 else ''} {', '.join(tables)}"

    @property
    def lead(self) -> str:
        """The protocol and its clips."""
        clips = self.result["corpus"]["clips"]
        tested = " and ".join(self.result["corpus"]["recordings"]["test"])
        return (
            f"Protocol {self.result['protocol']}: {clips['train']:,} clips to train on, "
            f"{clips['validation']:,} to choose by, {clips['test']:,} to test on ({tested})."
        )

    def heading(self) -> str:
        """Title and lead."""
        return f"{self.title}\n{self.lead}"

    def sections(self) -> list[Section]:
        """The tables, text alone, what a constant reaches, recordings apart, what was not run."""
        found: list[Section] = []
        for number, table in self.result["tables"].items():
            found += _table_sections(int(number), table, self.result["constants"])
        found.append(journals_section(self.result["journals"]))
        found.append(_text_section(self.result))
        found.append(_reached_section(self.result["reached"]))
        found.append(_constants_section(self.result["constants"]))
        found.append(_parts_section(self.result))
        found.append(_not_run_section(self.result["not_run"]))
        found.append(_facts(self.result))
        return [section for section in found if section.rows]

    def on_screen(self) -> list[Section]:
        """For a terminal: without the list of all figures that a constant reaches."""
        left_out = {_reached_section(self.result["reached"]).title}
        return [section for section in self.sections() if section.title not in left_out]

    def notes(self) -> list[str]:
        """What a reader must know."""
        return [*self.result["notes"], f"Figures of the paper: {PAPER}."]

    def write(self, folder: str | Path) -> dict[str, Path]:
        """Write ``emotiontalk`` as json, md, tex and html; suffix to file."""
        return write_all(
            Path(folder), STEM, self.result, self.title, self.lead, self.sections(), self.notes()
        )


def _table_sections(
    number: int, table: Mapping[str, Any], constants: Mapping[str, Any]
) -> list[Section]:
    """A section for each group of rows and label set."""
    found = []
    groups = dict.fromkeys(row["group"] for row in table["rows"])
    for group in groups:
        rows = [row for row in table["rows"] if row["group"] == group]
        for columns, suffix in _column_sets(number, table["columns"]):
            title = f"Table {number}: {table['title']}"
            if group == ASKED:
                title = f"Table {number}: models that were asked, not trained"
            elif len(groups) > 1:
                title += f", {_GROUPS.get(group, group)}"
            found.append(_section(number, title + suffix, rows, columns, table, constants))
    return found


def _column_sets(number: int, columns: Sequence[str]) -> list[tuple[list[str], str]]:
    """Columns that fit beside each other."""
    if number != 3:
        return [(list(columns), "")]
    four = [column for column in columns if column.endswith("four")]
    return [(four, ", four labels"), ([c for c in columns if c not in four], ", seven labels")]


def _section(
    number: int,
    title: str,
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    table: Mapping[str, Any],
    constants: Mapping[str, Any],
) -> Section:
    metrics = table["metrics"]
    heads = [_head(metrics, number)]
    for column in columns:
        named = "" if len(columns) == 1 else f"{_short(column, number)}: "
        heads += [f"{named}paper", f"{named}here"]
    cells = []
    for row in rows:
        line = [_name(row)]
        for column in columns:
            cell = row["cells"][column]
            line += [_paper(cell, metrics, number), _here(cell, metrics, number)]
        cells.append(line)
    if number != 5:
        cells += _floor_lines(number, rows, columns, metrics, constants)
    return Section(title, heads, cells)


def _short(column: str, number: int) -> str:
    """A column's name where its title tells the rest: Tables 4 and 12 have one source of labels.

    Example:
        >>> _short("multimodal_four", 4), _short("multimodal_four", 3), _short("mean", 3)
        ('four', 'multimodal label', 'mean')
    """
    source, _, classes = column.rpartition("_")
    if not source:
        return {"continuous": "sign"}.get(column, column)
    return f"{source} label" if number == 3 else classes


def _head(metrics: Sequence[str], number: int) -> str:
    names = _OF_CAPTIONS if number == 5 else HEADS
    return " / ".join(names[metric] for metric in metrics)


def _name(row: Mapping[str, Any]) -> str:
    name = _ALGORITHMS.get(row["name"], row["name"])
    own = "" if row["in_paper"] or row["name"].endswith("(ours)") else " (ours)"
    if row.get("kind") in ("baseline", ASKED):
        own = " (knows earlier labels)" if row.get("oracle") else ""
    return f"{name}{own}"


def _paper(cell: Mapping[str, Any], metrics: Sequence[str], number: int) -> str:
    if cell["paper"] is None:
        return ""
    digits = 3 if number == 5 else 2
    return " / ".join(
        f"{cell['paper'][metric]:.{digits}f}{REACHED if metric in cell['reached'] else ''}"
        for metric in metrics
    )


def _here(cell: Mapping[str, Any], metrics: Sequence[str], number: int) -> str:
    here = cell["here"]
    if not here:
        return NOT_RUN
    return " / ".join(_with_sd(here.get(metric), number) for metric in metrics)


def _with_sd(score: Mapping[str, Any] | None, number: int = 0) -> str:
    if score is None:
        return NOT_RUN
    if number == 5:
        value, sd = f"{score['mean']:.3f}", score.get("sd")
        return value if sd is None else f"{value} ± {sd:.3f}"
    value, sd = percent(score["mean"]), score.get("sd")
    return value if sd is None else f"{value} ± {percent(sd)}"


def _floor_lines(
    number: int,
    rows: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    metrics: Sequence[str],
    constants: Mapping[str, Any],
) -> list[list[str]]:
    """What a constant scores here, and how many clips there are: of it where ours have others."""
    from affecthub.training.bench.emotiontalk.constants import target_of

    floor, clips = ["constant answer"], ["test clips"]
    for column in columns:
        known = constants.get(target_of(number, rows[0]["group"], column) or "")
        ours = [row["cells"][column]["here"] for row in rows]
        scored = next((here["n"] for here in ours if here and here.get("n")), None)
        told = "" if known is None else " / ".join(percent(known[m]) for m in metrics)
        if known is not None and scored not in (None, known["n"]):
            floor[0] = f"constant answer, of {known['n']:,}"  # tables of dialogues have one column
        n = scored or (known or {}).get("n")
        floor += ["", told]
        clips += ["", "" if n is None else f"{n:,}"]
    return [floor, clips]


def _text_section(result: Mapping[str, Any]) -> Section:
    """Words alone, without a network, and the paper's best encoder of text."""
    metrics = ("acc", "waf", "macro_f1")
    columns = ["ACC / WAF / macro F1", *(_target_name(name) for name in TEXT_TARGETS)]
    cells = []
    for row in result["text"]:
        line = [row["name"]]
        for name in TEXT_TARGETS:
            scores = row["targets"].get(name)
            line.append("" if scores is None else _scores(scores, metrics))
        cells.append(line)
    if not cells:
        return Section("", columns, [])
    best = ["paper, best text encoder by ACC"]
    for name in TEXT_TARGETS:
        column = name.replace("text_", "own_")
        rows = [row.cells[column] for row in paper_tables()[3].rows if row.group == "text"]
        cell = max(rows, key=lambda cell: cell["acc"])
        best.append(f"{cell['acc']:.2f} / {cell['waf']:.2f} / {NOT_RUN}")
    floor = ["constant answer"]
    for name in TEXT_TARGETS:
        known = result["constants"].get(name)
        floor.append("" if known is None else " / ".join(percent(known[m]) for m in metrics))
    title = "Text alone: TF-IDF of the training split and logistic regression"
    return Section(title, columns, [*cells, best, floor])


def _scores(scores: Mapping[str, Any], metrics: Sequence[str]) -> str:
    return " / ".join(_with_sd(scores.get(metric)) for metric in metrics)


def _target_name(name: str) -> str:
    """In words.

    Example:
        >>> _target_name("text_four"), _target_name("text_four/next"), _target_name("continuous")
        ('text label, four', 'text label, four, next utterance', 'sign of the score')
    """
    if name in COLUMNS:
        return COLUMNS[name]
    plain, _, following = name.partition("/")
    source, _, classes = plain.rpartition("_")
    return f"{source} label, {classes}" + (", next utterance" if following else "")


def _reached_section(reached: Sequence[Mapping[str, Any]]) -> Section:
    rows = [
        [
            f"Table {e['table']}",
            _ALGORITHMS.get(e["name"], e["name"]),
            _GROUPS.get(e["group"], e["group"]),
            COLUMNS[e["column"]],
            HEADS[e["metric"]],
            f"{e['paper']:.2f}",
            f"{e['constant']:.2f}",
        ]
        for e in reached
    ]
    columns = ["", "row", "of", "column", "score", "paper", "constant"]
    return Section("Figures of the paper that a constant answer reaches", columns, rows)


def _constants_section(constants: Mapping[str, Any]) -> Section:
    metrics = ("acc", "waf", "uar", "macro_f1")
    rows = [
        [_target_name(name), said["answer"], *(percent(said[m]) for m in metrics), f"{said['n']:,}"]
        for name, said in constants.items()
    ]
    columns = ["labels", "answer", *(HEADS[m] for m in metrics), "test clips"]
    return Section("What one answer to every clip scores here", columns, rows)


def _parts_section(result: Mapping[str, Any]) -> Section:
    """Our cells on each recording of the test split."""
    parts = list(result["corpus"]["recordings"]["test"])
    rows = []
    for row in result["text"]:
        for name, scores in row["targets"].items():
            rows.append([f"text alone: {row['name']}", _target_name(name), *_parts(scores, parts)])
    for number, table in result["tables"].items():
        for row in table["rows"]:
            for column, cell in row["cells"].items():
                if cell["here"] and cell["here"].get("parts"):
                    named = f"Table {number}: {_name(row)}"
                    if number in ("3", "13", "14"):
                        named += f", {_GROUPS.get(row['group'], row['group'])}"
                    rows.append([named, COLUMNS[column], *_parts(cell["here"], parts)])
    columns = ["ACC / WAF / macro F1", "column"]
    for part in parts:
        columns += [part, f"{part} clips"]
    return Section("Recordings apart", columns, rows)


def _parts(scores: Mapping[str, Any], parts: Sequence[str]) -> list[str]:
    line = []
    for part in parts:
        found = scores["parts"].get(part)
        said = "" if found is None else _scores(found, ("acc", "waf", "macro_f1"))
        n = None if found is None else found.get("n")
        line += [said, "" if n is None else f"{n:,}"]
    return line


def _not_run_section(not_run: Sequence[Mapping[str, Any]]) -> Section:
    rows = [
        [
            e["table"],
            _GROUPS.get(e["group"], e["group"]),
            "; ".join(_ALGORITHMS.get(name, name) for name in e["rows"]),
            e["reason"],
        ]
        for e in not_run
    ]
    return Section("What was not run", ["table", "of", "rows", "reason"], rows)


def _facts(result: Mapping[str, Any]) -> Section:
    plan = result["plan"]
    facts = {
        "protocol": result["protocol"],
        "speakers of validation and test": ", ".join(result["corpus"]["shared_speakers"]) or "none",
        "test clips": ", ".join(
            f"{name} {n:,}" for name, n in result["corpus"]["recordings"]["test"].items()
        ),
        "features": ", ".join(
            f"{e['encoder']} ({e['modality']}, {e['level']})" for e in result["features"]
        )
        or "none",
        "draws": plan["draws"],
        "seeds": ", ".join(map(str, plan["seeds"])),
        "epochs": plan["epochs"] or "as published, 100",
        "models": plan["fidelity"],
        **result["versions"],
    }
    return Section("How it was made", ["", ""], [[key, value] for key, value in facts.items()])
