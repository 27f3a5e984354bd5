"""2,000 damaged annotation files and 500 damaged media files: nothing crashes, hangs or gets lost.

A failure names the seed of its case: ``annotation_case(seed, ...)`` makes it again.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from corpus_trees.damaged_annotations import MUTATIONS, Damage, damage
from corpus_trees.whole import Whole

from affecthub.datasets_scripts import layout, list_datasets, references
from affecthub.datasets_scripts.catalog import CATALOG

N_ANNOTATION_CASES = 2000
LIMIT_S = 5.0
CORPORA = list_datasets()
# Other forms a corpus may come in: functions of its module that write one together.
LAYOUTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "emotiontalk": (("write_json",),),
    "cmu_mosi": (("write_npz",), ("write_cmu", "write_npz")),
    "cmu_mosei": (("make", "write_cmu", "write_ratings"),),
    "ch_sims": (("write_metadata",), ("write_npz",)),
    "ch_sims_v2": (("write_npz",),),
    "mer2023": (("processed",),),
    "mer2024": (("processed",),),
}
# What of a row must not move to another clip.
SAID = ("emotion", "text", "sentiment", "open_vocabulary", "description")
Said = tuple[Any, ...]


@dataclass
class Subject:
    """A corpus in one layout, whole, and what is read from it."""

    name: str
    root: Path
    roots: dict[str, Path]
    undamaged: dict[str, tuple[dict[str, Said], list[Path]]] = field(default_factory=dict)

    def read(self, config: str) -> tuple[pa.Table, list[str]]:
        """Give the finished rows without media, and the problems that were reported."""
        builder = CATALOG[self.name].builder_class()(
            config_name=config, data_dir=str(self.root), roots=self.roots
        )
        tables = builder.tables(builder.rows(), lambda ref: {"bytes": None, "path": ref["path"]})
        rows = pa.concat_tables([table.drop_columns(builder.MODALITIES) for table in tables])
        builder.checks(rows), builder.facts(rows)
        return rows, builder.problems

    def whole(self, config: str) -> tuple[dict[str, Said], list[Path]]:
        """Give what the undamaged files say of each clip, and the annotation files it took."""
        if config not in self.undamaged:
            read = layout.read_span
            with (
                patch.object(layout, "read_span", wraps=read) as whole,
                patch.object(references, "read_span", wraps=read) as clips,
            ):
                rows, _ = self.read(config)
            calls = whole.call_args_list + clips.call_args_list
            opened = sorted({Path(call.args[0]) for call in calls})
            files = [path for path in opened if path.suffix in MUTATIONS]
            self.undamaged[config] = said(rows), files
        return self.undamaged[config]


def said(rows: pa.Table) -> dict[str, Said]:
    """Give what each clip is, by its id."""
    ids, *columns = (rows[name].to_pylist() for name in ("id", *SAID))
    return dict(zip(ids, zip(*columns, strict=True), strict=True))


@pytest.fixture(scope="module")
def subjects(tmp_path_factory) -> Callable[[str], list[Subject]]:
    """A corpus in all its layouts, written once."""

    @cache
    def make(name: str) -> list[Subject]:
        folder = tmp_path_factory.mktemp(name)
        whole = Whole.make(name, folder)
        module = import_module(f"corpus_trees.{name}")
        subjects = [Subject(name, whole.root, whole.roots)]
        for i, writers in enumerate(LAYOUTS.get(name, ())):
            root = folder / f"layout_{i}"
            for writer in writers:
                getattr(module, writer)(root)
            subjects.append(Subject(name, root, whole.roots))
        return subjects

    return make


def annotation_case(seed: int, choices: list[Subject]) -> str | None:
    """Damage one annotation file, read the corpus, and say what is wrong with the outcome."""
    rng = Random(seed)
    subject = rng.choice(choices)
    config = rng.choice(CATALOG[subject.name].configs)
    before, files = subject.whole(config)
    path = rng.choice(files)
    data = path.read_bytes()
    name, damaged = damage(data, path.suffix, rng)
    path.write_bytes(damaged.data)
    start = time.monotonic()
    try:
        wrong = judge(damaged, path, str(subject.root), before, lambda: subject.read(config))
    finally:
        path.write_bytes(data)
    seconds = time.monotonic() - start
    wrong = wrong or (f"took {seconds:.1f} s" if seconds > LIMIT_S else None)
    where = f"{subject.name}/{config}, {path.relative_to(path.parents[2])}, {name}, seed {seed}"
    return wrong and f"{where}: {wrong}"


def judge(
    damaged: Damage,
    path: Path,
    folder: str,
    before: dict[str, Said],
    read: Callable[[], tuple[pa.Table, list[str]]],
) -> str | None:
    """Say what is wrong with the outcome of reading a damaged file; None where nothing is."""
    try:
        rows, problems = read()
    except (ValueError, FileNotFoundError) as error:
        named = any(name in str(error) for name in (path.stem, folder, *before))
        if not named and not re.search(r"\bclip \S", str(error)):
            return f"refused without a name: {type(error).__name__}: {str(error)[:300]}"
        return "refused" if damaged.kind == "same" else None
    except Exception as error:
        return f"crashed: {type(error).__name__}: {str(error)[:300]}"
    after = said(rows)
    if len(after) != rows.num_rows:
        return "a clip stands twice"
    numbers = [column.name for column in rows.schema if pa.types.is_floating(column.type)]
    for name in numbers:
        if pc.any(pc.invert(pc.is_finite(rows[name]))).as_py():
            return f"not a number in {name}"
    lost, new = before.keys() - after.keys(), after.keys() - before.keys()
    changed = [clip for clip in before.keys() & after.keys() if before[clip] != after[clip]]
    if problems or damaged.kind == "any":
        return None
    if damaged.kind == "broken":
        return f"read without a word: {len(lost)} rows lost, {len(changed)} changed"
    # A file may come to name another clip; the one it named may still stand in another file.
    counts = (len(new), len(changed))
    if damaged.kind == "cells" and len(lost) <= len(new) and max(counts) <= damaged.n_rows:
        return None
    # A clip that is no longer labelled may become one of those without labels.
    if damaged.kind == "cut" and sum(counts, len(lost)) <= damaged.n_rows:
        return None
    if lost or new or changed:
        return f"lost {sorted(lost)[:3]}, new {sorted(new)[:3]}, changed {changed[:3]}"
    return None


@pytest.mark.parametrize("name", CORPORA)
def test_damaged_annotation_files(subjects, name):
    seeds = range(CORPORA.index(name), N_ANNOTATION_CASES, len(CORPORA))
    wrong = [outcome for seed in seeds if (outcome := annotation_case(seed, subjects(name)))]
    assert not wrong, "\n".join(wrong)
