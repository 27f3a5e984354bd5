"""What a completion says: its thought, its answer, the labels of the answer."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from affecthub.metrics.parsing import parse_labels

_THOUGHT = re.compile(r"<think>(.*?)(?:</think>|$)", re.DOTALL)
_ANSWER = re.compile(r"<answer>(.*?)</answer>", re.DOTALL)
_OPEN = re.compile(r"<answer>(.*)$", re.DOTALL)


class Said(NamedTuple):
    """A completion taken apart.

    Attributes:
        thought: What stands in ``<think>``; empty where there is none.
        answer: What stands in the last ``<answer>``, closed or cut off; without one, all that is
            no thought.
    """

    thought: str
    answer: str


def text_of(completion: Any) -> str:
    """The text of a completion: itself, or the content of the last of its messages.

    Raises:
        TypeError: It is neither.
    """
    if isinstance(completion, str):
        return completion
    if isinstance(completion, Sequence) and completion and isinstance(completion[-1], dict):
        content = completion[-1].get("content") or ""
        if isinstance(content, str):
            return content
        return "".join(part.get("text", "") for part in content)
    raise TypeError(
        f"a completion: got {completion!r} ({type(completion).__name__}), expected text or messages"
    )


def said(completion: Any) -> Said:
    """Take a completion apart.

    Example:
        >>> said("<think>She smiles.</think><answer>happy</answer>")
        Said(thought='She smiles.', answer='happy')
        >>> said([{"role": "assistant", "content": "happy, calm"}]).answer
        'happy, calm'
    """
    text = text_of(completion)
    thought = _THOUGHT.search(text)
    answers = _ANSWER.findall(text) or _OPEN.findall(text) or [_THOUGHT.sub("", text)]
    return Said(thought[1].strip() if thought else "", answers[-1].strip())


def labels_in(completions: Sequence[Any]) -> list[list[str]]:
    """The labels of each answer, as written and as often as written."""
    return [_labels(said(completion).answer) for completion in completions]


def _labels(answer: str) -> list[str]:
    try:
        return parse_labels(answer)
    except ValueError:  # a lone bracket: a completion that was cut off says nothing
        return []
