"""Fill a feature cache: decode in worker processes, encode in batches, write in shards.

One process, or many that ``torchrun`` starts; killed at any instant, the same command goes on.
"""

import errno
import json
import shutil
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import datasets
import numpy as np
from torch.utils.data import DataLoader

from affecthub.training.features.batches import Batch, Clips, as_batch
from affecthub.training.features.clips import digest_names
from affecthub.training.features.index import ABOUT, Summary, finish
from affecthub.training.features.key import FORMAT, differences
from affecthub.training.features.machine import alone
from affecthub.training.features.plan import Job, Plan, make_plan
from affecthub.training.features.reporting import reported
from affecthub.training.features.shards import (
    PART,
    find_shards,
    write_bytes,
    write_job,
)
from affecthub.training.features.store import read_about
from affecthub.training.processes import agreed, gathered, joined
from affecthub.training.shares import Share

# Columns of text that every cache begins with.
ABOUT_CLIP = ("id", "corpus", "split_official", "media_issue")
# Columns that say which part of a film is the clip.
CUT = ("video_start_s", "video_end_s", "video_crop")
SHARD_CLIPS = 256
PACKAGES = ("affecthub", "torch", "transformers", "datasets")


def fill(
    maker: Any,
    rows: datasets.Dataset,
    folder: str | Path,
    *,
    corpus: str,
    batch_size: int = 16,
    n_workers: int = 0,
    shard_clips: int = SHARD_CLIPS,
    retry: bool = False,
    progress: bool = True,
    about: dict[str, Any] | None = None,
) -> Summary:
    """Make the features of clips and keep them in a folder.

    Clips that are there already are not made again, unless their media have changed. What is killed
    or finds the disk full goes on where it stopped when it is called again.

    Args:
        maker: Makes the features, as `TowerMaker`; any object with its attributes and methods.
        rows: Clips of a corpus; of several with one id the first counts.
        folder: Where they go; made if need be.
        corpus: The corpus' name.
        batch_size: Clips that are encoded together.
        n_workers: Processes that decode, beside this one; 0 decodes here.
        shard_clips: Most clips of one file; a kill loses what is not in a file yet.
        retry: Try clips again that could not be read.
        progress: Show how far it is.
        about: What else ``features.json`` is to say: config, protocol, splits.

    Returns:
        What the folder holds, in every process.

    Raises:
        ValueError: The folder is another cache, or being filled; not a single clip can be read.
        OSError: The disk is full; what is written stays.
    """
    folder = Path(folder).expanduser()
    needed = [*ABOUT_CLIP, *maker.media, *CUT]
    rows = rows.select_columns([name for name in needed if name in rows.column_names])
    run = _Run(maker, rows, folder, corpus, batch_size, n_workers, shard_clips, retry, progress)
    with joined() as process:
        if process.index:
            return run(process, about or {})
        folder.mkdir(parents=True, exist_ok=True)
        # One process holds the folder for all of them.
        with alone(folder):
            return run(process, about or {})


@dataclass
class _Run:
    """The arguments of `fill`."""

    maker: Any
    rows: datasets.Dataset
    folder: Path
    corpus: str
    batch_size: int
    n_workers: int
    shard_clips: int
    retry: bool
    progress: bool

    def __call__(self, process: Share, about: dict[str, Any]) -> Summary:
        """Do this process' share; the first one begins and ends the folder."""
        try:
            plan: Plan = agreed(lambda: self._plan(about))
            if plan.n_changed and not process.index:
                warnings.warn(
                    f"{plan.n_changed} clips of {self.folder} are made anew, because their media "
                    "have changed.",
                    stacklevel=3,
                )
            facts = [*ABOUT_CLIP, *digest_names(self.maker.media)]
            jobs = process.of(plan.jobs)
            what = "features" if process.is_all else f"features, process 1 of {process.count}"
            shown = self.progress and not process.index
            with reported(sum(len(job.clips) for job in jobs), shown=shown, what=what) as tell:
                for job, rows, broken in self._made(jobs, tell):
                    write_job(self.folder, job, rows, broken, facts, self.maker.columns)
            gathered(None)  # all have written their share
            return agreed(lambda: finish(self.folder, facts, self.maker.columns))
        except OSError as error:
            raise _full(error, self.folder) from error

    def _plan(self, about: dict[str, Any]) -> Plan:
        _begin(self.folder, self.maker, self.corpus, about)
        return make_plan(
            self.folder,
            self.rows,
            _each_once(self.rows),
            self.maker.media,
            shard_clips=self.shard_clips,
            retry=self.retry,
        )

    def _made(
        self, jobs: Sequence[Job], tell: Any
    ) -> Iterator[tuple[Job, list[dict[str, Any]], dict[str, str]]]:
        """Yield each job with its rows, and the clips that have none with the reason."""
        size = self.batch_size
        cut = [
            job.clips[start : start + size]
            for job in jobs
            for start in range(0, len(job.clips), size)
        ]
        loader = DataLoader(
            Clips(self.maker.inputs(self.rows), self.rows, ABOUT_CLIP, self.maker.media),
            batch_sampler=cut,
            num_workers=self.n_workers,
            collate_fn=as_batch,
        )
        batches = iter(loader)
        for job in jobs:
            made: dict[int, dict[str, Any]] = {}
            broken: dict[str, str] = {}
            for _ in range(0, len(job.clips), size):
                batch: Batch = next(batches)
                broken |= batch.broken
                rows, unfit = _encoded(self.maker, batch)
                made |= rows
                broken |= unfit
                tell(len(rows) + len(batch.broken) + len(unfit))
            yield job, [made[number] for number in sorted(made)], broken


def _begin(folder: Path, maker: Any, corpus: str, about: dict[str, Any]) -> None:
    """Say whose cache the folder is, or refuse one that is another's."""
    said = {
        "format": FORMAT,
        "corpus": corpus,
        "maker": maker.name,
        "dtype": maker.columns[0].dtype if maker.columns else None,
        "media": list(maker.media),
    }
    if not (folder / ABOUT).is_file():
        strange = sorted(path.name for path in folder.iterdir() if not _of_a_kill(path))
        if strange:
            raise ValueError(
                f"{folder} holds other files: got {', '.join(strange[:3])}, expected an empty "
                "folder or one that `affecthub features` has begun. Give another."
            )
        columns = [
            {
                "name": each.name,
                "shape": list(each.shape),
                "dtype": each.dtype,
                "of": list(maker.made_of[each.name]),
            }
            for each in maker.columns
        ]
        whole = {
            **said,
            "columns": columns,
            "key": maker.key,
            "source": maker.source,
            **about,
            "versions": {name: version(name) for name in PACKAGES},
        }
        write_bytes(folder / ABOUT, json.dumps(whole, indent=2).encode())
        return
    kept = read_about(folder)
    differ = differences(
        {**{name: kept.get(name) for name in said}, "key": kept["key"]},
        {**said, "key": json.loads(json.dumps(maker.key))},
    )
    if differ:
        raise ValueError(
            f"{folder} is another feature cache: {'; '.join(differ)}. Give another folder, or "
            "remove this one."
        )


def _of_a_kill(path: Path) -> bool:
    """Whether a file is one that a stopped run may have left before anything else."""
    return path.name == ".filling" or path.name.endswith(PART)


def _each_once(rows: datasets.Dataset) -> list[int]:
    """Numbers of the clips, the first of each id."""
    first: dict[str, int] = {}
    for number, clip_id in enumerate(rows["id"]):
        first.setdefault(clip_id, number)
    return list(first.values())


def _encoded(maker: Any, batch: Batch) -> tuple[dict[int, dict[str, Any]], dict[str, str]]:
    """The rows of a batch by the clips' numbers, and the clips whose features cannot be kept."""
    rows = {number: dict(facts) for number, facts in batch.facts.items()}
    unfit: dict[str, str] = {}
    for column in maker.columns:
        if column.name not in batch.inputs:
            continue
        numbers, values = batch.inputs[column.name]
        features = maker.make(column.name, values)
        for number, clip in zip(numbers, features, strict=True):
            try:
                rows[number][column.name] = column.encode(np.asarray(clip))
            except ValueError as error:
                unfit[rows[number]["id"]] = f"clip {rows[number]['id']!r}: {error}"
    return {number: row for number, row in rows.items() if row["id"] not in unfit}, unfit


def _full(error: OSError, folder: Path) -> OSError:
    """The error of a disk that takes no more, with what to do; others as they are."""
    if error.errno not in (errno.ENOSPC, getattr(errno, "EDQUOT", None)):
        return error
    n_kept = sum(shard.table().num_rows for shard in find_shards(folder))
    free = shutil.disk_usage(folder).free / 1e6
    return OSError(
        f"the disk of {folder} is full ({error.strerror}): {n_kept:,} clips are written and kept, "
        f"{free:,.0f} MB are free. Make room and run the same command again; it goes on from there."
    )
