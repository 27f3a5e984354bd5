"""What is asked about each clip: a prompt with its places filled from the row."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from affecthub.training.asking.prompts.registry import listed

Row = Mapping[str, Any]
Values = Callable[[Row], Mapping[str, str]]

# Places that a corpus fills.
SUBTITLE, LABELS, LANGUAGE = "subtitle", "labels", "language"
# Languages by the first part of their code, as English and Chinese prompts call them.
_NAMES = {
    "de": ("German", "德语"),
    "en": ("English", "英语"),
    "es": ("Spanish", "西班牙语"),
    "fr": ("French", "法语"),
    "it": ("Italian", "意大利语"),
    "ja": ("Japanese", "日语"),
    "ko": ("Korean", "韩语"),
    "pt": ("Portuguese", "葡萄牙语"),
    "ru": ("Russian", "俄语"),
    "zh": ("Chinese", "中文"),
}


class Wording(Protocol):
    """What is needed of a prompt; `prompts.registry.Prompt` is one."""

    @property
    def id(self) -> str:
        """Its name."""

    @property
    def version(self) -> int:
        """Raised with every change."""

    @property
    def language(self) -> str:
        """That it is written in."""

    @property
    def text(self) -> str:
        """The question with its places."""

    @property
    def system(self) -> str:
        """System message, "" for none."""

    @property
    def media(self) -> frozenset[str]:
        """What it is worded for."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Its own labels, () for the corpus' set."""

    @property
    def placeholders(self) -> frozenset[str]:
        """Places of question and system message."""

    @property
    def key(self) -> str:
        """What it asks, as a key."""

    def fill(self, **values: str) -> str:
        """The question, filled."""


@dataclass(frozen=True)
class Asked:
    """What is asked about one clip.

    Attributes:
        question: In words.
        system: System message.
        words: What it says of this clip beside its transcript, by the place it stands in.
        has_subtitle: Whether it says the clip's transcript.
    """

    question: str
    system: str
    words: dict[str, str]
    has_subtitle: bool


class Questions:
    """The question to each clip.

    Args:
        prompt: What to ask.
        labels: What ``{labels}`` names where the prompt has no list of its own.
        label_set: The corpus' labels, in the place of `labels` where there are none.
        language: What ``{language}`` names, a code or a name; None is each row's own.
        values: Gives what stands in other places, by name, for a row.
        system: In place of the prompt's system message; None is the prompt's.

    Raises:
        ValueError: A place that nothing fills, or labels or a language that have no place.
    """

    def __init__(
        self,
        prompt: Wording,
        *,
        labels: Sequence[str] | None = None,
        label_set: Sequence[str] | None = None,
        language: str | None = None,
        values: Values | None = None,
        system: str | None = None,
    ) -> None:
        self.prompt = prompt
        self.labels = tuple(prompt.labels or labels or label_set or ())
        self.language, self.values, self.system = language, values, system
        if labels and (prompt.labels or LABELS not in prompt.placeholders):
            why = "has a list of its own" if prompt.labels else "does not name {labels}"
            raise ValueError(
                f"labels have no effect on prompt {prompt.id!r}: it {why}. Leave them out."
            )
        if len({*self.labels}) < len(self.labels) or not all(each.strip() for each in self.labels):
            raise ValueError(
                f"labels are to be told apart: got {', '.join(map(repr, self.labels))}, expected "
                "each once, and none of them blank."
            )
        if language is not None and LANGUAGE not in prompt.placeholders:
            raise ValueError(
                f"a language has no effect on prompt {prompt.id!r}: it does not name {{language}}. "
                "Leave it out."
            )
        if LABELS in prompt.placeholders and not self.labels:
            raise ValueError(
                f"prompt {prompt.id!r} names {{labels}}: got no list, neither the prompt's nor the "
                "corpus'. Write one into the prompt, or give `labels`."
            )
        known = {SUBTITLE, LABELS, LANGUAGE}
        if values is None and prompt.placeholders - known:
            left = ", ".join(f"{{{name}}}" for name in sorted(prompt.placeholders - known))
            raise ValueError(
                f"prompt {prompt.id!r} has places that no corpus fills: got {left}, expected no "
                "other than {subtitle}, {labels} and {language}. Give `values`, or another prompt."
            )

    @property
    def reads_subtitle(self) -> bool:
        """Whether the question says the transcript."""
        return SUBTITLE in self.prompt.placeholders

    def settings(self) -> dict[str, Any]:
        """What the questions have in common, for the model's key."""
        return {
            "prompt": self.prompt.key,
            "text": self.prompt.text,
            "system": self.prompt.system if self.system is None else self.system,
            "labels": self.labels if LABELS in self.prompt.placeholders else (),
            "language": self.language if LANGUAGE in self.prompt.placeholders else None,
        }

    def of(self, row: Row) -> Asked:
        """The question to one clip; a transcript that is not there is an empty one.

        Raises:
            ValueError: The clip's language is asked for and not known, or `values` do not fit.
        """
        places = self.prompt.placeholders
        subtitle = row.get("text") or ""
        words = dict(self.values(row)) if self.values is not None else {}
        filled = dict(words)
        if SUBTITLE in places:
            filled.setdefault(SUBTITLE, subtitle)
        if LABELS in places:
            filled.setdefault(LABELS, listed(self.labels, self.prompt.language))
        if LANGUAGE in places:
            if self.language is None:
                words.setdefault(LANGUAGE, self._language_of(row))
            filled.setdefault(LANGUAGE, words.get(LANGUAGE) or self._named(self.language or ""))
        if self.system is not None:
            system = self.system
        else:
            system = self.prompt.system
        has_subtitle = bool(SUBTITLE in places and filled[SUBTITLE].strip())
        return Asked(self.prompt.fill(**filled), system, words, has_subtitle)

    def _language_of(self, row: Row) -> str:
        code = row.get("language")
        if not code:
            raise ValueError(
                f"clip {row['id']!r}: the prompt names {{language}}, and the clip has none. Give "
                "`language`."
            )
        return self._named(code)

    def _named(self, code: str) -> str:
        names = _NAMES.get(code.split("-")[0].lower())
        return code if names is None else names[self.prompt.language.startswith("zh")]
