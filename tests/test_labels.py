"""What labels mean: every label of every corpus is known, and no map goes too far."""

import doctest

import pytest

from affecthub import labels
from affecthub.entries import entries
from affecthub.labels import (
    BASIC7,
    EMOTIONS,
    GOEMOTIONS,
    GOEMOTIONS_TO_BASIC7,
    GOEMOTIONS_WITH_UNSURE,
    emotion_of,
    label_set,
    label_sets,
    label_table,
    polarity,
    to_basic7,
)


def test_doctests():
    result = doctest.testmod(labels)
    assert result.attempted and not result.failed


def test_no_word_names_two_emotions():
    words = [word for emotion in EMOTIONS for word in emotion.words]
    assert len(words) == len(set(words))
    assert words == [word.strip().lower() for word in words]


@pytest.mark.parametrize("corpus", sorted(entries()))
def test_every_label_is_known_and_null_has_a_reason(corpus):
    for label in label_set(corpus):
        emotion = emotion_of(label)
        assert emotion is not None, label
        assert emotion.basic7 in BASIC7 or emotion.note, label


def test_corpora_reach_the_basic_emotions_they_have():
    reached = {name: {to_basic7(label) for label in found} for name, found in label_sets().items()}
    for name in ("demo", "emos", "meld", "emotiontalk"):
        assert reached[name] == set(BASIC7)
    # fru, exc, oth and xxx of IEMOCAP and worried of MER have none.
    assert reached["iemocap"] == {*BASIC7, None}
    assert reached["mer2023"] == {"anger", "joy", "neutral", "sadness", "surprise", None}
    assert [label for label in label_set("iemocap") if to_basic7(label) is None] == [
        *("fru", "exc", "oth", "xxx")
    ]
    assert {to_basic7(label) for label in ("happy", "sad", "neutral", "angry")} == {
        *("joy", "sadness", "neutral", "anger")
    }


@pytest.mark.parametrize(
    ("label", "basic", "sign"),
    [
        ("  Angry ", "anger", -1),
        ("愤怒", "anger", -1),
        ("憤怒", "anger", -1),
        ("担心", None, -1),
        ("激动", None, 1),
        ("惊讶", "surprise", None),
        ("自然", "neutral", 0),  # EmoS' word for neutral in its streaming part
        ("annoyance", "anger", -1),
        ("confusion", None, None),
        ("Positive", None, 1),
        ("消极", None, -1),
        ("xxx", None, None),
        ("platypus", None, None),
        ("", None, None),
        (None, None, None),
    ],
)
def test_words(label, basic, sign):
    assert to_basic7(label) == basic
    assert polarity(label) == sign


def test_sign_follows_from_the_basic_emotion():
    sign = {basic: polarity(basic) for basic in BASIC7}
    assert sign == {
        **dict.fromkeys(("anger", "disgust", "fear", "sadness"), -1),
        **{"joy": 1, "neutral": 0, "surprise": None},
    }
    assert all(e.polarity == sign[e.basic7] for e in EMOTIONS if e.basic7)


def test_goemotions():
    # 27 emotions in alphabetical order, then neutral: EmoS' columns.
    assert len(GOEMOTIONS) == 28 and GOEMOTIONS[-1] == "neutral"
    assert list(GOEMOTIONS[:-1]) == sorted(GOEMOTIONS[:-1])
    assert (*GOEMOTIONS, "unsure") == GOEMOTIONS_WITH_UNSURE
    # Demszky et al. group 12 labels as positive, 11 as negative, 4 as ambiguous.
    signs = [polarity(label) for label in GOEMOTIONS[:-1]]
    assert [signs.count(sign) for sign in (1, -1, None)] == [12, 11, 4]


def test_both_maps_cover_goemotions_and_differ_in_two_labels():
    mass, vote = GOEMOTIONS_TO_BASIC7["mass"], GOEMOTIONS_TO_BASIC7["vote"]
    for mapping in (mass, vote):
        assert set(mapping) == set(GOEMOTIONS_WITH_UNSURE)
        assert set(mapping.values()) == set(BASIC7)
        # A label that names a basic emotion stays with it.
        assert all(mapping[label] == to_basic7(label) for label in mapping if to_basic7(label))
    assert {label: (mass[label], vote[label]) for label in mass if mass[label] != vote[label]} == {
        "caring": ("neutral", "joy"),
        "embarrassment": ("sadness", "disgust"),
    }
    # 11 + 3 + 5 + 1 + 2 + 1 + 6 = 29 labels.
    sizes = {basic: list(mass.values()).count(basic) for basic in BASIC7}
    assert sizes == {
        **{"joy": 11, "anger": 3, "sadness": 5, "disgust": 1, "fear": 2, "surprise": 1},
        "neutral": 6,
    }


def test_label_table():
    rows = label_table("iemocap")
    assert [row["label"] for row in rows] == list(label_set("iemocap"))
    assert set(rows[0]) == {"label", "basic7", "polarity", "words", "note"}
    caring = label_table("goemotions")[GOEMOTIONS.index("caring")]
    assert (caring["basic7"], caring["mass"], caring["vote"]) == (None, "neutral", "joy")
    assert label_table("cmu_mosi") == []
    with pytest.raises(ValueError, match="Did you mean 'mer2023'"):
        label_table("mer2033")


def test_sentiment_ranges_are_symmetric():
    ranges = {entry.sentiment for entry in entries().values()} - {None}
    assert ranges == {(-3, 3), (-2, 2), (-1, 1)}
