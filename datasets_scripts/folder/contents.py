"""What a folder holds, as its table or its class folders are read."""

from dataclasses import dataclass, field

import pyarrow as pa


@dataclass
class Contents:
    """A folder as rows.

    Attributes:
        rows: The leading columns that are known, the further ones, and the keys of media.
        labels: The label set of ``emotion``.
        further: The table's other columns to their types.
        kinds: Media that clips have.
        splits: Names in the split column, None where there is none.
        read_as: How it was understood: what, and how.
        guessed: Whether anything of it was told by nobody.
        problems: What is wrong with the folder.
    """

    rows: pa.Table
    labels: tuple[str, ...] = ()
    further: dict[str, pa.DataType] = field(default_factory=dict)
    kinds: tuple[str, ...] = ()
    splits: tuple[str, ...] | None = None
    read_as: dict[str, str] = field(default_factory=dict)
    guessed: bool = True
    problems: list[str] = field(default_factory=list)
