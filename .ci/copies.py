"""Files that models carry to the Hub as copies of ours: ``make copies`` writes them.

    python .ci/copies.py [--check]

A copy begins with a line that says so, and imports its siblings by a single dot.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
GROUND = ROOT / "src" / "affecthub"
MODELS = ROOT / "modeling"
# Module of affecthub -> file beside a model.
COPIES = {
    "media.sources": "media_sources",
    "media.seeking": "media_seeking",
    "media.spans": "media_spans",
    "media.frames": "media_frames",
    "media.sound": "media_sound",
    "media.tracks": "media_tracks",
    "questions": "configuration_questions",
}
# Folder of a model -> what it carries.
CARRIED = {"affectgpt": tuple(COPIES), "captioner": ("media.sources", "media.sound")}


def copy_of(module: str) -> str:
    """What a module's copy beside the model should hold.

    Raises:
        ValueError: It imports something of ours that is not copied.
    """
    path = GROUND / f"{module.replace('.', '/')}.py"
    text = path.read_text(encoding="utf-8")

    def sibling(match: re.Match[str]) -> str:
        if match[1] not in COPIES:
            raise ValueError(f"{path}: imports affecthub.{match[1]}, which is not copied")
        return f"from .{COPIES[match[1]]} import"

    text = re.sub(r"from affecthub\.([\w.]+) import", sibling, text)
    where = path.relative_to(ROOT).as_posix()
    return f"# Copied from {where} by `make copies`; change it there.\n{text}"


def outdated() -> list[str]:
    """Copies that are not what they should be."""
    return [
        f"{path.parent.name}/{path.stem}"
        for module, path in _copies()
        if not path.is_file() or path.read_text(encoding="utf-8") != copy_of(module)
    ]


def _copies() -> list[tuple[str, Path]]:
    """Every module that is carried, and the file it is carried in."""
    return [
        (module, MODELS / model / f"{COPIES[module]}.py")
        for model, modules in CARRIED.items()
        for module in modules
    ]


def main() -> None:
    """Write the copies, or only say which are outdated."""
    if "--check" in sys.argv[1:]:
        sys.exit(f"outdated copies: {', '.join(outdated())}. Run: make copies" if outdated() else 0)
    for module, path in _copies():
        path.write_text(copy_of(module), encoding="utf-8")


if __name__ == "__main__":
    main()
