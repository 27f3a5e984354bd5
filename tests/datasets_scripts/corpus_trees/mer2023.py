"""MER2023 as its archives unpack, and as MERBench and MER-UniBench process it."""

from pathlib import Path

from corpus_trees.mer import (
    LABELS,
    text,
    write_csv,
    write_faces,
    write_films,
    write_npz,
    write_sounds,
)

# Two ids of which one begins like the other, and a third test set with both forms of ids.
CLIPS = {
    "train": [f"sample_{n:08d}" for n in (0, 7, 21, 33, 1, 10)],
    "test1": [f"sample_{n:08d}" for n in (1001, 1010)],
    "test2": [f"sample_{n:08d}" for n in (2002, 2013)],
    "test3": ["samplenew_00006611", "sample_00003007"],
}
OURS = {"train": "train", "test1": "test_multi", "test2": "test_noise", "test3": "test_semi"}
ALL = [clip for clips in CLIPS.values() for clip in clips]


def label(clip: str) -> str:
    return LABELS[ALL.index(clip) % 6]


def valence(clip: str) -> float | None:
    """In quarters from -5 to 4.25; the third test set has none."""
    return None if clip in CLIPS["test3"] else -5 + 0.25 * ALL.index(clip)


def write_labels(root: Path, *, flat: bool = False) -> Path:
    """The four label csv, in the archives' folders or all in one."""
    for name, clips in CLIPS.items():
        folder = "" if flat else "mer2023train" if name == "train" else "test-labels"
        header = ["name", "discrete"] + ["valence"] * (name != "test3")
        rows = [[clip, label(clip), valence(clip)][: len(header)] for clip in clips]
        write_csv(root / folder / f"{name}-label.csv", header, rows)
    return root


def make(root: Path, *, flat: bool = False, container: str = "avi") -> Path:
    """The challenge's archives unpacked; ``flat`` as MERTools wants them."""
    write_labels(root, flat=flat)
    for name, clips in CLIPS.items():
        outer = "mer2023train/" if name == "train" and not flat else ""
        write_films(root / f"{outer}{name}", clips, container)
    return root


def write_transcripts(root: Path) -> Path:
    return write_csv(
        root / "transcription-engchi-polish.csv",
        ["name", "chinese", "english"],
        [[clip, *text(clip)] for clip in reversed(ALL)],
    )


def write_label_npz(root: Path) -> Path:
    parts = {
        name: {
            clip: {"emo": label(clip), "val": -10 if valence(clip) is None else valence(clip)}
            for clip in clips
        }
        for name, clips in CLIPS.items()
    }
    return write_npz(root / "label-6way.npz", **parts)


def processed(root: Path) -> Path:
    """The folder that MER-UniBench offers: films, sounds and faces without another level."""
    write_label_npz(root)
    write_transcripts(root)
    write_films(root / "video", ALL, "mp4")
    write_sounds(root / "audio", ALL)
    write_faces(root / "openface_face", ALL, nested=False)
    return root
