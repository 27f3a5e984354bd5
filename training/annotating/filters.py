"""What machine-made descriptions are sifted by: who speaks, how long they are, what others say.

Each filter looks at the rows alone and says of each whether it is kept and, if not, why. Nothing
is removed here: dropped rows stay, with their reason.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from affecthub.metrics.answers.extraction import sentiment_of
from affecthub.metrics.wheels.by_clip import clip_scores
from affecthub.training.annotating.speaking import THRESHOLD, Speaking

Unknown = str  # "keep" or "drop"
UNKNOWN = ("keep", "drop")


@dataclass(frozen=True)
class Sifted:
    """What a filter says.

    Attributes:
        name: Of the filter.
        dropped: Why a row is dropped, by its id.
        unknown: Rows that the filter cannot judge, by its id why; they are in `dropped` too where
            that was asked for.
        facts: What it went by: thresholds, means, agreement.
    """

    name: str
    dropped: dict[str, str]
    unknown: dict[str, str]
    facts: dict[str, Any]


def speaker_is_seen(
    scores: Mapping[str, Speaking], *, threshold: float = THRESHOLD, unknown: Unknown = "keep"
) -> Sifted:
    """Drop clips in which somebody else is seen than is heard.

    Args:
        scores: By clip id, see `speaking.SpeakerScorer`.
        threshold: Below it a clip is dropped.
        unknown: What becomes of clips without a score.

    Raises:
        ValueError: `unknown` is neither ``"keep"`` nor ``"drop"``.

    Source: AffectGPT paper (arXiv 2501.16566), section 2.2, the first low-level filter.
    Differs: there by TalkNet; see `speaking`.

    Example:
        >>> found = {"a": Speaking(0.8), "b": Speaking(0.1), "c": Speaking(None, "no face")}
        >>> sifted = speaker_is_seen(found)
        >>> sifted.dropped, sifted.unknown
        ({'b': 'another one speaks: score 0.10 under 0.50'}, {'c': 'no face'})
    """
    _require(unknown)
    dropped = {
        clip_id: f"another one speaks: score {each.score:.2f} under {threshold:.2f}"
        for clip_id, each in scores.items()
        if each.score is not None and each.score < threshold
    }
    lacking = {clip_id: each.why for clip_id, each in scores.items() if each.score is None}
    if unknown == "drop":
        dropped |= {clip_id: f"speaker unknown: {why}" for clip_id, why in lacking.items()}
    return Sifted("speaker", dropped, lacking, {"threshold": threshold, "unknown": unknown})


def usual_length(texts: Mapping[str, str], *, deviations: float = 2.0) -> Sifted:
    """Drop descriptions that are far shorter or longer than the others.

    Args:
        texts: By clip id. Lengths are counted in characters, so that they mean the same in every
            language that a corpus has.
        deviations: How many standard deviations from the mean are kept, on both sides.

    Raises:
        ValueError: `deviations` is not positive.

    Source: AffectGPT paper, section 2.2, the second low-level filter. It says that lengths are
        close to normal and that both tails go, not where they begin.
    """
    if not deviations > 0:
        raise ValueError(f"`deviations`: got {deviations}, expected more than 0.")
    lengths = {clip_id: len(text.strip()) for clip_id, text in texts.items()}
    if not lengths:
        return Sifted("length", {}, {}, {"deviations": deviations})
    values = np.array(list(lengths.values()), np.float64)
    mean, spread = float(values.mean()), float(values.std())
    low, high = mean - deviations * spread, mean + deviations * spread
    dropped = {}
    for clip_id, length in lengths.items():
        if not length:
            dropped[clip_id] = "no description"
        elif not low <= length <= high:
            side = "short" if length < low else "long"
            bounds = f"{max(0, math.ceil(low))} to {math.floor(high)}"
            dropped[clip_id] = f"too {side}: {length} characters, kept are {bounds}"
    facts = {"deviations": deviations, "mean": mean, "sd": spread, "low": low, "high": high}
    return Sifted("length", dropped, {}, facts)


def crowd_agrees(
    votes: Mapping[str, Sequence[str | None]],
    labels: Mapping[str, Sequence[str]],
    *,
    lexicon: Any = None,
    least: int = 2,
    sentiment: bool = True,
    unknown: Unknown = "drop",
) -> Sifted:
    """Drop descriptions whose labels are not what most of a crowd of classifiers say.

    A clip's majority is the one label with the most votes. It agrees with the description where it
    shares a sector with its labels on at least half of the wheels that know it. The crowd's
    sentiment, by the polarity of the majority, must not be the opposite of the description's.

    Args:
        votes: By clip id, a label from each classifier; None where it has none.
        labels: By clip id, the labels read from the description.
        lexicon: As in `set_f`.
        least: Votes that a majority needs.
        sentiment: Whether sentiments are compared too.
        unknown: What becomes of clips without a majority or without labels.

    Raises:
        ValueError: A clip of `votes` has no entry in `labels`, or `unknown` is not known.

    Source: AffectGPT paper, section 2.2, the high-level filter.
    Differs: agreement is a hit over the emotion wheels, for which the paper gives no rule.
    """
    _require(unknown)
    lacking = [clip_id for clip_id in votes if clip_id not in labels]
    if lacking:
        raise ValueError(
            f"{len(lacking)} clips have votes and no labels: got none for {lacking[0]!r}, expected "
            "a list, if empty. Extract the labels of all descriptions first."
        )
    majority = {clip_id: _majority(each, least) for clip_id, each in votes.items()}
    judged = [clip_id for clip_id in votes if majority[clip_id] and labels[clip_id]]
    hits = clip_scores(
        [[str(majority[i])] for i in judged], [list(labels[i]) for i in judged], lexicon=lexicon
    ).precision
    dropped, without = {}, {}
    for clip_id in votes:
        if not (majority[clip_id] and labels[clip_id]):
            without[clip_id] = "no labels" if majority[clip_id] else "no majority"
    for clip_id, hit in zip(judged, hits.tolist(), strict=True):
        said, most = ", ".join(labels[clip_id]), majority[clip_id]
        if math.isnan(hit):
            without[clip_id] = f"labels on no wheel: {said}"
        elif hit < 0.5:
            dropped[clip_id] = f"the crowd says {most}, the description {said}"
        elif sentiment and _opposite([str(most)], labels[clip_id]):
            dropped[clip_id] = f"opposite sentiment: the crowd says {most}, the description {said}"
    if unknown == "drop":
        dropped |= without
    facts = {"least": least, "unknown": unknown, "classifiers": agreement_matrix(votes.values())}
    return Sifted("crowd", dropped, without, facts)


def agreement_matrix(votes: Iterable[Sequence[str | None]]) -> list[list[float | None]]:
    """How often each two of a crowd say the same.

    Args:
        votes: Of each clip a label from each classifier, as many for every clip.

    Returns:
        Shares of the clips about which both say something; None where there are none.

    Example:
        >>> agreement_matrix([["joy", "joy"], ["joy", "anger"], ["fear", None]])
        [[1.0, 0.5], [0.5, 1.0]]
    """
    rows = [list(each) for each in votes]
    size = max(map(len, rows), default=0)
    if any(len(row) != size for row in rows):
        raise ValueError("got clips with different numbers of votes, expected one a classifier.")
    matrix: list[list[float | None]] = []
    for i in range(size):
        matrix.append([])
        for j in range(size):
            both = [row for row in rows if row[i] is not None and row[j] is not None]
            same = sum(row[i] == row[j] for row in both)
            matrix[i].append(same / len(both) if both else None)
    return matrix


def _majority(votes: Sequence[str | None], least: int) -> str | None:
    """The one label with the most votes, if there are enough; None for a tie."""
    counted = Counter(vote for vote in votes if vote).most_common(2)
    if not counted or counted[0][1] < least:
        return None
    return None if len(counted) > 1 and counted[0][1] == counted[1][1] else counted[0][0]


def _opposite(one: Sequence[str], other: Sequence[str]) -> bool:
    return {sentiment_of(one), sentiment_of(other)} == {"positive", "negative"}


def _require(unknown: Unknown) -> None:
    if unknown not in UNKNOWN:
        raise ValueError(f"`unknown`: got {unknown!r}, expected one of {', '.join(UNKNOWN)}.")
