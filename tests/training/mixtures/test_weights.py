"""How often clips are drawn: classes alike, by a column of numbers, or both."""

import datasets
import numpy as np
import pytest

from affecthub.training.mixtures.weights import draw_weights
from affecthub.training.recipe import load_recipe

FEATURES = datasets.Features(
    {
        "id": datasets.Value("string"),
        "emotion": datasets.ClassLabel(names=["anger", "joy"]),
        "tier": datasets.Value("string"),
        "confidence": datasets.Value("float32"),
        "open_vocabulary": datasets.List(datasets.Value("string")),
    }
)


def rows(confidence=(0.5, 1.0, 0.25, 0.75)):
    return datasets.Dataset.from_dict(
        {
            "id": ["a", "b", "c", "d"],
            "emotion": [0, 0, 0, 1],
            "tier": ["low", "high", "low", "high"],
            "confidence": list(confidence),
            "open_vocabulary": [["x"]] * 4,
        },
        features=FEATURES,
    )


def weights(clips=None, **fields):
    return draw_weights(rows() if clips is None else clips, load_recipe("demo", **fields))


def test_without_a_word_no_clip_is_weighed():
    assert weights() is None


def test_classes_are_drawn_alike():
    np.testing.assert_allclose(weights(balance="emotion"), [1 / 6, 1 / 6, 1 / 6, 1 / 2])
    np.testing.assert_allclose(weights(balance="tier"), [1 / 4] * 4)


def test_numbers_are_followed():
    np.testing.assert_allclose(weights(weight_by="confidence"), np.array([2, 4, 1, 3]) / 10)


def test_numbers_share_out_what_a_class_has():
    both = weights(balance="emotion", weight_by="confidence")
    np.testing.assert_allclose(both, [2 / 14, 4 / 14, 1 / 14, 1 / 2], rtol=1e-6)


@pytest.mark.parametrize(
    ("fields", "clips", "message"),
    [
        ({"balance": "confidence"}, rows(), "`balance` names 'confidence': got values like 0.5"),
        ({"balance": "open_vocabulary"}, rows(), "got values like"),
        ({"weight_by": "tier"}, rows(), "`weight_by` names 'tier': got .*expected a column of num"),
        ({"weight_by": "confidence"}, rows((1, -1, 1, 1)), "got -1.0 for clip 'b'"),
        ({"weight_by": "confidence"}, rows((1, 1, float("nan"), 1)), "got nan for clip 'c'"),
        ({"weight_by": "confidence"}, rows((0, 0, 0, 0)), "got 0 for every clip"),
    ],
)
def test_columns_of_the_wrong_kind_are_told(fields, clips, message):
    with pytest.raises(ValueError, match=message):
        weights(clips, **fields)
