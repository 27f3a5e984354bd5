"""Each kind of repository by the command line: what --dry-run writes is what the Hub has then."""

import subprocess
import sys

import pytest
from model_folders import tiny_model
from shell import affecthub, refused
from staged_folders import contents


def push(hub, tmp_path, kind, what, *more):
    """Try it without the Hub, push it, push it again; give what the Hub holds."""
    repo = {"dataset": "dataset", "model": "model"}.get(kind, "space")
    affecthub("push", kind, what, "org/it", *more, "--dry-run", tmp_path / "dry")
    assert hub.requests == []
    affecthub("push", kind, what, "org/it", *more, "--yes")
    held = hub.files(repo, "org/it")
    assert held == contents(tmp_path / "dry")
    again = affecthub("push", kind, what, "org/it", *more)
    assert "Everything is there already" in again.stdout
    assert len(list(hub.repository(repo, "org/it").log("main"))) == 2
    return held


@pytest.mark.slow
def test_metric(hub_client, tmp_path):
    held = push(hub_client, tmp_path, "metric", "set_f")
    assert {"README.md", "app.py", "set_f.py", "requirements.txt"} <= set(held)
    assert "unknown metric: got 'set_ff'" in refused("push", "metric", "set_ff", "org/it")


@pytest.mark.slow
def test_dataset(hub_client, tmp_path):
    from corpus_trees import demo

    root = demo.make(tmp_path / "corpus")
    held = push(hub_client, tmp_path, "dataset", "demo", "--data-dir", root, "--labels-only")
    assert any(path.endswith(".parquet") for path in held)


def test_dataset_that_may_not_be_passed_on(hub_client, tmp_path):
    from corpus_trees import iemocap

    root = iemocap.make(tmp_path / "corpus")
    line = refused("push", "dataset", "iemocap", "org/it", "--data-dir", root, "--yes")
    assert "may not pass copies on" in line and "--i-have-the-right" in line
    assert hub_client.requests == []


@pytest.mark.slow
def test_model(hub_client, tmp_path):
    saved = tiny_model(tmp_path / "model")
    held = push(hub_client, tmp_path, "model", saved)
    assert "model.safetensors" in held and not any(path.endswith(".bin") for path in held)
    (tmp_path / "none").mkdir()
    assert "model" in refused("push", "model", tmp_path / "none", "org/other")
    assert ("model", "org/other") not in hub_client.store.repositories


@pytest.mark.slow
def test_spaces(hub_client, tmp_path):
    saved = tiny_model(tmp_path / "model")
    held = push(hub_client, tmp_path, "space", "demo", "--model", saved)
    assert {"README.md", "app.py"} <= set(held)
    line = refused("push", "space", "leaderboard", "org/b", "--set", "resluts=[]")
    assert "unknown setting of the Space leaderboard" in line and "'results'" in line
    line = refused("push", "space", "leaderboard", "org/b", "--results", tmp_path / "none")
    assert str(tmp_path / "none") in line
    affecthub("push", "space", "leaderboard", "org/b", "--yes", "--public")
    assert {"README.md", "app.py"} <= set(hub_client.files("space", "org/b"))


def test_help_is_light():
    """Naming the commands reads no library of the Hub."""
    code = (
        "import sys; sys.argv = ['affecthub', 'push', '--help']\n"
        "from affecthub.cli.main import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(sorted({'huggingface_hub', 'datasets', 'torch'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.splitlines()[-1] == "[]"
