"""Mean and deviation of a score over runs, as every table of ours has them."""

from collections.abc import Iterable
from statistics import mean, stdev


def mean_and_sd(values: Iterable[float]) -> dict[str, float | None]:
    """The mean of a score over runs, and how far runs lie apart.

    Args:
        values: Of one run each; at least one.

    Returns:
        ``mean``, and ``sd``, the sample standard deviation (ddof 1); None of one run.

    Raises:
        statistics.StatisticsError: There is no value.

    Example:
        >>> mean_and_sd([0.5, 0.7])["mean"], mean_and_sd([0.5])
        (0.6, {'mean': 0.5, 'sd': None})
    """
    known = list(values)
    return {"mean": mean(known), "sd": stdev(known) if len(known) > 1 else None}
