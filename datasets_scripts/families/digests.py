"""Names that are known without being written down: short digests, told by which a name is a member.

Lists of clips are under the terms of their corpora; a digest says whether a name that a user has is
on the list, and nothing else.
"""

import json
from base64 import b85decode, b85encode
from collections.abc import Iterable, Mapping
from hashlib import blake2b
from pathlib import Path

import numpy as np
import pyarrow as pa

# Of 130,000 other names, one in a thousand lists of 2,000 is taken for a member by chance.
N_BYTES = 5
_LINE = 95


class Digests:
    """A set of names that can be asked for a member.

    Args:
        digests: Of the names, ``N_BYTES`` each, one after the other.
    """

    def __init__(self, digests: bytes) -> None:
        self._known = frozenset(digests[i : i + N_BYTES] for i in range(0, len(digests), N_BYTES))

    def __len__(self) -> int:
        """The number of names."""
        return len(self._known)

    def __contains__(self, name: object) -> bool:
        """Whether a name is a member."""
        return digest(str(name)) in self._known

    def mask(self, names: pa.Array | pa.ChunkedArray) -> pa.Array:
        """Say of each name whether it is a member; null is none."""
        found = (name is not None and name in self for name in names.to_pylist())
        return pa.array(np.fromiter(found, dtype=bool, count=len(names)))


def digest(name: str) -> bytes:
    """The digest of a name."""
    return blake2b(name.encode(), digest_size=N_BYTES).digest()


def read_digests(path: Path) -> dict[str, Digests]:
    """Read a file of ``write_digests``: set to its names."""
    sets = json.loads(path.read_text(encoding="utf-8"))["sets"]
    return {name: Digests(b85decode("".join(lines))) for name, lines in sets.items()}


def write_digests(path: Path, sets: Mapping[str, Iterable[str]], note: str) -> None:
    """Write the digests of some sets of names, sorted, so that their order tells nothing.

    Args:
        path: A json.
        sets: Set to its names.
        note: What they are, for readers of the file.
    """
    lines = {}
    for name, members in sets.items():
        text = b85encode(b"".join(sorted(map(digest, members)))).decode()
        lines[name] = [text[i : i + _LINE] for i in range(0, len(text), _LINE)]
    content = {"note": note, "sets": lines}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
