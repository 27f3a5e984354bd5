"""Load an encoder's weights and what prepares its input; what cannot be loaded says why."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from transformers import AutoConfig, AutoModel, PreTrainedConfig

from affecthub.errors import unknown_name
from affecthub.modeling.affectgpt.modeling_towers import VisionFamily, load_tower, no_load_report
from affecthub.training.features.encoders.table import Named

# As they are asked for -> as torch calls them.
COMPUTED = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}
# Encoders above this are kept in half precision where there is an accelerator, as published.
_LARGE = 3_000_000_000


def read_config(named: Named) -> dict[str, Any]:
    """What an encoder's config.json says; none of its own code is run.

    Raises:
        ValueError: It is not there, in the folder or on the Hub, with what is needed.
    """
    config, _ = told(named, lambda: PreTrainedConfig.get_config_dict(named.where))
    if not config:
        raise ValueError(f"encoder {named.name!r}: got no config.json in {named.where}")
    return dict(config)


def told(named: Named, load: Callable[[], Any]) -> Any:
    """Do what reads files of an encoder, and say what is needed where one is not there.

    Raises:
        ValueError: Says what is not there, and what is known of the encoder.
    """
    try:
        with no_load_report():
            return load()
    except (OSError, ImportError) as error:
        row = named.published
        note = f" {row.note}" if row is not None and row.note else ""
        reason = " ".join(str(error).split())
        if isinstance(error, ImportError):
            raise ImportError(f"encoder {named.name!r}: {reason}{note}") from error
        if Path(named.where).is_dir():
            need = "Give the folder with all files of the encoder."
        else:
            need = f"Download it where there is a network (`hf download {named.where}`) or give "
            need += "its folder to `--encoder`."
        raise ValueError(
            f"encoder {named.name!r} cannot be loaded from {named.where}: {reason} {need}{note}"
        ) from error


def compute_dtype(asked: str | None, device: torch.device, n_parameters: int) -> torch.dtype:
    """The precision to encode in.

    Args:
        asked: ``"fp32"``, ``"bf16"``, ``"fp16"``; None takes float32, and float16 for encoders of
            billions of parameters on an accelerator, as they were published.
        device: Where it is encoded.
        n_parameters: Of the encoder.

    Raises:
        ValueError: There is no such precision.

    Example:
        >>> compute_dtype(None, torch.device("cpu"), 7_000_000_000)
        torch.float32
    """
    if asked is None:
        return torch.float16 if device.type != "cpu" and n_parameters > _LARGE else torch.float32
    if asked not in COMPUTED:
        raise unknown_name("precision to compute in", asked, COMPUTED)
    return COMPUTED[asked]


def class_of(config: PreTrainedConfig) -> type[Any]:
    """The model of transformers that AutoModel takes for a configuration.

    Raises:
        ValueError: There is none.
    """
    try:
        found: Any = AutoModel._model_mapping[type(config)]
    except KeyError:
        raise ValueError(
            f"AutoModel knows no model of type {config.model_type!r}: expected an encoder of "
            "sound, text or pictures."
        ) from None
    cls: type[Any] = found[0] if isinstance(found, tuple) else found
    return cls


def config_of(named: Named) -> Any:
    """The configuration as a class of transformers.

    Raises:
        ValueError: Its type is unknown to transformers, or needs code of its own, which is not run.
    """
    try:
        return told(named, lambda: AutoConfig.from_pretrained(named.where, trust_remote_code=False))
    except ValueError as error:
        if "encoder " in str(error):
            raise
        reason = " ".join(str(error).split())[:300]
        raise ValueError(
            f"encoder {named.name!r} is of no type that transformers knows: {reason} Code that "
            "comes with weights is not run here. Take another, or convert it to a known class."
        ) from error


def load_class(
    named: Named,
    model: str,
    dtype: torch.dtype,
    *,
    feature: Any = "mean",
    renamed: dict[str, str] | None = None,
) -> Any:
    """Load a model by the name of its class in transformers; no weight may stay random.

    Args:
        named: The encoder.
        model: Name of the class.
        dtype: Of its weights.
        feature: ``"pooled"`` where its pooler is used, which may be absent otherwise.
        renamed: What its weights are called inside a larger model, as for `VisionFamily`.

    Raises:
        ValueError: A weight is not there or of another shape.
        ImportError: A package that the class needs is missing.
    """
    family = VisionFamily(model, feature, renamed=renamed or {})
    return told(named, lambda: load_tower(family, named.where, dtype, feature))
