"""A page to try a metric in the browser, by the metric's name."""

from typing import Any

from affecthub.errors import require
from affecthub.metrics import load_metric
from affecthub.metrics.modules.view import CSS, scored, view
from affecthub.metrics.texts import text_of


def launch(name: str) -> None:
    """Serve the page of a metric until it is stopped.

    Args:
        name: One of `affecthub.list_metrics`.

    Raises:
        ValueError: The metric is unknown.
        ImportError: gradio is not installed.
    """
    build(name).launch(css=CSS)


def build(name: str) -> Any:
    """The page of a metric as ``gradio.Blocks``; show it with ``launch(css=CSS)``.

    Args:
        name: One of `affecthub.list_metrics`.

    Raises:
        ValueError: The metric is unknown; close matches are listed.
        ImportError: gradio is not installed.
    """
    metric = load_metric(name, keep_in_memory=True)
    require("gradio", "app", "try a metric in the browser")
    header, body = card(name)
    return view(type(metric), str(header["title"]), str(header.get("description", "")), body)


def score(name: str, predictions: str, references: str, options: dict[str, Any]) -> dict[str, Any]:
    r"""The scores of what stands in the two boxes, ready for JSON.

    Args:
        name: One of `affecthub.list_metrics`.
        predictions: One item per line, or a JSON array; see `boxes.read_items`.
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
    return scored(type(load_metric(name, keep_in_memory=True)), predictions, references, options)


def card(name: str) -> tuple[dict[str, Any], str]:
    """The header and the text of a metric's card."""
    from yaml import safe_load

    _, header, body = text_of(f"{name}/README.md").split("---\n", 2)
    return safe_load(header), body.strip()
