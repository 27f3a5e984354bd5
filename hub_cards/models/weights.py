"""Weights that may be shown: whole, finite, as their index says."""

import json
from pathlib import Path

from affecthub.errors import require
from affecthub.hub_cards.models.files import INDEX


def require_sound(folder: Path) -> int:
    """Read every tensor once, and compare the shards with their index.

    Args:
        folder: Of safetensors.

    Returns:
        Bytes of all tensors.

    Raises:
        ValueError: A file is no safetensors, a value is not finite, a tensor lies in another file
            than the index says, or the sum of sizes is another.
    """
    require("torch", "model", "read the weights")
    found: dict[str, str] = {}
    n_bytes = 0
    for path in sorted(folder.glob("*.safetensors")):
        names, size = _read(path)
        found |= dict.fromkeys(names, path.name)
        n_bytes += size
    index = folder / INDEX
    if index.is_file():
        _require_index(index, found, n_bytes)
    return n_bytes


def _read(path: Path) -> tuple[list[str], int]:
    """Names of a file's tensors and their bytes; each is looked at."""
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(path, framework="pt") as file:
            names, size = list(file.keys()), 0
            for name in names:
                tensor = file.get_tensor(name)
                size += tensor.numel() * tensor.element_size()
                if tensor.is_floating_point() and not bool(tensor.float().isfinite().all()):
                    raise ValueError(
                        f"{path.name}: got values of {name} that are not finite, expected numbers. "
                        "The training diverged; take an earlier checkpoint."
                    )
    except SafetensorError as error:
        raise ValueError(
            f"{path.name} is broken: got {error}, expected safetensors. Save the model again."
        ) from None
    return names, size


def _require_index(path: Path, found: dict[str, str], n_bytes: int) -> None:
    index = json.loads(path.read_text("utf-8"))
    named = index["weight_map"]
    if named != found:
        wrong = sorted(name for name in {**named, **found} if named.get(name) != found.get(name))
        raise ValueError(
            f"{path.name} does not fit the files: got {len(wrong)} tensors elsewhere or missing, "
            f"{wrong[0]} for one, expected each where the index says. Save the model again."
        )
    total = (index.get("metadata") or {}).get("total_size")
    # Tied weights are written once and may be counted twice.
    if total is not None and total < n_bytes:
        raise ValueError(
            f"{path.name}: got a total size of {total:,} bytes, expected {n_bytes:,}, that of the "
            "tensors. Save the model again."
        )
