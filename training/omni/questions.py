"""What a clip is asked: a prompt of the registry, filled from its row."""

from collections.abc import Mapping, Sequence
from typing import Any

from affecthub.training.asking.prompts.registry import Prompt, listed

# Where nothing is said, or what is said is not given.
NOTHING = {"en": "(not given)", "zh": "（未提供）"}
# A language in the words of a prompt.
_LANGUAGES = {
    "en": {"en": "English", "zh": "Chinese", "de": "German", "fr": "French", "es": "Spanish"},
    "zh": {"en": "英语", "zh": "汉语", "de": "德语", "fr": "法语", "es": "西班牙语"},
}
# What can be filled from a row of any corpus.
KNOWN = ("labels", "language", "subtitle")


def labels_of(prompt: Prompt, names: Sequence[str]) -> tuple[str, ...]:
    """The labels that a prompt offers: its own, or those of the corpus."""
    return prompt.labels or tuple(names)


def require_fillable(prompt: Prompt) -> None:
    """Refuse a prompt with a place that no row fills.

    Raises:
        ValueError: It has one.
    """
    others = sorted(prompt.placeholders - {*KNOWN})
    if others:
        raise ValueError(
            f"prompt {prompt.name} cannot be filled from a clip alone: got {', '.join(others)}, "
            f"expected no other places than {', '.join(KNOWN)}."
        )


def question_and_system(
    prompt: Prompt, row: Mapping[str, Any], names: Sequence[str], *, with_words: bool
) -> tuple[str, str]:
    """What a clip is asked, and the system message before it.

    Args:
        prompt: With no other places than `KNOWN`.
        row: Of a corpus: ``text`` and ``language``.
        names: The corpus' own labels, for a prompt that has none.
        with_words: Whether the transcript is given; otherwise its place says that it is not.
    """
    written = "zh" if prompt.language.startswith("zh") else "en"
    code = str(row.get("language") or "").partition("-")[0]
    said = (row.get("text") or "").strip() if with_words else ""
    values = {
        "labels": listed(labels_of(prompt, names), prompt.language),
        "language": _LANGUAGES[written].get(code, code or NOTHING[written]),
        "subtitle": said or NOTHING[written],
    }
    own = {name: value for name, value in values.items() if name in prompt.placeholders}
    return prompt.fill(**own), prompt.fill_system(**own)
