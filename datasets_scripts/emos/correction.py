"""MELD's basic labels corrected from GoEmotions annotations: the two procedures of EmoS.

EmoS corrected its first 3,000 MELD clips by the mass of the soft labels, the last 2,000 by votes
and Dawid-Skene. Their confidences share a column of the release but are different things: a share
of mass there, a posterior probability here. The released labels and reasons follow from these
functions without exception; the paper describes neither.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from affecthub.annotation.aggregation import TIE, dawid_skene
from affecthub.annotation.votes import Bools, Floats, Ints, checked_sets, checked_votes
from affecthub.labels import BASIC7, GOEMOTIONS_TO_BASIC7, GOEMOTIONS_WITH_UNSURE

# From here on a corrected label counts as confident.
CONFIDENT = 0.5


@dataclass(frozen=True)
class Correction:
    """Corrected labels, one per clip; classes are numbers into ``BASIC7``.

    Attributes:
        label: The corrected label.
        confidence: Share of the strongest class, also where the label is another one.
        reason: Why this label, in the words of the release.
        shares: Shape (clip, 7): share of mass or posterior probability of each class.
        changed: Whether the label differs from the original one.
    """

    label: Ints
    confidence: Floats
    reason: NDArray[np.str_]
    shares: Floats
    changed: Bools

    @property
    def best(self) -> Ints:
        """Strongest class, the alphabetically first of equals."""
        return ranking(self.shares)[:, 0]

    @property
    def second(self) -> Ints:
        """Second strongest class."""
        return ranking(self.shares)[:, 1]


def correct_by_mass(probabilities: ArrayLike, original: ArrayLike) -> Correction:
    """Correct labels by the mass that soft GoEmotions labels put on each basic emotion.

    With M the map ``GOEMOTIONS_TO_BASIC7["mass"]``, p the soft labels and o the original label::

        q_b = sum_{c: M(c) = b} p_c / sum_c p_c

    the label is, by the first rule that holds, for best and second the classes of highest q:

    - ``high_goemotion``: best, if q_best is at least 0.5;
    - ``agree_orig``: o, if it is best;
    - ``prefer_orig_second``: o, if it is second and ties with best;
    - ``prefer_orig_close``: o, if it ties with best;
    - ``override_low_conf``: best.

    Classes of equal q rank by name, so that a tie at 0.5 or more goes to anger whatever the
    original label says.

    Args:
        probabilities: Shape (clip, 29), the columns of ``GOEMOTIONS_WITH_UNSURE``; not negative.
        original: Class of the original label, shape (clip,).

    Returns:
        The correction; where a clip has no mass, the original label with confidence NaN and reason
        ``no_votes``. No clips give empty arrays.

    Raises:
        ValueError: The shapes do not fit, a class is out of range, or a probability is no number.

    Source: EmoS, section 3.2.2 and its release; the tolerance of the ties may be anything from
        rounding to 0.1 without changing a released label.

    Example:
        >>> p = np.zeros((1, 29))
        >>> p[0, [GOEMOTIONS_WITH_UNSURE.index(name) for name in ("joy", "pride", "anger")]] = 1 / 3
        >>> found = correct_by_mass(p, [BASIC7.index("anger")])
        >>> BASIC7[found.label[0]], found.confidence.round(3), found.reason
        ('joy', array([0.667]), array(['high_goemotion'], dtype='<U18'))
    """
    p = np.asarray(probabilities, dtype=float)
    if p.ndim != 2 or p.shape[1] != len(GOEMOTIONS_WITH_UNSURE):
        raise ValueError(
            f"`probabilities`: got shape {p.shape}, expected (clip, "
            f"{len(GOEMOTIONS_WITH_UNSURE)}). Give the columns of GOEMOTIONS_WITH_UNSURE."
        )
    if not (np.isfinite(p) & (p >= 0)).all():
        raise ValueError("`probabilities`: got a negative value or no number, expected 0 to 1.")
    original = _originals(original, len(p))
    rows = np.arange(len(p))
    mass = p @ _mapping("mass")
    total = mass.sum(axis=1, keepdims=True)
    shares = np.divide(mass, total, out=np.full_like(mass, np.nan), where=total > 0)
    best, second = ranking(shares)[:, :2].T
    behind = shares[rows, best] - shares[rows, original]
    rules = {
        "no_votes": total[:, 0] == 0,
        "high_goemotion": shares[rows, best] >= CONFIDENT - TIE,
        "agree_orig": best == original,
        "prefer_orig_second": (second == original) & (behind <= TIE),
        "prefer_orig_close": behind <= TIE,
    }
    reason = np.select(list(rules.values()), list(rules), "override_low_conf")
    takes_best = np.isin(reason, ["high_goemotion", "override_low_conf"])
    label = np.where(takes_best, best, original)
    return Correction(label, shares[rows, best], reason, shares, label != original)


def set_votes(chosen: ArrayLike, original: ArrayLike) -> Ints:
    """Turn each annotator's set of GoEmotions labels into one vote for a basic emotion.

    With M the map ``GOEMOTIONS_TO_BASIC7["vote"]`` and S the set::

        y = argmax_b |{c in S: M(c) = b}|

    A tie goes to the clip's original label if that is among the tied, else to the first by name;
    an empty set votes for the original label. Both let the original label into its own correction.

    Args:
        chosen: Booleans of shape (clip, annotator, 29), the labels of ``GOEMOTIONS_WITH_UNSURE``.
        original: Class of the original label, shape (clip,).

    Returns:
        Classes of ``BASIC7``, shape (clip, annotator).

    Raises:
        ValueError: The shapes do not fit, or a class is out of range.

    Source: the release of EmoS (columns ``basic_vote_*``).

    Example:
        >>> chosen = np.zeros((1, 2, 29), bool)
        >>> chosen[0, 0, [GOEMOTIONS_WITH_UNSURE.index(name) for name in ("anger", "fear")]] = True
        >>> [BASIC7[vote] for vote in set_votes(chosen, [BASIC7.index("fear")])[0]]
        ['fear', 'fear']
    """
    chosen = checked_sets(chosen)
    if chosen.shape[2] != len(GOEMOTIONS_WITH_UNSURE):
        raise ValueError(
            f"`chosen`: got {chosen.shape[2]} labels, expected {len(GOEMOTIONS_WITH_UNSURE)}. "
            "Give those of GOEMOTIONS_WITH_UNSURE."
        )
    original = _originals(original, len(chosen))
    counts = chosen.astype(int) @ _mapping("vote").astype(int)
    tied = counts == counts.max(axis=2, keepdims=True)
    original_is_tied = tied[np.arange(len(chosen)), :, original]
    return np.where(original_is_tied, original[:, None], tied.argmax(axis=2))


def correct_by_votes(votes: ArrayLike, original: ArrayLike) -> Correction:
    """Correct labels by Dawid and Skene's model over the votes of ``set_votes``.

    The label is the most probable class; the reason is ``ds_high_conf`` where its posterior is at
    least 0.5, else ``ds_low_conf``.

    Args:
        votes: Classes of ``BASIC7``, shape (clip, annotator), none missing.
        original: Class of the original label, shape (clip,): says only what changed.

    Returns:
        The correction. No clips give empty arrays.

    Raises:
        ValueError: The shapes do not fit, or a class is out of range or missing.

    Source: EmoS, equation 1 and its release.

    Example:
        >>> found = correct_by_votes([[0, 0, 0], [3, 3, 0], [3, 3, 3]], [4, 3, 3])
        >>> [BASIC7[label] for label in found.label], found.changed.tolist()
        (['anger', 'joy', 'joy'], [True, False, False])
    """
    votes = checked_votes(votes, len(BASIC7))
    if (votes < 0).any():
        raise ValueError("`votes`: got a missing vote, expected none. Make them by set_votes.")
    original = _originals(original, len(votes))
    model = dawid_skene(votes, len(BASIC7))
    reason = np.where(model.confidence >= CONFIDENT, "ds_high_conf", "ds_low_conf")
    return Correction(
        model.label, model.confidence, reason, model.posterior, model.label != original
    )


def ranking(shares: Floats) -> Ints:
    """The classes of each row from strongest to weakest, equal ones in class order.

    Args:
        shares: Shape (clip, class). Values that differ by rounding alone count as equal.

    Example:
        >>> ranking(np.array([[0.2, 0.1 + 0.3, 0.4]]))
        array([[1, 2, 0]])
    """
    return np.argsort(-shares.round(9), axis=1, kind="stable")


def _mapping(name: str) -> Floats:
    """A map of GoEmotions' labels to basic emotions as a matrix of shape (29, 7)."""
    basic = GOEMOTIONS_TO_BASIC7[name]
    columns = [BASIC7.index(basic[label]) for label in GOEMOTIONS_WITH_UNSURE]
    return np.eye(len(BASIC7))[columns]


def _originals(original: ArrayLike, n_clips: int) -> Ints:
    array = np.asarray(original).reshape(-1)
    if len(array) != n_clips:
        raise ValueError(
            f"`original`: got {len(array)} labels, expected {n_clips}. Give one per clip."
        )
    array = checked_votes(array[:, None], len(BASIC7))[:, 0]
    if (array < 0).any():
        raise ValueError("`original`: got a missing label, expected one for each clip.")
    return array
