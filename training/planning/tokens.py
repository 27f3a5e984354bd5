"""How many tokens a draw has: counted with the tokenizer where it is here, else estimated."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from affecthub.questions import QUESTIONS
from affecthub.training.clips import Part
from affecthub.training.mixtures.lengths import token_counts
from affecthub.training.mixtures.questions import Asked, training_questions
from affecthub.training.mixtures.sampling import share_out
from affecthub.training.mixtures.weights import draw_weights
from affecthub.training.recipe import Recipe

# Characters of a token, about, where no tokenizer is at hand: of most scripts, and of Chinese.
_LETTERS, _CHINESE = 4.0, 1.5
_IS_CHINESE = re.compile("[\u3400-\u9fff]")
# Tokens of our prompt around what is said and asked, its soft tokens included, about.
_PROMPT = 55
# Clips that are looked at: enough for a mean within a per cent or two.
_MOST = 2000


@dataclass(frozen=True)
class Tokens:
    """Tokens of a draw, prompt and answer together.

    Args:
        mean: Over draws.
        longest: Of the clips that were counted.
        counted: Whether the model's tokenizer counted them.
        n_clips: How many clips were looked at.
    """

    mean: float
    longest: int
    counted: bool
    n_clips: int


def tokens_of(parts: Sequence[Part], recipe: Recipe, processor: Any | None) -> Tokens:
    """Count the tokens of a recipe's draws, of each corpus and question as often as they are drawn.

    Args:
        parts: The training clips.
        recipe: Weighs the corpora.
        processor: With the model's tokenizer; None estimates.
    """
    weights = [recipe.weight, *(each.weight for each in recipe.more_corpora)]
    shares = [len(part.rows) if w is None else w for part, w in zip(parts, weights, strict=True)]
    drawn = np.asarray(share_out(10_000, shares), dtype=float)
    means, longest, n_clips = [], 0, 0
    for part in parts:
        rows = part.rows.select(range(min(_MOST, len(part.rows))))
        asked = training_questions(part.recipe)
        if processor is None:
            counts = _estimate(rows, part.recipe, asked)
        else:
            counts = token_counts(rows, processor, part.recipe.modalities, asked)
        odds = (counts > 0) * np.array([each.weight for each in asked])
        of_clip = (odds * counts).sum(1) / odds.sum(1)
        chance = draw_weights(part.rows, part.recipe)
        of_part = None if chance is None else chance[: len(rows)]
        if of_part is not None and not of_part.sum() > 0:
            of_part = None
        means.append(float(np.average(of_clip, weights=of_part)))
        longest, n_clips = max(longest, int(counts.max())), n_clips + len(rows)
    return Tokens(float(np.average(means, weights=drawn)), longest, processor is not None, n_clips)


def _estimate(rows: Any, recipe: Recipe, asked: Sequence[Asked]) -> np.ndarray:
    """Tokens by the number of characters ``(clips, questions)``."""
    counts = np.zeros((len(rows), len(asked)), dtype=np.int64)
    names = dict.fromkeys(["text", *(name for each in asked for name in each.columns)])
    for number, row in enumerate(rows.select_columns(list(names))):
        said = (row["text"] or "") if "text" in recipe.modalities else ""
        for place, each in enumerate(asked):
            answer = each.answer(row, rows.features)
            if answer is not None:
                question = QUESTIONS.get(each.question, each.question)
                texts = map(_about, (said, question, answer))
                counts[number, place] = _PROMPT + round(sum(texts))
    return counts


def _about(text: str) -> float:
    chinese = len(_IS_CHINESE.findall(text))
    return chinese / _CHINESE + (len(text) - chinese) / _LETTERS
