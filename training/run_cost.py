"""What a run took: seconds, device, operations, memory; each only where it was measured."""

from typing import Any

import torch


def run_cost(trainer: Any) -> dict[str, Any]:
    """What a ``Trainer`` knows of what its training took.

    Args:
        trainer: After ``train``.

    Returns:
        ``train_s``, seconds since the last start; ``flops``, transformers' estimate over the whole
        run; ``device``, the name of the first process' accelerator, or ``cpu``; and on an
        accelerator ``peak_memory_bytes`` there.
    """
    seconds = [row["train_runtime"] for row in trainer.state.log_history if "train_runtime" in row]
    device = trainer.args.device
    cost: dict[str, Any] = {"device": device.type}
    if seconds:
        cost["train_s"] = round(float(seconds[-1]), 1)
    if trainer.state.total_flos:
        cost["flops"] = float(trainer.state.total_flos)
    if device.type == "cuda":
        cost["device"] = torch.cuda.get_device_name(device)
        cost["peak_memory_bytes"] = torch.cuda.max_memory_allocated(device)
    return cost
