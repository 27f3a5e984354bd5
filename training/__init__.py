"""Programs that join corpora, metrics and models: fine-tune, predict, report."""

import logging
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from affecthub.training.recipe import load_recipe as load_recipe
    from affecthub.training.rl.recipe import load_grpo_recipe as load_grpo_recipe
    from affecthub.training.rl.run import run_grpo as run_grpo
    from affecthub.training.rl.trainer import ClipGRPOTrainer as ClipGRPOTrainer

# Where each public name is.
_NAMES = {
    "load_recipe": "recipe",
    "load_grpo_recipe": "rl.recipe",
    "run_grpo": "rl.run",
    "ClipGRPOTrainer": "rl.trainer",
}

__all__ = ["ClipGRPOTrainer", "load_grpo_recipe", "load_recipe", "run_grpo"]

# Where bitsandbytes is installed, peft imports it, and it asks for kernels that few need.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)


def __getattr__(name: str) -> Any:
    """Resolve a public name on first use."""
    if name in _NAMES:
        return getattr(import_module(f"affecthub.training.{_NAMES[name]}"), name)
    raise AttributeError(f"module 'affecthub.training' has no attribute {name!r}")
