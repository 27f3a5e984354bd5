"""Settings as people write them: YAML, and ``key=value`` pairs on a command line."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml


class _Loader(yaml.SafeLoader):
    """YAML that reads 1e-5 as a number, as YAML 1.2 does; version 1.1 wants a dot and a sign."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float",
    re.compile(r"[-+]?(\d+\.?\d*|\.\d+)[eE][-+]?\d+$"),
    list("-+.0123456789"),
)


def read_yaml(text: str) -> Any:
    """Read a YAML document.

    Raises:
        yaml.YAMLError: The text is not YAML.

    Example:
        >>> read_yaml("learning_rate: 1e-5")
        {'learning_rate': 1e-05}
    """
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Values of both mappings; a mapping is merged key by key, anything else is replaced.

    Example:
        >>> merge({"seed": 0, "lora": {"r": 8, "alpha": 16}}, {"lora": {"r": 4}})
        {'seed': 0, 'lora': {'r': 4, 'alpha': 16}}
    """
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        if isinstance(below, Mapping) and isinstance(value, Mapping):
            value = merge(below, value)
        merged[key] = value
    return merged


def parse_overrides(pairs: Sequence[str]) -> dict[str, Any]:
    """Read ``key=value`` pairs; values are YAML, and a dot in a key goes into a mapping.

    Raises:
        ValueError: A pair has no "=", no key, or a value that is not YAML.

    Example:
        >>> parse_overrides(["seed=3", "modalities=[text]", "trainer.max_steps=3"])
        {'seed': 3, 'modalities': ['text'], 'trainer': {'max_steps': 3}}
    """
    values: dict[str, Any] = {}
    for pair in pairs:
        path, equals, text = pair.partition("=")
        keys = [key.strip() for key in path.split(".")]
        if not equals or not all(keys):
            raise ValueError(f"cannot read override {pair!r}: expected KEY=VALUE.")
        try:
            value = read_yaml(text)
        except yaml.YAMLError as error:
            raise ValueError(f"cannot read override {pair!r}: its value is no YAML.") from error
        for key in reversed(keys):
            value = {key: value}
        values = merge(values, value)
    return values
