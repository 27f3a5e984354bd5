"""Pages that are written from what the code says of itself: tables of corpora and of metrics."""

import re
from pathlib import Path

import yaml

from affecthub.entries import Entry, entries
from pages.markdown import sections, without_head
from pages.repository import ROOT

# Sections of the README.
FIRST_STEPS = (
    *("Install", "Load a corpus", "Load a metric", "Load a model", "Train"),
    *("Ask any model", "Make a corpus"),
)


def getting_started(file: Path) -> str:
    """The README's first steps; its table of corpora has a page of its own."""
    text = sections(file.read_text(encoding="utf-8"), FIRST_STEPS)
    table = re.compile(r"<!-- corpora -->.*?<!-- /corpora -->\n", re.DOTALL)
    return "# Getting started\n\n" + table.sub("[All corpora](datasets_scripts).\n", text)


def corpora(_: Path) -> str:
    """Every corpus in one table."""
    known = ours()
    passed_on = sum(entry.may_redistribute for entry in known.values())
    lines = [
        "# Corpora",
        "",
        f"{len(known)} corpora, each loaded from the files people really have. You fetch the files "
        f"yourself; copies of {passed_on} may be passed on, and the pages of the others say why "
        "not. `affecthub data show NAME` prints the same in a terminal.",
        "",
        "| corpus | languages | clips | licence | what loading it gets right |",
        "|---|---|---:|---|---|",
    ]
    for name, entry in known.items():
        clips = f"{entry.n_rows:,}" if entry.n_rows else ""
        lines.append(
            f"| [`{name}`](datasets_scripts/{name}/README.md) | {', '.join(entry.languages)} "
            f"| {clips} | {entry.licence} | {entry.gets_right} |"
        )
    lines += ["", "Your own: [a folder](datasets_scripts/folder/README.md) with a table, or"]
    lines += ["[a corpus of its own](CONTRIBUTING.md)."]
    return "\n".join(lines) + "\n"


def corpus(file: Path) -> str:
    """What a corpus' entry says, then its card."""
    entry = ours()[file.parent.name]
    card = without_head(file.read_text(encoding="utf-8"))
    title, _, body = card.partition("\n")
    return f"{title}\n\n{facts(entry)}\n{body}"


def facts(entry: Entry) -> str:
    """What an entry says, as a table; what it leaves open is left out."""
    told = {
        "load it": f'`affecthub.load_dataset("{entry.name}", data_dir=...)`',
        "clips": f"{entry.n_rows:,}" if entry.n_rows else "",
        "languages": ", ".join(entry.languages),
        "licence": entry.terms,
        "where from": entry.how_to_get,
        "configurations": _names(entry.configs),
        "protocols": _names(entry.protocols),
        "a group is": entry.groups or "unknown, so no speaker-independent split can be made",
        "other folders": "; ".join(f"`{root}`: {what}" for root, what in entry.roots.items()),
        "labels": ", ".join(entry.labels),
        "sentiment": "{} to {}".format(*entry.sentiment) if entry.sentiment else "",
        "shares clips with": "; ".join(f"`{name}`: {what}" for name, what in entry.shares.items()),
    }
    rows = [f"| {key} | {_cell(value)} |" for key, value in told.items() if value]
    return "\n".join(["| at a glance | |", "|---|---|", *rows]) + "\n"


def metrics(_: Path) -> str:
    """Every metric in one table, then how each can mislead, as its card has it."""
    lines = ["# Metrics", ""]
    lines += [
        "Each is an `evaluate` module over a pure function: "
        "`affecthub.load_metric(NAME).compute(predictions=..., references=...)`, or "
        "`affecthub score NAME` from a shell. Emotion words are grouped by "
        "[a lexicon](metrics/lexicon/resources/README.md) of our own, or by released emotion "
        "wheels. [Add a metric](CONTRIBUTING.md#add-a-metric).",
        "",
        "| metric | what it scores |",
        "|---|---|",
    ]
    cards = sorted((ROOT / "metrics").glob("*/README.md"))
    limits = ["", "## How each can mislead", ""]
    for card in cards:
        text = card.read_text(encoding="utf-8")
        about = yaml.safe_load(text.split("---")[1])["description"]
        name, there = card.parent.name, f"metrics/{card.parent.name}/README.md"
        lines.append(f"| [`{name}`]({there}) | {_cell(str(about))} |")
        body = sections(without_head(text), ["Limits"]).partition("\n")[2].strip()
        limits += [f"### [`{name}`]({there}#limits)", "", body, ""]
    return "\n".join([*lines, *limits]) + "\n"


def ours() -> dict[str, Entry]:
    """The corpora of this repository, without those of other installed packages."""
    here = ROOT / "datasets_scripts"
    return {name: entry for name, entry in entries().items() if (here / name).is_dir()}


def _names(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())
