"""EmoPrefer in MER2026's folder, and as the authors' repository has it."""

from pathlib import Path

from corpus_trees.mer import text, write_csv, write_faces, write_films, write_sounds

# With a tie, and a clip of OV-MERD.
PAIRS = {
    "samplenew3_00000301": "a1",
    "samplenew3_00000302": "a2",
    "sample_00000007": "same",
    "samplenew4_00000001": "a1",
}
V2 = {"samplenew3_00000301": "a2", "samplenew3_00000303": "a1"}
CANDIDATES = ["samplenew3_00000304", "samplenew4_00000005"]
ALL = list(dict.fromkeys([*PAIRS, *V2, *CANDIDATES]))


def texts(clip: str, i: int = 0) -> tuple[str, str]:
    """Two descriptions, with quotes and lines as language models write them."""
    return f'He says "{clip}", calmly ({i}).', f"He worries,\nand looks away from {clip} ({i})."


def write_pairs(root: Path, prefix: str = "track3") -> Path:
    header = ["name", "a1", "a2", "preference"]
    rows = [[clip, *texts(clip), preference] for clip, preference in PAIRS.items()]
    write_csv(root / f"{prefix}_emoprefer.csv", header, rows)
    rows = [[clip, *texts(clip, 1), preference] for clip, preference in V2.items()]
    write_csv(root / f"{prefix}_emopreferv2.csv", header, rows)
    return root


def write_candidates(root: Path) -> Path:
    rows = [[clip, *texts(clip)] for clip in CANDIDATES]
    write_csv(root / "track3_candidate.csv", ["name", "a1", "a2"], rows)
    return root


def write_subtitles(root: Path) -> Path:
    rows = [[clip, *text(clip)] for clip in ALL]
    write_csv(root / "subtitle_chieng.csv", ["name", "chinese", "english"], rows)
    return root


def make(root: Path) -> Path:
    """The challenge's folder; its films lie in a folder for each csv."""
    write_subtitles(write_candidates(write_pairs(root)))
    write_films(root / "video/video_track3_emoprefer/video", ALL)
    write_sounds(root / "audio/audio_track3_emoprefer/audio", ALL)
    write_faces(root / "openface_face", ALL, nested=True)
    return root
