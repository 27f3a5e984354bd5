"""Small splits made in memory, and journals of answers about them."""

import json
from pathlib import Path

import pytest
from datasets import ClassLabel, Dataset, Features, List, Value

from affecthub.labels import BASIC7, GOEMOTIONS_WITH_UNSURE
from affecthub.training.asking.scoring.clips import Clips

WORDS = List(Value("string"))
FEATURES = {
    "id": Value("string"),
    "group_id": Value("string"),
    "language": Value("string"),
    "text": Value("string"),
    "emotion": ClassLabel(names=list(BASIC7)),
    "emotion_basic7": ClassLabel(names=list(BASIC7)),
    "sentiment": Value("float32"),
    "open_vocabulary": WORDS,
    "tier": Value("string"),
    "probs": List(Value("float32")),
    "utterances": List(
        {
            "start_s": Value("float64"),
            "end_s": Value("float64"),
            "emotion": Value("string"),
            "secondary": WORDS,
        }
    ),
    "captions": WORDS,
}


def shares_of(labels):
    """A reference of GoEmotions, of which some annotators chose some."""
    return [labels.get(name, 0.0) for name in GOEMOTIONS_WITH_UNSURE]


@pytest.fixture
def make_split():
    """A split of rows; columns that are left out are null."""

    def make(rows, *, split="test", corpus="emos"):
        full = [
            {"id": f"c{i}", **dict.fromkeys([n for n in FEATURES if n != "id"]), **row}
            for i, row in enumerate(rows)
        ]
        table = Dataset.from_list(full, features=Features(FEATURES))
        return Clips(corpus, "static", "official", split, table)

    return make


@pytest.fixture
def write_journal(tmp_path):
    """A journal of answers by clip; an answer may be a line's fields."""

    def write(answers, *, prompt="", name="j.jsonl", model="m") -> Path:
        path = tmp_path / name
        with path.open("w", encoding="utf-8") as file:
            for clip, answer in answers.items():
                line = {"id": clip, "prediction": "", "model": model, "clip": "c"}
                line |= {"prompt": prompt} if prompt else {}
                line |= answer if isinstance(answer, dict) else {"prediction": answer}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return path

    return write
