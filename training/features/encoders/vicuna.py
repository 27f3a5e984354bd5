"""Vicuna out of what was released of it: its difference from LLaMA-1.

Source: lmsys/vicuna-7b-delta-v0: every weight of the model is the sum of the difference and of
LLaMA's own. Rows for added tokens (one of padding) are in the difference alone and stand as they
are there; no text has such tokens.
"""

import json
import shutil
from pathlib import Path

import torch

from affecthub.folders import finished_folder, require_empty
from affecthub.training.features.encoders.checkpoints import (
    find_file,
    read_tensors,
    state_of,
    weight_files,
)

_BESIDE = (
    "config.json",
    "tokenizer.model",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
)


def add_delta(base: str | Path, delta: str | Path, out: str | Path) -> Path:
    """Write the model that a difference was released of.

    Args:
        base: Folder of LLaMA-1 of the same size, in the form of transformers.
        delta: Folder or Hub id of the difference.
        out: New folder: safetensors, with configuration and tokenizer of the difference.

    Returns:
        The folder.

    Raises:
        ValueError: The two are of different sizes, or a weight is in one alone.
    """
    base, delta, out = str(base), str(delta), Path(out).expanduser()
    require_empty(out, "`--out`")
    # Of LLaMA a tensor is looked up by name, of the difference a file is taken at a time.
    of_base = {name: tensor for name, tensor in state_of(base) if not _computed(name)}
    files = weight_files(delta)
    index: dict[str, str] = {}
    with finished_folder(out) as folder:
        from safetensors.torch import save_file

        for number, path in enumerate(files, start=1):
            added = {}
            for name, change in read_tensors(path):
                if not _computed(name):
                    added[name] = _sum(name, of_base.pop(name, None), change, base)
            file = f"model-{number:05d}-of-{len(files):05d}.safetensors"
            save_file(added, folder / file, metadata={"format": "pt"})
            index |= dict.fromkeys(added, file)
        if of_base:
            raise ValueError(
                f"{delta} is no difference from {base}: got no {', '.join(sorted(of_base)[:3])}"
            )
        content = json.dumps({"metadata": {}, "weight_map": index}, indent=2)
        (folder / "model.safetensors.index.json").write_text(content, encoding="utf-8")
        for name in _BESIDE:
            beside = find_file(delta, name)
            if beside is not None:
                shutil.copyfile(beside, folder / name)
    return out


def _computed(name: str) -> bool:
    return name.endswith("rotary_emb.inv_freq")


def _sum(name: str, before: torch.Tensor | None, change: torch.Tensor, base: str) -> torch.Tensor:
    """A weight of the model, in the precision of the difference."""
    if before is None:
        raise ValueError(f"{base} has no {name}: expected LLaMA-1 of the same size")
    if before.shape[1:] != change.shape[1:] or len(before) > len(change):
        raise ValueError(
            f"{name} of {base} has another size: got {tuple(before.shape)}, expected "
            f"{tuple(change.shape)}, or fewer rows"
        )
    if len(before) < len(change) and not name.endswith(("embed_tokens.weight", "lm_head.weight")):
        raise ValueError(f"{name} of {base} has {len(before)} rows: expected {len(change)}")
    total = change.float()
    total[: len(before)] += before.float()
    return total.to(change.dtype)
