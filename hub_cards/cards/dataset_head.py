"""The head of a dataset's card: configurations and their files, features, who may see it."""

import re
from collections import Counter
from typing import Any

from affecthub.hub_cards.cards import values

_NAME = re.compile(r"\w+(?:[-.]\w+)*")
_GATED_TEXTS = ("heading", "prompt", "description", "button_content")
_GATED_TYPES = ("text", "checkbox", "date_picker", "country", "ip_location", "select")
_COUNTS = ("num_bytes", "num_examples")


def dataset_mistakes(head: dict[str, Any]) -> list[str]:
    """What is wrong in ``configs``, ``dataset_info`` and the ``extra_gated_`` fields."""
    mistakes = _configs(head.get("configs"))
    mistakes += _infos(head.get("dataset_info"), head.get("configs"))
    return mistakes + _gated(head)


def _configs(configs: Any) -> list[str]:
    if configs is None:
        return []
    if not isinstance(configs, list) or not all(isinstance(each, dict) for each in configs):
        return [
            "`configs`: got no list of tables, expected one `config_name` and `data_files` each"
        ]
    names = [each.get("config_name") for each in configs]
    mistakes = [
        f"`configs`: got the name {name!r}, expected letters, digits, '_', '-' and '.'"
        for name in names
        if not isinstance(name, str) or not _NAME.fullmatch(name)
    ]
    mistakes += [f"`configs`: got {name!r} {n} times" for name, n in _repeated(names)]
    defaults = [name for name, each in zip(names, configs, strict=True) if each.get("default")]
    if len(defaults) > 1:
        mistakes.append(
            f"`configs`: got the defaults {', '.join(map(str, defaults))}, expected one"
        )
    # `datasets` 5.2 fails where a default is added behind others.
    if defaults and defaults[0] != names[0]:
        mistakes.append(
            f"`configs`: got the default {defaults[0]!r} behind others, expected it first"
        )
    for name, each in zip(names, configs, strict=True):
        mistakes += _files(str(name), each)
    return mistakes


def _files(name: str, config: dict[str, Any]) -> list[str]:
    files = config.get("data_files")
    if files is None:
        if "data_dir" in config:
            return []
        return [f"`configs` of {name}: got no `data_files`, expected a split and its path each"]
    if isinstance(files, str):
        files = [files]
    mistakes, splits = [], []
    for each in files if isinstance(files, list) else [files]:
        if isinstance(each, dict):
            splits.append(split := each.get("split"))
            if not isinstance(split, str) or not re.fullmatch(r"\w+(?:\.\w+)*", split):
                mistakes.append(
                    f"`configs` of {name}: got the split {split!r}, expected letters, digits, '_'"
                )
            each = each.get("path")
        paths = values.each(each)
        if not paths or not all(values.is_path(path) for path in paths):
            mistakes.append(
                f"`configs` of {name}: got the path {each!r}, expected one inside of the repository"
            )
    return mistakes + [
        f"`configs` of {name}: got the split {s!r} twice" for s, _ in _repeated(splits)
    ]


def _infos(infos: Any, configs: Any) -> list[str]:
    if infos is None:
        return []
    infos = infos if isinstance(infos, list) else [infos]
    if not all(isinstance(info, dict) for info in infos):
        return ["`dataset_info`: got no table, expected `features` and `splits`"]
    mistakes = []
    for info in infos:
        name = info.get("config_name", "default")
        features = info.get("features")
        if features is not None and not _named(features):
            mistakes.append(f"`dataset_info` of {name}: got `features` without a `name` each")
        splits = info.get("splits")
        if splits is not None and not _named(splits):
            mistakes.append(f"`dataset_info` of {name}: got `splits` without a `name` each")
        elif splits is not None:
            mistakes += [
                f"`dataset_info` of {name}: got {split.get(key)!r} as `{key}` of {split['name']}, "
                "expected a whole number"
                for split in splits
                for key in _COUNTS
                if key in split and (type(split[key]) is not int or split[key] < 0)
            ]
    if isinstance(configs, list) and configs:
        known = {each.get("config_name") for each in configs if isinstance(each, dict)}
        for info in infos:
            if len(infos) > 1 and info.get("config_name") not in known:
                mistakes.append(
                    f"`dataset_info`: got the config {info.get('config_name')!r}, expected one of "
                    "`configs`"
                )
    return mistakes


def _named(rows: Any) -> bool:
    return isinstance(rows, list) and all(
        isinstance(row, dict) and isinstance(row.get("name"), str) for row in rows
    )


def _gated(head: dict[str, Any]) -> list[str]:
    mistakes = []
    for name in _GATED_TEXTS:
        field = f"extra_gated_{name}"
        if field in head and not isinstance(head[field], str):
            mistakes.append(f"`{field}`: got a {type(head[field]).__name__}, expected a text")
    fields = head.get("extra_gated_fields")
    if fields is None:
        return mistakes
    if not isinstance(fields, dict):
        return [
            *mistakes,
            "`extra_gated_fields`: got no table, expected a question and its type each",
        ]
    for question, kind in fields.items():
        kind = kind.get("type") if isinstance(kind, dict) else kind
        if kind not in _GATED_TYPES:
            mistakes.append(
                f"`extra_gated_fields`: got the type {kind!r} of {question!r}, expected one of "
                f"{', '.join(_GATED_TYPES)}"
            )
    return mistakes


def _repeated(names: list[Any]) -> list[tuple[Any, int]]:
    return [(name, n) for name, n in Counter(map(str, names)).items() if n > 1]
