"""A small corpus of conversations whose labels follow from the words, made once."""

import csv
import itertools
import random
from pathlib import Path

import datasets
import pytest

from affecthub.datasets_scripts.row import leading_features

WORDS = {
    "joy": ("what a lovely sunny day", "wonderful, we have won"),
    "anger": ("stop shouting at me now", "this is a bloody outrage"),
    "neutral": ("the train is at seven", "it stands on the table"),
    "surprise": ("oh really, no kidding", "who would have thought"),
}


@pytest.fixture(scope="session")
def talks(tmp_path_factory) -> Path:
    """A folder corpus of 20, 6 and 6 dialogues of two to six utterances by two or three people."""
    root = tmp_path_factory.mktemp("talks")
    rng = random.Random(0)
    lines = [("id", "dialogue", "speaker", "text", "label", "split")]
    for split, n in (("train", 20), ("validation", 6), ("test", 6)):
        for number in range(n):
            people = [f"{split}{number}{who}" for who in "abc"[: 2 + number % 2]]
            for place in range(2 + number % 5):
                label = rng.choice(list(WORDS))
                clip = f"{split}{number}_{place}"
                said = f"{rng.choice(WORDS[label])} {rng.choice('uvwxyz')}"
                lines.append((clip, f"{split}{number}", rng.choice(people), said, label, split))
    with (root / "labels.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(lines)
    return root


@pytest.fixture
def rows():
    """Make rows of a corpus: (dialogue, turn, speaker, label) each, with ids u0, u1, ..."""

    def make(*utterances, labels=("neutral", "joy", "anger", "surprise")):
        features = leading_features(labels)
        numbers = itertools.count()
        content = [
            {
                **dict.fromkeys(features),
                "id": f"u{next(numbers)}",
                "dialogue_id": dialogue,
                "turn_index": turn,
                "speaker_id": speaker,
                "emotion": None if label is None else labels.index(label),
                "text": label,
            }
            for dialogue, turn, speaker, label in utterances
        ]
        columns = {name: [row[name] for row in content] for name in features}
        return datasets.Dataset.from_dict(columns, features=features)

    return make
