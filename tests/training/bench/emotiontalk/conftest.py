"""A small EmotionTalk of label files, and features that were drawn, not taken from any clip."""

import csv
from pathlib import Path

import numpy as np
import pytest

LABELS = ("neutral", "happy", "sad", "angry", "surprised", "disgusted", "fearful")
# Group, session, the two speakers, and the words that each label likes.
GROUPS = (
    ("G00009", ("12", "14"), 4),
    ("G00005", ("06", "10"), 4),
    ("G00001", ("01", "02"), 2),
    ("G00012", ("13", "15"), 1),
    ("G00003", ("02", "13"), 2),
    ("G00015", ("20", "21"), 2),
)
TURNS = 14
WORDS = ("好的吧", "太好了", "难过呀", "气死我", "真的吗", "恶心啊", "吓死我")
FILES = {"mm": ".mp4", "audio": ".wav", "video": ".mp4", "transcription": ""}


def clips():
    """Each clip's path and its labels by file; neutral is the commonest."""
    chance = np.random.default_rng(0)
    for group, speakers, n_dialogues in GROUPS:
        for session in range(1, n_dialogues + 1):
            for turn in range(1, TURNS + 1):
                speaker = speakers[turn % 2]
                clip = f"{group}_{session:02}_{speaker}_{turn:03}"
                folder = f"{group}/{group}_{session:02}/{group}_{session:02}_{speaker}"
                whole = int(chance.choice(7, p=(0.3, 0.2, 0.15, 0.15, 0.08, 0.06, 0.06)))
                own = [
                    whole if chance.random() < 0.8 else int(chance.integers(7)) for _ in range(3)
                ]
                yield f"{folder}/{clip}", dict(zip(FILES, (whole, *own), strict=True))


@pytest.fixture(scope="session")
def corpus(tmp_path_factory) -> Path:
    """EmotionTalk's four csv with 210 clips of six groups."""
    root = tmp_path_factory.mktemp("emotiontalk")
    known = list(clips())
    for name, suffix in FILES.items():
        is_text = name == "transcription"
        with open(root / f"{name}.csv", "w", newline="", encoding="utf-8") as stream:
            writer = csv.writer(stream)
            writer.writerow(["name", "emotion", "chinese"] if is_text else ["file_name", "emotion"])
            for number, (path, labels) in enumerate(known):
                words = f"[over/]{WORDS[labels[name]]}[/over]第{number % 5}句"
                row = [f"{path}{suffix}", LABELS[labels[name]]]
                writer.writerow([*row, words] if is_text else row)
    return root


def write_tree(folder: Path, column: str, width: int, seed: int, steps: int | None = None) -> None:
    """Features as MERBench lays them out: an npy for each clip, near a point of its label."""
    chance = np.random.default_rng(seed)
    points = chance.normal(size=(7, width))
    folder.mkdir(parents=True)
    for path, labels in clips():
        shape = (width,) if steps is None else (int(chance.integers(1, steps + 1)), width)
        noise = chance.normal(size=shape)
        np.save(folder / Path(path).name, (points[labels[column]] + noise).astype(np.float32))


@pytest.fixture(scope="session")
def trees(tmp_path_factory) -> Path:
    """Vectors and steps of three modalities, named as MERBench's and one of our own."""
    root = tmp_path_factory.mktemp("npy")
    write_tree(root / "mine-audio-UTT", "audio", 8, 1)
    write_tree(root / "mine-text-UTT", "transcription", 6, 2)
    write_tree(root / "clip-vit-base-patch32-UTT", "video", 512, 3)
    for number, (name, column) in enumerate(
        (("audio", "audio"), ("text", "transcription"), ("face", "video"))
    ):
        write_tree(root / f"steps-{name}-FRA", column, 5, 4 + number, steps=9)
    return root


@pytest.fixture(scope="session")
def features(trees, corpus, tmp_path_factory) -> Path:
    """The same as caches, by the import that users have."""
    from affecthub.training.features.importing.corpus import import_features

    out = tmp_path_factory.mktemp("features")
    for name, modality in (
        ("mine-audio-UTT", "audio"),
        ("mine-text-UTT", "text"),
        ("clip-vit-base-patch32-UTT", "vision"),
        ("steps-audio-FRA", "audio"),
        ("steps-text-FRA", "text"),
        ("steps-face-FRA", "vision"),
    ):
        import_features(trees / name, "emotiontalk", corpus, out, modality=modality, progress=False)
    return out
