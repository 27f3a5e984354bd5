"""What a branch lacks of a folder, and what it has too much."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from affecthub.hub_cards.publishing.client import HeldFile
from affecthub.hub_cards.publishing.folder import LocalFile

# Others put these there, and a push leaves them: the Hub's own file, and results by the community.
_KEPT = (".gitattributes", ".eval_results/")
# What one commit of a branch takes; only the commit that everybody sees is whole.
MAX_FILES = 500
MAX_REGULAR_BYTES = 50_000_000


@dataclass(frozen=True)
class Difference:
    """What to do to a branch so that it holds a folder.

    Attributes:
        new: Files that it has not.
        changed: Files that it has with another content.
        same: Files that it has.
        gone: Paths that it has and the folder has not.
    """

    new: tuple[LocalFile, ...]
    changed: tuple[LocalFile, ...]
    same: tuple[LocalFile, ...]
    gone: tuple[str, ...]

    def __bool__(self) -> bool:
        """Whether there is anything to do."""
        return bool(self.new or self.changed or self.gone)

    @property
    def sent(self) -> tuple[LocalFile, ...]:
        """New and changed ones."""
        return self.new + self.changed


def difference(files: Iterable[LocalFile], held: Mapping[str, HeldFile]) -> Difference:
    """Compare a folder with a branch, by path, size and content.

    Args:
        files: Of the folder, hashed.
        held: Of the branch, by path.
    """
    files = list(files)
    new = tuple(file for file in files if file.path not in held)
    old = [file for file in files if file.path in held]
    changed = tuple(file for file in old if not held[file.path].equals(file))
    same = tuple(file for file in old if held[file.path].equals(file))
    ours = {file.path for file in files}
    gone = tuple(sorted(p for p in held if p not in ours and not p.startswith(_KEPT)))
    return Difference(new, changed, same, gone)


def batches(files: Iterable[LocalFile]) -> list[list[LocalFile]]:
    """Files in parts that one commit takes, in their order."""
    parts: list[list[LocalFile]] = [[]]
    n_bytes = 0
    for file in files:
        regular = 0 if file.large else file.n_bytes
        if parts[-1] and (len(parts[-1]) == MAX_FILES or n_bytes + regular > MAX_REGULAR_BYTES):
            parts.append([])
            n_bytes = 0
        parts[-1].append(file)
        n_bytes += regular
    return parts
