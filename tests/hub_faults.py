"""Faults of a Hub and of the way to it, on demand."""

import re
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field


@dataclass
class Fault:
    """What befalls some of the requests that match.

    Attributes:
        pattern: A regular expression, found anywhere in the path with its query.
        method: That of the request; None is any.
        on: Which of those that match, from 1; None is all.
        status: Answer so, in place of what would have been.
        after: Close the connection after so many bytes of the body, of the request where it has
            one and of the answer otherwise.
        lost: Do what is asked and close the connection without an answer.
        bytes_per_s: How fast bodies travel.
        action: Called before the request is looked at.
        headers: Of an answer by ``status``.
    """

    pattern: str
    method: str | None = None
    on: Collection[int] | None = None
    status: int | None = None
    after: int | None = None
    lost: bool = False
    bytes_per_s: float | None = None
    action: Callable[[], None] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    seen: int = 0

    def befalls(self, method: str, path: str) -> bool:
        """Count a request that matches, and say whether it is one of those."""
        if self.method not in (None, method) or not re.search(self.pattern, path):
            return False
        self.seen += 1
        return self.on is None or self.seen in self.on

    def pause(self, n_bytes: int) -> None:
        if self.bytes_per_s:
            time.sleep(n_bytes / self.bytes_per_s)
