"""Git LFS pointers: what a clone without ``git lfs`` holds in place of a file."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

# The specification of Git LFS: a pointer begins so, and is shorter than 1,024 bytes.
HEAD = b"version https://git-lfs.github.com/spec/"
MAX_BYTES = 1024


def is_pointer(data: bytes) -> bool:
    r"""Say whether bytes are a pointer and not the file itself.

    Example:
        >>> is_pointer(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n")
        True
    """
    return len(data) < MAX_BYTES and data.startswith(HEAD)


def pointers(refs: pa.ChunkedArray, read: Any) -> pa.ChunkedArray:
    """Say of each reference to a file whether a pointer lies there; only small files are opened.

    Args:
        refs: References (``references.FILE_REF``); null where there is no file.
        read: Reads the bytes of one reference.

    Returns:
        Booleans, false where there is no file.
    """
    size = pc.struct_field(refs, "size")
    small = pc.fill_null(pc.and_(pc.greater(size, 0), pc.less(size, MAX_BYTES)), False)
    found = np.zeros(len(refs), dtype=bool)
    for row in np.flatnonzero(small.to_numpy()):
        found[row] = is_pointer(read(refs[int(row)].as_py()))
    return pa.chunked_array([pa.array(found)])
