"""The words of a metric's page: what stands in its boxes, its options, its result in tables.

Nothing of affecthub is needed here, so that the page of a Space runs without it.
"""

import ast
import doctest
import inspect
import json
import math
import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Literal, NamedTuple, get_args, get_origin, get_type_hints


class Option(NamedTuple):
    """An option that a page can ask for: one of a few values, yes or no, or a number.

    Attributes:
        values: The choices; none for a number.
        default: What holds where nothing is chosen.
    """

    values: tuple[Any, ...]
    default: Any


def read_items(text: str) -> list[Any]:
    r"""The items in a box: a JSON array, or one item per line.

    A line that is JSON is read as such, any other is an item of text. Blank lines at the end do
    not count; a blank line before is a clip without labels.

    Example:
        >>> read_items("happy, sad\n['angry']\nnull\n0.5\n")
        ['happy, sad', "['angry']", None, 0.5]
        >>> read_items('[["happy"], "sad"]')
        [['happy'], 'sad']
    """
    content = _json_or_text(text.strip())
    if isinstance(content, list):
        return content
    return [_json_or_text(line.strip()) for line in text.rstrip().splitlines()]


def as_lines(items: list[Any]) -> str:
    """Items as a box shows them, so that `read_items` gives them back.

    Example:
        >>> print(as_lines([["happy", "sad"], "['angry']", None]))
        ["happy", "sad"]
        ['angry']
        null
    """
    lines = [
        item
        if isinstance(item, str) and _json_or_text(item) == item.strip() and "\n" not in item
        else json.dumps(item, ensure_ascii=False)
        for item in items
    ]
    text = "\n".join(lines)
    return text if read_items(text) == items else json.dumps(items, ensure_ascii=False)


def examples(documentation: str) -> list[dict[str, Any]]:
    """The arguments of every ``compute`` call with predictions among a metric's examples.

    Only arguments written out in the call count.

    Example:
        >>> examples('>>> metric.compute(predictions=["happy"], references=["joy"], ring=x)')
        [{'predictions': ['happy'], 'references': ['joy']}]
    """
    calls = (
        dict(_literals(node.keywords))
        for example in doctest.DocTestParser().get_examples(documentation)
        for node in ast.walk(ast.parse(example.source))
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "compute"
    )
    return [call for call in calls if call.get("predictions")]


def simple_options(metric: type) -> dict[str, Option]:
    """The options of a metric that a page can ask for, from the signature of ``compute``.

    Example:
        >>> from affecthub.metrics.set_f.set_f import SetF
        >>> simple_options(SetF)["ring"]
        Option(values=('inner', 'middle'), default='inner')
    """
    compute: Any = getattr(metric, "compute")  # noqa: B009 - a class that only evaluate knows
    hints = get_type_hints(compute)
    simple = {}
    for name, parameter in inspect.signature(compute).parameters.items():
        default = parameter.default
        kinds = [kind for kind in _members(hints.get(name)) if kind is not type(None)]
        if kinds == [bool]:
            simple[name] = Option((True, False), default)
        elif kinds and all(get_origin(kind) is Literal for kind in kinds):
            values = tuple(value for kind in kinds for value in get_args(kind))
            simple[name] = Option(values if default in values else (default, *values), default)
        elif set(kinds) <= {int, float} and isinstance(default, int | float):
            simple[name] = Option((), default)
    return simple


def notes(documentation: str) -> dict[str, str]:
    r"""What a metric's documentation says of each argument and each score.

    Names that share an entry ("rouge_l, bleu_1: ...") share its text.

    Example:
        >>> notes("Args:\n    ring: Inner or\n        middle.\nReturns:\n    a, b: Scores.")
        {'ring': 'Inner or middle.', 'a': 'Scores.', 'b': 'Scores.'}
    """
    inputs = documentation.partition("Examples:")[0]
    entry = re.compile(r"^ {4}([a-z][\w., ]*): (.*(?:\n {8}.*)*)", re.MULTILINE)
    told: dict[str, str] = {}
    for names, text in entry.findall(inputs):
        for name in names.split(","):
            # What is said of an option stands before what is said of its copy in the result.
            told.setdefault(name.strip(), " ".join(text.split()))
    return told


def without_nan(value: Any) -> Any:
    """A result with NaN, which JSON lacks, as the text "nan"."""
    if isinstance(value, Mapping):
        return {key: without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(item) for item in value]
    return "nan" if isinstance(value, float) and math.isnan(value) else value


def tables(scores: Mapping[str, Any], told: Mapping[str, str]) -> str:
    """A result as HTML: its scores in one table, each list of rows in a table of its own.

    Args:
        scores: What ``compute`` gave.
        told: What is known of each score, shown where the pointer rests on its name.
    """
    single = [(name, value) for name, value in _flat(scores) if not _is_table(value)]
    parts = [_table("Scores", ("score", "value"), [_row(n, v, told) for n, v in single])]
    for name, value in _flat(scores):
        if _is_table(value):
            columns = tuple(dict.fromkeys(str(key) for row in value for key in row))
            rows = [[_cell(row.get(column)) for column in columns] for row in value]
            parts.append(_table(name, columns, rows))
    return "".join(parts)


def message(error: BaseException) -> str:
    """What went wrong, as HTML that a screen reader speaks at once."""
    return f'<p role="alert" class="amiss">{escape(str(error))}</p>'


def remarks(warned: list[str]) -> str:
    """What a metric warned of, as HTML."""
    lines = "".join(f"<li>{escape(line)}</li>" for line in dict.fromkeys(warned))
    return f'<ul role="status" class="remarks">{lines}</ul>' if lines else ""


def _row(name: str, value: Any, told: Mapping[str, str]) -> list[str]:
    about = escape(told.get(name.partition("/")[0], ""), quote=True)
    return [f'<span title="{about}">{escape(name)}</span>' if about else escape(name), _cell(value)]


def _table(caption: str, columns: tuple[str, ...], rows: list[list[str]]) -> str:
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in rest)}</tr>'
        for first, *rest in rows
    )
    return (
        f'<div class="scores" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return "nan" if math.isnan(value) else f"{value:.4g}" if abs(value) < 1000 else f"{value:g}"
    if value is None:
        return "none"
    shown = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return escape(shown)


def _flat(scores: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in scores.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{name}/")
        else:
            yield f"{prefix}{name}", value


def _is_table(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(row, Mapping) and row for row in value)
    )


def _members(hint: Any) -> tuple[Any, ...]:
    """The members of a union; a hint that is none is its only member."""
    if hint is None or get_origin(hint) is Literal or not get_args(hint):
        return (hint,)
    return get_args(hint)


def _literals(keywords: list[ast.keyword]) -> Iterator[tuple[str, Any]]:
    for keyword in keywords:
        try:
            yield str(keyword.arg), ast.literal_eval(keyword.value)
        except ValueError:  # a name or a call
            continue


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
