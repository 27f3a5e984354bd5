"""Votes to labels: the rules by which the corpora's papers turn several annotators into one label.

Arrays in, arrays out (see ``votes`` for their shapes); loops run over annotators or iterations,
never over clips.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from affecthub.annotation.votes import (
    MISSING,
    Floats,
    Ints,
    checked_sets,
    checked_votes,
    one_hot,
    two_dimensional,
)
from affecthub.errors import unknown_name

# Scores nearer than this are tied: the means of 0.7 and 0.3 and of 0.5 and 0.5 differ by rounding.
TIE = 1e-9
RULES = ("per_class", "sum")
TIE_BREAKS = ("voters", "first", "missing")


def weighted_vote(
    votes: ArrayLike,
    confidence: ArrayLike,
    n_classes: int,
    *,
    rule: Literal["per_class", "sum"] = "per_class",
    ties: Literal["voters", "first", "missing"] = "voters",
) -> tuple[Ints, Floats]:
    """Elect a label by votes that carry confidences.

    ``per_class`` is the equation as printed::

        x_k = (1 / N_k) * sum_i [y_i = k] * c_i        y = argmax_k x_k

    with N_k the votes for class k: the mean confidence of those who chose k, however many they
    are, so that one vote at 0.9 beats four at 0.7 and a hesitant supporter harms a class. ``sum``
    leaves out the division, which is what "weighted" most likely meant: support adds up. With all
    confidences 1 it is the plurality vote.

    Args:
        votes: Class numbers of shape (clip, annotator), ``MISSING`` for none.
        confidence: Same shape, finite and not negative where there is a vote (EmotionTalk: 0.1 to
            0.9).
        n_classes: Number of classes.
        rule: ``"per_class"`` as printed, or ``"sum"``.
        ties: Among the classes whose score is highest (within 1e-9): ``"voters"`` takes the one
            with most voters and then the first in class order, ``"first"`` the first in class
            order, ``"missing"`` none, for a further round of annotation.

    Returns:
        The label of each clip, ``MISSING`` without votes; and the scores x of shape (clip, class):
        NaN (``per_class``) or 0 (``sum``) for classes that nobody chose. No clips give empty
        arrays.

    Raises:
        ValueError: A vote is out of range, the shapes differ, a confidence is not usable, or the
            rule or the tie-break is unknown.

    Source: EmotionTalk, equations 1 and 2.
    Differs: the paper names no tie-break, and corrects some labels by discussion afterwards.

    Example:
        >>> votes, confidence = [[0, 0, 0, 0, 1]], [[0.7, 0.7, 0.7, 0.7, 0.9]]
        >>> for rule in ("per_class", "sum"):
        ...     print(*weighted_vote(votes, confidence, 2, rule=rule))
        [1] [[0.7 0.9]]
        [0] [[2.8 0.9]]
    """
    for kind, got, known in (("rule", rule, RULES), ("tie-break", ties, TIE_BREAKS)):
        if got not in known:
            raise unknown_name(kind, got, known)
    votes = checked_votes(votes, n_classes)
    weights = two_dimensional(confidence, "confidence").astype(float)
    if weights.shape != votes.shape:
        raise ValueError(
            f"`confidence`: got shape {weights.shape}, expected that of `votes`, {votes.shape}. "
            "Give one confidence per vote."
        )
    voted = votes != MISSING
    usable = np.isfinite(weights) & (weights >= 0)
    if not usable[voted].all():
        raise ValueError(
            f"`confidence` of a vote: got {weights[voted & ~usable][0]}, expected a finite number "
            "of at least 0. Mark votes without a confidence as MISSING."
        )
    indicator = one_hot(votes, n_classes)
    voters = indicator.sum(axis=1)
    scores = np.einsum("nrk,nr->nk", indicator, np.where(voted, weights, 0.0))
    if rule == "per_class":
        scores = np.divide(scores, voters, out=np.full_like(scores, np.nan), where=voters > 0)
    ranked = np.where(voters > 0, scores, -np.inf)
    tied = (voters > 0) & (ranked >= ranked.max(axis=1, keepdims=True, initial=-np.inf) - TIE)
    if ties == "voters":
        label = np.where(tied, voters, -1).argmax(axis=1)
    else:
        label = tied.argmax(axis=1)
    unelected = ~voted.any(axis=1)
    if ties == "missing":
        unelected |= tied.sum(axis=1) > 1
    return np.where(unelected, MISSING, label), scores


def mean_vote(scores: ArrayLike) -> Floats:
    """The mean of continuous votes: ``(1 / N) * sum_i s_i`` over the N votes of a clip.

    Args:
        scores: Shape (clip, annotator), NaN where an annotator gave none.

    Returns:
        Shape (clip,), in the votes' own range; NaN for clips without votes. No clips give an
        empty array.

    Source: EmotionTalk, section on emotion intensity: five annotators, -2 to 2, averaged.

    Example:
        >>> mean_vote([[-2, -1, -1, 0, 0]])
        array([-0.8])
    """
    scores = two_dimensional(scores, "scores").astype(float)
    voted = ~np.isnan(scores)
    n_votes = voted.sum(axis=1)
    total = np.where(voted, scores, 0.0).sum(axis=1)
    return np.divide(total, n_votes, out=np.full(len(scores), np.nan), where=n_votes > 0)


@dataclass(frozen=True)
class DawidSkene:
    """What Dawid and Skene's model says of clips and annotators.

    Attributes:
        posterior: Shape (clip, class), rows sum to 1; NaN for clips without votes.
        prior: Shape (class,): share of each class among the clips.
        confusion: Shape (annotator, true class, voted class): how often an annotator votes so
            when the class is true; a row of zeros where the annotator met no clip of a class.
        n_iterations: Iterations made.
    """

    posterior: Floats
    prior: Floats
    confusion: Floats
    n_iterations: int

    @property
    def label(self) -> Ints:
        """Most probable class of each clip, the first of equals; ``MISSING`` without votes."""
        return np.where(np.isnan(self.confidence), MISSING, self.posterior.argmax(axis=1))

    @property
    def confidence(self) -> Floats:
        """Highest posterior probability of each clip; NaN without votes."""
        return np.asarray(self.posterior.max(axis=1))


def dawid_skene(
    votes: ArrayLike, n_classes: int, *, max_iterations: int = 50, tolerance: float = 1e-6
) -> DawidSkene:
    """Estimate true classes and annotators' confusions together, by expectation maximisation.

    With y_ir the vote of annotator r for clip i::

        T_ik    = share of clip i's votes for class k                       (start)
        p_k     = mean_i T_ik                                               (M step)
        pi_rkj  = sum_i T_ik [y_ir = j] / sum_i T_ik [y_ir given]
        T_ik    = p_k prod_r pi_{r,k,y_ir} / sum_l p_l prod_r pi_{r,l,y_ir}  (E step)

    until the mean change of T is below ``tolerance``, at most ``max_iterations`` times. No
    smoothing. The limit matters: EmoS' Chinese batches have not converged after 50 iterations, and
    their confidences are those of the 50th.

    Args:
        votes: Class numbers of shape (clip, annotator), ``MISSING`` for none: it enters neither
            product nor sum. Clips without any vote do not count.
        n_classes: Number of classes. Order them by name to repeat EmoS.
        max_iterations: At least 1.
        tolerance: Mean absolute change of the posterior that ends the iteration.

    Returns:
        Posterior, prior, confusions. Without any vote, prior and confusions are 0 after 0
        iterations.

    Raises:
        ValueError: A vote is out of range, or there is no iteration to make.

    Source: Dawid and Skene (1979); EmoS, equation 1 (the confidence is the posterior's maximum).
    Differs: EmoS states neither start nor stop; these repeat its released confidences to 1e-13.

    Example:
        >>> found = dawid_skene([[0, 0, 0], [1, 1, 0], [1, 1, 1]], 2)
        >>> found.label
        array([0, 1, 1])
    """
    votes = checked_votes(votes, n_classes)
    if max_iterations < 1:
        raise ValueError(f"`max_iterations`: got {max_iterations}, expected at least 1.")
    posterior = np.full((len(votes), n_classes), np.nan)
    is_voted = (votes != MISSING).any(axis=1)
    given = votes[is_voted]
    indicator = one_hot(given, n_classes).astype(float)
    if not len(given):
        n_annotators = votes.shape[1]
        confusion = np.zeros((n_annotators, n_classes, n_classes))
        return DawidSkene(posterior, np.zeros(n_classes), confusion, 0)
    truth = indicator.sum(axis=1) / (given != MISSING).sum(axis=1, keepdims=True)
    for iteration in range(1, max_iterations + 1):  # noqa: B007 - the last one is reported
        prior = truth.mean(axis=0)
        confusion = np.einsum("nk,nrj->rkj", truth, indicator)
        n_met = confusion.sum(axis=2, keepdims=True)
        confusion = np.divide(confusion, n_met, out=confusion, where=n_met > 0)
        with np.errstate(divide="ignore"):
            log_prior, log_confusion = np.log(prior), np.log(confusion)
        log_joint = np.broadcast_to(log_prior, truth.shape).copy()
        for annotator, log_row in zip(given.T, log_confusion, strict=True):
            log_joint += np.where(annotator[:, None] == MISSING, 0.0, log_row[:, annotator].T)
        updated = np.exp(log_joint - log_joint.max(axis=1, keepdims=True))
        updated /= updated.sum(axis=1, keepdims=True)
        change = np.abs(updated - truth).mean()
        truth = updated
        if change < tolerance:
            break
    posterior[is_voted] = truth
    return DawidSkene(posterior, prior, confusion, iteration)


def soft_labels(chosen: ArrayLike) -> Floats:
    """For each label the share of annotators that chose it: ``p_c = n_c / N``.

    Args:
        chosen: Booleans of shape (clip, annotator, label). An annotator who chose nothing still
            counts in N, as in the release.

    Returns:
        Shape (clip, label), each in [0, 1]. Several labels may be chosen, so rows do not sum to 1.
        No clips or no annotators give zeros.

    Source: EmoS, section 3.2.2, soft labels of GoEmotions.

    Example:
        >>> soft_labels([[[True, False], [True, True]]])
        array([[1. , 0.5]])
    """
    chosen = checked_sets(chosen)
    return chosen.sum(axis=1) / max(chosen.shape[1], 1)


def quality_tiers(
    confidence: ArrayLike, *, high: float = 0.9, medium: float = 0.8
) -> NDArray[np.str_]:
    """Sort clips into tiers by the confidence of their label.

    Args:
        confidence: Shape (clip,).
        high: Least confidence of the tier ``"high"``.
        medium: Least confidence of the tier ``"medium"``; below is ``"low"``. EmoS' English part
            has two tiers, ``high=0.5, medium=0.5``.

    Returns:
        ``"high"``, ``"medium"``, ``"low"``, or ``""`` where the confidence is NaN.

    Source: EmoS, section 3.2.2 and Table 1. Its other way into the high tier, one label from all
        annotators, adds no clip: there Dawid and Skene's confidence is at least 0.99.

    Example:
        >>> quality_tiers([0.9, 0.85, 0.2]).tolist()
        ['high', 'medium', 'low']
    """
    values = np.asarray(confidence, dtype=float)
    return np.select(
        [values >= high, values >= medium, values < medium], ["high", "medium", "low"], ""
    )
