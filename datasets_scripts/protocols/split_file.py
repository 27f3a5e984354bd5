"""Split files of corpora on this disk: read the rows, match what should be matched, write."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.protocols.make_split import (
    FRACTIONS,
    TOLERANCE,
    GroupSplit,
    make_split,
)
from affecthub.datasets_scripts.protocols.rules import write_rule
from affecthub.errors import unknown_name

if TYPE_CHECKING:
    from affecthub.datasets_scripts.corpus import Corpus


def write_split(
    corpus: "Corpus",
    out: str | PathLike[str],
    *,
    column: str = "group_id",
    within: str | None = None,
    fractions: Mapping[str, float] = FRACTIONS,
    tolerance: float = TOLERANCE,
    seed: int = 0,
) -> GroupSplit:
    """Make a split of a corpus and write it as a file that ``protocol=`` takes.

    Clips without a value of the column stand in no split, and the file says how many they are.

    Args:
        corpus: An opened corpus.
        out: The file, ``<protocol>.json``; one that is there is replaced.
        column: Column whose values are never cut: speakers, videos, films.
        within: As ``label_columns``.
        fractions: As ``make_split``.
        tolerance: As ``make_split``.
        seed: As ``make_split``.

    Returns:
        The split and its report.

    Raises:
        ValueError: ``out`` does not end in ``.json``, the column is unknown, or as ``make_split``.
    """
    path = Path(out).expanduser()
    if path.suffix != ".json":
        raise ValueError(f"`out`: got {str(out)!r}, expected a file that ends in .json")
    rows = corpus.annotations()
    if column not in rows.column_names:
        raise unknown_name(f"column of {corpus.name}", column, rows.column_names)
    known = rows.filter(pc.is_valid(rows[column]))
    if not known.num_rows or not pa.types.is_string(rows[column].type):
        raise ValueError(
            f"`column`: got {column!r}, of type {rows[column].type} and known of "
            f"{known.num_rows} clips, expected text that tells groups apart. Choose another."
        )
    made = make_split(
        known[column],
        label_columns(known, within),
        fractions=fractions,
        tolerance=tolerance,
        seed=seed,
    )
    note = _note(corpus, within, made)
    if n_without := rows.num_rows - known.num_rows:
        note += f" {n_without} clips without `{column}` stand in no split."
    write_rule(path, made.rule(path.stem, column), note)
    return made


def label_columns(rows: pa.Table, within: str | None = None) -> dict[str, Any]:
    """Choose what a split of a corpus should match: its emotions, else the sign of its sentiment.

    Args:
        rows: Rows with the leading columns, labels by name.
        within: A column such as "language": labels are then matched within each of its values,
            and its values are matched too.

    Returns:
        Columns by name, as ``make_split`` takes them.

    Raises:
        ValueError: No clip has an emotion or a sentiment, or the column is unknown.
    """
    name = next((c for c in ("emotion", "sentiment") if rows[c].null_count < len(rows[c])), None)
    if name is None:
        raise ValueError("labels: got no `emotion` and no `sentiment`, expected either to match")
    if within is None:
        return {name: rows[name]}
    if within not in rows.column_names:
        raise unknown_name("column to match labels within", within, rows.column_names)
    columns = {within: rows[within]}
    for value in sorted(rows[within].drop_null().unique().to_pylist()):
        own = pc.equal(rows[within], value)
        columns[f"{name}, {value}"] = pc.if_else(own, rows[name], pa.scalar(None, rows[name].type))
    return columns


def _note(corpus: "Corpus", within: str | None, made: GroupSplit) -> str:
    """Say how a split was made and how good it is."""
    options = {
        "config": corpus.config,
        "within": within,
        "seed": made.seed,
        "tolerance": made.tolerance,
    }
    chosen = " ".join(f"--{key} {value}" for key, value in options.items() if value is not None)
    shares = ",".join(f"{split}={share:g}" for split, share in made.fractions.items())
    return (
        f"Made by `affecthub data split {corpus.name} {chosen} --fractions {shares}`. "
        + made.heading()
    )
