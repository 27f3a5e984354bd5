"""How near the labels of a completion come to the reference, on the emotion wheels."""

from collections.abc import Sequence
from functools import cache
from typing import Any, Literal

import numpy as np

from affecthub.metrics.wheels.by_clip import ClipScores, clip_scores
from affecthub.metrics.wheels.options import WheelOptions
from affecthub.training.rewards.completions import labels_in, said

# A label that no wheel has would else cost nothing, and any number of them could be added.
_OPTIONS = WheelOptions(unknown="penalize")
Score = Literal["f", "precision", "recall"]


def wheel_f(
    completions: Sequence[Any], labels: Sequence[Any], *, lexicon: Any = None, **_: Any
) -> list[float]:
    """The F of each answer's labels: on each wheel of the sets of sectors, then the mean.

    Args:
        completions: What was generated; see ``rewards.completions.said`` for what of it counts.
        labels: The reference labels of each: a list, or text as corpora write it.
        lexicon: As for ``set_f``; None takes the built-in one.
        **_: Other columns of the data set.

    Returns:
        In [0, 1], higher is better. 0 for an answer without labels, and where the reference stands
        on no wheel. Labels that the lexicon does not know count as wrong.

    Raises:
        ValueError: There are not as many references as completions.
        TypeError: A completion is neither text nor messages.

    Source: AffectGPT-R1 (arXiv 2508.01318), the accuracy reward: the set-level F over the emotion
        wheels of the AffectGPT paper (arXiv 2501.16566), section 4.
    Differs: unknown labels are left out there.

    Example:
        >>> wheel_f([[{"role": "assistant", "content": "<answer>happy</answer>"}]], [["joyful"]])
        [1.0]
    """
    return _listed(_scores(labels_in(completions), labels, lexicon).f)


def wheel_precision(
    completions: Sequence[Any], labels: Sequence[Any], *, lexicon: Any = None, **_: Any
) -> list[float]:
    """The precision of each answer's labels; else as `wheel_f`.

    Source: MER-R1 (arXiv 2606.27652), one of its two rewards, which are normalised apart.
    """
    return _listed(_scores(labels_in(completions), labels, lexicon).precision)


def wheel_recall(
    completions: Sequence[Any], labels: Sequence[Any], *, lexicon: Any = None, **_: Any
) -> list[float]:
    """The recall of each answer's labels; else as `wheel_f`.

    Alone it is gamed by naming every emotion.

    Source: MER-R1 (arXiv 2606.27652), the other of its two rewards.
    """
    return _listed(_scores(labels_in(completions), labels, lexicon).recall)


def thought_f(
    completions: Sequence[Any], labels: Sequence[Any], *, lexicon: Any = None, **_: Any
) -> list[float]:
    """The F of the labels that the thought names; else as `wheel_f`, 0 without a thought.

    Source: AffectGPT-R1 (arXiv 2508.01318), the dual reward.
    Differs: the labels are taken out of the sentences by ``LexiconExtractor``, where a language
        model reads them there.
    """
    return _listed(_scores(_thoughts(completions), labels, lexicon).f)


def agreement(completions: Sequence[Any], *, lexicon: Any = None, **_: Any) -> list[float]:
    """The F between the labels that the thought names and those of the answer.

    Source: AffectGPT-R1 (arXiv 2508.01318), the alignment reward.
    Differs: as `thought_f`.

    Example:
        >>> agreement(["<think>She looks furious.</think><answer>angry</answer>"])
        [1.0]
    """
    return _listed(_scores(_thoughts(completions), labels_in(completions), lexicon).f)


def _scores(predicted: Sequence[Any], labels: Sequence[Any], lexicon: Any) -> ClipScores:
    return clip_scores(predicted, labels, lexicon=lexicon, options=_OPTIONS)


def _thoughts(completions: Sequence[Any]) -> list[list[str]]:
    extract = _extractor()
    return [extract(said(completion).thought) for completion in completions]


@cache
def _extractor() -> Any:
    from affecthub.metrics.answers.extraction import LexiconExtractor

    return LexiconExtractor(scope="all")


def _listed(scores: np.ndarray) -> list[float]:
    """Plain floats; a clip that no wheel can score gives no reward."""
    values: list[float] = np.nan_to_num(scores, nan=0.0).tolist()
    return values
