"""A model's answers to the test sets: one journal per set, and per checkpoint where there are many.

What is written are journals of `affecthub.training.predict`, so that a run that was stopped goes on
and a model is never credited with another's answers. Needs the extra ``train``.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from affecthub.training.bench.answers import Extractor, Run, aligned
from affecthub.training.bench.journals import journal_path, model_names
from affecthub.training.bench.references import References
from affecthub.training.model_folder import require_model_folder


def ask(
    models: Sequence[str | Path],
    references: Mapping[str, References],
    extractor: Extractor,
    folder: str | Path,
    *,
    question: str | None = None,
    batch_size: int | None = None,
    max_new_tokens: int | None = None,
    features: str | Path | None = None,
    progress: bool = True,
) -> Run:
    """Let models answer every clip of the sets.

    Args:
        models: Folder or Hub id of a saved AffectGPT; several are checkpoints of one run.
        references: The sets, with rows.
        extractor: Takes labels out of the answers.
        folder: Where journals go, see `affecthub.training.bench.journals`.
        question: Named question or one in words; None asks what the model was trained on.
        batch_size: Clips at a time; None as the model's recipe has it.
        max_new_tokens: Longest answer; None as the model's recipe has it.
        features: Folder of a feature cache of these models.
        progress: Show progress bars.

    Returns:
        The run.

    Raises:
        FileNotFoundError: A model is not there.
        ValueError: A folder holds another model, or a set is a label file without media.
        UnusableClipError: Not a single clip of a set can be asked.
    """
    _require_rows(references)
    for model_id in models:
        _require_kind(model_id)
    from affecthub.training.model import load_model

    run: Run = {name: {} for name in references}
    given: dict[str, Any] = {}
    if features is not None:
        from affecthub.training.features import FeatureCache

        given["features"] = FeatureCache.open(features)
    for checkpoint, model_id in model_names(models).items():
        model, processor = load_model(model_id)
        recipe = asking(model_id, question, batch_size, max_new_tokens)
        answers = answer_sets(
            model, processor, references, recipe, folder, checkpoint, progress=progress, **given
        )
        for name, wanted in references.items():
            path = str(journal_path(folder, name, checkpoint))
            run[name][checkpoint] = aligned(
                answers[name], references, wanted.test_set, extractor, source=path
            )
    return run


def answer_sets(
    model: Any,
    processor: Any,
    references: Mapping[str, References],
    recipe: Any,
    folder: str | Path,
    checkpoint: str = "",
    *,
    progress: bool = True,
    **given: Any,
) -> dict[str, dict[str, str]]:
    """A loaded model's answers to every set.

    Args:
        model: A trained AffectGPT.
        processor: Its processor.
        references: The sets, with rows.
        recipe: Says what is asked and of which modalities.
        folder: Where journals go.
        checkpoint: What the model is called there, see `journal_path`.
        progress: Show progress bars.
        given: Passed on to `affecthub.training.predict.predict`.

    Returns:
        Set to answer by clip id, which is that of the corpus ``mer_unibench``.

    Raises:
        UnusableClipError: Not a single clip of a set can be asked.
    """
    from affecthub.training.predict import predict

    return {
        name: predict(
            model,
            processor,
            prompted(wanted.rows, recipe.modalities),
            recipe,
            output_file=journal_path(folder, name, checkpoint),
            progress=progress,
            **given,
        )
        for name, wanted in references.items()
    }


def asking(
    model_id: str | Path,
    question: str | None = None,
    batch_size: int | None = None,
    max_new_tokens: int | None = None,
) -> Any:
    """The recipe of the questions: what the model was trained by, with other clips.

    Args:
        model_id: Folder or Hub id; a folder's ``recipe.yaml`` says modalities and question.
        question: Another question.
        batch_size: Another number of clips at a time.
        max_new_tokens: Another longest answer.
    """
    from affecthub.training.recipe import Recipe, load_recipe

    kept = Path(model_id) / "recipe.yaml"
    # No question leaves it to the processor, which asks the model's own.
    unknown = Recipe(corpus="mer_unibench", model=str(model_id), question="")
    trained = load_recipe(kept) if kept.is_file() else unknown
    return replace(
        trained,
        corpus="mer_unibench",
        config=None,
        protocol="official",
        question=question or trained.question,
        options=trained.options if question is None else (),
        predict_batch_size=batch_size or trained.predict_batch_size,
        max_new_tokens=max_new_tokens or trained.max_new_tokens,
        cache_media=False,
    )


def prompted(rows: Any, modalities: Sequence[str]) -> Any:
    """Rows whose transcript is the subtitle of the official prompts.

    It is English, of MER2024 Chinese. Nothing changes for models that read no words.
    """
    if "text" not in modalities:
        return rows
    return rows.remove_columns("text").rename_column("subtitle", "text")


def _require_kind(model_id: str | Path) -> None:
    """Refuse the folder of another model before anything heavy is loaded."""
    require_model_folder(model_id)
    config = Path(model_id) / "config.json"
    kind = json.loads(config.read_text("utf-8")).get("model_type") if config.is_file() else None
    if kind is not None and kind != "affectgpt":
        raise ValueError(
            f"{model_id} is a {kind!r} model: expected 'affectgpt'. Answers of other models are "
            "scored from their files, see `answers`."
        )


def _require_rows(references: Mapping[str, References]) -> None:
    without = [name for name, wanted in references.items() if wanted.rows is None]
    if without:
        raise ValueError(
            f"{', '.join(without)}: got label files, expected the corpora's folders with their "
            "media, which a model is shown."
        )
