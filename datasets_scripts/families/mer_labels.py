"""Discrete labels and valence of MER2023 and MER2024: the challenge csv and MERBench's npz."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.label_lists import is_blank
from affecthub.datasets_scripts.reading.known_labels import require_labels
from affecthub.datasets_scripts.reading.layout import File, Tree
from affecthub.datasets_scripts.reading.once import once_each
from affecthub.datasets_scripts.reading.tables import read_csv, require_unique, to_numbers
from affecthub.labels import label_set
from affecthub.npz import read_npz

NPZ = "label-6way.npz"
# Files that only MER2024 has. Both challenges name their npz alike.
MER2024_FILES = r"(^|/)(label-disdim\.csv|transcription[-_]merge\.csv)$"
# The three test sets of MER2023: all modalities, with noise, and the semi-supervised track.
MER2023_CSV = {
    "train": "train-label.csv",
    "test_multi": "test1-label.csv",
    "test_noise": "test2-label.csv",
    "test_semi": "test3-label.csv",
}
MER2023_NPZ = {
    "train_corpus": "train",
    "test1_corpus": "test_multi",
    "test2_corpus": "test_noise",
    "test3_corpus": "test_semi",
}
NO_VALENCE = -10  # `val` of test sets that were never rated


def mer2023_labels(tree: Tree, problems: list[str]) -> pa.Table | None:
    """Read MER2023's labels from its csv, its npz, or both.

    Args:
        tree: A folder.
        problems: Takes what csv and npz disagree on.

    Returns:
        As ``read_label_csv``, all splits; None where the folder is not MER2023's.

    Raises:
        ValueError: A label file is broken, or a clip stands twice.
    """
    if tree.find(MER2024_FILES):
        return None
    found = [(split, tree.named(name)) for split, name in MER2023_CSV.items()]
    csv = [read_label_csv(tree, file, split) for split, file in found if file is not None]
    return merge_labels(csv, read_label_npz(tree, tree.named(NPZ), MER2023_NPZ), problems)


def read_label_csv(tree: Tree, file: File, split: str) -> pa.Table:
    """Read one csv of labels.

    Returns:
        ``id``, ``split_official``, ``emotion`` (label name) and ``valence``, which is also
        ``sentiment``; blank cells are null.

    Raises:
        ValueError: The csv is unreadable, lacks ``name`` or ``discrete``, or has an unknown label
            or a valence that is no number (named with its line).
    """
    where = tree.root / file.path
    table = read_csv(tree, file, ["name", "discrete"])
    values = [name for name in ("discrete", "valence") if name in table.column_names]
    table = once_each(tree, file, table, "name", values=values)
    emotion = table["discrete"]
    valence = pa.nulls(len(table), pa.float64())
    if "valence" in table.column_names:
        cells = pc.if_else(is_blank(table["valence"]), "", table["valence"])
        valence = to_numbers(cells, where, "valence")
    written, emotion = emotion, pc.if_else(is_blank(emotion), pa.scalar(None, pa.string()), emotion)
    labels = label_set("mer2023")  # those of MER2024 too
    require_labels(written, labels, where, "discrete", table["name"], read=emotion)
    return _labels(table["name"], split, emotion, valence)


def read_label_npz(tree: Tree, file: File | None, parts: Mapping[str, str]) -> pa.Table | None:
    """Read MERBench's npz: a dict per split, of clips to ``emo`` and, in MER2023, ``val``.

    Args:
        tree: The folder.
        file: The npz; None gives None.
        parts: Their names of splits to ours.

    Returns:
        As ``read_label_csv``.

    Raises:
        ValueError: The npz is unreadable, has other splits, a clip twice, or other values.
    """
    if file is None:
        return None
    where = tree.root / file.path
    content = read_npz(where, tree.read(file))
    surplus = sorted(set(content) - set(parts))
    if surplus:
        raise ValueError(
            f"{where}: got arrays {surplus}, expected some of {', '.join(parts)}. Use the label "
            "file of this corpus; that of another challenge has the same name."
        )
    tables = []
    for name, clips in content.items():
        try:
            ids = pa.array(list(clips), pa.string())
            emotion = pa.array([clip["emo"] for clip in clips.values()], pa.string())
            valence = pa.array([clip.get("val") for clip in clips.values()], pa.float64())
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise ValueError(
                f"{where}, array {name!r}: got {type(error).__name__}: {error}, expected a dict of "
                "clips with `emo` (a label name) and `val` (a number)"
            ) from error
        rated = pc.and_(pc.is_finite(valence), pc.not_equal(valence, NO_VALENCE))
        valence = pc.if_else(rated, valence, pa.scalar(None, pa.float64()))
        tables.append(_labels(ids, parts[name], emotion, valence))
    labels = pa.concat_tables(tables) if tables else _labels([], "", [], [])
    require_unique(labels["id"], where)
    return labels


def merge_labels(
    csv: list[pa.Table], npz: pa.Table | None, problems: list[str], other: str = "npz"
) -> pa.Table | None:
    """Join the labels of all csv and of the npz; of two for one clip that of the csv stays.

    Args:
        csv: Tables of ``read_label_csv``.
        npz: Table of ``read_label_npz``, or another that is believed less.
        problems: Takes a line for each column on which they disagree.
        other: What the second table is, for that line.

    Raises:
        ValueError: A clip stands in two csv.
    """
    if not csv:
        return npz
    labels = pa.concat_tables(csv)
    require_unique(labels["id"], "the label csv together")
    if npz is None:
        return labels
    where = pc.index_in(npz["id"], value_set=labels["id"].combine_chunks())
    for name in ("split_official", "emotion", "valence"):
        differ = pc.fill_null(pc.not_equal(labels[name].take(where), npz[name]), False)
        if pc.any(differ).as_py():
            first = npz["id"][pc.index(differ, True).as_py()].as_py()
            problems.append(
                f"csv and {other} disagree on `{name}` of {pc.sum(differ).as_py()} clips, first "
                f"{first}; the csv is used"
            )
    return pa.concat_tables([labels, npz.filter(pc.is_null(where))])


def placeholder(test: pa.Table) -> str | None:
    """The label that all clips of a test set have, which so stands for hidden labels.

    Tools that need a label for every clip wrote "neutral" for the hidden ones.

    Args:
        test: As ``read_label_csv``.

    Returns:
        The label; None where the clips differ, have no label, or are fewer than two.
    """
    distinct = test["emotion"].unique()
    return distinct[0].as_py() if len(test) > 1 and len(distinct) == 1 else None


def _labels(ids: object, split: str, emotion: object, valence: object) -> pa.Table:
    schema = pa.schema(
        {
            "id": pa.string(),
            "split_official": pa.string(),
            "emotion": pa.string(),
            "valence": pa.float64(),
            "sentiment": pa.float64(),
        }
    )
    splits = [pa.repeat(split, len(emotion))]  # type: ignore[arg-type]
    return pa.table(
        [ids, pa.chunked_array(splits, pa.string()), emotion, valence, valence], schema=schema
    )
