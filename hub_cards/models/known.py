"""What a folder of a model knows of itself, read from the files beside the weights."""

import json
from dataclasses import dataclass, field
from os import PathLike
from pathlib import Path
from typing import Any

import yaml

CONFIG = "config.json"
ADAPTER = "adapter_config.json"
BASES = "bases.json"
RECIPE = "recipe.yaml"
GRPO = "grpo.yaml"
RECORD = "training.json"
SCORES = "scores.json"
BENCH = "bench.json"
CONVERSION = "conversion.json"
# Beside the checkpoints of a run, which hold no recipe each.
STARTED = "started.json"


@dataclass(frozen=True)
class Known:
    """A folder's records; each is empty where there is no such file.

    Attributes:
        folder: Of the model, the adapters or a checkpoint.
        config: Of the model.
        adapter: PEFT's settings.
        bases: The three models that adapters are put on, by kind.
        recipe: How it was trained.
        grpo: How it was reinforced.
        record: What the run counted: clips, parameters, losses, cost.
        scores: Of the run on its own test clips.
        bench: Of ``affecthub bench``.
        conversion: What ``affecthub convert`` read.
        made_from: The models it was made from, where the files no longer say so.
    """

    folder: Path
    config: dict[str, Any] = field(default_factory=dict)
    adapter: dict[str, Any] = field(default_factory=dict)
    bases: dict[str, str] = field(default_factory=dict)
    recipe: dict[str, Any] = field(default_factory=dict)
    grpo: dict[str, Any] = field(default_factory=dict)
    record: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, Any] = field(default_factory=dict)
    bench: dict[str, Any] = field(default_factory=dict)
    conversion: dict[str, Any] = field(default_factory=dict)
    made_from: tuple[str, ...] = ()

    @property
    def is_adapter(self) -> bool:
        """Whether the folder holds adapters and not a whole model."""
        return bool(self.adapter)

    @property
    def step(self) -> int | None:
        """The step of a checkpoint; None of a model at the end of its run."""
        name, _, number = self.folder.name.rpartition("-")
        is_one = name == "checkpoint" and number.isdecimal() and not self.record
        return int(number) if is_one else None

    @property
    def base_names(self) -> list[str]:
        """Folders and Hub names of what it was made from, the language model first."""
        towers = self.recipe.get("towers") or {}
        if self.made_from:
            return list(self.made_from)
        parts = self.recipe.get("parts") or {}
        if parts:
            towers = {"text": parts.get("decoder"), "audio": parts.get("encoder")}
        named = self.conversion.get("bases") or self.bases or towers
        if named:
            return [str(named[kind]) for kind in ("text", "vision", "audio") if named.get(kind)]
        one = self.adapter.get("base_model_name_or_path") or self.recipe.get("model")
        return [str(one)] if one else []

    @property
    def base_ids(self) -> list[str]:
        """Those of `base_names` that are models of the Hub."""
        return [name for name in self.base_names if is_hub_id(name)]


def read_known(folder: str | PathLike[str], bench: str | PathLike[str] | None = None) -> Known:
    """Read what stands beside the weights.

    Args:
        folder: Of a model, adapters, a run or one of its checkpoints.
        bench: ``bench.json`` of ``affecthub bench``, or its folder; None looks for it in
            ``folder`` and in ``folder/bench``.

    Raises:
        FileNotFoundError: ``bench`` is not there.
        ValueError: A file is broken.
    """
    folder = Path(folder)
    recipe = _read(folder / RECIPE)
    if not recipe:
        recipe = _read(folder.parent / STARTED).get("recipe") or {}
    return Known(
        folder,
        config=_read(folder / CONFIG),
        adapter=_read(folder / ADAPTER),
        bases=_read(folder / BASES),
        recipe=recipe if "corpus" in recipe else {},
        grpo=_read(folder / GRPO) or (recipe if recipe.get("kind") == "grpo" else {}),
        record=_read(folder / RECORD),
        scores=_read(folder / SCORES),
        bench=_bench(folder, bench),
        conversion=_read(folder / CONVERSION),
    )


def write_conversion(folder: str | PathLike[str], *, bases: dict[str, str], **told: Any) -> Path:
    """Write beside a converted model what it was made from, for its card.

    Args:
        folder: Of the model.
        bases: The three models by kind; of a folder its name alone is written.
        **told: What else: the names of the checkpoints, the form, notes.
    """
    names = {kind: name if is_hub_id(name) else Path(name).name for kind, name in bases.items()}
    path = Path(folder) / CONVERSION
    path.write_text(json.dumps({"bases": names, **told}, indent=1) + "\n", encoding="utf-8")
    return path


def is_hub_id(name: str) -> bool:
    """Whether a name is ``owner/name`` of the Hub and no folder of this machine.

    Example:
        >>> is_hub_id("Qwen/Qwen2.5-7B-Instruct"), is_hub_id("/models/qwen"), is_hub_id("runs")
        (True, False, False)
    """
    from affecthub.hub_cards.cards.values import repository

    return name.count("/") == 1 and repository(name) is None and not Path(name).exists()


def _bench(folder: Path, given: str | PathLike[str] | None) -> dict[str, Any]:
    if given is None:
        return _read(folder / BENCH) or _read(folder / "bench" / BENCH)
    path = Path(given) / BENCH if Path(given).is_dir() else Path(given)
    if not path.is_file():
        raise FileNotFoundError(
            f"scores not found: {path}. `affecthub bench mer-unibench --output-dir D` writes them "
            f"to D/{BENCH}."
        )
    found = _read(path)
    if not isinstance(found.get("sets"), dict) or "lexicon" not in found:
        raise ValueError(f"{path}: got no `sets` and `lexicon`, expected scores of affecthub bench")
    return found


def _read(path: Path) -> dict[str, Any]:
    """A table from JSON or YAML; empty where there is no file, or another thing than a table."""
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8")
    try:
        found = json.loads(text) if path.suffix == ".json" else yaml.safe_load(text)
    except (json.JSONDecodeError, yaml.YAMLError) as error:
        raise ValueError(
            f"{path} is broken: got {' '.join(str(error).split())}, expected {path.suffix[1:]}"
        ) from None
    return found if isinstance(found, dict) else {}
