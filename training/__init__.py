"""Programs that join corpora, metrics and models: fine-tune, predict, report."""

import logging
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from affecthub.training.evaluation.set_f_callback import SetFCallback as SetFCallback
    from affecthub.training.features.store import FeatureCache as FeatureCache
    from affecthub.training.recipe import load_recipe as load_recipe
    from affecthub.training.rl.recipe import load_grpo_recipe as load_grpo_recipe
    from affecthub.training.rl.run import run_grpo as run_grpo
    from affecthub.training.rl.trainer import ClipGRPOTrainer as ClipGRPOTrainer

# Public name to the module it is in.
_HOMES = {
    "ClipGRPOTrainer": "rl.trainer",
    "FeatureCache": "features.store",
    "SetFCallback": "evaluation.set_f_callback",
    "load_grpo_recipe": "rl.recipe",
    "load_recipe": "recipe",
    "run_grpo": "rl.run",
}

__all__ = [
    "ClipGRPOTrainer",
    "FeatureCache",
    "SetFCallback",
    "load_grpo_recipe",
    "load_recipe",
    "run_grpo",
]

# Where bitsandbytes is installed, peft imports it, and it asks for kernels that few need.
logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)


def _beside_results(record: logging.LogRecord) -> bool:
    """Move what DeepSpeed logs off stdout, where results go, and drop its guess at the device.

    Where it is installed, Accelerate imports it for every run.
    """
    for handler in logging.getLogger("DeepSpeed").handlers:
        if isinstance(handler, logging.StreamHandler):
            handler.setStream(sys.stderr)
    return not record.getMessage().startswith("Setting accelerator to")


logging.getLogger("DeepSpeed").addFilter(_beside_results)


def __getattr__(name: str) -> Any:
    """Import a public name on first use."""
    if name not in _HOMES:
        raise AttributeError(f"module 'affecthub.training' has no attribute {name!r}")
    return getattr(import_module(f"affecthub.training.{_HOMES[name]}"), name)
