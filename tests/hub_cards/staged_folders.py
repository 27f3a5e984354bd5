"""Small folders that can be pushed."""

from pathlib import Path

from affecthub.hub_cards.staged import Staged

CARD = """---
license: cc0-1.0
language: [en]
pretty_name: Moods
task_categories: [text-classification]
size_categories: [n<1K]
---

# Moods

Eight invented sentences.
"""


def dataset(folder: Path, *, seed: int = 0, n_large: int = 2, **about) -> Staged:
    """A card, a text, and large files by their names."""
    (folder / "data").mkdir(parents=True)
    (folder / "README.md").write_text(CARD)
    (folder / "notes.txt").write_text(f"text {seed}\n")
    for i in range(n_large):
        (folder / "data" / f"part-{i}.parquet").write_bytes(bytes([i, seed]) * 3000)
    return Staged(folder, "dataset", "Moods, by affecthub", **about)


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
