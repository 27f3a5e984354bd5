"""What must come out the same, through the program: killed and resumed, in a file, in two ranks."""

import json
import os
import random
import signal
import time

import pytest
from safetensors.torch import load_file
from training_programs import finish, start

# Words alone; a step takes as long as the many kills need it to be seen.
QUICK = [
    *("--set", "modalities=[text]", "--set", "scratch.vocab_size=200", "--set", "max_new_tokens=4"),
    *("--set", "evaluate={n_clips: 4}", "--set", "cache_media=false"),
    *("--set", "scratch.config.text_config={hidden_size: 32, attention_dropout: 0.2}"),
]
TRAINER = (
    "trainer={num_train_epochs: 2, per_device_train_batch_size: 2, logging_steps: 1, "
    "save_strategy: steps, save_steps: 2}"
)
N_STEPS = 14


@pytest.fixture(scope="module")
def program(small_corpus, tmp_path_factory):
    """Start the program with a run's folder; more arguments come after."""
    folder = tmp_path_factory.mktemp("programs")

    def run(name, *more, seed=0, log="log", **environment):
        arguments = ["demo", "--data-dir", str(small_corpus), "--output-dir", str(folder / name)]
        arguments += [*QUICK, "--set", TRAINER, "--set", f"seed={seed}", *more]
        return start(arguments, folder / f"{name}.{log}", **environment)

    run.folder = folder
    return run


@pytest.fixture(scope="module")
def whole(program):
    """The run that nothing stops."""
    finish(program("whole"), program.folder / "whole.log")
    return program.folder / "whole"


def losses(folder):
    return json.loads((folder / "training.json").read_text())["losses"]


def assert_equal_weights(one, other):
    first, second = (load_file(folder / "model.safetensors") for folder in (one, other))
    assert first.keys() == second.keys()
    assert [name for name in first if not first[name].equal(second[name])] == []


@pytest.mark.slow
def test_killed_thrice_and_resumed_is_as_never_stopped(program, whole):
    """Killed by -9 when a folder appears, while it is written, or a moment after."""
    draw = random.Random(5)
    checkpoints = program.folder / "killed-checkpoints"
    for number, step in enumerate(range(4, N_STEPS - 4, 2)):
        process = program("killed", *(["--resume"] if number else []))
        seen = checkpoints / f"checkpoint-{step}" / ("trainer_state.json" if number else "")
        while process.is_alive() and not seen.exists():
            time.sleep(0.001)
        time.sleep(draw.choice([0, 0.02, 0.1]) if number else 0)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert process.exitcode == -signal.SIGKILL, (program.folder / "killed.log").read_text()
    finish(program("killed", "--resume"), program.folder / "killed.log")
    assert losses(program.folder / "killed") == losses(whole)
    assert len([row for row in losses(whole) if "loss" in row]) == N_STEPS
    assert_equal_weights(program.folder / "killed", whole)


@pytest.mark.slow
def test_the_seed_decides_everything(program, whole):
    runs = [program("again"), program("other", seed=1)]
    for name, process in zip(("again", "other"), runs, strict=True):
        finish(process, program.folder / f"{name}.log")
    assert losses(program.folder / "again") == losses(whole)
    assert_equal_weights(program.folder / "again", whole)
    assert losses(program.folder / "other") != losses(whole)


@pytest.mark.slow
def test_a_file_gets_a_line_for_each_evaluation_and_no_control_characters(whole):
    printed = whole.with_name("whole.log").read_bytes()
    assert b"\r" not in printed and b"\x1b" not in printed and b"\x08" not in printed
    lines = [line for line in printed.decode().splitlines() if line.startswith("epoch ")]
    evaluations = [line for line in lines if "set-F" in line]
    # Evaluated at every second step; epochs end at 7 and 14.
    steps = (2, 4, 6, 7, 8, 10, 12, 14)
    assert [line.split(", ")[1] for line in lines] == [f"step {n}" for n in steps]
    assert len(evaluations) == 7
    assert all("validation loss" in line and "hit rate" in line for line in evaluations)


@pytest.mark.slow
def test_a_folder_with_a_run_is_left_alone(program, whole):
    before = {path: path.stat().st_mtime_ns for path in whole.iterdir()}
    log = whole.with_name("whole.refused")
    process = program("whole", log="refused")
    process.join()
    assert process.exitcode == 1
    assert "has a model of an earlier run" in log.read_text() and "--resume" in log.read_text()
    assert {path: path.stat().st_mtime_ns for path in whole.iterdir()} == before


@pytest.fixture
def two_processes(program):
    """Start the program in two processes that train together."""
    from torch.distributed.elastic.utils.distributed import get_free_port

    def run(name, *more):
        shared = {
            "WORLD_SIZE": "2",
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(get_free_port()),
            "ACCELERATE_USE_CPU": "true",
        }
        ranks = [{"RANK": str(n), "LOCAL_RANK": str(n)} for n in range(2)]
        processes = [
            program(name, *more, log=f"log{n}", **shared, **rank) for n, rank in enumerate(ranks)
        ]
        return processes, [program.folder / f"{name}.log{n}" for n in range(2)]

    return run


@pytest.mark.slow
def test_two_processes_share_the_clips_and_agree(program, whole, two_processes):
    """Each asks half of the clips; all answers are scored, in the order of the clips."""
    processes, logs = two_processes("two", "--set", "trainer.per_device_train_batch_size=1")
    for process, log in zip(processes, logs, strict=True):
        finish(process, log)
    two = program.folder / "two"
    steps = [[row["step"] for row in losses(run) if "eval_set_f" in row] for run in (two, whole)]
    assert steps[0] == steps[1] and len(steps[0]) == 7
    for step in (2, 14):
        files = [
            run.with_name(f"{run.name}-checkpoints") / "evaluation" / f"step-{step}.jsonl"
            for run in (two, whole)
        ]
        asked = [[json.loads(line)["id"] for line in file.open()] for file in files]
        assert asked[0] == asked[1] and len(asked[0]) == 4


@pytest.mark.slow
def test_a_loss_that_is_no_number_stops_both_processes(program, two_processes):
    """Each names the clips of both, and none waits for the other."""
    far = "trainer={learning_rate: 1e30, max_grad_norm: 0.0, warmup_steps: 0, eval_strategy: no}"
    processes, logs = two_processes("far", "--set", far, "--set", "evaluate=null")
    for process, log in zip(processes, logs, strict=True):
        process.join(timeout=600)
        assert process.exitcode == 1, log.read_text()
        (told,) = (line for line in log.read_text().splitlines() if "NonFiniteLossError: " in line)
        assert "at step 2 on clips" in told and told.count("'S") == 4
    assert not (program.folder / "far" / "training.json").exists()
