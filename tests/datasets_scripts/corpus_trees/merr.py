"""MERR's annotation files, with clips of MER2023's pool beside them."""

import json
from pathlib import Path

from affecthub.labels import label_set
from corpus_trees.media import put
from corpus_trees.mer import write_csv, write_films

LABELS = label_set("merr")
COARSE = [f"samplenew_{n:08d}" for n in (4251, 6611, 51251, 61200)]
COARSE += [f"sample_{n:08d}" for n in (7, 47, 1001, 3358)] + ["samplenew_00000009"]
FINE = COARSE[:5]


def label(clip: str) -> str:
    return LABELS[COARSE.index(clip) % 9]


def words(clip: str) -> str:
    """What is said, in English."""
    return f"Leave clip {int(clip[-8:])} alone."


def entry(clip: str, *, fine: bool) -> dict[str, object]:
    """What the json has of a clip."""
    caption = "smp_reason_caption" if fine else "caption"
    found = {
        "AU_list": ["AU05_r", "AU26_r"],
        "visual_prior_list": ["Upper lid raiser", "Jaw drop"],
        "audio_prior_list": "The voice is calm.",
        "peak_index": str(COARSE.index(clip)),
        "peak_AU_list": ["AU05_r"],
        "pseu_emotion": label(clip),
        caption: f"In {clip}, the eyes widen:\nso {label(clip)}.",
    }
    return {**found, "text": words(clip)} if fine else found


def write_lines(root: Path) -> Path:
    """Lines with a number of frames, and in the fine set with a valence or the label alone."""
    lines = [f"{clip} {30 + i} {label(clip)}" for i, clip in enumerate(COARSE)]
    put(root / "MERR_coarse_grained.txt", "\n".join(lines).encode())
    lines = [f"{clip} 35 {label(clip)} -1.25" for clip in FINE[:3]]
    lines += [f"{clip} {label(clip)}" for clip in FINE[3:]]
    put(root / "MERR_fine_grained.txt", ("\n".join(lines) + "\n").encode())
    return root


def write_json(root: Path) -> Path:
    for name, clips in (("coarse", COARSE), ("fine", FINE)):
        content = {clip: entry(clip, fine=name == "fine") for clip in reversed(clips)}
        text = json.dumps(content, indent=4, ensure_ascii=False)
        put(root / f"MERR_{name}_grained.json", text.encode())
    return root


def write_transcripts(root: Path) -> Path:
    rows = [[clip, words(clip)] for clip in COARSE]
    return write_csv(root / "transcription_en_all.csv", ["name", "sentence"], rows).parent


def make(root: Path) -> Path:
    """All files and the clips."""
    write_films(root / "video", COARSE, "avi")
    return write_transcripts(write_json(write_lines(root)))
