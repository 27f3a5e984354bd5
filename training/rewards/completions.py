"""What a completion says: its thought, its answer, the labels of the answer."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from affecthub.metrics.parsing import cut


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
        return "".join(part.get("text") or "" for part in content)
    raise TypeError(
        f"a completion: got {completion!r} ({type(completion).__name__}), expected text or messages"
    )


def said(completion: Any) -> Said:
    """Take a completion apart, in time that grows with its length and no faster.

    Example:
        >>> said("<think>She smiles.</think><answer>happy</answer>")
        Said(thought='She smiles.', answer='happy')
        >>> said([{"role": "assistant", "content": "happy, calm"}]).answer
        'happy, calm'
    """
    text = text_of(completion)
    before, opened, rest = text.partition("<think>")
    thought, _, after = rest.partition("</think>")
    closing = text.rfind("</answer>")
    opening = text.rfind("<answer>", 0, closing) if closing >= 0 else -1
    if opening >= 0:
        answer = text[opening + len("<answer>") : closing]
    elif "<answer>" in text:  # cut off
        answer = text.rpartition("<answer>")[2]
    else:
        answer = before + after if opened else text
    return Said(thought.strip(), answer.strip())


def written_labels(completion: Any) -> list[str]:
    """What stands between the separators of a completion's answer, in its own spelling."""
    answer = said(completion).answer
    # A lone bracket: a completion that was cut off says nothing.
    return [] if answer == "[" else cut(answer, "any")
