"""An endpoint as a backend: every clip ends answered or as an error."""

import json
import re
import signal
import threading
import time
from pathlib import Path

import httpx
import pytest
from chat_server import BROKEN, BUSY, CUT, NO_ANSWER, NO_JSON, ChatServer, Fault

from affecthub.training.asking.asks import Ask, Reply
from affecthub.training.asking.backends import endpoint
from affecthub.training.asking.backends.endpoint import EndpointBackend

TOKEN = "sk-proj-4c1dTESTtokenOfNobody9f"


@pytest.fixture(autouse=True)
def token(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", TOKEN)


@pytest.fixture
def server():
    with ChatServer() as chat:
        yield chat


@pytest.fixture
def waits():
    return []


@pytest.fixture
def backend(server, waits):
    with EndpointBackend(server.url, "small", sleep=waits.append, n_tries=4) as backend:
        yield backend


def asks(*words):
    return [Ask(word, f"Say {word}") for word in words]


def test_words_are_asked_as_the_interface_says(server, backend):
    (reply,) = backend.answer([Ask("a", "Say sad", system="Be brief.")])
    assert reply == Reply("sad", n_in=1, n_out=1)
    (asked,) = server.asked
    assert asked.path == "/v1/chat/completions" and asked.authorization == f"Bearer {TOKEN}"
    assert asked.body == {
        "model": "small",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Say sad"}]},
        ],
        "temperature": 0.0,
        "seed": 0,
        "max_tokens": 512,
    }
    assert backend.answer([]) == []


def test_replies_come_in_the_order_of_the_questions(server, backend):
    words = [f"word{number}" for number in range(40)]
    server.fail(Fault(500), when="word3", times=3)
    assert [reply.text for reply in backend.answer(asks(*words))] == words
    assert (backend.meter.n_answered, backend.meter.n_requests) == (40, 43)


def test_no_more_are_under_way_than_allowed(waits):
    with (
        ChatServer(slow_s=0.02) as server,
        EndpointBackend(server.url, "small", concurrency=3) as backend,
    ):
        calls = [threading.Thread(target=backend.answer, args=(asks(*"abcdef"),)) for _ in "12"]
        for call in calls:
            call.start()
        for call in calls:
            call.join()
        assert len(server.asked) == 12 and server.most_at_once == 3
        assert backend.batch_size == 6


@pytest.mark.parametrize("fault", [BUSY, BROKEN, CUT, NO_JSON, NO_ANSWER], ids=lambda f: f.status)
def test_what_may_pass_is_tried_again(server, backend, waits, fault):
    server.fail(fault, fault, when="sad")
    replies = backend.answer(asks("sad", "glad"))
    assert [reply.text for reply in replies] == ["sad", "glad"]
    assert len(server.asked) == 4 and len(waits) == 2
    assert (backend.meter.n_requests, backend.meter.n_retries) == (4, 2)


@pytest.mark.parametrize(
    ("fault", "problem"),
    [
        (BROKEN, r"got status 500 \(scripted fault 500\), expected status 200"),
        (CUT, "got RemoteProtocolError"),
        (NO_JSON, "got no JSON in the body"),
        (NO_ANSWER, "got JSON without an answer in the body"),
    ],
    ids=["500", "cut", "no json", "no answer"],
)
def test_what_does_not_pass_is_that_clips_error(server, backend, waits, fault, problem):
    server.fail(fault, when="sad", times=4)
    bad, good = backend.answer(asks("sad", "glad"))
    assert bad.text == "" and problem.replace("\\", "") in bad.error
    assert good == Reply("glad", n_in=1, n_out=1)
    assert len(waits) == 3 and backend.meter.n_failed == 1


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_refused_clip_is_not_tried_again(server, backend, waits, status):
    server.fail(Fault(status), when="sad")
    bad, good = backend.answer(asks("sad", "glad"))
    assert f"got status {status}" in bad.error and good.text == "glad"
    assert len(server.asked) == 2 and waits == []


@pytest.mark.parametrize("status", [401, 402, 404, 307])
def test_what_fails_for_all_is_raised_once(server, backend, status):
    server.fail(Fault(status), times=100)
    with pytest.raises(ConnectionError, match=f"got status {status}.*`OPENAI_API_KEY`") as caught:
        backend.answer(asks(*map(str, range(50))))
    assert len(server.asked) <= backend.concurrency and TOKEN not in str(caught.value)
    assert "most end in /v1" not in str(caught.value)


def test_an_address_without_v1_is_told(server):
    with EndpointBackend(server.url.removesuffix("/v1"), "small") as backend:
        with pytest.raises(ConnectionError, match=r"status 404.*\(most end in /v1\)"):
            backend.answer(asks("glad"))


def test_nobody_waits_for_a_server_that_refused(server):
    """What is to be tried again in ten minutes ends when another is refused for all."""
    server.fail(Fault(503, {"Retry-After": "600"}), when="sad")
    server.fail(Fault(401, slow_s=0.2), when="glad")
    with EndpointBackend(server.url, "small", longest_wait_s=600) as backend:
        began = time.monotonic()
        with pytest.raises(ConnectionError, match="got status 401"):
            backend.answer(asks("sad", "glad"))
    assert time.monotonic() - began < 120 and len(server.asked) == 2


def test_an_empty_account_is_not_waited_for(server, backend, waits):
    body = b'{"error": {"message": "no money left", "code": "insufficient_quota"}}'
    server.fail(Fault(429, body=body), times=100)
    with pytest.raises(ConnectionError, match=r"got status 429 \(no money left\)"):
        backend.answer(asks("sad"))
    assert waits == []


def test_forbidden_is_for_all_until_something_was_answered(server, backend):
    server.fail(Fault(403), times=2)
    with pytest.raises(ConnectionError, match="got status 403"):
        backend.answer(asks("sad", "glad"))
    server.fail(Fault(403), when="sad")
    bad, good = backend.answer(asks("sad", "glad"))
    assert "got status 403" in bad.error and good.text == "glad"


def test_a_slow_server_ends_in_an_error(server, waits):
    server.fail(Fault(200, slow_s=300), when="sad", times=2)
    with EndpointBackend(
        server.url, "small", timeout_s=1, n_tries=2, sleep=waits.append
    ) as backend:
        began = time.monotonic()
        bad, good = backend.answer(asks("sad", "glad"))
    assert "got ReadTimeout after 1 s" in bad.error and good.text == "glad"
    assert time.monotonic() - began < 120


@pytest.fixture
def interruptible():
    """A process that was started in the background ignores interrupts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_whoever_interrupts_does_not_wait_for_the_server(server, interruptible):
    server.slow_s = 300
    with EndpointBackend(server.url, "small", concurrency=2) as backend:
        here = threading.main_thread().ident
        threading.Timer(0.3, signal.pthread_kill, [here, signal.SIGINT]).start()
        began = time.monotonic()
        with pytest.raises(KeyboardInterrupt):
            backend.answer(asks("sad", "glad", "calm"))
    assert time.monotonic() - began < 120 and len(server.asked) == 2
    server.slow_s = 0
    with backend:  # it can be asked again
        assert [reply.text for reply in backend.answer(asks("sad", "glad"))] == ["sad", "glad"]


def test_a_trickle_is_no_answer():
    class Trickle(httpx.SyncByteStream):
        def __iter__(self):
            for _ in range(200):
                time.sleep(0.01)
                yield b" "

    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=Trickle()))
    with EndpointBackend(
        "http://chat.test/v1", "small", transport=transport, timeout_s=0.1, n_tries=1
    ) as backend:
        (reply,) = backend.answer(asks("sad"))
    assert "no whole answer in 0.1 s" in reply.error


def test_a_server_that_is_not_there_is_raised(waits):
    with ChatServer() as gone:
        url = gone.url
    with (
        EndpointBackend(url, "small", sleep=waits.append, n_tries=3) as backend,
        pytest.raises(ConnectionError, match="got ConnectError, expected status 200"),
    ):
        backend.answer(asks("sad"))
    assert len(waits) == 2


def test_a_server_that_goes_leaves_answers_and_errors(waits):
    def reply(request):
        if b"sad" in request.read():
            raise httpx.ConnectError("gone")
        return httpx.Response(200, json={"choices": [{"message": {"content": "glad"}}]})

    with EndpointBackend(
        "http://chat.test/v1",
        "small",
        transport=httpx.MockTransport(reply),
        sleep=waits.append,
    ) as backend:
        bad, good = backend.answer(asks("sad", "glad"))
    assert "got ConnectError" in bad.error and good.text == "glad"


def test_answers_are_read_as_servers_write_them():
    bodies = {
        "cut": {"message": {"content": "so"}, "finish_reason": "length"},
        "parts": {"message": {"content": [{"type": "text", "text": "in "}, {"text": "parts"}]}},
        "null": {"message": {"content": None}, "finish_reason": "stop"},
        "filter": {"message": {"content": None}, "finish_reason": "content_filter"},
    }

    def reply(request):
        word = json.loads(request.read())["messages"][0]["content"][-1]["text"].split()[-1]
        return httpx.Response(200, json={"choices": [bodies[word]], "usage": None})

    with EndpointBackend(
        "http://chat.test/v1", "small", transport=httpx.MockTransport(reply)
    ) as backend:
        cut, parts, null, held = backend.answer(asks(*bodies))
    assert cut == Reply("so", cut=True) and parts == Reply("in parts") and null == Reply("")
    assert "held back by the server's filter" in held.error
    assert backend.meter.n_uncounted == 3 and "tokens of 3 answers not stated" in str(backend.meter)


def test_the_longest_answer_and_further_fields(server):
    with EndpointBackend(
        server.url,
        "small",
        max_new_tokens=2,
        extra={"seed": None, "top_k": 1, "api_secret": "hidden-thing"},
    ) as backend:
        server.answer = lambda asked: "one two three"
        (reply,) = backend.answer(asks("sad"))
    assert reply == Reply("one two", n_in=1, n_out=2, cut=True)
    assert "seed" not in server.asked[0].body and server.asked[0].body["top_k"] == 1
    assert "hidden-thing" not in backend.name + repr(backend)


def test_an_answer_may_come_as_a_stream(server, waits):
    server.answer = lambda asked: "难过 and sad"
    with EndpointBackend(
        server.url, "small", extra={"stream": True}, sleep=waits.append
    ) as backend:
        server.fail(Fault(200, cut=True), when="sad")
        assert backend.answer(asks("sad")) == [Reply("难过 and sad", n_in=1, n_out=3)]
        assert len(waits) == 1


def test_the_meter_knows_the_price(server):
    with EndpointBackend(server.url, "small", price_in=1.5, price_out=6.0) as backend:
        backend.answer(asks(*"abcd"))
        meter = backend.meter
    # 4 tokens in and 4 out: (4 x 1.5 + 4 x 6) / 1,000,000
    assert meter.cost == pytest.approx(30e-6)
    assert "4 answered, 0 failed, 4 requests (0 again), 4 tokens in, 4 out" in str(meter)
    assert meter.as_dict()["n_answered"] == 4 and meter.seconds > 0


_NO_URLS = ["", "localhost:8000/v1", "ftp://host/v1", "http://", "http://h:0", "http://a..b/v1"]


@pytest.mark.parametrize("url", [*_NO_URLS, "http://a b/v1", f"http://{'a' * 64}/v1"])
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ValueError, match="no address of an endpoint"):
        EndpointBackend(url, "small")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"video": "gif"}, "unknown form of `video`: got 'gif', expected one of frames, mp4"),
        ({"audio": "mp3"}, "unknown form of `audio`"),
        ({"takes": ["smell"]}, "unknown kind of media: got 'smell'"),
        ({"concurrency": 0}, "concurrency=0"),
        ({"n_tries": 0}, "`n_tries` got 0, expected more than 0"),
        ({"price_in": -1}, "`price_in` is no price: got -1"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings, problem):
    with pytest.raises(ValueError, match=problem):
        EndpointBackend("http://host/v1", "small", **settings)


def test_the_name_holds_what_answers_depend_on():
    def name(**settings):
        return EndpointBackend("http://host/v1/", "small", **settings).name

    names = {
        name(),
        name(seed=1),
        name(temperature=0.5),
        name(max_new_tokens=8),
        name(video="mp4"),
        name(audio="audio_url"),
        name(revision="bf16"),
        name(extra={"top_k": 1}),
    }
    assert len(names) == 8 and name() == name(concurrency=2, n_tries=1, timeout_s=3)
    two = [
        EndpointBackend(url, "small", revision="bf16").name for url in ("http://a/1", "http://b/1")
    ]
    assert two[0] == two[1]


def test_the_example_of_the_page_runs(server, capsys, monkeypatch):
    page = Path(endpoint.__file__).parents[1] / "ENDPOINTS.md"
    (code,) = re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL)
    monkeypatch.delenv("OPENAI_API_KEY")
    exec(code.replace("http://localhost:8000/v1", server.url), {})
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].startswith("audio came through") and printed[2] == "won!"
    # 12 questions of the probe and one: 8 frames, a sound and words, then words alone.
    assert "13 answered, 0 failed, 13 requests (0 again), 121 tokens in, 13 out" in printed[3]


def test_it_can_be_closed_and_asked_again(server, backend):
    backend.answer(asks("a"))
    backend.close()
    backend.close()
    assert backend.answer(asks("b")) == [Reply("b", n_in=1, n_out=1)]
