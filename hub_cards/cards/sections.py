"""Headings with nothing below them."""

import re

_FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
_HEADING = re.compile(r"^ {0,3}(#{1,6})(?:\s+(.*?))?\s*#*\s*$")
_COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
# What templates leave for somebody to fill in.
_LEFT_OPEN = re.compile(
    r"^\W*(?:\[?more information needed\]?|todo|tbd|\{\{.*\}\}|none yet)\W*$", re.IGNORECASE
)


def empty_sections(text: str) -> list[str]:
    r"""Headings of a card that have neither text nor a deeper heading with text below them.

    Comments count as nothing, and so does what templates leave to be filled in ("More Information
    Needed", "TODO"). Lines of a code block are text, not headings. The YAML head is left out.

    Args:
        text: Markdown, with or without its YAML head.

    Returns:
        The headings in their order, without ``#``; none where every section says something.

    Example:
        >>> empty_sections("# A card\n\nText.\n\n## Limits\n\n## Use\n\n### By hand\n\nOpen it.")
        ['Limits']
    """
    text = re.sub(r"\A\s*---\n.*?\n---[ \t]*(?:\n|\Z)", "", text, count=1, flags=re.DOTALL)
    text = _COMMENT.sub("", text)
    sections: list[tuple[int, str, bool]] = []
    fence = ""
    for line in text.splitlines():
        mark = _FENCE.match(line)
        if mark is not None and not fence:
            fence = mark[1]
        elif mark is not None and line.strip() == fence[0] * len(line.strip()) >= fence:
            fence = ""
            continue
        heading = None if fence else _HEADING.match(line)
        if heading is not None:
            sections.append((len(heading[1]), (heading[2] or "").strip(), False))
        elif sections and line.strip() and not (mark or _LEFT_OPEN.match(line)):
            depth, name, _ = sections[-1]
            sections[-1] = (depth, name, True)
    return [name for at, (_, name, _) in enumerate(sections) if not _filled(sections, at)]


def _filled(sections: list[tuple[int, str, bool]], at: int) -> bool:
    """Whether a section or one inside of it has text."""
    depth, _, has_text = sections[at]
    for below, _, text in sections[at + 1 :]:
        if has_text or below <= depth:
            break
        has_text = text
    return has_text
