"""Metrics of emotion recognition as evaluate modules, and the pure functions behind them.

A metric is a folder ``<name>/<name>.py`` here; putting one there is all it takes to list it.
"""

from collections.abc import Callable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from affecthub.errors import require, unknown_name

if TYPE_CHECKING:
    from affecthub.metrics.modules.metric import ClipMetric

__all__ = ["folder_scorer", "list_metrics", "load_metric", "scalar_scores"]


def list_metrics() -> list[str]:
    """The names that `load_metric` accepts, in alphabetical order.

    Example:
        >>> [name for name in list_metrics() if name in ("hit_rate", "set_f")]
        ['hit_rate', 'set_f']
    """
    folders = Path(__file__).resolve().parent.iterdir()
    return sorted(folder.name for folder in folders if (folder / f"{folder.name}.py").is_file())


def load_metric(
    name: str,
    config_name: str | None = None,
    *,
    num_process: int = 1,
    process_id: int = 0,
    experiment_id: str | None = None,
    cache_dir: str | None = None,
    keep_in_memory: bool = False,
    seed: int | None = None,
    timeout: float = 100,
) -> "ClipMetric":
    """A metric as an ``evaluate.EvaluationModule``, without network or copied scripts.

    Args:
        name: One of `list_metrics`.
        config_name: Configuration of the metric, where it has any.
        num_process: Number of processes that share one evaluation.
        process_id: This process, from 0 to `num_process` - 1; process 0 gets the result.
        experiment_id: Tells evaluations apart that share `cache_dir` at the same time.
        cache_dir: Folder for the collected items; shared by all processes.
        keep_in_memory: Collect items in memory instead; one process only.
        seed: Seed set while the score is computed.
        timeout: Seconds to wait for the other processes.

    Returns:
        The module, with ``compute``, ``add`` and ``add_batch``.

    Raises:
        ValueError: The name is unknown; close matches are listed.
        ImportError: evaluate is not installed.

    Example:
        >>> metric = load_metric("set_f")
        >>> metric.compute(predictions=["happy"], references=[["joyful"]])["set_f"]
        1.0
    """
    require_known(name)
    require("evaluate", "metrics", "load a metric")
    module = import_module(f"affecthub.metrics.{name}.{name}")
    # evaluate derives the name of a module from its class: SetF is set_f.
    metric_class: type[ClipMetric] = getattr(module, "".join(map(str.capitalize, name.split("_"))))
    return metric_class(
        config_name=config_name,
        num_process=num_process,
        process_id=process_id,
        experiment_id=experiment_id,
        cache_dir=cache_dir,
        keep_in_memory=keep_in_memory,
        seed=seed,
        timeout=timeout,
    )


def scalar_scores(scores: Mapping[str, Any], *, prefix: str = "") -> dict[str, float]:
    """The numbers of a result alone, for the logs of a ``Trainer``.

    Args:
        scores: What ``compute`` gave.
        prefix: Put before every name.

    Returns:
        Name to number, as given; a number inside a dict under both names with ``/`` between them.
        Lists, texts, None and NaN are left out.

    Example:
        >>> metric = load_metric("set_f")
        >>> result = metric.compute(predictions=["happy"], references=[["joyful"]])
        >>> scalars = scalar_scores(result)
        >>> scalars["set_f"], scalars["coverage/predictions"], "per_wheel" in scalars
        (1.0, 1.0, False)
    """
    numbers: dict[str, float] = {}
    for name, value in scores.items():
        if isinstance(value, Mapping):
            numbers |= scalar_scores(value, prefix=f"{prefix}{name}/")
        elif isinstance(value, int | float) and not isinstance(value, bool) and value == value:
            numbers[f"{prefix}{name}"] = value
    return numbers


def folder_scorer(name: str) -> Callable[..., dict[str, Any]] | None:
    """How a metric scores a folder of answer files at once: ``score_folder`` beside its scores.

    Args:
        name: One of `list_metrics`.

    Returns:
        A function of the folders of predictions and references and the metric's options, or None
        where the metric scores one file alone.

    Raises:
        ValueError: The name is unknown; close matches are listed.
    """
    require_known(name)
    scores = import_module(f"affecthub.metrics.{name}.scores")
    scorer: Callable[..., dict[str, Any]] | None = getattr(scores, "score_folder", None)
    return scorer


def require_known(name: str) -> None:
    """Refuse a name that no metric has, before anything is imported.

    Raises:
        ValueError: The name is unknown; close matches are listed.
    """
    known = list_metrics()
    if name not in known:
        raise unknown_name("metric", name, known)
