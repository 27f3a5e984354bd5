"""The corpus and the metric of one's own: equal to CONTRIBUTING's, installed and loaded."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import evaluate
import pytest

sys.path.append(str(Path(__file__).resolve().parents[1]))
from test_contributing import files_of  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
CORPUS, METRIC = "datasets_scripts/moods/", "metrics/same_label/"


def test_the_corpus_is_that_of_the_contributors_page():
    for path, content in files_of("Add a corpus").items():
        if path.startswith(CORPUS):
            copy = EXAMPLES / "custom_corpus" / "affecthub_moods" / path.removeprefix(CORPUS)
            expected = content.replace("affecthub.datasets_scripts.moods", "affecthub_moods")
            assert copy.read_text(encoding="utf-8") == expected, copy


@pytest.mark.parametrize("name", ["scores.py", "same_label.py", "requirements.txt"])
def test_the_metric_is_that_of_the_contributors_page(name):
    expected = files_of("Add a metric")[METRIC + name]
    # Outside of affecthub the function is imported from beside, and the module by its path.
    expected = expected.replace("from affecthub.metrics.same_label.", "\nfrom .").replace(
        '    >>> from affecthub import load_metric\n    >>> load_metric("same_label")',
        "    >>> import evaluate\n"
        '    >>> metric = evaluate.load("examples/custom_metric/same_label")\n    >>> metric',
    )
    copy = EXAMPLES / "custom_metric" / "same_label" / name
    assert copy.read_text(encoding="utf-8") == expected


def test_evaluate_loads_the_metric_from_its_folder(tmp_path, monkeypatch):
    shutil.copytree(EXAMPLES / "custom_metric" / "same_label", tmp_path / "same_label")
    metric = evaluate.load(str(tmp_path / "same_label"))
    # Two of three labels are equal.
    scores = metric.compute(predictions=["a", "b", None], references=["a", "b", "b"])
    assert scores == {"same_label": pytest.approx(2 / 3), "n_clips": 3}
    with pytest.raises(ValueError, match="differ in length"):
        metric.compute(predictions=["a"], references=["a", "b"])


@pytest.mark.slow
def test_the_installed_package_adds_its_corpus_and_passes_its_own_tests(tmp_path):
    source, site = tmp_path / "source", tmp_path / "site"
    shutil.copytree(EXAMPLES / "custom_corpus", source)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--no-build-isolation", "--target", site, source], check=True)
    paths = os.pathsep.join(filter(None, [str(site), os.environ.get("PYTHONPATH")]))
    env = {**os.environ, "PYTHONPATH": paths}
    tests = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", source / "tests"]
    done = subprocess.run(tests, env=env, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0 and "4 passed" in done.stdout, done.stdout + done.stderr
    command = [sys.executable, "-m", "affecthub", "data", "list", "--json"]
    listed = json.loads(subprocess.check_output(command, env=env, cwd=tmp_path, text=True))
    assert "moods" in json.dumps(listed)
