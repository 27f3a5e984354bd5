"""Which files of a model's folder its users need."""

import ast
import json
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

from affecthub.hub_cards.models.families import FAMILIES, family_of
from affecthub.hub_cards.models.known import (
    ADAPTER,
    BASES,
    CONFIG,
    CONVERSION,
    GRPO,
    RECIPE,
    RECORD,
    SCORES,
    read_known,
)

WEIGHTS = "model.safetensors"
INDEX = "model.safetensors.index.json"
ADAPTER_WEIGHTS = "adapter_model.safetensors"
# What configures model, processor and tokenizer, under every name that transformers reads.
_SETTINGS = (
    CONFIG,
    ADAPTER,
    BASES,
    "generation_config.json",
    "processor_config.json",
    "preprocessor_config.json",
    "video_preprocessor_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "vocab.txt",
    "merges.txt",
    "*.model",
    "chat_template.jinja",
    "chat_template.json",
    "additional_chat_templates/*.jinja",
)
_RECORDS = (RECIPE, GRPO, RECORD, SCORES, CONVERSION, "LICENSE*", "NOTICE*")
_PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.pkl", "*.msgpack", "*.h5")
_TOKENIZERS = ("tokenizer.json", "vocab.json", "vocab.txt", "*.model")


@dataclass(frozen=True)
class Chosen:
    """Files to send.

    Attributes:
        files: Path in the repository to the file.
        left_out: What else is in the folder.
        n_bytes: Of the files.
    """

    files: dict[str, Path]
    left_out: list[str]
    n_bytes: int


def choose(folder: Path, records: Path | None = None) -> Chosen:
    """Choose the files of a model, adapters or both.

    Args:
        folder: With the weights.
        records: Folder of the run's records, where the weights were merged elsewhere.

    Raises:
        ValueError: Weights, a shard, the processor, or code that ``auto_map`` names is missing;
            weights are pickled alone; a link leads out of the folder.
    """
    here = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if not path.is_dir() and ".git" not in path.parts
    }
    names = [name for name in here if any(fnmatch(name, each) for each in (*_SETTINGS, *_RECORDS))]
    names = [name for name in names if name.count("/") <= name.startswith("additional_chat")]
    names += _weights(folder, here)
    names += _code(folder, here)
    if family_of(read_known(folder)).has_processor:
        _require_processor(folder, here)
    files = {name: here[name] for name in sorted(set(names))}
    if records is not None:
        told = [path for each in _RECORDS for path in records.glob(each) if path.is_file()]
        files |= {path.name: path for path in told}
    for name, path in files.items():
        root = records if records is not None and path.parent == records else folder
        if not path.resolve().is_relative_to(root.resolve()):
            raise ValueError(
                f"{root}: got the link {name}, which leads out of the folder, expected a file. "
                "Copy the folder with `cp -rL`."
            )
        if not path.is_file():
            raise ValueError(f"{root}: got the broken link {name}, expected a file")
    left = [name for name in here if name not in files and name != "README.md"]
    return Chosen(files, left, sum(path.stat().st_size for path in files.values()))


def _weights(folder: Path, here: dict[str, Path]) -> list[str]:
    """The weights that transformers, or PEFT, reads."""
    if ADAPTER in here:
        if ADAPTER_WEIGHTS in here:
            return [ADAPTER_WEIGHTS]
        raise ValueError(_without(folder, ADAPTER_WEIGHTS, here))
    if WEIGHTS in here:
        return [WEIGHTS]
    if INDEX not in here:
        raise ValueError(_without(folder, WEIGHTS, here))
    shards = sorted(set(json.loads(here[INDEX].read_text("utf-8")).get("weight_map", {}).values()))
    lacking = [name for name in shards if name not in here]
    if lacking or not shards:
        raise ValueError(
            f"{folder}/{INDEX} names {len(shards)} files: got none of {', '.join(lacking)}, "
            "expected them all beside it. Copy the rest, or save the model again."
        )
    return [INDEX, *shards]


def _without(folder: Path, wanted: str, here: dict[str, Path]) -> str:
    pickled = [name for name in here if any(fnmatch(name, each) for each in _PICKLED)]
    shards = [name for name in here if name.endswith(".safetensors")]
    got = ", ".join((pickled or shards)[:3]) or "no weights"
    why = (
        " Pickled weights are never sent: load them and call `save_pretrained`." if pickled else ""
    )
    return f"{folder} holds no weights to send: got {got}, expected {wanted}.{why}"


def _code(folder: Path, here: dict[str, Path]) -> list[str]:
    """The modules that ``auto_map`` names and what they import of their folder."""
    maps: dict[str, str] = {}
    for name in (CONFIG, "processor_config.json", "tokenizer_config.json"):
        if name in here:
            values = json.loads(here[name].read_text("utf-8"))
            maps |= values.get("auto_map") or {}
            family = FAMILIES.get(values.get("model_type")) if name == CONFIG else None
            if family is not None:
                named = values.get("auto_map") or {}
                lacking = [each for each in family.auto_classes if each not in named]
                if lacking:
                    raise ValueError(
                        f"{folder}/{CONFIG}: got no `auto_map` entry for {', '.join(lacking)}, "
                        "expected one per Auto class. Load the model and save it again."
                    )
    targets = [
        one for each in maps.values() for one in (each if isinstance(each, list) else [each])
    ]
    pending = [f"{target.rpartition('--')[2].partition('.')[0]}.py" for target in targets if target]
    found: list[str] = []
    while pending:
        name = pending.pop()
        if name in found:
            continue
        if name not in here:
            raise ValueError(
                f"{folder}: got no {name}, expected the code that `auto_map` asks for. Load the "
                "model and save it again with `save_pretrained`."
            )
        found.append(name)
        pending += _siblings(here[name].read_text("utf-8"))
    return found


def _siblings(code: str) -> list[str]:
    """Modules that lie beside one and that it imports by single dots."""
    nodes = [
        node
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.ImportFrom) and node.level == 1
    ]
    named = [node.module.partition(".")[0] for node in nodes if node.module]
    named += [alias.name for node in nodes if not node.module for alias in node.names]
    return [f"{name}.py" for name in named]


def _require_processor(folder: Path, here: dict[str, Path]) -> None:
    wanted = {
        "processor_config.json": ("processor_config.json", "preprocessor_config.json"),
        "a tokenizer": _TOKENIZERS,
    }
    for what, names in wanted.items():
        if not any(fnmatch(name, each) for name in here for each in names):
            raise ValueError(
                f"{folder}: got no {what}, expected the processor beside the model. Save it there "
                "with `processor.save_pretrained`."
            )
