"""Sentences become labels: rules one by one, and the figures on the released descriptions."""

import csv
import doctest

import pytest

from affecthub.metrics import extraction
from affecthub.metrics.extraction import LexiconExtractor, sentiment_of
from affecthub.metrics.lexicon import load_lexicon
from affecthub.metrics.wheel import set_f


@pytest.fixture(scope="module")
def extract():
    return LexiconExtractor()


def test_doctests():
    result = doctest.testmod(extraction)
    assert result.attempted and not result.failed


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("", []),
        ("   ", []),
        ("Nothing much.", []),
        ("HAPPY", ["happy"]),
        ("She looks happy, happy and sad.", ["happy", "sad"]),
        # Whole words, the longest form.
        ("an unhappy crusade of sadists", ["unhappy"]),
        ("a self-deprecating remark", ["self-deprecating"]),
        ("happy/sad (angry)", ["happy", "sad", "angry"]),
        # What somebody says is no description.
        ('The subtitle reads "I am so angry". She is calm.', ["calm"]),
        ("字幕是“我很生气”，他很平静。", ["平静"]),
        # Said of a thing, or mostly used in another sense.
        ("the tense situation made him sad", ["sad"]),
        ("the content of the subtitle is certain", []),
        # The conclusion, without what came before and without the evidence it cites.
        ("He looks angry. Therefore, he is worried. He is also tense.", ["worried", "tense"]),
        ("Based on the angry brow, we can infer that he is worried.", ["worried"]),
        ("He is sad. It can be inferred that, considering his smile, he is happy.", ["happy"]),
        ("他皱眉，很生气。根据生气的表情，可以推断他很担心。", ["担心"]),
    ],
)
def test_what_is_found(extract, text, labels):
    assert extract(text) == labels


@pytest.mark.parametrize(
    ("text", "labels"),
    [
        ("He is not happy.", ["displeased"]),
        ("He is not angry.", []),
        ("without any obvious unease or fear", []),
        ("not angry, but sad", ["sad"]),
        ("He is not here. He is sad.", ["sad"]),
        ("not only angry but sad", ["angry", "sad"]),
        ("she can't help but feel joy", ["joy"]),
        ("他不生气", []),
        ("他很高兴，但不生气", ["高兴"]),
    ],
)
def test_negation(extract, text, labels):
    assert extract(text) == labels


def test_hedged_words_can_be_left_out():
    text = "He may be angry. She is sad."
    assert LexiconExtractor()(text) == ["angry", "sad"]
    assert LexiconExtractor(hedged="drop")(text) == ["sad"]


def test_scope_all_reads_everything():
    text = "Based on the angry brow, we infer that he is worried."
    assert LexiconExtractor(scope="all")(text) == ["angry", "worried"]


def test_english_labels_of_chinese_text():
    assert LexiconExtractor(labels="en")("他很高兴，也很生气") == ["happy", "angry"]


def test_another_lexicon(toy):
    extract = LexiconExtractor(toy)
    assert extract("Pride and gloom, and 开心; furious too") == ["pride", "开心"]
    with pytest.raises(ValueError, match="needs the built-in lexicon: got 'en' with 'toy'"):
        LexiconExtractor(toy, labels="en")


@pytest.mark.parametrize(
    ("option", "known"), [("scope", "all, conc"), ("hedged", "drop, keep"), ("labels", "en, text")]
)
def test_unknown_options(option, known):
    with pytest.raises(ValueError, match=f"unknown {option}: got 'x', expected one of {known}"):
        LexiconExtractor(**{option: "x"})


def test_text_must_be_text(extract):
    with pytest.raises(TypeError, match="`text` is not text: got 3"):
        extract(3)


def test_sentiment_of_labels():
    assert sentiment_of(["开心", "grateful", "angry"]) == "positive"
    assert sentiment_of(["happy", "sad"]) == "neutral"
    assert sentiment_of(["neutral"]) == "neutral"
    assert sentiment_of([]) is None and sentiment_of(["qwerty"]) is None


@pytest.fixture(scope="module")
def described(reference_data):
    with (reference_data / "emer" / "final-EMER-reason.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    with (reference_data / "ov_store" / "check-openset.csv").open(newline="") as file:
        labels = {row["name"]: row["openset"] for row in csv.DictReader(file)}
    return rows, [labels[row["name"]] for row in rows]


@pytest.mark.parametrize(("column", "least"), [("english", 75.0), ("chinese", 69.0)])
def test_labels_of_the_released_descriptions(reference_data, described, column, least):
    rows, references = described
    predictions = LexiconExtractor(labels="en").batch(row[column] for row in rows)
    lexicon = load_lexicon(reference_data / "emotion_wheel" / "mer2025")
    assert 100 * set_f(predictions, references, lexicon=lexicon)["set_f"] >= least
