"""Sentiment: polarity by words or numbers against intensities, scored the ways the field does."""

import warnings
from collections.abc import Iterable, Sequence
from math import isfinite, isnan
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from affecthub.errors import unknown_name
from affecthub.metrics.answers.confusion import INVALID, Confusion
from affecthub.metrics.parsing import STYLES, Style
from affecthub.metrics.plain_values import plain
from affecthub.metrics.sentiment.polarity import read_polarity, read_reference

Invalid = Literal["negative", "wrong"]
Item = str | float | None
Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

INVALIDS: tuple[Invalid, ...] = ("negative", "wrong")
# Least and greatest intensity: CH-SIMS, EmotionTalk, CMU-MOSI and CMU-MOSEI.
VALUE_RANGES = ((-1, 1), (-2, 2), (-3, 3))

_RELEASED = {"positive": 1.0, "negative": -1.0, "neutral": 0.0}
# Upper ends of the intervals of CH-SIMS: strongly and weakly negative, neutral, and so on.
_SIMS_FIVE = (-0.7, -0.1, 0.1, 0.7)
_SIMS_THREE = (-0.1, 0.1)
_NO_INTENSITY = {
    **dict.fromkeys(("acc_5", "acc_7", "mae", "pearson", "ccc")),
    "n_numbers": 0,
}


def sentiment(
    predictions: Iterable[object],
    references: Iterable[object],
    *,
    value_range: Sequence[int] | None = None,
    style: Style = "any",
    invalid: Invalid = "negative",
) -> dict[str, Any]:
    """Weighted F1, accuracy and the other scores of sentiment polarity and intensity.

    A clip whose reference is 0 is left out. Of the others, prediction and reference are positive
    above 0 and negative otherwise: a predicted neutral counts as negative.

    Args:
        predictions: One answer per clip: a number, a polarity word or a text that holds one, or
            None.
        references: One number or polarity word per clip.
        value_range: Least and greatest intensity, (-3, 3), (-2, 2) or (-1, 1), for the intensity
            classes; ``affecthub data labels`` says it of each corpus. None for no classes.
        style: ``"any"`` reads positive, negative and neutral, emotions that have a sign, and
            numbers, in any case, English or Chinese, inside a sentence too; a text with two signs
            is invalid. ``"released"`` reads as the published code does: the three words exactly as
            written here; any other text is invalid.
        invalid: An answer that cannot be read is ``"negative"``, as in the published code, or
            ``"wrong"`` whatever the reference.

    Returns:
        All in [0, 1], higher is better, unless said otherwise.

        - ``sentiment``, the weighted F1 (WAF), ``acc`` (accuracy, also called Acc-2
          negative/positive), ``macro_f1``, ``balanced_acc``: over the ``n_scored`` clips with a
          reference other than 0, means over the classes among these; ``macro_f1_sklearn`` over
          the predicted classes too, as scikit-learn takes it.
        - ``acc_2_with_zero``, ``waf_with_zero``: over all clips, negative against the rest, as
          MMSA does; under the range (-1, 1) positive against the rest, as it does for CH-SIMS.
        - ``acc_3``, ``waf_3``: accuracy and weighted F1 of negative, neutral and positive, over all
          clips. Under (-1, 1) neutral is above -0.1 and up to 0.1, as MMSA takes it for CH-SIMS
          (``Mult_acc_3``); elsewhere it is 0. An invalid answer is wrong. None without the range.
        - ``acc_5``, ``acc_7``: over all clips, by rounding (half to even) after clipping to
          [-2, 2] and [-3, 3]; under (-1, 1), ``acc_5`` by the intervals of CH-SIMS. An invalid
          answer is wrong. None without the range, where it does not reach the class, or where a
          prediction or a reference is a word.
        - ``mae`` (0 and more, lower is better), ``pearson`` and ``ccc`` (in [-1, 1]): over the
          ``n_numbers`` clips whose prediction is a number; under (-1, 1) clipped to it first.
          None where undefined, or where a prediction or a reference is a word.
        - ``n_clips``, ``n_scored``, ``n_invalid`` and ``n_neutral`` (answers unread and neutral
          among those scored), ``value_range``, ``style``, ``invalid``.

        Without a clip to score the first scores are NaN, with a UserWarning.

    Raises:
        ValueError: Lengths differ, a reference cannot be read or is outside `value_range`, or an
            option is unknown.
        TypeError: An item is neither number nor text.

    Source: AffectGPT (arXiv 2501.16566), section 4, sentiment analysis: WAF and ACC, below 0
        negative, above 0 positive; the scoring code of MER-UniBench for neutral and unread
        answers. MMSA at 177bc046, `MetricsTop`, for intensity; Lin (1989) for CCC.
    Differs: where every reference is 0 the published code raises an IndexError.

    Example:
        >>> scores = sentiment(["Positive", "积极", "neutral", "?"], [1.2, -0.4, -2, 0])
        >>> scores["acc"].__round__(3), scores["n_scored"], scores["n_neutral"], scores["mae"]
        (0.667, 3, 1, None)
        >>> sentiment([2.6, -1.2, 0.4], [3, -1, -0.2], value_range=(-3, 3))["acc_7"]
        1.0
    """
    limit = _limit(value_range)
    if style not in STYLES:
        raise unknown_name("style", style, STYLES)
    if invalid not in INVALIDS:
        raise unknown_name("invalid", invalid, INVALIDS)
    predicted_items = [as_polarity(item, f"predictions[{i}]") for i, item in enumerate(predictions)]
    reference_items = [as_polarity(item, f"references[{i}]") for i, item in enumerate(references)]
    if len(predicted_items) != len(reference_items):
        raise ValueError(
            f"`predictions` and `references` differ in length: got {len(predicted_items)} "
            f"predictions for {len(reference_items)} references. Align them by clip first."
        )
    reference, is_word = _references(reference_items, limit)
    read = [_read(item, style, limit) for item in predicted_items]
    predicted = np.array([value for value, _ in read], dtype=np.float64)
    has_words = is_word or any(word for _, word in read)

    scored, is_read = reference != 0, ~np.isnan(predicted)
    confusion = _binary(reference[scored] > 0, predicted[scored] > 0, is_read[scored], invalid)
    if not confusion.n_clips:
        warnings.warn(
            f"sentiment is nan: none of {len(reference)} clips has a reference other than 0.",
            UserWarning,
            stacklevel=2,
        )
    return {
        "sentiment": confusion.weighted_f1,
        "acc": confusion.accuracy,
        "macro_f1": confusion.macro_f1,
        "macro_f1_sklearn": confusion.macro_f1_sklearn,
        "balanced_acc": confusion.uar,
        **_with_zero(reference, predicted, is_read, invalid, limit),
        **_three_classes(reference, predicted, is_read, limit),
        **(_NO_INTENSITY if has_words else _intensity(predicted, reference, limit)),
        "n_clips": len(reference),
        "n_scored": confusion.n_clips,
        "n_invalid": int((scored & ~is_read).sum()),
        "n_neutral": int((scored & (predicted == 0)).sum()),
        "value_range": None if value_range is None else list(value_range),
        "style": style,
        "invalid": invalid,
    }


def sign_counts(predictions: Sequence[object], references: Sequence[object]) -> Counts:
    """The sign of every clip's reference against that of its answer, what WAF is made of.

    Args:
        predictions: One answer per clip, as in `sentiment`.
        references: One number or polarity word per clip.

    Returns:
        int64 of shape ``(clip, 2, 2)``: a single 1 at reference and answer, negative first; an
        unread or neutral answer is negative. Nothing where the reference is 0.

    Raises:
        ValueError: As `sentiment`.
        TypeError: As `sentiment`.

    Example:
        >>> sign_counts(["positive", None], [-0.4, 0]).tolist()
        [[[0, 1], [0, 0]], [[0, 0], [0, 0]]]
    """
    answers = [as_polarity(item, f"predictions[{i}]") for i, item in enumerate(predictions)]
    golden = [as_polarity(item, f"references[{i}]") for i, item in enumerate(references)]
    reference, _ = _references(golden, None)
    predicted = np.array([_read(item, "any", None)[0] for item in answers], np.float64)
    counts = np.zeros((len(reference), 2, 2), np.int64)
    scored = np.flatnonzero(reference != 0)
    # NaN, an answer that cannot be read, is not above 0 either.
    counts[scored, (reference[scored] > 0).astype(int), (predicted[scored] > 0).astype(int)] = 1
    return counts


def as_polarity(value: object, where: str) -> Item:
    """A clip's value as float, text or None, or a TypeError that says what is wrong.

    Args:
        value: What the caller passed for one clip; NaN and infinity are no answer.
        where: The argument and position, for the error.
    """
    value = plain(value)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value) if isfinite(value) else None
    raise TypeError(
        f"`{where}` is no sentiment: got {value!r} ({type(value).__name__}), expected a number, a "
        "text or None."
    )


def _read(item: Item, style: Style, limit: int | None) -> tuple[float, bool]:
    """An answer as a number, NaN where it cannot be read, and whether it is a word."""
    if not isinstance(item, str):
        return (float("nan") if item is None else item), False
    if style == "released":
        return _RELEASED.get(item, float("nan")), item in _RELEASED
    return read_polarity(item, limit)


def _references(items: list[Item], limit: int | None) -> tuple[Floats, bool]:
    """The references as numbers, and whether there is a word among them."""
    read = [
        read_reference(item, limit) if isinstance(item, str) else _read(item, "any", limit)
        for item in items
    ]
    for clip, (item, (value, _)) in enumerate(zip(items, read, strict=True)):
        if isnan(value):
            raise ValueError(
                f"`references[{clip}]` is no sentiment: got {item!r}, expected a number or one of "
                "positive, negative, neutral. Leave clips without a gold label out."
            )
        if limit is not None and abs(value) > limit:
            raise ValueError(
                f"`references[{clip}]` is out of range: got {item!r}, expected {-limit} to "
                f"{limit}. Pass the corpus' own `value_range`."
            )
    return np.array([value for value, _ in read], dtype=np.float64), any(w for _, w in read)


def _limit(value_range: Sequence[int] | None) -> int | None:
    if value_range is None:
        return None
    if tuple(value_range) not in VALUE_RANGES:
        raise ValueError(
            f"`value_range` is unknown: got {value_range!r}, expected None or one of "
            f"{', '.join(map(str, VALUE_RANGES))}."
        )
    return int(value_range[1])


def _binary(
    reference: NDArray[np.bool_],
    predicted: NDArray[np.bool_],
    is_read: NDArray[np.bool_],
    invalid: Invalid,
) -> Confusion:
    """Count two classes; what is not read is class 0, the negative one, or no class."""
    unread = 0 if invalid == "negative" else INVALID
    return Confusion.of(reference, np.where(is_read, predicted, unread), n_classes=2)


def _with_zero(
    reference: Floats,
    predicted: Floats,
    is_read: NDArray[np.bool_],
    invalid: Invalid,
    limit: int | None,
) -> dict[str, float]:
    above = np.greater if limit == 1 else np.greater_equal
    confusion = _binary(above(reference, 0), above(predicted, 0), is_read, invalid)
    return {"acc_2_with_zero": confusion.accuracy, "waf_with_zero": confusion.weighted_f1}


def _three_classes(
    reference: Floats, predicted: Floats, is_read: NDArray[np.bool_], limit: int | None
) -> dict[str, float | None]:
    """Score negative, neutral and positive; what is not read is none of them."""
    if limit is None or not len(reference):
        return {"acc_3": None, "waf_3": None}
    confusion = Confusion.of(
        _sign_class(reference, limit),
        np.where(is_read, _sign_class(predicted, limit), INVALID),
        n_classes=3,
    )
    return {"acc_3": confusion.accuracy, "waf_3": confusion.weighted_f1}


def _sign_class(values: Floats, limit: int) -> NDArray[np.intp]:
    """Negative 0, neutral 1, positive 2; each interval of CH-SIMS has its upper end."""
    if limit == 1:
        return np.searchsorted(_SIMS_THREE, values, side="left")
    return np.nan_to_num(np.sign(values)).astype(np.intp) + 1


def _intensity(
    predicted: Floats, reference: Floats, limit: int | None
) -> dict[str, float | int | None]:
    """Score intensities; NaN predictions are wrong as classes and left out as numbers."""
    if limit == 1:
        predicted, reference = np.clip(predicted, -1, 1), np.clip(reference, -1, 1)
    is_number = ~np.isnan(predicted)
    x, y = predicted[is_number], reference[is_number]
    return {
        "acc_5": _class_accuracy(predicted, reference, limit, 2) if limit else None,
        "acc_7": _class_accuracy(predicted, reference, limit, 3) if limit == 3 else None,
        "mae": float(np.mean(np.abs(x - y))) if len(x) else None,
        **_correlations(x, y),
        "n_numbers": len(x),
    }


def _class_accuracy(predicted: Floats, reference: Floats, limit: int, top: int) -> float | None:
    """The share of clips in the right class of 2 `top` + 1; see `_level`."""
    agree = _level(predicted, limit, top) == _level(reference, limit, top)
    return float(np.mean(agree & ~np.isnan(predicted))) if len(reference) else None


def _level(values: Floats, limit: int, top: int) -> Floats:
    """The intensity class of each value; NaN has none that counts."""
    if limit == 1:
        return np.searchsorted(_SIMS_FIVE, values, side="left").astype(np.float64)
    return np.asarray(np.round(np.clip(values, -top, top)), dtype=np.float64)


def _correlations(x: Floats, y: Floats) -> dict[str, float | None]:
    """Pearson's r and Lin's concordance: 2 cov / (var + var + (mean - mean)^2)."""
    varies = len(x) and np.ptp(x) > 0, len(y) and np.ptp(y) > 0
    if not any(varies):
        return {"pearson": None, "ccc": None}
    dx, dy = x - x.mean(), y - y.mean()
    covariance, var_x, var_y = (float(np.mean(a * b)) for a, b in ((dx, dy), (dx, dx), (dy, dy)))
    return {
        "pearson": covariance / (var_x * var_y) ** 0.5 if all(varies) else None,
        "ccc": 2 * covariance / (var_x + var_y + float(x.mean() - y.mean()) ** 2),
    }
