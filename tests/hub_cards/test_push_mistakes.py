"""What cannot be pushed is refused in one line, with nothing changed and nothing secret shown."""

import errno
import io
import json
import subprocess
import sys
import tempfile
import traceback
from pathlib import Path

import pytest
from shell import affecthub, refused
from staged_folders import CARD, contents, dataset

from affecthub.cli import push as command
from affecthub.hub_cards.publishing import HubError, folder, publish, retries
from affecthub.hub_cards.staged import Staged


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(retries.time, "sleep", lambda seconds: None)


@pytest.fixture
def push_moods(tmp_path, monkeypatch):
    """`affecthub push metric moods REPO`, where the metric is a small folder of its own kind."""

    def stage(name: str, out: Path) -> Staged:
        staged = dataset(Path(out), gated="auto")
        (Path(out) / "README.md").write_text(
            CARD.replace("---\n\n#", "sdk: gradio\ntitle: Moods\nemoji: 🙂\ncolorFrom: blue\n"
                         "colorTo: pink\napp_file: app.py\n---\n\n#")
            .replace("pretty_name: Moods\n", "")
            .replace("task_categories: [text-classification]\nsize_categories: [n<1K]\n", "")
            .replace("language: [en]\n", "")
        )  # fmt: skip
        (Path(out) / "app.py").write_text("")
        return Staged(staged.folder, "space", "Moods, by affecthub", "gradio", notes=("A note.",))

    class Metrics:
        stage_metric = staticmethod(stage)

    monkeypatch.setitem(sys.modules, "affecthub.hub_cards.metrics", Metrics)

    def arguments(*more: str) -> list[str]:
        return ["push", "metric", "moods", *more]

    return arguments


def test_command_line(hub_client, tmp_path, push_moods):
    hub = hub_client
    listed = affecthub(*push_moods("moods", "--dry-run", tmp_path / "out"))
    assert "Nothing was sent" in listed.stdout and "data/part-0.parquet" in listed.stdout
    assert hub.requests == []
    assert "expected --yes" in refused(*push_moods("moods"))
    assert hub.store.repositories == {}
    pushed = affecthub(*push_moods("moods", "--yes", "--public"))
    assert "everybody, once all files are there" in pushed.stdout and "A note." in pushed.stdout
    assert f"Pushed to {hub.url}/spaces/tester/moods, commit" in pushed.stdout
    # What --dry-run writes is what a push sends.
    assert hub.files("space", "tester/moods") == contents(tmp_path / "out")
    assert hub.repository("space", "tester/moods").sdk == "gradio"
    again = affecthub(*push_moods("moods", "--public"))
    assert "Everything is there already" in again.stdout
    told = json.loads(affecthub(*push_moods("moods", "--public", "--json")).stdout)
    assert told["published"]["changed"] is False and told["plan"]["files"][0]["state"] == "same"
    # A branch of its own is something to ask about.
    assert "expected --yes" in refused(*push_moods("moods", "--public", "--revision", "v2"))


def test_a_dry_run_refuses_what_a_push_would(hub_client, push_moods, tmp_path):
    said = refused(*push_moods("a/b/c", "--dry-run", tmp_path / "out"))
    assert "repository: got 'a/b/c', expected owner/name" in said
    assert "got '--yes', expected a folder" in refused(*push_moods("moods", "--dry-run", "--yes"))
    assert not (tmp_path / "out").exists() and hub_client.requests == []


def test_asked_before_anything_is_sent(hub_client, push_moods, monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr(sys, "stdin", Terminal("n\n"))
    stopped = affecthub(*push_moods("moods"), ok=False)
    assert stopped.returncode == 130 and "Send it? [y/N]" in stopped.stderr
    assert "to send" in stopped.stdout and hub_client.store.repositories == {}
    monkeypatch.setattr(sys, "stdin", Terminal("y\n"))
    affecthub(*push_moods("moods"))
    assert hub_client.files("space", "tester/moods")


def test_who_may_not_push(hub_client, push_moods, monkeypatch):
    hub = hub_client
    staged = []
    module = sys.modules["affecthub.hub_cards.metrics"]
    monkeypatch.setattr(module, "stage_metric", staticmethod(lambda *said: staged.append(said)))
    for token, repo, words in (
        ("read", "moods", "got a token that may only read, expected one that may write"),
        ("wrong", "moods", "got 401"),
        ("write", "google/moods", "got the owner 'google', expected one of org, tester"),
        ("write", "a/b/c", "expected owner/name"),
        ("write", "two words", "expected owner/name"),
    ):
        monkeypatch.setenv("HF_TOKEN", hub.tokens[token])
        line = refused(*push_moods(repo, "--yes"))
        assert words in line and hub.tokens[token] not in line, line
    monkeypatch.delenv("HF_TOKEN")
    assert "got no token" in refused(*push_moods("moods", "--yes"))
    # Each was found before time was spent on files.
    assert staged == [] and hub.store.repositories == {}


def test_no_way_to_the_hub(tmp_path, monkeypatch, hub_client):
    from huggingface_hub import HfApi

    nowhere = HfApi(endpoint="http://127.0.0.1:9", token="hf_aTokenOfNobodyAtAll")
    with pytest.raises(HubError, match="the Hub cannot be reached") as caught:
        publish(dataset(tmp_path / "out"), "moods", api=nowhere)
    assert "hf_aToken" not in str(caught.value)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(HubError, match="got HF_HUB_OFFLINE=1"):
        publish(dataset(tmp_path / "b"), "moods")


def test_space_of_another_kind(hub_client, push_moods):
    from huggingface_hub import HfApi

    HfApi().create_repo("tester/moods", repo_type="space", space_sdk="static", private=True)
    line = refused(*push_moods("moods", "--yes"))
    assert "got a Space made with static, expected one made with gradio" in line


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda out: (out / "README.md").unlink(), "got no README.md"),
        (
            lambda out: (out / "README.md").write_text(CARD.replace("cc0-1.0", "cc0")),
            "`license`: got 'cc0'",
        ),
        (
            lambda out: (out / "README.md").write_text(CARD + "\n## Limits\n\n## Use\n\nRead.\n"),
            "section 'Limits': got nothing below it",
        ),
        (lambda out: (out / ".git").mkdir(), "expected no .git in it"),
        (lambda out: (out / "link").symlink_to("/etc/hostname"), "a link that leads out"),
    ],
    ids=["no card", "licence", "empty section", "git", "link"],
)
def test_wrong_folders(hub_client, tmp_path, spoil, words):
    staged = dataset(tmp_path / "out")
    spoil(staged.folder)
    with pytest.raises(ValueError, match="push: ") as caught:
        publish(staged, "moods")
    assert words in str(caught.value) and len(str(caught.value).splitlines()) == 1
    assert hub_client.requests == []


def test_limits_of_the_hub(hub_client, tmp_path, monkeypatch):
    staged = dataset(tmp_path / "out")
    with (staged.folder / "film.mp4").open("wb") as file:
        file.truncate(500 * 1000**3 + 1)  # sparse: it takes no room
    with pytest.raises(ValueError, match="got film.mp4 of 500 GB, expected at most 500 GB"):
        publish(staged, "moods")
    (staged.folder / "film.mp4").unlink()
    monkeypatch.setattr(folder, "MAX_ENTRIES", 2)
    with pytest.raises(ValueError, match="got 3 entries in the folder, expected at most 2"):
        publish(staged, "moods")
    monkeypatch.setattr(folder, "MAX_FILES", 4)
    with pytest.raises(ValueError, match="got 4 files, expected fewer than 4"):
        publish(staged, "moods")
    with pytest.raises(ValueError, match="expected a folder"):
        publish(Staged(tmp_path / "none", "dataset", "x"), "moods")
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="which is empty"):
        publish(Staged(tmp_path / "empty", "dataset", "x"), "moods")
    assert hub_client.requests == []


def test_limits_are_those_of_the_hub():
    assert (folder.MAX_ENTRIES, folder.MAX_FILES) == (10_000, 100_000)


def test_full_disk(hub_client, push_moods, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    def full(name: str, out: Path) -> Staged:
        Path(out).mkdir()
        (Path(out) / "half.parquet").write_bytes(b"x")
        raise OSError(errno.ENOSPC, "No space left on device", str(out))

    module = sys.modules["affecthub.hub_cards.metrics"]
    monkeypatch.setattr(module, "stage_metric", staticmethod(full))
    line = refused(*push_moods("moods", "--yes"))
    assert "got a full disk" in line and "TMPDIR" in line
    assert list(tmp_path.glob("affecthub-push-*")) == []
    assert hub_client.store.repositories == {}


def test_token_in_a_file(hub_client, tmp_path):
    staged = dataset(tmp_path / "out")
    token = hub_client.tokens["write"]
    # Over the border of what is read at once.
    (staged.folder / "data" / "log.parquet").write_bytes(
        b"x" * ((1 << 20) - 10) + token.encode() + b"x"
    )
    with pytest.raises(ValueError, match="got data/log.parquet, which holds your token") as caught:
        publish(staged, "moods")
    assert token not in str(caught.value) and hub_client.store.repositories == {}


ECHO = {"X_Error_Message": "You sent {token} to https://s3.eu/x?sig=secretsignature"}


@pytest.mark.parametrize(
    "pattern",
    ["whoami", "/repos/create", "/settings", "/branch/", "/preupload/", "/objects/batch",
     "/_lfs/object", "/commit/affecthub", "/tree/", "/commit/main", "/refs"],
)  # fmt: skip
def test_errors_hold_no_token(hub_client, tmp_path, caplog, capfd, pattern):
    hub, token = hub_client, hub_client.tokens["write"]
    hub.fail(pattern, 403, **{name: text.format(token=token) for name, text in ECHO.items()})
    lines = []
    staged = dataset(tmp_path / "out", gated="auto")
    with caplog.at_level("INFO"), pytest.raises(HubError) as caught:
        publish(staged, "org/moods", say=lines.append)
    error = caught.value
    assert "<token>" in str(error) and "https://s3.eu/x" in str(error)
    assert error.status == 403 and len(str(error).splitlines()) == 1
    # Nothing hangs on it that could tell more, to a debugger or to a log.
    assert error.__cause__ is None and error.__context__ is None
    printed = capfd.readouterr()
    shown = [*lines, *traceback.format_exception(error), printed.out, printed.err, caplog.text]
    shown += [path.read_text(errors="replace") for path in tmp_path.rglob("*") if path.is_file()]
    assert not any(token in text or "secretsignature" in text for text in shown)
    hub.mend()
    publish(staged, "org/moods")
    assert hub.files("dataset", "org/moods") == contents(staged.folder)


@pytest.mark.slow
def test_no_output_holds_the_token(hub, tmp_path):
    """Each process with everything that it can be made to say, and what it leaves on the disk."""
    from corpus_trees import demo

    corpus, home = demo.make(tmp_path / "corpus"), tmp_path / "home"
    hub.fail("/commit/", 503, on=(1,), X_Error_Message=f"by {hub.tokens['write']}")
    for token, code in (("write", 0), ("wrong", 1)):
        environment = hub.environment(home, token) | {
            "AFFECTHUB_DEBUG": "1",
            "HF_HUB_VERBOSITY": "debug",
            "TMPDIR": str(tmp_path),
        }
        run = subprocess.run(
            [sys.executable, "-m", "affecthub", "push", "dataset", "demo", "demo",
             "--data-dir", corpus, "--labels-only", "--yes"],
            env=environment, cwd=tmp_path, capture_output=True, text=True,
        )  # fmt: skip
        assert run.returncode == code, run.stderr
        assert "<token>" in run.stderr if token == "write" else "Traceback" in run.stderr
        left = [run.stdout, run.stderr]
        left += [p.read_bytes().decode("latin-1") for p in tmp_path.rglob("*") if p.is_file()]
        assert not any(hub.tokens[token] in text for text in left)
    for repository in hub.store.repositories.values():
        for commit in repository.commits.values():
            for file in commit.files.values():
                assert hub.tokens["write"].encode() not in hub.store.content(file)
    assert list(tmp_path.glob("affecthub-push-*")) == []


def test_workplace_goes_with_any_error(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(ValueError, match="no"), command._workplace() as place:
        place.mkdir()
        raise ValueError("no")
    assert list(tmp_path.iterdir()) == []
