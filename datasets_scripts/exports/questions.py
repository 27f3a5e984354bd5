"""What a chat model is asked about a clip, and how its conversation is written."""

import re
from collections.abc import Sequence

import pyarrow as pa
from datasets import Features

from affecthub.entries import entry_of
from affecthub.errors import unknown_name
from affecthub.questions import COLUMN_QUESTIONS

# Text of a corpus must not count as a place for media.
_PLACEHOLDER = re.compile(r"<(image|video|audio)>")


def choose_answer(answer: str | None, rows: pa.Table, features: Features) -> str:
    """Choose the column that answers: the one asked for, or the first that the corpus has.

    Args:
        answer: A key of ``COLUMN_QUESTIONS``, or None.
        rows: Annotation rows.
        features: The corpus' columns.

    Raises:
        ValueError: The name is unknown.
    """
    if answer is not None:
        if answer not in COLUMN_QUESTIONS:
            raise unknown_name("`answer`", answer, COLUMN_QUESTIONS)
        return answer
    if features["emotion"].names:
        return "emotion"
    others = (name for name in COLUMN_QUESTIONS if name in rows.column_names)
    return next((name for name in others if rows[name].null_count < rows.num_rows), "emotion")


def question_about(answer: str, corpus: str, features: Features) -> str:
    """Our question to which a column is the answer; it lists the labels, or the scale's ends.

    Example:
        >>> question_about("sentiment", "cmu_mosi", Features({}))[:67]
        'How does the person in this clip feel? Answer with a number from -3'
    """
    labels = features["emotion"].names if answer == "emotion" else ()
    ends = entry_of(corpus).sentiment
    scale = " from {} to {}".format(*ends) if ends else ""
    return COLUMN_QUESTIONS[answer].format(labels=", ".join(labels), scale=scale)


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
