"""The command as it is used at scale: several processes, killed again and again."""

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest

FORKED = Path(__file__).with_name("forked_commands.py")


def run(jobs: list[dict]) -> list[list[int]]:
    """Run jobs one after the other; the exit codes of their processes."""
    done = subprocess.run(
        [sys.executable, FORKED, json.dumps(jobs)],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.slow
def test_killed_runs_of_any_number_of_processes_end_as_one_that_was_not(
    trained, small_corpus, tmp_path
):
    command = ["predict", "demo", "--data-dir", str(small_corpus), "--limit", "12"]
    command += ["--model", str(trained.output_dir), "--batch-size", "2"]

    def job(name: str, **more) -> dict:
        return {"command": [*command, "--output", str(tmp_path / name)], **more}

    # A line has about 130 bytes, and there are 12.
    at = sorted(random.Random(0).sample(range(1000), 4))
    jobs = [job("killed.jsonl", processes=1 + i % 2, kill_at=n) for i, n in enumerate(at)]
    *codes, last, undisturbed = run([*jobs, job("killed.jsonl", processes=2), job("whole.jsonl")])
    assert (last, undisturbed) == ([0, 0], [0])
    assert [{*code} for code in codes] == [{-9}] * 4
    whole = (tmp_path / "whole.jsonl").read_bytes()
    assert whole.count(b"\n") == 12
    assert (tmp_path / "killed.jsonl").read_bytes() == whole
    assert sorted(each.name for each in tmp_path.iterdir()) == ["killed.jsonl", "whole.jsonl"]
