"""Caches are found by their folders, and say what they are of."""

import numpy as np
import pytest

from affecthub.training.features import fill
from affecthub.training.features.columns import Column
from affecthub.training.features.found import (
    cache_named,
    feature_column,
    find_caches,
    level_of,
    modality_of,
    width_of,
)


class Vectors:
    """Makes vectors, or steps, of one modality."""

    name = "encoder"
    media = ()
    source = None

    def __init__(self, column: str, shape: tuple) -> None:
        self.columns = [Column(column, shape, "float32")]
        self.made_of = {column: ()}
        self.key = {column: {"shape": list(shape)}}

    def inputs(self, rows):
        return [{self.columns[0].name: np.ones((2, 4))} for _ in rows]

    def make(self, column, values):
        is_frame = self.columns[0].shape[0] is None
        return [each if is_frame else each[0] for each in values]


@pytest.fixture
def folder(make_rows, known, tmp_path):
    """Three caches and other folders."""
    rows = make_rows(3)
    how = {"corpus": "c", "progress": False}
    for name, column, shape in (
        ("words", "text_features", (4,)),
        ("looks", "vision_features", (None, 4)),
    ):
        level = "utterance" if name == "words" else "frame"
        fill(Vectors(column, shape), rows, tmp_path / name, about={"level": level}, **how)
    fill(known(), rows, tmp_path / "towers", **how)
    (tmp_path / "other").mkdir(exist_ok=True)
    return tmp_path


def test_caches_of_a_folder_and_a_cache_itself(folder):
    found = find_caches(folder)
    assert list(found) == ["looks", "towers", "words"]
    assert [modality_of(found[name]) for name in ("looks", "words")] == ["vision", "text"]
    assert [level_of(found[name]) for name in ("looks", "words")] == ["frame", "utterance"]
    assert width_of(found["words"]) == 4 and feature_column(found["words"]) == "text_features"
    assert list(find_caches(folder / "words")) == ["words"]
    assert find_caches(folder / "other") == {}
    assert len(cache_named(folder, "words")) == 3
    assert found["looks"].features("clip 1")["vision_features"].shape == (2, 4)


def test_what_is_no_cache_of_one_encoder_is_refused(folder, tmp_path):
    with pytest.raises(ValueError, match="holds features of several kinds: got a, b, expected one"):
        modality_of(find_caches(folder)["towers"])
    with pytest.raises(ValueError, match="got 'word', expected one of .* Did you mean 'words'"):
        cache_named(folder, "word")
    with pytest.raises(FileNotFoundError, match="folder of features not found"):
        find_caches(tmp_path / "none")
    (folder / "words" / "state.json").unlink()
    with pytest.raises(ValueError, match="words is not finished"):
        find_caches(folder)
