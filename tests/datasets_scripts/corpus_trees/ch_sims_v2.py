"""CH-SIMS v2, supervised part: `meta.csv` with a mark of its encoding, and `Raw`."""

import shutil
from pathlib import Path

from affecthub.datasets_scripts.ch_sims_v2.builder import ChSimsV2Builder
from corpus_trees import sentiment
from corpus_trees.sentiment import Clip

SIDES = ChSimsV2Builder.rule("speaker_independent").splits
LABELS = ("-1.0", "0.6", "0", "-0.1", "0.8", "0.0")


def _videos() -> list[str]:
    """One old and one new video of each side, and the video whose clips have a mark."""
    videos = ["aqgy4_0009"]
    for side in SIDES.values():
        old = [name for name in side if name.startswith("video_0")]
        new = [name for name in side if not name.startswith("video_0") and name not in videos]
        videos += [old[0], new[0]]
    return videos


def _clip_ids(video: str) -> tuple[str, str]:
    if video == "aqgy4_0009":
        return ("00001", "00026_0")
    return ("0001", "0012") if video.startswith("video_0") else ("00001", "00012")


CLIPS = [
    Clip(
        video,
        clip,
        f"第{i}句，很好。",
        LABELS[(i + j) % 6],
        ("train", "valid" if i % 3 == 1 else "test" if i % 3 == 2 else "train")[j],
        *(LABELS[(i + j + k) % 6] for k in (1, 2, 3)),
        text_en=f"Sentence {i}, very good.",
    )
    for i, video in enumerate(_videos())
    for j, clip in enumerate(_clip_ids(video))
]


def write_npz(root: Path) -> Path:
    """Label npz and transcription csv, flat media."""
    sentiment.write_npz(root / "label.npz", CLIPS)
    rows = [(clip.id, clip.text, clip.text_en) for clip in CLIPS]
    header = ("name", "chinese", "english")
    sentiment.write_csv(root / "transcription-engchi-polish.csv", header, rows)
    sentiment.write_flat_media(root / "video", CLIPS)
    return root


def lose_mark(root: Path) -> Path:
    """Name the file of `00026_0` as a program that read the id as a number does."""
    folder = root / "ch-simsv2s" / "Raw" / "aqgy4_0009"
    shutil.move(folder / "00026_0.mp4", folder / "000260.mp4")
    return root


def make(root: Path) -> Path:
    """The MMSA form."""
    sentiment.write_label_csv(root / "ch-simsv2s" / "meta.csv", CLIPS, bom="\ufeff")
    sentiment.write_nested_media(root / "ch-simsv2s" / "Raw", CLIPS)
    return root
