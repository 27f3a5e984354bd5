"""Two processes follow the same schedule as one, over the same share of the run."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

QUICK = (
    "trainer={num_train_epochs: 2, per_device_train_batch_size: 2, warmup_steps: 0.5, "
    "lr_scheduler_type: linear, eval_strategy: no, logging_steps: 1}"
)


def learning_rates(corpus: Path, output_dir: Path, n_processes: int) -> list[float]:
    """The learning rate of every step of a run on so many processes."""
    launcher = ["torch.distributed.run", "--standalone", f"--nproc_per_node={n_processes}", "-m"]
    done = subprocess.run(
        [
            *(sys.executable, "-m"),
            *(launcher if n_processes > 1 else []),
            *("affecthub.training.sft", "demo"),
            *("--data-dir", corpus, "--output-dir", output_dir, "--set", QUICK),
            *("--set", "modalities=[text]", "--set", "scratch.vocab_size=200"),
        ],
        capture_output=True,
        text=True,
        # Without a GPU, accelerate takes processes for separate runs unless it is told.
        env=os.environ | {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    (state,) = output_dir.with_name(f"{output_dir.name}-checkpoints").glob(
        "checkpoint-*/trainer_state.json"
    )
    history = json.loads(state.read_text())["log_history"]
    return [entry["learning_rate"] for entry in history if "learning_rate" in entry]


@pytest.mark.slow
def test_warm_up_takes_the_same_share_of_the_run(tmp_path):
    from affecthub.datasets_scripts.demo.generate import generate_demo

    # 16 clips to train on, twice, in batches of 2: 16 steps on one process, 8 on two.
    corpus = generate_demo(tmp_path / "corpus", n_clips=48, n_speakers=3, seed=1)
    one = learning_rates(corpus, tmp_path / "one", 1)
    two = learning_rates(corpus, tmp_path / "two", 2)
    # Half of the run up, half of it down.
    assert one == pytest.approx([7e-4 * (i if i < 8 else 16 - i) / 8 for i in range(16)])
    assert two == pytest.approx(one[::2])
