"""Tables 13 and 14 of EmotionTalk: every model on every modality that there are features of."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from affecthub.errors import unknown_name
from affecthub.training.conversations.experiment import run_conversation, run_folder
from affecthub.training.conversations.preparing import Shared
from affecthub.training.conversations.recipe import changed, load_conversation_recipe
from affecthub.training.conversations.run import RECIPE
from affecthub.training.features.found import find_caches, modality_of

# Table -> recipe -> the model as the paper calls it; None is a row of ours alone.
MODELS: dict[int, dict[str, str | None]] = {
    13: {
        "erc_cmn": "CMN",
        "erc_icon": "ICON",
        "erc_dialoguernn": "DialogueRNN",
        "erc_dialoguegcn": "DialogueGCN",
        "erc_bigru": None,
        "erc_bigru_causal": None,
    },
    14: {"epc_bigru": "BiGRU", "epc_avef": "AVEF", "epc_dep": "DEP", "epc_eamt": "EAMT"},
}
# The paper's modality -> ours -> the column of its own label.
MODALITIES = {"speech": ("audio", "emotion_audio"), "text": ("text", "emotion_text")}
RECOGNISER = "erc_bigru_causal"
# What `quick` trains: one seed, few epochs.
QUICK_EPOCHS = 2


def tables_13_14(
    *,
    data_dir: str | Path,
    output_dir: str | Path,
    features: str | Path | None = None,
    encoders: Mapping[str, Sequence[str]] | None = None,
    tables: Iterable[int] = (13, 14),
    models: Sequence[str] = (),
    protocol: str = "official",
    seeds: Sequence[int] = tuple(range(6)),
    style: str = "house",
    quick: bool = False,
    resume: bool = True,
    progress: bool = True,
) -> list[dict[str, Any]]:
    """Run the models of Tables 13 and 14 on EmotionTalk, with the baselines on the same utterances.

    Args:
        data_dir: EmotionTalk's folder.
        output_dir: Gets a folder for each modality and recipe.
        features: Folder of feature caches. Speech is run where there is a cache of ``audio``; text
            always, by TF-IDF of the transcripts where there is no cache of ``text``.
        encoders: ``audio`` or ``text`` to the caches that are joined; none takes the only one.
        tables: 13, 14 or both.
        models: Recipes of `MODELS` to run; none takes all.
        protocol: Of the corpus.
        seeds: One run each.
        style: ``"house"`` or ``"paper"``, how models are trained.
        quick: One seed and `QUICK_EPOCHS` epochs, to see that everything runs.
        resume: Read runs that are at their end already.
        progress: Show progress.

    Returns:
        A dict for each row: ``table``; ``modality``, ``"speech"`` or ``"text"``; ``model``, as the
        paper calls it, else ours; ``in_paper``; ``kind``, ``"model"`` or ``"baseline"``; ``oracle``,
        whether it reads gold labels of the history; ``features``; ``protocol``; ``seeds``; ``n``;
        ``ua``, ``wa``, ``f1`` (macro) and ``weighted_f1``, each with ``mean`` and ``sd`` (ddof 1),
        in [0, 1]; of models ``apart``, recording group to scores; and ``notes``. Rows that were
        not run have ``ran`` false and no scores.

    Raises:
        ValueError: A table, a recipe or an encoder is unknown, or see `run_conversation`.
    """
    _require(tables, models)
    shared = Shared(data_dir)
    chosen_seeds = list(seeds)[:1] if quick else list(seeds)
    caches = {} if features is None else find_caches(features)
    rows: list[dict[str, Any]] = []
    for modality, (ours, label) in MODALITIES.items():
        names = list((encoders or {}).get(ours, ())) or [
            name for name, cache in caches.items() if modality_of(cache) == ours
        ]
        for table in sorted(set(tables)):
            if not names and ours != "text":
                rows += [_not_run(table, modality, recipe) for recipe in MODELS[table]]
                continue
            baselines: list[dict[str, Any]] = []
            for recipe_name in MODELS[table]:
                if models and recipe_name not in models:
                    rows.append(_not_run(table, modality, recipe_name))
                    continue
                recipe = changed(
                    load_conversation_recipe(recipe_name, style=style),
                    label=label,
                    protocol=protocol,
                    features=str(features) if names else None,
                    encoders=tuple(names) or None,
                    recogniser=_recogniser(
                        Path(output_dir) / modality / RECOGNISER, protocol, chosen_seeds, table
                    ),
                )
                if quick:
                    trainer = {**recipe.trainer, "num_train_epochs": QUICK_EPOCHS}
                    recipe = changed(recipe, trainer=trainer)
                found = run_conversation(
                    recipe,
                    data_dir=data_dir,
                    output_dir=Path(output_dir) / modality / recipe_name,
                    seeds=chosen_seeds,
                    protocols=[protocol],
                    resume=resume,
                    progress=progress,
                    shared=shared,
                )
                own, *others = found.rows
                rows.append(_row(table, modality, recipe_name, own, found.notes))
                baselines = [_row(table, modality, None, each, []) for each in others]
            rows += baselines  # of the same utterances for every model of a table
    return rows


def _require(tables: Iterable[int], models: Sequence[str]) -> None:
    for table in tables:
        if table not in MODELS:
            raise unknown_name("table of conversations", table, map(str, MODELS))
    known = [name for recipes in MODELS.values() for name in recipes]
    for name in models:
        if name not in known:
            raise unknown_name("recipe of Tables 13 and 14", name, known)


def _recogniser(folder: Path, protocol: str, seeds: Sequence[int], table: int) -> str | None:
    """The runs that stand in for gold labels, where all of them are there."""
    there = all((run_folder(folder, protocol, seed) / RECIPE).is_file() for seed in seeds)
    return str(folder) if table == 14 and there else None


def _row(
    table: int, modality: str, recipe: str | None, found: Mapping[str, Any], notes: Sequence[str]
) -> dict[str, Any]:
    """A row under the names of the tables."""
    row = {key: value for key, value in found.items() if key not in ("macro_f1", "name")}
    title = None if recipe is None else MODELS[table][recipe]
    return {
        **row,
        "table": table,
        "modality": modality,
        "model": title or _own_title(recipe, found["name"]),
        "recipe": recipe,
        "in_paper": title is not None,
        "f1": found["macro_f1"],
        "notes": list(notes),
        "ran": True,
    }


def _own_title(recipe: str | None, name: str) -> str:
    own = {"erc_bigru": "BiGRU", "erc_bigru_causal": "BiGRU, causal"}
    return own.get(recipe or "", name)


def _not_run(table: int, modality: str, recipe: str) -> dict[str, Any]:
    title = MODELS[table][recipe]
    return {
        "table": table,
        "modality": modality,
        "model": title or _own_title(recipe, recipe),
        "recipe": recipe,
        "in_paper": title is not None,
        "kind": "model",
        "oracle": False,
        "ran": False,
    }
