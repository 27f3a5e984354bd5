"""The key of a model that gives answers, so that none is taken for another's.

An answer belongs to the model's weights, what it was asked and how, and the clip it was asked
about. The first three make the key of the model; see `clip_keys` for the clip's own.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import torch
from torch.distributed.tensor import DTensor

from affecthub.errors import require
from affecthub.training.recipe import Recipe

_CHUNK = 1 << 24
# Says where and by what a thing was made, not what it is.
_PROVENANCE = (
    *("transformers_version", "_name_or_path", "name_or_path", "_commit_hash"),
    "auto_map",  # of one that was just saved
)


def model_key(model: Any, processor: Any, recipe: Recipe, features: Any = None) -> str:
    """What decides an answer beside the clip: every weight, the prompt, and how it is asked.

    Args:
        model: The model that answers. Of weights that lie on no device (offloaded ones), name,
            shape and the model's source stand for their values.
        processor: Its processor.
        recipe: Says the modalities, the question, its options and the longest answer.
        features: The ``FeatureCache`` that stands for the media, if any: its numbers may be of
            half precision.

    Returns:
        A SHA-256 in hexadecimal; the same for the same weights in another process.
    """
    digest = hashlib.sha256()
    settings = {
        "modalities": sorted(recipe.modalities),
        "question": recipe.question,
        "options": list(recipe.options),
        "max_new_tokens": recipe.max_new_tokens,
        "generation": _lasting(model.generation_config.to_dict()),
        "processor": _lasting(processor.to_dict()),
        "vocabulary": sorted(processor.tokenizer.get_vocab().items()),
    }
    if features is not None:
        settings["features"] = features.about["dtype"]
    digest.update(json.dumps(settings, sort_keys=True, default=str).encode())
    for name, tensor in sorted(model.state_dict(keep_vars=True).items()):
        digest.update(name.encode())
        if not isinstance(tensor, torch.Tensor):
            digest.update(repr(tensor).encode())
            continue
        with whole(tensor) as gathered:
            digest.update(f"{gathered.dtype}{tuple(gathered.shape)}".encode())
            if gathered.is_meta:
                digest.update(str(model.config._name_or_path).encode())
                continue
            flat = gathered.detach().contiguous().reshape(-1).view(torch.uint8)
            for part in flat.split(_CHUNK):
                digest.update(part.cpu().numpy().data)
    return digest.hexdigest()


@contextmanager
def whole(tensor: torch.Tensor) -> Iterator[torch.Tensor]:
    """A tensor that may lie in pieces on several processes, which must all ask for it."""
    if hasattr(tensor, "ds_id"):  # DeepSpeed's, stage 3
        zero = require("deepspeed", "deepspeed", "gather weights that lie in pieces").zero
        with zero.GatheredParameters([tensor]):
            yield tensor
    else:
        yield tensor.full_tensor() if isinstance(tensor, DTensor) else tensor


def is_split(model: Any) -> bool:
    """Whether a model's weights lie in pieces, so that all processes must ask it together."""
    return any(hasattr(each, "ds_id") or isinstance(each, DTensor) for each in model.parameters())


def _lasting(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings without what only says where they come from."""
    return {
        key: _lasting(value) if isinstance(value, Mapping) else value
        for key, value in settings.items()
        if key not in _PROVENANCE and value is not None
    }
