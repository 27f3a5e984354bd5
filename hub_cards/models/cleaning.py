"""Copies of a folder's files without the paths of this machine."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from affecthub.hub_cards.models.known import (
    ADAPTER,
    BASES,
    CONFIG,
    CONVERSION,
    GRPO,
    RECIPE,
    RECORD,
    SCORES,
    is_hub_id,
)

# Records of ours, in which any text may be a path.
_RECORDS = (RECIPE, GRPO, RECORD, SCORES, CONVERSION)
# Settings of others, in which these names hold one, and a text such as "/" may mean something.
_SETTINGS = (
    CONFIG,
    ADAPTER,
    "generation_config.json",
    "processor_config.json",
    "preprocessor_config.json",
    "tokenizer_config.json",
)
_NAMES = ("_name_or_path", "name_or_path", "tokenizer_file", "vocab_file", "merges_file")
_BASE = "base_model_name_or_path"
_PATH = re.compile(r"(?:/|~/|\.{1,2}/|[A-Za-z]:[\\/])\S.*")


def copy(path: Path, target: Path, *, base: str | None = None) -> None:
    """Copy a file; in records and settings a path becomes its last part.

    Args:
        path: To read.
        target: To write.
        base: Hub id that takes the place of a folder in ``base_model_name_or_path``.
    """
    if path.name in _RECORDS:
        _rewrite(path, target, lambda value: without_paths(value))
    elif path.name in _SETTINGS and path.name != BASES:
        _rewrite(path, target, lambda value: _named_alone(value, base))
    else:
        shutil.copyfile(path, target)


def without_paths(value: Any) -> Any:
    """A record in which every text that is a path is its last part.

    Example:
        >>> without_paths({"model": "/home/me/base", "corpus": "meld", "n": [1, "../x/y"]})
        {'model': 'base', 'corpus': 'meld', 'n': [1, 'y']}
    """
    if isinstance(value, dict):
        return {name: without_paths(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [without_paths(inner) for inner in value]
    if isinstance(value, str) and _is_path(value):
        return re.split(r"[\\/]", value.rstrip("/\\"))[-1]
    return value


def _is_path(text: str) -> bool:
    if _PATH.fullmatch(text):
        return True
    return "/" in text and " " not in text and not is_hub_id(text) and Path(text).exists()


def _named_alone(value: Any, base: str | None) -> Any:
    """The same in the fields that are known to hold a path, at any depth."""
    if isinstance(value, list):
        return [_named_alone(inner, base) for inner in value]
    if not isinstance(value, dict):
        return value
    changed = {}
    for name, inner in value.items():
        if name == _BASE and isinstance(inner, str) and base and not is_hub_id(inner):
            changed[name] = base
        elif name in _NAMES and isinstance(inner, str):
            changed[name] = inner if is_hub_id(inner) else without_paths(inner)
        else:
            changed[name] = _named_alone(inner, base)
    return changed


def _rewrite(path: Path, target: Path, change: Callable[[Any], Any]) -> None:
    """Write a changed table; one that has nothing to change is copied to the byte."""
    text = path.read_text(encoding="utf-8")
    is_json = path.suffix == ".json"
    value = json.loads(text) if is_json else yaml.safe_load(text)
    changed = change(value)
    if changed == value:
        shutil.copyfile(path, target)
    elif is_json:
        written = json.dumps(changed, indent=2, ensure_ascii=False) + "\n"
        target.write_text(written, encoding="utf-8")
    else:
        written = yaml.safe_dump(changed, sort_keys=False, allow_unicode=True)
        target.write_text(written, encoding="utf-8")
