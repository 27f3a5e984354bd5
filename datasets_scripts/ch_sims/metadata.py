"""The CH-SIMS package of 2020: a csv per modality, and splits by row number."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.clip_ids import ClipIds
from affecthub.datasets_scripts.families.sentiment_labels import Part, join_parts
from affecthub.datasets_scripts.reading.layout import File, Tree
from affecthub.datasets_scripts.reading.once import once_each
from affecthub.datasets_scripts.reading.tables import (
    read_csv,
    require_unique,
    text_or_null,
    to_numbers,
)

# File beside `label_M.csv` -> its columns and ours.
ADDITIONS = {
    "label_T.csv": {"label": "sentiment_text"},
    "label_A.csv": {"label": "sentiment_audio"},
    "label_V.csv": {"label": "sentiment_video"},
    "Translation.csv": {"Chinese": "text", "English": "text_en"},
}
INDEXES = {
    "train_index.csv": "train",
    "val_index.csv": "validation",
    "test_index.csv": "test",
}


def read_metadata(tree: Tree, ids: ClipIds) -> tuple[list[Part], list[str]]:
    """Read ``metadata/``: labels, splits and translations.

    The indexes count the rows of ``label_M.csv`` of the same package, so they are read with it and
    with no other file; all else is joined by clip.

    Returns:
        One part with all of it, or none where there is no ``label_M.csv``; and which files lack
        clips or have others.

    Raises:
        ValueError: An index file or a column is missing, a value cannot be read, or the indexes
            do not name every row once.
    """
    file = tree.named("label_M.csv")
    if file is None:
        return [], []
    labels = _read_part(tree, file, ids, {"label": "sentiment"})
    require_unique(labels.rows["id"], tree.root / file.path)  # the indexes count its rows
    splits = _splits(tree, file, labels.rows.num_rows)
    labels = Part(labels.source, labels.rows.append_column("split_official", splits))
    known = labels.rows["id"].combine_chunks()
    additions = []
    for name, columns in ADDITIONS.items():
        if (found := tree.named(name)) is not None:
            part = _read_part(tree, found, ids, columns)
            rows = once_each(tree, found, part.rows, "id", ids=known)
            additions.append(Part(part.source, rows))
    problems = []
    for part in additions:
        n_common = pc.sum(pc.is_in(part.rows["id"], value_set=known)).as_py() or 0
        if not n_common == len(known) == part.rows.num_rows:
            problems.append(
                f"{labels.source} has {len(known)} clips, {part.source} has {part.rows.num_rows}, "
                f"{n_common} of them the same; what it lacks is null"
            )
    rows, _ = join_parts([labels], additions)
    return [Part(labels.source, rows)], problems


def _read_part(tree: Tree, file: File, ids: ClipIds, columns: Mapping[str, str]) -> Part:
    """Read one csv: ids and the named columns, labels as numbers."""
    where = tree.root / file.path
    table = read_csv(tree, file, ["video_id", "clip_id", *columns])
    rows = ids.join(table["video_id"], table["clip_id"], where)
    for released, ours in columns.items():
        cells = table[released]
        is_label = released == "label"
        rows[ours] = to_numbers(cells, where, released) if is_label else text_or_null(cells)
    return Part(file.path, pa.table(rows))


def _splits(tree: Tree, labels: File, n_rows: int) -> pa.Array:
    """The split of each row of the multimodal labels."""
    rows, names = [], []
    for name, split in INDEXES.items():
        file = tree.named(name)
        if file is None:
            raise ValueError(
                f"{tree.root}: {labels.path} has its splits in {', '.join(INDEXES)}: got no "
                f"{name}, expected all. Use the package as released."
            )
        where = tree.root / file.path
        numbers = to_numbers(read_csv(tree, file, ["index"])["index"], where, "index")
        rows += numbers.to_pylist()
        names += [split] * len(numbers)
    if sorted(rows, key=lambda row: -1 if row is None else row) != list(range(n_rows)):
        raise ValueError(
            f"{tree.root}: {', '.join(INDEXES)} name {len(rows)} rows of {labels.path}: expected "
            f"each of 0 to {n_rows - 1} once. Use index and label files of one package."
        )
    order = pc.array_sort_indices(pa.array(rows, pa.float64()))
    return pa.array(names, pa.string()).take(order)
