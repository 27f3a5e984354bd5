"""What a clip is asked: the questions of a recipe, and which of them one draw asks.

A draw has a number, its place in the order of the whole run. What is left to chance in it follows
from the seed and that number alone: no worker, process or kill changes it.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from affecthub.datasets_scripts.rows.answers import answer_of
from affecthub.errors import unknown_name
from affecthub.questions import QUESTIONS
from affecthub.training.recipe import Recipe
from affecthub.training.recipe_parts import ANSWER

OPTIONS = "{options}"
# Chances are drawn apart, so that none moves when another is switched on.
_QUESTION, _MODALITIES = 1, 2


@dataclass(frozen=True)
class Asked:
    """One question with its answer.

    Args:
        question: Key of the model's questions, or a question in words.
        options: What it chooses from.
        columns: Those that make the answer.
        template: What is said, with ``{answer}`` in it.
        weight: How often it is drawn, beside the others.
    """

    question: str
    options: tuple[str, ...]
    columns: tuple[str, ...]
    template: str = ANSWER
    weight: float = 1.0

    def answer(self, row: Mapping[str, Any], features: Mapping[str, Any]) -> str | None:
        """What a clip is answered with, None where one of the columns is empty."""
        words = answer_of(row, features, self.columns)
        return None if words is None else self.template.replace(ANSWER, words)

    def has_answer(self, row: Mapping[str, Any]) -> bool:
        """Whether none of the columns is empty."""
        return all(row[name] not in (None, "", []) for name in self.columns)


def main_question(recipe: Recipe) -> Asked:
    """The question that is asked in validation and after training."""
    return Asked(recipe.question, recipe.options, recipe.answer, recipe.template)


def training_questions(recipe: Recipe) -> tuple[Asked, ...]:
    """The questions of one corpus that are asked in training, in the recipe's order.

    Example:
        >>> [asked.columns for asked in training_questions(Recipe(corpus="demo", model="m"))]
        [('open_vocabulary',)]
    """
    if not recipe.questions:
        return (main_question(recipe),)
    return tuple(
        Asked(question, each.options, each.answer, each.template, each.weight)
        for question, each in recipe.questions.items()
    )


def draw_question(can: Sequence[bool], weights: Sequence[float], seed: int, number: int) -> int:
    """The place of the question that a draw asks.

    Args:
        can: Whether the clip has an answer to each.
        weights: How often each is drawn, beside the others.
        seed: The run's.
        number: The draw's.

    Raises:
        ValueError: The clip can answer none.

    Example:
        >>> [draw_question([True, True], [1, 1], seed=0, number=n) for n in range(8)]
        [0, 1, 1, 1, 0, 1, 1, 1]
        >>> draw_question([False, True], [1, 1], seed=0, number=0)
        1
    """
    open_ = [place for place, each in enumerate(can) if each]
    if not open_:
        raise ValueError("no question: got a clip without an answer to any, expected one or more.")
    if len(open_) == 1:
        return open_[0]
    upto = np.cumsum([weights[place] for place in open_])
    drawn = chance(seed, number, _QUESTION).random() * upto[-1]
    return open_[min(int(np.searchsorted(upto, drawn, side="right")), len(open_) - 1)]


def modality_seed(seed: int, number: int) -> int:
    """The seed by which a draw leaves modalities out."""
    return int(chance(seed, number, _MODALITIES).integers(2**31))


def chance(seed: int, number: int, what: int) -> np.random.Generator:
    """The generator of one draw, for one purpose."""
    return np.random.default_rng([seed % 2**32, number, what])


def require_questions(recipe: Recipe) -> None:
    """Refuse questions that the recipe's model does not know, before it is loaded.

    The questions of a model on the Hub are not known here; it refuses them itself, later.

    Raises:
        ValueError: A single word is no name of a question (close matches are listed), or question
            and options do not fit.
    """
    known = known_questions(recipe)
    if known is None:
        return
    for source in recipe.sources():
        for asked in dict.fromkeys((main_question(source), *training_questions(source))):
            name = asked.question
            if name not in known and name.isascii() and name.isidentifier():
                raise unknown_name(f"question to {source.corpus}", name, known)
            words = known.get(name, name)
            if (OPTIONS in words) != bool(asked.options):
                raise ValueError(
                    f"question and options of {source.corpus} do not fit: got {words!r} and "
                    f"options {list(asked.options)}, expected options just where the question "
                    f"names {OPTIONS}."
                )


def known_questions(recipe: Recipe) -> dict[str, str] | None:
    """The questions of the recipe's model by name, None where they are not on this disk."""
    if recipe.model is not None:
        saved = Path(recipe.model) / "processor_config.json"
        if not saved.is_file():
            return None
        kept = json.loads(saved.read_text("utf-8"))
        return dict(kept["questions"]) if isinstance(kept.get("questions"), dict) else None
    made = recipe.towers or recipe.scratch
    assert made is not None, "a recipe has one source of its model"
    return dict(made.config.get("questions", QUESTIONS))
