"""The token of an endpoint comes from the environment and shows nowhere."""

import json
import logging

import pytest
from chat_server import BROKEN, BUSY, CUT, NO_JSON, ChatServer, Fault

from affecthub.training.asking.asks import Ask
from affecthub.training.asking.backends.endpoint import EndpointBackend
from affecthub.training.journal import Journal

TOKEN = "sk-proj-4c1dTESTtokenOfNobody9f"


@pytest.fixture(autouse=True)
def token(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", TOKEN)


@pytest.fixture
def server():
    with ChatServer() as chat:
        yield chat


@pytest.fixture
def backend(server):
    with EndpointBackend(server.url, "small", sleep=lambda seconds: None, n_tries=4) as backend:
        yield backend


def asks(*words):
    return [Ask(word, f"Say {word}") for word in words]


def test_no_token_no_header(server, backend, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    backend.answer(asks("sad"))
    monkeypatch.setenv("OPENAI_API_KEY", " other\n")
    backend.answer(asks("sad"))
    assert [asked.authorization for asked in server.asked] == [None, "Bearer other"]


def test_the_token_that_is_not_set_is_named(server, backend, monkeypatch):
    monkeypatch.delenv("OPENAI_API_KEY")
    server.fail(Fault(401))
    with pytest.raises(ConnectionError, match="token in `OPENAI_API_KEY`, which is not set"):
        backend.answer(asks("sad"))


def test_the_token_is_in_no_reply_error_name_or_log(server, backend, caplog, tmp_path):
    echo = Fault(400, echoes=True)
    server.fail(echo, when="sad")
    server.answer = lambda asked: f"your token is {TOKEN}"
    with caplog.at_level(logging.DEBUG):
        replies = backend.answer(asks("sad", "glad"))
        server.fail(Fault(401, echoes=True))
        with pytest.raises(ConnectionError) as caught:
            backend.answer(asks("sad"))
    assert "scripted fault 400" in replies[0].error and "***" in replies[0].error
    assert replies[1].text == "your token is ***" and "***" in str(caught.value)
    shown = [*map(repr, replies), str(caught.value), caplog.text, backend.name]
    shown += [repr(backend), repr(backend.meter), str(vars(backend)), str(backend.meter.as_dict())]
    seen = "\n".join(shown)
    assert not [TOKEN[i : i + 8] for i in range(len(TOKEN) - 7) if TOKEN[i : i + 8] in seen]


def test_a_token_that_cannot_be_sent_is_not_shown(backend, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-ü secret")
    with pytest.raises(ValueError, match="the token in `OPENAI_API_KEY` cannot be sent") as caught:
        backend.answer(asks("sad"))
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["http://me:pw12345678@host/v1", "http://host/v1?key=pw12345678", "http://h:x@y:99999999"],
)
def test_an_address_with_a_secret_is_refused(url):
    with pytest.raises(ValueError, match="may hold no user, password, query") as caught:
        EndpointBackend(url, "small")
    assert "pw12345678" not in str(caught.value)


def test_the_journal_of_a_bad_day_holds_every_clip_and_no_token(server, backend, tmp_path):
    words = [f"word{number}" for number in range(12)]
    for number, fault in enumerate([BUSY, BROKEN, CUT, NO_JSON, Fault(400, echoes=True)]):
        server.fail(fault, when=f"word{number + 2}", times=1 + 3 * (number % 2))
    server.answer = lambda asked: f"{asked.question} {asked.authorization}"
    replies = backend.answer(asks(*words))
    with Journal(tmp_path / "answers.jsonl", "k" * 16) as journal:
        journal.begin()
        journal.open()
        journal.add(
            [
                {"id": word, "prediction": reply.text, "clip": "c", "error": reply.error}
                for word, reply in zip(words, replies, strict=True)
            ]
        )
        journal.finish(words)
    lines = [json.loads(line) for line in (tmp_path / "answers.jsonl").read_text().splitlines()]
    assert [line["id"] for line in lines] == words
    assert all(bool(line["prediction"]) != ("error" in line) for line in lines)
    assert sum("error" in line for line in lines) == 3
    for file in tmp_path.iterdir():
        assert TOKEN not in file.read_text() and TOKEN[:8] not in file.read_text()
