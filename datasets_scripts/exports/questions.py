"""What a chat model is asked about a clip, and how its conversation is written."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, Protocol

import pyarrow as pa

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.rows.answers import answer_of
from affecthub.errors import unknown_name
from affecthub.questions import COLUMN_QUESTIONS

# Text of a corpus must not count as a place for media.
_PLACEHOLDER = re.compile(r"<(image|video|audio)>")


class Asked(NamedTuple):
    """What is asked about a clip.

    Attributes:
        column: The column that answers.
        question: In words.
        text: The transcript that is shown with it; None where there is none.
    """

    column: str
    question: str
    text: str | None


class Said(NamedTuple):
    """What is said about a clip, places of media left out.

    Attributes:
        column: The column that answers.
        asked: The user's turn.
        answer: The assistant's.
        is_shown: Whether the user's turn tells something of the clip without media.
        system: The turn before; "" for none.
    """

    column: str
    asked: str
    answer: str
    is_shown: bool
    system: str = ""


class Wording(Protocol):
    """Says of each row of a corpus what is asked and answered.

    Attributes:
        media: The media that are shown.
    """

    @property
    def media(self) -> frozenset[str]:
        """The media that are shown."""

    def said(self, row: Mapping[str, Any], features: Mapping[str, Any]) -> Said | str:
        """What is said about a finished row, or the column that it lacks for an answer."""


class Asking:
    """Chooses what each row of a corpus is asked.

    Without ``answer`` a corpus is asked for the first of our columns that it has. A view of several
    corpora is asked row by row: for the first column that the row has, in the labels and the scale
    of the corpus it comes from. Its own ``candidates`` go before a label set, its ``subtitle``
    before ``text``.

    Args:
        builder: The corpus.
        rows: All its annotation rows.
        answer: Column that answers, a key of ``COLUMN_QUESTIONS``; None chooses.
        question: What is asked, in place of our words.

    Raises:
        ValueError: ``answer`` is unknown.
    """

    def __init__(
        self, builder: CorpusBuilder, rows: pa.Table, answer: str | None, question: str | None
    ) -> None:
        if answer is not None and answer not in COLUMN_QUESTIONS:
            raise unknown_name("`answer`", answer, COLUMN_QUESTIONS)
        self._builder = builder
        self._question = question
        self._labels = builder.info.features["emotion"].names
        self._answer = answer
        self._first = "emotion" if self._labels else _first(rows)

    media = frozenset(("audio", "video"))

    def said(self, row: Mapping[str, Any], features: Mapping[str, Any]) -> Said | str:
        """What is said about a finished row, or the column that it lacks for an answer."""
        asked = self.about(dict(row))
        words = answer_of(row, features, [asked.column])
        if words is None:
            return asked.column
        user, _ = turns(asked.text, asked.question, "", ())
        return Said(asked.column, user["content"], plain(words), bool(asked.text))

    def about(self, row: dict[str, Any]) -> Asked:
        """What a finished row is asked."""
        source = self._builder.source_of(row)
        of_row = (column for column in COLUMN_QUESTIONS if row.get(column) not in (None, []))
        first = self._first if source.name == self._builder.CORPUS else next(of_row, "emotion")
        column = self._answer or first
        text = row.get("subtitle", row["text"])
        if self._question:
            return Asked(column, plain(self._question), text)
        labels = row.get("candidates") or self._labels
        return Asked(column, question_about(column, labels, source.sentiment), text)


def question_about(
    answer: str, labels: Sequence[str], scale: tuple[float, float] | None = None
) -> str:
    """Our question to which a column is the answer; it lists the labels, or the scale's ends.

    Example:
        >>> question_about("sentiment", (), (-3, 3))[:67]
        'How does the person in this clip feel? Answer with a number from -3'
    """
    ends = " from {} to {}".format(*scale) if scale else ""
    return COLUMN_QUESTIONS[answer].format(labels=", ".join(labels), scale=ends)


def _first(rows: pa.Table) -> str:
    """The first of our columns that any row has."""
    there = (name for name in COLUMN_QUESTIONS if name in rows.column_names)
    return next((name for name in there if rows[name].null_count < rows.num_rows), "emotion")


def turns(
    text: str | None, question: str, answer: str, media: Sequence[str]
) -> list[dict[str, str]]:
    r"""Write a clip as a user's turn and an assistant's.

    Args:
        text: Transcript; left out where there is none.
        question: What is asked.
        answer: What is answered.
        media: Kinds of media that the user shows, in order: "video", "audio".

    Example:
        >>> turns("Go!", "How does she feel?", "angry", ["audio"])[0]["content"]
        '<audio>The person says: Go!\nHow does she feel?'
    """
    said = f"The person says: {plain(text)}\n" if text else ""
    shown = "".join(f"<{kind}>" for kind in media)
    return [
        {"role": "user", "content": f"{shown}{said}{question}"},
        {"role": "assistant", "content": answer},
    ]


def plain(text: str) -> str:
    """Take the angle brackets off whatever looks like a place for media."""
    return _PLACEHOLDER.sub(r"\1", text)
