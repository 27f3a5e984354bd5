"""Prompts by name or from a file: what to ask, of which media, and how the answer is read."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import sha256
from importlib.resources import files
from json import dumps
from pathlib import Path
from typing import Any

import yaml

from affecthub.errors import unknown_name
from affecthub.metrics.replies.reading import FORMS
from affecthub.metrics.texts import text_of
from affecthub.settings import read_yaml

MEDIA = ("audio", "video", "text")
_ENDS = (".yaml", ".yml")
_REQUIRED = ("id", "version", "language", "text", "media", "form", "source", "purpose")
_FIELDS = (*_REQUIRED, "system", "labels", "placeholders")
# Text of an installed prompt that lies elsewhere in the package, so that there is one.
_TEXT_FROM = "text_from"
# A lower-case word in braces is a placeholder; all other braces stand for themselves.
_placeholder = re.compile(r"\{([a-z][a-z0-9_]*)\}")
_is_id = re.compile(r"[a-z0-9][a-z0-9_.-]*").fullmatch
_is_language = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]+)*").fullmatch


@dataclass(frozen=True)
class Prompt:
    """A question about a clip or about texts, with places to fill.

    Attributes:
        id: Its name; lower case, digits, ``_``, ``.`` and ``-``.
        version: Raised with every change of what is asked.
        language: That it is written in: ``en``, ``zh``.
        text: The question. ``{name}``, a lower-case word in braces, is a placeholder.
        media: What it is worded for, of ``audio``, ``video`` and ``text``.
        form: How its answers are read; a form of `affecthub.metrics.replies.reading`.
        source: Whose function it has, or who wrote it.
        purpose: What it is for.
        system: System message; "" for none. Braces in it stand for themselves.
        labels: What ``{labels}`` is filled with and the answer is read within; () for the corpus'
            own set.
    """

    id: str
    version: int
    language: str
    text: str
    media: frozenset[str]
    form: str
    source: str
    purpose: str
    system: str = ""
    labels: tuple[str, ...] = ()

    @cached_property
    def placeholders(self) -> frozenset[str]:
        """The names to fill."""
        return frozenset(_placeholder.findall(self.text))

    @cached_property
    def key(self) -> str:
        """``id@version:`` and 16 characters of a digest of all that changes what is asked."""
        asked = dumps([self.system, self.text, self.labels], ensure_ascii=False)
        return f"{self.name}:{sha256(asked.encode()).hexdigest()[:16]}"

    @property
    def name(self) -> str:
        """``id@version``."""
        return f"{self.id}@{self.version}"

    def fill(self, **values: str) -> str:
        """The question with its places filled.

        Args:
            **values: What to put in the place of each name. ``labels`` may be left out where the
                prompt has its own.

        Returns:
            The text. Braces in a value stand for themselves.

        Raises:
            ValueError: A placeholder is left without a value, or a value has no place.
            TypeError: A value is no text.

        Example:
            >>> load_prompt("one_of").fill(labels="joy, anger").splitlines()[0]
            'Which of these emotions does the person in this clip show most: joy, anger?'
        """
        if self.labels and "labels" in self.placeholders:
            values = {"labels": listed(self.labels, self.language)} | values
        missing, unknown = self.placeholders - values.keys(), values.keys() - self.placeholders
        if missing or unknown:
            wrong = [
                *(f"{{{name}}} has no value" for name in sorted(missing)),
                *(f"there is no {{{name}}}" for name in sorted(unknown)),
            ]
            raise ValueError(
                f"prompt {self.name} cannot be filled: {', '.join(wrong)}; got "
                f"{', '.join(sorted(values)) or 'nothing'}, expected "
                f"{', '.join(sorted(self.placeholders)) or 'nothing'}."
            )
        for name, value in values.items():
            if not isinstance(value, str):
                raise TypeError(
                    f"prompt {self.name}: {{{name}}} is no text: got {value!r} "
                    f"({type(value).__name__}), expected a string."
                )
        return _placeholder.sub(lambda found: values[found[1]], self.text)


def listed(labels: Sequence[str], language: str) -> str:
    """Labels as a prompt names them.

    Example:
        >>> listed(("joy", "fear"), "en"), listed(("高兴", "害怕"), "zh")
        ('joy, fear', '高兴、害怕')
    """
    return ("、" if language.startswith("zh") else ", ").join(labels)


def prompt_names() -> list[str]:
    """The names of the installed prompts, sorted."""
    return sorted(
        entry.name.removesuffix(".yaml")
        for entry in _folder().iterdir()
        if entry.name.endswith(".yaml")
    )


def load_prompt(name_or_path: str | Path) -> Prompt:
    """A prompt by its installed name, or from a YAML file of your own.

    Args:
        name_or_path: Name as `prompt_names` lists them, or a path that ends in .yaml or .yml.

    Raises:
        FileNotFoundError: The path does not exist.
        ValueError: The name is unknown, close ones are listed; or the file is no prompt: it is no
            YAML, a field is missing, unknown or of the wrong kind, the form or a medium is
            unknown, its placeholders are not those that it says it has, or its id is that of an
            installed prompt that is not the same.
    """
    if str(name_or_path).endswith(_ENDS):
        path = Path(name_or_path)
        if not path.is_file():
            raise FileNotFoundError(f"prompt file not found: {path}. Check the path.")
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise ValueError(
                f"prompt {path} is no UTF-8 text: {error}. Save it as UTF-8."
            ) from error
        prompt = prompt_from(text, str(path))
        if prompt.id in prompt_names() and prompt != _installed(prompt.id):
            raise ValueError(
                f"`id` of prompt {path} is taken: got {prompt.id!r}, the name of an installed "
                "prompt that says something else. Journals name prompts by it; choose another."
            )
        return prompt
    return _installed(str(name_or_path))


@lru_cache(maxsize=256)
def _installed(name: str) -> Prompt:
    names = prompt_names()
    if name not in names:
        raise unknown_name("prompt", name, names)
    text = (_folder() / f"{name}.yaml").read_text(encoding="utf-8")
    return prompt_from(text, f"{name}.yaml", installed=True)


def _folder() -> Any:
    return files("affecthub.training.asking.prompts")


def prompt_from(text: str, where: str, *, installed: bool = False) -> Prompt:
    """A prompt from what its file says.

    Args:
        text: Of the file.
        where: Its name, for errors.
        installed: Whether its text may lie elsewhere in the package.

    Raises:
        ValueError: It is no prompt; see `load_prompt`.
    """
    try:
        values = read_yaml(text)
    except yaml.YAMLError as error:
        raise ValueError(f"prompt {where} is not YAML: {error}") from error
    if not isinstance(values, dict):
        raise ValueError(
            f"prompt {where} is no mapping: got {type(values).__name__}, expected the fields "
            f"{', '.join(_REQUIRED)}."
        )
    if installed and _TEXT_FROM in values:
        values["text"] = text_of(values.pop(_TEXT_FROM))
    for field in values:
        if field not in _FIELDS:
            raise unknown_name(f"field of prompt {where}", field, _FIELDS)
    missing = [field for field in _REQUIRED if field not in values]
    if missing:
        raise ValueError(
            f"prompt {where} lacks {', '.join(missing)}: got {', '.join(map(str, values))}, "
            f"expected {', '.join(_REQUIRED)}."
        )
    return _checked(values, where)


def _checked(values: dict[str, Any], where: str) -> Prompt:
    def wrong(field: str, expected: str) -> ValueError:
        return ValueError(
            f"`{field}` of prompt {where} is wrong: got {values[field]!r}, expected {expected}."
        )

    for field in ("id", "language", "text", "form", "source", "purpose"):
        if not isinstance(values[field], str) or not values[field].strip():
            raise wrong(field, "some text")
    if not isinstance(values.get("system", ""), str):
        raise wrong("system", "text")
    if not _is_id(values["id"]):
        raise wrong("id", "lower-case letters, digits, _, . and -")
    if not _is_language(values["language"]):
        raise wrong("language", "a code such as en or zh")
    version = values["version"]
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise wrong("version", "a whole number from 1 on")
    if values["form"] not in FORMS:
        raise unknown_name(f"form of prompt {where}", values["form"], FORMS)
    for field in ("media", "labels", "placeholders"):
        given = values.get(field, [])
        if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
            raise wrong(field, "a list of words")
        if len(set(given)) < len(given):
            raise wrong(field, "each of them once")
    for medium in values["media"]:
        if medium not in MEDIA:
            raise unknown_name(f"medium of prompt {where}", medium, MEDIA)
    if not values["media"]:
        raise wrong("media", f"at least one of {', '.join(MEDIA)}")
    prompt = Prompt(
        id=values["id"],
        version=version,
        language=values["language"],
        text=values["text"].strip(),
        media=frozenset(values["media"]),
        form=values["form"],
        source=" ".join(values["source"].split()),
        purpose=" ".join(values["purpose"].split()),
        system=values.get("system", "").strip(),
        labels=tuple(values.get("labels", ())),
    )
    stated = set(values.get("placeholders", ()))
    if stated != prompt.placeholders:
        raise ValueError(
            f"`placeholders` of prompt {where} are not those of its text: got "
            f"{', '.join(sorted(stated)) or 'none'}, expected "
            f"{', '.join(sorted(prompt.placeholders)) or 'none'}. Name each {{word}} of the text "
            "and no other."
        )
    return prompt
