"""Two runs against each other on the same clips: differences with intervals, and paired tests."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from affecthub.metrics.answers.resampling import (
    LEVEL,
    N_RESAMPLES,
    Floats,
    draw,
    exchanges,
    holm,
    interval,
    p_value,
)
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.mer_unibench.statistics import SCORES, Statistics, statistics
from affecthub.screen import Screen, Section
from affecthub.training.bench.answers import Answered
from affecthub.training.bench.cells import HEADS, STEM, percent, with_interval
from affecthub.training.bench.kept import made_by, read_kept
from affecthub.unibench import SETS

Scored = dict[str, Answered]


def compare(
    first: Mapping[str, Answered],
    second: Mapping[str, Answered],
    lexicon: Lexicon,
    *,
    names: tuple[str, str] = ("first", "second"),
    n_resamples: int = N_RESAMPLES,
    seed: int = 0,
) -> dict[str, Any]:
    """Compare two runs set by set, on the clips that both were asked about.

    Args:
        first: Set to its answers; see `evaluated`.
        second: The same of the other run.
        lexicon: Places the labels of both.
        names: What tables call them.
        n_resamples: Bootstrap resamples, and permutations.
        seed: Of both.

    Returns:
        ``names``, ``n_resamples``, ``seed``, ``level``; ``sets``, each with ``n_clips`` (those of
        both), ``n_left_out`` (of one alone) and ``scores``: per score ``first``, ``second``,
        ``difference`` of the first minus the second (``value``, ``low``, ``high``: percentile
        interval of a paired bootstrap, the same resample for both) and ``p`` (two-sided, of a
        permutation test in which the two exchange their answers to clips); ``p_holm`` beside the
        primary score's, adjusted over the sets; ``mean``, the same of the mean over the shared
        sets; ``only``, sets that one of them alone has.

    Raises:
        ValueError: The two share no set, or a shared set has no shared clip.
    """
    shared = [s.name for s in SETS if s.name in first and s.name in second]
    if not shared:
        raise ValueError(
            f"the two runs share no set: got {', '.join(first) or 'none'} and "
            f"{', '.join(second) or 'none'}, expected some in both."
        )
    sets: dict[str, dict[str, Any]] = {}
    drawn: list[Floats] = []
    exchanged: list[Floats] = []
    for number, name in enumerate(shared):
        pair, n_clips, n_left_out = _aligned(first[name], second[name], lexicon)
        resampled = _resampled(pair, n_resamples, seed + number)
        permuted = _permuted(pair, n_resamples, seed + number)
        primary = SCORES[first[name].test_set.primary][0]
        drawn.append(resampled[primary])
        exchanged.append(permuted[primary])
        sets[name] = {
            "primary": primary,
            "n_clips": n_clips,
            "n_left_out": n_left_out,
            "scores": _differences(pair, resampled, permuted),
        }
    adjusted = holm([entry["scores"][entry["primary"]]["p"] for entry in sets.values()])
    for entry, p in zip(sets.values(), adjusted, strict=True):
        entry["scores"][entry["primary"]]["p_holm"] = p
    firsts, seconds = (
        float(np.mean([entry["scores"][entry["primary"]][side] for entry in sets.values()]))
        for side in ("first", "second")
    )
    value = firsts - seconds
    return {
        "names": list(names),
        "n_resamples": n_resamples,
        "seed": seed,
        "level": LEVEL,
        "lexicon": lexicon.identity,
        "sets": sets,
        "mean": {
            "first": firsts,
            "second": seconds,
            "difference": interval(value, np.mean(drawn, axis=0)),
            "p": p_value(value, np.mean(exchanged, axis=0)),
        },
        "only": sorted({*first, *second} - set(shared)),
    }


def evaluated(folder: str | PathLike[str]) -> tuple[Scored, str]:
    """The answers that an evaluation scored, and what it calls its system.

    Args:
        folder: Of ``affecthub bench``. Of several checkpoints, those its scores are of.

    Raises:
        FileNotFoundError: Nothing was kept there.
        ValueError: A set has several checkpoints, and nothing says which was scored.
    """
    folder = Path(folder)
    run, said = read_kept(folder), made_by(folder)
    chosen: Scored = {}
    for name, by_checkpoint in run.items():
        wanted = said.get("checkpoints", {}).get(name)
        if wanted not in by_checkpoint:
            if len(by_checkpoint) > 1:
                raise ValueError(
                    f"{folder} kept {len(by_checkpoint)} checkpoints of {name} and no {STEM}.json "
                    "that says which was scored. Score it again with --rescore."
                )
            wanted = next(iter(by_checkpoint))
        chosen[name] = by_checkpoint[wanted]
    return chosen, said.get("system", folder.name)


def _aligned(
    first: Answered, second: Answered, lexicon: Lexicon
) -> tuple[tuple[Statistics, Statistics], int, int]:
    """Both sides' statistics of the clips that both have, and how many clips one alone has."""
    theirs = {clip: i for i, clip in enumerate(second.ids)}
    places = [(i, theirs[clip]) for i, clip in enumerate(first.ids) if clip in theirs]
    if not places:
        raise ValueError(
            f"the two runs share no clip of {first.test_set.name}: got ids such as "
            f"{first.ids[:1]} and {second.ids[:1]}, expected the same ones."
        )
    golden = [first.references[i] for i, _ in places]
    differ = sum(first.references[i] != second.references[j] for i, j in places)
    if differ:
        raise ValueError(
            f"the two runs were scored against different labels of {first.test_set.name}: "
            f"{differ} of {len(places)} differ. Score both against the same data root."
        )
    sides = (
        statistics(first.test_set, [first.labels[i] for i, _ in places], golden, lexicon),
        statistics(first.test_set, [second.labels[j] for _, j in places], golden, lexicon),
    )
    n_left_out = len(first.ids) + len(second.ids) - 2 * len(places)
    return sides, len(places), n_left_out


def _resampled(
    pair: tuple[Statistics, Statistics], n_resamples: int, seed: int
) -> dict[str, Floats]:
    """Differences on resamples, the same for both."""
    weights = draw(len(pair[0].columns), n_resamples, seed).astype(np.float64)
    ours, theirs = (side.scores(weights) for side in pair)
    return {name: ours[name] - theirs[name] for name in ours}


def _permuted(
    pair: tuple[Statistics, Statistics], n_permutations: int, seed: int
) -> dict[str, Floats]:
    """Differences after the two have exchanged their answers to some clips."""
    ours, theirs = (side.columns for side in pair)
    moved = exchanges(len(ours), n_permutations, seed) @ (theirs - ours)
    one, other = (
        pair[0].of_sums(ours.sum(axis=0) + moved),
        pair[1].of_sums(theirs.sum(axis=0) - moved),
    )
    return {name: one[name] - other[name] for name in one}


def _differences(
    pair: tuple[Statistics, Statistics],
    resampled: Mapping[str, Floats],
    permuted: Mapping[str, Floats],
) -> dict[str, dict[str, Any]]:
    ours, theirs = (side.scores() for side in pair)
    found = {}
    for name in ours:
        one, other = float(ours[name][0]), float(theirs[name][0])
        found[name] = {
            "first": one,
            "second": other,
            "difference": interval(one - other, resampled[name]),
            "p": p_value(one - other, permuted[name]),
        }
    return found


def section(comparison: Mapping[str, Any]) -> Section:
    """A comparison as a table."""
    rows = []
    for name, entry in comparison["sets"].items():
        for key, score in entry["scores"].items():
            rows.append(
                [
                    name,
                    HEADS[key],
                    percent(score["first"]),
                    percent(score["second"]),
                    with_interval(score["difference"], sign="+"),
                    in_digits(score["p"]),
                    in_digits(score.get("p_holm")),
                    entry["n_clips"],
                ]
            )
    mean = comparison["mean"]
    rows.append(
        [
            f"mean of {len(comparison['sets'])}",
            "",
            percent(mean["first"]),
            percent(mean["second"]),
            with_interval(mean["difference"], sign="+"),
            in_digits(mean["p"]),
            "",
            sum(entry["n_clips"] for entry in comparison["sets"].values()),
        ]
    )
    one, other = comparison["names"]
    columns = ["set", "score", one, other, "difference", "p", "p (Holm)", "clips"]
    return Section(f"{one} against {other}, on the same clips", columns, rows)


def in_digits(p: float | None) -> str:
    """A p value with three digits.

    Example:
        >>> in_digits(0.0123), in_digits(0.0001), in_digits(None)
        ('0.012', '<0.001', '')
    """
    if p is None or p != p:
        return ""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


class Comparison(Screen):
    """Two runs as a table.

    Args:
        comparison: What `compare` gave.
    """

    def __init__(self, comparison: Mapping[str, Any]) -> None:
        self.comparison = comparison

    def heading(self) -> str:
        """What is compared, and how."""
        n, level = self.comparison["n_resamples"], self.comparison["level"]
        return (
            f"{' against '.join(self.comparison['names'])}: per cent, {level:.0%} interval of "
            f"{n:,} paired resamples, p of as many permutations"
        )

    def sections(self) -> list[Section]:
        """The table."""
        return [section(self.comparison)]
