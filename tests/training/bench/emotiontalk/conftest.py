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
def features(corpus, tmp_path_factory) -> Path:
    """Caches of vectors and of steps, imported from npy as MERBench's users have them.

    Those of CLIP-Base have its width; the others bear the names of encoders that are wider.
    """
    from affecthub.training.features.importing.corpus import import_features

    trees, out = tmp_path_factory.mktemp("npy") / "features", tmp_path_factory.mktemp("features")
    write_tree(trees / "chinese-hubert-large-UTT", "audio", 8, 1)
    write_tree(trees / "bert-base-chinese-UTT", "transcription", 6, 2)
    write_tree(trees / "clip-vit-base-patch32-UTT", "video", 512, 3)
    write_tree(trees / "chinese-hubert-large-FRA", "audio", 5, 4, steps=9)
    write_tree(trees / "bert-base-chinese-FRA", "transcription", 5, 5, steps=9)
    write_tree(trees / "clip-vit-base-patch32-FRA", "video", 5, 6, steps=9)
    import_features(trees, "emotiontalk", corpus, out, progress=False)
    return out


@pytest.fixture(scope="session")
def released(reference_data):
    """The released labels and transcripts, under the official protocol."""
    from affecthub.training.bench.emotiontalk.targets import read_clips

    return read_clips(reference_data / "emotiontalk")


@pytest.fixture
def small_spaces(monkeypatch):
    """Searches that draw tiny models alone."""
    from affecthub.training.fusion import spaces

    for name, space in spaces.SPACES.items():
        small = {**space, "hidden_dim": (8,), "learning_rate": (1e-2,)}
        small |= {key: (2,) for key in ("layers",) if key in space}
        small |= {key: (8,) for key in ("mem_dim",) if key in space}
        monkeypatch.setitem(spaces.SPACES, name, small)
