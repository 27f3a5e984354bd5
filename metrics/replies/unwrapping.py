"""What of an answer is the answer: without thoughts, tags, fences and a chat's own marks.

Every step reads the text once, so that the time grows with its length and no faster.
"""

import re

# `[THINK]` and `◁think▷` are other families' spellings of `<think>`.
_thought = re.compile(
    r"<(/?)(?:think|thinking|thoughts?|reasoning|analysis|reflection|scratchpad)>"
    r"|\[(/?)THINK\]|◁(/?)think▷",
    re.IGNORECASE,
)
_answer = re.compile(r"<(/?)(?:final_?)?answer>", re.IGNORECASE)
_confidence = re.compile(r"<confidence>([^<]{1,40})(?:</confidence>|\Z)", re.IGNORECASE)
_final = re.compile(r"<\|channel\|>(\w+)(?: \w+)?<\|message\|>")
_marks = re.compile(r"<\|[^|<>\s]{1,40}\|>|</?s>|<end_of_turn>|<eos>")
# The mark itself, with the language behind it where a line ends there.
_fence = re.compile(
    r"```(?:[\w+-]{0,20}[ \t]*(?=\n|\Z)|(?:json|text|python|yaml|markdown|plaintext)\b)?"
)

# Marks of no width; that which joins pictures stays.
_INVISIBLE = ("\ufeff", "\u200b", "\u2060")


def unwrapped(text: str) -> str:
    r"""The answer itself.

    - Thoughts go, also one that was never closed, and all before the end of one that was never
      opened (some chat templates open it in the prompt).
    - What stands in the last ``<answer>`` is the answer, closed or not; a ``<confidence>`` beside
      it becomes a line of its own.
    - Marks of chat templates, of code fences and of no width go; what they hold stays.

    Returns:
        The rest without surrounding space; "" where there was nothing but thoughts.

    Example:
        >>> unwrapped("<think>She smiles.</think> joy"), unwrapped("<think>She sm")
        ('joy', '')
        >>> unwrapped("<answer>joy</answer><confidence>0.8</confidence>")
        'joy\nConfidence: 0.8'
    """
    for mark in _INVISIBLE:
        text = text.replace(mark, "")
    if "<" in text or "[" in text or "◁" in text:
        text = _without_tags(text)
    if "```" in text:
        text = _fence.sub("", text)
    return text.strip()


def _without_tags(text: str) -> str:
    if "<|channel|>" in text:
        text = _last_channel(text)
    kept, unclosed = _without_thoughts(text)
    answer = _answer_in(kept)
    if answer is None and unclosed:
        answer = _answer_in(unclosed)
    if answer is None:
        answer = kept
    elif found := _confidence.search(text):
        answer = f"{answer.strip()}\nConfidence: {found[1].strip()}"
    return _marks.sub("", answer) if "<" in answer else answer


def _without_thoughts(text: str) -> tuple[str, str]:
    """What is no thought, and the thought at the end that was never closed."""
    kept: list[str] = []
    place, thinks = 0, False
    for tag in _thought.finditer(text):
        closes = any(tag.groups())
        if closes:
            if not thinks:
                kept.clear()
            place, thinks = tag.end(), False
        elif not thinks:
            kept.append(text[place : tag.start()])
            place, thinks = tag.end(), True
    if thinks:
        return "".join(kept), text[place:]
    return "".join([*kept, text[place:]]), ""


def _answer_in(text: str) -> str | None:
    """What stands in the last answer's tags; None without any."""
    opened, closed, answer = -1, -1, None
    for tag in _answer.finditer(text):
        if not tag[1]:
            opened, closed = tag.end(), -1
        elif opened >= 0 and closed < 0:
            closed = tag.start()
            answer = text[opened:closed]
    if opened >= 0 and closed < 0:
        rest = text[opened:]
        return rest if rest.strip() or answer is None else answer
    return answer


def _last_channel(text: str) -> str:
    """What was said on the last channel, where that is the final one; "" where it is another."""
    channels = list(_final.finditer(text))
    if not channels:
        return text
    last = channels[-1]
    return text[last.end() :] if last[1] == "final" else ""
