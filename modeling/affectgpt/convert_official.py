"""What official AffectGPT checkpoints hold: read without running their pickles, each tensor placed.

A released ``.pth`` is ``{"model", "optimizer", "config", "scaler", "epoch"}``, its ``model`` what
was trained: adapters, poolers, fusion and projectors. Names there and here stand in ``NAMES``.

Source: zeroQiaoba/MERTools at 89120b7, MER2025_Track23.
"""

import pickle
import re
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from torch import nn

from .configuration_prompt import read_prompt
from .configuration_sizes import QFORMER
from .modeling_language import fusion_modules, lora_target_modules

# Beginning of a name in `AffectGPTModel`, and in an official checkpoint.
NAMES = {
    "vision_pooler.score.": "video_attention_mlp.",
    "vision_pooler.query_tokens": "video_query_tokens",
    "vision_pooler.positions.": "video_frame_position_embedding.",
    "vision_pooler.qformer.": "video_Qformer.bert.",
    "vision_projector.": "affectgpt_proj.",
    "audio_pooler.score.": "audio_attention_mlp.",
    "audio_pooler.query_tokens": "audio_query_tokens",
    "audio_pooler.positions.": "audio_position_embedding.",
    "audio_pooler.qformer.": "audio_Qformer.bert.",
    "audio_projector.": "audio_llama_proj.",
    "fusion.vision_proj.": "multi_video_embs.",
    "fusion.audio_proj.": "multi_audio_embs.",
    "fusion.attention_in.": "attention_mlp.",
    "fusion.attention_out.": "fc_att.",
    "fusion.reader.query_tokens": "multi_query_tokens",
    "fusion.reader.positions.": "multi_position_embedding.",
    "fusion.reader.qformer.": "multi_Qformer.bert.",
    "fusion_projector.": "multi_llama_proj.",
}
# Inside of a Q-Former; cross-attention ends the same way.
QFORMER_NAMES = {
    ".bert.layernorm.": ".bert.embeddings.LayerNorm.",
    "attention.attention.": "attention.self.",
}
# From the wrapped causal model on, names are those of the language model.
LORA_PREFIX = "llama_model.base_model.model."

# There is no place for pictures alone, and BERT's positions were never read.
UNUSED = re.compile(r"image_llama_proj\..*|\w+_Qformer\.bert\.embeddings\.position_ids")
# Without {fused} in the prompt these are in the file all the same, as they were initialised.
UNUSED_FUSION = re.compile(r"(multi_\w+|attention_mlp|fc_att)(\..*)?")

LORA_RANK, LORA_ALPHA, LORA_DROPOUT = 16, 32, 0.05
QFORMER_HEADS = 12  # of bert-base-uncased, the only size that the official code makes

# Official name of what a sample was shown, `face_or_frame`, and the parts of the prompt it means.
MODES = {
    "multiface_audio_face_text": {"fused", "audio", "face", "text"},
    "multiframe_audio_frame_text": {"fused", "audio", "video", "text"},
    "multiface_audio_face_frame_text": {"fused", "audio", "face", "video", "text"},
    "multiface_text": {"fused", "text"},
    "faceframe": {"audio", "face", "video", "text"},
    "face": {"audio", "face", "text"},
    "frame": {"audio", "video", "text"},
    "audio_text": {"audio", "text"},
    "face_text": {"face", "text"},
    "frame_text": {"video", "text"},
    "textonly": {"text"},
    "audioonly": {"audio"},
    "faceonly": {"face"},
    "frameonly": {"video"},
}
# `video_fusion_type` and `audio_fusion_type`, and `multi_fusion_type`; named alike here.
POOLINGS = ("attention", "qformer", "mean")
FUSIONS = ("attention", "qformer")

_SHOWN = 8  # keys that an error names of each kind


@dataclass
class Checkpoint:
    """What one or more official files hold together.

    Args:
        weights: Every tensor by its official name.
        settings: The ``model`` section of the training configuration; empty if none was recorded.
        modes: Every ``face_or_frame`` of its datasets.
    """

    weights: dict[str, torch.Tensor]
    settings: dict[str, Any] = field(default_factory=dict)
    modes: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Place:
    """Where a tensor belongs.

    Args:
        name: Of the parameter in :class:`AffectGPTForConditionalGeneration`, or of the layer, then
            ``lora_A`` or ``lora_B``.
        shape: What fits there.
    """

    name: str
    shape: tuple[int, ...]


def read_checkpoints(paths: Sequence[str | PathLike]) -> Checkpoint:
    """Read official files; of a tensor that several hold, the last one counts.

    Args:
        paths: ``.pth`` files in the order in which the official code loads them, ``ckpt`` before
            ``ckpt_2`` before ``ckpt_3``.

    Returns:
        Tensors on the CPU, mapped from the files and not read yet.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: No files, or one that needs more than tensors and plain values to be read, is
            broken, or has no ``model``.
    """
    if not paths:
        raise ValueError("there is nothing to convert: got 0 checkpoints, expected at least 1.")
    merged = Checkpoint({})
    for path in map(Path, paths):
        content = _load(path)
        weights = content.get("model") if isinstance(content, dict) else None
        if not isinstance(weights, dict) or not all(
            isinstance(value, torch.Tensor) for value in weights.values()
        ):
            got = sorted(map(str, content)) if isinstance(content, dict) else type(content).__name__
            raise ValueError(
                f"{path} is no official checkpoint: got {got}, expected a dict with tensors under "
                "'model'. Give the .pth that the official training wrote."
            )
        merged.weights.update(weights)
        recorded = content.get("config") or {}
        merged.settings.update(recorded.get("model") or {})
        modes = {
            str(dataset["face_or_frame"])
            for dataset in (recorded.get("datasets") or {}).values()
            if isinstance(dataset, Mapping) and dataset.get("face_or_frame")
        }
        merged.modes = modes or merged.modes
    return merged


def describe_fusion(checkpoint: Checkpoint, is_fused: bool) -> dict[str, Any]:
    """Tell how a checkpoint pools and fuses, as fields of the configuration.

    What the training configuration recorded counts; where it is silent, the tensors tell. Whether
    all of them are there is for :func:`place` to see.

    Args:
        checkpoint: As read.
        is_fused: Whether the prompt has a place for what is fused.

    Raises:
        ValueError: A kind of pooling or fusion that this model does not have.
    """
    weights, settings = checkpoint.weights, checkpoint.settings
    fields: dict[str, Any] = {"fusion": "none"}
    for ours, theirs in (("vision", "video"), ("audio", "audio")):
        fields[f"{ours}_pooling"] = _kind(checkpoint, theirs, POOLINGS)
    if is_fused:
        fields["fusion"] = _kind(checkpoint, "multi", FUSIONS)
    for key, kind, theirs in (
        ("n_vision_queries", fields["vision_pooling"], "video"),
        ("n_audio_queries", fields["audio_pooling"], "audio"),
        ("n_fusion_queries", fields["fusion"], "multi"),
    ):
        if kind != "qformer":
            continue
        queries = weights.get(f"{theirs}_query_tokens")
        n_queries = settings.get(f"num_{theirs}_query_token")
        if n_queries is None and queries is not None:
            n_queries = queries.shape[1]
        if n_queries is not None:
            fields[key] = n_queries
        dense = weights.get(
            f"{theirs}_Qformer.bert.encoder.layer.0.intermediate_query.dense.weight"
        )
        if dense is not None:
            fields["qformer_config"] = {
                **QFORMER,
                "hidden_size": dense.shape[1],
                "intermediate_size": dense.shape[0],
                "num_attention_heads": QFORMER_HEADS,
            }
    n_frames = (settings.get("vis_processor") or {}).get("train", {}).get("n_frms")
    if n_frames is not None:
        fields["n_frames"] = n_frames
    return fields


def lora_rank(checkpoint: Checkpoint) -> int:
    """The rank of the adapters."""
    ranks = [len(w) for key, w in checkpoint.weights.items() if ".lora_A." in key]
    return int(checkpoint.settings.get("lora_r") or (ranks[0] if ranks else LORA_RANK))


def require_wording(
    prompt: Sequence[str], modes: Iterable[str], pictures: str | None = None
) -> list[str]:
    """Check that a prompt shows a model what it was trained on.

    Args:
        prompt: Parts of the prompt.
        modes: What the training configuration recorded as ``face_or_frame``; none is fine.
        pictures: ``"faces"`` or ``"frames"``, to show these whatever was recorded.

    Returns:
        What the user should know.

    Raises:
        ValueError: The prompt names more or less than that, or a mode has no counterpart here.
    """
    modes = sorted(modes)
    if pictures not in (None, "faces", "frames"):
        raise ValueError(f"`pictures` is not known: got {pictures!r}, expected faces or frames.")
    if unknown := [mode for mode in modes if mode not in MODES]:
        raise ValueError(
            f"the checkpoint was trained in a mode without a counterpart here: got {unknown[0]!r}, "
            f"expected one of {', '.join(MODES)}."
        )
    named = set(read_prompt(prompt).fields - {"question"})
    visual = {"face", "video"}
    chosen = {None: None, "faces": {"face"}, "frames": {"video"}}[pictures]
    expected: set[str] = set().union(*(MODES[mode] for mode in modes)) if modes else set(named)
    notes = []
    if chosen == {"video"} and fuses_alone(named) and named == expected:
        notes.append("Trained on faces.")
    elif chosen is not None and not (fuses_alone(named) and named == expected):
        if modes and expected & visual and not chosen <= expected:
            notes.append(f"Trained on {'frames' if pictures == 'faces' else 'faces'}.")
        expected = expected - visual | chosen
    elif not modes:
        notes.append("The checkpoint does not record what it was shown; the prompt is trusted.")
    if named != expected:
        said = f"trained in mode {', '.join(modes)}" if modes else f"asked for with {pictures}"
        raise ValueError(
            f"prompt and checkpoint do not fit: got a prompt that names {_braced(named)}, expected "
            f"{_braced(expected)} for a model {said}. Change the prompt file"
            + (", or choose between faces and frames." if expected & visual else ".")
        )
    return notes


def fuses_alone(named: set[str]) -> bool:
    """Whether a prompt has a place for what is fused, and none for the picture that is."""
    return "fused" in named and not named & {"face", "video"}


def places(model: nn.Module, rank: int) -> dict[str, Place]:
    """List every tensor that a checkpoint of such a model must hold, by its official name.

    Args:
        model: An :class:`AffectGPTForConditionalGeneration`; one on the meta device will do.
        rank: Of the adapters.
    """
    found = {}
    trained = tuple(f"model.{name}." for name in fusion_modules(model))
    for name, parameter in model.named_parameters():
        if name.startswith(trained):
            found[official_name(name.removeprefix("model."))] = Place(name, tuple(parameter.shape))
    language = "model.language_model."
    inside = model.model.language_model.base_model_prefix  # type: ignore[union-attr]
    pattern = re.compile(lora_target_modules(model))
    for name, layer in model.named_modules():
        if pattern.fullmatch(name):
            key = f"{LORA_PREFIX}{inside}.{name.removeprefix(language)}"
            n_out, n_in = layer.weight.shape  # type: ignore[union-attr,misc]
            for half, shape in (("lora_A", (rank, n_in)), ("lora_B", (n_out, rank))):
                found[f"{key}.{half}.default.weight"] = Place(f"{name}.{half}", shape)
    return found


def official_name(name: str) -> str:
    """The official name of a parameter of :class:`AffectGPTModel` beside the language model.

    Example:
        >>> official_name("fusion.reader.qformer.encoder.layer.1.crossattention.attention.key.bias")
        'multi_Qformer.bert.encoder.layer.1.crossattention.self.key.bias'
    """
    ours = next(prefix for prefix in NAMES if name.startswith(prefix))
    key = NAMES[ours] + name.removeprefix(ours)
    for inside, theirs in QFORMER_NAMES.items():
        key = key.replace(inside, theirs)
    return key


def place(
    weights: Mapping[str, torch.Tensor], where: Mapping[str, Place], *, is_fused: bool
) -> tuple[dict[str, torch.Tensor], list[str]]:
    """Name every tensor as this model does, or refuse them all.

    Args:
        weights: By official name.
        where: What :func:`places` lists.
        is_fused: Whether the model has a fusion. Without one, that of the checkpoint is unused.

    Returns:
        The tensors by the name of their place, and the keys that have none and need none.

    Raises:
        ValueError: A key is missing, unexpected or has another shape; all such keys are named, up
            to eight of a kind.
    """
    rest = [key for key in weights if key not in where]
    unused = [
        key
        for key in rest
        if UNUSED.fullmatch(key) or (not is_fused and UNUSED_FUSION.fullmatch(key))
    ]
    wrong = {
        "missing": [key for key in where if key not in weights],
        "unexpected": [key for key in rest if key not in unused],
        "of another shape": [
            f"{key} {tuple(weights[key].shape)} (expected {to.shape})"
            for key, to in where.items()
            if key in weights and weights[key].shape != to.shape
        ],
    }
    if any(wrong.values()):
        listed = "; ".join(f"{kind}: {_listed(keys)}" for kind, keys in wrong.items() if keys)
        raise ValueError(
            f"checkpoint and model do not fit: got keys {listed}. Give the language model and the "
            "towers that it was trained with, and all of its files in order."
        )
    return {to.name: weights[key] for key, to in where.items()}, unused


def _load(path: Path) -> Any:
    if not path.is_file():
        raise FileNotFoundError(f"checkpoint not found: {path}. Check the path.")
    try:
        # Files from before the zip format cannot be mapped.
        return torch.load(
            path, map_location="cpu", weights_only=True, mmap=zipfile.is_zipfile(path)
        )
    except (pickle.UnpicklingError, RuntimeError, EOFError, OSError) as error:
        asks = re.search(r"GLOBAL (\S+)|function (\S+)|class (\S+)", str(error))
        if isinstance(error, pickle.UnpicklingError) and asks:
            what = next(filter(None, asks.groups()))
            raise ValueError(
                f"{path} is not read: got a pickle that asks for {what}, expected tensors and "
                "plain values alone. Such a file can run any code; ask its source for one without."
            ) from error
        raise ValueError(
            f"{path} is broken: got {type(error).__name__}, expected a file of torch.save. "
            "Download it again."
        ) from error


def _kind(checkpoint: Checkpoint, modality: str, known: Sequence[str]) -> str:
    """Tell how a modality is pooled, or both are fused."""
    weights, settings = checkpoint.weights, checkpoint.settings
    kind = settings.get(f"{modality}_fusion_type")
    if kind is None:
        scores = "fc_att.weight" if modality == "multi" else f"{modality}_attention_mlp.weight"
        if f"{modality}_query_tokens" in weights:
            kind = "qformer"
        else:
            # The last one is the one without weights, or else has some that are missing.
            kind = "attention" if scores in weights else known[-1]
    if kind not in known:
        raise ValueError(
            f"the checkpoint has a fusion that is not known: got {modality}_fusion_type {kind!r}, "
            f"expected one of {', '.join(known)}."
        )
    n_tokens = settings.get(f"num_{modality}_query_token") or 1
    if kind != "qformer" and n_tokens > 1:
        raise ValueError(
            f"the checkpoint repeats a token: got num_{modality}_query_token {n_tokens} with "
            f"{modality}_fusion_type {kind!r}, expected 1."
        )
    return str(kind)


def _listed(keys: Sequence[str]) -> str:
    more = f" and {len(keys) - _SHOWN} more" if len(keys) > _SHOWN else ""
    return ", ".join(keys[:_SHOWN]) + more


def _braced(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "nothing"
