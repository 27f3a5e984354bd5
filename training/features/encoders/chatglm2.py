"""ChatGLM2 as a `GlmModel`: the same numbers under other names, none of its own code.

Source: config.json and weights of THUDM/chatglm2-6b. Queries, keys and values lie in one matrix,
of 32, 2 and 2 heads; half of each head is turned, in pairs of neighbours.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import torch
from transformers import GlmConfig

_LAYER = re.compile(r"^encoder\.layers\.(\d+)\.(.+)$")
_OUTSIDE = {
    "embedding.word_embeddings.weight": "embed_tokens.weight",
    "encoder.final_layernorm.weight": "norm.weight",
}
_INSIDE = {
    "input_layernorm.weight": "input_layernorm.weight",
    "post_attention_layernorm.weight": "post_attention_layernorm.weight",
    "self_attention.dense.weight": "self_attn.o_proj.weight",
    "mlp.dense_h_to_4h.weight": "mlp.gate_up_proj.weight",
    "mlp.dense_4h_to_h.weight": "mlp.down_proj.weight",
}
# Of what speaks, not of what encodes, and what is computed anew.
_LEFT_OUT = ("output_layer.weight", "rotary_pos_emb.inv_freq")
# What the original reads of its config.json -> what a GlmModel does in any case.
_FORM = {
    "add_bias_linear": False,
    "add_qkv_bias": True,
    "apply_residual_connection_post_layernorm": False,
    "multi_query_attention": True,
    "post_layer_norm": True,
    "rmsnorm": True,
}


def glm_config(said: Mapping[str, Any]) -> GlmConfig:
    """The configuration of the same model in transformers.

    Args:
        said: config.json of a ChatGLM2, or of a ChatGLM3, which has the same form.

    Raises:
        ValueError: It is of another form, as ChatGLM-6B is.
    """
    other = [
        f"{name} {said.get(name)!r}" for name, value in _FORM.items() if said.get(name) != value
    ]
    if other:
        raise ValueError(
            f"this ChatGLM is of another form: got {', '.join(other)}, expected "
            f"{', '.join(f'{name} {value}' for name, value in _FORM.items())}, as of ChatGLM2-6B."
        )
    made: GlmConfig = GlmConfig(
        vocab_size=said["padded_vocab_size"],
        hidden_size=said["hidden_size"],
        intermediate_size=said["ffn_hidden_size"],
        num_hidden_layers=said["num_layers"],
        num_attention_heads=said["num_attention_heads"],
        num_key_value_heads=said["multi_query_group_num"],
        head_dim=said["kv_channels"],
        max_position_embeddings=said["seq_length"],
        rms_norm_eps=said["layernorm_epsilon"],
        rope_parameters={
            "rope_type": "default",
            "rope_theta": 10000.0 * said.get("rope_ratio", 1),
            "partial_rotary_factor": 0.5,
        },
        attention_bias=True,
        pad_token_id=None,
        bos_token_id=None,
        eos_token_id=said.get("eos_token_id"),
        # Its states were published as they are before the final norm.
        tie_last_hidden_states=False,
    )
    return made


def glm_state(
    tensors: Iterable[tuple[str, torch.Tensor]], config: GlmConfig
) -> dict[str, torch.Tensor]:
    """The weights under the names of a `GlmModel`.

    Args:
        tensors: Names and tensors of the original.
        config: What `glm_config` gave.

    Raises:
        ValueError: A name that is not of a ChatGLM2, or a matrix of another size.
    """
    state: dict[str, torch.Tensor] = {}
    for name, tensor in tensors:
        name = name.removeprefix("transformer.")
        if name in _LEFT_OUT:
            continue
        if name in _OUTSIDE:
            state[_OUTSIDE[name]] = tensor
            continue
        match = _LAYER.match(name)
        inner = match[2] if match else ""
        if match and inner in _INSIDE:
            state[f"layers.{match[1]}.{_INSIDE[inner]}"] = tensor
        elif match and inner.startswith("self_attention.query_key_value."):
            kind = inner.rpartition(".")[2]
            for part, rows in _split(name, tensor, config).items():
                state[f"layers.{match[1]}.self_attn.{part}.{kind}"] = rows
        else:
            raise ValueError(f"got the weight {name!r}, which is not of a ChatGLM2")
    return state


def _split(name: str, tensor: torch.Tensor, config: GlmConfig) -> dict[str, torch.Tensor]:
    """Queries, keys and values of the matrix that holds them one after the other."""
    head = config.head_dim
    assert head is not None and config.num_key_value_heads is not None
    sizes = [config.num_attention_heads * head, *[config.num_key_value_heads * head] * 2]
    if len(tensor) != sum(sizes):
        raise ValueError(f"{name} has {len(tensor)} rows: expected {sum(sizes)}")
    parts = tensor.split(sizes)
    return {
        part: rows.clone() for part, rows in zip(("q_proj", "k_proj", "v_proj"), parts, strict=True)
    }
