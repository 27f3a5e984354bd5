"""Texts, lists and missing values become labels, in both reading styles."""

import numpy as np
import pytest

from affecthub.metrics import parsing
from affecthub.metrics.parsing import clip_items, parse_labels


@pytest.mark.parametrize("style", parsing.STYLES)
@pytest.mark.parametrize(
    ("value", "labels"),
    [
        ("['happy', 'sad']", ["happy", "sad"]),
        ('["happy", "sad"]', ["happy", "sad"]),
        ("[happy, sad]", ["happy", "sad"]),
        ("Happy, SAD", ["happy", "sad"]),
        ("happy", ["happy"]),
        ("[]", []),
        ("", []),
        ("  ", []),
        (",,,", []),
        (None, []),
        (float("nan"), []),
        (np.nan, []),
        ([], []),
        ([" Happy ", "sad"], ["happy", "sad"]),
        (("happy",), ["happy"]),
        ({"happy"}, ["happy"]),
        (np.array(["happy", "sad"]), ["happy", "sad"]),
        (["at ease", "happy"], ["at ease", "happy"]),
        (["happy, sad"], ["happy, sad"]),
        ("happy, happy", ["happy", "happy"]),
    ],
)
def test_what_both_styles_read_alike(value, style, labels):
    assert parse_labels(value, style) == labels


@pytest.mark.parametrize(
    ("value", "released", "any_style"),
    [
        ("[开心、激动]", ["开心、激动"], ["开心", "激动"]),
        ("开心，激动；难过", ["开心，激动；难过"], ["开心", "激动", "难过"]),
        ("“开心”", ["“开心”"], ["开心"]),
        ("happy; sad", ["happy; sad"], ["happy", "sad"]),
        ("happy/sad", ["happy/sad"], ["happy", "sad"]),
        ("happy\nsad", ["happy\nsad"], ["happy", "sad"]),
        ("- happy\n- sad", ["- happy\n- sad"], ["happy", "sad"]),
        ("happy.", ["happy."], ["happy"]),
        ("ｈａｐｐｙ", ["ｈａｐｐｙ"], ["happy"]),
        ("not  good", ["not  good"], ["not good"]),
        ("don't care", ["don", "t care"], ["don't care"]),
        ("don’t care", ["don’t care"], ["don't care"]),
        (" [happy, sad]", ["[happy", "sad"], ["happy", "sad"]),
        ("[happy, sad]\n", ["happy", "sad]"], ["happy", "sad"]),
        ("[['happy'], ['sad']]", ["[", "happy", "]", "[", "sad", "]"], ["happy", "sad"]),
    ],
)
def test_where_the_styles_differ(value, released, any_style):
    assert parse_labels(value, "released") == released
    assert parse_labels(value, "any") == any_style


@pytest.mark.parametrize("style", parsing.STYLES)
def test_a_lone_bracket_is_an_error(style):
    with pytest.raises(ValueError, match="cut off"):
        parse_labels("[", style)


@pytest.mark.parametrize("value", [3, 0.5, {"label": "happy"}, b"happy"])
def test_values_that_are_no_label_list(value):
    with pytest.raises(TypeError, match=r"`predictions\[1\]` is not a label list"):
        clip_items(["happy", value], "predictions")


def test_a_label_that_is_not_text_is_named_with_clip_and_place():
    with pytest.raises(TypeError, match=r"`references\[2\]`.*got 7 \(int\) at place 1"):
        clip_items([[], "sad", ["happy", 7]], "references")


@pytest.mark.parametrize("values", ["happy", 3, None])
def test_one_text_is_no_list_of_clips(values):
    with pytest.raises(TypeError, match="one item per clip"):
        clip_items(values, "predictions")


def test_unknown_style_lists_the_known_ones():
    with pytest.raises(ValueError, match="got 'published', expected one of any, released"):
        parse_labels("happy", "published")
