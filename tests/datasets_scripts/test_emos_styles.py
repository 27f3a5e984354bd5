"""Styles of EmoS' annotators, worked by hand."""

import doctest
import math

import numpy as np
import pytest

from affecthub.annotation.votes import encode_sets
from affecthub.datasets_scripts.emos import styles
from affecthub.datasets_scripts.emos.styles import annotator_styles, label_cardinality

SETS = encode_sets(
    [
        [["joy", "love"], ["joy", "pride"], []],
        [["fear"], ["fear"], ["fear", "anger"]],
        [[], [], []],
    ],
    ["anger", "fear", "joy", "love", "pride"],
)


def test_doctests():
    result = doctest.testmod(styles)
    assert result.attempted and not result.failed


def test_cardinality_counts_labelled_clips():
    # (2 + 1) / 2, (2 + 1) / 2, 2 / 1; an annotator without labels has none.
    np.testing.assert_allclose(label_cardinality(SETS), [1.5, 1.5, 2])
    assert np.isnan(label_cardinality(np.zeros((2, 1, 3), bool))).all()


def test_the_four_styles():
    labels = ["joy", "anger", "sadness", "confusion", "neutral", "unsure"]
    sets = [
        # Expansive, thorough, neutral, cognitive.
        [["joy", "anger", "sadness"], ["joy", "sadness"], ["neutral"], ["joy", "confusion"]],
        [["joy", "anger", "neutral"], ["joy", "neutral"], ["unsure"], ["neutral", "confusion"]],
    ]
    # Cardinality 3, 2, 1, 2: median 2. Neutral in 1/2, 1/2, 1, 1/2 of the clips: median 1/2.
    # Cognitive labels 0 of 6, 0 of 4, 0 of 2, 2 of 4: median 0.
    found = annotator_styles(encode_sets(sets, labels), labels)
    assert [style.types for style in found] == [
        ("expansive",),
        (),
        ("parsimonious", "neutral_fallback"),
        ("socio_cognitive",),
    ]
    assert [style.cardinality for style in found] == [3, 2, 1, 2]
    assert [style.neutral_rate for style in found] == [0.5, 0.5, 1, 0.5]
    assert [style.socio_cognitive_share for style in found] == [0, 0, 0, 0.5]


def test_the_margin_decides_what_is_notable():
    labels = ["joy", "love"]
    # Cardinality 1.5, 1, 1.
    sets = encode_sets([[["joy", "love"], ["joy"], ["joy"]], [["joy"]] * 3], labels)
    assert annotator_styles(sets, labels)[0].types == ("expansive",)
    assert annotator_styles(sets, labels, margin=0.5)[0].types == ()


def test_a_silent_annotator_has_no_style():
    labels = ["joy", "neutral"]
    found = annotator_styles(encode_sets([[["joy"], ["joy", "neutral"], []]], labels), labels)
    assert found[2].types == () and math.isnan(found[2].cardinality)
    # Median of 1 and 2 is 1.5: the others are judged among themselves.
    assert found[0].types == ("parsimonious",) and "expansive" in found[1].types
    assert annotator_styles(np.zeros((3, 0, 2), bool), labels) == []
    with pytest.raises(ValueError, match="got 1 names, expected 2"):
        annotator_styles(np.zeros((1, 1, 2), bool), ["joy"])
