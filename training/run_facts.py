"""What a reader must know to judge a run's scores: data, model, length, and what was changed."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from affecthub.training.arguments import settings
from affecthub.training.experiment import Run
from affecthub.training.recipe import Recipe

_PACKAGES = ("affecthub", "torch", "transformers", "datasets", "evaluate")
# They have lines of their own.
_TOLD = ("seed", "protocol")
# What weights are chosen by, how it is called, and which of its values is the best.
_CALLED = {
    "eval_loss": ("loss", "lowest"),
    "eval_set_f": ("set-F", "highest"),
    "eval_set_precision": ("set-precision", "highest"),
    "eval_set_recall": ("set-recall", "highest"),
    "eval_hit_rate": ("hit rate", "highest"),
}


def run_facts(runs: Sequence[Run], base: Recipe | None = None) -> dict[str, str]:
    """Say how the numbers of some runs were made.

    Args:
        runs: What was run; models and clips are the first one's.
        base: The recipe as its file has it, None where that is not known.

    Returns:
        Name to a line of text, in the order to be read.
    """
    main = runs[0]
    trainer = settings(main.recipe)
    steps = trainer.get("max_steps", -1)
    length = f"{steps} steps" if steps > 0 else f"{trainer['num_train_epochs']:g} epochs"
    protocols = dict.fromkeys(run.recipe.protocol for run in runs)
    seeds = dict.fromkeys(run.recipe.seed for run in runs)
    facts = {
        "Corpus": f"{main.recipe.corpus}, protocol {', '.join(protocols)}",
        **({"Also trained on": _more(main)} if main.recipe.more_corpora else {}),
        "Training clips": _clips(main),
        "Model": _model(main),
        "Training": f"{length} of batches of {trainer['per_device_train_batch_size']}, "
        f"learning rate {trainer['learning_rate']:g}; {sum(run.train_s for run in runs):.0f} s "
        "in all",
        "Weights kept": _kept(runs),
        "Seeds": in_words(list(seeds)),
    }
    if base is not None:
        facts["Changed in the recipe"] = "; ".join(changes(main.recipe, base)) or "nothing"
    return facts | {"Versions": ", ".join(f"{name} {version(name)}" for name in _PACKAGES)}


def changes(recipe: Recipe, base: Recipe) -> list[str]:
    """The fields that a recipe has otherwise than another, but for seed and protocol.

    Example:
        >>> base = Recipe(corpus="demo", model="m", trainer={"max_steps": 5})
        >>> changed = Recipe(corpus="demo", model="m", max_train_clips=40, lora=None)
        >>> changes(changed, base)  # doctest: +NORMALIZE_WHITESPACE
        ['max_train_clips=40 (was null)', 'lora=null (was r: 16, alpha: 32, dropout: 0.05)',
         'trainer.max_steps=null (was 5)']
    """
    now, before = _flat(recipe.to_dict()), _flat(base.to_dict())
    return [
        f"{name}={_shown(now.get(name))} (was {_shown(before.get(name))})"
        for name in {**now, **before}
        if now.get(name) != before.get(name) and name not in _TOLD
    ]


def in_words(seeds: Sequence[int]) -> str:
    """Numbers as a list in words.

    Example:
        >>> in_words([0]), in_words([0, 1, 2])
        ('0', '0, 1 and 2')
    """
    *first, last = map(str, sorted(seeds))
    return f"{', '.join(first)} and {last}" if first else last


def _kept(runs: Sequence[Run]) -> str:
    """Which weights of each seed were scored, and by what they were chosen."""
    bests = [(run.recipe.seed, run.record.get("best")) for run in runs if run.name == runs[0].name]
    told = [(seed, best) for seed, best in bests if best]
    if not told:
        return "the last"
    metric = told[0][1]["metric"]
    name, word = _CALLED.get(metric, (metric, "best"))
    steps = [f"step {best['step']:,} ({best['value']:.4f})" for _, best in told]
    if len(told) > 1:
        steps = [f"{each} of seed {seed}" for each, (seed, _) in zip(steps, told, strict=True)]
    return f"{word} {name} on validation clips: {', '.join(steps)}"


def _clips(run: Run) -> str:
    record = run.record
    if not record:
        return "unknown"
    used, there, left_out = (record.get(key, 0) for key in ("n_train", "n_there", "n_left_out"))
    told = f"{used:,} of {there:,}"
    if left_out:
        told += f", {left_out:,} of them without an answer or a modality"
    if unreadable := len(record.get("unreadable", ())):
        told += f"; {unreadable:,} of them could not be read and taught nothing"
    return told


def _more(run: Run) -> str:
    """The corpora beside the one that is tested on, with their clips."""
    clips = {part["corpus"]: part["n_train"] for part in run.record.get("corpora", [])}
    told = []
    for source in run.recipe.more_corpora:
        count = f" ({clips[source.corpus]:,} clips)" if source.corpus in clips else ""
        told.append(f"{source.corpus}{count}")
    return ", ".join(told)


def _model(run: Run) -> str:
    recipe, record = run.recipe, run.record
    parts = [_origin(recipe)]
    if total := record.get("n_parameters"):
        trained = record.get("n_trained", 0)
        share = "all" if trained == total else f"{trained:,}"
        parts.append(f"{total:,} parameters, {share} of them trained")
    parts.append("towers frozen" if recipe.freeze_towers else "towers trained")
    if recipe.lora is not None:
        parts.append(f"LoRA of rank {recipe.lora.r}, alpha {recipe.lora.alpha}")
    return "; ".join(parts)


def _origin(recipe: Recipe) -> str:
    """Where the weights come from."""
    if recipe.towers is not None:
        return f"{recipe.towers.vision}, {recipe.towers.audio} and {recipe.towers.text}"
    return recipe.model or "from random weights"


def _flat(values: Mapping[str, Any]) -> dict[str, Any]:
    """The recipe with its Trainer's fields beside its own."""
    own = {key: value for key, value in values.items() if key != "trainer"}
    return own | {f"trainer.{key}": value for key, value in (values.get("trainer") or {}).items()}


def _shown(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_shown(inner)}" for key, inner in value.items())
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_shown, value))}]"
    return str(value)
