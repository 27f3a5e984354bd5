"""A page to try a metric in the browser: two boxes, its simple options, the scores, its card.

The page is made from the metric itself: its options from the signature of ``compute``, the example
in the boxes from the first example of its documentation.
"""

import ast
import doctest
import inspect
import json
import math
import warnings
from importlib.resources import files
from typing import Any, Literal, get_args, get_origin, get_type_hints

from affecthub.errors import require
from affecthub.metrics import load_metric

# Wrong input as the metrics report it; anything else is a mistake of ours and is not hidden.
_INPUT_ERRORS = (ValueError, TypeError, ImportError, FileNotFoundError)

# gradio breaks words anywhere to fit a table into its column.
_CSS = ".prose :is(th, td) { overflow-wrap: normal; word-break: normal; }"


def launch(name: str) -> None:
    """Serve the page of a metric until it is stopped.

    Args:
        name: One of `affecthub.list_metrics`.

    Raises:
        ValueError: The metric is unknown.
        ImportError: gradio is not installed.
    """
    build(name).launch(css=_CSS)


def build(name: str) -> Any:
    """The page of a metric as ``gradio.Blocks``.

    Args:
        name: One of `affecthub.list_metrics`.

    Raises:
        ValueError: The metric is unknown; close matches are listed.
        ImportError: gradio is not installed.
    """
    metric = load_metric(name, keep_in_memory=True)
    gradio = require("gradio", "app", "try a metric in the browser")
    header, body = card(name)
    example = first_example(metric.inputs_description)
    # The boxes hold the example, so its options stand beside it.
    choices = {
        option: (values, example.get(option, default))
        for option, (values, default) in simple_options(type(metric)).items()
    }

    def chosen_options(*chosen: Any) -> list[tuple[str, Any]]:
        # A dropdown gives the place of the choice, so that None can be one.
        return [
            (option, place if isinstance(place, bool) else values[place])
            for (option, (values, _)), place in zip(choices.items(), chosen, strict=True)
        ]

    def show(predictions: str, references: str, *chosen: Any) -> dict[str, Any]:
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", UserWarning)
                scores = score(name, predictions, references, dict(chosen_options(*chosen)))
        except _INPUT_ERRORS as error:
            raise gradio.Error(str(error), print_exception=False) from error
        for warning in caught:
            gradio.Warning(str(warning.message))
        return scores

    with gradio.Blocks(title=str(header["title"])) as page:
        gradio.Markdown(f"# {header['title']}\n\n{header['description']}")
        with gradio.Row():
            with gradio.Column():
                boxes = [
                    gradio.Textbox(
                        label=f"{side}: one per line, or JSON",
                        value=as_lines(example.get(side, [])),
                        lines=4,
                    )
                    for side in ("predictions", "references")
                ]
                options = [
                    gradio.Checkbox(label=option, value=default)
                    if isinstance(default, bool)
                    else gradio.Dropdown(
                        list(map(str, values)), value=str(default), type="index", label=option
                    )
                    for option, (values, default) in choices.items()
                ]
                button = gradio.Button("Score", variant="primary")
                result = gradio.JSON(label="scores")
            with gradio.Column():
                gradio.Markdown(body)
        button.click(show, [*boxes, *options], result, api_name="score")
    return page


def score(name: str, predictions: str, references: str, options: dict[str, Any]) -> dict[str, Any]:
    r"""The scores of what stands in the two boxes, ready for JSON.

    Args:
        name: One of `affecthub.list_metrics`.
        predictions: One item per line, or a JSON array; see `read_items`.
        references: The same; blank where the metric does without.
        options: Options of the metric.

    Returns:
        The metric's result; NaN, which JSON lacks, as the text "nan".

    Raises:
        ValueError: As the metric raises it.
        TypeError: As the metric raises it.

    Example:
        >>> score("hit_rate", "happy, sad\n['angry']", "joy\nfear", {})["hit_rate"]
        0.5
    """
    metric = load_metric(name, keep_in_memory=True)
    given: dict[str, Any] = {"predictions": read_items(predictions)}
    if references.strip():
        given["references"] = read_items(references)
    scores: dict[str, Any] = _without_nan(metric.compute(**given, **options))
    return scores


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


def first_example(documentation: str) -> dict[str, Any]:
    """The arguments of the first ``compute`` call among the examples of a metric.

    Only arguments written out in the call count; none give an empty dict.

    Example:
        >>> first_example('>>> metric.compute(predictions=["happy"], references=["joy"], ring=x)')
        {'predictions': ['happy'], 'references': ['joy']}
    """
    for example in doctest.DocTestParser().get_examples(documentation):
        for node in ast.walk(ast.parse(example.source)):
            if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "compute":
                return dict(_literals(node.keywords))
    return {}


def simple_options(metric: type) -> dict[str, tuple[list[Any], Any]]:
    """Choices and default of every option that is one of a few values, or yes or no.

    Options are the arguments of ``compute``.

    Args:
        metric: The class of a metric.

    Example:
        >>> from affecthub.metrics.set_f.set_f import SetF
        >>> simple_options(SetF)["ring"]
        (['inner', 'middle'], 'inner')
    """
    simple = {}
    for name, (hint, default) in _options(metric).items():
        kinds = [kind for kind in _members(hint) if kind is not type(None)]
        if kinds == [bool]:
            simple[name] = ([True, False], default)
        elif kinds and all(get_origin(kind) is Literal for kind in kinds):
            values = [value for kind in kinds for value in get_args(kind)]
            simple[name] = (values if default in values else [default, *values], default)
    return simple


def _options(metric: Any) -> dict[str, tuple[Any, Any]]:
    """Annotation and default of every option of a metric."""
    hints = get_type_hints(metric.compute)
    parameters = inspect.signature(metric.compute).parameters.values()
    return {p.name: (hints.get(p.name), p.default) for p in parameters if p.name != "self"}


def card(name: str) -> tuple[dict[str, Any], str]:
    """The header and the text of a metric's card."""
    from yaml import safe_load

    readme = files("affecthub.metrics") / name / "README.md"
    _, header, body = readme.read_text(encoding="utf-8").split("---\n", 2)
    return safe_load(header), body.strip()


def _members(hint: Any) -> tuple[Any, ...]:
    """The members of a union; a hint that is none is its only member."""
    if hint is None or get_origin(hint) is Literal or not get_args(hint):
        return (hint,)
    return get_args(hint)


def _literals(keywords: list[ast.keyword]) -> list[tuple[str, Any]]:
    found = []
    for keyword in keywords:
        try:
            found.append((str(keyword.arg), ast.literal_eval(keyword.value)))
        except ValueError:  # a name or a call
            continue
    return found


def _json_or_text(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text


def _without_nan(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nan(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_without_nan(item) for item in value]
    return "nan" if isinstance(value, float) and math.isnan(value) else value
