"""CONTRIBUTING's steps for a corpus, a metric and a recipe, done in the order they are written."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


def files_of(section: str) -> dict[str, str]:
    """The files that a section of the page has one write: path to content."""
    text = re.search(
        rf"^## {section}\n(.*?)(?=^## (?:Add|How code) |\Z)", PAGE, re.MULTILINE | re.DOTALL
    )[1]
    blocks = re.findall(r"`([\w./]+)`:\n\n```\w*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    # A block inside of a block is fenced by waves there.
    return {path: content.replace("~~~", "```") for path, content in blocks}


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    """A copy of what git has, with nothing added yet."""
    copy = tmp_path_factory.mktemp("checkout")
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    for name in filter(None, listed.split("\0")):
        if os.path.lexists(ROOT / name):
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name, follow_symlinks=False)
    return copy


def run(checkout, *arguments):
    """Run Python in the copy, which it imports before any other affecthub."""
    data = os.environ.get("AFFECTHUB_REFERENCE_DATA", str(ROOT.parent / "shared" / "data"))
    paths = {"PYTHONPATH": str(checkout / "src"), "AFFECTHUB_REFERENCE_DATA": data}
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=checkout,
        env={**os.environ, **paths},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def write(checkout, section):
    files = files_of(section)
    for path, content in files.items():
        assert not (checkout / path).exists(), f"{path} is there already"
        (checkout / path).parent.mkdir(parents=True, exist_ok=True)
        (checkout / path).write_text(content, encoding="utf-8")
    return files


def n_lines(files, *names):
    return sum(len(files[name].splitlines()) for name in names)


def test_the_steps_are_short():
    corpus, metric = files_of("Add a corpus"), files_of("Add a metric")
    assert n_lines(corpus, "datasets_scripts/moods/builder.py") <= 40
    code = ("metrics/same_label/same_label.py", "metrics/same_label/scores.py")
    assert n_lines(metric, *code) <= 60
    touched = {path.rpartition("/")[0].split("/splits")[0] for path in corpus}
    assert touched == {"datasets_scripts/moods", "tests/datasets_scripts/corpus_trees"}
    assert {path.rpartition("/")[0] for path in metric} == {"metrics/same_label"}
    assert list(files_of("Add a recipe")) == ["training/recipes/demo_words.yaml"]


@pytest.mark.slow
def test_a_corpus_is_added(checkout):
    write(checkout, "Add a corpus")
    run(checkout, ".ci/corpora_table.py")
    assert "`moods`" in (checkout / "README.md").read_text(encoding="utf-8")
    tests = "tests/datasets_scripts/test_corpora_contract.py"
    out = run(checkout, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests, "-k", "moods")
    assert re.search(r"\d\d passed", out)
    listed = run(checkout, "-m", "affecthub", "data", "list", "--json")
    assert '"moods"' in listed


@pytest.mark.slow
def test_a_metric_is_added(checkout):
    write(checkout, "Add a metric")
    tests = "tests/metrics/test_metric_modules.py"
    out = run(checkout, "-m", "pytest", "-q", "-p", "no:cacheprovider", tests, "-k", "same_label")
    assert re.search(r"\d\d passed", out)


@pytest.mark.slow
def test_a_recipe_is_added_and_run(checkout):
    write(checkout, "Add a recipe")
    command = re.search(r"`affecthub (train demo_words [^`]*)`", PAGE)[1].split()
    code = "import affecthub; affecthub.make_demo('demo/corpus', n_clips=42, n_speakers=3)"
    run(checkout, "-c", code)
    out = run(checkout, "-m", "affecthub", *command, "--json")
    assert '"scores"' in out and (checkout / "runs/demo_words/report.html").is_file()
