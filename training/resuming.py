"""Checkpoints of split runs in one form, from which any kind and number of processes goes on.

DeepSpeed's and FSDP's own checkpoints hold what each process had, cut as it was cut, and those of
ZeRO can only be read by as many processes again. Here the trained weights and the optimiser are
written whole and by name. The first process needs host memory for them while it writes: 12 bytes
for each trained parameter with AdamW, 0.7 GB for the paper's model.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from safetensors.torch import save_file

STATE = "optimizer_by_name.safetensors"
_WEIGHT = "weight"


def save_state(trainer: Any, folder: str | Path) -> None:
    """Write the trained weights, the optimiser and the schedule of a split run.

    Every process has to call it; the first one writes.
    """
    kept: dict[str, torch.Tensor] = {}
    for name, parameter in _trained(trainer):
        for what, value in _whole(trainer, parameter):
            if trainer.args.should_save:
                kept[f"{name}|{what}"] = value.detach().float().cpu().contiguous()
    if not trainer.args.should_save:
        return
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(kept, folder / STATE, metadata={"step": str(_step(trainer)), "format": "pt"})
    torch.save(trainer.lr_scheduler.state_dict(), folder / "scheduler.pt")


def has_state(folder: str | Path) -> bool:
    """Whether a checkpoint is of the form that `save_state` writes."""
    return (Path(folder) / STATE).is_file()


def load_state(trainer: Any, folder: str | Path, *, weights_alone: bool = False) -> None:
    """Put the weights, the optimiser and the schedule of a checkpoint into a prepared run.

    Args:
        trainer: Its model is wrapped and its optimiser made already.
        folder: Checkpoint of `save_state`, or of a kind that holds all on each process. One of
            weights alone leaves optimiser and schedule as they are.
        weights_alone: Leave optimiser and schedule as they are.

    Raises:
        ValueError: The checkpoint lacks what this run trains.
    """
    folder = Path(folder)
    with _Saved.open(trainer, folder) as saved:
        for name, parameter in _trained(trainer):
            for what in saved.of(name):
                if what == _WEIGHT or not weights_alone:
                    _put(trainer, parameter, what, saved.read(name, what))
        if weights_alone or saved.step is None:
            return
        _set_step(trainer, saved.step)
    schedule = torch.load(folder / "scheduler.pt", weights_only=True)
    trainer.lr_scheduler.load_state_dict(schedule)
    rates = trainer.lr_scheduler.get_last_lr()
    for group, rate in zip(trainer.optimizer.param_groups, rates, strict=True):
        group["lr"] = rate


class _Saved:
    """What a checkpoint holds of each parameter."""

    def __init__(self, file: Any, names: dict[str, list[str]], step: float | None) -> None:
        self.file = file
        self.names = names
        self.step = step

    @classmethod
    def open(cls, trainer: Any, folder: Path) -> "_Saved":
        path = folder / STATE
        if not path.is_file():
            return _SavedWhole.read_all(trainer, folder)
        file = safe_open(path, framework="pt").__enter__()
        names: dict[str, list[str]] = {}
        for key in file.keys():
            name, _, what = key.rpartition("|")
            names.setdefault(name, []).append(what)
        return cls(file, names, float((file.metadata() or {}).get("step", "0")))

    def __enter__(self) -> "_Saved":
        return self

    def __exit__(self, *error: Any) -> None:
        if self.file is not None:
            self.file.__exit__(*error)

    def of(self, name: str) -> list[str]:
        """What there is of a parameter."""
        if _WEIGHT not in self.names.get(name, ()):
            raise ValueError(
                f"the checkpoint lacks {name!r}: expected every parameter that this run trains. "
                "Start again without --resume."
            )
        return self.names[name]

    def read(self, name: str, what: str) -> torch.Tensor:
        return self.file.get_tensor(f"{name}|{what}")


class _SavedWhole(_Saved):
    """The Trainer's own checkpoint: weights by name, the optimiser by number."""

    values: dict[tuple[str, str], torch.Tensor]

    @classmethod
    def read_all(cls, trainer: Any, folder: Path) -> "_SavedWhole":
        weights, names = _weights(trainer, folder), _in_order_of_groups(trainer)
        values = {(name, _WEIGHT): weights[name] for name in names if name in weights}
        step = None
        if (folder / "optimizer.pt").is_file():
            step = cls._read_optimizer(folder, names, values)
        kinds: dict[str, list[str]] = {}
        for name, what in values:
            kinds.setdefault(name, []).append(what)
        saved = cls(None, kinds, step)
        saved.values = values
        return saved

    @staticmethod
    def _read_optimizer(
        folder: Path, names: list[str], values: dict[tuple[str, str], torch.Tensor]
    ) -> float:
        """Add what the optimiser has of each parameter to the values; gives its steps."""
        optimizer = torch.load(folder / "optimizer.pt", map_location="cpu", weights_only=True)
        numbered = [number for group in optimizer["param_groups"] for number in group["params"]]
        if len(numbered) != len(names):
            raise ValueError(
                f"{folder} holds the optimiser of {len(numbered)} parameters: expected the "
                f"{len(names)} that this run trains. Start again without --resume."
            )
        step = 0.0
        for number, name in zip(numbered, names, strict=True):
            for what, value in optimizer["state"].get(number, {}).items():
                if what == "step":
                    step = float(value)
                elif torch.is_tensor(value):
                    values[name, what] = value
        return step

    def read(self, name: str, what: str) -> torch.Tensor:
        return self.values[name, what]


def _trained(trainer: Any) -> Iterator[tuple[str, Any]]:
    """Names as a single process has them, and parameters that are trained."""
    model = trainer.model_wrapped
    inner = model.module if hasattr(model, "module") else model
    yield from ((name, each) for name, each in inner.named_parameters() if each.requires_grad)


def _whole(trainer: Any, parameter: Any) -> Iterator[tuple[str, torch.Tensor]]:
    """A parameter and each part of its optimiser's state, gathered from all processes."""
    if trainer.is_deepspeed_enabled:
        from deepspeed.utils import safe_get_full_fp32_param, safe_get_full_optimizer_state

        is_zero3 = hasattr(parameter, "ds_id")
        for what in (_WEIGHT, *_state_names(trainer)):
            if not is_zero3:
                yield what, _sum_of_parts(trainer, parameter, what)
            elif what == _WEIGHT:
                yield what, safe_get_full_fp32_param(parameter)
            else:
                yield what, safe_get_full_optimizer_state(parameter, what)
        return
    yield _WEIGHT, _gathered(parameter)
    for what, value in trainer.optimizer.optimizer.state[parameter].items():
        if what != "step" and torch.is_tensor(value):
            yield what, _gathered(value)


def _put(trainer: Any, parameter: Any, what: str, value: torch.Tensor) -> None:
    """Set a parameter, or a part of its optimiser's state, to what was gathered."""
    if trainer.is_deepspeed_enabled:
        _put_zero(trainer, parameter, what, value)
        return
    target = parameter if what == _WEIGHT else None
    value = value.to(parameter.device, parameter.dtype)
    if hasattr(parameter, "device_mesh"):
        from torch.distributed.tensor import distribute_tensor

        value = distribute_tensor(value, parameter.device_mesh, parameter.placements)
    if target is None:
        trainer.optimizer.optimizer.state[parameter][what] = value
    else:
        with torch.no_grad():
            target.copy_(value)


def _put_zero(trainer: Any, parameter: Any, what: str, value: torch.Tensor) -> None:
    from deepspeed import utils

    value = value.float()
    if not hasattr(parameter, "ds_id"):
        if what == _WEIGHT:
            parameter.data.copy_(value)
        part = _part(trainer, parameter, what, make=True)
        if part is not None:
            mine, whole_at = part
            mine.copy_(value.flatten()[whole_at])
        return
    # DeepSpeed's own way of setting a whole one fails where it does not divide by the processes.
    n_here = parameter.ds_tensor.numel()
    first = n_here * trainer.args.process_index
    flat = torch.nn.functional.pad(value.flatten(), (0, n_here * trainer.args.world_size))
    here = flat[first : first + n_here]
    if what == _WEIGHT:
        utils.safe_set_local_fp32_param(parameter, here)
        parameter.ds_tensor.data.copy_(here)
    else:
        # There is none before the first step.
        optimizer = trainer.model_wrapped.optimizer
        for values in optimizer.fp32_partitioned_groups_flat:
            optimizer.optimizer.state[values].setdefault(what, torch.zeros_like(values))
        utils.safe_set_local_optimizer_state(parameter, here, what)


def _part(
    trainer: Any, parameter: Any, what: str, *, make: bool = False
) -> tuple[torch.Tensor, slice] | None:
    """What this process has of a parameter's value under ZeRO-1 and ZeRO-2, and where it lies.

    DeepSpeed's own way knows of the optimiser's state after the first step alone.

    Returns:
        None where this process has nothing of it.
    """
    mapping = parameter._hp_mapping
    if mapping is None:
        return None
    flat = trainer.model_wrapped.optimizer.single_partition_of_fp32_groups[
        mapping.param_group_index
    ]
    values = flat.data
    if what != _WEIGHT:
        state = _torch_optimizer(trainer).state[flat]
        if what not in state and not make:
            return None
        values = state.setdefault(what, torch.zeros_like(values))
    here, there = mapping.hp_fragment_address, mapping.lp_fragment_address
    return (
        values.narrow(0, here.start, here.numel),
        slice(there.start, there.start + there.numel),
    )


def _sum_of_parts(trainer: Any, parameter: Any, what: str) -> torch.Tensor:
    whole = torch.zeros_like(parameter, dtype=torch.float32).flatten()
    part = _part(trainer, parameter, what)
    if part is not None:
        mine, whole_at = part
        whole[whole_at] = mine.to(whole)
    torch.distributed.all_reduce(whole)
    return whole.view(parameter.shape)


def _torch_optimizer(trainer: Any) -> Any:
    if trainer.is_deepspeed_enabled:
        return trainer.model_wrapped.optimizer.optimizer
    return trainer.optimizer.optimizer


def _state_names(trainer: Any) -> list[str]:
    """What the optimiser keeps beside each parameter, of the parameter's size."""
    names: dict[str, None] = {}
    for state in _torch_optimizer(trainer).state.values():
        names |= {
            what: None for what, each in state.items() if torch.is_tensor(each) and each.dim()
        }
    return sorted(names)


def _step(trainer: Any) -> float:
    """Steps that the optimiser has made, which its bias correction needs."""
    optimizer = _torch_optimizer(trainer)
    for state in optimizer.state.values():
        if "step" in state:
            return float(state["step"])
    return float(next((group["step"] for group in optimizer.param_groups if "step" in group), 0))


def _set_step(trainer: Any, step: float) -> None:
    optimizer = _torch_optimizer(trainer)
    for group in optimizer.param_groups:
        if "step" in group:
            group["step"] = int(step)
    for state in optimizer.state.values():
        before = state.get("step", torch.tensor(0.0))
        state["step"] = torch.full_like(before, step) if torch.is_tensor(before) else int(step)


def _gathered(value: Any) -> torch.Tensor:
    return value.full_tensor() if hasattr(value, "full_tensor") else value


def _in_order_of_groups(trainer: Any) -> list[str]:
    """Names of the trained parameters as the Trainer numbers them: first those that decay."""
    decaying = set(trainer.get_decay_parameter_names(trainer.model))
    names = [name for name, _ in _trained(trainer)]
    return [name for name in names if name in decaying] + [
        name for name in names if name not in decaying
    ]


def _weights(trainer: Any, folder: Path) -> dict[str, torch.Tensor]:
    """The weights of a model's or an adapter's folder, by the names that parameters have."""
    found: dict[str, torch.Tensor] = {}
    for path in folder.glob("*.safetensors"):
        with safe_open(path, framework="pt") as file:
            found |= {key: file.get_tensor(key) for key in file.keys()}
    named = {name for name, _ in _trained(trainer)}
    if not (folder / "adapter_config.json").is_file():
        return found
    # PEFT leaves the adapter's name out of the file.
    return found | {
        name: found[short]
        for name in named
        if (short := name.replace(".modules_to_save.default", "").replace(".default", "")) in found
    }
