"""Adapters of AffectGPT and their base, loaded as a model of PEFT."""

from os import PathLike
from typing import Any

import torch

from .convert_adapters import assemble, attach_adapter, read_bases
from .modeling_affectgpt import AffectGPTForConditionalGeneration


def load_adapter(
    folder: str | PathLike,
    *,
    vision: str | PathLike | None = None,
    audio: str | PathLike | None = None,
    text: str | PathLike | None = None,
    dtype: torch.dtype | str = "auto",
    is_trainable: bool = False,
) -> Any:
    """Put towers, language model, fusion and adapters together.

    Args:
        folder: Folder or Hub name of what ``affecthub convert`` wrote.
        vision: Folder or Hub name of the vision tower, in place of the one that is recorded.
        audio: The same of the audio tower.
        text: The same of the language model.
        dtype: Of the towers and the language model; ``"auto"`` keeps each model's own.
        is_trainable: Whether adapters and fusion get a gradient.

    Returns:
        A PEFT model around :class:`AffectGPTForConditionalGeneration`, in eval mode, on the CPU.
        Its processor is ``AffectGPTProcessor.from_pretrained(folder)``.

    Raises:
        OSError: The folder or a base is not there.
        ValueError: A base has other sizes than the one that the adapters were trained on, or the
            adapters do not fit the model.
        ImportError: peft is not installed.
    """
    model = assemble(
        AffectGPTForConditionalGeneration,
        folder,
        dtype=dtype,
        vision=vision,
        audio=audio,
        text=text,
    )
    loaded = attach_adapter(model, folder, is_trainable=is_trainable)
    # As it is seen from here: it goes into what is saved anew.
    base = str(text or read_bases(folder)["text"])
    loaded.peft_config["default"].base_model_name_or_path = base
    return loaded
