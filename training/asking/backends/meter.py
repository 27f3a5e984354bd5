"""What asking an endpoint has cost so far: tokens, requests, seconds, money."""

import threading
from dataclasses import dataclass, field

from affecthub.metrics.answers.completion import Completion


@dataclass(eq=False)
class Meter:
    """Counts requests of any number of threads.

    Attributes:
        price_in: For a million tokens read, in any currency; None where it is not known.
        price_out: For a million tokens written, likewise.
        n_answered: Questions that were answered.
        n_failed: Questions that were sent and not answered.
        n_requests: Requests that were sent.
        n_retries: Those of them that repeat an earlier one.
        n_in: Tokens read, as the server counts them; of answered questions.
        n_out: Tokens written, likewise.
        n_uncounted: Answers whose tokens the server did not state.
        seconds: That calls took, added up.
    """

    price_in: float | None = None
    price_out: float | None = None
    n_answered: int = field(default=0, init=False)
    n_failed: int = field(default=0, init=False)
    n_requests: int = field(default=0, init=False)
    n_retries: int = field(default=0, init=False)
    n_in: int = field(default=0, init=False)
    n_out: int = field(default=0, init=False)
    n_uncounted: int = field(default=0, init=False)
    seconds: float = field(default=0.0, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    def __post_init__(self) -> None:
        """Check the prices."""
        for name in ("price_in", "price_out"):
            price = getattr(self, name)
            if price is not None and not 0 <= price < float("inf"):
                raise ValueError(
                    f"`{name}` is no price: got {price}, expected 0 or more for a million tokens."
                )

    @property
    def cost(self) -> float | None:
        """Money for the tokens that were counted; None where a price is not known."""
        if self.price_in is None or self.price_out is None:
            return None
        return (self.n_in * self.price_in + self.n_out * self.price_out) / 1e6

    def add(self, done: Completion) -> None:
        """Count what became of one question; one that was never sent counts as nothing."""
        if not done.n_tries:
            return
        with self._lock:
            self.n_requests += done.n_tries
            self.n_retries += done.n_tries - 1
            if done.problem:
                self.n_failed += 1
                return
            self.n_answered += 1
            self.n_in += done.n_in or 0
            self.n_out += done.n_out or 0
            self.n_uncounted += done.n_in is None or done.n_out is None

    def add_seconds(self, seconds: float) -> None:
        """Count what a call took."""
        with self._lock:
            self.seconds += seconds

    def as_dict(self) -> dict[str, int | float | None]:
        """Every figure by its name, and ``cost``."""
        names = ("n_answered", "n_failed", "n_requests", "n_retries", "n_in", "n_out")
        figures = {name: getattr(self, name) for name in (*names, "n_uncounted")}
        return figures | {"seconds": round(self.seconds, 3), "cost": self.cost}

    def __str__(self) -> str:
        """One line for people.

        Example:
            >>> meter = Meter(price_in=0.5, price_out=2.0)
            >>> meter.add(Completion("sad", n_in=1200, n_out=3, n_tries=2))
            >>> str(meter)
            '1 answered, 0 failed, 2 requests (1 again), 1200 tokens in, 3 out, 0.0 s, cost 0.0006'
        """
        line = (
            f"{self.n_answered} answered, {self.n_failed} failed, {self.n_requests} requests "
            f"({self.n_retries} again), {self.n_in} tokens in, {self.n_out} out, "
            f"{self.seconds:.1f} s"
        )
        if self.n_uncounted:
            line += f", tokens of {self.n_uncounted} answers not stated"
        return line if self.cost is None else f"{line}, cost {self.cost:.4f}"
