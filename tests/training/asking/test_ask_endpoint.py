"""A server that fails in every way: every clip ends answered, or as an error line."""

import json

import pytest
from asked_clips import write_sound
from chat_server import BROKEN, BUSY, CUT, NO_JSON, ChatServer, Fault

from affecthub.training.answer_files import read_lines
from affecthub.training.asking.ask import ask_rows
from affecthub.training.asking.backends.endpoint import EndpointBackend

TOKEN = "sk-secret-1234567890"


def test_a_server_of_all_faults_loses_no_clip_and_no_token(said, tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", TOKEN)
    sound = str(write_sound(tmp_path / "a.wav", seconds=0.1))
    rows = [{"id": f"c{i}", "audio": sound, "text": f"word{i}"} for i in range(8)]
    file = tmp_path / "j.jsonl"
    with ChatServer(lambda asked: asked.question.split()[2]) as server:
        for i, fault in enumerate([BUSY, BROKEN, CUT, NO_JSON]):
            server.fail(fault, when=f"word{i}.")
        server.fail(BROKEN, when="word4.", times=99)
        server.fail(Fault(400, echoes=True), when="word5.", times=99)
        making = {"concurrency": 3, "n_tries": 3, "sleep": lambda seconds: None}
        with EndpointBackend(server.url, "small", **making) as backend:
            with pytest.warns(UserWarning, match="2 of 8 clips could not be asked"):
                answers = ask_rows(backend, rows, said, journal=file)
        assert {*answers.errors} == {"c4", "c5"} and answers["c3"] == "word3."
        assert all(answers.line(row["id"])["media"] == "at" for row in rows)
        assert " again)" in answers.closing_line() and answers.n_out == 6
        # Mended, only these two are asked, and none beside them.
        n_asked = len(server.asked)
        server._faults.clear()
        with EndpointBackend(server.url, "small", **making) as backend:
            mended = ask_rows(backend, rows, said, journal=file, retry=True)
        assert mended.errors == {} and mended.n_asked == 2
        assert len(server.asked) == n_asked + 2
    assert [line["prediction"] for line in read_lines(file)] == [f"word{i}." for i in range(8)]
    runs = [json.loads(line) for line in (tmp_path / "j.runs.jsonl").read_text().splitlines()]
    assert runs[0]["meter"]["n_retries"] >= 4 and runs[1]["meter"]["n_requests"] == 2
    for path in tmp_path.iterdir():
        assert TOKEN.encode() not in path.read_bytes(), path
