"""The exact folder of a Space: its page, what it installs, its card, and no more."""

from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any

from affecthub.errors import unknown_name
from affecthub.folders import finished_folder, require_empty
from affecthub.hub_cards.cards import card_mistakes, split_card
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
    require_empty(out, "out")
    write = import_module(SPACES[name]).write_space
    known = [one for one in write.__annotations__ if one not in ("out", "return")]
    for setting in settings:
        if setting not in known:
            raise unknown_name(f"setting of the Space {name}", setting, known)
    with finished_folder(out) as partial:
        notes = write(partial, **settings) or ()
        title = _checked_title(partial / "README.md")
    return Staged(out, "space", f"{title}, by affecthub", space_sdk="gradio", notes=tuple(notes))


def _checked_title(card: Path) -> str:
    """The title of a card that breaks no rule."""
    text = card.read_text(encoding="utf-8")
    wrong = card_mistakes(text, "space")
    if wrong:
        raise ValueError(f"the card of the Space: {'; '.join(wrong)}")
    return str(split_card(text)[0]["title"])
