"""A lexicon maps labels as worked out by hand, and refuses what it cannot read."""

import json

import pytest

from affecthub.metrics.lexicon.emotion_lexicon import Lexicon, Wheel
from affecthub.metrics.lexicon.loading import load_lexicon


def test_levels_of_a_label(toy):
    assert toy.base_form("Happiness") == "happy"
    assert toy.synonym("pride") == "proud"
    assert toy.sectors("pride") == ("happy", None)
    assert toy.sectors("pride", "middle") == ("proud", None)
    # The core "happy" takes the first of its middle sectors: glad before proud.
    assert toy.sectors("happiness", "middle") == ("glad", "glad")


def test_of_several_candidates_the_alphabetically_first_on_the_wheel_decides(toy):
    # bright stands for joy and wise, both happy on wheel one, in different middle sectors.
    assert toy.synonym("bright") == "joy"
    assert toy.sectors("bright", "middle") == ("glad", None)


def test_names_that_share_a_form_pool_their_wheel_words():
    document = {
        "name": "pooled",
        "version": "1",
        "wheels": [{"name": "w", "source": "", "sectors": {"up": {"a": []}, "down": {"b": []}}}],
        "words": {
            "zeal": {"forms": ["zest"], "wheel_words": ["a"]},
            "ardour": {"forms": ["zest"], "wheel_words": ["nowhere", "b"]},
        },
    }
    pooled = Lexicon.from_document(document)
    # level 1 and 2 go by the first name (ardour), the wheel by the pool (a, b, nowhere).
    assert (pooled.base_form("zest"), pooled.synonym("zest")) == ("ardour", "b")
    assert pooled.sectors("zest") == ("up",)


def test_known_words_without_a_place_and_unknown_words(toy):
    assert toy.owners("hungry") and toy.sectors("hungry") == (None, None)
    assert not toy.owners("thirsty") and toy.sectors("thirsty") == (None, None)
    assert toy.base_form("thirsty") is None and toy.synonym("thirsty") is None
    assert toy.base_form("hungry") == "hungry" and toy.synonym("hungry") is None


def test_a_word_in_two_places_belongs_to_the_later():
    wheel = Wheel.from_sectors("w", "", {"mad": {"hurt": ["low"]}, "sad": {"blue": ["low"]}})
    assert (wheel.inner["low"], wheel.middle["low"]) == ("sad", "blue")


def test_unknown_ring(toy):
    with pytest.raises(ValueError, match="unknown ring: got 'level1', expected one of inner, mid"):
        toy.sectors("happy", "level1")


def test_a_lexicon_file_loads_and_a_lexicon_passes_through(tmp_path, toy):
    document = {
        "name": "mine",
        "version": "2",
        "wheels": [{"name": "w", "source": "", "sectors": {"up": {"a": []}}}],
        "words": {"a": {"forms": ["a"], "wheel_words": ["a"]}},
    }
    path = tmp_path / "mine.json"
    path.write_text(json.dumps(document))
    assert load_lexicon(path).identity == {"name": "mine", "version": "2"}
    assert load_lexicon(str(path)).sectors("a") == ("up",)
    assert load_lexicon(toy) is toy


def test_lexicon_sources_that_do_not_exist_or_do_not_fit(tmp_path):
    with pytest.raises(FileNotFoundError, match="lexicon not found: got .*nowhere"):
        load_lexicon(tmp_path / "nowhere")
    with pytest.raises(TypeError, match="expected None, a path or a Lexicon"):
        load_lexicon(2025)
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    with pytest.raises(ValueError, match="broken.json"):
        load_lexicon(broken)
    broken.write_text('{"name": "x", "version": "1", "wheels": []}')
    with pytest.raises(ValueError, match=r"broken.json: lexicon is not .* KeyError 'words'"):
        load_lexicon(broken)


def test_the_built_in_lexicon_is_read_once_and_spelled_as_it_is_looked_up():
    built_in = load_lexicon()
    assert load_lexicon() is built_in
    assert [form for form in built_in.names if not built_in.owners(form)] == []


@pytest.mark.parametrize(
    "label", ["neutral", "surprise", "disgust", "开心", "生气", "难过", "惊讶"]
)
def test_the_built_in_lexicon_has_a_place_for_it_on_every_wheel(label):
    assert None not in load_lexicon().sectors(label)
