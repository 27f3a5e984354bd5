"""Set-F and hit rate of answers to validation clips, as the metrics of these names score them."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from affecthub.metrics.hit_rate.scores import hit_rate
from affecthub.metrics.set_f.scores import set_f
from affecthub.training.answer_scores import words_said
from affecthub.training.evaluation.answering import Answer
from affecthub.training.rewards.completions import said

Read = Callable[[str], Sequence[str]]

# What is logged, after the prefix.
SCORES = ("set_f", "set_precision", "set_recall", "hit_rate")


def labels_of_answer(answer: str) -> list[str]:
    """The labels of an answer: a list as it stands, of sentences those that they name.

    Of an answer with a thought, what stands in ``<answer>`` counts.

    Example:
        >>> labels_of_answer("<think>She smiles.</think><answer>happy, calm</answer>")
        ['happy', 'calm']
    """
    return words_said(said(answer).answer)


def score(
    answers: Sequence[Answer],
    references: Sequence[Any],
    labels: Sequence[Any],
    *,
    read: Read = labels_of_answer,
    lexicon: Any = None,
) -> tuple[dict[str, float], list[Answer]]:
    """Score answers; one that cannot be read has no labels, and an error from here on.

    Args:
        answers: One per clip.
        references: Labels of each clip, for set-F.
        labels: One basic label of each clip, or several of which one is enough, for hit rate.
        read: An answer's labels.
        lexicon: As for ``set_f``.

    Returns:
        ``set_f``, ``set_precision``, ``set_recall`` and ``hit_rate`` in [0, 1], higher is better,
        NaN where no clip can be scored or not one could be asked; ``n_failed``, clips without an
        answer; and the answers with what went wrong in reading them.
    """
    predicted, told = [], []
    for answer in answers:
        try:
            predicted.append(list(read(answer.text)) if answer.error is None else [])
            told.append(answer)
        except Exception as error:
            predicted.append([])
            told.append(Answer(answer.text, f"{type(error).__name__}: {error}"))
    n_failed = sum(answer.error is not None for answer in told)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # a model that has just begun says anything
        sets = set_f(predicted, references, lexicon=lexicon)
        # Neutral clips too where the lexicon has them, as the scores of a run's end.
        hits = hit_rate(predicted, labels, lexicon=lexicon, neutral=None)
    found = {name: float((sets | hits)[name]) for name in SCORES}
    if n_failed == len(told):  # that says nothing of the model
        found = dict.fromkeys(found, float("nan"))
    return found | {"n_failed": n_failed}, told
