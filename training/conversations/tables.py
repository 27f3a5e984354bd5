"""Tables 13 and 14 of EmotionTalk: every model on every modality that there are features of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from affecthub.errors import unknown_name
from affecthub.training.conversations.experiment import run_conversation, run_folder
from affecthub.training.conversations.preparing import Shared
from affecthub.training.conversations.recipe import changed, load_conversation_recipe
from affecthub.training.features.found import find_caches, modality_of
from affecthub.training.run_folder import RECIPE

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
# Which of several caches of a modality is read where none is named.
USUAL = {"audio": "hubert-large", "text": "roberta-large"}
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
        encoders: ``audio`` or ``text`` to the caches that are joined; none takes the only one, or
            of several the one in whose name `USUAL` is.
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
        paper calls it, else ours; ``in_paper``; ``kind``, ``"model"`` or ``"baseline"``;
        ``oracle``, whether it reads gold labels of the history; ``features``; ``protocol``;
        ``seeds``; ``n``;
        ``ua``, ``wa``, ``f1`` (macro) and ``weighted_f1``, each with ``mean`` and ``sd`` (ddof 1),
        in [0, 1]; of models ``apart``, recording group to scores; and ``notes``. Rows that were
        not run have ``ran`` false and no scores.

    Raises:
        ValueError: A table, a recipe or an encoder is unknown, or see `run_conversation`.
    """
    _require(tables, models)
    run = _Run(
        Shared(data_dir),
        Path(output_dir),
        protocol,
        list(seeds)[:1] if quick else list(seeds),
        style,
        quick,
        resume,
        progress,
    )
    rows: list[dict[str, Any]] = []
    for modality, (ours, _) in MODALITIES.items():
        read = _chosen(features, (encoders or {}).get(ours, ()), ours)
        for table in sorted(set(tables)):
            wanted = [name for name in MODELS[table] if not models or name in models]
            if not read and ours != "text":
                wanted = []
            baselines: list[dict[str, Any]] = []
            for name in MODELS[table]:
                if name not in wanted:
                    rows.append(_not_run(table, modality, name))
                    continue
                own, *others, notes = run(table, modality, name, features, read)
                rows.append(_row(table, modality, name, own, notes))
                baselines = [_row(table, modality, None, each, []) for each in others]
            rows += baselines  # of the same utterances for every model of a table
    return rows


@dataclass
class _Run:
    """The arguments of `tables_13_14` that every model shares."""

    shared: Shared
    output_dir: Path
    protocol: str
    seeds: list[int]
    style: str
    quick: bool
    resume: bool
    progress: bool

    def __call__(
        self,
        table: int,
        modality: str,
        name: str,
        features: str | Path | None,
        read: Sequence[str],
    ) -> list[Any]:
        """The model's row, the baselines', and the notes."""
        recipe = changed(
            load_conversation_recipe(name, style=self.style),
            label=MODALITIES[modality][1],
            protocol=self.protocol,
            features=str(features) if read else None,
            encoders=tuple(read) or None,
            recogniser=self._recogniser(table, modality),
        )
        if self.quick:
            trainer = {**recipe.trainer, "num_train_epochs": QUICK_EPOCHS}
            recipe = changed(recipe, trainer=trainer)
        found = run_conversation(
            recipe,
            data_dir=self.shared.data_dir or "",
            output_dir=self.output_dir / modality / name,
            seeds=self.seeds,
            protocols=[self.protocol],
            resume=self.resume,
            progress=self.progress,
            shared=self.shared,
        )
        return [*found.rows, found.notes]

    def _recogniser(self, table: int, modality: str) -> str | None:
        """The runs that stand in for gold labels, where all of them are there."""
        folder = self.output_dir / modality / RECOGNISER
        runs = [run_folder(folder, self.protocol, seed) / RECIPE for seed in self.seeds]
        return str(folder) if table == 14 and all(run.is_file() for run in runs) else None


def _require(tables: Iterable[int], models: Sequence[str]) -> None:
    for table in tables:
        if table not in MODELS:
            raise unknown_name("table of conversations", table, map(str, MODELS))
    known = [name for recipes in MODELS.values() for name in recipes]
    for name in models:
        if name not in known:
            raise unknown_name("recipe of Tables 13 and 14", name, known)


def _chosen(features: str | Path | None, given: Sequence[str], modality: str) -> list[str]:
    """The caches of a modality that are read; none where there are none."""
    if features is None or given:
        return list(given)
    caches = find_caches(features)
    found = [name for name, cache in caches.items() if modality_of(cache) == modality]
    usual = [name for name in found if USUAL[modality] in name.lower().replace("_", "-")]
    if len(found) > 1 and len(usual) != 1:
        raise ValueError(
            f"which features of {modality} Tables 13 and 14 are run on is not clear: got "
            f"{', '.join(found)} in {features}, expected one, or one called {USUAL[modality]}. "
            f"Name them: encoders={{'{modality}': [...]}}."
        )
    return usual or found


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
