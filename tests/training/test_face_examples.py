"""Cropped faces beside sound and words, and modalities left out while training."""

from dataclasses import replace

import datasets
import numpy as np
import pytest

from affecthub.datasets_scripts.reading.faces import FACE
from affecthub.training.examples import Examples
from affecthub.training.model import from_scratch
from affecthub.training.predict import predict
from affecthub.training.recipe import Recipe

FEATURES = datasets.Features(
    {
        "id": datasets.Value("string"),
        "text": datasets.Value("string"),
        "audio": {"bytes": datasets.Value("binary"), "path": datasets.Value("string")},
        "face": FACE,
        "emotion": datasets.ClassLabel(names=["anger", "joy"]),
        "media_issue": datasets.Value("string"),
    }
)
RECIPE = Recipe(
    corpus="demo", model="m", modalities=("face", "text"), answer=("emotion",), question="one_of"
)
RECIPE = replace(RECIPE, options=("anger", "joy"))


@pytest.fixture(scope="module")
def made(small_recipe):
    """A tiny model whose prompt has a place for faces and a choice to make."""
    scratch = replace(small_recipe.scratch)
    scratch.config = scratch.config | {
        "prompt": ["{face}", " {text}", " {question}"],
        "questions": {"one_of": "{options}?"},
    }
    return from_scratch(scratch, ["hello you", "anger, joy"] * 5, freeze_towers=False)


@pytest.fixture
def rows(tmp_path) -> datasets.Dataset:
    faces = np.zeros((6, 30, 30, 3), np.uint8)
    faces[..., 0] = 200  # blue, as OpenCV stores it
    np.save(tmp_path / "a.npy", faces)
    where = {"bytes": None, "path": str(tmp_path / "a.npy")}
    clips = [
        {"id": "a", "text": "hello", "face": where, "emotion": 1},
        {"id": "b", "text": "you", "face": None, "emotion": 0},
    ]
    blank = dict.fromkeys(FEATURES)
    return datasets.Dataset.from_list([blank | clip for clip in clips], features=FEATURES)


def test_faces_of_a_corpus_reach_the_model_in_rgb(made, rows):
    model, processor = made
    examples = Examples(rows, processor, RECIPE, with_answer=True)
    pixels = examples[0]["face_pixel_values"]
    red, _, blue = pixels.mean(dim=(0, 2, 3)).tolist()
    assert blue > red
    batch = processor.pad([examples[0], examples[1]])
    assert batch["face_mask"].tolist() == [True, False]
    assert model.train()(**batch).loss.isfinite()


def test_options_are_asked(made, rows):
    model, processor = made
    ids = Examples(rows, processor, RECIPE, with_answer=False)[1]["input_ids"]
    assert "anger, joy?" in processor.tokenizer.decode(ids)
    assert list(predict(model, processor, rows, RECIPE, progress=False)) == ["a", "b"]


def test_dropout_leaves_out_at_random_and_by_the_seed(made, rows):
    _, processor = made
    recipe = replace(RECIPE, modality_dropout=0.5)
    examples = Examples(rows, processor, recipe, with_answer=True, training=True)

    def draw() -> list[bool]:
        return ["face_pixel_values" in examples[0, number] for number in range(20)]

    drawn = draw()
    assert True in drawn and False in drawn
    assert drawn == draw()


def test_dropout_is_checked():
    with pytest.raises(ValueError, match=r"`modality_dropout` is 2: expected a chance"):
        Recipe(corpus="demo", model="m", modality_dropout=2)
    with pytest.raises(ValueError, match="keeps a clip as it was drawn first"):
        Recipe(corpus="demo", model="m", modality_dropout=0.1, cache_media=True)
