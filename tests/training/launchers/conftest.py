"""Every job of this folder's slow tests, run once: two processes import torch and fork for each."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest

RUNNER = Path(__file__).parent / "in_processes.py"
SMALL = (
    *("--set", "scratch.vocab_size=200"),
    *("--set", "scratch.config={text_config: {hidden_size: 64, intermediate_size: 128}}"),
)
# 14 clips: a step of eight and one of six an epoch, and a schedule that no length changes.
TRAINER = {
    "max_steps": 5,
    # Adam makes whole steps of gradients that are nothing but rounding, as those of a bias before
    # a normalisation; with this their steps are as small as they are.
    "adam_epsilon": 1e-4,
    "lr_scheduler_type": "constant",
    "logging_steps": 1,
    "eval_strategy": "no",
    "save_strategy": "steps",
    "save_steps": 3,
    "save_total_limit": 2,
    "per_device_train_batch_size": 4,
}


@dataclass
class Outcome:
    """How a job ended."""

    codes: list[int]
    said: str
    folder: Path

    @property
    def record(self) -> dict:
        assert self.codes and not any(self.codes), self.said[-3000:]
        return json.loads((self.folder / "training.json").read_text())

    @property
    def losses(self) -> list[float]:
        return [row["loss"] for row in self.record["losses"] if "loss" in row]

    @property
    def eval_losses(self) -> list[float]:
        return [row["eval_loss"] for row in self.record["losses"] if "eval_loss" in row]


def launcher_environment(kind: str) -> dict[str, str]:
    """What ``accelerate launch --config_file KIND.yaml`` tells its processes."""
    from accelerate.commands import launch
    from accelerate.utils.launch import prepare_deepspeed_cmd_env, prepare_multi_gpu_env

    from affecthub.training.launchers import launcher

    given = ["--config_file", str(launcher(kind)), "--num_processes", "2", "x.py"]
    arguments, config, _ = launch._validate_launch_command(
        launch.launch_command_parser().parse_args(given)
    )
    before = dict(os.environ)
    try:
        if arguments.use_deepspeed:
            fields = ",".join(config.deepspeed_config)
            arguments.deepspeed_fields_from_accelerate_config = fields
            _, told = prepare_deepspeed_cmd_env(arguments)
        else:
            told = prepare_multi_gpu_env(arguments)
    finally:
        os.environ.clear()
        os.environ.update(before)
    told = {name: value for name, value in told.items() if before.get(name) != value}
    if arguments.use_deepspeed:
        return told | {"DS_ACCELERATOR": "cpu"}
    return told | {"ACCELERATE_USE_CPU": "true"}


def plan(corpus: Path, root: Path) -> list[dict]:
    """The jobs, in an order in which each finds what it goes on from."""

    def job(name, kind=None, *, process=None, begun=None, more=(), **trainer):
        found = {
            "log": str(root / f"{name}.log"),
            "env": {} if kind is None else launcher_environment(kind),
            "allow_cpu": kind is not None,
            "timeout_s": 240,
            "folder": str(root / name),
            # Whose checkpoint of the third step it goes on from.
            "begun": None if begun is None else str(root / begun),
            "program": "affecthub.training.sft",
            "arguments": [
                *("demo", "--data-dir", str(corpus), "--output-dir", str(root / name), *SMALL),
                *("--set", f"trainer={json.dumps(TRAINER | trainer)}", *more),
                *(["--resume"] if begun else []),
            ],
        }
        return found | ({} if process is None else {"process": process})

    one = {"per_device_train_batch_size": 8}
    by_step = {"eval_strategy": "steps", "eval_steps": 1, "load_best_model_at_end": False}
    small_steps = {"per_device_train_batch_size": 1, "gradient_accumulation_steps": 8}
    adapters = (
        *("--set", "scratch=null", "--set", f"model={root / 'one'}"),
        *("--set", "freeze_towers=true", "--set", "lora={r: 4, alpha: 8, dropout: 0.0}"),
    )
    unlike = ("--set", "modality_dropout=0.5", "--set", "cache_media=false")
    # Five clips in batches of two: two for one process, three for the other.
    answered = ("--set", "evaluate={n_clips: 5}", "--set", "predict_batch_size=2")
    dropped = by_step | {"per_device_train_batch_size": 1, "save_strategy": "no", "max_steps": 6}
    short = {"max_steps": 3, "save_strategy": "no"}
    whole = job("command", "zero3", more=("--json",), **short)
    return [
        job("one", process=0, **one, **by_step),
        job("one-by-eight", process=1, **small_steps),
        # Batches of at most four, and of eight clips a step on any number of processes.
        job("ddp", "ddp", more=("--set", "global_batch_size=8"), **by_step),
        *(job(kind, kind) for kind in ("fsdp2", "zero2", "zero3", "zero3_offload")),
        # Half of a run, and the rest under another kind or number of processes.
        job("ddp-one", process=0, begun="ddp", **one),
        job("fsdp2-one", process=1, begun="fsdp2", **one),
        job("one-ddp", "ddp", begun="one"),
        job("one-zero3", "zero3", begun="one"),
        job("zero3-zero2", "zero2", begun="zero3"),
        # Adapters on a saved model, which ZeRO-3 splits while it is read.
        job("adapters-one", process=0, more=adapters, **one, **short),
        job("adapters-zero3", "zero3", more=adapters, **short),
        job("adapters-fsdp2", "fsdp2", more=adapters, **short),
        # Each process drops other modalities, so that towers run on one of them alone.
        *(
            job(f"unlike-{kind}", kind, more=(*unlike, *answered), **dropped | {"eval_steps": 6})
            for kind in ("fsdp2", "zero3")
        ),
        # Trained by parts, and answered and scored by whole models.
        whole | {"program": "affecthub.__main__", "arguments": ["train", *whole["arguments"]]},
        # Told nothing but to be two.
        job("untold", **short),
        # Not what was asked for.
        job("not-split") | {"env": launcher_environment("fsdp2")},
    ]


@pytest.fixture(scope="session")
def outcomes(small_corpus, tmp_path_factory) -> dict[str, Outcome]:
    root = tmp_path_factory.mktemp("launchers")
    jobs = plan(small_corpus, root)
    (root / "jobs.json").write_text(json.dumps(jobs))
    done = subprocess.run(
        [
            *(sys.executable, "-m", "torch.distributed.run", "--standalone"),
            *("--nproc_per_node", "2", str(RUNNER), str(root / "jobs.json")),
        ],
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found = {}
    for job in jobs:
        log = Path(job["log"])
        codes = [int(path.read_text()) for path in sorted(log.parent.glob(f"{log.name}.*.code"))]
        said = "".join(path.read_text() for path in sorted(log.parent.glob(f"{log.name}.?")))
        found[log.stem] = Outcome(codes, said, Path(job["folder"]))
    return found


@pytest.fixture
def trainer_of():
    """What `launch.found` looks at, of a model that nothing wraps."""
    import torch

    def made(model):
        return SimpleNamespace(
            model_wrapped=model,
            accelerator=SimpleNamespace(
                num_processes=1,
                mixed_precision="no",
                device=torch.device("cpu"),
                distributed_type=SimpleNamespace(value="NO"),
                state=SimpleNamespace(fsdp_plugin=None),
            ),
            is_deepspeed_enabled=False,
            is_fsdp_enabled=False,
        )

    return made
