"""How a model was trained and what that took, as rows of a table."""

from pathlib import Path
from typing import Any

from affecthub.hub_cards.models.families import family_of
from affecthub.hub_cards.models.known import Known

# Fields of the trainer that a reader looks for first.
_TRAINER = {
    "learning_rate": "learning rate",
    "lr_scheduler_type": "schedule",
    "weight_decay": "weight decay",
    "num_train_epochs": "epochs",
    "max_steps": "steps at most",
    "per_device_train_batch_size": "clips of a batch",
    "max_grad_norm": "gradients clipped at",
}


def recipe_rows(known: Known) -> list[tuple[str, str]]:
    """The fields of the recipe that decide the weights; none where there is no recipe."""
    recipe, record = known.grpo or known.recipe, known.record
    if not recipe:
        return []
    rows: list[tuple[str, Any]] = [("kind", "GRPO" if known.grpo else family_of(known).trained)]
    rows += _asked(known)
    lora = recipe.get("lora")
    if lora:
        rows.append(("adapters", f"rank {lora['r']}, alpha {lora['alpha']}"))
    if record.get("n_trained"):
        rows.append(
            ("trained", f"{record['n_trained']:,} of {record['n_parameters']:,} parameters")
        )
    trainer = record.get("trainer") or recipe.get("trainer") or {}
    rows += [(name, _plain(trainer[key])) for key, name in _TRAINER.items() if key in trainer]
    if record.get("global_batch_size"):
        rows.append(("clips of a step", f"{record['global_batch_size']:,}"))
    if record.get("n_seen"):
        rows.append(("clips drawn", f"{record['n_seen']:,}"))
    best = record.get("best")
    if best:
        rows.append(
            ("weights kept", f"of step {best['step']:,}, {best['metric']} {best['value']:.4f}")
        )
    losses = [row["loss"] for row in record.get("losses") or () if "loss" in row]
    if losses:
        rows.append(("last training loss", f"{losses[-1]:.4f}"))
    rewards = recipe.get("rewards")
    if known.grpo and rewards:
        rows.append(("rewards", ", ".join(f"{name} {w:g}" for name, w in _weights(rewards))))
    rows.append(("seed", recipe.get("seed", 0)))
    versions = record.get("versions") or {}
    if versions:
        rows.append(("versions", ", ".join(f"{name} {v}" for name, v in versions.items())))
    return [(name, str(value)) for name, value in rows if value not in (None, "")]


def cost_rows(known: Known) -> list[tuple[str, str]]:
    """Time, devices, operations and memory, as far as the run recorded them."""
    record, cost = known.record, known.record.get("cost") or {}
    launch = record.get("launch") or {}
    rows: list[tuple[str, str]] = []
    seconds = cost.get("train_s") or known.scores.get("train_s")
    if seconds:
        rows.append(
            ("training", f"{seconds / 3600:.2f} hours" if seconds >= 360 else f"{seconds:.0f} s")
        )
    if launch:
        n = launch.get("n_processes", 1)
        device = cost.get("device") or launch.get("device") or "not recorded"
        how = launch.get("kind", "")
        rows.append(("devices", f"{n} x {device}" + (f" ({how})" if how else "")))
    if cost.get("flops"):
        rows.append(("operations", f"{cost['flops']:.3g} FLOPs, by transformers' estimate"))
    if cost.get("peak_memory_bytes"):
        gib = cost["peak_memory_bytes"] / 2**30
        rows.append(("memory", f"{gib:.2f} GiB at most, on the first device"))
    return rows


def _asked(known: Known) -> list[tuple[str, str]]:
    recipe = known.recipe or known.grpo
    rows = []
    if recipe.get("modalities"):
        rows.append(("given", ", ".join(recipe["modalities"])))
    questions = recipe.get("questions") or {}
    asked = ", ".join(questions) if questions else recipe.get("question")
    if asked:
        rows.append(("asked", str(asked)))
    if recipe.get("answer"):
        rows.append(("answers from", ", ".join(recipe["answer"])))
    return rows


def _weights(rewards: Any) -> list[tuple[str, float]]:
    if isinstance(rewards, dict):
        return [
            (name, float(w) if isinstance(w, int | float) else 1.0) for name, w in rewards.items()
        ]
    return [(str(name), 1.0) for name in rewards]


def _plain(value: Any) -> str:
    """A setting in words; of a path its name alone."""
    if isinstance(value, float):
        return f"{value:g}"
    return Path(value).name if isinstance(value, str) and "/" in value else str(value)
