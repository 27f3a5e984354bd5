"""Titled tables as Markdown, LaTeX, JSON and a page that reads well on a phone."""

import json
import math
import re
from collections.abc import Mapping, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from affecthub.cache import write_whole
from affecthub.screen import Section, cell

_LATEX = {
    "\\": r"\textbackslash{}",
    **{character: f"\\{character}" for character in "&%$#_{}"},
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "±": r"$\pm$",
}
_style_of = re.compile(r"<style>(.*?)</style>", re.DOTALL).search
# Beside what the training report has: tables of text are read from the left, and the first column
# stays where a wide one is scrolled.
_OWN_STYLE = """
  main { max-width: 1240px; }
  h1 { overflow-wrap: anywhere; }
  td, th { vertical-align: top; white-space: nowrap; padding: 8px 9px; }
  td.word, th.word { text-align: left; }
  td.text, th.text { text-align: left; white-space: normal; min-width: 13em; }
  td:first-child, th:first-child { position: sticky; left: 0; background: var(--card); }
  .card table { margin: 0; }
  .warn { border-left: 4px solid var(--wrong); padding-left: 12px; }
  .facts dt { font-size: 14px; }
"""
_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p class="lead">{lead}</p>
{notes}
{tables}
</main>
</body>
</html>
"""


def write_all(
    folder: Path,
    stem: str,
    value: Mapping[str, Any],
    title: str,
    lead: str,
    sections: Sequence[Section],
    notes: Sequence[str],
) -> dict[str, Path]:
    """Write a result as JSON, Markdown, LaTeX and HTML.

    Args:
        folder: Made where it is not there.
        stem: Name of the files.
        value: The result itself, for the JSON.
        title: Heading of the others.
        lead: One sentence below it.
        sections: Their tables; the last one is facts, in pairs.
        notes: What is to be known.

    Returns:
        Suffix to file.
    """
    written = {
        "json": as_json(value),
        "md": as_markdown(title, lead, sections, notes),
        "tex": as_latex(title, lead, sections[:-1], notes),
        "html": as_page(title, lead, sections, notes),
    }
    paths = {suffix: folder / f"{stem}.{suffix}" for suffix in written}
    folder.mkdir(parents=True, exist_ok=True)
    for suffix, text in written.items():
        write_whole(paths[suffix], text)
    return paths


def as_json(value: Mapping[str, Any]) -> str:
    r"""Strict JSON: what is no number is null.

    Example:
        >>> as_json({"a": float("nan")})
        '{\n "a": null\n}\n'
    """
    return json.dumps(strict(value), indent=1, ensure_ascii=False, default=str) + "\n"


def strict(value: Any) -> Any:
    """The same value without NaN and infinity, which JSON has no word for."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): strict(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [strict(inner) for inner in value]
    return value


def as_markdown(
    title: str, lead: str, sections: Sequence[Section], notes: Sequence[str] = ()
) -> str:
    """A heading, notes and tables as Markdown."""
    parts = [f"# {title}", lead, *(f"- {note}" for note in notes)]
    for section in sections:
        parts += [f"## {section.title}", markdown_table(section)]
    return "\n\n".join(parts).replace("\n\n- ", "\n- ") + "\n"


def markdown_table(section: Section) -> str:
    r"""A section's cells as a table; numbers stand at the right.

    Example:
        >>> print(markdown_table(Section("", ["set", "score"], [["a|b", 1]])))
        | set | score |
        |---|---:|
        | a\|b | 1 |
    """
    rules = ["---:" if numeric else "---" for numeric in numeric_columns(section)]
    lines = [_line(section.columns), f"|{'|'.join(rules)}|"]
    return "\n".join([*lines, *(_line(row) for row in section.rows)])


def _line(row: Sequence[Any]) -> str:
    return f"| {' | '.join(cell(value).replace('|', chr(92) + '|') for value in row)} |"


def as_latex(title: str, lead: str, sections: Sequence[Section], notes: Sequence[str] = ()) -> str:
    """Tables for a paper, with the rules of booktabs; what is to be known stands in comments."""
    comments = "".join(f"% {line}\n" for line in (title, lead, *notes))
    return comments + "\n".join(_latex_table(section, title) for section in sections)


def _latex_table(section: Section, title: str) -> str:
    columns = "".join("r" if numeric else "l" for numeric in numeric_columns(section))
    rows = [" & ".join(map(in_latex, row)) + r" \\" for row in section.rows]
    heads = " & ".join(map(in_latex, section.columns)) + r" \\"
    caption = in_latex(f"{title}. {section.title}.")
    return "\n".join(
        [
            r"\begin{table}",
            r"\centering",
            rf"\caption{{{caption}}}",
            rf"\begin{{tabular}}{{{columns}}}",
            r"\toprule",
            heads,
            r"\midrule",
            *rows,
            r"\bottomrule",
            r"\end{tabular}",
            r"\end{table}",
            "",
        ]
    )


def in_latex(value: Any) -> str:
    r"""A cell with LaTeX's own characters escaped.

    Example:
        >>> in_latex("cmu_mosi & 5 %")
        'cmu\\_mosi \\& 5 \\%'
    """
    return "".join(_LATEX.get(character, character) for character in cell(value))


def as_page(title: str, lead: str, sections: Sequence[Section], notes: Sequence[str] = ()) -> str:
    """One HTML file in the look of the training report; every cell is escaped."""
    *tables, facts = sections
    parts = [
        f'<h2>{escape(section.title)}</h2>\n<div class="card">{_html_table(section)}</div>'
        for section in tables
    ]
    pairs = "".join(
        f"<dt>{escape(cell(name))}</dt><dd>{escape(cell(value))}</dd>" for name, value in facts.rows
    )
    parts.append(
        f'<h2>{escape(facts.title)}</h2>\n<div class="card"><dl class="facts">{pairs}</dl></div>'
    )
    first, *others = notes or ("",)
    head = f'<p class="warn">{escape(first)}</p>' if first else ""
    parts += [f'<p class="notes">{escape(note)}</p>' for note in others]
    return _PAGE.format(
        title=escape(title),
        lead=escape(lead),
        style=page_style() + _OWN_STYLE,
        notes=head,
        tables="\n".join(parts),
    )


def page_style() -> str:
    """The style sheet of the training report."""
    template = files("affecthub.training") / "templates" / "report.html.jinja"
    found = _style_of(template.read_text("utf-8"))
    assert found is not None, "the training report has a style sheet"
    return found[1]


def _html_table(section: Section) -> str:
    kinds = [_kind(section, i) for i in range(len(section.columns))]
    heads = _html_row("th", section.columns, kinds)
    rows = "".join(
        f"<tr{_MAIN if _is_main(section, row) else ''}>{_html_row('td', row, kinds)}</tr>"
        for row in section.rows
    )
    return f"<table><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>"


_MAIN = ' class="main"'
# A cell with more characters is broken into lines.
_LONG = 24


def _html_row(tag: str, cells: Sequence[Any], kinds: Sequence[str]) -> str:
    return "".join(
        f"<{tag}{kind}>{escape(cell(value))}</{tag}>"
        for kind, value in zip(kinds, cells, strict=True)
    )


def _kind(section: Section, column: int) -> str:
    """The class of a column: figures have none, and stand at the right."""
    if column == 0 or numeric_columns(section)[column]:
        return ""
    longest = max((len(cell(row[column])) for row in section.rows), default=0)
    return ' class="text"' if longest > _LONG else ' class="word"'


def _is_main(section: Section, row: Sequence[Any]) -> bool:
    """Whether a row is what the table is about: a mean over sets, or the system that was scored."""
    return cell(row[0]).startswith("mean of") or (
        section.columns[0] == "system" and row is section.rows[0]
    )


# With an interval, a deviation or a mark; several of one cell are parted by slashes, and a dash
# stands for what is not known.
_ONE = r"(?:[+-]?\d[\d,.]*\*?(?: ± [\d.]+)?(?: \[[^/]*\])?|–)"
_is_figure = re.compile(rf"{_ONE}(?: / {_ONE})*").fullmatch


def numeric_columns(section: Section) -> list[bool]:
    """Whether a column holds figures and nothing else.

    Example:
        >>> numeric_columns(Section("", ["a", "b"], [["x", "12.30 [11.00, 13.00]"], ["y", ""]]))
        [False, True]
    """
    return [
        any(cell(row[i]) for row in section.rows)
        and all(not cell(row[i]) or _is_figure(cell(row[i])) for row in section.rows)
        for i in range(len(section.columns))
    ]
