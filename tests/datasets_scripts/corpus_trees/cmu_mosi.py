"""CMU-MOSI as MMSA packs it, as CMU gave it out, and as label npz."""

from pathlib import Path

from corpus_trees import sentiment
from corpus_trees.media import clip_video, clip_wav, put
from corpus_trees.sentiment import Clip

# Ids as they are: with `-` in front, with `_` in front and inside, of digits only.
MODES = {
    "03bSnISJMiM": "train",
    "-iRBcNs9oI8": "train",
    "_dI--eQ6qVU": "train",
    "08412": "valid",
    "atnd_PF-Lbs": "valid",
    "k5Y_838nuGo": "test",
    "c5xsKMxpXnc": "test",
}
LABELS = ("-3.0", "2.4", "0.0", "-0.2", "1.0", "3.0", "-1.8")
CLIPS = [
    Clip(video, str(clip), f"SENTENCE {clip} OF {i}, ANYHOW", LABELS[(2 * i + clip) % 7], mode)
    for i, (video, mode) in enumerate(MODES.items())
    for clip in (1, 12)
]


def write_cmu(root: Path) -> Path:
    """``Raw/{Audio,Transcript,Video}/{Full,Segmented}``; one whole video is broken, as released."""
    raw = root / "Raw"
    for i, clip in enumerate(CLIPS):
        put(raw / "Video" / "Segmented" / f"{clip.id}.mp4", clip_video(i))
        put(raw / "Audio" / "WAV_16000" / "Segmented" / f"{clip.id}.wav", clip_wav(i))
    for i, video in enumerate(MODES):
        broken = video == "c5xsKMxpXnc"
        put(raw / "Video" / "Full" / f"{video}.mp4", b"no film" if broken else clip_video(i))
        put(raw / "Audio" / "WAV_16000" / "Full" / f"{video}.wav", clip_wav(i))
        lines = [f"{clip.clip}_DELIM_{clip.text}\n" for clip in CLIPS if clip.video == video]
        text = raw / "Transcript" / "Segmented" / f"{video}.annotprocessed"
        put(text, "".join(lines).encode())
    return root


def write_npz(root: Path) -> Path:
    """Label npz and transcription csv, flat media."""
    sentiment.write_npz(root / "label.npz", CLIPS)
    rows = [(clip.id, "中文", clip.text) for clip in CLIPS]
    header = ("name", "chinese", "english")
    sentiment.write_csv(root / "transcription-engchi-polish.csv", header, rows)
    sentiment.write_flat_media(root / "subvideo", CLIPS)
    return root


def write_csd(root: Path) -> Path:
    """The SDK's labels: an opinion and an interval for each segment, clips in order."""
    videos = {
        video: (
            [[float(clip.label)] for clip in CLIPS if clip.video == video],
            [(3.5, 5.25), (6.0, 9.0)],
        )
        for video in MODES
    }
    sentiment.write_csd(root / "CMU_MOSI_Opinion_Labels.csd", "Opinion Segment Labels", videos)
    return root


def make(root: Path) -> Path:
    """The MMSA form."""
    sentiment.write_label_csv(root / "label.csv", CLIPS)
    sentiment.write_nested_media(root / "Raw", CLIPS)
    return root
