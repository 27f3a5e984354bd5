"""What a launcher asked for, what a run really is, and that both are the same.

Several ways of starting many processes end without an error and have done something else: on a
machine without accelerators two processes train one model each, into the same folder, and FSDP
becomes plain data parallelism.
"""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from affecthub.errors import require

ONE = "one process"
MEANINGS = {
    ONE: "nothing is shared",
    "dp": "one process copies the model to every device at each step (torch DataParallel)",
    "ddp": "every process holds the whole model",
    "fsdp2": "parameters, gradients and optimiser are split",
    "zero1": "the optimiser is split",
    "zero2": "gradients and optimiser are split",
    "zero3": "parameters, gradients and optimiser are split",
}


@dataclass(frozen=True)
class Launch:
    """How a run is shared among processes.

    Args:
        kind: A key of `MEANINGS`.
        n_processes: Over all machines.
        distributed_type: What Accelerate calls it.
        wrapper: Class that the model is trained in.
        parameter: Class of its parameters.
        precision: What it computes in, as ``bf16``; ``no`` is the weights' own.
        device: What the first process computes on.
        n_parameters: Of the whole model.
        n_held: Of those, what the first process holds between two steps.
        offload: What of it lies in host memory: "", "optimizer", "optimizer and parameters".
    """

    kind: str = ONE
    n_processes: int = 1
    distributed_type: str = ""
    wrapper: str = ""
    parameter: str = ""
    precision: str = "no"
    device: str = ""
    n_parameters: int = 0
    n_held: int = 0
    offload: str = ""

    @property
    def is_split(self) -> bool:
        """Whether no process holds all parameters."""
        return self.kind in ("fsdp2", "zero3")

    def in_words(self) -> str:
        """All of it in one line."""
        many = f"{self.n_processes} processes" if self.n_processes > 1 else ""
        held = f"this process holds {self.n_held:,} of {self.n_parameters:,} parameters"
        parts = (
            f"{self.kind}: {many}" if many and self.kind != ONE else self.kind,
            f"on {self.device}",
            f"{self.wrapper} of {self.parameter}",
            f"{MEANINGS[self.kind]}, {held}",
            f"{self.offload} in the host's memory" if self.offload else "",
            f"precision {self.precision}" if self.precision != "no" else "the weights' precision",
        )
        return ", ".join(filter(None, parts))

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return asdict(self)


def asked(trainer: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Launch:
    """What the launcher and the recipe ask for, as far as that can be read before training.

    Args:
        trainer: The recipe's `trainer`.
        environ: Where ``torchrun`` and ``accelerate launch`` leave what they were told.

    Example:
        >>> asked({}, {"WORLD_SIZE": "4", "ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "2"}).kind
        'fsdp2'
    """
    n = int(environ.get("WORLD_SIZE", "1"))
    if trainer.get("deepspeed") or _is_on("ACCELERATE_USE_DEEPSPEED", environ):
        return Launch(f"zero{_zero_stage(trainer.get('deepspeed'), environ)}", n)
    if trainer.get("fsdp") or _is_on("ACCELERATE_USE_FSDP", environ):
        given = trainer.get("fsdp_config")
        version = given.get("version", 1) if isinstance(given, Mapping) else 1
        return Launch(f"fsdp{environ.get('FSDP_VERSION', version)}", n)
    return Launch("ddp" if n > 1 else ONE, n)


def require_machine(trainer: Mapping[str, Any], environ: Mapping[str, str] = os.environ) -> Launch:
    """What is asked for, after a look at whether this machine can have it.

    Raises:
        ImportError: DeepSpeed is asked for and not installed.
        ValueError: More processes are asked for than there are devices here.
    """
    wanted = asked(trainer, environ)
    if wanted.kind == "fsdp1":
        raise ValueError(
            "FSDP 1 is not supported: got fsdp_version 1, expected version 2. Take "
            "launchers/fsdp2.yaml, or set `version: 2` in `trainer.fsdp_config`."
        )
    if wanted.kind.startswith("zero"):
        require("deepspeed", "deepspeed", wanted.kind)
    here = int(environ.get("LOCAL_WORLD_SIZE", "1"))
    n_devices = torch.accelerator.device_count() if torch.accelerator.is_available() else 0
    if 0 < n_devices < here and not _is_on("ACCELERATE_USE_CPU", environ):
        raise ValueError(
            f"more processes than devices: got {here} processes on a machine with {n_devices}, "
            "expected at most one each. Start fewer (--num_processes, --nproc_per_node)."
        )
    return wanted


def join_on_cpu(wanted: Launch) -> None:
    """Have processes share a run on the CPU where there is nothing else; Accelerate wants a word.

    Without it each of them would train alone. DeepSpeed and FSDP need an accelerator.
    """
    if wanted.kind == "ddp" and not torch.accelerator.is_available():
        os.environ.setdefault("ACCELERATE_USE_CPU", "true")


def require_together(wanted: Launch, n_processes: int) -> None:
    """Check that the processes of a launch know of each other.

    Raises:
        ValueError: They would train one model each, into the same folder.
    """
    if wanted.n_processes != n_processes:
        raise ValueError(
            f"the launcher started {wanted.n_processes} processes, but each of them would train "
            f"alone: got {n_processes} process in its group. On the CPU processes join for kind "
            "'ddp' alone, and with ACCELERATE_USE_CPU=true in the environment."
        )


def require_as_asked(wanted: Launch, got: Launch) -> None:
    """Check that a run is what it was asked to be.

    Raises:
        ValueError: It is of another kind or size.
    """
    if (wanted.kind, wanted.n_processes) == (got.kind, got.n_processes):
        return
    if wanted.kind == ONE and got.kind == "dp":
        return  # said in the line, and the Trainer's own way for a machine with several devices
    raise ValueError(
        f"this run is not what its launcher asked for: got {got.kind} on {got.n_processes} "
        f"({got.wrapper} of {got.parameter}), expected {wanted.kind} on {wanted.n_processes}. "
        "FSDP and DeepSpeed need an accelerator for each process; unset ACCELERATE_USE_CPU where "
        "there are some, or take launchers/ddp.yaml."
    )


def found(trainer: Any) -> Launch:
    """What a Trainer's model has really become, once it is prepared for training."""
    model, accelerator = trainer.model_wrapped, trainer.accelerator
    parameters = list(model.parameters())
    precision = str(accelerator.mixed_precision)
    if trainer.is_deepspeed_enabled:
        kind = f"zero{model.zero_optimization_stage()}"
    elif any(type(each).__name__ == "DTensor" for each in parameters):
        kind = "fsdp2"
    else:
        wrapped = {"DistributedDataParallel": "ddp", "DataParallel": "dp"}
        kind = wrapped.get(type(model).__name__, ONE)
    return Launch(
        kind=kind,
        n_processes=accelerator.num_processes,
        distributed_type=str(accelerator.distributed_type.value),
        wrapper=type(model).__name__,
        parameter=_class_of(parameters),
        precision=precision,
        device=str(accelerator.device),
        n_parameters=sum(map(n_whole, parameters)),
        n_held=sum(map(_n_held, parameters)),
        offload=_offload(trainer),
    )


def n_whole(parameter: torch.Tensor) -> int:
    """Numbers of a parameter over all processes, also where ZeRO-3 has left an empty one here."""
    return int(getattr(parameter, "ds_numel", None) or parameter.numel())


def _class_of(parameters: list[torch.Tensor]) -> str:
    """The class of the first trained parameter; ZeRO-3's are Parameters with a shard beside."""
    first = next((each for each in parameters if each.requires_grad), parameters[0])
    return type(first).__name__ + (" with ds_tensor" if hasattr(first, "ds_tensor") else "")


def _n_held(parameter: torch.Tensor) -> int:
    shard = getattr(parameter, "ds_tensor", None)
    if shard is not None:
        return int(shard.numel())
    return int(getattr(parameter, "_local_tensor", parameter).numel())


def _offload(trainer: Any) -> str:
    if trainer.is_deepspeed_enabled:
        zero = trainer.model_wrapped.config.get("zero_optimization", {})
        parts = {"optimizer": "offload_optimizer", "parameters": "offload_param"}
        there = [
            name
            for name, key in parts.items()
            if (zero.get(key) or {}).get("device", "none") not in ("none", None)
        ]
        return " and ".join(there)
    plugin = trainer.accelerator.state.fsdp_plugin if trainer.is_fsdp_enabled else None
    offloaded = type(getattr(plugin, "cpu_offload", None)).__name__ == "CPUOffloadPolicy"
    return "optimizer and parameters" if offloaded else ""


def _zero_stage(given: Any, environ: Mapping[str, str]) -> int:
    """The stage that DeepSpeed's config names, in the recipe, in a file or by accelerate."""
    config = given or environ.get("ACCELERATE_DEEPSPEED_CONFIG_FILE")
    if config is None:
        return int(environ.get("ACCELERATE_DEEPSPEED_ZERO_STAGE", "2"))
    if not isinstance(config, Mapping):
        config = json.loads(Path(config).read_text("utf-8"))
    stage = config.get("zero_optimization", {}).get("stage", 0)
    return int(environ.get("ACCELERATE_DEEPSPEED_ZERO_STAGE", "2") if stage == "auto" else stage)


def _is_on(name: str, environ: Mapping[str, str]) -> bool:
    return environ.get(name, "").lower() in ("1", "true", "yes", "y", "on", "t")
