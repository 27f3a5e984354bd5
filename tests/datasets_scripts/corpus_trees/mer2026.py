"""MER2026's folder: track 1 with MER2025's in it, Human-OV, and the candidates."""

from pathlib import Path

from corpus_trees import mer2025
from corpus_trees.mer import LABELS, text, write_csv, write_faces, write_films, write_npz

# Two clips more than MER2025's track 1: candidates of that year.
TRACK1 = [*mer2025.TRACK1, *mer2025.TEST]
# A clip of OV-MERD, one of MER-Caption+, one of a test of MER2024, and a candidate of MER2025.
HUMAN = ["sample_00000007", "samplenew3_00000301", "samplenew3_00000101", "samplenew4_00000001"]
CANDIDATES = [f"samplenew4_{n:08d}" for n in (11, 12, 13)]
ALL = list(dict.fromkeys([*TRACK1, *HUMAN, *CANDIDATES]))


def label(clip: str) -> str:
    return LABELS[TRACK1.index(clip) % 6]


def words(clip: str) -> list[str]:
    return [["shocked", "care", "serious"], ["calm"]][HUMAN.index(clip) % 2]


def write_track1(root: Path) -> Path:
    rows = [[clip, label(clip)] for clip in TRACK1]
    write_csv(root / "track1_train.csv", ["name", "discrete"], rows)
    return root


def write_human(root: Path) -> Path:
    rows = [[clip, ",".join(words(clip))] for clip in HUMAN]
    write_csv(root / "track2_train_human.csv", ["name", "openset"], rows)
    return root


def write_candidates(root: Path) -> Path:
    write_csv(root / "track1_track2_candidate.csv", ["name"], [[clip] for clip in CANDIDATES])
    return root


def write_subtitles(root: Path, name: str = "subtitle_chieng.csv") -> Path:
    write_csv(root / name, ["name", "chinese", "english"], [[clip, *text(clip)] for clip in ALL])
    return root


def make(root: Path) -> Path:
    """The folder as its own script unpacks it."""
    write_subtitles(write_candidates(write_human(write_track1(root))))
    write_films(root / "video", ALL)
    write_faces(root / "openface_face", ALL, nested=True)
    return root


def roots(folder: Path) -> dict[str, Path]:
    """MER2025's label files, which tell whose clips most of these are."""
    root = mer2025.write_candidates(mer2025.write_track1(folder / "MER2025"))
    return {"mer2025": root}


def processed(root: Path) -> Path:
    """What MERTools' script makes: an npz in which every candidate is "neutral"."""
    parts = {
        "train": {clip: {"emo": label(clip)} for clip in TRACK1},
        "test1": {clip: {"emo": "neutral"} for clip in CANDIDATES},
    }
    write_npz(root / "track1_label_6way.npz", **parts)
    return write_subtitles(root, "track1_subtitle_chieng.csv")
