"""Expected against found: rows, labels, media and leaks of the corpus that is on this disk."""

from collections import Counter
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.progress import progress
from affecthub.datasets_scripts.protocols.rules import shared_groups
from affecthub.datasets_scripts.reading.opening import read_otherwise
from affecthub.datasets_scripts.reading.usable import media_issues
from affecthub.datasets_scripts.verifying.report import VerifyReport

if TYPE_CHECKING:
    from affecthub.datasets_scripts.builder import CorpusBuilder


def verify(builder: "CorpusBuilder") -> VerifyReport:
    """Compare a corpus on the disk with what it should be; see ``Corpus.verify``."""
    entry = builder.entry()
    assert builder.layout and builder.tree, "only workers have no layout"
    media = _MediaCount(builder.MODALITIES, builder.BROKEN_AS_RELEASED)
    parts = []
    annotated = builder.rows()
    with progress("opening media", annotated.num_rows, "clip") as done:
        for table in builder.tables(annotated):
            media.add(table)
            parts.append(table.drop_columns(list(builder.MODALITIES)))
            done(table.num_rows)
    rows = pa.concat_tables(parts)

    shared = {}
    problems = list(builder.problems)
    for protocol in builder.protocols():
        sides = builder.rule_of(protocol).cut(rows)
        pairs = {f"{a}/{b}": groups for (a, b), groups in shared_groups(sides).items()}
        if pairs:
            shared[protocol] = pairs
        if pairs and protocol == "speaker_independent":
            problems.append(f"protocol {protocol!r} cuts groups: {pairs}")
    official = builder.rule_of("official").cut(rows)
    leaked = shared_groups(official, "speaker_id").values()
    return VerifyReport(
        corpus=entry.name,
        config=builder.config.name,
        data_dir=str(builder.config.data_dir),
        layout=builder.layout.name,
        rows=rows.num_rows,
        splits={split: part.num_rows for split, part in official.items()},
        dialogues=pc.count_distinct(rows["dialogue_id"]).as_py(),
        speakers=pc.count_distinct(rows["speaker_id"]).as_py(),
        shared_speakers=sorted({speaker for speakers in leaked for speaker in speakers}),
        shared_groups=shared,
        label_counts={
            split: _label_counts(part, builder.emotions())
            for split, part in {**official, "total": rows}.items()
        },
        media=media.to_dict(),
        checks=builder.checks(rows),
        problems=problems,
        read_as={**builder.read_as(), **read_otherwise({"": builder.tree, **builder.roots})},
        **builder.facts(rows),
    )


class _MediaCount:
    """Open the media of each row and count what is found, missing and broken."""

    def __init__(self, modalities: tuple[str, ...], as_released: frozenset[str]) -> None:
        self.as_released = as_released
        self.known = {kind: Counter(missing=0, broken=0) for kind in modalities}
        self.counts = {kind: Counter(found=0, missing=0, broken=0) for kind in modalities}
        self.issues: Counter[str] = Counter()
        self.examples: dict[str, str] = {}

    def add(self, table: pa.Table) -> None:
        """Check one table of finished rows."""
        ids = table["id"].to_pylist()
        for clip, issue in zip(ids, table["media_issue"].to_pylist(), strict=True):
            for reason in issue.split("; ") if issue else ():
                self._note(reason, clip)
        for kind, count in self.counts.items():
            media = table[kind].to_pylist()
            found = [i for i, item in enumerate(media) if item is not None]
            count.update(found=len(found), missing=len(media) - len(found))
            released = [i for i, clip in enumerate(ids) if clip in self.as_released]
            self.known[kind]["missing"] += sum(media[i] is None for i in released)
            for i, issue in enumerate(media_issues(kind, table)):
                if issue is not None:
                    count["broken"] += issue != "silent audio"
                    self.known[kind]["broken"] += issue != "silent audio" and i in released
                    # What is particular to the file goes to the example, not to the reason.
                    self._note(issue.partition(": got")[0], f"{ids[i]} ({issue})")

    def _note(self, reason: str, example: str) -> None:
        self.issues[reason] += 1
        self.examples.setdefault(reason, example)

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts: a count per modality, then reasons and a clip for each."""
        counts = {kind: dict(count) for kind, count in self.counts.items()}
        known = {kind: dict(count) for kind, count in self.known.items() if any(count.values())}
        found = {"issues": dict(self.issues), "examples": self.examples}
        return {**counts, **({"known": known} if known else {}), **found}


def _label_counts(rows: pa.Table, labels: tuple[str, ...]) -> dict[str, int]:
    """Count each label, zeros included; clips without one as "(none)" where there are any."""
    codes = rows["emotion"].combine_chunks()
    found = {item["values"]: item["counts"] for item in pc.value_counts(codes).to_pylist()}
    counts = {label: found.get(code, 0) for code, label in enumerate(labels)}
    return {**counts, "(none)": found[None]} if None in found else counts
