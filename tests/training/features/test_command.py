"""The command as its users call it: from a corpus on a disk to a run that needs no media."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import datasets
import pytest
from shell import affecthub, refused

from affecthub.datasets_scripts.demo.generate import generate_demo
from affecthub.training.features import FeatureCache


def arguments(corpus: Path, model: Path, out: Path, *more) -> list[str]:
    given = ["features", "demo", "--data-dir", corpus, "--model", model, "--out", out, *more]
    return [str(each) for each in given]


def test_what_it_says(few_clips, saved, tmp_path):
    root = shutil.copytree(few_clips, tmp_path / "corpus")
    films = sorted(root.glob("video/*/*.mp4"))
    films[0].write_bytes(b"no film")
    out = tmp_path / "c"
    done = affecthub(*arguments(root, saved, out))
    assert done.stderr.splitlines()[-1].startswith("features: 12 of 12 clips, ")
    assert not any(sign in done.stdout + done.stderr for sign in "\r\x1b")
    assert "12 clips in " in done.stdout and "1 of them have no vision_features" in done.stdout
    assert films[0].stem in done.stdout
    said = json.loads(affecthub(*arguments(root, saved, out, "--json")).stdout)
    assert (said["n_clips"], said["broken"]) == (12, {})
    assert list(said["issues"]) == [films[0].stem]
    # Put right, it is read without being asked to.
    shutil.copy(few_clips / films[0].relative_to(root), films[0])
    said = json.loads(affecthub(*arguments(root, saved, out, "--json")).stdout)
    assert (said["issues"], said["lacking"]["vision_features"]) == ({}, 0)


def test_mistakes(few_clips, saved, full, tmp_path):
    out = tmp_path / "c"
    line = refused(*arguments(few_clips, saved, out, "--dtype", "fp8"))
    assert "unknown dtype of features: got 'fp8'" in line
    line = refused(*arguments(few_clips, saved, out, "--split", "dev"))
    assert "expected one of test, train, validation. Did you mean 'validation'?" in line
    line = refused(*arguments(few_clips, saved, out, "--medium", "face"))
    assert "demo has no face: expected some of audio, video" in line
    line = refused(*arguments(few_clips, tmp_path / "none", out))
    assert "model folder not found" in line
    line = refused(*arguments(few_clips, saved, full))
    assert "dtype is 'float32' in the cache and 'float16' here" in line
    line = refused("train", "demo", "--features", tmp_path / "none")
    assert "`--features`: got" in line


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    """Twenty-four clips of three speakers."""
    return generate_demo(
        tmp_path_factory.mktemp("demo") / "corpus", n_clips=24, n_speakers=3, seed=1
    )


# Imports once what takes seconds, then runs the command as a child and kills it, three times.
KILLS = """
import os, random, signal, sys, time
from pathlib import Path
import affecthub.training.features.corpus
from affecthub.cli.main import main

folder, rng = Path(sys.argv[1]), random.Random(0)
sys.argv = ["affecthub", *sys.argv[2:]]
for kill in range(1, 4):
    child = os.fork()
    if not child:
        main()
    ended = False
    while not ended and len(list(folder.glob("*.arrow"))) < kill + 1:
        time.sleep(0.002)
        ended = os.waitpid(child, os.WNOHANG)[0]
    time.sleep(rng.random() / 30)
    os.kill(child, signal.SIGKILL)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def run(*command) -> str:
    """Run Python in a process of its own, and return what it prints."""
    done = subprocess.run(
        [sys.executable, *map(str, command)],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_killed_at_any_instant_and_shared_by_two_it_is_the_same(corpus, saved, contents, tmp_path):
    small = ("--shard-clips", "4", "--batch-size", "2", "--dtype", "fp32")
    # In processes of one thread each: of several, sums differ in their last bits.
    run("-m", "affecthub", *arguments(corpus, saved, tmp_path / "whole", *small))
    expected = contents(tmp_path / "whole")
    assert len(datasets.load_from_disk(str(tmp_path / "whole"))) == 24

    folder = tmp_path / "killed"
    decoded_beside = arguments(corpus, saved, folder, *small, "--workers", "1")
    assert run("-c", KILLS, folder, *decoded_beside) == "-9\n" * 3
    assert not (folder / "state.json").exists()
    run("-m", "affecthub", *arguments(corpus, saved, folder, *small))
    assert contents(folder) == expected

    launcher = ("-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2", "-m")
    shared = arguments(corpus, saved, tmp_path / "two", *small, "--json")
    out = run(*launcher, "affecthub", *shared)
    assert json.loads(out)["n_clips"] == 24  # one of them speaks
    assert contents(tmp_path / "two") == expected


QUICK = (
    "trainer={num_train_epochs: 2, per_device_train_batch_size: 4, logging_steps: 1, "
    "learning_rate: 1e-3}"
)


@pytest.mark.slow
def test_training_from_it_is_training_from_media(corpus, saved, tmp_path):
    cache = tmp_path / "c"
    affecthub(*arguments(corpus, saved, cache, "--dtype", "fp32"))
    recipe = tmp_path / "r.yaml"
    recipe.write_text(
        f"corpus: demo\nmodel: {saved}\nanswer: [emotion]\nlora: {{r: 2, dropout: 0.0}}\n"
        "modality_dropout: 0.3\nmax_new_tokens: 2\n"
    )
    bare = tmp_path / "bare"  # the corpus as it may be passed on
    shutil.copytree(corpus, bare, ignore=shutil.ignore_patterns("*.mp4", "*.wav"))
    losses, answers = [], []
    for root, more in (
        (corpus, ()),
        (corpus, ("--features", cache)),
        (bare, ("--features", cache)),
    ):
        out = tmp_path / f"run {len(losses)}"
        command = ["train", recipe, "--data-dir", root, "--output-dir", out]
        affecthub(*command, "--set", QUICK, *more)
        (run,) = out.glob("*/seed-0")
        log = json.loads((run / "training.json").read_text())["losses"]
        losses.append(
            [entry[key] for entry in log for key in ("loss", "eval_loss") if key in entry]
        )
        lines = map(json.loads, (run / "predictions.jsonl").read_text().splitlines())
        answers.append({line["id"]: line["prediction"] for line in lines})
    assert len(losses[0]) >= 6 and len(answers[0]) == 8
    assert losses[1] == pytest.approx(losses[0], abs=1e-5)
    assert losses[2] == losses[1]
    assert answers[1] == answers[0] and answers[2] == answers[0]

    other = FeatureCache.open(cache).folder / "features.json"
    other.write_text(other.read_text().replace('"n_frames": 8', '"n_frames": 6'))
    line = refused(*command, "--set", QUICK, "--features", cache, "--overwrite")
    assert "vision_features.n_frames is 6 in the cache and 8 here" in line
