"""One thing changed at a time: inputs, frames, the rank of the adapters, the pre-fusion.

Inputs and frames are changed at prediction, on one model; rank and fusion train a model per value.
Every variant has a folder of its own, so that a run that was stopped goes on. Needs the extra
``train``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from affecthub.errors import unknown_name
from affecthub.training.answer_scores import score_answers
from affecthub.training.bench.answers import aligned
from affecthub.training.bench.benchmark import Scoring, evaluate
from affecthub.training.bench.journals import journal_path
from affecthub.training.bench.paper import ABLATIONS
from affecthub.training.bench.predicting import answer_sets, asking
from affecthub.training.bench.references import References, chosen_sets, read_sets
from affecthub.training.bench.variants import with_fusion, with_rank
from affecthub.training.recipe import MODALITIES, Recipe

# Value by value as the papers have them; inputs depend on the model's own.
VALUES = {
    "frames": ("2", "4", "8", "16", "32", "64"),
    "lora-rank": ("8", "16", "32"),
    "fusion": ("none", "qformer", "attention"),
}
Answer = Callable[[Any, Any, Recipe, Path], dict[str, Any]]


def run_ablation(
    kind: str,
    recipe: Recipe,
    *,
    data_dir: str | Path,
    output_dir: str | Path,
    values: Sequence[str] | None = None,
    model: str | Path | None = None,
    data_root: str | Path | None = None,
    sets: Sequence[str] | None = None,
    limit: int | None = None,
    scoring: Scoring | None = None,
    progress: bool = True,
) -> dict[str, Any]:
    """Train or ask a model once for every value of one setting, and score its answers.

    Args:
        kind: ``"modalities"``, ``"frames"``, ``"lora-rank"`` or ``"fusion"``.
        recipe: What is trained, and asked.
        data_dir: The recipe's corpus.
        output_dir: Where models, answers and scores go, a folder per value.
        values: Those of the setting; inputs joined by ``+``, such as ``"audio+text"``. None takes
            the papers' values, of the inputs each of the recipe's alone and all together.
        model: A trained model to ask; None trains one by the recipe first. Of no use to rank and
            fusion, which train their own.
        data_root: Score on the sets of MER-UniBench in this folder; None scores on the recipe's
            own test split.
        sets: Of MER-UniBench; None for all that are there.
        limit: Only the first clips of each set, or of the test split.
        scoring: How MER-UniBench is scored, without intervals by default.
        progress: Show progress bars.

    Returns:
        ``kind``, ``title``, ``on`` (what was scored), ``source`` and ``said`` of the published
        figures, ``rows``: each ``value``, ``scores`` in [0, 1], ``n`` clips, and ``paper``, the
        mean that the paper prints for it, in percent, or None; ``paper``, all of these.

    Raises:
        ValueError: There is no such setting or value, or the recipe has nothing to change: it has
            no adapters, or not these inputs.
        FileNotFoundError: A folder is not there.
    """
    if kind not in ABLATIONS:
        raise unknown_name("ablation", kind, ABLATIONS)
    chosen = _values(kind, recipe, values)
    variants = _variants(kind, recipe, chosen, Path(output_dir))
    if model is not None and kind not in AT_PREDICTION:
        raise ValueError(
            f"`model` is of no use to {kind}: got {model}, expected none, since each value trains "
            "a model of its own."
        )
    if data_root is not None:
        answer, on = _on_sets(data_root, sets, limit, scoring or Scoring(n_resamples=0), progress)
    else:
        answer, on = _on_split(recipe, data_dir, limit, progress)
    if kind in AT_PREDICTION:
        rows = _at_prediction(kind, recipe, variants, data_dir, Path(output_dir), model, answer)
    else:
        rows = [
            _trained(recipe_of, value, data_dir, Path(output_dir) / kind / value, answer, progress)
            for value, recipe_of in variants.items()
        ]
    said = ABLATIONS[kind]
    return {
        "kind": kind,
        "title": said.title,
        "on": on,
        "source": said.source,
        "said": said.said,
        "rows": [row | {"paper": said.means.get(str(row["value"]))} for row in rows],
        "paper": dict(said.means),
    }


AT_PREDICTION = ("modalities", "frames")


def _values(kind: str, recipe: Recipe, values: Sequence[str] | None) -> list[str]:
    """The values asked for, checked before anything is trained."""
    if values is None and kind == "modalities":
        return [*recipe.modalities, "+".join(recipe.modalities)][: 1 + len(recipe.modalities)]
    chosen = list(dict.fromkeys(values or VALUES[kind]))
    for value in chosen:
        if kind == "fusion" and value not in VALUES[kind]:
            raise unknown_name("fusion", value, VALUES[kind])
        if kind in ("frames", "lora-rank") and not (value.isdecimal() and int(value) > 0):
            raise ValueError(
                f"a value of {kind} is wrong: got {value!r}, expected a number above 0."
            )
        for name in value.split("+") if kind == "modalities" else ():
            if name not in MODALITIES:
                raise unknown_name("modality", name, MODALITIES)
            if name not in recipe.modalities:
                raise ValueError(
                    f"the recipe has no {name}: got modalities {', '.join(recipe.modalities)}, "
                    "expected some of these, which the model was trained on."
                )
    return chosen


def _variants(
    kind: str, recipe: Recipe, values: Sequence[str], output_dir: Path
) -> dict[str, Recipe]:
    """The recipe of each value."""
    if kind == "lora-rank":
        return {value: with_rank(recipe, int(value)) for value in values}
    if kind == "fusion":
        return {value: with_fusion(recipe, value, output_dir / kind) for value in values}
    if kind == "modalities":
        return {value: replace(recipe, modalities=tuple(value.split("+"))) for value in values}
    return dict.fromkeys(values, recipe)


def _trained(
    recipe: Recipe, value: str, data_dir: str | Path, folder: Path, answer: Answer, progress: bool
) -> dict[str, Any]:
    """Train a variant, unless its folder holds it, and score it."""
    from affecthub.training.model import load_model

    _train(recipe, data_dir, folder, progress)
    model, processor = load_model(folder)
    return {"value": value, **answer(model, processor, recipe, folder)}


def _train(recipe: Recipe, data_dir: str | Path, folder: Path, progress: bool) -> None:
    from affecthub.training.experiment import run_recipe

    run_recipe(recipe, data_dir=data_dir, output_dir=folder, resume=True, progress=progress)


def _at_prediction(
    kind: str,
    recipe: Recipe,
    variants: Mapping[str, Recipe],
    data_dir: str | Path,
    output_dir: Path,
    model_id: str | Path | None,
    answer: Answer,
) -> list[dict[str, Any]]:
    """Ask one model with each value."""
    from affecthub.training.model import load_model

    if model_id is None:
        model_id = output_dir / "model"
        _train(recipe, data_dir, Path(model_id), progress=True)
    rows = []
    model, processor = load_model(model_id)
    for value, variant in variants.items():
        if kind == "frames":
            processor.n_frames = int(value)
        rows.append(
            {"value": value, **answer(model, processor, variant, output_dir / kind / value)}
        )
    return rows


def _on_split(
    recipe: Recipe, data_dir: str | Path, limit: int | None, progress: bool
) -> tuple[Answer, str]:
    """Score on the test split of the recipe's corpus."""
    from affecthub.datasets_scripts import load_dataset
    from affecthub.training.predict import predict
    from affecthub.training.splits import choose_splits

    corpus = load_dataset(recipe.corpus, recipe.config, data_dir=data_dir, protocol=recipe.protocol)
    test = choose_splits(corpus, recipe, validate=False).test
    if test is None:
        raise ValueError(
            f"{recipe.corpus} has no test clips under {recipe.protocol!r}: expected some to score."
        )
    rows = test if limit is None else test.select(range(min(limit, len(test))))

    def answer(model: Any, processor: Any, variant: Recipe, folder: Path) -> dict[str, Any]:
        journal = folder / "ablation.jsonl"
        answers = predict(model, processor, rows, variant, output_file=journal, progress=progress)
        scores = score_answers(list(answers.values()), rows, variant)
        n = scores.pop("n")
        scores.pop("n_unparsed", None)
        return {"scores": scores, "n": n}

    return answer, f"test split of {recipe.corpus}, protocol {recipe.protocol}"


def _on_sets(
    data_root: str | Path,
    sets: Sequence[str] | None,
    limit: int | None,
    scoring: Scoring,
    progress: bool,
) -> tuple[Answer, str]:
    """Score on the sets of MER-UniBench, by the mean of those that are there."""
    references: dict[str, References] = read_sets(data_root, chosen_sets(sets), limit=limit)
    extractor = scoring.extractor()

    def answer(model: Any, processor: Any, variant: Recipe, folder: Path) -> dict[str, Any]:
        # As `asking` has it for a model of this recipe, with the variant's inputs.
        recipe = replace(
            asking(folder), modalities=variant.modalities, question=variant.question,
            options=variant.options, predict_batch_size=variant.predict_batch_size,
            max_new_tokens=variant.max_new_tokens,
        )  # fmt: skip
        said = answer_sets(model, processor, references, recipe, folder, progress=progress)
        run = {
            name: {
                "": aligned(
                    said[name],
                    references,
                    wanted.test_set,
                    extractor,
                    source=str(journal_path(folder, name, "")),
                )
            }
            for name, wanted in references.items()
        }
        result = evaluate(run, scoring, name=folder.name, references=references).result
        scores = {
            name: entry["scores"][entry["primary"]]["value"]
            for name, entry in result["sets"].items()
        }
        n = sum(entry["n_clips"] for entry in result["sets"].values())
        return {"scores": {"mean": result["mean"]["value"], **scores}, "n": n}

    return answer, f"{len(references)} of the nine sets of MER-UniBench"
