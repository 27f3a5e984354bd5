"""Weights of the released models under our names."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from .configuration_erc import ErcConfig
from .configuration_official import released_weights

# Layers of the released TensorFlow graphs to ours; a matrix there is the other way round.
GRAPH_NAMES = {
    "output/outProj": "classifier.weight",
    "output/outputProjBias": "classifier.bias",
    "input/input/weights": "conversation.query.weight",
    "input/input/biases": "conversation.query.bias",
}
CELLS = {
    "localGRUOwn": "local_own",
    "localGRUOther": "local_other",
    "memoryGRUown": "memory_own",
    "memoryGRUother": "memory_other",
    "globalGRU": "memory_first",
    "memoryGRU": "memory_next",
}
# What the released DialogueGCN has and never uses.
IDLE = ("att_model.matchatt.", "att_model.simpleatt.", "att_model.att.")


def state_of(
    config: ErcConfig, weights: Mapping[str, Any], wanted: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """A state for the model, whole and of the right shapes.

    Args:
        config: Of the model.
        weights: Arrays by their released names; see
            :func:`configuration_official.released_weights`.
        wanted: The model's own state.

    Raises:
        ValueError: A weight that is missing, of another shape, or of no layer that the model has.
    """
    named = _of_graph if config.algorithm in ("cmn", "icon") else _of_modules
    found: dict[str, Tensor] = {}
    strange = []
    for name, value in released_weights(weights).items():
        tensor = torch.as_tensor(value)
        ours = named(name)
        if ours in wanted:
            found[ours] = _turned(tensor, name, wanted[ours])
        elif not _is_idle(name):
            strange.append(name)
    missing = sorted(set(wanted) - set(found))
    if missing or strange:
        raise ValueError(
            f"these weights are not of this {config.algorithm}: missing "
            f"{', '.join(missing) or 'none'}; left over {', '.join(strange) or 'none'}. "
            "ErcConfig.from_official reads the configuration off the weights."
        )
    wrong = [name for name, value in found.items() if value.shape != wanted[name].shape]
    if wrong:
        name = wrong[0]
        raise ValueError(
            f"`{name}` is of another size: got {tuple(found[name].shape)}, expected "
            f"{tuple(wanted[name].shape)}. ErcConfig.from_official reads the configuration off "
            "the weights."
        )
    return found


def _of_modules(name: str) -> str:
    """Our name of a weight of the released PyTorch code."""
    last = name.removeprefix("graph_net.")
    if last.startswith("smax_fc."):
        return f"classifier.{last.removeprefix('smax_fc.')}"
    return f"conversation.{name}"


def _of_graph(name: str) -> str:
    """Our name of a variable of the released TensorFlow graph."""
    if name in GRAPH_NAMES:
        return GRAPH_NAMES[name]
    cell, gate, kind = ["", "", "", *name.split("/")][-3:]
    part = {"gates": "gates", "candidate": "candidate"}.get(gate, gate)
    return f"conversation.{CELLS.get(cell, cell)}.{part}.{'weight' if kind == 'kernel' else kind}"


def _turned(value: Tensor, name: str, wanted: Tensor) -> Tensor:
    """TensorFlow's matrices have the input first; its bias of the classes is a row."""
    if "/" not in name:
        return value
    return value.reshape(-1) if wanted.dim() == 1 else value.T


def _is_idle(name: str) -> bool:
    """Whether a weight is without effect: never used, or of an attention that is switched off."""
    return name.startswith((*IDLE, "matchatt.", "graph_net.matchatt."))
