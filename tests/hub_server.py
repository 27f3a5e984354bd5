"""A Hub on this machine: what ``huggingface_hub`` 2.4 asks for, with rights, conflicts and faults.

Repositories, branches, tags, pull requests, large files by LFS in one piece or several, gated
repositories and settings; no Xet (the client needs ``HF_HUB_DISABLE_XET=1``). Nothing is written to
a disk.
"""

import json
import os
import re
import threading
from collections.abc import Callable, Collection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

from hub_asked import Answer, Asked
from hub_faults import Fault
from hub_routes import ROUTES
from hub_store import Account, Refusal, Repository, Store

TOKENS = {
    "write": "hf_testWriteTokenOfTesterAAAAAAAAAAAAA",
    "read": "hf_testReadTokenOfTesterBBBBBBBBBBBBBB",
    "stranger": "hf_testWriteTokenOfStrangerCCCCCCCCCC",
    "wrong": "hf_testTokenThatNobodyHasDDDDDDDDDDDD",
}


class Request(NamedTuple):
    """A request that was answered; ``status`` 0 is none, for the connection was cut."""

    method: str
    path: str
    status: int
    n_bytes: int
    token: str | None


class _Cut(Exception):  # noqa: N818  (not a mistake)
    """The connection ends here."""


class HubServer:
    """The Hub, while the block runs.

    Attributes:
        url: Where it listens.
        tokens: By what they may do: ``"write"`` and ``"read"`` are those of ``tester``, a member of
            ``org``; ``"stranger"`` is somebody else's, ``"wrong"`` nobody's.
        requests: What was asked, in order.
        store: What it keeps.
        multipart_bytes: Files from here on are uploaded in parts of as many bytes.
        page: How many files a listing says at once.
    """

    def __init__(self) -> None:
        self.tokens = dict(TOKENS)
        self.store = Store(
            {
                TOKENS["write"]: Account("tester", "write", ("org",)),
                TOKENS["read"]: Account("tester", "read", ("org",)),
                TOKENS["stranger"]: Account("stranger", "write"),
            }
        )
        self.requests: list[Request] = []
        self.multipart_bytes, self.page = 20_000_000, 1000
        self.lock = threading.RLock()
        self._faults: list[Fault] = []
        handler = type("Handler", (_Handler,), {"hub": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def __enter__(self) -> "HubServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def environment(self, home: Path, token: str = "write") -> dict[str, str]:
        """Of a fresh process that talks to this Hub and keeps what it fetches in ``home``."""
        set_here = ("HF_", "HUGGINGFACE_", "TRANSFORMERS_OFFLINE")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(set_here)}
        said = {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(home),
            "HF_HUB_DISABLE_XET": "1",
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_OFFLINE": "0",
        }
        if token != "none":
            said["HF_TOKEN"] = self.tokens[token]
        return kept | said

    def repository(self, kind: str, repo_id: str) -> Repository:
        return self.store.repositories[kind, repo_id]

    def files(self, kind: str, repo_id: str, revision: str = "main") -> dict[str, bytes]:
        """The content of a repository, without the Hub's own ``.gitattributes``."""
        held = self.repository(kind, repo_id).files(revision)
        return {
            path: self.store.content(file)
            for path, file in sorted(held.items())
            if path != ".gitattributes"
        }

    def uploads(self) -> list[str]:
        """The large files, by their sha256, whose bytes came whole, in order, repeats included."""
        puts = [r.path for r in self.requests if r.method == "PUT" and r.status == 200]
        return [path.split("/")[-1] for path in puts if path.startswith("/_lfs/object/")]

    def fail(
        self,
        pattern: str,
        status: int = 503,
        on: Collection[int] | None = None,
        method: str | None = None,
        **headers: str,
    ) -> None:
        """Answer by a status; ``headers`` as ``Retry_After="1"``."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.befall(Fault(pattern, method, on, status=status, headers=named))

    def drop(
        self,
        pattern: str,
        after: int = 0,
        on: Collection[int] | None = None,
        method: str | None = None,
    ) -> None:
        """Cut the connection after some bytes."""
        self.befall(Fault(pattern, method, on, after=after))

    def lose(self, pattern: str, on: Collection[int] | None = None) -> None:
        """Do what is asked, and lose the answer on its way."""
        self.befall(Fault(pattern, None, on, lost=True))

    def slow(self, pattern: str, bytes_per_s: float) -> None:
        """Let bodies travel slowly."""
        self.befall(Fault(pattern, bytes_per_s=bytes_per_s))

    def before(
        self, pattern: str, action: Callable[[], None], on: Collection[int] | None = (1,)
    ) -> None:
        """Call something before a request is looked at."""
        self.befall(Fault(pattern, None, on, action=action))

    def befall(self, fault: Fault) -> None:
        self._faults.append(fault)

    def mend(self) -> None:
        """Take all faults away."""
        self._faults.clear()

    def faults_of(self, method: str, path: str) -> list[Fault]:
        with self.lock:
            return [fault for fault in self._faults if fault.befalls(method, path)]


class _Handler(BaseHTTPRequestHandler):
    """Reads a request, finds its route, writes the answer."""

    hub: HubServer
    protocol_version = "HTTP/1.1"
    # Else each answer waits 40 ms for the kernel to put its head and its body together.
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def answer(self) -> None:
        self.faults = self.hub.faults_of(self.command, self.path)
        authorization = self.headers.get("Authorization")
        token = authorization.removeprefix("Bearer ") if authorization else None
        status, n_bytes, noted = 0, 0, False

        def note() -> None:
            with self.hub.lock:
                self.hub.requests.append(Request(self.command, self.path, status, n_bytes, token))

        try:
            for fault in self.faults:
                if fault.action:
                    fault.action()
            body = self._read()
            n_bytes = len(body)
            given = self._decide(body, authorization)
            status = given.status
            if any(fault.lost for fault in self.faults):
                status = 0
                raise _Cut
            note()  # before the answer, so that whoever has it finds it noted
            noted = True
            self._write(given)
        except (_Cut, ConnectionError, TimeoutError):
            self.close_connection = True
            self.connection.close()
        finally:
            if not noted:
                note()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = answer  # noqa: N815

    def _decide(self, body: bytes, authorization: str | None) -> Answer:
        for fault in self.faults:
            if fault.status:
                words = {"error": "Internal error, please retry"}
                return Answer(words, fault.status, dict(fault.headers))
        split = urlsplit(self.path)
        with self.hub.lock:
            try:
                who = self.hub.store.account(authorization)
                for method, pattern, route in ROUTES:
                    here = method.split("|")
                    if self.command in here and (found := re.fullmatch(pattern, split.path)):
                        parts = [unquote(part) if part else part for part in found.groups()]
                        query = {k: v[0] for k, v in parse_qs(split.query).items()}
                        headers = {name.title(): value for name, value in self.headers.items()}
                        asked = Asked(self.hub, who, body, headers, query)
                        return route(asked, *parts)
                raise Refusal(404, "", f"Cannot {self.command} {split.path}")
            except Refusal as refused:
                headers = {"X-Error-Message": refused.words}
                if refused.code:
                    headers["X-Error-Code"] = refused.code
                return Answer({"error": refused.words}, refused.status, headers)

    def _read(self) -> bytes:
        """The body, as far as it comes."""
        if self.headers.get("Transfer-Encoding", "").lower() == "chunked":
            parts = []
            while n := int(self.rfile.readline().split(b";")[0] or b"0", 16):
                parts.append(self._take(n, sum(map(len, parts))))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(parts)
        return self._take(int(self.headers.get("Content-Length") or 0), 0)

    def _take(self, n_bytes: int, taken: int) -> bytes:
        limit = min((f.after for f in self.faults if f.after is not None), default=None)
        if limit is not None and taken + n_bytes > limit:
            self.rfile.read(max(0, limit - taken))
            raise _Cut
        parts = []
        while n_bytes > 0 and (part := self.rfile.read(min(n_bytes, 1 << 16))):
            for fault in self.faults:
                fault.pause(len(part))
            parts.append(part)
            n_bytes -= len(part)
        if n_bytes > 0:
            raise _Cut
        return b"".join(parts)

    def _write(self, given: Answer) -> None:
        body = given.body if isinstance(given.body, bytes) else json.dumps(given.body).encode()
        kind = "application/octet-stream" if isinstance(given.body, bytes) else "application/json"
        self.send_response(given.status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body))}.items():
            self.send_header(name, given.headers.pop(name, value))
        for name, value in given.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        limit = min((f.after for f in self.faults if f.after is not None), default=None)
        for start in range(0, len(body), 1 << 16):
            part = body[start : start + (1 << 16)]
            if limit is not None and start + len(part) > limit:
                self.wfile.write(part[: limit - start])
                self.wfile.flush()
                raise _Cut
            for fault in self.faults:
                fault.pause(len(part))
            self.wfile.write(part)


def _main() -> None:
    """Serve until stopped, for looking at by hand."""
    with HubServer() as hub:
        print(json.dumps({"HF_ENDPOINT": hub.url, **hub.tokens}))
        threading.Event().wait()


if __name__ == "__main__":
    _main()
