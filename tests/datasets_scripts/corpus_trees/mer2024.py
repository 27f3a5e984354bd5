"""MER2024: labelled films, the pool that hides the test sets, and the processed folder."""

from pathlib import Path

from corpus_trees.mer import LABELS, text, write_csv, write_films, write_npz, write_sounds

CLIPS = {
    "train": [f"sample_{n:08d}" for n in (0, 7, 1001)] + ["samplenew_00006611"],
    "test1": [f"samplenew3_{n:08d}" for n in (101, 102, 113)],
    "test2": [f"samplenew3_{n:08d}" for n in (204, 205)],
    "pool": [f"samplenew3_{n:08d}" for n in (301, 302, 303)],
}
ALL = [clip for clips in CLIPS.values() for clip in clips]


def label(clip: str) -> str:
    return LABELS[ALL.index(clip) % 6]


def write_labels(root: Path) -> Path:
    """The label csv of the challenge: training clips only."""
    rows = [[clip, label(clip), 0.5 * i] for i, clip in enumerate(CLIPS["train"])]
    write_csv(root / "label-disdim.csv", ["name", "discrete", "valence"], rows)
    return root


def write_test_labels(root: Path) -> Path:
    """What was published after the challenge: a csv for each hidden set."""
    for name in ("test1", "test2"):
        rows = [[clip, label(clip)] for clip in CLIPS[name]]
        write_csv(root / f"{name}_name_convert_label.csv", ["name", "discrete"], rows)
    return root


def write_transcripts(root: Path, name: str = "transcription-merge.csv") -> Path:
    write_csv(root / name, ["name", "chinese", "english"], [[clip, *text(clip)] for clip in ALL])
    return root


def challenge(root: Path) -> Path:
    """What participants unpacked."""
    write_labels(root)
    write_films(root / "video-labeled", CLIPS["train"])
    hidden = [clip for name in ("test1", "test2", "pool") for clip in CLIPS[name]]
    write_films(root / "video-unlabeled-with-test2noise", hidden)
    return root


def make(root: Path) -> Path:
    """The challenge's folder with transcripts and the test labels."""
    return write_test_labels(write_transcripts(challenge(root)))


def write_label_npz(root: Path, placeholder: str | None = None) -> Path:
    """Labels per split, without valence; test labels may all be one placeholder."""
    parts = {
        name: {clip: {"emo": placeholder or label(clip)} for clip in CLIPS[name]}
        for name in ("test1", "test2")
    }
    train = {clip: {"emo": label(clip)} for clip in CLIPS["train"]}
    write_npz(root / "label-6way.npz", train=train, **parts)
    return root


def processed(root: Path) -> Path:
    """The folder that MER-UniBench offers."""
    write_label_npz(root)
    write_transcripts(root, "transcription_merge.csv")
    named = [clip for name in ("train", "test1", "test2") for clip in CLIPS[name]]
    write_films(root / "video", named)
    write_sounds(root / "audio", named)
    return root
