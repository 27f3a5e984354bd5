"""Start the leaderboard: ``python -m affecthub.hub_cards.spaces.leaderboard RESULTS...``."""

import argparse

from affecthub.hub_cards.spaces.leaderboard.launching import launch
from affecthub.hub_cards.spaces.leaderboard.reading import OWN_RESULTS


def main() -> None:
    """Read the command's arguments and serve."""
    parser = argparse.ArgumentParser(
        prog="python -m affecthub.hub_cards.spaces.leaderboard",
        description="MER-UniBench's leaderboard on this machine.",
    )
    parser.add_argument(
        "results",
        nargs="*",
        help="bench.json files, and folders of them; by default those of the Space",
    )
    parser.add_argument("--hub", action="store_true", help="ask the Hub what models claim")
    given = parser.parse_args()
    launch(given.results or [OWN_RESULTS], hub=given.hub)


if __name__ == "__main__":
    main()
