"""How near the labels of a completion come to the reference, on the emotion wheels."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from affecthub.training.rewards.completions import said, written_labels
from affecthub.training.rewards.placing import Placed, Score, Wheels, wheels_of


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
        on no wheel. Labels that the lexicon does not know count as wrong. No completions give [].

    Raises:
        ValueError: There are not as many references as completions.
        TypeError: A completion is neither text nor messages, or a reference no list of labels.

    Source: AffectGPT-R1 (arXiv 2508.01318), the accuracy reward: the set-level F over the emotion
        wheels of the AffectGPT paper (arXiv 2501.16566), section 4.
    Differs: unknown labels are left out there.

    Example:
        >>> wheel_f([[{"role": "assistant", "content": "<answer>happy</answer>"}]], [["joyful"]])
        [1.0]
    """
    return [score.f for score in answer_scores(completions, labels, lexicon)]


def wheel_precision(
    completions: Sequence[Any], labels: Sequence[Any], *, lexicon: Any = None, **_: Any
) -> list[float]:
    """The precision of each answer's labels; else as `wheel_f`.

    Source: MER-R1 (arXiv 2606.27652), one of its two rewards, which are normalised apart.
    """
    return [score.precision for score in answer_scores(completions, labels, lexicon)]


def wheel_recall(
    completions: Sequence[Any], labels: Sequence[Any], *, lexicon: Any = None, **_: Any
) -> list[float]:
    """The recall of each answer's labels; else as `wheel_f`.

    Alone it is gamed by naming every emotion.

    Source: MER-R1 (arXiv 2606.27652), the other of its two rewards.
    """
    return [score.recall for score in answer_scores(completions, labels, lexicon)]


def thought_f(
    completions: Sequence[Any], labels: Sequence[Any], *, lexicon: Any = None, **_: Any
) -> list[float]:
    """The F of the labels that the thought names; else as `wheel_f`, 0 without a thought.

    Source: AffectGPT-R1 (arXiv 2508.01318), the dual reward.
    Differs: the labels are taken out of the sentences by ``LexiconExtractor``, where a language
        model reads them there.
    """
    wheels = wheels_of(lexicon)
    require_as_many(completions, labels)
    expected = [wheels.reference(each, f"labels[{place}]") for place, each in enumerate(labels)]
    pairs = zip(_thoughts(wheels, completions), expected, strict=True)
    return [wheels.score(thought, reference).f for thought, reference in pairs]


def agreement(completions: Sequence[Any], *, lexicon: Any = None, **_: Any) -> list[float]:
    """The F between the labels that the thought names and those of the answer.

    Returns:
        In [0, 1], higher is better; 0 where either names none.

    Source: AffectGPT-R1 (arXiv 2508.01318), the alignment reward.
    Differs: as `thought_f`.

    Example:
        >>> agreement(["<think>She looks furious.</think><answer>angry</answer>"])
        [1.0]
    """
    wheels = wheels_of(lexicon)
    answers = [wheels.answer(written_labels(completion)) for completion in completions]
    pairs = zip(_thoughts(wheels, completions), answers, strict=True)
    return [wheels.score(thought, answer).f for thought, answer in pairs]


def answer_scores(
    completions: Sequence[Any], labels: Sequence[Any], lexicon: Any = None
) -> list[Score]:
    """F, precision and recall of each answer's labels; see `wheel_f`."""
    wheels = wheels_of(lexicon)
    return list(map(wheels.score, *answers_and_references(wheels, completions, labels)))


def answers_and_references(
    wheels: Wheels, completions: Sequence[Any], labels: Sequence[Any]
) -> tuple[list[list[Placed]], list[list[Placed]]]:
    """The labels of every answer, and those it is compared with."""
    require_as_many(completions, labels)
    return (
        [wheels.answer(written_labels(completion)) for completion in completions],
        [wheels.reference(each, f"labels[{place}]") for place, each in enumerate(labels)],
    )


def require_as_many(completions: Sequence[Any], labels: Sequence[Any]) -> None:
    """Raise a ValueError with both numbers where they differ."""
    if len(completions) != len(labels):
        raise ValueError(
            f"`completions` and `labels` differ in length: got {len(completions)} and "
            f"{len(labels)}, expected the reference labels of every completion."
        )


def _thoughts(wheels: Wheels, completions: Sequence[Any]) -> list[list[Placed]]:
    extract = _extractor()
    return [wheels.answer(extract(said(completion).thought)) for completion in completions]


@cache
def _extractor() -> Any:
    from affecthub.metrics.answers.extraction import LexiconExtractor

    return LexiconExtractor(scope="all")
