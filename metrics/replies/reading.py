"""Reading an answer of a language model into a value, by the form that was asked for."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from affecthub.errors import unknown_name
from affecthub.labels import GOEMOTIONS_WITH_UNSURE
from affecthub.metrics.replies.basic7 import as_text, read_basic7
from affecthub.metrics.replies.fields import find_fields
from affecthub.metrics.replies.keys import TEXT
from affecthub.metrics.replies.lenient_json import TooDeepError
from affecthub.metrics.replies.one_label import (
    read_confidence_reply,
    read_one_of,
    read_sentiment,
)
from affecthub.metrics.replies.scores import read_score
from affecthub.metrics.replies.several import read_labels
from affecthub.metrics.replies.streams import read_stream
from affecthub.metrics.replies.unwrapping import unwrapped
from affecthub.metrics.replies.values import Reading

Labels = Sequence[str] | None

EMPTY, ONLY_THOUGHTS, TOO_DEEP = "empty", "only thoughts", "nested too deep"
STATUSES = ("json", "lenient_json", "plain", "loose", "invalid")


def _one_of(text: str, labels: Labels, aliases: bool) -> Reading:
    if labels is None:
        raise ValueError(
            "`labels` is missing: got none for the form one_of, expected the labels to choose from."
        )
    return read_one_of(text, labels, aliases)


def _goemotions(text: str, labels: Labels, aliases: bool) -> Reading:
    return read_labels(text, labels or GOEMOTIONS_WITH_UNSURE, aliases)


def _text(text: str, labels: Labels, aliases: bool) -> Reading:
    if text.startswith("{"):
        fields = find_fields(text, TEXT)
        if fields and (said := as_text(fields.values[TEXT])):
            return Reading(said, fields.status, "", dict(fields.notes))
    return Reading(text, "plain")


# Form -> its reader. What each gives is said in `read_reply`.
_READERS: dict[str, Callable[[str, Labels, bool], Reading]] = {
    "labels": read_labels,
    "one_of": _one_of,
    "basic7": read_basic7,
    "goemotions": _goemotions,
    "stream": read_stream,
    "sentiment": read_sentiment,
    "score": read_score,
    "confidence": read_confidence_reply,
    "text": _text,
}
FORMS = tuple(_READERS)


def read_reply(text: str, form: str, labels: Labels = None, aliases: bool = False) -> Reading:
    """Read an answer.

    Thoughts, tags and fences are left out first (`unwrapping.unwrapped`). Then JSON is looked for,
    the first object or list that can be used; then lines such as "Label: joy", in English and
    Chinese; then, where that is allowed, the text is searched.

    Args:
        text: The answer as it came.
        form: What was asked for, of `FORMS`; it says what the reading's value is.

            - ``labels``: labels as written with confidences, a tuple of `Stated`. Within `labels`
              where they are given, in their spelling.
            - ``one_of``: one of `labels`, a `Stated`.
            - ``basic7``: a `Basic7`; its emotion is of `labels`, by default the basic seven.
            - ``goemotions``: GoEmotions' labels or ``unsure``, a tuple of `Stated`.
            - ``stream``: a `Stream`.
            - ``sentiment``: ``"positive"``, ``"negative"`` or ``"neutral"``, by their English and
              Chinese names; one of `labels` where they are given.
            - ``score``: a float in [-1, 1].
            - ``confidence``: a label, of `labels` where they are given, with the confidence that
              was stated, a `Stated`.
            - ``text``: the text without thoughts.
        labels: The set to choose from; see `form`.
        aliases: Whether other names of the same emotion stand for a label: happy, 高兴 for joy.

    Returns:
        The value with a status: ``json``; ``lenient_json`` where the JSON had to be mended;
        ``plain`` for a word, a list or lines; ``loose`` where the label stands somewhere in
        sentences; ``invalid`` with the reason otherwise. An answer that names several labels
        where one was asked for is invalid; of several objects, or lines of one name, the first
        counts. Notes count what was found wrong and left as it is:
        ``outside``, ``duplicates``, ``confidence_absent``, ``confidence_unreadable``,
        ``confidence_out_of_range``, ``numbers_alone``, ``closed`` (JSON without an end),
        ``cut_label``; of streams ``unordered``, ``overlaps``, ``backwards``, ``no_time``,
        ``primary_outside``, ``secondary_outside``, ``dominant_outside``,
        ``intensity_out_of_range``, ``intensity_unreadable``. No text raises.

    Raises:
        TypeError: `text` is no text, or `labels` is one.
        ValueError: The form is unknown, or lacks the labels that it needs.

    Source: EmoS, appendix I, whose prompt A asks for JSON and for plain lines at once.
    Differs: EmoS counts what cannot be read as wrong and does not say how it reads.

    Example:
        >>> read_reply("<think>A smile.</think>{'emotion': 'Joy', 'confidence': 90%}", "basic7")
        ... # doctest: +NORMALIZE_WHITESPACE
        Reading(value=Basic7(emotion='joy', confidence=0.9, goemotions=(), outside=(),
            evidence='', rationale=''), status='lenient_json', why='', notes={})
        >>> read_reply("joy, or anger?", "one_of", ("joy", "anger")).why
        'several labels'
    """
    if form not in _READERS:
        raise unknown_name("form of answer", form, FORMS)
    if not isinstance(text, str):
        raise TypeError(f"`text` is no answer: got {text!r} ({type(text).__name__}).")
    answer = unwrapped(text)
    if not answer:
        return Reading(None, "invalid", ONLY_THOUGHTS if text.strip() else EMPTY)
    try:
        return _READERS[form](answer, labels, aliases)
    except TooDeepError:
        return Reading(None, "invalid", TOO_DEEP)


def shares(readings: Iterable[Reading]) -> dict[str, Any]:
    """How well answers could be read, for a report.

    Returns:
        ``n``; the share in [0, 1] of each of `STATUSES`, 0 without answers; ``why``, how often each
        reason made an answer invalid; and ``notes``, how often each thing was found wrong; both
        with the most frequent first.

    Example:
        >>> found = shares([read_reply("joy", "one_of", ["joy"]), read_reply("", "text")])
        >>> found["plain"], found["invalid"], found["why"]
        (0.5, 0.5, {'empty': 1})
    """
    statuses: Counter[str] = Counter()
    why: Counter[str] = Counter()
    notes: Counter[str] = Counter()
    for reading in readings:
        statuses[reading.status] += 1
        if reading.why:
            why[reading.why] += 1
        if reading.notes:
            notes.update(reading.notes)
    n = statuses.total()
    shown = {status: statuses[status] / n if n else 0.0 for status in STATUSES}
    return {"n": n, **shown, "why": dict(why.most_common()), "notes": dict(notes.most_common())}
