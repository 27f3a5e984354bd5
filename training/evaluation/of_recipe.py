"""Evaluation as a recipe asks for it: on its validation clips, never on those of its test."""

from pathlib import Path
from typing import Any

import datasets
from accelerate.utils import gather_object

from affecthub.training.answer_scores import label_names
from affecthub.training.evaluation.set_f_callback import SetFCallback
from affecthub.training.examples import Examples
from affecthub.training.recipe import EvaluateRecipe, Recipe

ANSWERS = "evaluation"


def add_evaluation(
    trainer: Any,
    recipe: Recipe,
    validation: datasets.Dataset | None,
    folder: Path,
    *,
    features: Any = None,
) -> None:
    """Have a recipe's Trainer answer and score validation clips, where the recipe wants that.

    Args:
        trainer: The Trainer, with the processor as its ``processing_class``.
        recipe: See `Recipe.wants_answers`.
        validation: The validation clips that can be used, None where nothing is evaluated.
        folder: Where the answers go, to ``evaluation/step-N.jsonl``.
        features: A ``FeatureCache`` in place of media, as for `Examples`.

    Raises:
        ValueError: Nothing is evaluated although the recipe wants it, or no validation clip has an
            emotion to compare answers with.
    """
    if not recipe.wants_answers():
        return
    if validation is None:
        raise ValueError(
            "`evaluate` needs validation clips: got trainer.eval_strategy=no, expected epoch or "
            "steps. Leave `evaluate` out, or set it."
        )
    settings = recipe.evaluate or EvaluateRecipe()
    references = _references(validation, recipe)
    places = [i for i, reference in enumerate(references) if reference]
    if not places:
        raise ValueError(
            f"no validation clip of {recipe.corpus!r} has open-vocabulary labels or a "
            f"{recipe.label!r}: got {len(references)} clips, expected some to compare answers with."
        )
    rows = validation.select(places)
    labels = label_names(rows, recipe)
    trainer.add_callback(
        SetFCallback(
            trainer,
            Examples(rows, trainer.processing_class, recipe, with_answer=False, features=features),
            [references[i] for i in places],
            labels=[label or references[i] for label, i in zip(labels, places, strict=True)],
            ids=rows["id"],
            collate=trainer.processing_class.pad,
            lexicon=settings.lexicon,
            n_clips=settings.n_clips,
            batch_size=recipe.predict_batch_size,
            max_new_tokens=recipe.max_new_tokens,
            answers_dir=folder / ANSWERS,
        )
    )


def evaluation_record(trainer: Any) -> dict[str, Any]:
    """What a run's record says of its evaluation; to be called in every process.

    Returns:
        ``best``: ``step``, ``metric`` and ``value`` of the weights that were kept, None where the
        last were; ``unreadable``: clips that could not be read, each with its reason.
    """
    state, arguments = trainer.state, trainer.args
    best = None
    if arguments.load_best_model_at_end and state.best_metric is not None:
        metric = arguments.metric_for_best_model
        best = {
            "step": state.best_global_step,
            "metric": metric if metric.startswith("eval_") else f"eval_{metric}",
            "value": float(state.best_metric),
        }
    broken = {} if trainer.broken is None else trainer.broken.reasons
    found = dict(gather_object([*broken.items()]))
    return {
        "best": best,
        "unreadable": [{"id": clip_id, "reason": found[clip_id]} for clip_id in sorted(found)],
    }


def _references(rows: datasets.Dataset, recipe: Recipe) -> list[Any]:
    """Each clip's open-vocabulary labels, else its label; None where it has neither."""
    labels = label_names(rows, recipe)
    pairs = zip(rows["open_vocabulary"], labels, strict=True)
    return [list(words) if words else [label] if label else None for words, label in pairs]
