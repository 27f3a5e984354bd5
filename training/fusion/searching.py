"""The published search: many draws, one run each, the best by validation run again over seeds."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from affecthub.training.fusion.fitting import Fitted, config_for, plain_config
from affecthub.training.fusion.job import Job
from affecthub.training.fusion.many import fit_many
from affecthub.training.fusion.scoring import CHOSEN_BY, better
from affecthub.training.fusion.settings import Settings
from affecthub.training.fusion.spaces import Draw, Space, draw_from, space_of
from affecthub.training.fusion.table import FeatureTable
from affecthub.training.spread import mean_and_sd

DRAWS, RUNS = 50, 6
QUICK_DRAWS, QUICK_RUNS = 10, 3
JOURNAL = "search.jsonl"


@dataclass
class Searched:
    """What a search found.

    Args:
        algorithm: What was searched.
        best: The draw with the best validation weighted F1; of equal ones the first.
        draws: Of every draw its ``draw``, ``validation``, ``scores`` and ``best_epoch``. The test
            scores chose nothing.
        runs: Of every seed the record of its run with the best draw, and ``answers``, what it said
            of the test clips, see `Fitted.said`.
        fitted: The runs themselves, where they were not read from a journal.
        scores: Score to its ``mean`` and sample standard deviation ``sd`` (ddof 1, None of one run)
            over the runs, on the test split.
    """

    algorithm: str
    best: Draw
    draws: list[dict[str, Any]]
    runs: list[dict[str, Any]]
    fitted: list[Fitted] = field(default_factory=list)
    scores: dict[str, dict[str, float | None]] = field(default_factory=dict)


def search(
    algorithm: str,
    table: FeatureTable,
    *,
    draws: int = DRAWS,
    runs: int = RUNS,
    seeds: Sequence[int] | None = None,
    settings: Settings | None = None,
    space: Space | None = None,
    fidelity: str = "fixed",
    options: dict[str, Any] | None = None,
    draw_seed: int = 0,
    side_by_side: bool = True,
    folder: str | Path | None = None,
    quick: bool = False,
    tell: Callable[[str], None] | None = None,
    **fields: Any,
) -> Searched:
    """Search as published: draws trained once each, the best one trained again over seeds.

    Args:
        algorithm: One of the ten, or ``unimodal``.
        table: What to train, validate and test on.
        draws: Configurations drawn from the space, with `draw_seed`.
        runs: Runs of the best one.
        seeds: Theirs; None takes 0, 1, ... The draws are run with the first of them.
        settings: What the space does not say.
        space: What to draw from; None takes the published one. Names that stand there alone are
            merged over it, see `space_of`.
        fidelity: ``fixed`` or ``official``.
        options: Of the algorithm, that are not drawn.
        draw_seed: Of the draws.
        side_by_side: Train draws together where that can be done, see `fit_many`.
        folder: Keeps a journal: what is in it is not run again.
        quick: 10 draws, 3 runs and at most 20 epochs, where these were not given.
        tell: Is told how far it is.
        **fields: Others of `FusionConfig`.

    Raises:
        ValueError: No draws, no validation clips, or as `fit`.

    Source: MERBench's protocol: 50 random draws, the best by validation, run 6 times, mean.
    """
    settings = settings or Settings()
    if quick:
        draws, runs = min(draws, QUICK_DRAWS), min(runs, QUICK_RUNS)
        settings = settings.with_(epochs=min(settings.epochs, 20))
    seeds = list(range(runs)) if seeds is None else list(seeds)
    if draws < 1 or not seeds:
        raise ValueError(f"a search needs draws and runs: got {draws} and {len(seeds)}.")
    if not len(table.splits.get("validation", ())):
        raise ValueError(
            f"{table.corpus} has no clips to choose by: got an empty validation split, expected "
            "some. Choose another protocol."
        )
    drawn = draw_from(space_of(algorithm, space), draws, draw_seed)
    whole = {"fidelity": fidelity, **fields}

    def job(draw: Draw, seed: int) -> Job:
        wanted = {**(options or {}), **draw.options}
        config = config_for(table, algorithm, options=wanted, **{**whole, **draw.config})
        return Job(config, settings.with_(**draw.settings), seed)

    journal = _Journal(folder)
    tried = journal.run("draw", [job(draw, seeds[0]) for draw in drawn], table, side_by_side, tell)
    records = [
        {"draw": draw.plain(), **record} for draw, (record, _) in zip(drawn, tried, strict=True)
    ]
    best = drawn[best_of([record["validation"][CHOSEN_BY] for record in records])]
    ran = journal.run("run", [job(best, seed) for seed in seeds], table, side_by_side, tell)
    return Searched(
        algorithm,
        best,
        records,
        [record for record, _ in ran],
        [fitted for _, fitted in ran if fitted is not None],
        summed_up([record["scores"] for record, _ in ran]),
    )


def best_of(scores: Sequence[float]) -> int:
    """The place of the best score; the first of equals, and NaN only where all are.

    Example:
        >>> best_of([float("nan"), 0.5, 0.7, 0.7])
        2
    """
    best = 0
    for place, score in enumerate(scores):
        if better(score, scores[best]):
            best = place
    return best


def summed_up(scores: Sequence[dict[str, Any]]) -> dict[str, dict[str, float | None]]:
    """Mean and sample standard deviation of every score over runs; None where one has none.

    Example:
        >>> summed_up([{"acc": 0.5, "n": 4}, {"acc": 0.7, "n": 4}])["acc"]["mean"]
        0.6
    """
    found: dict[str, dict[str, float | None]] = {}
    for name in scores[0] if scores else ():
        if name in ("n", "n_scored"):
            continue
        values = [each[name] for each in scores]
        if any(value is None for value in values):
            found[name] = {"mean": None, "sd": None}
            continue
        found[name] = mean_and_sd(values)
    return found


class _Journal:
    """What was run already, a line for each; without a folder nothing is kept."""

    def __init__(self, folder: str | Path | None) -> None:
        self.file = None if folder is None else Path(folder) / JOURNAL
        self.known: dict[str, dict[str, Any]] = {}
        if self.file is not None and self.file.is_file():
            for line in self.file.read_text(encoding="utf-8").splitlines():
                # A kill may have cut the last line.
                if line.endswith("}"):
                    entry = json.loads(line)
                    self.known[entry["key"]] = entry["record"]

    def run(
        self,
        what: str,
        jobs: Sequence[Job],
        table: FeatureTable,
        side_by_side: bool,
        tell: Callable[[str], None] | None,
    ) -> list[tuple[dict[str, Any], Fitted | None]]:
        """Run those that are not known, and note each when it is done."""
        keys = [f"{what} {_key(job, table)}" for job in jobs]
        found: dict[str, tuple[dict[str, Any], Fitted | None]] = {
            key: (self.known[key], None) for key in keys if key in self.known
        }
        left = {key: job for key, job in zip(keys, jobs, strict=True) if key not in found}
        names = list(left)
        for place, fitted in fit_many(list(left.values()), table, side_by_side=side_by_side):
            key = names[place]
            record = fitted.record()
            if what == "run":
                record["answers"] = fitted.said()
            # Of draws the weights are of no use any more.
            found[key] = (record, fitted if what == "run" else None)
            self._note(key, record)
            if tell is not None:
                tell(f"{what} {len(found)} of {len(set(keys))}")
        return [found[key] for key in keys]

    def _note(self, key: str, record: dict[str, Any]) -> None:
        self.known[key] = record
        if self.file is None:
            return
        self.file.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"key": key, "record": record}, ensure_ascii=False)
        with self.file.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")


def _key(job: Job, table: FeatureTable) -> str:
    """All that decides a run, as text."""
    of_table = {name: len(index) for name, index in table.splits.items()}
    told = [plain_config(job.config), asdict(job.settings), job.seed, of_table, dict(table.facts)]
    return json.dumps(told, sort_keys=True, default=str)
