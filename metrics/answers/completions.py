"""A server of chat completions, asked with patience; the token is in no text that leaves here."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any
from zlib import crc32

from affecthub.errors import require
from affecthub.metrics.answers.access import authorization, require_address
from affecthub.metrics.answers.completion import Completion, broken_off, read_body
from affecthub.metrics.answers.hanging_up import Connections

_LONGEST_BACKOFF_S = 8.0
# More than any answer holds; a body that has no end is not kept in memory.
_MOST_BYTES = 32 * 2**20


@dataclass(frozen=True)
class Completions:
    """The interface ``/chat/completions`` of an OpenAI-compatible server.

    A request is sent again after 408, 425, 429 and 5xx, after a connection that fails, breaks off
    or is too slow, and after a body that is no answer. The wait doubles from 1 s up to 8 s, less
    up to half of it by a number that depends on the request alone, so that requests do not come
    back together and two runs wait alike; a ``Retry-After`` is heeded up to `longest_wait_s`.

    Attributes:
        url: Up to and without ``/chat/completions``.
        token_variable: Environment variable that holds the token; it is read for every request.
        timeout_s: For one try, whole.
        n_tries: Tries in all, the first among them.
        longest_wait_s: Longest wait between two tries.
        transport: An `httpx` transport in place of the network.
        sleep: In place of waiting.
        connections: Those of its clients, to be broken off.

    Raises:
        ValueError: The address is none, or holds what may be a secret; a number makes no sense.
    """

    url: str
    token_variable: str = "OPENAI_API_KEY"
    timeout_s: float = 60.0
    n_tries: int = 4
    longest_wait_s: float = 60.0
    transport: Any = None
    sleep: Callable[[float], object] | None = None
    connections: Connections = field(
        default_factory=Connections, init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Check the fields."""
        require_address(self.url)
        for name in ("timeout_s", "n_tries", "longest_wait_s"):
            if not getattr(self, name) > 0:
                raise ValueError(f"`{name}` got {getattr(self, name)}, expected more than 0.")

    def client(self, n_connections: int) -> Any:
        """An `httpx` client for as many requests at once; it holds no token. To be closed."""
        httpx = require("httpx", "metrics", "ask a chat endpoint")
        return httpx.Client(
            timeout=self.timeout_s,
            transport=self.transport,
            limits=httpx.Limits(
                max_connections=n_connections, max_keepalive_connections=n_connections
            ),
        )

    def ask(
        self,
        client: Any,
        request: Mapping[str, Any],
        stop: threading.Event | None = None,
    ) -> Completion:
        """Send one request until it is answered, refused, or out of tries.

        Args:
            client: What `client` gave; may be shared by threads.
            request: The body.
            stop: Ends the tries, and the wait for the next, when it is set.

        Raises:
            ValueError: The token in the environment is none that can be sent.
        """
        body = json.dumps(request).encode()
        began = time.monotonic()
        reached, done, wait_s = False, Completion(), None
        sleep = self.sleep or (stop.wait if stop is not None else time.sleep)
        for number in range(1, self.n_tries + 1):
            if number > 1:
                sleep(self.wait_s(number - 1, body, wait_s))
                if stop is not None and stop.is_set():
                    break
            done, wait_s = self._try(client, body)
            reached |= done.reached
            done = replace(done, n_tries=number)
            if done.whose != "server":
                break
        return replace(done, reached=reached, seconds=time.monotonic() - began)

    def wait_s(self, number: int, body: bytes, asked_for_s: float | None = None) -> float:
        """Seconds to wait after a failed try.

        Args:
            number: Of the failed try, from 1.
            body: Of the request.
            asked_for_s: What the server asked for.
        """
        doubled = min(2.0 ** min(number - 1, 10), _LONGEST_BACKOFF_S)
        spread = crc32(body, number) / 2**32
        return min(max(doubled * (1 - spread / 2), asked_for_s or 0.0), self.longest_wait_s)

    def refused(self, model: str, done: Completion) -> ConnectionError:
        """The error for a failure that concerns everybody, to be raised."""
        token = f"the token in `{self.token_variable}`"
        if not authorization(self.token_variable):
            token += ", which is not set"
        address = "the address" if self.url.endswith("/v1") else "the address (most end in /v1)"
        return ConnectionError(
            f"{self.url} did not answer for {model}: got {done.problem}, expected status 200. "
            f"Check {address}, the model's name, and {token}."
        )

    def _try(self, client: Any, body: bytes) -> tuple[Completion, float | None]:
        """One try, and the seconds after which the server wants the next."""
        httpx = require("httpx", "metrics", "ask a chat endpoint")
        until = time.monotonic() + self.timeout_s
        answer, headers = bytearray(), {"Content-Type": "application/json"}
        headers |= authorization(self.token_variable)
        address = f"{self.url.rstrip('/')}/chat/completions"
        try:
            with client.stream(
                "POST",
                address,
                content=body,
                headers=headers,
                extensions={"trace": self.connections.note},
            ) as reply:
                for piece in reply.iter_bytes():
                    answer += piece
                    if time.monotonic() > until:
                        return broken_off(f"no whole answer in {self.timeout_s:g} s"), None
                    if len(answer) > _MOST_BYTES:
                        return broken_off(f"an answer of more than {_MOST_BYTES} bytes"), None
        except httpx.TimeoutException as error:
            reached = not isinstance(error, httpx.ConnectTimeout)
            problem = f"{type(error).__name__} after {self.timeout_s:g} s"
            return replace(broken_off(problem), reached=reached), None
        except httpx.RequestError as error:
            reached = not isinstance(error, httpx.ConnectError)
            return replace(broken_off(type(error).__name__), reached=reached), None
        done = read_body(reply.status_code, bytes(answer), self.token_variable)
        return done, _seconds(reply.headers.get("Retry-After"))


def _seconds(retry_after: str | None) -> float | None:
    """A ``Retry-After`` in seconds, given as a number or as a date; None where it is neither."""
    if not retry_after:
        return None
    try:
        seconds = float(retry_after)
    except ValueError:
        try:
            seconds = parsedate_to_datetime(retry_after).timestamp() - time.time()
        except (ValueError, OverflowError):
            return None
    return seconds if 0 < seconds < float("inf") else None
