"""Connections that can be cut from outside, so that nobody waits for an answer not wanted."""

import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from typing import Any
from weakref import WeakSet

# What of an `httpx` request opens a connection; the second is the same, encrypted.
_OPENED = ("connection.connect_tcp.complete", "connection.start_tls.complete")


class Connections:
    """The connections that requests opened; see `note`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._streams: WeakSet[Any] = WeakSet()

    def note(self, event: str, info: Mapping[str, Any]) -> None:
        """The ``trace`` of an `httpx` request: keeps what it opens, for as long as it is there."""
        if event.endswith(_OPENED):
            with self._lock:
                self._streams.add(info["return_value"])

    def hang_up(self) -> None:
        """Break off every request under way: whoever waits for its answer is told so at once."""
        with self._lock:
            streams = list(self._streams)
        for stream in streams:
            with suppress(OSError):  # it is closed already
                # Of an encrypted one too: a farewell would wait for whoever reads.
                socket.socket.shutdown(stream.get_extra_info("socket"), socket.SHUT_RDWR)
