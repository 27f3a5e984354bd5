"""The house in figures: what stands in each room, who knows whom, and what stands twice.

    python benchmarks/house.py [CHECKOUT]

A box is a module or a folder that stands directly in a room; an arrow says that one box of a room
imports another, lazily or not. Copies are runs of six lines or more, spaces aside, that stand in
two places; empty lines, imports and lines without letters do not count.
"""

import sys
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

ROOMS = ("datasets_scripts", "metrics", "modeling", "training", "hub_cards")
# The ground floor is real code in src/affecthub; the rooms there are links.
GROUND = "src/affecthub"
RUN = 6


@dataclass(frozen=True)
class Room:
    """One room in figures.

    Attributes:
        files: Python files, at any depth.
        lines: Their lines.
        loose: Files and folders directly in it.
        boxes: Those of them that hold code.
        arrows: Ordered pairs of boxes of which one imports the other.
        largest: Its longest file, and how many lines that has.
    """

    files: int
    lines: int
    loose: int
    boxes: int
    arrows: int
    largest: tuple[str, int]


def code_of(root: Path, room: str) -> list[Path]:
    """The Python files of a room, sorted; those behind links belong to another room."""
    found = (root / room).rglob("*.py")
    rooms = [root / GROUND / name for name in ROOMS]
    own = (path for path in found if not any(path.is_relative_to(link) for link in rooms))
    return sorted(own if room == GROUND else (root / room).rglob("*.py"))


def measure(root: Path) -> dict[str, Room]:
    """Every room of a checkout, the ground floor last."""
    import grimp

    sys.path.insert(0, str(root / "src"))
    graph = grimp.build_graph("affecthub", exclude_type_checking_imports=True, cache_dir=None)
    rooms = {}
    for room in (*ROOMS, GROUND):
        files = code_of(root, room)
        lengths = {str(path.relative_to(root)): _n_lines(path) for path in files}
        loose = [
            entry
            for entry in (root / room).iterdir()
            if entry.name != "__pycache__" and not entry.is_symlink()
        ]
        package = "affecthub" if room == GROUND else f"affecthub.{room}"
        boxes = {
            module
            for module in graph.find_children(package)
            if room != GROUND or module.rpartition(".")[2] not in ROOMS
        }
        rooms[room] = Room(
            files=len(files),
            lines=sum(lengths.values()),
            loose=len(loose),
            boxes=len(boxes),
            arrows=len(_arrows(graph, boxes)),
            largest=max(lengths.items(), key=lambda item: item[1]),
        )
    return rooms


def circles(root: Path) -> list[tuple[str, str]]:
    """Pairs of boxes of one room, or of rooms, that import each other; `measure` came before."""
    import grimp

    graph = grimp.build_graph("affecthub", exclude_type_checking_imports=True, cache_dir=None)
    found = []
    for package in ("affecthub", *(f"affecthub.{room}" for room in ROOMS)):
        arrows = _arrows(graph, graph.find_children(package))
        found += [(a, b) for a, b in arrows if a < b and (b, a) in arrows]
    return sorted(found)


def copies(root: Path, run: int = RUN) -> list[tuple[str, int, str, int, int]]:
    """Runs of equal lines in two places.

    Returns:
        ``(file, line, other file, line there, how many lines)``, the longest first; of a run only
        the whole of it. Files that say they are copied are checked by a test and left out.
    """
    places: dict[tuple[str, ...], list[tuple[str, int]]] = defaultdict(list)
    texts: dict[str, list[tuple[int, str]]] = {}
    for room in (*ROOMS, GROUND):
        for path in code_of(root, room):
            text = path.read_text(encoding="utf-8")
            if "Copied from" in text[:400]:
                continue
            texts[str(path.relative_to(root))] = [
                (number, line.strip())
                for number, line in enumerate(text.splitlines(), start=1)
                if _counts(line.strip())
            ]
    for name, lines in texts.items():
        for i in range(len(lines) - run + 1):
            places[tuple(line for _, line in lines[i : i + run])].append((name, i))
    pairs = {
        (first, second)
        for found in places.values()
        for k, first in enumerate(found)
        for second in found[k + 1 :]
    }
    starts = [pair for pair in pairs if _before(pair) not in pairs]
    result = []
    for (a, i), (b, j) in starts:
        length = run
        while ((a, i + length - run + 1), (b, j + length - run + 1)) in pairs:
            length += 1
        result.append((a, texts[a][i][0], b, texts[b][j][0], length))
    return sorted(result, key=lambda item: (-item[4], item))


def _before(pair: tuple[tuple[str, int], tuple[str, int]]) -> object:
    (a, i), (b, j) = pair
    return (a, i - 1), (b, j - 1)


def _counts(line: str) -> bool:
    imports = line.startswith(("import ", "from "))
    return any(map(str.isalpha, line)) and not imports and not line.startswith("#")


def _arrows(graph: object, boxes: set[str]) -> set[tuple[str, str]]:
    """Pairs of boxes of which one imports something of the other."""
    found = set()
    for box in boxes:
        for module in (box, *graph.find_descendants(box)):  # type: ignore[attr-defined]
            for imported in graph.find_modules_directly_imported_by(module):  # type: ignore[attr-defined]
                parts = imported.split(".")
                other = ".".join(parts[: len(box.split("."))])
                if other in boxes and other != box:
                    found.add((box, other))
    return found


def _n_lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def main() -> None:
    """Print the figures of a checkout."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parents[1]).resolve()
    print("| room | files | lines | loose | boxes | arrows | largest |")
    print("|---|---:|---:|---:|---:|---:|---|")
    for name, room in measure(root).items():
        largest = f"{room.largest[0]} ({room.largest[1]})"
        numbers = (room.files, room.lines, room.loose, room.boxes, room.arrows)
        print(f"| {name} | {' | '.join(map(str, numbers))} | {largest} |")
    print("\nCircles:", ", ".join(f"{a} <-> {b}" for a, b in circles(root)) or "none")
    found = copies(root)
    print(f"\nCopies of {RUN} lines or more: {len(found)}")
    for a, i, b, j, length in found:
        print(f"  {length} lines: {a}:{i} and {b}:{j}")


if __name__ == "__main__":
    main()
