"""Markdown of the repository made into pages: front matter, sections, links and pictures."""

import posixpath
import re
from collections.abc import Callable, Iterable
from pathlib import Path

from pages.repository import repository

# A fenced block, or code in a line: nothing in it is a link.
_CODE = re.compile(r"^(```|~~~).*?^\1[ ]*$|`[^`\n]+`", re.DOTALL | re.MULTILINE)
_LINK = re.compile(r"(\]\()(?!https?://|#|mailto:)([^)\s#]+)(#[^)\s]*)?")


def without_head(text: str) -> str:
    """Drop the YAML between the first two lines of dashes, which the Hub reads."""
    return re.sub(r"\A---\n.*?\n---\n+", "", text, flags=re.DOTALL)


def sections(text: str, names: Iterable[str]) -> str:
    """The named sections of a page, each as it stands.

    Raises:
        ValueError: There is no such section.
    """
    parts = _sections(text)
    for name in names:
        if name not in parts:
            raise ValueError(f"no section {name!r}, expected one of {', '.join(parts)}")
    return "\n".join(parts[name] for name in names)


def title_up(text: str) -> str:
    """One section as a page of its own: its headings move up by one."""
    return _outside_code(text, lambda part: re.sub(r"^#(#+ )", r"\1", part, flags=re.MULTILINE))


def relink(text: str, file: str, page: str, places: dict[str, str], root: Path) -> str:
    """Point links at pages where their target is one, at the repository's pages otherwise.

    Args:
        text: Markdown whose links are relative to ``file``.
        file: Path of its source in the repository.
        page: Path of the page that it becomes.
        places: File, folder or ``file#section`` of the repository to the page that shows it.
        root: The repository.

    Raises:
        ValueError: A link leads nowhere.
    """
    here, there = posixpath.dirname(file), posixpath.dirname(page) or "."

    def place(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(here, match[2]))
        anchor = match[3] or ""
        for key in (target + anchor, target):
            if key in places:
                return f"{match[1]}{posixpath.relpath(places[key], there)}{anchor}"
        if not (root / target).exists():
            raise ValueError(f"{file}: {match[2]} leads nowhere")
        if target.endswith((".png", ".svg", ".jpg")):
            return f"{match[1]}{posixpath.relpath(f'pictures/{target}', there)}"
        kind = "tree" if (root / target).is_dir() else "blob"
        return f"{match[1]}{repository()}/{kind}/main/{target}{anchor}"

    return _outside_code(text, lambda part: _LINK.sub(place, part))


def pictures(text: str, file: str) -> set[str]:
    """Paths in the repository of the pictures that a page shows."""
    found = re.findall(r"!\[[^\]]*\]\((?!https?://)([^)\s#]+)", text)
    return {posixpath.normpath(posixpath.join(posixpath.dirname(file), each)) for each in found}


def _outside_code(text: str, change: Callable[[str], str]) -> str:
    done, last = [], 0
    for code in _CODE.finditer(text):
        # A link's own text may be code: `[`name`](path)`; only the code itself is kept.
        done += [(False, text[last : code.start()]), (True, code[0])]
        last = code.end()
    done.append((False, text[last:]))
    return "".join(part if is_code else change(part) for is_code, part in done)


def _sections(text: str) -> dict[str, str]:
    """Second-level heading to its section, blocks of code left whole."""
    starts: list[tuple[int, str]] = []
    codes = [match.span() for match in _CODE.finditer(text)]
    for match in re.finditer(r"^## (.+)$", text, re.MULTILINE):
        if not any(begin <= match.start() < end for begin, end in codes):
            starts.append((match.start(), match[1].strip()))
    ends = [start for start, _ in starts[1:]] + [len(text)]
    return {name: text[start:end] for (start, name), end in zip(starts, ends, strict=True)}
