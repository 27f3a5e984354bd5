"""Small fusions, batches for them, and the recorded outputs of the released modules."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from affecthub.modeling.fusion import ALGORITHMS, FusionConfig, FusionModel

DIMS = {"audio": 8, "text": 12, "vision": 6}
UTTERANCE = ("attention", "lmf", "tfn", "misa", "mmim")
SEQUENCE = ("mult", "mfn", "graph_mfn", "mfm", "mctn")
ALL = tuple(name for name in ALGORITHMS if name != "unimodal")
# Smaller than usual where that saves time.
OPTIONS = {"mult": {"layers": 1, "num_heads": 2}}


def config_of(algorithm: str, **changes: Any) -> FusionConfig:
    fields: dict[str, Any] = {f"{name}_dim": width for name, width in DIMS.items()}
    fields["options"] = OPTIONS.get(algorithm, {}) | changes.pop("options", {})
    return FusionConfig(algorithm=algorithm, hidden_dim=16, dropout=0.0, **fields, **changes)


def model_of(algorithm: str, seed: int = 0, **changes: Any) -> FusionModel:
    """A small model of fixed random weights, in evaluation."""
    torch.manual_seed(seed)
    return FusionModel(config_of(algorithm, **changes)).eval()


def batch_of(n_clips: int = 4, n_steps: int | None = 5, seed: int = 1) -> dict[str, torch.Tensor]:
    """Random features; ``n_steps=None`` gives one vector per clip."""
    drawn = torch.Generator().manual_seed(seed)
    shape = (n_clips,) if n_steps is None else (n_clips, n_steps)
    return {name: torch.randn(*shape, width, generator=drawn) for name, width in DIMS.items()}


def labels_of(n_clips: int = 4) -> torch.Tensor:
    return torch.arange(n_clips) % 7


def recorded(folder: Path, name: str) -> tuple[FusionModel, dict[str, torch.Tensor], dict]:
    """A released module's record: our model with its weights, its batch, and all that it gave."""
    with np.load(folder / "bench_reference" / f"fusion_{name}.npz") as file:
        record = {key: file[key] for key in file.files}
    meta = json.loads(str(record.pop("meta")))
    args = meta["args"] | ({"positions": True} if name.endswith("_positions") else {})
    model = FusionModel(FusionConfig.from_official(meta["module"], args)).eval()
    model.load_official(record)
    if name == "mfm":
        samples = iter(torch.from_numpy(record[f"rand/{i}"]) for i in range(4))
        model.fusion.draw = lambda like: next(samples)
    batch = {"audio": "in/audios", "text": "in/texts", "vision": "in/videos", "labels": "in/emos"}
    return model, {key: torch.from_numpy(record[name]) for key, name in batch.items()}, record


def own_losses(output: Any) -> torch.Tensor:
    """The sum of a fusion's own losses; 0 where it has none."""
    return sum(output.losses.values(), torch.zeros(()))
