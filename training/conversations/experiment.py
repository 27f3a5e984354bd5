"""A recipe of conversations over protocols and seeds, with the baselines beside it."""

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from affecthub.cache import write_whole
from affecthub.training.conversations.answers import read_answers
from affecthub.training.conversations.baselines import MAJORITY, baseline_rows, targets
from affecthub.training.conversations.preparing import Prepared, Shared
from affecthub.training.conversations.recipe import (
    ConversationRecipe,
    load_conversation_recipe,
)
from affecthub.training.conversations.run import FREE, run_once
from affecthub.training.conversations.scores import over_seeds
from affecthub.training.run_folder import PREDICTIONS, RECIPE, SCORES_FILE, finished_run


@dataclass
class Conversation:
    """What a recipe scored.

    Args:
        rows: A dict each: ``protocol``; ``name``; ``kind``, ``"model"`` or ``"baseline"``;
            ``oracle``, whether it reads gold labels of the history; ``features``; ``modality``;
            ``seeds``; ``n``, utterances; ``ua``, ``wa``, ``macro_f1`` and ``weighted_f1``, each
            with ``mean`` and ``sd`` (ddof 1, None for one run), in [0, 1]; and of models ``apart``,
            value to the same scores, ``n_parameters`` and ``train_s``.
        notes: What a reader of them must know.
    """

    rows: list[dict[str, Any]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def run_conversation(
    recipe: ConversationRecipe,
    *,
    data_dir: str | Path,
    output_dir: str | Path,
    seeds: Sequence[int] = (0,),
    protocols: Sequence[str] = (),
    resume: bool = False,
    progress: bool = True,
    shared: Shared | None = None,
) -> Conversation:
    """Run a recipe once for every protocol and seed, each in a folder of its own.

    Args:
        recipe: What to run.
        data_dir: The corpus' folder.
        output_dir: Gets ``PROTOCOL/seed-N`` for every run, see `run_once`, and ``scores.json`` with
            what is returned.
        seeds: One run each.
        protocols: None takes the recipe's.
        resume: Read runs that are at their end, go on with those that are not.
        progress: Show progress.
        shared: What other runs over the folder have read already.

    Returns:
        The model's row of each protocol, then the baselines on the same utterances.

    Raises:
        ValueError: See `Shared.prepare` and `run_once`.
    """
    result = Conversation()
    shared = shared or Shared(data_dir)
    for protocol in dict.fromkeys(protocols or [recipe.protocol]):
        one = replace(recipe, protocol=protocol)
        prepared = shared.prepare(one)
        for note in prepared.notes:
            warnings.warn(note, stacklevel=2)
        records = []
        for seed in dict.fromkeys(seeds):
            mine = replace(one, seed=seed)
            folder = run_folder(output_dir, protocol, seed)
            record = finished_run(folder, mine.to_dict(), free=FREE) if resume else None
            records.append(
                record
                or run_once(mine, prepared, output_dir=folder, resume=resume, progress=progress)
            )
        result.rows += _rows(one, prepared, records)
        result.notes += prepared.notes
    result.notes = list(dict.fromkeys(result.notes))
    content = {"rows": result.rows, "notes": result.notes}
    text = json.dumps(content, indent=1, ensure_ascii=False)
    write_whole(Path(output_dir) / SCORES_FILE, text)
    return result


def run_folder(output_dir: str | Path, protocol: str, seed: int) -> Path:
    """Where a run of several lies."""
    return Path(output_dir) / Path(protocol).stem / f"seed-{seed}"


def baselines_of(
    prepared: Prepared, recipe: ConversationRecipe, seeds: Sequence[int] = ()
) -> list[dict[str, Any]]:
    """The baselines on the test utterances of a recipe, without training anything.

    Args:
        prepared: Dialogues and features.
        recipe: Says the task, and which recogniser stands in for gold labels.
        seeds: Of the recogniser's runs.

    Returns:
        Rows as those of `Conversation`; none where the protocol has no test dialogues.
    """
    splits = prepared.splits
    asked = targets(splits.test, recipe.model_task)
    if not asked:
        return []
    n_classes = len(splits.labels)
    rows = [
        _row(recipe, prepared, each["name"], [each], [], kind="baseline", oracle=each["oracle"])
        for each in baseline_rows(asked, splits.train, n_classes)
    ]
    if recipe.recogniser is None:
        return rows
    clips = [clip for dialogue in splits.test for clip in dialogue.clips]
    found: dict[str, list[dict[str, Any]]] = {}
    for seed in seeds:
        folder = run_folder(recipe.recogniser, recipe.protocol, seed)
        require_causal(folder)
        known = read_answers(folder / PREDICTIONS, splits.labels, clips)
        for each in baseline_rows(asked, splits.train, n_classes, known=known):
            found.setdefault(f"{each['name']}, labels by the recogniser", []).append(each)
    return rows + [
        _row(recipe, prepared, name, scores, seeds, kind="baseline", oracle=False)
        for name, scores in found.items()
        if not name.startswith(MAJORITY)
    ]


def require_causal(folder: Path) -> None:
    """Refuse a recogniser that has heard what is to be forecast.

    Raises:
        FileNotFoundError: There is no such run.
        ValueError: It hears what comes after an utterance, or is no recogniser.
    """
    path = folder / RECIPE
    if not path.is_file():
        raise FileNotFoundError(
            f"run of a recogniser not found: {path}. Train one under the same protocol and seeds "
            "first: affecthub train erc_bigru_causal --output-dir FOLDER"
        )
    recipe = load_conversation_recipe(path)
    config = recipe.model_config(feature_dim=1, n_speakers=1, num_labels=2)
    if config.task != "recognise" or not config.causal:
        raise ValueError(
            f"{folder} cannot stand in for the labels of the history: got {recipe.algorithm} that "
            f"{'hears the future' if config.task == 'recognise' else 'forecasts'}, expected a "
            "causal recogniser. Train one: affecthub train erc_bigru_causal"
        )


def _rows(
    recipe: ConversationRecipe, prepared: Prepared, records: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The model's row, and the baselines'; none where the protocol has no test dialogues."""
    scores = [each["test"] for each in records if each["test"] is not None]
    seeds = [each["recipe"]["seed"] for each in records]
    if not scores:
        return []
    row = _row(recipe, prepared, recipe.algorithm, scores, seeds, kind="model", oracle=False)
    row["apart"] = {
        value: over_seeds([each["apart"][value] for each in records])
        for value in records[0]["apart"]
    }
    row["n_parameters"] = records[0]["n_parameters"]
    row["train_s"] = [each["train_s"] for each in records]
    return [row, *baselines_of(prepared, recipe, seeds)]


def _row(
    recipe: ConversationRecipe,
    prepared: Prepared,
    name: str,
    scores: list[dict[str, Any]],
    seeds: Sequence[int],
    *,
    kind: str,
    oracle: bool,
) -> dict[str, Any]:
    is_model = kind == "model"
    return {
        "protocol": recipe.protocol,
        "task": recipe.model_task,
        "name": name,
        "kind": kind,
        "oracle": oracle,
        "features": prepared.features.name if is_model else None,
        "modality": prepared.features.modality if is_model else None,
        "seeds": list(seeds),
        **over_seeds(scores),
    }
