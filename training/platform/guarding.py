"""What stands before every request: headers of the answers, sizes, origins, and attempts."""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

MAX_BODY = 64 * 1024
ATTEMPTS, WINDOW_S = 10, 300.0

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
        "media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
    "cache-control": "no-store",
}
# A page of another site cannot send this header without being asked about it first, and is refused.
OWN_HEADER = b"x-affecthub"


class Guard:
    """Middleware: refuses what our page would not send, and sets the headers of all answers.

    A request that changes something must be JSON of at most ``MAX_BODY`` bytes whose length is
    stated, carry our own header, and, where a browser says whence it comes, come from this page.

    Args:
        app: What is guarded.
    """

    def __init__(self, app: Callable[[Scope, Receive, Send], Awaitable[None]]) -> None:
        self._app = app
        self._headers = [(name.encode(), value.encode()) for name, value in HEADERS.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_guarded(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in self._headers}
                kept = [pair for pair in message.get("headers", []) if pair[0].lower() not in own]
                message["headers"] = [*kept, *self._headers]
            await send(message)

        status = _refused(scope)
        if status is None:
            await self._app(scope, receive, send_guarded)
            return
        body = b'{"why": "refused"}'
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send_guarded({"type": "http.response.start", "status": status, "headers": headers})
        await send_guarded({"type": "http.response.body", "body": body})


class Attempts:
    """Failed attempts to sign in, by where they come from.

    Args:
        limit: How many may fail within the window.
        window_s: Its length in seconds.
    """

    def __init__(self, limit: int = ATTEMPTS, window_s: float = WINDOW_S) -> None:
        self._limit, self._window_s = limit, window_s
        self._failed: dict[str, deque[float]] = defaultdict(deque)
        self._guard = threading.Lock()

    def wait_s(self, where: str) -> int:
        """Seconds until somebody may try again; 0 for now."""
        with self._guard:
            failed = self._recent(where)
            if len(failed) < self._limit:
                return 0
            return max(1, round(failed[0] + self._window_s - time.monotonic()))

    def fail(self, where: str) -> None:
        """Note a failed attempt."""
        with self._guard:
            self._recent(where).append(time.monotonic())

    def _recent(self, where: str) -> deque[float]:
        begin = time.monotonic() - self._window_s
        for key in [key for key, failed in self._failed.items() if failed and failed[-1] < begin]:
            del self._failed[key]
        failed = self._failed[where]
        while failed and failed[0] < begin:
            failed.popleft()
        return failed


def _refused(scope: Scope) -> int | None:
    """The status of a request that is not let through."""
    if scope["method"] in ("GET", "HEAD"):
        return None
    if scope["method"] != "POST":
        return 405
    headers = dict(scope["headers"])
    length = headers.get(b"content-length", b"")
    if not length.isdigit():
        return 411
    if int(length) > MAX_BODY:
        return 413
    if headers.get(b"content-type", b"").split(b";")[0].strip().lower() != b"application/json":
        return 415
    if headers.get(OWN_HEADER) != b"1":
        return 403
    host = headers.get(b"host", b"")
    origin = headers.get(b"origin")
    if origin is not None and origin.partition(b"://")[2] != host:
        return 403
    if headers.get(b"sec-fetch-site", b"same-origin") not in (b"same-origin", b"none"):
        return 403
    return None
