"""BLEU, ROUGE-L and CIDEr-D of captions: exact, over all clips at once.

All three take a `TokenizedCaptions`, whose n-grams are counted once for BLEU and CIDEr-D.
"""

import warnings
from math import log
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from affecthub.metrics.captions.ngrams import MAX_ORDER, NgramCounts, Numbers, TokenizedCaptions

Scores = NDArray[np.float64]

CIDER_SIGMA = 6.0
# Below this many clips the rarity of an n-gram says little.
_FEW_CLIPS = 50


class CaptionScore(NamedTuple):
    """A score of all captions together, and the score of each clip."""

    corpus: float
    per_clip: Scores


def mean_score(per_clip: Scores) -> CaptionScore:
    """The score that is the mean over clips; NaN where there are none."""
    return CaptionScore(float(np.mean(per_clip)) if len(per_clip) else float("nan"), per_clip)


def bleu(captions: TokenizedCaptions) -> tuple[CaptionScore, ...]:
    """BLEU-1 to BLEU-4, unsmoothed.

    The score of all captions comes from n-gram counts added up over clips; it is not the mean of
    the scores per clip. The length penalty takes the reference closest in length, the shorter of
    two equally close.

    Args:
        captions: Candidates and references as tokens.

    Returns:
        Four scores in [0, 1], higher is better. Where no n-gram of some order agrees, the score is
        0; this is so for BLEU-4 of a perfect caption of three tokens. An empty candidate scores 0.
        No clips give NaN.

    Source: Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation", ACL
        2002.
    Differs: pycocoevalcap adds 1e-15 to matches and 1e-9 to totals, which makes 0.03 of a perfect
        caption of three tokens; here nothing is added.

    Example:
        >>> captions = TokenizedCaptions(["a low calm voice".split()], [["a low voice".split()]])
        >>> [round(score.corpus, 4) for score in bleu(captions)]
        [0.75, 0.5, 0.0, 0.0]
    """
    n = captions.n_clips
    penalty_length = _closest_reference_length(captions)
    matches, totals = np.zeros((MAX_ORDER, n)), np.zeros((MAX_ORDER, n))
    for order, counts in enumerate(captions.ngrams):
        # Clipping by the greatest reference count is the greatest of the clipped counts.
        clipped = np.zeros(len(counts.pair_clip), dtype=np.int64)
        np.maximum.at(clipped, counts.pair, np.minimum(counts.shared_count, counts.reference_count))
        matches[order] = np.bincount(counts.pair_clip, clipped, n)
        totals[order] = np.maximum(captions.candidate_length - order, 0)
    per_clip = _bleu(matches, totals, captions.candidate_length, penalty_length)
    if n == 0:
        return tuple(CaptionScore(float("nan"), scores) for scores in per_clip)
    corpus = _bleu(
        matches.sum(axis=1, keepdims=True),
        totals.sum(axis=1, keepdims=True),
        captions.candidate_length.sum(keepdims=True),
        penalty_length.sum(keepdims=True),
    )
    return tuple(
        CaptionScore(float(whole[0]), scores)
        for whole, scores in zip(corpus, per_clip, strict=True)
    )


def _bleu(matches: Scores, totals: Scores, length: Numbers, reference_length: Numbers) -> Scores:
    """BLEU of every order, (order, column), from counts of shape (order, column)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        precision = np.where(matches > 0, matches / totals, 0.0)
        mean_log = np.cumsum(np.log(precision), axis=0) / np.arange(1, MAX_ORDER + 1)[:, None]
        penalty = np.exp(np.minimum(1 - reference_length / length, 0.0))
    scores: Scores = np.where(matches[:1] > 0, penalty * np.exp(mean_log), 0.0)
    return scores


def _closest_reference_length(captions: TokenizedCaptions) -> Numbers:
    distance = np.abs(
        captions.reference_length - captions.candidate_length[captions.reference_clip]
    )
    # Sorted by clip, then distance, then length: the first of each clip is the one.
    order = np.lexsort((captions.reference_length, distance, captions.reference_clip))
    _, first = np.unique(captions.reference_clip, return_index=True)
    closest: Numbers = captions.reference_length[order][first]
    return closest


def rouge_l(captions: TokenizedCaptions, beta: float = 1.2) -> CaptionScore:
    """ROUGE-L: a weighted F of the longest common subsequence.

    Args:
        captions: Candidates and references as tokens.
        beta: Weight of recall; 1.2 is that of COCO's caption scoring, 1 gives the plain F1.

    Returns:
        Mean over clips in [0, 1], higher is better. Among several references the greatest
        precision and the greatest recall are taken, each for itself. An empty candidate scores 0.
        No clips give NaN.

    Raises:
        ValueError: `beta` is not positive.

    Source: Lin, "ROUGE: A Package for Automatic Evaluation of Summaries", 2004; several references
        as in pycocoevalcap 1.2.
    Differs: the `rouge-score` package takes the greatest F over references instead.

    Example:
        >>> captions = TokenizedCaptions(["a low calm voice".split()], [["a low voice".split()]])
        >>> round(rouge_l(captions, beta=1).corpus, 4)  # precision 3/4, recall 1
        0.8571
    """
    if not beta > 0:
        raise ValueError(f"`beta` is not positive: got {beta}, expected for example 1.2 or 1.")
    common = np.array(
        [
            common_subsequence_length(captions.candidates[clip], reference)
            for clip, reference in zip(
                captions.reference_clip.tolist(), captions.references, strict=True
            )
        ],
        dtype=np.float64,
    )
    precision, recall = np.zeros(captions.n_clips), np.zeros(captions.n_clips)
    length = np.maximum(captions.candidate_length[captions.reference_clip], 1)
    np.maximum.at(precision, captions.reference_clip, common / length)
    np.maximum.at(recall, captions.reference_clip, common / captions.reference_length)
    weighted = recall + beta**2 * precision
    per_clip = np.zeros(captions.n_clips)
    np.divide((1 + beta**2) * precision * recall, weighted, out=per_clip, where=weighted > 0)
    return mean_score(per_clip)


def common_subsequence_length(first: list[int], second: list[int]) -> int:
    """The length of the longest common subsequence of two token lists.

    One bit per token of `first`: bits that are 0 after the last step count the common tokens.

    Source: Hyyrö, "Bit-parallel LCS-length computation revisited", 2004.

    Example:
        >>> common_subsequence_length([1, 2, 3, 4], [2, 9, 4, 1])
        2
    """
    if first == second:
        return len(first)
    positions: dict[int, int] = {}
    for position, token in enumerate(first):
        positions[token] = positions.get(token, 0) | 1 << position
    every = (1 << len(first)) - 1
    row = every
    for token in second:
        matched = row & positions.get(token, 0)
        row = (row + matched) | (row - matched)
    return len(first) - (row & every).bit_count()


def cider_d(captions: TokenizedCaptions) -> CaptionScore:
    """CIDEr-D: agreement in n-grams that are rare among the references of these clips.

    Counts of n-grams are weighted by log(clips / clips whose references have the n-gram), clipped
    at the reference's, and compared by cosine; a Gaussian punishes a difference in length. Means
    over orders 1 to 4, over references, and over clips, times 10.

    Args:
        captions: Candidates and references as tokens.

    Returns:
        Mean over clips in [0, 10], higher is better; 10 needs at least four tokens (three give 7.5
        at most). An empty candidate scores 0. Weights come from these references alone: scores of
        different test sets, and even of different parts of one, are not comparable.

    Raises:
        ValueError: There are fewer than two clips: every weight would be log(1) = 0.

    Warns:
        UserWarning: Fewer than 50 clips, or most clips share all their references' text with
            another, so that most weights say little.

    Source: Vedantam et al., "CIDEr: Consensus-based Image Description Evaluation", CVPR 2015
        (its variant D); length difference counted in bigrams as in pycocoevalcap 1.2.

    Example:
        >>> import warnings
        >>> warnings.simplefilter("ignore")
        >>> texts = ["a low calm voice".split(), "she shouts with anger".split()]
        >>> cider_d(TokenizedCaptions(texts, [[text] for text in texts])).per_clip.tolist()
        [10.0, 10.0]
    """
    n = captions.n_clips
    if n < 2:
        raise ValueError(
            f"CIDEr-D needs at least two clips: got {n}, and the rarity of an n-gram is counted "
            "over clips. Score the whole test set in one call."
        )
    _warn_where_rarity_says_little(captions)
    gap = _bigrams(captions.candidate_length)[captions.reference_clip] - _bigrams(
        captions.reference_length
    )
    closeness = np.exp(-(gap**2) / (2 * CIDER_SIGMA**2))
    similarity = np.mean([_cosine(captions, counts) for counts in captions.ngrams], axis=0)
    summed = np.bincount(captions.reference_clip, similarity * closeness, n)
    return mean_score(10 * summed / np.bincount(captions.reference_clip, minlength=n))


def _cosine(captions: TokenizedCaptions, counts: NgramCounts) -> Scores:
    """The clipped cosine of every reference with its clip's candidate, for one order."""
    n_clips_with = np.bincount(counts.pair_gram, minlength=counts.n_grams)
    rarity = log(captions.n_clips) - np.log(np.maximum(n_clips_with, 1))
    in_candidate = counts.candidate_count * rarity[counts.candidate_gram]
    candidate_norm = np.sqrt(np.bincount(counts.candidate_clip, in_candidate**2, captions.n_clips))
    weight = rarity[counts.pair_gram[counts.pair]]
    in_reference = counts.reference_count * weight
    n_references = len(captions.references)
    reference_norm = np.sqrt(np.bincount(counts.reference, in_reference**2, n_references))
    clipped = np.minimum(counts.shared_count * weight, in_reference) * in_reference
    dot = np.bincount(counts.reference, clipped, n_references)
    norms = candidate_norm[captions.reference_clip] * reference_norm
    # A caption without n-grams of this order, or with common ones only, agrees in nothing.
    cosine: Scores = np.divide(dot, norms, out=np.zeros(n_references), where=norms > 0)
    return cosine


def _bigrams(length: Numbers) -> Numbers:
    return np.maximum(length - 1, 0)


def _warn_where_rarity_says_little(captions: TokenizedCaptions) -> None:
    n_distinct = len({tuple(reference) for reference in captions.references})
    if captions.n_clips < _FEW_CLIPS:
        reason = f"there are only {captions.n_clips} clips"
    elif n_distinct < captions.n_clips / 2:
        reason = f"{captions.n_clips} clips share {n_distinct} distinct references"
    else:
        return
    warnings.warn(
        f"CIDEr-D says little here: {reason}, and it weighs n-grams by how few clips have them.",
        UserWarning,
        stacklevel=3,
    )
