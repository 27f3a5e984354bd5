"""Any OpenAI-compatible server as a backend: vLLM, SGLang, a hosted model."""

import hashlib
import json
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from affecthub.errors import unknown_name
from affecthub.metrics.answers.completion import Completion
from affecthub.metrics.answers.completions import Completions
from affecthub.training.asking.asks import Ask, Kind, Reply
from affecthub.training.asking.backends.chat_request import (
    AUDIO_FORMS,
    RATE_HZ,
    VIDEO_FORMS,
    AudioForm,
    VideoForm,
    messages_of,
)
from affecthub.training.asking.backends.meter import Meter
from affecthub.training.asking.backends.probe import ProbeReport, probe_backend

_FORBIDDEN = 403


class EndpointBackend:
    """Asks a server, several clips at once, and loses none.

    A clip that the server refuses (400, 413, 422 and the like), cannot answer in all tries or holds
    back is an error reply. What would fail for every clip is raised once: a refused token (401), no
    money (402, ``insufficient_quota``), an unknown model or address (404, redirects), a server that
    nothing of a batch could reach, and 403 as long as nothing has been answered.

    Args:
        url: Up to and without ``/chat/completions``.
        model: Its name there.
        token_variable: Environment variable that holds the token; it is read for every request, and
            is in no reply, error, name or file.
        concurrency: Requests under way at once, over all threads that ask.
        max_new_tokens: Longest answer.
        temperature: 0 for greedy answers.
        seed: Sent with every request.
        timeout_s: For one try of a request, whole.
        n_tries: Tries of a request that the server is too busy for or that breaks off.
        longest_wait_s: Longest wait between two tries, whatever the server asks for.
        video: "frames" sends JPEGs, "mp4" a film; see `chat_request.messages_of`.
        audio: "input_audio" or "audio_url", likewise.
        takes: The media that the model there takes.
        revision: What is served, in words of your own (weights, quantization). It stands in the
            name in place of the address, so that several servers can write one journal.
        extra: Further fields of every request; a field that is None is left out.
        price_in: For a million tokens read; with `price_out` the meter states a cost.
        price_out: For a million tokens written.
        transport: An `httpx` transport in place of the network.
        sleep: In place of ``time.sleep``.

    Raises:
        ValueError: The address is none or holds a secret, or a setting makes no sense.
        ImportError: httpx is not installed.

    Attributes:
        meter: What it has cost so far.
        asks_alone: An answer does not depend on what is asked beside it.
    """

    asks_alone = True

    def __init__(
        self,
        url: str,
        model: str,
        *,
        token_variable: str = "OPENAI_API_KEY",
        concurrency: int = 8,
        max_new_tokens: int = 512,
        temperature: float = 0.0,
        seed: int = 0,
        timeout_s: float = 300.0,
        n_tries: int = 5,
        longest_wait_s: float = 60.0,
        video: VideoForm = "frames",
        audio: AudioForm = "input_audio",
        takes: Iterable[Kind] = ("audio", "video"),
        revision: str = "",
        extra: Mapping[str, Any] | None = None,
        price_in: float | None = None,
        price_out: float | None = None,
        transport: Any = None,
        sleep: Callable[[float], object] | None = None,
    ) -> None:
        self._server = Completions(
            url, token_variable, timeout_s, n_tries, longest_wait_s, transport, sleep
        )
        for name, got, known in (("video", video, VIDEO_FORMS), ("audio", audio, AUDIO_FORMS)):
            if got not in known:
                raise unknown_name(f"form of `{name}`", got, known)
        for kind in takes:
            if kind not in ("audio", "video"):
                raise unknown_name("kind of media", kind, ("audio", "video"))
        if not model or concurrency < 1 or max_new_tokens < 1:
            raise ValueError(
                f"an endpoint needs more: got model={model!r}, concurrency={concurrency}, "
                f"max_new_tokens={max_new_tokens}, expected a name and numbers of 1 or more."
            )
        self.url, self.model, self.video, self.audio = url, model, video, audio
        self.concurrency, self.meter = concurrency, Meter(price_in, price_out)
        self._takes: frozenset[Kind] = frozenset(takes)
        self._revision, self._extra = revision, dict(extra or {})
        self._settings = {"temperature": temperature, "seed": seed, "max_tokens": max_new_tokens}
        self._lock = threading.Lock()
        self._open_now: tuple[ThreadPoolExecutor, Any] | None = None

    def __repr__(self) -> str:
        """As it was made, in short."""
        return f"EndpointBackend({self.url!r}, {self.model!r}, concurrency={self.concurrency})"

    @property
    def name(self) -> str:
        """The server, the model, how it is handed media and how it answers; never a token."""
        settings = " ".join(f"{name}={value}" for name, value in self._settings.items())
        extra = json.dumps(self._extra, sort_keys=True, ensure_ascii=True, default=str)
        digest = hashlib.sha256(extra.encode()).hexdigest()[:12]
        return (
            f"{self._revision or self.url.rstrip('/')} {self.model} video={self.video} "
            f"audio={self.audio}@{RATE_HZ} {settings}" + (f" extra={digest}" if self._extra else "")
        )

    @property
    def takes(self) -> frozenset[Kind]:
        """Media that are handed over."""
        return self._takes

    @property
    def batch_size(self) -> int:
        """Twice as many as are under way, so that a slow one does not leave the others idle."""
        return 2 * self.concurrency

    def answer(self, asks: Sequence[Ask]) -> list[Reply]:
        """One reply per question, in order; none for none.

        Raises:
            ConnectionError: What would fail for every clip; says what to check.
            ValueError: The token in the environment cannot be sent.
        """
        if not asks:
            return []
        began, stop = time.monotonic(), threading.Event()
        threads, client = self._open()
        futures = [threads.submit(self._ask, client, ask, stop) for ask in asks]
        try:
            done = [future.result() for future in futures]
        except BaseException:
            _stop(stop, futures)
            self._server.connections.hang_up()  # else whoever interrupts waits for the server
            raise
        finally:
            self.meter.add_seconds(time.monotonic() - began)
        self._require_server(done)
        return [_reply(each) for each in done]

    def probe(self, kinds: Collection[Kind] | None = None) -> ProbeReport:
        """Ask what only sound says and only pictures show; see `probe.probe_backend`.

        Args:
            kinds: The media to be asked for later; None is all that the model takes.

        Raises:
            ProbeError: What was sent did not come through.
            ConnectionError: As `answer`.
        """
        return probe_backend(self, kinds)

    def close(self) -> None:
        """Let go of connections and threads; the next question opens them again."""
        with self._lock:
            open_now, self._open_now = self._open_now, None
        if open_now is not None:
            threads, client = open_now
            threads.shutdown(wait=True, cancel_futures=True)
            client.close()

    def __enter__(self) -> "EndpointBackend":
        """The backend itself."""
        return self

    def __exit__(self, *error: object) -> None:
        """Close it."""
        self.close()

    def _open(self) -> tuple[ThreadPoolExecutor, Any]:
        with self._lock:
            if self._open_now is None:
                threads = ThreadPoolExecutor(self.concurrency, "endpoint")
                self._open_now = threads, self._server.client(self.concurrency)
            return self._open_now

    def _ask(self, client: Any, ask: Ask, stop: threading.Event) -> Completion:
        """What became of one question; nothing is sent once another has failed for all."""
        if stop.is_set():
            return Completion()
        try:
            messages = messages_of(ask, self.video, self.audio)
        except ValueError as error:
            return Completion(problem=str(error), whose="request")
        request = {"model": self.model, "messages": messages, **self._settings, **self._extra}
        request = {name: value for name, value in request.items() if value is not None}
        done = self._server.ask(client, request, stop)
        self.meter.add(done)
        if done.whose == "all" and done.status != _FORBIDDEN:
            stop.set()
        return done

    def _require_server(self, done: Sequence[Completion]) -> None:
        """Raise what would fail for every clip."""
        for each in done:
            if each.whose == "all" and (each.status != _FORBIDDEN or not self.meter.n_answered):
                raise self._server.refused(self.model, each)
        sent = [each for each in done if each.n_tries]
        if sent and not any(each.reached for each in sent):
            raise self._server.refused(self.model, sent[0])


def _stop(stop: threading.Event, futures: Sequence[Future[Completion]]) -> None:
    stop.set()
    for future in futures:
        future.cancel()


def _reply(done: Completion) -> Reply:
    if done.problem and done.n_tries:
        return Reply(error=f"the server gave no answer: got {done.problem}, expected status 200")
    if done.problem:
        return Reply(error=done.problem)
    return Reply(done.text, done.n_in, done.n_out, done.cut)
