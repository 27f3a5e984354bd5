"""From a name to an encoder that can be asked: which kind it is, its weights, its rules."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from transformers import AutoImageProcessor, AutoTokenizer

from affecthub.errors import require
from affecthub.modeling.affectgpt.modeling_towers import AUDIO_FAMILIES, VISION_FAMILIES
from affecthub.training.features.encoders.converting import CONVERTED, WORDS, load_converted
from affecthub.training.features.encoders.kinds import Encoder
from affecthub.training.features.encoders.loading import (
    class_of,
    compute_dtype,
    config_of,
    load_class,
    read_config,
    told,
)
from affecthub.training.features.encoders.mel import MelEncoder
from affecthub.training.features.encoders.pictures import FilmEncoder, PictureEncoder
from affecthub.training.features.encoders.pieces import PieceEncoder
from affecthub.training.features.encoders.rules import Wanted
from affecthub.training.features.encoders.speech import WaveEncoder
from affecthub.training.features.encoders.table import Named
from affecthub.training.features.encoders.timm_pictures import TimmPictures
from affecthub.training.features.encoders.words import WordEncoder
from affecthub.training.features.names import MODALITIES, Modality

# What a model's first input is called -> what it encodes.
_INPUTS: dict[str, Modality] = {
    "input_values": "audio",
    "input_features": "audio",
    "pixel_values": "vision",
    "pixel_values_videos": "vision",
    "input_ids": "text",
}
# Image encoders that AffectGPT's table has no tower of -> what they usually give of a picture.
_PICTURES = {"data2vec-vision": "mean", "beit": "mean", "timm_wrapper": "pooled"}


@dataclass(frozen=True)
class Kind:
    """What an encoder's configuration says of it.

    Args:
        model_type: Of the part that is used.
        modality: What it encodes.
        config: Its configuration, None where transformers knows none and it is converted.
    """

    model_type: str
    modality: Modality
    config: Any


def kind_of(named: Named) -> Kind:
    """Find out what an encoder is, from its config.json alone.

    Raises:
        ValueError: There is no config.json, or transformers knows no such encoder.
        ImportError: A package that it needs is missing.
    """
    said = read_config(named)
    model_type = str(said.get("model_type", ""))
    if model_type in CONVERTED:
        return Kind(model_type, "text", None)
    if "architecture" in said and not model_type:
        model_type = "timm_wrapper"
    if model_type == "timm_wrapper":
        _require_timm(named)
    config = config_of(named)
    inner = _inner_type(config)
    if inner in AUDIO_FAMILIES:
        return Kind(inner, "audio", config)
    if inner in VISION_FAMILIES:
        return Kind(inner, "vision", config)
    main = getattr(class_of(config), "main_input_name", "")
    if main not in _INPUTS:
        raise ValueError(
            f"encoder {named.name!r} takes {main!r}: expected sound, pictures or text, as "
            f"{', '.join(_INPUTS)}. Take another."
        )
    return Kind(config.model_type, _INPUTS[main], config)


def build(
    named: Named,
    kind: Kind,
    wanted: Wanted,
    *,
    medium: str,
    device: torch.device,
    compute: str | None = None,
) -> Encoder:
    """Load an encoder with its rules.

    Args:
        named: Which.
        kind: What `kind_of` said of it.
        wanted: What is asked of it.
        medium: Column of the corpus that it reads.
        device: Where it goes.
        compute: Its precision, see `compute_dtype`.

    Raises:
        ValueError: A weight or a file is missing, or what is asked for does not fit the encoder.
        ImportError: A package that it needs is missing.
    """
    size_m = named.published.size_m if named.published else 0
    dtype = compute_dtype(compute, device, size_m * 1_000_000)
    if (wanted.tokens is not None or wanted.frames is not None) and kind.modality != "vision":
        raise ValueError(
            f"`tokens` and `frames` are of pictures: got {wanted.tokens} and {wanted.frames} for "
            f"{named.name}, an encoder of {kind.modality}. Leave them."
        )
    made: Callable[..., Encoder] = {
        "audio": _hearing,
        "text": _reading,
        "vision": _seeing,
    }[kind.modality]
    encoder = made(named, kind, wanted, medium, dtype)
    encoder.model.to(device).eval()
    return encoder


def require_modality(named: Named, kind: Kind, modality: str | None) -> None:
    """Refuse an encoder that does not encode what was asked for.

    Raises:
        ValueError: It encodes another modality.
    """
    if modality is not None and modality != kind.modality:
        raise ValueError(
            f"`--modality`: got {modality!r}, but {named.name} encodes {kind.modality}. Expected "
            f"one of {', '.join(MODALITIES)} that fits, or none."
        )


def _require_timm(named: Named) -> None:
    """Refuse where timm cannot be imported, which torchvision of another torch hinders, too.

    Raises:
        ImportError: Says what is needed.
    """
    try:
        require("timm", "vision-timm", f"run {named.name}")
    except Exception as error:  # a torchvision of another torch fails as it likes
        told_already = isinstance(error, ImportError) and error.name == "timm"
        reason = str(error) if told_already else f"timm cannot be imported ({error})."
        raise ImportError(
            f"encoder {named.name!r}: {reason} timm itself imports torchvision, which must be the "
            "one that belongs to the torch that is installed.",
            name="timm",
        ) from error


def _inner_type(config: Any) -> str:
    """The type of the half of a larger model that is used: of CLIP, that of its images."""
    if config.model_type in AUDIO_FAMILIES or config.model_type in VISION_FAMILIES:
        return str(config.model_type)
    for half in ("vision_config", "audio_config"):
        inner = getattr(getattr(config, half, None), "model_type", None)
        if inner in AUDIO_FAMILIES or inner in VISION_FAMILIES:
            return str(inner)
    return str(config.model_type)


def _hearing(
    named: Named, kind: Kind, wanted: Wanted, medium: str, dtype: torch.dtype
) -> WaveEncoder | MelEncoder | PieceEncoder:
    if kind.model_type == "whisper":
        model = "WhisperModel" if wanted.is_official else "WhisperEncoder"
        return MelEncoder(named, load_class(named, model, dtype), wanted)
    family = AUDIO_FAMILIES.get(kind.model_type)
    if family is None or family.feature == "layers":
        name = family.model if family else class_of(kind.config).__name__
        return WaveEncoder(named, load_class(named, name, dtype), wanted)
    loaded = load_class(named, family.model, dtype, feature=family.feature, renamed=family.renamed)
    return PieceEncoder(named, loaded, family, wanted)


def _reading(
    named: Named, kind: Kind, wanted: Wanted, medium: str, dtype: torch.dtype
) -> WordEncoder:
    if kind.config is None:
        model, tokenizer = told(named, lambda: load_converted(named.where, kind.model_type, dtype))
        return WordEncoder(named, model, tokenizer, wanted, medium)
    own = getattr(kind.config, WORDS, None)
    tokenizer = told(
        named,
        lambda: (
            CONVERTED[own].words(named.where)
            if own in CONVERTED
            else AutoTokenizer.from_pretrained(named.where, trust_remote_code=False)
        ),
    )
    model = load_class(named, class_of(kind.config).__name__, dtype)
    return WordEncoder(named, model, tokenizer, wanted, medium)


def _seeing(
    named: Named, kind: Kind, wanted: Wanted, medium: str, dtype: torch.dtype
) -> PictureEncoder | FilmEncoder:
    family = VISION_FAMILIES.get(kind.model_type)
    # What the towers' table calls before the norm is a choice of `style`.
    usual = _PICTURES.get(kind.model_type, "mean")
    if family is not None and family.feature in ("projection", "pooled"):
        usual = family.feature
    name = family.model if family else class_of(kind.config).__name__
    feature = "pooled" if "pooled" in (wanted.tokens or usual) else "mean"
    model = load_class(
        named, name, dtype, feature=feature, renamed=family.renamed if family else None
    )
    if kind.model_type == "timm_wrapper":
        prepare = TimmPictures.of(model.config)
        return PictureEncoder(named, model, prepare, wanted, usual, medium, vars(prepare))
    processor = told(named, lambda: AutoImageProcessor.from_pretrained(named.where))
    if kind.model_type == "videomae":
        return FilmEncoder(named, model, processor, wanted, medium)
    return PictureEncoder(named, model, processor, wanted, usual, medium, processor.to_dict())
