"""Whether the models at hand are those that an official checkpoint was trained with.

Widths do not tell: those of other towers that the official code offers are the same. The training
configuration names them, and a name here stands for the family that it is of.
"""

import re
from collections.abc import Mapping
from typing import Any

from .convert_adapters import BASES

# Base -> its key in the training configuration.
RECORDED = {"vision": "visual_encoder", "audio": "acoustic_encoder", "text": "llama_model"}
# What a recorded name holds -> model types of the family. None of them: there is no counterpart.
FAMILIES: dict[str, dict[str, tuple[str, ...]]] = {
    "vision": {
        "evaclip": (),  # with a Q-Former of its own between the tower and the rest
        "imagebind": (),
        "clipvit": ("clip_vision_model",),
        "siglip": ("siglip_vision_model",),
        "dino": ("dinov2", "dinov2_with_registers"),
    },
    "audio": {
        "imagebind": (),
        "hubert": ("hubert",),
        "wavlm": ("wavlm",),
        "data2vec": ("data2vec-audio",),
        "whisper": ("whisper",),
    },
    "text": {
        "qwen3": ("qwen3",),
        "qwen": ("qwen2",),
        "vicuna": ("llama",),
        "llama": ("llama",),
        "mistral": ("mistral",),
    },
}


def require_recorded(
    settings: Mapping[str, Any], found: Mapping[str, Any], bases: Mapping[str, str]
) -> list[str]:
    """Compare the bases with what a checkpoint's training configuration names.

    Args:
        settings: Its ``model`` section; what it does not name is not compared.
        found: What :func:`convert_adapters.base_fields` gives for the bases.
        bases: Their names.

    Returns:
        What the user should know: names that could not be compared, and another release of the
        language model than the base's name says.

    Raises:
        ValueError: A base is of another family, or the checkpoint's has no counterpart here.
    """
    notes = []
    for kind in BASES:
        recorded, model_type = settings.get(RECORDED[kind]), found[f"{kind}_config"].model_type
        if not recorded:
            continue
        name = _plain(recorded)
        family = next((stem for stem in FAMILIES[kind] if stem in name), None)
        if family is None:
            notes.append(
                f"Trained with {RECORDED[kind]} {recorded!r}, which is not known here; "
                f"{bases[kind]} is trusted to be it."
            )
        elif not FAMILIES[kind][family]:
            raise ValueError(
                f"the checkpoint was trained with a {kind} tower that has no counterpart here: "
                f"got {RECORDED[kind]} {recorded!r}, expected one of "
                f"{', '.join(stem for stem, types in FAMILIES[kind].items() if types)}."
            )
        elif model_type not in FAMILIES[kind][family]:
            raise ValueError(
                f"the checkpoint was trained with another {kind} model: got {bases[kind]} "
                f"({model_type}), expected {RECORDED[kind]} {recorded!r} "
                f"({' or '.join(FAMILIES[kind][family])}). Give it with `{kind}`."
            )
        elif kind == "text" and _release(name) not in (None, _release(_plain(bases[kind]))):
            notes.append(
                f"Trained on {recorded!r}; make sure that {bases[kind]} is that very release."
            )
    return notes


def _plain(name: Any) -> str:
    """The last part of a name or path, in small letters and digits."""
    return re.sub(r"[^a-z0-9]", "", re.split(r"[\\/]", str(name).rstrip("\\/"))[-1].lower())


def _release(name: str) -> str | None:
    """The number behind a family's name, such as 25 in qwen25; None where it says none."""
    found = re.search(r"(?:qwen|vicuna|llama|mistral)v?(\d+)", name)
    # Of qwen257binstruct the first two digits are the release, what follows is the size.
    return found.group(1)[:2] if found else None
