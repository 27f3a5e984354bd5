"""Split files of corpora on this disk: read the rows, match what should be matched, write."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.annotations import annotation_rows
from affecthub.datasets_scripts.protocols.make_split import (
    FRACTIONS,
    TOLERANCE,
    GroupSplit,
    make_split,
)
from affecthub.datasets_scripts.protocols.rules import write_rule
from affecthub.errors import unknown_name


def split_corpus(
    name: str,
    data_dir: str | PathLike[str],
    out: str | PathLike[str],
    *,
    config: str | None = None,
    roots: Mapping[str, str | PathLike[str]] | None = None,
    column: str = "group_id",
    within: str | None = None,
    fractions: Mapping[str, float] = FRACTIONS,
    tolerance: float = TOLERANCE,
    seed: int = 0,
    **options: Any,
) -> GroupSplit:
    """Make a split of a corpus and write it as a file that ``load_dataset(protocol=...)`` takes.

    Clips without a value of the column stand in no split, and the file says how many they are.

    Args:
        name: A name of ``affecthub.list_datasets()``.
        data_dir: Folder of the corpus.
        out: The file, ``<protocol>.json``; one that is there is replaced.
        config: Configuration; None takes the default.
        roots: Other folders that complete the corpus.
        column: Column whose values are never cut: speakers, videos, films.
        within: As ``label_columns``.
        fractions: As ``make_split``.
        tolerance: As ``make_split``.
        seed: As ``make_split``.
        **options: The corpus' own options.

    Returns:
        The split and its report.

    Raises:
        ValueError: ``out`` does not end in ``.json``, a name is unknown, or as ``make_split``.
        FileNotFoundError: A folder does not exist.
    """
    path = Path(out).expanduser()
    if path.suffix != ".json":
        raise ValueError(f"`out`: got {str(out)!r}, expected a file that ends in .json")
    rows = annotation_rows(name, data_dir, config, roots, **options)
    if column not in rows.column_names:
        raise unknown_name(f"column of {name}", column, rows.column_names)
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
    note = _note(name, config, within, made)
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


def _note(name: str, config: str | None, within: str | None, made: GroupSplit) -> str:
    """Say how a split was made and how good it is."""
    options = {"config": config, "within": within, "seed": made.seed, "tolerance": made.tolerance}
    chosen = " ".join(f"--{key} {value}" for key, value in options.items() if value is not None)
    shares = ",".join(f"{split}={share:g}" for split, share in made.fractions.items())
    return (
        f"Made by `affecthub data split {name} {chosen} --fractions {shares}`. Largest label "
        f"drift {made.largest_drift:.2f} points, by plain greedy {made.greedy_drift:.2f}."
    )
