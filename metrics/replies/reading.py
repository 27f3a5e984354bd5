"""Reading an answer of a language model into a value, by the form that was asked for."""

import json
from collections.abc import Callable, Sequence

from affecthub.errors import unknown_name
from affecthub.metrics.answers.label_in_text import AnswerReader, names_of
from affecthub.metrics.parsing import normalise, parse_labels
from affecthub.metrics.replies.values import Reading, Stated

Labels = Sequence[str] | None


def _text(text: str, labels: Labels, aliases: bool) -> Reading:
    return Reading(text.strip(), "plain") if text.strip() else Reading(None, "invalid", "empty")


def _labels(text: str, labels: Labels, aliases: bool) -> Reading:
    try:
        found, status = parse_labels(json.loads(text)), "json"
    except (ValueError, TypeError):
        found, status = parse_labels(text), "plain"
    return Reading(tuple(Stated(label) for label in dict.fromkeys(found)), status)


def _one_of(text: str, labels: Labels, aliases: bool) -> Reading:
    spelled = {normalise(label, "any"): label for label in labels or ()}
    if normalise(text, "any") in spelled:
        return Reading(Stated(spelled[normalise(text, "any")]), "plain")
    found = AnswerReader(names_of(spelled.values()))(text)
    return Reading(Stated(found), "loose") if found else Reading(None, "invalid", "no label")


# Form -> its reader. What each gives is said in `read_reply`.
_READERS: dict[str, Callable[[str, Labels, bool], Reading]] = {
    "labels": _labels,
    "one_of": _one_of,
    "text": _text,
}
FORMS = (
    "labels",
    "one_of",
    "basic7",
    "goemotions",
    "stream",
    "sentiment",
    "score",
    "confidence",
    "text",
)


def read_reply(text: str, form: str, labels: Labels = None, aliases: bool = False) -> Reading:
    """Read an answer."""
    if form not in FORMS:
        raise unknown_name("form", form, FORMS)
    return _READERS[form](text, labels, aliases)
