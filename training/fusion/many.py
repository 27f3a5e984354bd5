"""Many runs of one algorithm on one table: together where that can be done, else one by one."""

from collections.abc import Iterator, Sequence

from affecthub.training.fusion.fitting import Fitted, fit
from affecthub.training.fusion.job import Job
from affecthub.training.fusion.table import FeatureTable


def fit_many(
    jobs: Sequence[Job], table: FeatureTable, *, side_by_side: bool = True
) -> Iterator[tuple[int, Fitted]]:
    """Train many fusions.

    Args:
        jobs: What to run; their configurations fit the table.
        table: What to train, validate and test on.
        side_by_side: Whether to train some together: one is far too small for a device. Results are
            those of single runs with the same seeds, but for rounding.

    Yields:
        The place of a job and what `fit` gives for it; jobs that are trained together come
        together, so the order is not that of `jobs`.
    """
    from affecthub.training.fusion.stacked.grouping import groups_of

    together, alone = groups_of(jobs, table) if side_by_side else ([], list(range(len(jobs))))
    for group in together:
        yield from zip(group.places, group.run([jobs[i] for i in group.places], table), strict=True)
    for place in alone:
        job = jobs[place]
        yield place, fit(job.config, table, seed=job.seed, settings=job.settings)
