"""What single values of a card's head must look like: None where they do, else words for it."""

import re
from typing import Any

_REPOSITORY = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9_])?(?:/[A-Za-z0-9_](?:[\w.-]*\w)?)?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
_NOT_CODES = ("multilingual", "code")
# Tokens as the Hub makes them.
_TOKEN = re.compile(r"\bhf_[A-Za-z0-9_]{8,}")


def each(value: Any) -> list[Any]:
    """The values of a field that takes one or several; none where there is no field."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def repository(value: Any) -> str | None:
    """``name`` or ``owner/name`` of a repository of the Hub."""
    wrong = (
        not isinstance(value, str)
        or len(value) > 96
        or not _REPOSITORY.fullmatch(value)
        or ".." in value
        or "--" in value
        or value.endswith((".git", ".ipynb"))
    )
    return "`owner/name` of a repository of the Hub" if wrong else None


def language(value: Any) -> str | None:
    """A language: two or three letters (ISO 639), perhaps with a script or a region."""
    if value is False:
        return "a text; YAML reads a bare `no` as false, so write 'no' in quotes"
    if isinstance(value, str) and (_LANGUAGE.fullmatch(value) or value in _NOT_CODES):
        return None
    return "a code of ISO 639 such as 'en' or 'zh'"


def word(value: Any) -> str | None:
    """A text that is not empty, such as a tag."""
    return None if isinstance(value, str) and value.strip() else "a text"


def licence_name(value: str) -> str | None:
    """The name of a licence that the Hub has no identifier for."""
    if re.fullmatch(r"[a-z0-9][a-z0-9.+_-]*", value):
        return None
    return "small letters, digits, '-' and '.', such as 'mer2023-eula'"


def is_link(value: str) -> bool:
    """Whether it is an address, or a file of the repository."""
    return bool(re.fullmatch(r"https?://\S+|LICENSE(?:\.\w+)?|[\w.-]+\.(?:md|txt)", value))


def is_path(value: Any) -> bool:
    """Whether it is a path inside of the repository."""
    if not isinstance(value, str) or not value:
        return False
    return not (value.startswith(("/", "~")) or ".." in value.split("/") or "\\" in value)


def secrets(value: Any, where: str = "") -> list[str]:
    """Fields in which something stands that looks like a token; it is not repeated."""
    if isinstance(value, dict):
        items = [(f"{where}.{name}".lstrip("."), inner) for name, inner in value.items()]
        return [mistake for name, inner in items for mistake in secrets(inner, name)]
    if isinstance(value, list):
        return [mistake for inner in value for mistake in secrets(inner, where)]
    if isinstance(value, str) and _TOKEN.search(value):
        return [f"`{where}`: got what looks like a token, expected nothing secret"]
    return []
