"""Adapters of AffectGPT on their base: three pretrained models, named in a file beside them.

A folder of adapters is PEFT's own, the fusion modules in it as well, with AffectGPT's
``config.json``, its processor, and ``bases.json``: the models that the towers and the language
model come from. Nothing is loaded onto a base that it was not trained on.
"""

import json
import os
import re
from collections.abc import Mapping
from math import ceil
from os import PathLike
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoConfig, AutoTokenizer, GenerationConfig
from transformers.utils import cached_file

from .configuration_affectgpt import AffectGPTConfig
from .configuration_placeholders import placeholder_ids
from .modeling_towers import audio_family, tower_class, tower_type, vision_family

BASES_FILE = "bases.json"
ADAPTER_FILE = "adapter_model.safetensors"
BASES = ("vision", "audio", "text")

# Fields by which a base is told from another. Each family has some of them.
TELLING_FIELDS = (
    "model_type",
    "hidden_size",
    "d_model",
    "intermediate_size",
    "projection_dim",
    "num_hidden_layers",
    "encoder_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "head_dim",
    "image_size",
    "patch_size",
    "vocab_size",
)
# Keywords that the Auto classes hand on, and that say nothing of how adapters are loaded.
_OF_AUTO = {
    "config",
    "trust_remote_code",
    "adapter_kwargs",
    "_from_auto",
    "revision",
    "local_files_only",
    "low_cpu_mem_usage",
    "use_safetensors",
}
# Fields of the configuration that follow from the bases.
_FROM_BASES = {"vision_config", "audio_config", "text_config", "tie_word_embeddings"}


def load_beside_weights(model_class: Any, folder: str | PathLike, **kwargs: Any) -> Any:
    """Load a folder of adapters as ``from_pretrained`` loads a whole model.

    Args:
        model_class: The class of the model.
        folder: As for :func:`convert_loading.load_adapter`.
        **kwargs: Those of ``from_pretrained``; ``dtype`` and the name of a device as ``device_map``
            are followed.

    Returns:
        An :class:`AffectGPTForConditionalGeneration` with the adapters in it, in eval mode.

    Raises:
        OSError: A base is not there.
        ValueError: As :func:`convert_loading.load_adapter`, or a keyword of whole models alone.
    """
    dtype, device = kwargs.pop("dtype", None), kwargs.pop("device_map", None)
    unknown = sorted(
        name for name, value in kwargs.items() if value is not None and name not in _OF_AUTO
    )
    is_spread = not isinstance(device, str | torch.device | None) or device == "auto"
    if unknown or is_spread:
        what = ", ".join([*unknown, *(["device_map"] if is_spread else [])])
        raise ValueError(
            f"{folder} holds adapters beside three models: got {what}, expected `dtype` and the "
            "name of a device. Convert with `--form merged` for a whole model."
        )
    model = assemble(model_class, folder, dtype=dtype or "auto")
    require_adapter_fits(model, folder)
    model.load_adapter(str(folder))
    return (model if device is None else model.to(device)).eval()


def assemble(
    model_class: Any,
    folder: str | PathLike,
    dtype: torch.dtype | str,
    **given: str | PathLike | None,
) -> Any:
    """Put the three models of adapters together, without the adapters.

    Args:
        model_class: The class of the model.
        folder: As for :func:`convert_loading.load_adapter`, as what follows.
        dtype: Of the towers and the language model.
        **given: Bases in place of those that are recorded.
    """
    require_peft()  # before gigabytes are read
    config = AffectGPTConfig.from_pretrained(folder)
    recorded = read_bases(folder)
    bases = {kind: str(given.get(kind) or recorded[kind]) for kind in BASES}
    found = base_fields(bases, **_own_fields(config))
    require_same_bases(config, recorded, found, bases, str(folder))
    model = model_class.from_towers(**bases, dtype=dtype, **_own_fields(config))
    model.generation_config = GenerationConfig.from_pretrained(folder)
    model.config._name_or_path = str(folder)
    return model


def attach_adapter(model: nn.Module, folder: str | PathLike, **kwargs: Any) -> Any:
    """Load adapters onto a model, unless they were trained on another one.

    Args:
        model: An :class:`AffectGPTForConditionalGeneration`.
        folder: Folder or Hub name of PEFT adapters, the fusion modules with them or not.
        **kwargs: Passed to ``PeftModel.from_pretrained``.

    Raises:
        ValueError: A tensor has no place in the model or another shape, or a layer that is to be
            adapted has no adapter.
        ImportError: peft is not installed.
    """
    peft = require_peft()
    require_adapter_fits(model, folder)
    return peft.PeftModel.from_pretrained(model, str(folder), **kwargs)


def has_bases(folder: str | PathLike) -> bool:
    """Tell whether adapters name the three models they belong on, as loading them needs."""
    try:
        return cached_file(folder, BASES_FILE) is not None
    except OSError:
        return False


def travelling(bases: Mapping[str, str], folder: str | PathLike) -> dict[str, str]:
    """The names of bases as they stand in a folder of adapters: paths are relative to it.

    Args:
        bases: Folders or Hub names.
        folder: Of the adapters.
    """
    return {
        kind: os.path.relpath(name, folder) if os.path.isdir(name) else name
        for kind, name in bases.items()
    }


def write_bases(bases: Mapping[str, str], folder: str | PathLike) -> None:
    """Write the names of the three models beside adapters, for :func:`read_bases`."""
    text = json.dumps(travelling(bases, folder), indent=2)
    (Path(folder) / BASES_FILE).write_text(text + "\n", encoding="utf-8")


def read_bases(folder: str | PathLike) -> dict[str, str]:
    """Read the names of the vision tower, the audio tower and the language model of adapters.

    Returns:
        Hub names, and folders as they are seen from here.

    Raises:
        OSError: There is no such file.
        ValueError: It does not hold the three names.
    """
    path = Path(str(cached_file(folder, BASES_FILE)))
    bases = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(bases, dict) or set(bases) != set(BASES):
        raise ValueError(f"{path} does not name the bases: got {bases!r}, expected {BASES}.")
    beside = {kind: os.path.normpath(path.parent / name) for kind, name in bases.items()}
    return {kind: beside[kind] if os.path.isdir(beside[kind]) else bases[kind] for kind in bases}


def base_fields(bases: Mapping[str, str | PathLike], **fields: Any) -> dict[str, Any]:
    """What :meth:`from_towers` takes from three models, without their weights.

    Args:
        bases: Folder or Hub name of ``vision``, ``audio`` and ``text``.
        **fields: Fields of the configuration; only the placeholders' names are looked at.

    Returns:
        ``vision_config``, ``audio_config``, ``text_config`` with a vocabulary that has room for the
        placeholders, and their ids.
    """
    vision, audio, text = (bases[kind] for kind in BASES)
    classes = (
        (vision, tower_class(vision_family(tower_type(vision)))),
        (audio, tower_class(audio_family(tower_type(audio)))),
    )
    configs = [model_class.config_class.from_pretrained(name) for name, model_class in classes]
    text_config = AutoConfig.from_pretrained(text)
    ids = placeholder_ids(AutoTokenizer.from_pretrained(text), **fields)
    needed = 1 + max(ids.values())
    if needed > text_config.vocab_size:
        text_config.vocab_size = 64 * ceil(needed / 64)
    return {
        "vision_config": configs[0],
        "audio_config": configs[1],
        "text_config": text_config,
        **ids,
    }


def require_same_bases(
    config: AffectGPTConfig,
    recorded: Mapping[str, str],
    found: Mapping[str, Any],
    bases: Mapping[str, str],
    folder: str,
) -> None:
    """Refuse a base that adapters were not trained on.

    Args:
        config: Of the adapters.
        recorded: Names of their bases.
        found: What :func:`base_fields` gives for the bases at hand.
        bases: Their names.
        folder: The adapters, for errors.

    Raises:
        ValueError: Names the adapters, both bases and every field that differs.
    """
    for kind in BASES:
        key = f"{kind}_config"
        differ = {
            name: (getattr(found[key], name, None), getattr(getattr(config, key), name, None))
            for name in TELLING_FIELDS
        }
        if kind == "text":
            names = [name for name in found if name.endswith("_token_id")]
            differ |= {name: (found[name], getattr(config, name)) for name in names}
        differ = {name: values for name, values in differ.items() if values[0] != values[1]}
        if differ:
            got = ", ".join(f"{name} {values[0]!r}" for name, values in differ.items())
            expected = ", ".join(f"{name} {values[1]!r}" for name, values in differ.items())
            raise ValueError(
                f"the adapters in {folder} are for another {kind} base: got {bases[kind]} with "
                f"{got}, expected {recorded[kind]} with {expected}. Load them with `{kind}` of the "
                "model that they were trained on."
            )


def require_adapter_fits(model: nn.Module, folder: str | PathLike) -> None:
    """Compare the names and shapes of LoRA adapters with the model, without reading the weights.

    Raises:
        ValueError: See :func:`attach_adapter`.
    """
    from safetensors import safe_open

    settings = require_peft().PeftConfig.from_pretrained(str(folder))
    if settings.peft_type != "LORA":
        return
    layers, parameters = dict(model.named_modules()), dict(model.named_parameters())
    adapted, wrong = set(), []
    with safe_open(str(cached_file(folder, ADAPTER_FILE)), "pt") as file:
        for key in file.keys():  # noqa: SIM118 - not a dict
            got = tuple(file.get_slice(key).get_shape())
            name = key.removeprefix("base_model.model.")
            layer, lora, half = name.rpartition(".lora_")
            if lora:
                adapted.add(layer)
                expected = _lora_shape(layers.get(layer), half, got)
            else:
                expected = tuple(parameters[name].shape) if name in parameters else None
            if expected != got:
                wrong.append(f"{name} {got} (expected {expected or 'no such weight'})")
    # Adapters of a shallower model would fit the first layers of a deeper one.
    if isinstance(settings.target_modules, str):
        targets = [name for name in layers if re.fullmatch(settings.target_modules, name)]
        wrong += [f"none for {name}" for name in targets if name not in adapted]
    if wrong:
        more = f" and {len(wrong) - 5} more" if len(wrong) > 5 else ""
        base = model.config._name_or_path or "the model"  # type: ignore[union-attr]
        raise ValueError(
            f"the adapters in {folder} do not fit {base}: got {', '.join(wrong[:5])}{more}. Load "
            "them onto the model that they were trained on."
        )


def require_peft() -> Any:
    """Import peft.

    Raises:
        ImportError: It is not installed; says how to install it.
    """
    try:
        import peft
    except ImportError as error:
        raise ImportError(
            "`peft` is not installed: needed for adapters. Install it with: pip install peft, or "
            "'affecthub[train]'"
        ) from error
    return peft


def _own_fields(config: AffectGPTConfig) -> dict[str, Any]:
    """The fields of a configuration that do not follow from its bases."""
    return {
        name: getattr(config, name)
        for name in AffectGPTConfig.__annotations__
        if name not in _FROM_BASES and not name.endswith("_token_id")
    }


def _lora_shape(layer: Any, half: str, got: tuple[int, ...]) -> tuple[int, ...] | None:
    """The shape that a half of an adapter must have; what cannot be told is taken as it is."""
    if layer is None:
        return None
    n_in, n_out = getattr(layer, "in_features", None), getattr(layer, "out_features", None)
    if n_in is None or n_out is None or not half.startswith(("A.", "B.")):
        return got
    return (got[0], n_in) if half[0] == "A" else (n_out, got[1])
