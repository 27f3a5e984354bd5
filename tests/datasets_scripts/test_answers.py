"""A clip's answer in words: labels by name, lists in full, nothing twice, nothing made up."""

import doctest

import datasets
import pytest

from affecthub.datasets_scripts.rows import answers
from affecthub.datasets_scripts.rows.answers import answer_of

FEATURES = datasets.Features(
    {
        "emotion": datasets.ClassLabel(names=["anger", "joy"]),
        "open_vocabulary": datasets.List(datasets.Value("string")),
        "text": datasets.Value("string"),
        "sentiment": datasets.Value("float32"),
        "turn_index": datasets.Value("int32"),
    }
)
CLIP = {
    "emotion": 1,
    "open_vocabulary": ["glad", "joy", "glad", "高兴"],
    "text": "Oh!",
    "sentiment": -1.0,
    "turn_index": 0,
}


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        (["emotion"], "joy"),
        (["open_vocabulary"], "glad, joy, 高兴"),
        (["emotion", "open_vocabulary", "text"], "joy, glad, 高兴, Oh!"),
        (["text", "emotion"], "Oh!, joy"),
        # Zero is a value: of a label, of a position, of a scale.
        (["sentiment", "turn_index"], "-1, 0"),
        ([], ""),
    ],
)
def test_values_are_spelled_in_order_and_once(columns, expected):
    assert answer_of(CLIP, FEATURES, columns) == expected


@pytest.mark.parametrize("empty", [None, "", []])
def test_one_empty_column_leaves_no_answer(empty):
    assert answer_of(CLIP | {"text": empty}, FEATURES, ["emotion", "text"]) is None


def test_the_first_label_is_no_empty_value():
    assert answer_of({"emotion": 0, "sentiment": 0.0}, FEATURES, ["emotion", "sentiment"]) == (
        "anger, 0"
    )


def test_doctests():
    result = doctest.testmod(answers)
    assert result.attempted and not result.failed
