"""OV-MERD and OV-MERD+ as MER2025, MER2024 and MER-UniBench release them."""

from pathlib import Path

from corpus_trees.mer import text, write_csv, write_faces, write_films, write_sounds

# Four clips of OV-MERD; OV-MERD+ adds some of unknown origin and one of MER2024's pool.
OV_MERD = [f"sample_{n:08d}" for n in (0, 7, 21, 33)]
ADDED = [f"sample_{n:08d}" for n in (1, 2, 4, 5, 6)] + ["samplenew3_00000301"]
ALL = OV_MERD + ADDED
WORDS = (["happy"], ["sad", "at ease"], ["don't care"], [])


def words(clip: str) -> list[str]:
    return WORDS[ALL.index(clip) % 4]


def spelled(labels: list[str], style: str) -> str:
    """A label list as a Python list, without quotes, or without anything."""
    if style == "quoted":
        return repr(labels)
    return f"[{', '.join(labels)}]" if style == "bare" else ",".join(labels) or "[]"


def write_plus(root: Path, style: str = "quoted") -> Path:
    rows = [[clip, spelled(words(clip), style)] for clip in ALL]
    write_csv(root / "ovlabel.csv", ["name", "openset"], rows)
    subtitles = [[clip, text(clip)[1]] for clip in ALL]
    write_csv(root / "subtitle_eng.csv", ["name", "sentence"], subtitles)
    return root


def write_ov_merd(root: Path, style: str = "bare") -> Path:
    rows = [[clip, spelled(words(clip), style)] for clip in OV_MERD]
    write_csv(root / "track2_train_ovmerd.csv", ["name", "openset"], rows)
    rows = [[clip, f'He says: "well",\nthen smiles ({clip}).'] for clip in reversed(OV_MERD)]
    write_csv(root / "track3_train_ovmerd.csv", ["name", "reason"], rows)
    return root


def make(root: Path) -> Path:
    """Both sets in one folder, with their clips."""
    write_ov_merd(write_plus(root))
    write_films(root / "video", ALL)
    write_sounds(root / "audio", ALL)
    write_faces(root / "openface_face", ALL, nested=False)
    return root
