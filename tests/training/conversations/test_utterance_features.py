"""What utterances are described by: their words, and features out of caches."""

import re

import numpy as np
import pytest
import torch
from torch.utils.data import Dataset

from affecthub.training.conversations.dialogues import Dialogue
from affecthub.training.conversations.features import cached_features, text_features
from affecthub.training.features.columns import Column
from affecthub.training.features.filling import fill
from affecthub.training.features.store import FeatureCache

CLIPS = ("u0", "u1", "u2")


class Vectors:
    """A maker of features that follow from the number in a clip's id; u1 may have none."""

    name, media, source = "encoder", ("text",), None

    def __init__(self, column: str, shape: tuple, skipped=()) -> None:
        self.columns = [Column(column, shape, "float32")]
        self.made_of = {column: ("text",)}
        self.key = {column: {"shape": list(shape)}}
        self.skipped = skipped

    def inputs(self, rows):
        return Numbers(rows, self.columns[0].name, self.skipped)

    def make(self, column, values):
        frames = self.columns[0].shape[0] is None
        width = self.columns[0].shape[-1]
        made = [torch.full((width,), float(value)) for value in values]
        return [torch.stack([each, each + 2]) for each in made] if frames else made


class Numbers(Dataset):
    def __init__(self, rows, column, skipped) -> None:
        self.ids, self.column, self.skipped = list(rows["id"]), column, skipped

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, place):
        clip = self.ids[place]
        return {} if clip in self.skipped else {self.column: torch.tensor(float(clip[1:]))}


@pytest.fixture
def caches(rows, tmp_path):
    given = rows(*(("a", i, "A", "joy") for i in range(4)))
    how = {"corpus": "folder", "progress": False}
    fill(Vectors("text_features", (2,)), given, tmp_path / "words", **how)
    fill(Vectors("audio_features", (None, 3), ("u1",)), given, tmp_path / "sound", **how)
    return tmp_path


@pytest.fixture
def dialogue():
    places = np.zeros(3, np.int64)
    return [Dialogue("a", CLIPS, places, places, (None,) * 3)]


def test_features_of_a_cache_and_of_two_together(caches, dialogue):
    one = cached_features(caches / "words", dialogue, corpus="folder")
    assert (one.width, one.modality, one.name) == (2, "text", "words")
    assert one("u2").tolist() == [2, 2]
    both = cached_features(caches, dialogue, corpus="folder", encoders=("sound", "words"))
    assert both.width == 5 and both.modality == "audio+text"
    assert both("u2").tolist() == [3, 3, 3, 2, 2]  # frames 2 and 4, averaged
    assert both("u1").tolist() == [0, 0, 0, 1, 1]


def test_what_is_on_one_side_alone_is_counted_and_named(caches, dialogue):
    found = cached_features(caches / "sound", dialogue, corpus="folder")
    assert found.notes == [
        "features sound lack 1 of 3 utterances: u1. They are given zeros.",
        "features sound hold 1 clips of no dialogue: u3.",
    ]
    assert found("u1").tolist() == [0, 0, 0]
    with pytest.raises(ValueError, match="lack 1 of 3 utterances: u1. Expected all of them"):
        cached_features(caches / "sound", dialogue, corpus="folder", lacking="error")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "got sound, words in .*, expected one. Name those to join in `encoders`"),
        ({"encoders": ("word",)}, "unknown cache of .*Did you mean 'words'"),
        ({"encoders": ("words",), "corpus": "meld"}, "got features of 'folder', expected 'meld'"),
        ({"encoders": ("words",), "lacking": "nought"}, "unknown `lacking`"),
    ],
)
def test_features_that_do_not_fit_are_refused(caches, dialogue, options, message):
    with pytest.raises(ValueError, match=message):
        cached_features(caches, dialogue, **{"corpus": "folder", **options})


def test_features_of_other_clips_are_refused(caches):
    place = np.zeros(1, np.int64)
    other = [Dialogue("b", ("elsewhere",), place, place, (None,))]
    with pytest.raises(ValueError, match="got none for 1 utterances, elsewhere, but 4 others"):
        cached_features(caches / "words", other, corpus="folder")


def test_numbers_that_are_none_are_refused_with_the_clip(caches, dialogue, monkeypatch):
    broken = {"text_features": np.array([1.0, np.nan], np.float32)}
    monkeypatch.setattr(FeatureCache, "features", lambda self, clip: broken)
    told = "features words of clip 'u0' are no finite numbers: got 1 of 2 NaN"
    with pytest.raises(ValueError, match=re.escape(told)):
        cached_features(caches / "words", dialogue, corpus="folder")


def test_normalised_features_have_mean_0_and_deviation_1_over_training_clips(caches, dialogue):
    found = cached_features(caches / "words", dialogue, corpus="folder")
    made = found.normalised(("u0", "u2"))
    assert made("u0").tolist() == [-1, -1] and made("u1").tolist() == [0, 0]
    assert found.normalised(("u1",))("u2").tolist() == [0, 0]  # constant in training


def test_texts_are_described_by_the_training_split_and_empty_ones_named(rows):
    train = rows(*(("a", i, "A", label) for i, label in enumerate(("joy", "anger") * 6)))
    empty = rows(("b", 0, "A", None), ("b", 1, "B", "joy"))
    empty = empty.map(lambda row: {"id": f"b{row['id']}"})
    found = text_features({"train": train, "test": empty}, width=2)
    assert found.width == 2 and found("u0").shape == (2,)
    assert found.notes == ["1 of 14 clips have no text: bu0."]
