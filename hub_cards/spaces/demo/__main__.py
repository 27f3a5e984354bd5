"""``python -m affecthub.hub_cards.spaces.demo --model FOLDER``: the page on this machine."""

import argparse
import sys
from collections.abc import Sequence

from affecthub.hub_cards.spaces.demo import serve


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve the page until it is stopped; 1 where there is no such model."""
    parser = argparse.ArgumentParser(
        prog="python -m affecthub.hub_cards.spaces.demo",
        description="A page to try an AffectGPT on: drop a clip, see its answer as it comes.",
    )
    parser.add_argument("--model", help="folder or Hub id; by default AFFECTHUB_MODEL")
    parser.add_argument("--examples", help="folder of clips to try, listed in examples.json")
    parser.add_argument("--port", type=int, help="by default the first free one from 7860 on")
    given = parser.parse_args(arguments)
    try:
        serve(given.model, examples=given.examples, port=given.port)
    except (OSError, ValueError, ImportError) as error:
        print(f"Error: {' '.join(str(error).split())}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
