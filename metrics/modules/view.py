"""A metric's page in the browser: two boxes, its options, the scores, its card.

It is made from the metric itself and needs nothing of affecthub but the words of its boxes, so that
a Space shows the same page without the package.
"""

import re
import warnings
from typing import Any

from affecthub.metrics.modules.boxes import (
    Option,
    as_lines,
    examples,
    message,
    notes,
    read_items,
    remarks,
    simple_options,
    tables,
    without_nan,
)

# Wrong input as the metrics report it; anything else is a mistake of ours and is not hidden.
INPUT_ERRORS = (ValueError, TypeError, ImportError, OSError)

# gradio breaks words anywhere to fit a table into its column, and a wide table widens the page.
CSS = """
.prose :is(th, td) { overflow-wrap: normal; word-break: normal; }
.prose table { display: block; max-width: 100%; overflow-x: auto; }
.prose pre, .scores { max-width: 100%; overflow-x: auto; }
.scores table { border-collapse: collapse; }
.scores caption { text-align: left; font-weight: 600; padding: .6em 0 .3em; }
.scores :is(th, td) { text-align: left; padding: .2em .8em .2em 0; vertical-align: top;
  border-top: 1px solid var(--border-color-primary); font-weight: 400; }
.scores thead th { font-weight: 600; }
.scores td { font-variant-numeric: tabular-nums; }
.scores span[title] { text-decoration: underline dotted; text-underline-offset: .2em; }
.amiss { border-left: .3em solid #c2410c; padding: .4em .8em; overflow-wrap: anywhere; }
.remarks { margin-top: .6em; padding-left: 1.2em; list-style: disc; overflow-wrap: anywhere; }
"""


def view(metric: type, title: str, about: str, card: str) -> Any:
    """The page of a metric as ``gradio.Blocks``.

    Args:
        metric: Its class.
        title: What stands above.
        about: A sentence below it.
        card: The text of its card, in Markdown.

    Raises:
        ImportError: gradio is not installed.
    """
    import gradio

    documentation = metric(keep_in_memory=True).inputs_description
    told, options = notes(documentation), simple_options(metric)
    shown = examples(documentation) or [{}]

    def show(predictions: str, references: str, *chosen: Any) -> tuple[str, dict[str, Any]]:
        return result(metric, told, predictions, references, _chosen(options, chosen))

    with gradio.Blocks(title=title, analytics_enabled=False) as page:
        gradio.Markdown(f"# {title}\n\n{about}")
        with gradio.Row():
            boxes = [
                gradio.Textbox(
                    label=side,
                    info="One clip per line, or a JSON array. " + told.get(side, ""),
                    value=as_lines(shown[0].get(side, [])),
                    lines=5,
                    max_lines=20,
                )
                for side in ("predictions", "references")
            ]
        fields = _fields(gradio, options, shown[0], told)
        with gradio.Row():
            score = gradio.Button("Score", variant="primary")
            for number, example in enumerate(shown if len(shown) > 1 else [], 1):
                filled = gradio.Button(f"Example {number}", variant="secondary")
                filled.click(
                    lambda example=example: _values(options, example),
                    None,
                    [*boxes, *fields],
                    api_visibility="private",
                )
        with gradio.Row():
            with gradio.Column(min_width=300):
                summary = gradio.HTML(label="scores")
            with gradio.Column(min_width=300):
                json = gradio.JSON(label="the same as JSON")
        # The title above is the page's first heading, and the card stands below it.
        gradio.Markdown(re.sub(r"^(#+ )", r"#\1", card, flags=re.MULTILINE))
        score.click(show, [*boxes, *fields], [summary, json], api_name="score")
    return page


def result(
    metric: type, told: dict[str, str], predictions: str, references: str, options: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """The scores of what stands in the boxes: to look at, and for JSON; what is amiss in words.

    Args:
        metric: The class of a metric.
        told: What is known of its scores.
        predictions: As `read_items` reads them.
        references: The same; blank where the metric does without.
        options: Options of ``compute``.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", UserWarning)
        try:
            scores = scored(metric, predictions, references, options)
        except INPUT_ERRORS as error:
            return message(error), {"error": str(error)}
    warned = [str(each.message) for each in caught if issubclass(each.category, UserWarning)]
    return remarks(warned) + tables(scores, told), scores


def scored(
    metric: type, predictions: str, references: str, options: dict[str, Any]
) -> dict[str, Any]:
    """The scores of what stands in the boxes, ready for JSON.

    Raises:
        ValueError: As the metric raises it.
        TypeError: As the metric raises it.
    """
    given: dict[str, Any] = {"predictions": read_items(predictions)}
    if references.strip():
        given["references"] = read_items(references)
    scores = metric(keep_in_memory=True).compute(**given, **options)
    plain: dict[str, Any] = without_nan(scores)
    return plain


def _fields(
    gradio: Any, options: dict[str, Option], example: dict[str, Any], told: dict[str, str]
) -> list[Any]:
    """A field for each option, in rows, below a heading that opens."""
    if not options:
        return []
    with gradio.Accordion("Options", open=False), gradio.Row():
        return [
            _field(gradio, name, option, example.get(name, option.default), told.get(name, ""))
            for name, option in options.items()
        ]


def _field(gradio: Any, name: str, option: Option, value: Any, about: str) -> Any:
    look = {"label": name, "info": about, "min_width": 260}
    if not option.values:
        return gradio.Number(value=value, precision=0 if type(value) is int else None, **look)
    if isinstance(option.default, bool):
        return gradio.Checkbox(value=value, **look)
    # A dropdown gives the place of the choice, so that None can be one.
    return gradio.Dropdown(list(map(str, option.values)), value=str(value), type="index", **look)


def _chosen(options: dict[str, Option], given: tuple[Any, ...]) -> dict[str, Any]:
    """What was chosen in the fields, as options of ``compute``."""
    return {
        name: option.values[value]
        if option.values and not isinstance(option.default, bool)
        else value
        for (name, option), value in zip(options.items(), given, strict=True)
    }


def _values(options: dict[str, Option], example: dict[str, Any]) -> list[Any]:
    """What boxes and fields hold for an example."""
    boxes = [as_lines(example.get(side, [])) for side in ("predictions", "references")]
    fields = ((option, example.get(name, option.default)) for name, option in options.items())
    return boxes + [
        str(value) if option.values and not isinstance(option.default, bool) else value
        for option, value in fields
    ]
