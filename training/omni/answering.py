"""Answers of a fine-tuned chat model to a split, asked as ``affecthub ask`` asks."""

import json

import datasets

from affecthub.training.asking.ask import ask_rows
from affecthub.training.asking.backends.transformers_chat import TransformersBackend
from affecthub.training.asking.clips import LETTERS
from affecthub.training.asking.media import Shown
from affecthub.training.asking.prompts.registry import load_prompt
from affecthub.training.merging import merge_parts
from affecthub.training.omni.examples import label_set
from affecthub.training.omni.recipe import OmniRecipe
from affecthub.training.omni.run import OmniResult, reading
from affecthub.training.processes import this_process, together
from affecthub.training.run_folder import PREDICTIONS


def answer_clips(
    result: OmniResult, rows: datasets.Dataset, recipe: OmniRecipe, *, progress: bool = True
) -> list[str | None]:
    """Ask every clip what the model was trained to answer.

    The answers stay in the run's folder, a journal that ``affecthub score`` reads. Several
    processes of a launch share the clips.

    Args:
        result: A finished run.
        rows: Clips of its corpus.
        recipe: The run's.
        progress: Show a progress bar.

    Returns:
        One answer per row, None for a clip that could not be asked; empty for no rows.
    """
    if not len(rows):
        return []
    backend = TransformersBackend(
        result.output_dir,
        model=result.model.eval(),
        processor=result.processor,
        batch_size=recipe.predict_batch_size,
        max_new_tokens=recipe.max_new_tokens,
        **reading(recipe),
    )
    journal, share = result.output_dir / PREDICTIONS, this_process()
    prompt = load_prompt(recipe.prompt)
    with together("answer the test clips"):
        ask_rows(
            backend,
            rows,
            prompt,
            media="".join(letter for letter, name in LETTERS.items() if name in recipe.modalities),
            journal=journal,
            shard=share,
            labels=label_set(rows.features, recipe, prompt),
            shown=Shown(recipe.frames.n_frames, recipe.frames.max_side),
            replace=True,
            progress=progress and share.index == 0,
        )
    with together("gather the answers"):
        if share.index == 0 and not share.is_all:
            merge_parts(journal, rows["id"])
    lines = map(json.loads, journal.read_text(encoding="utf-8").splitlines())
    found = {line["id"]: None if line.get("error") else line["prediction"] for line in lines}
    return [found[clip_id] for clip_id in rows["id"]]
