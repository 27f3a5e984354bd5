"""Cards made from the templates of this room, and taken apart again."""

import re
from importlib.resources import files
from typing import Any

import yaml

from affecthub.templates import filled

_HEAD = re.compile(r"\A\s*---[ \t]*\r?\n(.*?)(?:\r?\n)---[ \t]*(?:\r?\n|\Z)", re.DOTALL)


def render(template: str, head: dict[str, Any], **facts: Any) -> str:
    """Fill a template, and put the YAML head before it.

    Args:
        template: Name of a file of ``hub_cards/templates`` without ``.md.jinja``.
        head: The head; what is None, or empty, is left out.
        **facts: What the template names; one that it names and that is not given is an error.

    Returns:
        The text of ``README.md``, with one empty line between blocks at most.

    Raises:
        ValueError: There is no such template.
        jinja2.UndefinedError: A fact is missing.
    """
    return with_head(head, filled_template(template, **facts))


def filled_template(template: str, **facts: Any) -> str:
    """Fill a template of this room, without a head.

    Args:
        template: Name of a file of ``hub_cards/templates`` without ``.md.jinja``.
        **facts: What the template names.

    Raises:
        ValueError: There is no such template.
        jinja2.UndefinedError: A fact is missing.
    """
    return filled(files("affecthub.hub_cards") / "templates", template, **facts)


def with_head(head: dict[str, Any], body: str) -> str:
    """A card of its head and its text.

    Args:
        head: What is None, or an empty text, list or table, is left out.
        body: Markdown.
    """
    kept = {name: value for name, value in head.items() if value not in (None, "", [], {})}
    front = yaml.safe_dump(kept, sort_keys=False, allow_unicode=True, width=100)
    return f"---\n{front}---\n\n{body.lstrip()}"


def split_card(text: str) -> tuple[dict[str, Any], str]:
    """The head and the text of a card.

    Args:
        text: Of ``README.md``.

    Returns:
        The head, empty where there is none, and the Markdown below it.

    Raises:
        ValueError: The head is no YAML, or not a table of names and values.
    """
    match = _HEAD.match(text.removeprefix("\ufeff"))
    if match is None:
        return {}, text
    try:
        head = yaml.safe_load(match[1])
    except yaml.YAMLError as error:
        where = getattr(error, "problem_mark", None)
        line = f" in line {where.line + 2}" if where is not None else ""
        raise ValueError(
            f"the card's head: got text that is no YAML{line}, expected `name: value` lines "
            "between two lines of `---`"
        ) from None
    if head is not None and not isinstance(head, dict):
        raise ValueError(
            f"the card's head: got a {type(head).__name__}, expected `name: value` lines"
        )
    return head or {}, text.removeprefix("\ufeff")[match.end() :].lstrip("\n")
