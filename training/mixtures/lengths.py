"""How many tokens a clip has with each question, without opening its media."""

from collections.abc import Sequence
from typing import Any

import datasets
import numpy as np

from affecthub.modeling.affectgpt.configuration_prompt import read_prompt, shown_fields
from affecthub.modeling.affectgpt.processing_modalities import keep_shown
from affecthub.modeling.affectgpt.processing_samples import write_samples
from affecthub.training.mixtures.questions import Asked

# Column of a corpus -> what the processor calls it.
_ARGUMENTS = {"audio": "audio", "video": "videos", "face": "faces", "text": "text"}


def token_counts(
    rows: datasets.Dataset, processor: Any, modalities: Sequence[str], asked: Sequence[Asked]
) -> np.ndarray:
    """Tokens of every clip with every question: prompt, places of the media, and answer.

    Args:
        rows: Clips; media that are there on paper count as there.
        processor: The model's.
        modalities: What the model is given.
        asked: The questions.

    Returns:
        ``(clips, questions)`` int64, 0 where a clip has no answer, or nothing to be asked about.
    """
    columns = dict.fromkeys([*modalities, *(name for each in asked for name in each.columns)])
    prompt = read_prompt(processor.prompt)
    shown = shown_fields(prompt, processor.fused_picture)
    counts = np.zeros((len(rows), len(asked)), dtype=np.int64)
    table = list(rows.select_columns(list(columns)))
    for place, each in enumerate(asked):
        batch: dict[str, list] = {name: [] for name in (*_ARGUMENTS.values(), "answers")}
        numbers = []
        for number, row in enumerate(table):
            answer = each.answer(row, rows.features)
            if answer is None or not any(row[name] for name in modalities):
                continue
            numbers.append(number)
            for column, argument in _ARGUMENTS.items():
                batch[argument].append((row[column] or None) if column in modalities else None)
            batch["answers"].append(answer)
        if not numbers:
            continue
        batch |= {"question": [each.question] * len(numbers), "answer_start": [None] * len(numbers)}
        keep_shown(batch, shown, None, processor.image_processor.size["height"])
        options = list(each.options) or None
        samples = write_samples(processor, prompt, batch, options, learning=True)
        counts[numbers, place] = [len(sample["input_ids"]) for sample in samples]
    return counts
