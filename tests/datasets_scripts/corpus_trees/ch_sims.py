"""CH-SIMS as MMSA packs it, and in the package of 2020."""

from pathlib import Path

from affecthub.datasets_scripts.ch_sims.builder import ChSimsBuilder
from corpus_trees import sentiment
from corpus_trees.sentiment import Clip

SIDES = ChSimsBuilder.rule("speaker_independent").splits
LABELS = ("-1.0", "0.6", "0.0", "-0.2", "0.8", "0.2")
# Two videos of each side of the video-disjoint split; officially each video is on three sides.
CLIPS = [
    Clip(
        video,
        clip,
        f"第{i}句，很好。" if clip != "0003" else f"他说：“第{i}句”。",
        LABELS[(i + int(clip)) % 6],
        mode,
        *(LABELS[(i + int(clip) + k) % 6] for k in (1, 2, 3)),
        text_en=f"Sentence {i}, very good.",
    )
    for i, video in enumerate(name for side in SIDES.values() for name in side[:2])
    for clip, mode in (("0001", "train"), ("0003", "valid" if i % 2 else "train"), ("0012", "test"))
]


def write_metadata(root: Path, *, padded: bool = False) -> Path:
    """``metadata/``: clip ids as numbers, and index files that count the rows of the labels."""
    folder = root / "metadata"
    keys = [(clip.video, clip.clip if padded else int(clip.clip)) for clip in CLIPS]
    for name, column in (("M", "label"), ("T", "label_t"), ("A", "label_a"), ("V", "label_v")):
        rows = [(*key, getattr(clip, column)) for key, clip in zip(keys, CLIPS, strict=True)]
        header = ("video_id", "clip_id", "label")
        sentiment.write_csv(folder / "sentiment" / f"label_{name}.csv", header, rows)
    for name, mode in (("train", "train"), ("val", "valid"), ("test", "test")):
        rows = [(i,) for i, clip in enumerate(CLIPS) if clip.mode == mode][::-1]
        sentiment.write_csv(folder / f"{name}_index.csv", ("index",), rows)
    rows = [(*key, c.text, c.text_en) for key, c in zip(keys, CLIPS, strict=True)]
    header = ("video_id", "clip_id", "Chinese", "English")
    sentiment.write_csv(folder / "Translation.csv", header, rows[::-1])
    return root


def write_npz(root: Path) -> Path:
    """Label npz and transcription csv, flat media."""
    sentiment.write_npz(root / "label.npz", CLIPS)
    rows = [(clip.id, clip.text, clip.text_en) for clip in CLIPS]
    header = ("name", "chinese", "english")
    sentiment.write_csv(root / "transcription-engchi-polish.csv", header, rows)
    sentiment.write_flat_media(root / "video", CLIPS)
    return root


def make(root: Path) -> Path:
    """The MMSA form."""
    sentiment.write_label_csv(root / "label.csv", CLIPS)
    sentiment.write_nested_media(root / "Raw", CLIPS)
    return root
