"""Make a split: no group is cut, and every side has the corpus' mix of labels."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.protocols.rules import SplitRule
from affecthub.datasets_scripts.protocols.search import (
    PER_POINT,
    Counts,
    Integers,
    drift,
    greedy,
    search,
)
from affecthub.screen import Screen, Section

FRACTIONS: Mapping[str, float] = {"train": 0.7, "validation": 0.1, "test": 0.2}
TOLERANCE = 0.02


@dataclass(frozen=True, repr=False)
class GroupSplit(Screen):
    """A split by groups, and how far its sides are from the corpus.

    Attributes:
        splits: Split name to its groups, sorted.
        fractions, tolerance, seed: As asked for.
        rows: Split name to its number of clips.
        labels: Label column to part ("all" or a split) to label to clips.
        drift: Split name to its largest label drift: the most percentage points by which the share
            of any label differs from its share in the whole corpus.
        greedy_drift: The largest drift of the split that plain greedy makes of the same groups,
            whose sizes may lie outside the tolerance.
    """

    splits: dict[str, tuple[str, ...]]
    fractions: dict[str, float]
    tolerance: float
    seed: int
    rows: dict[str, int]
    labels: dict[str, dict[str, dict[str, int]]]
    drift: dict[str, float]
    greedy_drift: float

    @property
    def largest_drift(self) -> float:
        """The largest label drift of any split, in percentage points."""
        return max(self.drift.values())

    def column_drift(self, column: str) -> float:
        """The largest drift of one label column, in percentage points."""
        shares = {
            part: {label: n / max(sum(counts.values()), 1) for label, n in counts.items()}
            for part, counts in self.labels[column].items()
        }
        whole = shares["all"]
        return max(
            100 * abs(part[label] - whole[label]) for part in shares.values() for label in part
        )

    @property
    def assignment(self) -> dict[str, str]:
        """Group to its split."""
        return {group: name for name, groups in self.splits.items() for group in groups}

    def rule(self, protocol: str, column: str) -> SplitRule:
        """The protocol that this split makes of a column."""
        return SplitRule(protocol, column, self.splits)

    def heading(self) -> str:
        """How good it is."""
        return (
            f"Largest label drift {self.largest_drift:.2f} points, by plain greedy "
            f"{self.greedy_drift:.2f}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers."""
        return {**asdict(self), "largest_drift": self.largest_drift}

    def sections(self) -> list[Section]:
        """Sizes, then each column's shares."""
        n_rows = sum(self.rows.values())
        sizes = [
            [
                name,
                str(len(self.splits[name])),
                str(n),
                f"{100 * n / n_rows:.1f} %",
                f"{self.drift[name]:.2f}",
            ]
            for name, n in self.rows.items()
        ]
        head = ["split", "groups", "clips", "share", "largest drift"]
        sections = [Section("Splits", head, sizes)]
        for column, parts in self.labels.items():
            shares = [
                [part, *(f"{100 * n / max(sum(counts.values()), 1):.2f}" for n in counts.values())]
                for part, counts in parts.items()
            ]
            sections.append(Section(f"{column}, per cent", ["split", *parts["all"]], shares))
        return sections


def make_split(
    groups: Sequence[Any] | pa.Array | pa.ChunkedArray,
    labels: Any,
    *,
    fractions: Mapping[str, float] = FRACTIONS,
    tolerance: float = TOLERANCE,
    seed: int = 0,
) -> GroupSplit:
    """Divide clips so that no group is cut and the label distributions of all sides agree.

    The largest label drift is made small by local search from several starts; it is a search, so
    that the optimum is not guaranteed, but the same arguments give the same split on every machine
    and in any order of the clips.

    Args:
        groups: The group of each clip: a column, an Arrow array or a list; none may be null.
        labels: The label of each clip, or several columns by name, each matched by itself. Nulls
            are left out of the distributions. Floating-point numbers count by their sign.
        fractions: Split name to its share of the clips; they sum to 1.
        tolerance: Share of all clips by which the size of a split may differ from its fraction.
        seed: Of the search. Another seed gives another split of about the same quality, or among
            few groups the same one.

    Returns:
        The groups of each split, and a report.

    Raises:
        ValueError: A clip has no group, no clip has a label, there are fewer groups than splits, a
            group is larger than any split may be, the fractions are not positive or do not sum to
            1, lengths differ, or no split was found whose sizes lie within the tolerance.

    Example:
        >>> made = make_split(
        ...     ["ann", "ann", "bob", "bob", "cy", "cy"],
        ...     ["joy", "fear", "joy", "joy", "fear", "joy"],
        ...     fractions={"train": 2 / 3, "test": 1 / 3},
        ... )
        >>> made.splits, made.rows
        ({'train': ('ann', 'bob'), 'test': ('cy',)}, {'train': 4, 'test': 2})
    """
    fractions = _checked_fractions(fractions, tolerance)
    shares = np.array(list(fractions.values()))
    names, group_of = _groups(groups)
    heads, counts = _count(_label_columns(labels), group_of, len(names))
    _require_room(names, counts.rows, fractions, tolerance)

    sides, excess = search(counts, shares, tolerance, seed)
    parts = _parts(counts, sides, len(shares))
    if excess:
        raise _outside(parts.rows, fractions, tolerance)
    whole = Counts(*(values.sum(axis=0) for values in counts))
    by_greedy = _parts(counts, greedy(counts, shares), len(shares))
    points, greedy_points = (
        (drift(made, whole).max(axis=1) / PER_POINT).tolist() for made in (parts, by_greedy)
    )
    tables: dict[str, dict[str, dict[str, int]]] = {}
    for (column, label), held in zip(
        heads, np.vstack([whole.labels, parts.labels]).T.tolist(), strict=True
    ):
        for part, n in zip(["all", *fractions], held, strict=True):
            tables.setdefault(column, {}).setdefault(part, {})[label] = n
    return GroupSplit(
        splits={
            split: tuple(names[i] for i in np.flatnonzero(sides == k))
            for k, split in enumerate(fractions)
        },
        fractions=dict(fractions),
        tolerance=tolerance,
        seed=seed,
        rows=dict(zip(fractions, parts.rows.tolist(), strict=True)),
        labels=tables,
        drift=dict(zip(fractions, points, strict=True)),
        greedy_drift=max(greedy_points),
    )


def _checked_fractions(fractions: Mapping[str, float], tolerance: float) -> Mapping[str, float]:
    """The fractions where they can be kept."""
    if (
        len(fractions) < 2
        or min(fractions.values()) <= 0
        or abs(sum(fractions.values()) - 1) > 1e-6
    ):
        raise ValueError(
            f"`fractions`: got {dict(fractions)}, expected two or more above 0 that sum to 1"
        )
    if not 0 <= tolerance < 1:
        raise ValueError(f"`tolerance`: got {tolerance}, expected a share of the clips below 1")
    return fractions


def _groups(groups: Any) -> tuple[list[str], Integers]:
    """The sorted names of the groups, and the group of each clip."""
    column = _array(groups)
    if not len(column):
        raise ValueError("`groups`: got no clips, expected some to divide")
    if column.null_count:
        row = pc.index(pc.is_null(column), True).as_py()
        raise ValueError(
            f"`groups`: got {column.null_count} of {len(column)} clips without a group, first in "
            f"row {row}, expected one for each. Leave them out, or choose another column."
        )
    encoded = column.cast(pa.string()).dictionary_encode()
    found = encoded.dictionary.to_pylist()
    rank = {name: i for i, name in enumerate(sorted(found))}
    ranks = np.array([rank[name] for name in found], np.int64)
    return sorted(found), ranks[encoded.indices.to_numpy()]


def _label_columns(labels: Any) -> dict[str, pa.Array]:
    """Label columns as text; numbers become the name of their sign."""
    columns = labels if isinstance(labels, Mapping) else {"label": labels}
    found = {}
    for name, values in columns.items():
        column = _array(values)
        if pa.types.is_floating(column.type):
            column = pc.if_else(pc.is_nan(column), pa.scalar(None, column.type), column)
            sign = pc.cast(pc.sign(column), pa.int64())
            column = pa.array(["negative", "neutral", "positive"]).take(pc.add(sign, 1))
        found[name] = column.cast(pa.string())
    return found


def _count(
    columns: Mapping[str, pa.Array], group_of: Integers, n_groups: int
) -> tuple[list[tuple[str, str]], Counts]:
    """Count the clips of each group and label; heads are ``(column, label)``."""
    heads: list[tuple[str, str]] = []
    tables = []
    for name, column in columns.items():
        if len(column) != len(group_of):
            raise ValueError(
                f"labels `{name}`: got {len(column)} values for {len(group_of)} clips, expected "
                "one for each"
            )
        known = np.flatnonzero(column.is_valid().to_numpy(zero_copy_only=False))
        values, codes = np.unique(
            column.drop_null().to_numpy(zero_copy_only=False).astype(str), return_inverse=True
        )
        table = np.zeros((n_groups, len(values)), np.int64)
        np.add.at(table, (group_of[known], codes), 1)
        heads += [(name, value) for value in values.tolist()]
        tables.append(table)
    if not heads:
        raise ValueError(f"labels {list(columns)}: got nulls only, expected a label to match")
    labels = np.hstack(tables)
    owner = np.array([name for name, _ in heads])
    labelled = labels @ (owner[:, None] == owner).astype(np.int64)
    return heads, Counts(np.bincount(group_of, minlength=n_groups), labels, labelled)


def _require_room(
    names: Sequence[str], rows: Integers, fractions: Mapping[str, float], tolerance: float
) -> None:
    """Raise where no assignment can do: too few groups, or one that fits nowhere."""
    if len(names) < len(fractions):
        raise ValueError(
            f"`groups`: got {len(names)} ({', '.join(names)}), expected at least one for each of "
            f"{len(fractions)} splits"
        )
    share, limit = rows.max() / rows.sum(), max(fractions.values()) + tolerance
    if share > limit:
        raise ValueError(
            f"group {names[int(rows.argmax())]!r} has {rows.max()} of {rows.sum()} clips "
            f"({share:.1%}), expected at most {limit:.1%}, the largest fraction and the tolerance. "
            "Raise one of them, or leave the group out."
        )


def _parts(counts: Counts, sides: Integers, n_splits: int) -> Counts:
    """Sum the counts of the groups of each split."""
    own = np.arange(n_splits)[:, None] == sides
    return Counts(*(own.astype(np.int64) @ values for values in counts))


def _outside(rows: Integers, fractions: Mapping[str, float], tolerance: float) -> ValueError:
    """Build the error for sizes that no assignment met."""
    found = rows / rows.sum()
    off = np.abs(found - np.array(list(fractions.values()))).max()
    sizes = ", ".join(f"{name} {share:.3f}" for name, share in zip(fractions, found, strict=True))
    allowed = np.ceil(off * 1e3) / 1e3
    return ValueError(
        f"`tolerance`: got {tolerance}, but the groups are too coarse for it: the closest split "
        f"found has {sizes}, expected {dict(fractions)}. Allow tolerance={allowed} "
        f"(--tolerance {allowed}), or change the fractions."
    )


def _array(values: Any) -> pa.Array:
    """Any column as one Arrow array; NaN is null."""
    if isinstance(values, pa.ChunkedArray):
        values = values.combine_chunks()
    if isinstance(values, pa.Array):
        return values
    return pa.array(values if isinstance(values, np.ndarray) else list(values), from_pandas=True)
