"""What an answer amounts to: the functions that turn it into one item for each score of a task."""

from collections.abc import Mapping, Sequence
from typing import Any

from affecthub.labels import BASIC7
from affecthub.metrics.mer_unibench.sentences import words_said
from affecthub.metrics.replies.reading import read_reply
from affecthub.metrics.replies.values import Basic7
from affecthub.unibench import SETS

Row = Mapping[str, Any]
Item = dict[str, Any]

# What lmms-eval's clients write where an answer should be and a request failed for good.
_FAILED = "[LMMS_EVAL_REQUEST_FAILED"
_PRIMARY = {test_set.name: test_set.primary for test_set in SETS}
_REFERENCES = {"hit_rate": "emotion_name", "sentiment": "sentiment", "set_f": "open_vocabulary"}
# The scores of a set, by its primary one; the tasks name the same.
UNIBENCH_SCORES = {
    "hit_rate": ("score", "unanswered"),
    "sentiment": ("score", "accuracy", "unanswered"),
    "set_f": ("score", "set_precision", "set_recall", "unanswered"),
}
EMOS_SCORES = (
    *("accuracy", "weighted_f1", "macro_f1", "uar", "invalid_rate"),
    *("mean_confidence", "tier_difference", "ece"),
)
GOEMOTIONS_SCORES = ("goemotions_f1", "micro_f1", "jsd", "invalid_rate")


def unibench_answer(row: Row, results: Sequence[str]) -> dict[str, Item]:
    """The emotion words that a description of a clip of MER-UniBench names.

    Args:
        row: Of the corpus ``mer_unibench``, with ``emotion_name``.
        results: The answer first.

    Returns:
        Score to ``{"id", "set", "predicted", "reference", "why"}``: a list of words, None without
        an answer, beside the set's label, sentiment or label list, and why there is none.

    Source: AffectGPT paper (arXiv 2501.16566), section 4.
    Differs: the lexicon takes words out of sentences, where the paper asks a language model; a
        list of words is taken as it stands.

    Example:
        >>> row = {"id": "meld/1", "set": "meld", "emotion_name": "joy"}
        >>> unibench_answer(row, ["She laughs; she is delighted."])["score"]["predicted"]
        ['delighted']
    """
    text, why = _text(results)
    primary = _PRIMARY[row["set"]]
    item = {
        "id": row["id"],
        "set": row["set"],
        "predicted": None if why else words_said(text),
        "reference": row[_REFERENCES[primary]],
        "why": why,
    }
    return dict.fromkeys(UNIBENCH_SCORES[primary], item)


def emos_answer(row: Row, results: Sequence[str]) -> dict[str, Item]:
    """The one emotion of an answer to EmoS' first prompt, with its confidence.

    Args:
        row: Of ``emos`` in one of its static configurations, with ``emotion_name``.
        results: The answer first.

    Returns:
        Score to ``{"id", "predicted", "reference", "confidence", "tier", "status", "why"}``;
        several labels, or one of another set, are no answer.

    Source: EmoS, sections 4.1 and 4.3.
    """
    read, item = _basic7(row, results)
    item |= {
        "predicted": read.emotion if read else None,
        "reference": row["emotion_name"],
        "confidence": read.confidence if read else None,
        "tier": row.get("tier"),
    }
    return dict.fromkeys(EMOS_SCORES, item)


def goemotions_answer(row: Row, results: Sequence[str]) -> dict[str, Item]:
    """The fine labels of an answer to EmoS' first prompt; none where its main one is unreadable.

    Args:
        row: Of ``emos`` in its configuration ``goemotions``.
        results: The answer first.

    Returns:
        Score to ``{"id", "predicted", "reference", "outside", "status", "why"}``: labels, None
        without an answer, beside the shares of annotators who chose each label.

    Source: EmoS, section 4.2.
    """
    read, item = _basic7(row, results)
    item |= {
        "predicted": [stated.label for stated in read.goemotions] if read else None,
        "reference": list(row["probs"]),
        "outside": list(read.outside) if read else [],
    }
    return dict.fromkeys(GOEMOTIONS_SCORES, item)


def target(row: Row) -> str:
    """What lmms-eval logs as the answer that was hoped for."""
    for column in ("emotion_name", "sentiment", "open_vocabulary"):
        if row.get(column) not in (None, []):
            return str(row[column])
    return ""


def _basic7(row: Row, results: Sequence[str]) -> tuple[Basic7 | None, Item]:
    text, why = _text(results)
    if why:
        return None, {"id": row["id"], "status": "invalid", "why": why}
    reading = read_reply(text, "basic7", BASIC7)
    return reading.value, {"id": row["id"], "status": reading.status, "why": reading.why}


def _text(results: Sequence[str]) -> tuple[str, str]:
    """An answer without its reasoning, and why there is none."""
    answer = results[0] if results else ""
    if answer.startswith(_FAILED):
        return "", "request failed"
    reading = read_reply(answer, "text")
    return reading.value or "", reading.why
