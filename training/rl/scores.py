"""How a policy answers the test split: the rewards it was trained by, and set-F beside them."""

from pathlib import Path
from statistics import mean
from typing import Any

import datasets

from affecthub.metrics.set_f.scores import set_f
from affecthub.training.predict import predict
from affecthub.training.rewards.completions import said
from affecthub.training.rl.recipe import GRPORecipe
from affecthub.training.rl.rewarding import labels_of, rewards_of


def score_clips(
    model: Any,
    processor: Any,
    rows: datasets.Dataset,
    recipe: GRPORecipe,
    *,
    output_file: str | Path | None = None,
    progress: bool = True,
) -> dict[str, float]:
    """Answer clips greedily and score the answers.

    Args:
        model: An AffectGPT, with or without adapters.
        processor: Its processor.
        rows: Clips of a corpus with the recipe's labels; those without are left out.
        recipe: Says the question, the rewards and the column of labels.
        output_file: See ``predict``.
        progress: Show a progress bar.

    Returns:
        ``n`` clips; ``set_f``, ``set_precision`` and ``set_recall`` of what stands in the answers'
        ``<answer>``, in [0, 1]; ``reward``, the weighted sum's mean, and each reward's mean under
        its name; ``n_labels``, the mean number of labels in an answer. Only ``n`` where there are
        no clips.
    """
    kept = [i for i, value in enumerate(rows[recipe.labels]) if value not in (None, "", [])]
    rows = rows.select(kept)
    if not kept:
        return {"n": 0}
    answers = predict(
        model,
        processor,
        rows,
        recipe.asking(),
        output_file=output_file,
        replace_answers=True,
        progress=progress,
    )
    texts = list(answers.values())
    labels = [labels_of(row, rows.features, recipe.labels) for row in rows]
    named = [said(text).answer for text in texts]
    sets = set_f(named, labels)
    scores = {"n": len(texts)} | {
        key: sets[key] for key in ("set_f", "set_precision", "set_recall")
    }
    rewards = {
        name: mean(reward(completions=texts, labels=labels))
        for name, reward in zip(recipe.rewards, rewards_of(recipe), strict=True)
    }
    total = sum(weight * rewards[name] for name, weight in recipe.rewards.items())
    n_labels = mean(len(parse) for parse in map(_labels, named))
    return scores | {"reward": total, "n_labels": n_labels} | rewards


def _labels(answer: str) -> list[str]:
    from affecthub.metrics.parsing import parse_labels

    return [] if answer == "[" else parse_labels(answer)
