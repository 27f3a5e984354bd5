"""Test only: have Accelerate take processes on a CPU for FSDP2 and DeepSpeed, as it takes GPUs."""

import os
from importlib import import_module

from accelerate import accelerator, state
from accelerate.utils import DistributedType


def allow() -> None:
    """What the environment asks for, on a CPU; to be called before anything of Accelerate is."""
    if os.environ.get("ACCELERATE_USE_DEEPSPEED") == "true":
        _allow_deepspeed()
    elif os.environ.get("ACCELERATE_USE_FSDP") == "true":
        _allow_fsdp()


def _allow_deepspeed() -> None:
    import deepspeed

    # As an attribute of `deepspeed.comm` it is torch itself.
    backend = import_module("deepspeed.comm.torch")

    prepare = state.PartialState._prepare_backend

    def prepared(self, *args, **kwargs):
        found, kind = prepare(self, *args, **kwargs)
        many = int(os.environ.get("WORLD_SIZE", "1")) > 1
        if kind == DistributedType.NO and many:
            return "gloo", DistributedType.MULTI_CPU
        return found, kind

    state.PartialState._prepare_backend = prepared
    # Both would be compiled first, for a minute: shared memory between processes, and the optimiser
    # of offloading.
    backend.build_shm_op = lambda: None
    accelerator.map_pytorch_optim_to_deepspeed = lambda optimizer: optimizer
    initialize = deepspeed.initialize

    def initialized(*args, **kwargs):
        kwargs["config_params"]["zero_force_ds_cpu_optimizer"] = False
        return initialize(*args, **kwargs)

    deepspeed.initialize = initialized


def _allow_fsdp() -> None:
    init = state.AcceleratorState.__init__

    def initialised(self, *args, fsdp_plugin=None, **kwargs):
        init(self, *args, fsdp_plugin=fsdp_plugin, **kwargs)
        if fsdp_plugin is not None and self.distributed_type == DistributedType.MULTI_CPU:
            self.distributed_type = DistributedType.FSDP
            self.fsdp_plugin = fsdp_plugin
            state.PartialState._shared_state["distributed_type"] = DistributedType.FSDP

    state.AcceleratorState.__init__ = initialised
