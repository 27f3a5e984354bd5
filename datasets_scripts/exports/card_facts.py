"""What a card counts: labels on each side, people, hours, and what stands on two sides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import ClassLabel, Features

from affecthub.datasets_scripts.protocols.leaks import Leak, leakage

Sides = Mapping[str, pa.Table]
Row = tuple[str, ...]

N_WORDS = 12
_FLAG = "in_"


@dataclass(frozen=True)
class Shared:
    """What the sides of a protocol share.

    Attributes:
        protocol: Its name.
        leaks: What stands on two sides.
        unknown: Kinds that no two sides can be compared by.
    """

    protocol: str
    leaks: list[Leak]
    unknown: list[str]

    def sentence(self) -> str:
        """What was found, or that nothing was."""
        words = [
            f"{leak.a} and {leak.b} share {leak.kind}: {leak.n_shared:,} "
            f"({leak.clips_a:,} and {leak.clips_b:,} of their clips)"
            for leak in self.leaks
        ]
        found = "; ".join(words) if words else "nothing shared in what could be compared"
        unknown = f". Not known: {', '.join(self.unknown)}" if self.unknown else ""
        return f"`{self.protocol}`: {found}{unknown}."


def sides_of(facts: pa.Table, assigned: Mapping[str, str | None], splits: Iterable[str]) -> Sides:
    """The facts of each side of a protocol.

    Args:
        facts: A row per clip that was written, with ``id``.
        assigned: Clip to its side.
        splits: Names of the sides.
    """
    sides = pa.array([assigned.get(clip) for clip in facts["id"].to_pylist()], pa.string())
    return {split: facts.filter(pc.equal(sides, split)) for split in splits}


def shared_by_sides(protocol: str, sides: Sides) -> Shared | None:
    """What stands on two sides; None where there are not two with clips."""
    present = {split: rows for split, rows in sides.items() if rows.num_rows}
    if len(present) < 2:
        return None
    report = leakage(present)
    kinds = dict.fromkeys(leak.kind for leak in report.leaks)
    told = {leak.kind for leak in report.leaks if leak.n_shared is not None}
    return Shared(protocol, report.found, [kind for kind in kinds if kind not in told])


def people(facts: pa.Table, groups: str) -> list[Row]:
    """Clips, speakers, groups, hours and languages: what, and how many."""
    columns = facts.column_names
    rows: list[Row] = [("clips", f"{facts.num_rows:,}")]
    for column, name in (("speaker_id", "speakers"), ("group_id", f"groups ({groups})")):
        n = pc.count_distinct(facts[column]).as_py() if column in columns else 0
        rows.append((name, f"{n:,}" if n else "not named in the release"))
    if not groups:
        rows.pop()
    seconds = pc.sum(facts["duration_s"]).as_py() if "duration_s" in columns else None
    rows.append(("hours", f"{seconds / 3600:.3g}" if seconds else "lengths are not in these files"))
    found = facts["language"].unique().drop_null().to_pylist() if "language" in columns else []
    if found:
        rows.append(("languages", ", ".join(sorted(found))))
    return rows


def label_tables(sides: Sides, features: Features) -> list[list[Row]]:
    """Tables of labels on each side, heads first: one for each kind of label that clips have."""
    shown = {split: rows for split, rows in sides.items() if rows.num_rows}
    tables = [_emotions(shown, features), _scores(shown), _words(shown)]
    return [table for table in tables if table]


def answers(facts: pa.Table) -> set[str]:
    """Columns of labels that some clip has."""
    names = {"emotion", "sentiment", "open_vocabulary"} & set(facts.column_names)
    return {name for name in names if facts[name].null_count < facts.num_rows}


def flagged(sides: Sides) -> list[Row]:
    """Clips that other corpora have, by the columns that know: head, then what and how many."""
    names = [*next(iter(sides.values())).column_names] if sides else []
    rows: list[Row] = []
    for name in names:
        if name.startswith(_FLAG):
            counts = {split: _true(side[name]) for split, side in sides.items()}
            if any(counts.values()):
                rows.append((f"`{name}`", *(f"{n:,}" for n in counts.values())))
        elif name == "test_set":
            values = {value for side in sides.values() for value in side[name].to_pylist()}
            for value in sorted(filter(None, values)):
                counts = {split: _true(pc.equal(s[name], value)) for split, s in sides.items()}
                rows.append((f"`test_set` {value}", *(f"{n:,}" for n in counts.values())))
    return [("column", *sides), *rows] if rows else []


def _emotions(sides: Sides, features: Features) -> list[Row]:
    kind = features.get("emotion")
    if not isinstance(kind, ClassLabel) or not kind.names:
        return []
    counts = {split: _counted(rows["emotion"]) for split, rows in sides.items()}
    if not any(set(count) - {None} for count in counts.values()):
        return []
    labels: list[tuple[str, Any]] = [(name, i) for i, name in enumerate(kind.names)]
    if any(None in count for count in counts.values()):
        labels.append(("(none)", None))
    rows = [
        (name, *(f"{count.get(value, 0):,}" for count in counts.values())) for name, value in labels
    ]
    return [("`emotion`", *counts), *rows]


def _scores(sides: Sides) -> list[Row]:
    scores = {
        split: rows["sentiment"].drop_null()
        for split, rows in sides.items()
        if "sentiment" in rows.column_names
    }
    if not any(len(values) for values in scores.values()):
        return []
    signs = {"below 0": pc.less, "0": pc.equal, "above 0": pc.greater}
    rows = [
        (name, *(f"{_true(compare(values, 0)):,}" for values in scores.values()))
        for name, compare in signs.items()
    ]
    means = (f"{pc.mean(values).as_py():.3f}" if len(values) else "" for values in scores.values())
    return [("`sentiment`", *scores), *rows, ("mean", *means)]


def _words(sides: Sides) -> list[Row]:
    words = {
        split: pc.list_flatten(rows["open_vocabulary"])
        for split, rows in sides.items()
        if "open_vocabulary" in rows.column_names
    }
    counts = {split: _counted(values) for split, values in words.items()}
    total: dict[str, int] = {}
    for count in counts.values():
        for word, n in count.items():
            total[word] = total.get(word, 0) + n
    if not total:
        return []
    common = sorted(total, key=lambda word: (-total[word], word))[:N_WORDS]
    rows = [(word, *(f"{count.get(word, 0):,}" for count in counts.values())) for word in common]
    distinct = ("distinct words", *(f"{len(count):,}" for count in counts.values()))
    return [("`open_vocabulary`", *counts), *rows, distinct]


def _counted(values: pa.ChunkedArray) -> dict[Any, int]:
    return {item["values"]: item["counts"] for item in pc.value_counts(values).to_pylist()}


def _true(values: Any) -> int:
    return pc.sum(values).as_py() or 0
