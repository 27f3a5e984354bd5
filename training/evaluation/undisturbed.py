"""A pause in training that leaves no trace: modes and random numbers are put back."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import torch


@contextmanager
def random_untouched() -> Iterator[None]:
    """Put the random numbers of torch, NumPy and Python back where they were.

    Opening a ``DataLoader`` draws one, and a run that is resumed must draw what the first drew.
    """
    python, numpy = random.getstate(), np.random.get_state()
    device = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    where: dict[str, Any] = {"devices": []}
    if device is not None:
        where = {
            "devices": [torch.accelerator.current_device_index()],
            "device_type": device.type,
        }
    try:
        with torch.random.fork_rng(**where):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


@contextmanager
def asked(model: torch.nn.Module) -> Iterator[None]:
    """Ask a model in the middle of training: no dropout, no gradient, and afterwards as before.

    Each module gets its own mode back: frozen towers may be in another than the rest.
    """
    modes = [(module, module.training) for module in model.modules()]
    model.eval()
    try:
        # Not `inference_mode`: parameters that are gathered in it can take no gradient later.
        with random_untouched(), torch.no_grad():
            yield
    finally:
        for module, training in modes:
            module.training = training
