"""Start the leaderboard over result files, and over the Hub where that is asked for."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from affecthub.errors import require
from affecthub.hub_cards.spaces.leaderboard.entries import Entry, Problem
from affecthub.hub_cards.spaces.leaderboard.eval_results import read_hub
from affecthub.hub_cards.spaces.leaderboard.page import build
from affecthub.hub_cards.spaces.leaderboard.reading import read_results
from affecthub.hub_cards.spaces.leaderboard.stated import stated_entries
from affecthub.hub_cards.spaces.leaderboard.style import CSS
from affecthub.hub_cards.spaces.look import launching


def gather(
    results: Iterable[str | Path], *, hub: bool = False, api: Any = None
) -> tuple[list[Entry], list[Problem]]:
    """All lines of the leaderboard, the paper's among them, and what was not read.

    Args:
        results: See `affecthub.hub_cards.spaces.leaderboard.reading.read_results`.
        hub: Whether the Hub is asked for what models claim.
        api: A ``huggingface_hub.HfApi`` for that; None for one without a token.
    """
    entries, problems = read_results(results)
    if hub:
        claimed, unread = read_hub(api)
        entries, problems = entries + claimed, problems + unread
    return entries + stated_entries(), problems


def launch(results: Iterable[str | Path], *, hub: bool = False) -> None:
    """Serve the leaderboard until it is stopped.

    Args:
        results: Files and folders of results.
        hub: Whether the Hub is asked for what models claim; asked once, at the start.

    Raises:
        ImportError: gradio is not installed.
    """
    require("gradio", "app", "look at the leaderboard")
    build(*gather(results, hub=hub)).launch(**launching(CSS))
