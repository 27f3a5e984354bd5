"""Baichuan-7B as a `LlamaModel`: the same numbers under other names, none of its own code.

Source: config.json and weights of baichuan-inc/Baichuan-7B. It is a LLaMA whose queries, keys and
values lie in one matrix, in this order.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import torch
from transformers import LlamaConfig

_PACKED = "self_attn.W_pack.weight"
_PARTS = ("q_proj", "k_proj", "v_proj")


def llama_config(said: Mapping[str, Any]) -> LlamaConfig:
    """The configuration of the same model in transformers.

    Args:
        said: config.json of a Baichuan-7B or Baichuan2-7B.

    Raises:
        ValueError: It is of another form: the models of 13B know places by another rule (ALiBi).
    """
    if "max_position_embeddings" not in said:
        raise ValueError(
            "this Baichuan is of another form: got no max_position_embeddings in its config.json, "
            "expected rotary positions, as of Baichuan-7B. The models of 13B have ALiBi, which no "
            "LLaMA has."
        )
    made: LlamaConfig = LlamaConfig(
        vocab_size=said["vocab_size"],
        hidden_size=said["hidden_size"],
        intermediate_size=said["intermediate_size"],
        num_hidden_layers=said["num_hidden_layers"],
        num_attention_heads=said["num_attention_heads"],
        max_position_embeddings=said["max_position_embeddings"],
        rms_norm_eps=said["rms_norm_eps"],
        rope_parameters={"rope_type": "default", "rope_theta": 10000.0},
        pad_token_id=None,
        bos_token_id=said.get("bos_token_id"),
        eos_token_id=said.get("eos_token_id"),
    )
    return made


def llama_state(
    tensors: Iterable[tuple[str, torch.Tensor]], config: LlamaConfig
) -> dict[str, torch.Tensor]:
    """The weights under the names of a `LlamaModel`.

    Args:
        tensors: Names and tensors of the original.
        config: What `llama_config` gave.

    Raises:
        ValueError: A name that is not of a Baichuan, or a matrix of another size.
    """
    state: dict[str, torch.Tensor] = {}
    for name, tensor in tensors:
        if name == "lm_head.weight" or name.endswith("rotary_emb.inv_freq"):
            continue
        if not name.startswith("model."):
            raise ValueError(f"got the weight {name!r}, which is not of a Baichuan")
        name = name.removeprefix("model.")
        if not name.endswith(_PACKED):
            state[name] = tensor
            continue
        if len(tensor) != 3 * config.hidden_size:
            raise ValueError(f"{name} has {len(tensor)} rows: expected {3 * config.hidden_size}")
        for part, rows in zip(_PARTS, tensor.chunk(3), strict=True):
            state[name.replace("W_pack", part)] = rows.clone()
    return state
