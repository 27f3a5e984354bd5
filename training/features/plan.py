"""What is left to do: which clips go into which shard, whatever an earlier run has left."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from affecthub.training.features.clips import changed, digest_names
from affecthub.training.features.shards import Job, Shard, find_shards


@dataclass
class Plan:
    """What a run does.

    Args:
        jobs: Shards to write.
        n_done: Clips that an earlier run has done.
        n_changed: Clips that are done again, because their media have changed.
        n_retried: Clips that are done again, because they could not be read.
    """

    jobs: list[Job] = field(default_factory=list)
    n_done: int = 0
    n_changed: int = 0
    n_retried: int = 0

    @property
    def n_clips(self) -> int:
        """Clips to make features of."""
        return sum(len(job.clips) for job in self.jobs)


def make_plan(
    folder: Path,
    rows: Any,
    numbers: Sequence[int],
    media: Sequence[str],
    *,
    shard_clips: int,
    retry: bool,
) -> Plan:
    """Compare clips with the shards that stand.

    Blocks of clips follow from their order alone, and so does the folder, however often a run was
    stopped and however many processes shared it.

    Args:
        folder: With the shards of earlier runs, or without.
        rows: Clips of a corpus.
        numbers: Of those that are wanted.
        media: Columns that features are made of.
        shard_clips: Most clips of a shard.
        retry: Whether clips that could not be read are tried again.
    """
    plan = Plan()
    ids = list(rows["id"])  # item by item a column of datasets takes milliseconds
    number_of = {ids[number]: number for number in numbers}
    done: set[int] = set()
    shards = find_shards(folder)
    for shard in shards:
        known = [*shard.table()["id"].to_pylist(), *shard.broken]
        redo = _stale(shard, rows, number_of, media)
        plan.n_changed += len(redo)
        again = [number_of[i] for i in shard.broken if i in number_of] if retry else []
        plan.n_retried += len(again)
        if redo or again:
            order = sorted(known, key=lambda i: number_of.get(i, len(ids)))
            clips = sorted([*redo, *again])
            plan.jobs.append(Job(shard.number, shard.revision + 1, clips, shard.path, order))
        done |= {number_of[i] for i in known if i in number_of}
    plan.n_done = len(done) - plan.n_changed - plan.n_retried
    taken = {shard.number for shard in shards}
    for start in range(0, len(numbers), shard_clips):
        left = [each for each in numbers[start : start + shard_clips] if each not in done]
        if left:
            block = start // shard_clips
            number = block if block not in taken else max(taken) + 1
            taken.add(number)
            plan.jobs.append(Job(number, 0, left))
    plan.jobs.sort(key=lambda job: job.number)
    return plan


def _stale(
    shard: Shard, rows: Any, number_of: Mapping[str, int], media: Sequence[str]
) -> list[int]:
    """Numbers of a shard's clips whose media are there and have changed."""
    kept = shard.table().select(["id", *digest_names(media)]).to_pylist()
    here = [(number_of[then["id"]], then) for then in kept if then["id"] in number_of]
    clips = rows.select([number for number, _ in here]).to_list()
    return [
        number
        for (number, then), clip in zip(here, clips, strict=True)
        if changed(clip, then, media)
    ]
