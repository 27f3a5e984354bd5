"""2,000 damaged annotation files and 500 damaged media files: nothing crashes, hangs or gets lost.

A failure names the seed of its case: ``annotation_case(seed, ...)`` or ``media_case(seed, ...)``
makes it again.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Any
from unittest.mock import patch

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from corpus_trees import damaged_annotations, damaged_media
from corpus_trees.damage import Damage
from corpus_trees.whole import Whole
from hangs import ends

import affecthub
from affecthub.datasets_scripts import list_datasets
from affecthub.datasets_scripts.reading import layout, references
from affecthub.datasets_scripts.reading.faces import read_faces
from affecthub.datasets_scripts.reading.usable import drop_unusable
from affecthub.entries import entries
from affecthub.media.cut import video_cut
from affecthub.media.frames import load_frames
from affecthub.media.sound import load_waveform
from affecthub.media.sources import MediaError

N_ANNOTATION_CASES = 2000
N_MEDIA_CASES = 500
CORPORA = list_datasets()
# Other forms a corpus may come in: functions of its module that write one together.
LAYOUTS: dict[str, tuple[tuple[str, ...], ...]] = {
    "emotiontalk": (("write_json",),),
    "cmu_mosi": (("write_npz",), ("write_cmu", "write_npz"), ("write_csd",)),
    "cmu_mosei": (("make", "write_cmu", "write_ratings"), ("write_csd",)),
    "ch_sims": (("write_metadata",), ("write_npz",)),
    "ch_sims_v2": (("write_npz",),),
    "mer2023": (("processed",),),
    "mer2024": (("processed",),),
    "mer2025": (("write_candidates", "processed"),),
    "mer2026": (("write_candidates", "write_human", "processed"),),
    "folder": (("write_json",), ("write_jsonl",), ("write_xlsx",)),
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
    clips_of: dict[str, dict[Path, list[str]]] = field(default_factory=dict)

    def builder(self, config: str) -> Any:
        """A reader of the files as they are now."""
        return entries()[self.name].builder_class()(
            config_name=config, data_dir=str(self.root), roots=self.roots
        )

    def read(self, config: str) -> tuple[pa.Table, list[str]]:
        """The finished rows without media, and the problems that were reported."""
        builder = self.builder(config)
        tables = builder.tables(builder.rows(), lambda ref: {"bytes": None, "path": ref["path"]})
        rows = pa.concat_tables([table.drop_columns(builder.MODALITIES) for table in tables])
        builder.checks(rows), builder.facts(rows)
        return rows, builder.problems

    def media(self, config: str) -> dict[Path, list[str]]:
        """The clips that each media file belongs to."""
        if config not in self.clips_of:
            clips_of: dict[Path, list[str]] = {}
            builder = self.builder(config)
            for row in builder.rows().select(["id", *builder.MODALITIES]).to_pylist():
                for path in {row[kind]["path"] for kind in builder.MODALITIES if row[kind]}:
                    clips_of.setdefault(Path(path), []).append(row["id"])
            self.clips_of[config] = dict(sorted(clips_of.items()))
        return self.clips_of[config]

    def whole(self, config: str) -> tuple[dict[str, Said], list[Path]]:
        """What the undamaged files say of each clip, and the annotation files it took."""
        if config not in self.undamaged:
            read = layout.read_span
            with (
                patch.object(layout, "read_span", wraps=read) as whole,
                patch.object(references, "read_span", wraps=read) as clips,
            ):
                rows, _ = self.read(config)
            calls = whole.call_args_list + clips.call_args_list
            opened = sorted({Path(call.args[0]) for call in calls})
            files = [path for path in opened if path.suffix in damaged_annotations.MUTATIONS]
            self.undamaged[config] = said(rows), files
        return self.undamaged[config]


def said(rows: pa.Table) -> dict[str, Said]:
    """What each clip is, by its id."""
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


@contextmanager
def damaged_file(path: Path, data: bytes) -> Iterator[None]:
    """Put other bytes into a file for a while."""
    whole = path.read_bytes()
    path.write_bytes(data)
    try:
        yield
    finally:
        path.write_bytes(whole)


def annotation_case(seed: int, choices: list[Subject]) -> str | None:
    """Damage one annotation file, read the corpus, and say what is wrong with the outcome."""
    rng = Random(seed)
    subject = rng.choice(choices)
    config = rng.choice(entries()[subject.name].configs)
    before, files = subject.whole(config)
    if not files:  # names of media say everything
        return None
    path = rng.choice(files)
    name, damaged = damaged_annotations.damage(path.read_bytes(), path.suffix, rng)
    case = f"{subject.name}/{config}, {path}, {name}, seed {seed}"
    with ends(case), damaged_file(path, damaged.data):
        wrong = judge(damaged, path, str(subject.root), before, lambda: subject.read(config))
    return wrong and f"{case}: {wrong}"


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


def media_case(seed: int, choices: list[Subject]) -> str | None:
    """Damage one media file, read its clips, and say what is wrong with them."""
    rng = Random(seed)
    subject = choices[0]
    config = rng.choice(entries()[subject.name].configs)
    files = subject.media(config)
    path = rng.choice(list(files))
    name, damaged = damaged_media.damage(path.read_bytes(), path.suffix, rng)
    case = f"{subject.name}/{config}, {path}, {name}, seed {seed}"
    with ends(case), damaged_file(path, damaged.data):
        try:
            wrong = judge_media(damaged, path, files, subject, config, verify=seed % 10 == 0)
        except Exception as error:
            wrong = f"crashed: {type(error).__name__}: {str(error)[:300]}"
    return wrong and f"{case}: {wrong}"


def judge_media(
    damaged: damaged_media.Damage,
    path: Path,
    files: dict[Path, list[str]],
    subject: Subject,
    config: str,
    verify: bool,
) -> str | None:
    """Say what is wrong with the rows of a damaged media file; None where nothing is."""
    builder = subject.builder(config)
    rows = builder.rows()
    clips = {clip for ids in files.values() for clip in ids}
    if sorted(rows["id"].to_pylist()) != sorted(clips):
        return f"{rows.num_rows} rows, expected {len(clips)}"
    rows = rows.filter(pc.is_in(rows["id"], value_set=pa.array(files[path])))
    # An empty file is never pointed at.
    pointing = {
        row["id"]: [k for k in builder.MODALITIES if row[k] and row[k]["path"] == str(path)]
        for row in rows.to_pylist()
    }
    finished = pa.concat_tables(builder.tables(rows))
    usable = drop_unusable(finished, builder.MODALITIES, fatal=False).to_pylist()
    for row in usable:
        for kind in pointing[row["id"]]:
            issue = row["media_issue"] or ""
            if row[kind] is None:
                if kind not in issue:
                    return f"{row['id']}: {kind} is gone without a reason: {issue!r}"
                if kind in damaged.kept and "before the clip does" not in issue:
                    return f"{row['id']}: {kind} is gone: {issue}"
            elif kind in damaged.lost:
                return f"{row['id']}: {kind} was let through"
            else:
                try:
                    decode(kind, row)
                except MediaError as error:
                    # Files are opened when rows are made, not decoded to their end.
                    if kind in damaged.kept or path.name not in str(error):
                        return f"{row['id']}: {kind} does not decode: {error}"
    if any(damaged.lost.intersection(pointing[row["id"]]) for row in usable):
        with pytest.raises(ValueError, match=re.escape(path.name)):
            drop_unusable(finished, builder.MODALITIES, fatal=True)
    if not damaged.data and not all(row["media_issue"] for row in usable):
        return "an empty file was let through"
    if verify and any(row["media_issue"] for row in usable):
        report = affecthub.verify(subject.name, subject.root, config, roots=subject.roots)
        return None if report.media["issues"] else "unseen by verify"
    return None


def decode(kind: str, row: dict[str, Any]) -> None:
    """Read a medium that was found usable, which must not raise."""
    if kind == "audio":
        assert np.isfinite(load_waveform(row["audio"])).all()
    elif kind == "video":
        assert load_frames(row["video"], 1, **video_cut(row)).ndim == 4
    else:
        assert len(read_faces(row["face"]))


@pytest.mark.parametrize("name", CORPORA)
def test_damaged_annotation_files(subjects, name):
    seeds = range(CORPORA.index(name), N_ANNOTATION_CASES, len(CORPORA))
    wrong = [outcome for seed in seeds if (outcome := annotation_case(seed, subjects(name)))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("name", CORPORA)
def test_damaged_media_files(subjects, name):
    seeds = range(CORPORA.index(name), N_MEDIA_CASES, len(CORPORA))
    wrong = [outcome for seed in seeds if (outcome := media_case(seed, subjects(name)))]
    assert not wrong, "\n".join(wrong)
