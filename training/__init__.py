"""Programs that join corpora, metrics and models: fine-tune, predict, report."""

import logging
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from affecthub.training.recipe import load_recipe as load_recipe

__all__ = ["load_recipe"]

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
    """Resolve ``load_recipe`` on first use."""
    if name == "load_recipe":
        from affecthub.training.recipe import load_recipe

        return load_recipe
    raise AttributeError(f"module 'affecthub.training' has no attribute {name!r}")
