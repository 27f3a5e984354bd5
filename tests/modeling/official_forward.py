"""The official AffectGPT forward pass in plain torch, written from its description alone.

Nothing here comes from affecthub. transformers gives the two towers and the language model; the
rest, Q-Formers and adapters included, is spelled out with the official parameter names.
"""

import math
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

Weights = Mapping[str, Tensor]

CLIP_MEAN = torch.tensor([0.48145466, 0.4578275, 0.40821073])
CLIP_STD = torch.tensor([0.26862954, 0.26130258, 0.27577711])


def see(tower: torch.nn.Module, frames: np.ndarray) -> Tensor:
    """Z_v ``(1, frames, width)`` of uint8 pictures at the tower's size, channels as stored.

    Frames of a video are stored RGB, cut-out faces BGR, and both are taken as they are: the class
    token, projected, not brought to length 1.
    """
    pixels = (torch.from_numpy(frames).float() / 255 - CLIP_MEAN) / CLIP_STD
    return tower(pixel_values=pixels.permute(0, 3, 1, 2)).image_embeds[None]


def hear(tower: torch.nn.Module, waves: np.ndarray) -> Tensor:
    """Z_a ``(1, clips, width)`` of one sample's clips ``(clips, samples)``.

    Each clip loses its mean. Then all are normalised as one utterance. Of HuBERT the last four
    hidden states are averaged, the last of them after the final norm, and then over time.
    """
    clips = torch.from_numpy(waves - waves.mean(axis=1, keepdims=True)).float()
    clips = (clips - clips.mean()) / torch.sqrt(clips.var(unbiased=False) + 1e-7)
    states: list[Tensor] = []
    hooks = [
        layer.register_forward_hook(
            lambda _module, _inputs, out: states.append(out[0] if isinstance(out, tuple) else out)
        )
        for layer in tower.encoder.layers
    ]
    # What goes into the first layer counts as a hidden state as well.
    first = tower.encoder.layers[0].register_forward_pre_hook(
        lambda _module, args, kwargs: states.append(args[0] if args else kwargs["hidden_states"]),
        with_kwargs=True,
    )
    tower(clips)
    for hook in [*hooks, first]:
        hook.remove()
    states[-1] = tower.encoder.layer_norm(states[-1])
    return torch.stack(states[-4:]).mean(dim=0).mean(dim=1)[None]


def linear(weights: Weights, name: str, x: Tensor) -> Tensor:
    return x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]


def norm(weights: Weights, name: str, x: Tensor) -> Tensor:
    mean, var = x.mean(-1, keepdim=True), x.var(-1, unbiased=False, keepdim=True)
    scaled = (x - mean) / torch.sqrt(var + 1e-12)
    return scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def attend(weights: Weights, name: str, x: Tensor, read: Tensor, n_heads: int) -> Tensor:
    """One BERT attention: heads, output layer, residual, norm."""

    def heads(y: Tensor) -> Tensor:
        return y.unflatten(-1, (n_heads, -1)).transpose(1, 2)

    q = heads(linear(weights, f"{name}.self.query", x))
    k = heads(linear(weights, f"{name}.self.key", read))
    v = heads(linear(weights, f"{name}.self.value", read))
    scores = torch.softmax(q @ k.mT / math.sqrt(q.shape[-1]), dim=-1)
    out = (scores @ v).transpose(1, 2).flatten(2)
    return norm(
        weights, f"{name}.output.LayerNorm", linear(weights, f"{name}.output.dense", out) + x
    )


def qformer(weights: Weights, name: str, read: Tensor, n_heads: int = 12) -> Tensor:
    """Two layers of self-attention, cross-attention and feed-forward over the queries."""
    bert = f"{name}_Qformer.bert"
    x = norm(weights, f"{bert}.embeddings.LayerNorm", weights[f"{name}_query_tokens"])
    for i in range(2):
        layer = f"{bert}.encoder.layer.{i}"
        x = attend(weights, f"{layer}.attention", x, x, n_heads)
        x = attend(weights, f"{layer}.crossattention", x, read, n_heads)
        wide = linear(weights, f"{layer}.intermediate_query.dense", x)
        wide = wide * 0.5 * (1 + torch.erf(wide / math.sqrt(2)))
        out = linear(weights, f"{layer}.output_query.dense", wide)
        x = norm(weights, f"{layer}.output_query.LayerNorm", out + x)
    return x


def pool(weights: Weights, modality: str, z: Tensor, kind: str) -> Tensor:
    """Tokens of one modality in the language model's width."""
    table = {"video": "video_frame_position_embedding", "audio": "audio_position_embedding"}
    project = {"video": "affectgpt_proj", "audio": "audio_llama_proj"}[modality]
    if kind == "attention":
        # A score per step, with no softmax over them.
        scores = linear(weights, f"{modality}_attention_mlp", z)
        tokens = (scores * z).sum(dim=1, keepdim=True)
    elif kind == "mean":
        tokens = z.mean(dim=1, keepdim=True)
    else:
        positions = weights[f"{table[modality]}.weight"][: z.shape[1]]
        tokens = qformer(weights, modality, z + positions)
    return linear(weights, project, tokens)


def fuse(weights: Weights, z_video: Tensor, z_audio: Tensor, kind: str) -> Tensor:
    """Tokens of both together, video first."""
    if kind == "attention":
        video = linear(weights, "multi_video_embs", z_video.mean(dim=1))
        audio = linear(weights, "multi_audio_embs", z_audio.mean(dim=1))
        hidden = linear(weights, "attention_mlp", torch.cat([video, audio], dim=1))
        share = linear(weights, "fc_att", hidden)
        fused = (share[:, :1] * video + share[:, 1:] * audio)[:, None]
    else:
        video = linear(weights, "multi_video_embs", z_video)
        audio = linear(weights, "multi_audio_embs", z_audio)
        both = torch.cat([video, audio], dim=1)
        positions = weights["multi_position_embedding.weight"][: both.shape[1]]
        fused = qformer(weights, "multi", both + positions)
    return linear(weights, "multi_llama_proj", fused)


def adapted(llm: torch.nn.Module, weights: Weights, alpha: float = 32) -> list:
    """Add ``alpha / r * B A x`` to every adapted projection; gives the hooks to remove."""
    prefix, end = "llama_model.base_model.model.", ".lora_A.default.weight"
    hooks = []
    for key in weights:
        if not (key.startswith(prefix) and key.endswith(end)):
            continue
        a = weights[key]
        b = weights[key.replace("lora_A", "lora_B")]
        scale = alpha / a.shape[0]

        def add(_module, inputs, output, a=a, b=b, scale=scale):
            return output + scale * (inputs[0] @ a.T @ b.T)

        name = key.removeprefix(prefix).removesuffix(end)
        hooks.append(llm.get_submodule(name).register_forward_hook(add))
    return hooks


@torch.no_grad()
def official_logits(
    weights: Weights,
    llm: torch.nn.Module,
    input_ids: list[int],
    soft: Mapping[int, Tensor],
) -> Tensor:
    """Logits ``(sequence, vocabulary)`` of one sample.

    Args:
        weights: The checkpoint's ``model``.
        llm: The causal language model, without adapters.
        input_ids: With as many placeholder ids as there are soft tokens; they may lie beyond the
            vocabulary, for they are never embedded.
        soft: Tokens ``(1, tokens, width)`` by the id of their placeholder.
    """
    ids = torch.tensor(input_ids)
    embedded = ids.clone()
    for placeholder in soft:
        embedded[ids == placeholder] = 0
    rows = llm.get_input_embeddings()(embedded).clone()
    for placeholder, tokens in soft.items():
        (at,) = torch.where(ids == placeholder)
        assert len(at) == tokens.shape[1]
        rows[at] = tokens[0]
    hooks = adapted(llm, weights)
    logits = llm(inputs_embeds=rows[None]).logits[0]
    for hook in hooks:
        hook.remove()
    return logits
