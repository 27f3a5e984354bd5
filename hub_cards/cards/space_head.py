"""The head of a Space's card: what runs, and what its thumbnail shows."""

import re
from typing import Any

from affecthub.hub_cards.cards import hub_terms as terms
from affecthub.hub_cards.cards import values

# Pictographs, with what joins and varies them; flags; digits in a box.
_EMOJI = re.compile(
    "(?:[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff][\ufe0f\u200d\U0001f3fb-\U0001f3ff]*)+"
    "|[0-9#*]\ufe0f?\u20e3"
)
_FLAGS = ("pinned", "hf_oauth", "disable_embedding", "fullWidth")


def space_mistakes(head: dict[str, Any]) -> list[str]:
    """What is wrong in the fields that only a Space has."""
    mistakes = _known(head)
    emoji = head.get("emoji")
    if emoji and not (isinstance(emoji, str) and _EMOJI.fullmatch(emoji)):
        mistakes.append(f"`emoji`: got {emoji!r}, expected one emoji and nothing else")
    short = head.get("short_description")
    if short is not None and not (isinstance(short, str) and len(short) <= terms.SHORT_DESCRIPTION):
        got = f"{len(short)} characters" if isinstance(short, str) else repr(short)
        mistakes.append(
            f"`short_description`: got {got}, expected a text of at most {terms.SHORT_DESCRIPTION}"
        )
    for name, form in {
        "sdk_version": r"\d+(\.\d+){1,2}\w*",
        "python_version": r"3\.\d+(\.\d+)?",
    }.items():
        if name in head and not re.fullmatch(form, str(head[name])):
            mistakes.append(f"`{name}`: got {head[name]!r}, expected numbers such as '3.12'")
        elif isinstance(head.get(name), float):
            mistakes.append(f"`{name}`: got the number {head[name]}, expected it in quotes")
    mistakes += [
        f"`{name}`: got {head[name]!r}, expected true or false"
        for name in _FLAGS
        if name in head and not isinstance(head[name], bool)
    ]
    if "app_file" in head and not values.is_path(head["app_file"]):
        mistakes.append(f"`app_file`: got {head['app_file']!r}, expected a file of the repository")
    return mistakes


def _known(head: dict[str, Any]) -> list[str]:
    """Fields of which the Hub knows every value."""
    known = {
        "sdk": terms.SDKS,
        "colorFrom": terms.COLOURS,
        "colorTo": terms.COLOURS,
        "suggested_hardware": terms.HARDWARE,
    }
    return [
        f"`{name}`: got {head[name]!r}, expected one of {', '.join(sorted(values_))}"
        for name, values_ in known.items()
        if head.get(name) not in (None, "") and head[name] not in values_
    ]
