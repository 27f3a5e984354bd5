"""A folder without a table: the folder that a file lies in is its label."""

import pyarrow as pa

from affecthub.datasets_scripts.folder.columns import split_of
from affecthub.datasets_scripts.folder.contents import Contents
from affecthub.datasets_scripts.folder.media_files import KIND_FOLDERS, MediaFiles, stem


def rows_of_class_folders(media: MediaFiles) -> Contents:
    """A clip for each file, its label the folder it lies in; for folders without a table."""
    clips: dict[tuple[str | None, str], dict[str, str]] = {}
    for kind, paths in media.paths.items():
        for path in paths:
            *folders, name = stem(path).split("/")
            split = next((split for split in map(split_of, folders) if split), None)
            kept = [f for f in folders if f.lower() not in KIND_FOLDERS and not split_of(f)]
            clips.setdefault((split, "/".join([*kept, name])), {}).setdefault(kind, path)
    keys = sorted(clips, key=lambda key: (key[1], key[0] or ""))
    names = [path.rpartition("/")[2] for _, path in keys]
    if len(set(names)) < len(names):
        names = [path for _, path in keys]
    if len(set(names)) < len(names):
        names = [f"{split}/{path}" for split, path in keys]
    labels = [path.rpartition("/")[0].rpartition("/")[2] or None for _, path in keys]
    told_apart = len(set(labels)) > 1
    rows = pa.table(
        {
            "id": pa.array(names, pa.string()),
            "emotion": pa.array(labels if told_apart else [None] * len(keys), pa.string()),
            **{
                f"_{kind}_key": pa.array([clips[key].get(kind) for key in keys], pa.string())
                for kind in media.paths
            },
        }
    )
    contents = Contents(rows, read_as={"table": "none"})
    how = "the folder a file lies in" if told_apart else "none: all files lie in one folder"
    contents.read_as["labels from"] = how
    if any(split for split, _ in keys):
        splits = pa.array([split for split, _ in keys], pa.string())
        contents.rows = rows.append_column("split_official", splits)
        contents.read_as["splits from"] = "the folder above it"
    return contents
