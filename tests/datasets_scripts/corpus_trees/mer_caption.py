"""MER-Caption and MER-Caption+ in the folder of MER2025, with its surplus level of folders."""

from pathlib import Path

from corpus_trees.mer import text, write_csv, write_faces, write_films, write_sounds
from corpus_trees.ov_merd import spelled

# One clip of OV-MERD, one that MER2023 may have, the rest of MER2024's pool.
PLUS = ["sample_00000007", "samplenew_00006611"]
PLUS += [f"samplenew3_{n:08d}" for n in (301, 302, 303, 304, 305, 306, 307, 308)]
COARSE = [*PLUS, "samplenew3_00000401", "samplenew3_00000402"]


def words(clip: str) -> list[str]:
    return [["concern", "pessimism"], ["calm"]][int(clip[-1]) % 2]


def write_tables(root: Path, clips: list[str] = PLUS, suffix: str = "plus") -> Path:
    rows = [[clip, spelled(words(clip), "bare")] for clip in clips]
    write_csv(root / f"track2_train_mercaption{suffix}.csv", ["name", "openset"], rows)
    rows = [[clip, f"In the text, {clip} worries."] for clip in reversed(clips)]
    write_csv(root / f"track3_train_mercaption{suffix}.csv", ["name", "reason"], rows)
    return root


def write_subtitles(root: Path) -> Path:
    rows = [[clip, *text(clip)] for clip in COARSE]
    write_csv(root / "subtitle_chieng.csv", ["name", "chinese", "english"], rows)
    return root


def write_media(root: Path, *, nested: bool = True) -> Path:
    """Films, sounds and faces of all clips, with or without the surplus level."""
    write_films(root / ("video/video" if nested else "video"), COARSE)
    write_sounds(root / ("audio/audio" if nested else "audio"), COARSE)
    write_faces(root / "openface_face", COARSE, nested=nested)
    return root


def make(root: Path) -> Path:
    """Both sets with subtitles and clips."""
    write_tables(write_tables(root), COARSE, "")
    return write_media(write_subtitles(root))
