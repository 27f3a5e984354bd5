"""What a chat model is asked about a clip, and the answer that the corpus gives."""

import re
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from datasets import ClassLabel, Features

from affecthub.entries import entry_of
from affecthub.errors import unknown_name

# Column that answers -> the question.
QUESTIONS = {
    "emotion": (
        "Which emotion does the person in this clip show? Answer with one of these words: {labels}."
    ),
    "open_vocabulary": (
        "Which emotions does the person in this clip show? "
        "Name every one that fits, separated by commas."
    ),
    "description": (
        "What do the voice, the face and the words in this clip say about how the person feels? "
        "Describe it."
    ),
    "sentiment": (
        "How does the person in this clip feel? Answer with a number{scale}: below zero for "
        "negative, above zero for positive, the further from zero the stronger."
    ),
}
# Text of a corpus must not count as a place for media.
_PLACEHOLDER = re.compile(r"<(image|video|audio)>")


def choose_answer(answer: str | None, rows: pa.Table, features: Features) -> str:
    """Choose the column that answers: the one asked for, or the first that the corpus has.

    Args:
        answer: A key of ``QUESTIONS``, or None.
        rows: Annotation rows.
        features: The corpus' columns.

    Raises:
        ValueError: The name is unknown.
    """
    if answer is not None:
        if answer not in QUESTIONS:
            raise unknown_name("`answer`", answer, QUESTIONS)
        return answer
    if features["emotion"].names:
        return "emotion"
    others = (name for name in QUESTIONS if name in rows.column_names)
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
    return QUESTIONS[answer].format(labels=", ".join(labels), scale=scale)


def answer_of(row: dict[str, Any], answer: str, features: Features) -> str | None:
    """A row's answer in words, None where the corpus has none.

    Example:
        >>> answer_of({"open_vocabulary": ["calm", "content"]}, "open_vocabulary", Features({}))
        'calm, content'
    """
    value = row[answer]
    if value is None or value == [] or value == "":
        return None
    if isinstance(value, list):
        return plain(", ".join(value))
    if isinstance(features.get(answer), ClassLabel):
        return features[answer].int2str(value)
    return f"{value:.4g}" if isinstance(value, float) else plain(value)


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
