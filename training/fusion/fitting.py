"""Train one fusion on a table and score it: `fit`."""

import tempfile
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import Tensor

from affecthub.errors import require
from affecthub.modeling.fusion import FusionConfig, FusionModel
from affecthub.training.fusion.noise import mixed, restore, with_own_dropout
from affecthub.training.fusion.scoring import scores_of
from affecthub.training.fusion.settings import Settings
from affecthub.training.fusion.table import MODALITIES, FeatureTable

# How often a modality is taken away where a table's `missing` is ``drop`` and nobody says.
MODALITY_DROPOUT = 0.2


@dataclass
class Fitted:
    """A trained fusion.

    Args:
        scores: Of the test split, see `scores_of`; empty where there is none.
        validation: Of the validation split in the best epoch.
        model: The model with the weights of that epoch, in eval mode.
        config: Its configuration.
        settings: How it was trained.
        seed: Of initial values, order and dropout.
        best_epoch: Counted from 1; 0 where nothing was validated on, and the last weights are kept.
        history: Of every epoch its number, the validation scores and the loss.
        answers: Split to logits ``(n, classes)`` or scores ``(n,)``, in the order of the table's.
        seconds: That training took.
    """

    scores: dict[str, Any]
    validation: dict[str, Any]
    model: Any
    config: Any
    settings: Settings
    seed: int
    best_epoch: int
    history: list[dict[str, float]] = field(default_factory=list)
    answers: dict[str, Tensor] = field(default_factory=dict)
    seconds: float = 0.0

    def record(self) -> dict[str, Any]:
        """What a file says of it: plain values, without weights and answers."""
        return {
            "seed": self.seed,
            "scores": self.scores,
            "validation": self.validation,
            "best_epoch": self.best_epoch,
            "config": plain_config(self.config),
            "settings": asdict(self.settings),
            "seconds": round(self.seconds, 2),
        }

    def said(self, split: str = "test") -> list[int] | list[float]:
        """Class numbers, or scores, of a split's clips in the table's order; plain values."""
        answers = self.answers.get(split)
        if answers is None:
            return []
        return (answers.argmax(1) if answers.dim() > 1 else answers).tolist()


def fit(
    config: FusionConfig,
    table: FeatureTable,
    *,
    seed: int = 0,
    settings: Settings | None = None,
) -> Fitted:
    """Train a fusion by transformers' Trainer; the best epoch of the validation split is kept.

    Args:
        config: Of the model; see `config_for`, which makes one that fits a table.
        table: What to train, validate and test on.
        seed: Of initial values, order and dropout.
        settings: How; None takes the defaults.

    Raises:
        ImportError: accelerate, which the Trainer needs, is not installed.
        ValueError: The configuration does not fit the table.
    """
    require("accelerate", "train", "train a fusion")
    from affecthub.training.fusion.trainer import FusionTrainer, answers_to

    settings = settings or Settings()
    require_fit(config, table)
    model: Any = new_model(config, seed)
    model.to(table.device)
    changed = with_own_dropout(model)
    started = time.perf_counter()
    with torch.random.fork_rng(devices=_devices(table)), tempfile.TemporaryDirectory() as scratch:
        trainer = FusionTrainer(model, table, settings, seed=seed, output_dir=scratch)
        trainer.train()
        best = trainer.best
        if best.weights:
            model.load_state_dict(best.weights)
        seconds = time.perf_counter() - started
        restore(changed)
        model.eval()
        fitted = Fitted({}, best.scores, model, config, settings, seed, best.epoch, best.history)
        fitted.seconds = seconds
        for split in ("validation", "test"):
            if len(table.splits.get(split, ())):
                fitted.answers[split], _ = answers_to(model, table, split, settings)
    if "test" in fitted.answers:
        fitted.scores = scores_of(fitted.answers["test"], table.labels, table.splits["test"])
    return fitted


def new_model(config: FusionConfig, seed: int) -> Any:
    """A model whose initial values follow from the seed."""
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(mixed(seed, 0, 3))
        return FusionModel(config)


def config_for(
    table: FeatureTable, algorithm: str, *, options: dict[str, Any] | None = None, **fields: Any
) -> FusionConfig:
    """A configuration that fits a table: widths, classes, level, what becomes of what is missing.

    Args:
        table: What the model is to be trained on.
        algorithm: One of the ten, or ``unimodal``.
        options: Of the algorithm.
        fields: Others of `FusionConfig`; they go before what the table says.
    """
    n_classes = len(table.labels.names)
    # A modality that is not used is one zero wide.
    told: dict[str, Any] = {f"{name}_dim": table.dims.get(name, 1) for name in MODALITIES}
    told |= {"num_labels": n_classes, "score": not n_classes}
    if table.missing == "drop":
        told["modality_dropout"] = MODALITY_DROPOUT
    if table.missing == "refuse" and len(table.blocks) == 3:
        told["missing"] = "refuse"
    if (options or {}).get("pooling") == "attention":
        told["level"] = "frame"
    told |= fields
    if n_classes:
        told.setdefault("id2label", dict(enumerate(table.labels.names)))
        told.setdefault("label2id", {name: i for i, name in enumerate(table.labels.names)})
        told.pop("num_labels")
    return FusionConfig(algorithm=algorithm, options=options or {}, **told)


def require_fit(config: FusionConfig, table: FeatureTable) -> None:
    """Refuse a configuration that is of another table.

    Raises:
        ValueError: Names what differs.
    """
    differ = [
        f"`{name}_dim` {config.dims[name]}, expected {width}"
        for name, width in table.dims.items()
        if config.dims[name] != width
    ]
    n_classes = len(table.labels.names)
    if config.num_labels != n_classes and n_classes:
        differ.append(f"`num_labels` {config.num_labels}, expected {n_classes}")
    if not n_classes and not config.score:
        differ.append("no score, expected `score=True`")
    if differ:
        raise ValueError(
            f"the configuration does not fit the features: got {'; '.join(differ)}. Make it by "
            "config_for(table, algorithm)."
        )


def plain_config(config: FusionConfig) -> dict[str, Any]:
    """What decides a model, without what transformers adds."""
    names = ["algorithm", "audio_dim", "text_dim", "vision_dim", "hidden_dim", "dropout", "level"]
    names += ["fidelity", "score", "modality_dropout", "missing", "num_labels"]
    return {name: getattr(config, name) for name in names} | {"options": dict(config.options)}


def _devices(table: FeatureTable) -> list[int]:
    """The accelerators whose random state is to be put back."""
    return [table.device.index or 0] if table.device.type == "cuda" else []
