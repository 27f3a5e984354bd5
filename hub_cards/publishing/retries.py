"""Try again what may succeed a little later; the client itself does so for single files alone."""

import random
import time
from collections.abc import Callable
from typing import TypeVar

from affecthub.hub_cards.publishing.words import HubError

TRIES = 6
FIRST_WAIT_S = 1.0
LONGEST_WAIT_S = 60.0
# Where the Hub asks for more patience than this, whoever pushes is asked to come back.
LONGEST_ASKED_S = 300.0

Given = TypeVar("Given")


def persist(attempt: Callable[[], Given], say: Callable[[str], None]) -> Given:
    """Call until it succeeds, for 429, 5xx and lost connections, with growing pauses.

    Args:
        attempt: Finds out by itself what an earlier call of it achieved.
        say: Takes a line about each pause.

    Returns:
        What ``attempt`` gives.

    Raises:
        HubError: It failed for another reason, for the last time, or the Hub asked to wait for
            more than five minutes.
    """
    wait = FIRST_WAIT_S
    for n in range(1, TRIES + 1):
        try:
            return attempt()
        except HubError as error:
            asked = error.retry_after_s
            if not error.passing or n == TRIES or (asked or 0) > LONGEST_ASKED_S:
                raise
            pause = asked if asked is not None else wait * random.uniform(0.75, 1.25)
            say(f"{error} Trying again in {pause:.0f} s ({n} of {TRIES - 1}).")
        time.sleep(pause)
        wait = min(2 * wait, LONGEST_WAIT_S)
    raise AssertionError("the last try gives or raises")
