"""What a cache's features were made by, as plain values that can be compared field by field."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from affecthub.errors import require

# To be raised when the same clip would be kept otherwise.
FORMAT = 1
# What stands in a key where weights could not be read.
UNREAD = "unread"
_CHUNK = 1 << 24


def flat(key: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """A key's fields under dotted names.

    Example:
        >>> flat({"audio": {"layers": 4}, "dtype": "float16"})
        {'audio.layers': 4, 'dtype': 'float16'}
    """
    found: dict[str, Any] = {}
    for name, value in key.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = list(value) if isinstance(value, tuple) else value
    return found


def differences(cached: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """The fields in which two keys differ, in words; none where they are the same.

    Fields that only the cache has do not matter; weights that could not be read are passed over.

    Example:
        >>> differences({"audio": {"layers": 4}}, {"audio": {"layers": 1}})
        ['audio.layers is 4 in the cache and 1 here']
    """
    before, now = flat(cached), flat(wanted)
    return [
        f"{name} is {before.get(name)!r} in the cache and {value!r} here"
        for name, value in now.items()
        if before.get(name) != value and UNREAD not in (before.get(name), value)
    ]


def weights_digest(module: Any) -> str:
    """The SHA-256 of a module's weights, names and dtypes; the same on every device.

    Returns:
        Hexadecimal, or `UNREAD` where a weight lies on no device.
    """
    import torch

    digest = hashlib.sha256()
    with _gathered(module):
        for name, tensor in sorted(module.state_dict().items()):
            if tensor.is_meta:
                return UNREAD
            digest.update(f"{name}{tensor.dtype}{tuple(tensor.shape)}".encode())
            whole = tensor.detach().contiguous().reshape(-1).view(torch.uint8)
            for part in whole.split(_CHUNK):
                digest.update(part.cpu().numpy().data)
    return digest.hexdigest()


@contextmanager
def _gathered(module: Any) -> Iterator[None]:
    """Bring together weights that ZeRO-3 has spread over processes."""
    spread = [each for each in module.parameters() if hasattr(each, "ds_id")]
    if not spread:
        yield
        return
    deepspeed = require("deepspeed", "deepspeed", "read weights that ZeRO-3 has spread")
    with deepspeed.zero.GatheredParameters(spread):
        yield
