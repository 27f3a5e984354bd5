"""The scores of ``model-index`` in a model's card, as the Hub renders them."""

import math
from typing import Any


def index_mistakes(index: Any) -> list[str]:
    """What is wrong with ``model-index``; none where there is no such field.

    Every result has a task with a ``type``, a dataset with ``name`` and ``type``, and metrics with
    ``type`` and ``value`` each.
    """
    if index is None:
        return []
    if not isinstance(index, list) or len(index) != 1 or not isinstance(index[0], dict):
        return ["`model-index`: got no list of one model, expected its `name` and `results`"]
    model = index[0]
    if not isinstance(model.get("name"), str) or not model["name"]:
        return ["`model-index`: got no `name`, expected that of the model"]
    results = model.get("results")
    if not isinstance(results, list) or not results:
        return ["`model-index`: got no `results`, expected a list of them"]
    return [
        f"`model-index`, result {number}: {mistake}"
        for number, result in enumerate(results, 1)
        for mistake in _result(result)
    ]


def _result(result: Any) -> list[str]:
    if not isinstance(result, dict):
        return ["got no table, expected `task`, `dataset` and `metrics`"]
    mistakes = []
    for part, names in {"task": ("type",), "dataset": ("name", "type")}.items():
        table = result.get(part)
        table = table if isinstance(table, dict) else {}
        mistakes += [
            f"got no `{part}.{name}`, expected a text"
            for name in names
            if not isinstance(table.get(name), str) or not table[name]
        ]
    metrics = result.get("metrics")
    if not isinstance(metrics, list) or not metrics:
        return [*mistakes, "got no `metrics`, expected a list of them"]
    for metric in metrics:
        metric = metric if isinstance(metric, dict) else {}
        if not isinstance(metric.get("type"), str) or not metric["type"]:
            mistakes.append("got a metric without `type`, expected its identifier")
        value = metric.get("value")
        if value is None or isinstance(value, bool) or _not_finite(value):
            mistakes.append(f"got {value!r} as `value`, expected a number")
    source = result.get("source")
    if isinstance(source, dict) and source.get("name") and not source.get("url"):
        mistakes.append("got `source.name` without `source.url`, expected both")
    return mistakes


def _not_finite(value: Any) -> bool:
    return isinstance(value, float) and not math.isfinite(value)
