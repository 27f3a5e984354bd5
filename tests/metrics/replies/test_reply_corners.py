"""What stands beside labels: numbers, marks that are not seen, and words for nothing."""

from collections import Counter

import pytest

from affecthub.metrics.replies.entries import pieces_of
from affecthub.metrics.replies.reading import read_reply
from affecthub.metrics.replies.values import Stated


@pytest.mark.parametrize(
    "text", ["joy 0.9", "joy (90%)", "Joy: 0.9", '{"predicted_emotion": "joy (0.9)"}', "joy\n0.9"]
)
def test_a_confidence_behind_the_label_is_read_in_every_form(text):
    for form in ("basic7", "confidence"):
        read = read_reply(text, form, ("joy", "anger"))
        value = read.value
        label = value.emotion if form == "basic7" else value.label
        assert (label, value.confidence, read.notes) == ("joy", 0.9, {})


def test_a_field_of_its_own_goes_before_it():
    text = '{"predicted_emotion": "joy (0.2)", "model_confidence": 0.9}'
    assert read_reply(text, "basic7").value.confidence == 0.9


@pytest.mark.parametrize("text", ["N/A", "n/a.", '["N/A"]', "none", "[]"])
def test_words_for_nothing_are_no_labels(text):
    assert read_reply(text, "labels").value == ()


def test_other_slashes_are_between_labels():
    assert pieces_of("joy/love, n/a") == ["joy", "love", "n/a"]


@pytest.mark.parametrize(
    ("text", "confidence", "notes"),
    [
        ("joy, confidence: 0.8", 0.8, {}),
        ("joy\n置信度：0.8", 0.8, {}),
        ("Emotion: joy | Confidence: high", None, {"confidence_unreadable": 1}),
        ("joy\n置信度：高", None, {"confidence_unreadable": 1}),
    ],
)
def test_a_stated_confidence_is_no_label(text, confidence, notes):
    read = read_reply(text, "labels")
    assert (read.value, read.notes) == ((Stated("joy", confidence),), notes)


def test_sentences_that_state_one_name_no_confident_person():
    read = read_reply("I think the emotion is joy (confidence: 0.9).", "labels")
    assert [each.label for each in read.value] == ["joy"]
    read = read_reply("She speaks with confidence and joy.", "labels")
    assert Counter(each.label for each in read.value) == Counter(("confidence", "joy"))


@pytest.mark.parametrize("text", ["\ufeffjoy", "joy\u200b", "\u2060joy\u2060"])
def test_marks_of_no_width_do_not_hide_a_label(text):
    read = read_reply(text, "one_of", ("joy", "anger"))
    assert (read.status, read.value) == ("plain", Stated("joy"))
    assert read_reply(text, "labels").value == (Stated("joy"),)


def test_marks_that_join_pictures_stay():
    family = "\U0001f468\u200d\U0001f469\u200d\U0001f467 glad"
    assert read_reply(family, "text").value == family
