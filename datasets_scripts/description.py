"""A corpus on a disk in one screen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyarrow.compute as pc

from affecthub.screen import Screen, Section

if TYPE_CHECKING:
    from affecthub.datasets_scripts.corpus import Corpus


@dataclass(repr=False)
class Description(Screen):
    """What is there, counted.

    Attributes:
        title, data_dir: What it is and where it lies.
        facts: What can be said in a line: configuration, layout, clips, people, terms.
        splits: Protocol to split to clips, for every protocol of the corpus and the one in use.
        labels: Emotion label to clips, where there is a label set.
        problems: What is wrong with the files.
    """

    title: str
    data_dir: str
    facts: dict[str, str]
    splits: dict[str, dict[str, int]]
    labels: dict[str, int]
    problems: list[str]

    def heading(self) -> str:
        """What it is and where it lies."""
        return f"{self.title}\n{self.data_dir}"

    def sections(self) -> list[Section]:
        """Facts, protocols, labels and problems."""
        splits = [
            (protocol, ", ".join(f"{split} {n:,}" for split, n in sides.items()))
            for protocol, sides in self.splits.items()
        ]
        labels = [["clips", *self.labels.values()]] if self.labels else []
        sections = [
            Section("", ["", ""], list(self.facts.items())),
            Section("Splits", ["protocol", "clips"], splits),
            Section("Labels", ["", *self.labels], labels),
            Section("Problems", ["problem"], [[problem] for problem in self.problems]),
        ]
        return [section for section in sections if section.rows]


def describe(corpus: "Corpus") -> Description:
    """Count what a corpus holds; see ``Corpus.describe``."""
    entry, rows, builder = corpus.entry, corpus.annotations(), corpus._builder
    speakers = pc.count_distinct(rows["speaker_id"]).as_py()
    languages = sorted(filter(None, rows["language"].unique().to_pylist()))
    spoken = pc.sum(rows["duration_s"]).as_py()
    with_media = {
        kind: len(column) - column.null_count
        for kind in builder.MODALITIES
        for column in [builder.rows()[kind]]
    }
    found = [f"{name}: {tree.root}" for name, tree in builder.roots.items()]
    missing = [f"{name}: not given ({what})" for name, what in entry.roots.items()]
    missing = [line for line in missing if line.partition(":")[0] not in builder.roots]
    facts = {
        "corpus": f"{entry.name}, configuration {corpus.config}",
        "layout": corpus.layout,
        "clips": f"{rows.num_rows:,}" + (f" of {entry.n_rows:,}" if entry.n_rows else ""),
        "media": ", ".join(f"{kind} {n:,}" for kind, n in with_media.items()),
        "speakers": f"{speakers:,}" if speakers else "",
        "length": _time(spoken) if spoken else "",
        "languages": ", ".join(languages),
        "sentiment": "{} to {}".format(*entry.sentiment) if entry.sentiment else "",
        "licence": entry.terms,
        **{f"read as, {what}": how for what, how in builder.read_as().items()},
        "roots": "\n".join([*found, *missing]),
        "shares clips": "; ".join(f"{name}: {what}" for name, what in entry.shares.items()),
    }
    protocols = [*builder.protocols()]
    if corpus.protocol not in protocols:
        protocols.append(corpus.protocol)
    counted = pc.value_counts(rows["emotion"].combine_chunks()).to_pylist()
    counts = {item["values"]: item["counts"] for item in counted}
    names = builder.info.features["emotion"].names
    labels = {name: counts.get(name, 0) for name in names}
    if names and None in counts:
        labels["(none)"] = counts[None]
    return Description(
        title=entry.title,
        data_dir=corpus.data_dir,
        facts={key: value for key, value in facts.items() if value},
        splits={
            protocol: {
                split: side.num_rows for split, side in builder.rule_of(protocol).cut(rows).items()
            }
            for protocol in protocols
        },
        labels=labels if any(labels.values()) else {},
        problems=corpus.problems,
    )


def _time(seconds: float) -> str:
    return f"{seconds / 3600:.1f} hours" if seconds >= 3600 else f"{seconds / 60:.1f} minutes"
