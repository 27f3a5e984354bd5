"""Weight files of checkpoints, read tensor by tensor; nothing in them is run."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch

_INDEXES = ("model.safetensors.index.json", "pytorch_model.bin.index.json")
_SINGLES = ("model.safetensors", "pytorch_model.bin")


def find_file(where: str, name: str) -> Path | None:
    """A file of a folder or of a repository on the Hub; None where it is not there."""
    if Path(where).is_dir():
        path = Path(where) / name
        return path if path.is_file() else None
    from transformers.utils import cached_file

    found = cached_file(where, name, _raise_exceptions_for_missing_entries=False)
    return None if found is None else Path(found)


def weight_files(where: str) -> list[Path]:
    """The files that hold a checkpoint's weights, safetensors before torch's.

    Args:
        where: Folder or Hub id.

    Raises:
        ValueError: There are none, one that the index names is missing, or it lies elsewhere.
    """
    for name in _INDEXES:
        index = find_file(where, name)
        if index is None:
            continue
        named = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
        strange = [each for each in named if Path(each).name != each]
        if strange:
            raise ValueError(f"{index} names {strange[0]!r}: expected files beside it")
        files = {each: find_file(where, each) for each in named}
        lacking = [each for each, path in files.items() if path is None]
        if lacking:
            raise ValueError(
                f"{where} lacks weights: got no {', '.join(lacking)}, expected all that {name} "
                "names. Download it again."
            )
        return [path for path in files.values() if path is not None]
    for name in _SINGLES:
        single = find_file(where, name)
        if single is not None:
            return [single]
    raise ValueError(
        f"{where} holds no weights: expected one of {', '.join((*_SINGLES, *_INDEXES))}."
    )


def read_tensors(path: Path) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield the tensors of a weight file with their names, one after the other.

    Raises:
        ValueError: It is no such file, or holds anything but tensors.
    """
    if path.suffix == ".safetensors":
        from safetensors import SafetensorError, safe_open

        try:
            with safe_open(path, framework="pt") as file:
                for name in file.keys():  # noqa: SIM118  (no dict)
                    yield name, file.get_tensor(name)
        except SafetensorError as error:
            raise ValueError(f"{path}: got no readable safetensors ({error})") from error
        return
    try:
        state: Any = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise
    except Exception as error:  # a damaged or hostile file fails in any way it likes
        raise ValueError(
            f"{path}: got no readable weights ({type(error).__name__}), expected tensors alone. "
            "Do not trust this file; get it again from its source."
        ) from error
    for name, tensor in state.items():
        if not isinstance(tensor, torch.Tensor):
            raise ValueError(f"{path}: got {type(tensor).__name__} for {name!r}, expected a tensor")
        yield name, tensor


def state_of(where: str) -> Iterator[tuple[str, torch.Tensor]]:
    """Yield all tensors of a checkpoint.

    Raises:
        ValueError: As `weight_files` and `read_tensors`.
    """
    for path in weight_files(where):
        yield from read_tensors(path)
