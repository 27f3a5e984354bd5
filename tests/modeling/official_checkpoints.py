"""Synthetic checkpoints with the official names, shapes and file structure."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

PROJECTIONS = {
    "self_attn.q_proj": ("hidden", "hidden"),
    "self_attn.k_proj": ("hidden", "kv"),
    "self_attn.v_proj": ("hidden", "kv"),
    "self_attn.o_proj": ("hidden", "hidden"),
    "mlp.gate_proj": ("hidden", "ffn"),
    "mlp.up_proj": ("hidden", "ffn"),
    "mlp.down_proj": ("ffn", "hidden"),
}


@dataclass(frozen=True)
class Sizes:
    """Widths of the official model; the defaults are the released ones."""

    hidden: int = 3584
    ffn: int = 18944
    kv: int = 512
    layers: int = 28
    vision: int = 768
    audio: int = 1024
    rank: int = 16
    bert: int = 768
    bert_ffn: int = 3072

    @property
    def fused(self) -> int:
        return max(self.vision, self.audio)


def official_shapes(
    sizes: Sizes = Sizes(), pooling: str = "attention", fusion: str = "attention"
) -> dict[str, tuple[int, ...]]:
    """Every key of a checkpoint and its shape; `pooling` of video and audio alike."""
    shapes: dict[str, tuple[int, ...]] = {}

    def linear(name: str, n_in: int, n_out: int) -> None:
        shapes[f"{name}.weight"], shapes[f"{name}.bias"] = (n_out, n_in), (n_out,)

    def norm(name: str) -> None:
        shapes[f"{name}.weight"] = shapes[f"{name}.bias"] = (sizes.bert,)

    def qformer(name: str, width: int, queries: int, table: str, positions: int) -> None:
        shapes[f"{name}_query_tokens"] = (1, queries, sizes.bert)
        shapes[f"{table}.weight"] = (positions, width)
        bert = f"{name}_Qformer.bert"
        shapes[f"{bert}.embeddings.position_ids"] = (1, 512)
        norm(f"{bert}.embeddings.LayerNorm")
        for i in range(2):
            layer = f"{bert}.encoder.layer.{i}"
            for block, read in (("attention", sizes.bert), ("crossattention", width)):
                linear(f"{layer}.{block}.self.query", sizes.bert, sizes.bert)
                linear(f"{layer}.{block}.self.key", read, sizes.bert)
                linear(f"{layer}.{block}.self.value", read, sizes.bert)
                linear(f"{layer}.{block}.output.dense", sizes.bert, sizes.bert)
                norm(f"{layer}.{block}.output.LayerNorm")
            linear(f"{layer}.intermediate_query.dense", sizes.bert, sizes.bert_ffn)
            linear(f"{layer}.output_query.dense", sizes.bert_ffn, sizes.bert)
            norm(f"{layer}.output_query.LayerNorm")

    for i in range(sizes.layers):
        for name, (n_in, n_out) in PROJECTIONS.items():
            key = f"llama_model.base_model.model.model.layers.{i}.{name}"
            shapes[f"{key}.lora_A.default.weight"] = (sizes.rank, getattr(sizes, n_in))
            shapes[f"{key}.lora_B.default.weight"] = (getattr(sizes, n_out), sizes.rank)
    linear("image_llama_proj", sizes.vision, sizes.hidden)
    if pooling == "qformer":
        qformer("video", sizes.vision, 32, "video_frame_position_embedding", 32)
        qformer("audio", sizes.audio, 8, "audio_position_embedding", 8)
    elif pooling == "attention":
        linear("video_attention_mlp", sizes.vision, 1)
        linear("audio_attention_mlp", sizes.audio, 1)
    pooled = pooling == "qformer"
    linear("affectgpt_proj", sizes.bert if pooled else sizes.vision, sizes.hidden)
    linear("audio_llama_proj", sizes.bert if pooled else sizes.audio, sizes.hidden)
    linear("multi_audio_embs", sizes.audio, sizes.fused)
    linear("multi_video_embs", sizes.vision, sizes.fused)
    if fusion == "qformer":
        qformer("multi", sizes.fused, 16, "multi_position_embedding", 264)
        linear("multi_llama_proj", sizes.bert, sizes.hidden)
    else:
        linear("attention_mlp", 2 * sizes.fused, sizes.fused)
        linear("fc_att", sizes.fused, 2)
        linear("multi_llama_proj", sizes.fused, sizes.hidden)
    return shapes


def official_settings(
    pooling: str = "attention",
    fusion: str = "attention",
    mode: str = "multiface_audio_face_text",
) -> dict[str, Any]:
    """The training configuration as it is recorded: nested plain dicts."""
    queries = {"video": 32, "audio": 8} if pooling == "qformer" else {"video": 1, "audio": 1}
    queries["multi"] = 16 if fusion == "qformer" else 1
    return {
        "model": {
            "arch": "affectgpt",
            "multi_fusion_type": fusion,
            "video_fusion_type": pooling,
            "audio_fusion_type": pooling,
            "image_fusion_type": "mean",
            "llama_model": "Qwen25",
            "acoustic_encoder": "HUBERT_LARGE",
            "visual_encoder": "CLIP_VIT_LARGE",
            **{f"num_{name}_query_token": n for name, n in queries.items()},
            "ckpt": "",
            "vis_processor": {"train": {"name": "alpro_video_train", "n_frms": 8}},
        },
        "datasets": {"mercaptionplus": {"data_type": "video", "face_or_frame": mode}},
        "run": {"init_lr": 1e-5, "max_epoch": 60, "evaluate": False, "resume_ckpt_path": None},
    }


def random_weights(shapes: dict[str, tuple[int, ...]], seed: int = 0) -> dict[str, Tensor]:
    """Weights that leave nothing near zero: each tensor matters in the logits.

    Adapters stay smaller than what they adapt. Otherwise attention in a random language model is so
    sharp that it makes tenths of a thousandth of the rounding of its input.
    """
    generator = torch.Generator().manual_seed(seed)
    weights = {}
    for key, shape in shapes.items():
        if key.endswith("position_ids"):
            weights[key] = torch.arange(shape[1])[None]
        else:
            scale = shape[-1] ** -0.5 if len(shape) == 2 else 0.3
            scale *= 0.2 if ".lora_B." in key else 1
            weights[key] = scale * torch.randn(shape, generator=generator)
            if "LayerNorm.weight" in key:
                weights[key] += 1
    return weights


def write_checkpoint(
    path: Path, weights: dict[str, Tensor], config: dict[str, Any], epoch: int = 30
) -> Path:
    """Write all that the official training writes: an Adam state and a gradient scaler too."""
    some = [torch.nn.Parameter(value.clone()) for value in list(weights.values())[:3]]
    optimizer = torch.optim.AdamW(some, lr=1e-5)
    sum(p.float().sum() for p in some).backward()
    optimizer.step()
    content = {
        "model": weights,
        "optimizer": optimizer.state_dict(),
        "config": config,
        "scaler": {"scale": 65536.0, "growth_factor": 2.0, "_growth_tracker": 7},
        "epoch": epoch,
    }
    torch.save(content, path)
    return path
