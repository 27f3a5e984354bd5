"""The exact folder of a Space: its page, what it installs, its card, and no more."""

import shutil
import tempfile
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any

from affecthub.errors import unknown_name
from affecthub.hub_cards.cards import check_metadata, empty_sections, split_card
from affecthub.hub_cards.staged import Staged

# Name -> the module whose `write_space` writes the files, and whose `TITLE` names the page.
SPACES = {
    "demo": "affecthub.hub_cards.spaces.demo.staging",
    "leaderboard": "affecthub.hub_cards.spaces.leaderboard.staging",
}


def stage_space(name: str, out: str | PathLike[str], **settings: Any) -> Staged:
    """Write what a push of a Space sends.

    Args:
        name: ``"demo"`` or ``"leaderboard"``.
        out: Folder to write; must be empty or absent.
        **settings: Of `affecthub.hub_cards.spaces.demo.staging.write_space` and of
            `affecthub.hub_cards.spaces.leaderboard.staging.write_space`.

    Returns:
        The folder, and what whoever pushes should know.

    Raises:
        ValueError: There is no such Space, ``out`` is not empty, a setting is unknown or wrong, or
            the card breaks a rule of the Hub. Nothing is written.
        OSError: A folder that is named is not there, or the disk has no room.
    """
    if name not in SPACES:
        raise unknown_name("Space", name, SPACES)
    out = Path(out)
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise ValueError(f"`out`: got {out}, which is not empty, expected a new or empty folder")
    write = import_module(SPACES[name]).write_space
    known = [one for one in write.__annotations__ if one not in ("out", "return")]
    for setting in settings:
        if setting not in known:
            raise unknown_name(f"setting of the Space {name}", setting, known)
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        notes = write(partial, **settings) or ()
        title = _checked_title(partial / "README.md")
        if out.exists():
            out.rmdir()
        partial.chmod(0o755)
        partial.replace(out)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Staged(out, "space", f"{title}, by affecthub", space_sdk="gradio", notes=tuple(notes))


def _checked_title(card: Path) -> str:
    """The title of a card that breaks no rule."""
    head, body = split_card(card.read_text(encoding="utf-8"))
    wrong = check_metadata(head, "space")
    wrong += [f"section {section!r}: got no text" for section in empty_sections(body)]
    if wrong:
        raise ValueError(f"the card of the Space: {'; '.join(wrong)}")
    return str(head["title"])
