"""EmotionTalk in its true layouts: label files, JSON per clip, media, tars."""

import csv
import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np

from corpus_trees.media import write_video

LABELS = ("neutral", "happy", "sad", "angry", "surprised", "disgusted", "fearful")
# Two dialogues of train, two of validation, one of each test group; ids in released order, that
# is shuffled inside a speaker's run and not chronological.
IDS = (
    "G00009_42_14_024",
    "G00009_42_14_001",
    "G00009_42_12_002",
    "G00005_01_06_001",
    "G00005_01_10_002",
    "G00012_45_13_004",
    "G00001_02_02_002",
    "G00003_56_13_002",
    "G00003_56_02_003",
    "G00015_07_20_001",
    "G00015_07_21_002",
)
SPLIT_OF = {"G00001": "val", "G00012": "val", "G00003": "test", "G00015": "test"}
COLUMNS = {"mm": "mp4", "audio": "wav", "video": "mp4", "transcription": ""}
FOLDERS = {"mm": "Multimodal", "audio": "Audio", "video": "Video", "transcription": "Text"}


def label(i: int, modality: str) -> str:
    """Modalities disagree on purpose: each shifts the label of the whole by another step."""
    return LABELS[(i + list(COLUMNS).index(modality) * (i % 3)) % 7]


def clip_path(clip: str) -> str:
    group, session, speaker, _ = clip.split("_")
    return f"{group}/{group}_{session}/{group}_{session}_{speaker}/{clip}"


def transcript(i: int) -> str:
    return f"[over/]第{i}句[/over]话[laughing]。"


def write_tables(root: Path) -> Path:
    """The four csv, in the dialects of the release."""
    root.mkdir(parents=True, exist_ok=True)
    for modality, suffix in COLUMNS.items():
        has_text = modality == "transcription"
        with open(root / f"{modality}.csv", "w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream, lineterminator="\r\n" if modality == "audio" else "\n")
            writer.writerow(
                ["name", "emotion", "chinese"] if has_text else ["file_name", "emotion"]
            )
            for i, clip in enumerate(IDS):
                name = clip_path(clip) + (f".{suffix}" if suffix else "")
                row = [name, label(i, modality)]
                writer.writerow([*row, transcript(i)] if has_text else row)
    return root


def write_npz(root: Path) -> Path:
    """The four npz: pickled dicts per split; only mm has a real `val`."""
    root.mkdir(parents=True, exist_ok=True)
    for modality, name in (
        ("mm", "mm"),
        ("audio", "audio"),
        ("video", "video"),
        ("transcription", "txt"),
    ):
        splits: dict[str, dict[str, Any]] = {"train": {}, "val": {}, "test": {}}
        for i, clip in enumerate(IDS):
            value = round(-2 + 0.4 * i, 1) if modality == "mm" else -10
            entry = {"emo": LABELS.index(label(i, modality)), "val": value}
            splits[SPLIT_OF.get(clip[:6], "train")][clip] = entry
        np.savez_compressed(
            root / f"{name}_label.npz", **{f"{k}_corpus": v for k, v in splits.items()}
        )
    return root


def write_json(root: Path) -> Path:
    """One JSON per clip and modality; every spelling of keys that is known occurs."""
    for i, clip in enumerate(IDS):
        for modality, folder in FOLDERS.items():
            votes = [
                {"emotion": label(i, modality), "Confidence_degree": "0.7"},
                {"emotion": "fear", "Confidence_degree": 0.5},
            ]
            content: dict[str, Any] = {
                "data": {"a1": votes[0], "a2": votes[1]} if i % 2 else votes,
                "emotion_result": label(i, modality),
                "speaker_id": int(clip[10:12]) if i % 2 else clip[10:12],
                "file_path" if i % 2 else "file_name": clip_path(clip) + ".wav",
            }
            if modality in ("audio", "transcription"):
                content["content"] = transcript(i)
            if modality == "audio":
                content["paragraphs"] = {"startTime": 10.0 + i, "endTime": f"{12.5 + i}"}
                content["sourceAttr"] = {
                    "emo_cap": "平静",
                    "spe_cap": "低沉",
                    "style_cap": "缓慢",
                    "caption_2": "第二",
                    "caption_1": "第一",
                }
            if modality == "mm":
                content["Continuous label_result"] = str(round(-2 + 0.4 * i, 1))
                for vote in votes:
                    vote["Continuous_label"] = -1
            path = root / folder / "json" / f"{clip_path(clip)}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return root


def write_media(root: Path) -> Path:
    """A wav (44.1 kHz, two channels) and an mp4 per clip."""
    import soundfile

    film = root / "film.mp4"
    root.mkdir(parents=True, exist_ok=True)
    write_video(film)
    data = film.read_bytes()
    film.unlink()
    for i, clip in enumerate(IDS):
        sound = root / "Audio" / "wav" / f"{clip_path(clip)}.wav"
        sound.parent.mkdir(parents=True, exist_ok=True)
        tone = 0.1 * np.sin(2 * np.pi * (200 + 20 * i) * np.arange(4410) / 44100)
        soundfile.write(sound, np.stack([tone, tone], axis=1), 44100)
        video = root / "Multimodal" / "mp4" / f"{clip_path(clip)}.mp4"
        video.parent.mkdir(parents=True, exist_ok=True)
        video.write_bytes(data)
    return root


def pack_tars(root: Path) -> Path:
    """Replace the modality folders by plain tars, JSON first as in the release."""
    for folder in sorted(path for path in root.iterdir() if path.is_dir()):
        with tarfile.open(root / f"{folder.name}.tar", "w") as archive:
            for path in sorted(folder.rglob("*.*")):
                archive.add(path, path.relative_to(folder).as_posix())
                path.unlink()
        for path in sorted(folder.rglob("*"), reverse=True):
            path.rmdir()
        folder.rmdir()
    return root


def make(root: Path) -> Path:
    """A small whole corpus: tables, npz and media."""
    return write_media(write_npz(write_tables(root)))
