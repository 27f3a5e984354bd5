"""What every process must run together, whatever its own batch brings.

Where weights are spread over processes, to run a layer is to gather it from all of them: a process
whose batch lacks a modality would leave the others waiting for ever. It runs that modality's layers
on a blank row instead, and drops what comes out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
import transformers
from torch import distributed, nn

from .configuration_affectgpt import AffectGPTConfig

KINDS = ("video", "face", "audio")


@dataclass(frozen=True)
class Runs:
    """What is run even where a batch brings nothing to it.

    Args:
        towers: Of ``video``, ``face`` and ``audio`` those whose media some process has.
        layers: The same of poolers and projectors, and ``fused`` of the fusion.
    """

    towers: frozenset[str] = frozenset()
    layers: frozenset[str] = frozenset()

    def of(self, kind: str) -> dict[str, Any]:
        """What of one kind is run, as :class:`MediaEncoder` takes it."""
        return {"run_tower": kind in self.towers, "run_layers": kind in self.layers}


def plan_runs(
    media: Mapping[str, bool],
    rows: Mapping[str, bool],
    trained: Mapping[str, bool],
    *,
    training: bool,
    shared: bool,
    device: torch.device,
) -> Runs:
    """Say what is run.

    Args:
        media: By kind, whether this batch brings what the tower takes.
        rows: By kind, whether it brings the modality at all, as media or as features.
        trained: Whether the ``vision`` and the ``audio`` tower learn in this step.
        training: Whether poolers, projectors and fusion learn; then all of them get a gradient.
        shared: Whether weights are spread over processes, who must then agree. They ask each other
            in one small exchange.
        device: On which they do.

    Returns:
        The same on every process, where weights are shared.
    """
    if shared:
        own = torch.tensor(
            [[by[kind] for kind in KINDS] for by in (media, rows)], dtype=torch.int32
        )
        asked = own.to(device)
        distributed.all_reduce(asked, op=distributed.ReduceOp.MAX)
        media, rows = (
            {kind: bool(flag) for kind, flag in zip(KINDS, flags, strict=True)}
            for flags in asked.tolist()
        )
    towers = {kind for kind in KINDS if media[kind]}
    if trained["vision"] and not towers & {"video", "face"}:
        towers.add("video")
    if trained["audio"]:
        towers.add("audio")
    layers = {kind for kind in KINDS if rows[kind]} | towers
    if training or shared:
        layers |= {"video", "audio", "fused"}
    return Runs(frozenset(towers), frozenset(layers))


def is_shared(modules: Iterable[nn.Module]) -> bool:
    """Whether weights are spread over processes at this moment, by ZeRO-3 or FSDP2.

    What FSDP2 has gathered with the model around it is whole by now, and needs no one.
    """
    if not (distributed.is_available() and distributed.is_initialized()):
        return False
    if distributed.get_world_size() == 1:
        return False
    from torch.distributed.tensor import DTensor

    return any(
        hasattr(weight, "ds_id") or isinstance(weight, DTensor)
        for module in modules
        for weight in module.parameters()
    )


def is_trained(tower: nn.Module) -> bool:
    """Whether a tower learns from what it is run on now."""
    return torch.is_grad_enabled() and any(p.requires_grad for p in tower.parameters())


def blank_frames(config: AffectGPTConfig, device: torch.device | None) -> torch.Tensor:
    """A sample of one black frame, ``(1, 1, 3, height, width)``."""
    side = config.image_size
    assert side is not None  # the configuration fills it in
    return torch.zeros(1, 1, 3, side, side, device=device)


def blank_sound(config: AffectGPTConfig, device: torch.device | None) -> torch.Tensor:
    """A sample of one silent piece of sound, ``(1, 1, ...)`` as the audio tower takes it."""
    family = config.audio_family
    piece: Any = np.zeros(config.audio_clip_samples, np.float32)
    if family.extractor != "Wav2Vec2FeatureExtractor":
        rate_hz = config.sampling_rate
        make = getattr(transformers, family.extractor)
        extractor = make(sampling_rate=rate_hz, **family.options(config.audio_config))
        heard = extractor([piece], sampling_rate=rate_hz)
        piece = np.asarray(next(iter(heard.values()))[0], np.float32)
    return torch.from_numpy(piece)[None, None].to(device)
