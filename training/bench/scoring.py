"""From answers to scores with intervals, their mean, and what choosing epochs is worth."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affecthub.errors import unknown_name
from affecthub.metrics.answers.resampling import LEVEL, N_RESAMPLES, draw, interval
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.mer_unibench.scores import score_sets
from affecthub.metrics.mer_unibench.statistics import SCORES, Statistics, statistics
from affecthub.training.bench.answers import Answered, Run
from affecthub.unibench import SETS, BenchmarkSet

PROTOCOLS = {
    "fixed": "one checkpoint for all sets, chosen without looking at them",
    "official-best-epoch": (
        "the best epoch of each set, chosen on that very test set, as the AffectGPT paper does: "
        "scores are higher than any one checkpoint gives"
    ),
}


def score_run(
    run: Run,
    lexicon: Lexicon,
    *,
    protocol: str = "fixed",
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """Every score of a run, with bootstrap intervals over the clips.

    Args:
        run: Answers by set and checkpoint.
        lexicon: Places the labels; published numbers need the released tables.
        protocol: A key of `PROTOCOLS`. Under ``"fixed"`` a set has one checkpoint.
        n_resamples: Bootstrap resamples; 0 for no intervals.
        seed: Of the resampling. Sets are resampled each by itself, so that the clips which
            CH-SIMS and CH-SIMS v2 share are taken for different ones.

    Returns:
        - ``protocol``, ``lexicon`` (name and version), ``seed``, ``n_resamples``, ``level``;
        - ``sets``: per set ``task``, ``primary``, ``checkpoint``, ``n_clips``, ``n_expected``
          (clips of the benchmark's set), ``n_unanswered``, ``n_unknown`` and ``scores``: name to
          ``value``, ``low``, ``high``, in [0, 1], the primary score first (see `SCORES`);
        - ``mean`` of the primary scores, and ``mean_f1``, with hit rates replaced by ``hit_f1``,
          each with ``value``, ``low``, ``high``; ``tasks``, means of whole tasks, else None;
        - ``missing`` sets and ``partial``, whether there are any;
        - ``epochs``: where sets have several checkpoints, see `epochs_worth`, and under ``"mean"``
          the same of the mean over these sets, where its ``best`` takes the best of each;
        - ``published``: whether the scores are ``comparable`` with the paper's rows, and
          ``because``, what speaks against it.

    Raises:
        ValueError: The protocol is unknown, or a set has several checkpoints under ``"fixed"``.
    """
    if protocol not in PROTOCOLS:
        raise unknown_name("protocol", protocol, PROTOCOLS)
    chosen: dict[str, Answered] = {}
    points: dict[str, Statistics] = {}
    by_epoch: dict[str, dict[str, float]] = {}
    names: dict[str, str] = {}
    for test_set in SETS:
        if test_set.name not in run:
            continue
        by_checkpoint = run[test_set.name]
        if protocol == "fixed" and len(by_checkpoint) > 1:
            raise ValueError(
                f"{test_set.name} is answered by {len(by_checkpoint)} checkpoints: got "
                f"{', '.join(by_checkpoint)}, expected one. Choose it with `checkpoint`, or take "
                "official-best-epoch."
            )
        made = {
            name: statistics(test_set, done.labels, done.references, lexicon)
            for name, done in by_checkpoint.items()
        }
        primary = {name: _primary(test_set, made[name]) for name in made}
        best = max(primary, key=lambda name: (primary[name] == primary[name], primary[name]))
        chosen[test_set.name], points[test_set.name] = by_checkpoint[best], made[best]
        names[test_set.name] = best
        if len(primary) > 1:
            by_epoch[test_set.name] = primary
    resampled = {
        test_set.name: _resampled(points[test_set.name], n_resamples, seed + number)
        for number, test_set in enumerate(SETS)
        if test_set.name in points
    }
    return _result(chosen, points, resampled, lexicon) | {
        "protocol": protocol,
        "checkpoints": names,
        "epochs": all_epochs_worth(by_epoch),
        "seed": seed,
        "n_resamples": n_resamples,
        "level": LEVEL,
    }


def epochs_worth(scores: Mapping[str, float]) -> dict[str, Any]:
    """What choosing the epoch on the test set is worth.

    Args:
        scores: Checkpoint to primary score, in the order of training.

    Returns:
        ``by_checkpoint``; the ``best`` score and its ``checkpoint``; ``last`` and ``mean``; what
        the best is above either, ``above_last`` and ``above_mean``.

    Example:
        >>> worth = epochs_worth({"30": 0.5, "40": 0.7, "50": 0.6})
        >>> worth["checkpoint"], round(worth["above_last"], 3), round(worth["above_mean"], 3)
        ('40', 0.1, 0.1)
    """
    values = list(scores.values())
    best = max(scores, key=lambda name: scores[name])
    mean = sum(values) / len(values)
    return {
        "checkpoint": best,
        "best": scores[best],
        "last": values[-1],
        "mean": mean,
        "lowest": min(values),
        "above_last": scores[best] - values[-1],
        "above_mean": scores[best] - mean,
        "by_checkpoint": dict(scores),
    }


def all_epochs_worth(by_epoch: Mapping[str, Mapping[str, float]]) -> dict[str, dict[str, Any]]:
    """`epochs_worth` of every set, and of their mean.

    Args:
        by_epoch: Set to checkpoint to primary score.

    Returns:
        An entry per set. Where the sets share checkpoints ``"mean"`` too: ``by_checkpoint`` is the
        mean over the sets of one and the same checkpoint, ``checkpoint`` the best such one and
        ``best_single`` its score; ``best`` is the mean of each set's own best.

    Example:
        >>> worth = all_epochs_worth({"a": {"1": 0.5, "2": 0.6}, "b": {"1": 0.9, "2": 0.6}})
        >>> round(worth["mean"]["best"], 3), round(worth["mean"]["best_single"], 3)
        (0.75, 0.7)
    """
    worth = {name: epochs_worth(scores) for name, scores in by_epoch.items()}
    shared = [
        name
        for name in next(iter(by_epoch.values()), {})
        if all(name in scores for scores in by_epoch.values())
    ]
    if len(by_epoch) < 2 or len(shared) < 2:
        return worth
    means = {
        name: sum(scores[name] for scores in by_epoch.values()) / len(by_epoch) for name in shared
    }
    best = sum(entry["best"] for entry in worth.values()) / len(worth)
    whole = epochs_worth(means)
    return worth | {
        "mean": whole
        | {
            "best": best,
            "best_single": whole["best"],
            "above_last": best - whole["last"],
            "above_mean": best - whole["mean"],
        }
    }


def scores_of(made: Statistics, n_resamples: int, seed: int) -> dict[str, dict[str, float]]:
    """Every score of some clips with its interval.

    Returns:
        Score to ``value``, ``low`` and ``high``; without resamples to ``value`` alone.
    """
    return _beside_drawn(made, _resampled(made, n_resamples, seed))


def _beside_drawn(
    made: Statistics, drawn: Mapping[str, NDArray[np.float64]] | None
) -> dict[str, dict[str, float]]:
    scores = {name: float(value[0]) for name, value in made.scores().items()}
    return {
        name: interval(scores[name], drawn[name]) if drawn else {"value": scores[name]}
        for name in SCORES[made.primary]
    }


def _primary(test_set: BenchmarkSet, made: Statistics) -> float:
    return float(made.scores()[SCORES[test_set.primary][0]][0])


def _resampled(
    made: Statistics, n_resamples: int, seed: int
) -> dict[str, NDArray[np.float64]] | None:
    if not n_resamples or not len(made.columns):
        return None
    return made.scores(draw(len(made.columns), n_resamples, seed).astype(np.float64))


def _result(
    chosen: Mapping[str, Answered],
    points: Mapping[str, Statistics],
    resampled: Mapping[str, dict[str, NDArray[np.float64]] | None],
    lexicon: Lexicon,
) -> dict[str, Any]:
    """Join the metric's own table with the intervals and the further scores."""
    pairs = {name: (done.labels, done.references) for name, done in chosen.items()}
    table = score_sets(pairs, lexicon=lexicon, partial=True)
    sets: dict[str, dict[str, Any]] = {}
    for test_set in SETS:
        if test_set.name not in chosen:
            continue
        done = chosen[test_set.name]
        sets[test_set.name] = {
            "task": test_set.task,
            "primary": SCORES[test_set.primary][0],
            "scores": _beside_drawn(points[test_set.name], resampled[test_set.name]),
            "n_clips": len(done.ids),
            "n_expected": test_set.n_clips,
            "n_unanswered": done.n_unanswered,
            "n_unknown": done.n_unknown,
        }
    return {
        "sets": sets,
        "mean": _mean(sets, resampled, _FIRST),
        "mean_f1": _mean(sets, resampled, _FIRST | {"hit_rate": "hit_f1"}),
        "tasks": table["tasks"],
        "missing": table["missing"],
        "partial": bool(table["missing"]),
        "lexicon": table["lexicon"],
        "published": table["published"],
    }


# Score that a mean takes of each set, by the set's primary one.
_FIRST = {names[0]: names[0] for names in SCORES.values()}


def _mean(
    sets: Mapping[str, Mapping[str, Any]],
    resampled: Mapping[str, dict[str, NDArray[np.float64]] | None],
    which: Mapping[str, str],
) -> dict[str, float]:
    """The unweighted mean over the sets that are there, of which each was resampled by itself."""
    taken = {name: which[entry["primary"]] for name, entry in sets.items()}
    value = float(np.mean([sets[name]["scores"][score]["value"] for name, score in taken.items()]))
    drawn = [part[taken[name]] for name, part in resampled.items() if part is not None]
    if len(drawn) < len(sets):
        return {"value": value}
    return interval(value, np.mean(drawn, axis=0))
