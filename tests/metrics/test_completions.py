"""The one client of chat completions: how long it waits, what it gives up, what it hides."""

import json
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from affecthub.metrics.answers.access import authorization, without_token
from affecthub.metrics.answers.completion import read_body
from affecthub.metrics.answers.completions import Completions

OK = {"choices": [{"message": {"content": "sad"}}]}


@pytest.fixture
def ask():
    """Ask a server that gives prepared replies; what became of it, and the waits."""

    def run(*replies, **settings):
        left, waits = list(replies), []

        def reply(request):
            code, headers = left.pop(0) if left else (200, {})
            return httpx.Response(code, headers=headers, json=OK if code == 200 else {})

        server = Completions(
            "http://chat.test/v1",
            transport=httpx.MockTransport(reply),
            sleep=waits.append,
            **settings,
        )
        with server.client(1) as client:
            return server.ask(client, {"model": "small"}), waits

    return run


def test_waits_double_and_are_the_same_in_every_run(ask):
    done, waits = ask(*[(503, {})] * 6, n_tries=7)
    assert done.text == "sad" and done.n_tries == 7
    for wait, most in zip(waits, (1, 2, 4, 8, 8, 8), strict=True):
        assert most / 2 < wait <= most
    assert ask(*[(503, {})] * 6, n_tries=7)[1] == waits


def test_requests_do_not_come_back_together():
    server = Completions("http://chat.test/v1")
    waits = {server.wait_s(1, json.dumps({"clip": number}).encode()) for number in range(100)}
    assert len(waits) == 100 and min(waits) >= 0.5 and max(waits) <= 1
    assert max(waits) - min(waits) > 0.4


@pytest.mark.parametrize(
    ("header", "wait"),
    [
        ("7", 7),
        ("7.5", 7.5),
        ("3600", 20),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("nan", None),
    ],
)
def test_the_server_may_say_how_long(ask, header, wait):
    _, (waited,) = ask((429, {"Retry-After": header}), longest_wait_s=20)
    assert waited == wait if wait else waited <= 1


def test_the_server_may_say_until_when(ask):
    until = datetime.now(UTC) + timedelta(seconds=30)
    _, (waited,) = ask((503, {"Retry-After": format_datetime(until, usegmt=True)}))
    assert 25 < waited <= 30


def test_tries_come_to_an_end(ask):
    done, waits = ask(*[(429, {"Retry-After": "2"})] * 9, n_tries=3)
    assert (done.whose, done.problem, done.n_tries) == ("server", "status 429", 3)
    assert waits == [2, 2]
    done, waits = ask((500, {}), n_tries=1)
    assert done.problem == "status 500" and waits == []


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"error": {"message": "too\nlong \x1b[31m"}}, " (too long [31m)"),
        ({"error": "as text"}, " (as text)"),
        ({"object": "error", "message": "as vLLM once did"}, " (as vLLM once did)"),
        ({"detail": [{"loc": ["body"], "msg": "as FastAPI", "input": "x" * 999}]}, " (as FastAPI)"),
        ({"error": {"message": "w" * 999}}, f" ({'w' * 200})"),
        ({"error": {"message": 3}}, ""),
        ({"error": {}}, ""),
        ([1], ""),
        ("<html>", ""),
    ],
)
def test_the_servers_reason_is_told_in_short(body, said):
    transport = httpx.MockTransport(lambda request: httpx.Response(400, json=body))
    server = Completions("http://chat.test/v1", transport=transport)
    with server.client(1) as client:
        assert server.ask(client, {}).problem == f"status 400{said}"


def test_a_body_of_brackets_is_no_answer():
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=b"[" * 100_000))
    server = Completions("http://chat.test/v1", transport=transport, n_tries=1)
    with server.client(1) as client:
        assert server.ask(client, {}).problem == "no JSON in the body"


@pytest.mark.parametrize(
    ("events", "problem"),
    [
        (b'data: {"choices": [{"delta": {"content": "sa"}}]}\n\n', "JSON without an answer"),
        (b"data: {\n\n", "no JSON"),
        (b"data: 3\n\ndata: [DONE]\n\n", "JSON without an answer"),
        (b'data: {"choices": [7]}\n\n', "no JSON"),
        (b'data: {"error": {"message": "out of memory"}}', "answer in the body (out of memory)"),
    ],
)
def test_a_stream_without_an_end_is_no_answer(events, problem):
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=events))
    server = Completions("http://chat.test/v1", transport=transport, n_tries=1)
    with server.client(1) as client:
        done = server.ask(client, {})
    assert problem in done.problem and (done.text, done.whose) == ("", "server")


def test_a_stream_keeps_the_line_ends_of_its_answer():
    said = "one\u2028two\x85three\r\n难"
    event = {"choices": [{"delta": {"content": said}, "finish_reason": "stop"}], "usage": None}
    body = f"data: {json.dumps(event, ensure_ascii=False)}\r\n\r\ndata: [DONE]\r\n\r\n".encode()
    transport = httpx.MockTransport(lambda request: httpx.Response(200, content=body))
    server = Completions("http://chat.test/v1", transport=transport, n_tries=1)
    with server.client(1) as client:
        assert server.ask(client, {}).text == said


def test_no_body_makes_it_stumble():
    """Whatever JSON stands where something else was expected is no answer, and no exception."""
    odd = [None, 7, "x", [], [7], {}, {"x": 1}, True]
    bodies = [{"choices": value} for value in odd] + [{"choices": [value]} for value in odd]
    bodies += [{"choices": [{"message": value}]} for value in odd]
    bodies += [{"choices": [{"delta": value}]} for value in odd]
    bodies += [{"error": value} for value in odd] + [{"error": {"code": odd}}, *odd]
    for body in map(json.dumps, bodies):
        for status in (200, 400, 429):
            for text in (body, f"data: {body}\n\n"):
                assert read_body(status, text.encode(), "T").text == ""
    for usage in odd:
        done = read_body(200, json.dumps(OK | {"usage": usage}).encode(), "T")
        assert (done.text, done.n_in) == ("sad", None)
    done = read_body(200, json.dumps(OK | {"usage": {"prompt_tokens": True}}).encode(), "T")
    assert done.n_in is None


def test_the_token_goes_and_words_stay(monkeypatch):
    monkeypatch.setenv("T", "secret-of-mine")
    assert without_token("key secret-of-mine!", "T") == "key ***!"
    assert without_token("key secret-of-m", "T") == "key secret-of-m"
    assert without_token("a secret-of-m... and of-mine", "T", wholly=True) == "a ***... and of-mine"
    assert without_token("et-of-mine", "T", wholly=True) == "***"
    monkeypatch.setenv("T", "EMPTY")
    assert without_token("EMPTY is a word", "T") == "EMPTY is a word"
    assert without_token("got EMPTY", "T", wholly=True) == "got ***"
    monkeypatch.setenv("T", " ")
    assert without_token("as it is", "T", wholly=True) == "as it is" and authorization("T") == {}
