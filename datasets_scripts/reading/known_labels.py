"""Labels that an annotation file writes, against those that its corpus has."""

from collections.abc import Sequence
from difflib import get_close_matches

import pyarrow as pa
import pyarrow.compute as pc


def require_labels(
    written: pa.ChunkedArray,
    labels: Sequence[str],
    source: object,
    column: str,
    ids: pa.ChunkedArray | pa.Array,
    *,
    read: pa.ChunkedArray | None = None,
) -> None:
    """Raise where a cell is none of a corpus' labels.

    Args:
        written: The cells as released, for the error.
        labels: The label set.
        source: The file, for the error.
        column: Its name of the column, for the error.
        ids: The clip of each row, for the error.
        read: The cells as they are understood; null and empty ones have no label. None takes them
            as written.

    Raises:
        ValueError: Names the file, the line, the clip and what was written; the closest label is
            suggested.
    """
    cells = written if read is None else read
    known = pc.is_in(cells, value_set=pa.array([*labels, ""], pa.string()))
    unknown = pc.and_(pc.is_valid(cells), pc.invert(known))
    if not pc.any(unknown).as_py():
        return
    row = pc.index(unknown, True).as_py()
    close = get_close_matches(cells[row].as_py().strip().lower(), labels, n=2, cutoff=0.6)
    hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    raise ValueError(
        f"{source}, line {row + 2}: unknown label in `{column}` of clip {ids[row].as_py()}: got "
        f"{written[row].as_py()!r}, expected one of {', '.join(labels)}.{hint} Correct the "
        "annotation file."
    )
