"""`affecthub annotate`: tokens, serve, progress, export."""

import json
import socket
import sys
from unittest.mock import patch

import pytest
from annotating import LABELS, TASK, work_through
from shell import affecthub, refused

from affecthub.training.platform.clips import open_project
from affecthub.training.platform.people import person_of_token
from affecthub.training.platform.store import Store


@pytest.fixture
def db(tmp_path):
    return f"sqlite:///{tmp_path / 'work.db'}"


def test_tokens_are_made_renewed_and_closed(db):
    made = json.loads(affecthub("annotate", "tokens", "ann", "bob", "--db", db, "--json").stdout)
    assert list(made) == ["ann", "bob"]
    assert "there already" in refused("annotate", "tokens", "ann", "--db", db)
    shown = affecthub("annotate", "tokens", "ann", "--renew", "--db", db).stdout
    name, token = shown.split()
    assert name == "ann" and token != made["ann"]
    done = affecthub("annotate", "tokens", "bob", "--close", "--db", db, "--json")
    assert json.loads(done.stdout) == {"closed": {"bob": 0}}
    assert "Did you mean 'ann'" in refused("annotate", "tokens", "anne", "--close", "--db", db)
    assert "unknown role" in refused("annotate", "tokens", "x", "--role", "boss", "--db", db)
    with Store(db).reading() as connection:
        assert person_of_token(connection, token).name == "ann"
        assert person_of_token(connection, made["ann"]) is None
        assert person_of_token(connection, made["bob"]) is None


def test_serve_opens_the_project_and_says_where(db, tree):
    served = {}

    def serve(store, project, clips, listening, **how):
        served.update(how, corpus=project.corpus, n=len(clips.order))
        served["at"] = listening.getsockname()
        listening.close()

    arguments = ["annotate", "serve", "folder", "--data-dir", tree, "--db", db, "--port", 0]
    arguments += ["--limit", 3]
    with patch("affecthub.training.platform.serving.serve", serve):
        done = affecthub(*arguments)
        host, port = served.pop("at")
        assert "3 clips of folder" in done.stdout and f"http://{host}:{port} with" in done.stdout
        assert host == "127.0.0.1"
        assert served == {
            "corpus": "folder",
            "n": 3,
            "names": ["127.0.0.1"],
            "is_https": False,
        }
        done = affecthub(*arguments, "--host", "0.0.0.0", "--server-name", "lab.example")
        assert "unencrypted" in done.stdout and served["names"] == ["lab.example"]
        assert "other clips" in refused(*arguments[:-2])
        assert "Did you mean 'basic'" in refused(*arguments, "--task", "basics")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            said = refused(*arguments, "--port", taken.getsockname()[1])
        assert "cannot be opened" in said and "another `--port`" in said


def test_progress_and_export(begin, clips, tree, tmp_path, db):
    missing = f"sqlite:///{tmp_path / 'mistyped.db'}"
    for command in (["progress"], ["export", tmp_path / "never"]):
        assert "no such file" in refused("annotate", *command, "--db", missing)
    assert not (tmp_path / "mistyped.db").exists()
    early = f"sqlite:///{tmp_path / 'early.db'}"
    affecthub("annotate", "tokens", "zoe", "--db", early)
    assert "no project" in refused("annotate", "progress", "--db", early)
    platform = begin()
    work_through(platform.sign_in("ann"))
    told = json.loads(affecthub("annotate", "progress", "--db", db, "--json").stdout)
    assert told["clips"] == {"all": 5, "shown": 5, "begun": 5, "answered": 0}
    assert told["people"][0] == {
        "name": "ann",
        "assigned": 5,
        "done": 5,
        "answers": 19,
        "today": 19,
    }
    assert told["lacking"]["text"] == 1
    assert "Krippendorff" not in affecthub("annotate", "progress", "--db", db).stdout
    out = tmp_path / "out"
    arguments = ["annotate", "export", out, "--db", db, "--data-dir", tree, "--json"]
    done = json.loads(affecthub(*arguments).stdout)
    assert (done["clips"], done["labelled"], done["votes"]) == (5, 5, 19)
    assert len(list((out / "media").glob("*.mp4"))) == 5
    assert "not empty" in refused(*arguments)
    open_project(platform.store, clips, TASK, LABELS, "a task")


def test_a_missing_package_is_named(db):
    with patch.dict(sys.modules, {"sqlalchemy": None}):
        line = refused("annotate", "progress", "--db", db)
    assert "affecthub[annotate]" in line
