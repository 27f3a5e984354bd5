"""Protocols: which clip stands on which side, and whether any group stands on two."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.entries import Entry


@dataclass(frozen=True)
class SplitRule:
    """One protocol: the values of one column that make each split.

    Attributes:
        protocol: Its name.
        column: Column of the annotation table that decides ("id", "speaker_id", "split_official",
            or one of the corpus' own).
        splits: Split name to the values that belong to it. A value stands in one split at most;
            a clip whose value stands in none is outside the protocol.
    """

    protocol: str
    column: str
    splits: Mapping[str, tuple[str, ...]]

    def assign(self, table: pa.Table) -> pa.ChunkedArray:
        """Each row's split name, null where the row is outside the protocol.

        Raises:
            ValueError: The table lacks the deciding column, or it is not of text.
        """
        if self.column not in table.column_names:
            raise ValueError(
                f"protocol {self.protocol!r} decides by column `{self.column}`: "
                f"got a table with {table.column_names}"
            )
        kind = table[self.column].type
        if not pa.types.is_string(kind):
            raise ValueError(
                f"protocol {self.protocol!r} decides by column `{self.column}`: got a column of "
                f"{kind}, expected one of text"
            )
        values = [value for members in self.splits.values() for value in members]
        names = [name for name, members in self.splits.items() for _ in members]
        where = pc.index_in(table[self.column], value_set=pa.array(values, pa.string()))
        return pc.take(pa.array(names, pa.string()), where)

    def cut(self, table: pa.Table) -> dict[str, pa.Table]:
        """The rows of each split.

        Raises:
            ValueError: As `assign`.
        """
        sides = self.assign(table)
        return {name: table.filter(pc.equal(sides, name)) for name in self.splits}


def read_rule(folder: Path, protocol: str) -> SplitRule:
    """Read ``<folder>/<protocol>.json``: ``{"column": ..., "splits": {split: [values]}}``.

    Other keys ("source", "note") are for readers of the file.

    Raises:
        ValueError: The file is not of this form, or a value stands in two splits.
        FileNotFoundError: The protocol has no file.
    """
    path = folder / f"{protocol}.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise FileNotFoundError(f"split file {path}: got nothing there, expected a file") from None
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"{path}: got no JSON ({error}), expected a split file") from error
    if not isinstance(content, dict) or not _is_rule(content.get("column"), content.get("splits")):
        got = sorted(content) if isinstance(content, dict) else type(content).__name__
        raise ValueError(
            f"{path}: got {got}, expected an object with `column`, the name of a column, and "
            "`splits`, an object that gives each split a list of its values as text"
        )
    splits = {name: tuple(values) for name, values in content["splits"].items()}
    for (a, in_a), (b, in_b) in combinations(splits.items(), 2):
        if twice := set(in_a) & set(in_b):
            raise ValueError(f"{path}: {sorted(twice)} stand in both {a!r} and {b!r}, expected one")
    return SplitRule(protocol, content["column"], splits)


def write_rule(path: Path, rule: SplitRule, note: str) -> None:
    """Write a split file that ``read_rule`` reads, values sorted, in lines of 100 characters.

    Args:
        path: Where to; folders above it are made. Its stem is the protocol's name.
        rule: Column and splits.
        note: How it was made, for readers of the file.
    """
    head = {"protocol": path.stem, "column": rule.column, "note": note}
    lines = [f"  {_json(key)}: {_json(value)},\n" for key, value in head.items()]
    splits = [
        f"    {_json(name)}: {_json_list(sorted(values), len(_json(name)) + 8)}"
        for name, values in rule.splits.items()
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "{\n" + "".join(lines) + '  "splits": {\n' + ",\n".join(splits) + "\n  }\n}\n"
    path.write_text(text, encoding="utf-8")


def shared_groups(
    rows: Mapping[str, Any], column: str = "group_id"
) -> dict[tuple[str, str], list[str]]:
    """Find the values of a column that stand on two sides of a split.

    Args:
        rows: Split name to anything indexed by column name: an Arrow table, a ``Dataset`` (so a
            ``DatasetDict`` as it is), or a plain dict of lists. Nulls belong to nobody.
        column: What must not be cut.

    Returns:
        ``{(split, split): sorted shared values}``, only for pairs that share something.

    Example:
        >>> rows = {"train": {"speaker_id": ["a", "b"]}, "test": {"speaker_id": ["b"]}}
        >>> shared_groups(rows, "speaker_id")
        {('train', 'test'): ['b']}
    """
    present = {name: _distinct(part[column]) for name, part in rows.items()}
    shared = {(a, b): sorted(present[a] & present[b]) for a, b in combinations(present, 2)}
    return {pair: groups for pair, groups in shared.items() if groups}


def require_disjoint(rows: Mapping[str, Any], corpus: str, protocol: str) -> None:
    """Raise where a group stands on two sides of a protocol that promises otherwise.

    Raises:
        ValueError: Names the corpus, the protocol, the two splits and the groups.
    """
    for (a, b), groups in shared_groups(rows).items():
        raise ValueError(
            f"{corpus}, protocol {protocol!r}: {a} and {b} share {len(groups)} groups "
            f"({', '.join(groups[:5])}), expected none. Correct the split file or the group column."
        )


def cut_told(rows: pa.Table, rule: SplitRule, entry: Entry, layout: str) -> dict[str, pa.Table]:
    """The rows of each split, where these files tell what the protocol decides by.

    Args:
        rows: All rows of the corpus.
        rule: The protocol.
        entry: The corpus.
        layout: What the files are.

    Raises:
        ValueError: A protocol of ours decides by a column that is absent, or null in every row.
    """
    column = rule.column
    told = column in rows.column_names and rows[column].null_count < rows.num_rows
    if told or not rows.num_rows or rule.protocol not in entry.protocols:
        return rule.cut(rows)
    what = entry.groups if column == "group_id" else f"`{column}`"
    raise ValueError(
        f"protocol {rule.protocol!r} of {entry.name}: got the layout {layout!r}, whose files do "
        f"not name the {what} of any clip, expected one whose files do. Pass another form of the "
        f"corpus (affecthub data show {entry.name} lists them), or protocol='official'."
    )


def connected_groups(members: Iterable[tuple[str, ...]]) -> dict[str, str]:
    """Join what ever met: give each name the group of all names it is connected to.

    Args:
        members: Sets of names that stand together (the actors of one recording).

    Returns:
        Name to group; a group is written as its sorted members joined by ``+``, so it does not
        depend on order.

    Example:
        >>> connected_groups([("02", "01"), ("03", "04"), ("02", "05")])["05"]
        '01+02+05'
    """
    groups: list[set[str]] = []
    for names in members:
        touched = [group for group in groups if group & set(names)]
        groups = [group for group in groups if group not in touched]
        groups.append(set(names).union(*touched))
    return {name: "+".join(sorted(group)) for group in groups for name in group}


def _distinct(values: Any) -> set[str]:
    if isinstance(values, pa.ChunkedArray | pa.Array):
        values = values.unique().to_pylist()
    return set(values) - {None}


def _is_rule(column: Any, splits: Any) -> bool:
    """Whether the two keys of a split file have the types they should."""
    return (
        isinstance(column, str)
        and isinstance(splits, dict)
        and bool(splits)
        and all(isinstance(values, list) for values in splits.values())
        and all(isinstance(value, str) for values in splits.values() for value in values)
    )


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _json_list(values: Iterable[str], used: int) -> str:
    """Write a list on one line where it fits beside ``used`` characters, else wrapped."""
    items = [_json(value) for value in values]
    if used + len(", ".join(items)) <= 100:
        return f"[{', '.join(items)}]"
    lines = [""]
    for item in items:
        if len(lines[-1]) + len(item) > 92:
            lines.append("")
        lines[-1] += f"{item}, "
    wrapped = "\n".join(f"      {line.rstrip()}" for line in lines)
    return f"[\n{wrapped.removesuffix(',')}\n    ]"
