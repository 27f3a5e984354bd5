"""What a run needs, looked at before anything is downloaded: each thing with what was found."""

import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from affecthub.entries import entry_of
from affecthub.errors import require_extras
from affecthub.training.arguments import training_arguments
from affecthub.training.clips import Part, training_parts
from affecthub.training.launch import require_machine
from affecthub.training.mixtures.folders import Folders, corpus_folder, load_corpus
from affecthub.training.mixtures.questions import (
    main_question,
    require_questions,
    training_questions,
)
from affecthub.training.mixtures.weights import draw_weights
from affecthub.training.planning.bases import HUB, Base
from affecthub.training.recipe import Recipe
from affecthub.training.splits import Splits, choose_splits

# What a field of the Trainer needs that no extra of ours brings.
_PACKAGES = {"deepspeed": "deepspeed", "use_liger_kernel": "liger_kernel"}
_TRACKERS = ("trackio", "tensorboard", "wandb", "mlflow", "comet_ml", "clearml", "swanlab")
_BITS = "bitsandbytes"


@dataclass(frozen=True)
class Check:
    """One thing that a run needs.

    Args:
        what: Its name.
        ok: Whether it is as it must be.
        told: What was found, or what is wrong and how to mend it.
    """

    what: str
    ok: bool
    told: str


@dataclass
class Checked:
    """What was looked at, and what the costs are counted from.

    Args:
        checks: In the order of the run.
        parts: Training clips of every corpus; none where one cannot be read.
        splits: Of the first corpus.
    """

    checks: list[Check] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    splits: Splits | None = None

    def look(self, what: str, find: Callable[[], str]) -> bool:
        """Note what is found, or the error in its place."""
        try:
            self.checks.append(Check(what, True, find()))
        except (ValueError, OSError, ImportError, KeyError) as error:
            self.checks.append(Check(what, False, str(error)))
        return self.checks[-1].ok


def check_data(recipe: Recipe, folders: Folders | None, output_dir: Path) -> Checked:
    """Look at packages, arguments, corpora, splits, columns and questions."""
    found = Checked()
    found.look("packages", lambda: _packages(recipe))
    found.look("trainer", lambda: _arguments(recipe, output_dir))
    found.look("launcher", lambda: _launcher(recipe))
    found.look("questions", lambda: _questions(recipe))
    there = [
        found.look(f"corpus {s.corpus}", lambda s=s: _corpus(recipe, folders, s))  # type: ignore[misc]
        for s in recipe.sources()
    ]
    if all(there) and found.look("splits", lambda: _splits(recipe, folders, found)):
        found.look("clips", lambda: _clips(recipe, folders, found))
    return found


def check_bases(bases: list[Base]) -> list[Check]:
    """Say where the models lie that a recipe names."""
    offline = os.environ.get("HF_HUB_OFFLINE", "").upper() in ("1", "ON", "YES", "TRUE")
    return [
        Check(
            f"base ({base.kind})",
            not (offline and base.where == HUB),
            base.told()
            + (
                ". HF_HUB_OFFLINE is set: unset it, or give a folder."
                if offline and base.where == HUB
                else ""
            ),
        )
        for base in bases
    ]


def check_disk(output_dir: Path, needed: float, downloads: float) -> list[Check]:
    """Whether there is room for checkpoints and the model, and for what is downloaded."""
    rows = [_room("disk", output_dir, needed, "checkpoints and the model")]
    if downloads:
        from huggingface_hub.constants import HF_HUB_CACHE

        rows.append(_room("disk of the cache", Path(HF_HUB_CACHE), downloads, "downloads"))
    return rows


def _room(what: str, folder: Path, needed: float, use: str) -> Check:
    there = folder.absolute()
    while not there.exists():
        there = there.parent
    free = shutil.disk_usage(there).free
    told = f"{free / 1e9:,.1f} GB free, {needed / 1e9:,.2f} GB for {use}"
    if needed > free:
        told += f": expected more room at {folder}. Give another folder, or clear this one."
    return Check(what, needed <= free, told)


def _packages(recipe: Recipe) -> str:
    require_extras("train", purpose="train")
    wanted = [name for name in _PACKAGES if recipe.trainer.get(name)]
    modules = [_PACKAGES[name] for name in wanted]
    report = recipe.trainer.get("report_to") or []
    trackers = [report] if isinstance(report, str) else list(report)
    modules += [name for name in trackers if name in _TRACKERS]
    if str(recipe.trainer.get("optim", "")).endswith(("8bit", "bnb")):
        modules.append(_BITS)
    lacking = [name for name in dict.fromkeys(modules) if find_spec(name) is None]
    if lacking:
        raise ImportError(
            f"`{'`, `'.join(lacking)}` is not installed: the recipe's `trainer` needs it. Install "
            f"it with: pip install {' '.join(lacking)}"
        )
    return "those of the extra `train`" + (f", {', '.join(modules)}" if modules else "")


def _arguments(recipe: Recipe, output_dir: Path) -> str:
    arguments = training_arguments(recipe, output_dir, progress=False)
    return f"TrainingArguments takes every field; computes on {arguments.device.type}"


def _launcher(recipe: Recipe) -> str:
    asked = require_machine(recipe.trainer)
    count = "1 process" if asked.n_processes == 1 else f"{asked.n_processes} processes"
    return f"{count} ({asked.kind})"


def _questions(recipe: Recipe) -> str:
    require_questions(recipe)
    names = [asked.question for source in recipe.sources() for asked in training_questions(source)]
    asked = main_question(recipe)
    told = ", ".join(repr(name) for name in dict.fromkeys(names))
    after = "" if asked.question in names and len(set(names)) == 1 else f"; then {asked.question!r}"
    return f"{told} in training{after}"


def _corpus(recipe: Recipe, folders: Folders | None, source: Recipe) -> str:
    entry = entry_of(source.corpus)
    config, protocol = entry.choose(source.config, source.protocol)
    if folders is None:
        raise FileNotFoundError(
            f"`--data-dir`: got none, expected a folder of {source.corpus}. {entry.how_to_get}"
        )
    return f"{config}, protocol {protocol}, in {corpus_folder(folders, recipe, source.corpus)}"


def _splits(recipe: Recipe, folders: Folders | None, found: Checked) -> str:
    assert folders is not None, "a corpus without a folder was refused"
    corpus = load_corpus(recipe, folders)
    validate = training_arguments(recipe, "plan", progress=False).eval_strategy != "no"
    splits = choose_splits(corpus, recipe, validate=validate)
    found.splits = splits
    sizes = {"train": splits.train, "validation": splits.validation, "test": splits.test}
    told = ", ".join(
        f"{name} {'none' if rows is None else f'{len(rows):,}'}" for name, rows in sizes.items()
    )
    if splits.test is not None:
        from affecthub.training.answer_scores import label_names

        label_names(splits.test, recipe)
    return ". ".join([told, *splits.notes])


def _clips(recipe: Recipe, folders: Folders | None, found: Checked) -> str:
    assert found.splits is not None, "they were looked at before"
    parts, notes = training_parts(recipe, found.splits.train, folders)
    told = []
    for part in parts:
        weights = draw_weights(part.rows, part.recipe)
        by = [name for name in (part.recipe.balance, part.recipe.weight_by) if name]
        drawn = f", drawn by {' and '.join(by)}" if weights is not None else ""
        told.append(f"{part.recipe.corpus} {len(part.rows):,} of {part.n_there:,}{drawn}")
    found.parts = parts
    return ". ".join(["; ".join(told), *notes])
