"""MER2025's folder: track 1, which repeats MER2023 and MER2024's tests, and the candidates."""

from pathlib import Path

from corpus_trees import mer2023, mer2024
from corpus_trees.mer import text, write_csv, write_faces, write_films, write_npz, write_sounds

TESTS_2024 = mer2024.CLIPS["test1"] + mer2024.CLIPS["test2"]
TRACK1 = mer2023.ALL + TESTS_2024
# One of them is in MER-Caption+.
CANDIDATES = [f"samplenew3_{n:08d}" for n in (301, 901, 902)] + ["samplenew4_00000001"]
TEST = CANDIDATES[1:3]


def label(clip: str) -> str:
    if clip in mer2023.ALL:
        return mer2023.label(clip)
    return mer2024.label(clip) if clip in TESTS_2024 else ("happy", "sad")[TEST.index(clip)]


def valence(clip: str) -> float | None:
    return mer2023.valence(clip) if clip in mer2023.ALL else None


def write_track1(root: Path) -> Path:
    rows = [[clip, label(clip), valence(clip)] for clip in TRACK1]
    write_csv(root / "track1_train_disdim.csv", ["name", "discrete", "valence"], rows)
    return root


def write_candidates(root: Path) -> Path:
    write_csv(root / "track_all_candidates.csv", ["name"], [[clip] for clip in CANDIDATES])
    return root


def write_test_labels(root: Path) -> Path:
    rows = [[clip, label(clip)] for clip in TEST]
    write_csv(root / "track1_test_dis.csv", ["name", "discrete"], rows)
    return root


def write_subtitles(root: Path, name: str = "subtitle_chieng.csv") -> Path:
    rows = [[clip, *text(clip)] for clip in TRACK1 + CANDIDATES]
    write_csv(root / name, ["name", "chinese", "english"], rows)
    return root


def make(root: Path) -> Path:
    """The folder as unpacked, with its surplus level of folders."""
    write_subtitles(write_candidates(write_track1(root)))
    clips = TRACK1 + CANDIDATES
    write_films(root / "video/video", clips)
    write_sounds(root / "audio/audio", clips)
    write_faces(root / "openface_face", clips, nested=True)
    return root


def processed(root: Path) -> Path:
    """What MERTools' script makes: an npz in which every candidate is "neutral"."""
    parts = {
        "train": {clip: {"emo": label(clip)} for clip in TRACK1},
        "test1": {clip: {"emo": "neutral"} for clip in CANDIDATES},
    }
    write_npz(root / "track1_label_6way.npz", **parts)
    write_subtitles(root, "track1_subtitle_chieng.csv")
    write_films(root / "video", TRACK1 + CANDIDATES)
    write_sounds(root / "audio", TRACK1 + CANDIDATES)
    return root
