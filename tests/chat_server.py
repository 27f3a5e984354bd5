"""A server of chat completions on this machine: answers like vLLM, hears, sees, and fails on order.

Nothing of a model: beeps are counted in the wav that was sent and coloured squares in the pictures,
everything else is answered by a function. Faults are scripted, for all requests or for those whose
question holds a word.
"""

import base64
import io
import json
import threading
import time
import wave
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple

import numpy as np


class Asked(NamedTuple):
    """A request as it came.

    Attributes:
        path: What was asked for.
        authorization: The header; None where there was none.
        body: The JSON.
        at_s: When, by the monotonic clock.
    """

    path: str
    authorization: str | None
    body: dict[str, Any]
    at_s: float

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The parts of the user's message."""
        content = self.body["messages"][-1]["content"]
        return [{"type": "text", "text": content}] if isinstance(content, str) else content

    @property
    def question(self) -> str:
        """The words of the user's message."""
        return "".join(part["text"] for part in self.parts if part["type"] == "text")

    def media(self, kind: str) -> list[bytes]:
        """The files of one kind of part: "input_audio", "audio_url", "image_url", "video_url"."""
        found = [part[kind] for part in self.parts if part["type"] == kind]
        return [base64.b64decode(each.get("data") or each["url"].split(",")[1]) for each in found]


@dataclass(frozen=True)
class Fault:
    """What happens in place of an answer.

    Attributes:
        status: Of the reply.
        headers: Beside those that are always there.
        body: Of the reply; None is an error as vLLM words it.
        cut: Whether the connection ends in the middle of the body.
        slow_s: Seconds before anything is said.
        echoes: Whether the error repeats the Authorization header.
    """

    status: int = 500
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    cut: bool = False
    slow_s: float = 0.0
    echoes: bool = False


BUSY = Fault(429, {"Retry-After": "3"})
BROKEN = Fault(500)
CUT = Fault(200, cut=True)
NO_JSON = Fault(200, body=b"<html>welcome</html>")
NO_ANSWER = Fault(200, body=b'{"choices": []}')


class ChatServer:
    """The server, while the block runs.

    Args:
        answer: What is said to all but probes; the default repeats the question's last word.
        hears: Whether it listens to the sound that it is sent; else it answers as if there were
            two beeps, whatever was sent.
        sees: Likewise, of squares.
        counts: Whether it states the tokens: one per part read, one per word written.
        slow_s: Seconds that every answer takes.

    Attributes:
        url: Up to and with ``/v1``.
        asked: Requests in the order in which they came.
        most_at_once: Most requests that were under way together.
    """

    def __init__(
        self,
        answer: Callable[[Asked], str] | None = None,
        *,
        hears: bool = True,
        sees: bool = True,
        counts: bool = True,
        slow_s: float = 0.0,
    ) -> None:
        self.answer = answer or (lambda asked: asked.question.split()[-1])
        self.hears, self.sees, self.counts, self.slow_s = hears, sees, counts, slow_s
        self.asked: list[Asked] = []
        self.most_at_once = 0
        self.lock, self.ended = threading.Lock(), threading.Event()
        self._at_once = 0
        self._faults: list[tuple[str, Fault]] = []
        handler = type("Handler", (_Handler,), {"chat": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )

    def __enter__(self) -> "ChatServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()

    def fail(self, *faults: Fault, when: str = "", times: int = 1) -> None:
        """Have the next requests whose question holds `when` fail, each fault as often as said."""
        with self.lock:
            self._faults += [(when, fault) for fault in faults for _ in range(times)]

    def begin(self, asked: Asked) -> Fault | None:
        """Note a request, and say how it is to fail."""
        with self.lock:
            self.asked.append(asked)
            self._at_once += 1
            self.most_at_once = max(self.most_at_once, self._at_once)
            for number, (when, fault) in enumerate(self._faults):
                if when in asked.question:
                    del self._faults[number]
                    return fault
        return None

    def end(self) -> None:
        """Note that a request is over."""
        with self.lock:
            self._at_once -= 1

    def reply(self, asked: Asked) -> dict[str, Any]:
        """The body of an answer."""
        text = self._say(asked)
        words = text.split()
        most = asked.body.get("max_tokens", 10**9)
        reply: dict[str, Any] = {
            "object": "chat.completion",
            "model": asked.body["model"],
            "choices": [
                {
                    "index": 0,
                    "message": {"role": "assistant", "content": " ".join(words[:most])},
                    "finish_reason": "stop" if len(words) <= most else "length",
                }
            ],
        }
        if self.counts:
            reply["usage"] = {
                "prompt_tokens": len(asked.parts),
                "completion_tokens": min(len(words), most),
            }
        return reply

    def _say(self, asked: Asked) -> str:
        if "beeps" in asked.question:
            sounds = asked.media("input_audio") + asked.media("audio_url")
            return str(count_beeps(sounds[0]) if self.hears and sounds else 2)
        if "squares" in asked.question:
            films = asked.media("video_url")
            pictures = [first_picture(film) for film in films]
            pictures += [opened(file) for file in asked.media("image_url")]
            return str(count_squares(pictures[0]) if self.sees and pictures else 2)
        return self.answer(asked)


def count_beeps(file: bytes) -> int:
    """How often a wav becomes loud."""
    with wave.open(io.BytesIO(file)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 16000)
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32768
    loud = np.abs(samples[: len(samples) // 320 * 320]).reshape(-1, 320).max(axis=1) > 0.1
    return int(loud[0]) + int(np.count_nonzero(loud[1:] & ~loud[:-1]))


def count_squares(picture: np.ndarray) -> int:
    """How many coloured patches a picture has that do not touch."""
    small = picture[::8, ::8].astype(int)
    left = {(int(y), int(x)) for y, x in np.argwhere(np.ptp(small, axis=2) > 60)}
    found = 0
    while left:
        found += 1
        patch = [left.pop()]
        while patch:
            y, x = patch.pop()
            near = {(y + 1, x), (y - 1, x), (y, x + 1), (y, x - 1)} & left
            left -= near
            patch += near
    return found


def opened(file: bytes) -> np.ndarray:
    """A JPEG as uint8 RGB."""
    from PIL import Image

    with Image.open(io.BytesIO(file)) as picture:
        assert picture.format == "JPEG"
        return np.asarray(picture.convert("RGB"))


def first_picture(file: bytes) -> np.ndarray:
    """The first frame of a film; a film with sound is refused."""
    import av

    with av.open(io.BytesIO(file)) as film:
        assert [stream.type for stream in film.streams] == ["video"]
        return next(film.decode(video=0)).to_ndarray(format="rgb24")


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever gave up waiting is not worth a traceback."""


class _Handler(BaseHTTPRequestHandler):
    chat: ChatServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        """Say nothing."""

    def do_POST(self) -> None:  # noqa: N802  (the name the library asks for)
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        authorization = self.headers.get("Authorization")
        asked = Asked(self.path, authorization, json.loads(raw), time.monotonic())
        fault = self.chat.begin(asked)
        try:
            if self.path != "/v1/chat/completions":
                fault = Fault(404)
            self.chat.ended.wait(fault.slow_s if fault else self.chat.slow_s)
            if fault is None or (fault.status == 200 and fault.body is None):
                body = _written(self.chat.reply(asked), bool(asked.body.get("stream")))
            else:
                body = fault.body if fault.body is not None else _error(fault, authorization)
        finally:
            self.chat.end()
        self._send(fault or Fault(200), body)

    def _send(self, fault: Fault, body: bytes) -> None:
        self.send_response(fault.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        for name, value in fault.headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if fault.cut else body)
        self.close_connection = self.close_connection or fault.cut


def _written(reply: dict[str, Any], stream: bool) -> bytes:
    """An answer in one piece, or letter by letter."""
    if not stream:
        return json.dumps(reply).encode()
    (choice,) = reply["choices"]
    deltas: list[dict[str, Any]] = [
        {"delta": {"content": letter}, "finish_reason": None}
        for letter in choice["message"]["content"]
    ]
    deltas.append({"delta": {}, "finish_reason": choice["finish_reason"]})
    events = [{"choices": [delta]} for delta in deltas]
    events.append({"choices": [], "usage": reply.get("usage")})
    lines = [*map(json.dumps, events), "[DONE]"]
    return "".join(f"data: {line}\n\n" for line in lines).encode()


def _error(fault: Fault, authorization: str | None) -> bytes:
    said = f"scripted fault {fault.status}"
    if fault.echoes:
        said += f": request {{'authorization': '{authorization}'}} was not understood"
    return json.dumps({"error": {"message": said, "code": fault.status}}).encode()
