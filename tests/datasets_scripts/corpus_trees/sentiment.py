"""What the trees of MOSI, MOSEI, SIMS and SIMS v2 share: clips with scores, and their files."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from corpus_trees.media import clip_video, put

NPZ_SPLITS = {"train": "train_corpus", "valid": "val_corpus", "test": "test_corpus"}


class Clip(NamedTuple):
    """One clip, every value as it is written in a label csv."""

    video: str
    clip: str
    text: str
    label: str
    mode: str
    label_t: str = ""
    label_a: str = ""
    label_v: str = ""
    text_en: str = ""

    @property
    def id(self) -> str:
        return f"{self.video}_{self.clip}"

    @property
    def annotation(self) -> str:
        return ("Neutral", "Positive", "Negative")[int(np.sign(float(self.label)))]


def write_csv(
    path: Path, header: Sequence[str], rows: Sequence[Sequence[Any]], bom: str = ""
) -> Path:
    """A csv as pandas writes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path, "w", newline="", encoding="utf-8") as stream:
        stream.write(bom)
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
    return path


def write_label_csv(path: Path, clips: Sequence[Clip], bom: str = "") -> Path:
    """The label csv of the MMSA form."""
    header = "video_id,clip_id,text,label,label_T,label_A,label_V,annotation,mode".split(",")
    rows = [
        [c.video, c.clip, c.text, c.label, c.label_t, c.label_a, c.label_v, c.annotation, c.mode]
        for c in clips
    ]
    return write_csv(path, header, rows, bom)


def write_npz(path: Path, clips: Sequence[Clip]) -> Path:
    """The label npz of MERBench: a pickled dict per split."""
    splits: dict[str, dict[str, Any]] = {name: {} for name in NPZ_SPLITS.values()}
    for clip in clips:
        splits[NPZ_SPLITS[clip.mode]][clip.id] = {"emo": 0, "val": float(clip.label)}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **splits)
    return path


def write_nested_media(folder: Path, clips: Sequence[Clip]) -> Path:
    """``<video>/<clip>.mp4``."""
    for i, clip in enumerate(clips):
        put(folder / clip.video / f"{clip.clip}.mp4", clip_video(i))
    return folder


def write_flat_media(folder: Path, clips: Sequence[Clip]) -> Path:
    """``<video>_<clip>.mp4``."""
    for i, clip in enumerate(clips):
        put(folder / f"{clip.id}.mp4", clip_video(i))
    return folder


def write_csd(
    path: Path, name: str, videos: Mapping[str, tuple[Sequence[Any], Sequence[tuple[float, float]]]]
) -> Path:
    """A computational sequence of CMU's SDK: features and intervals of each video."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        root = file.create_group(name)
        data = root.create_group("data")
        for video, (features, intervals) in videos.items():
            group = data.create_group(video)
            group.create_dataset("features", data=np.array(features))
            group.create_dataset("intervals", data=np.array(intervals))
        root.create_group("metadata").create_dataset("root name", data=f'["{name}"]')
    return path
