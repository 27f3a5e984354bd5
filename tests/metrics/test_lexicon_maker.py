"""The maker of the built-in lexicon: what it makes is committed, and wrong tables are refused."""

import json
from pathlib import Path

import pytest

from affecthub.metrics.lexicon.resources import make_lexicon
from affecthub.metrics.lexicon.resources.inflection import inflect


def test_the_committed_file_is_what_the_maker_makes() -> None:
    made = make_lexicon.make()
    text = make_lexicon.render(made)
    assert json.loads(text) == made
    assert make_lexicon.TARGET.read_text(encoding="utf-8") == text + "\n"


def test_endings() -> None:
    assert inflect("shy", ["ly", "ness"]) == ["shy", "shyly", "shyness"]
    assert inflect("sad", ["ly", "er"]) == ["sad", "sadly", "sadder", "saddest"]
    assert inflect("gentle", ["ly", "er"]) == ["gentle", "gently", "gentler", "gentlest"]
    assert inflect("enthusiastic", ["ly"]) == ["enthusiastic", "enthusiastically"]
    assert inflect("able", ["ity"]) == ["able", "ability"]
    assert inflect("stun", ["verb", "ingly"])[1:] == ["stuns", "stunned", "stunning", "stunningly"]
    assert inflect("worry", ["verb", "edly"])[1:] == ["worries", "worried", "worrying", "worriedly"]
    assert inflect("agree", ["verb"])[1:] == ["agrees", "agreed", "agreeing"]
    assert inflect("self-blame", []) == ["self-blame", "self blame"]
    assert inflect("honor", ["plural", "british"]) == ["honor", "honors", "honour", "honours"]
    with pytest.raises(ValueError, match=r"unknown ending: got 'nes'.*Did you mean.*'ness'"):
        inflect("sad", ["nes"])


@pytest.mark.parametrize(
    ("table", "row", "message"),
    [
        ("words_en.tsv", "happy\tjoy", "got 'happy' twice"),
        ("words_en.tsv", "gladden's\tglee", "'glee', which concepts.tsv does not list"),
        ("words_en.tsv", "joyfuller\tjoy\t\tgladly", "'gladly' is a form of 'glad' and of"),
        ("words_zh.tsv", "高兴 \tjoy", "which no label is looked up as, expected '高兴'"),
        ("wheels.tsv", "color wheel\tmad\tangry\tanger\tirate", "unknown wheel: got 'color wheel'"),
        ("wheels.tsv", "feeling wheel\tmad\tangry\tanger\tirate", "places 'anger' twice"),
        ("concepts.tsv", "glee\t1\thappy\t\t1\t1", "glee has basic7 'happy', expected one of"),
        ("concepts.tsv", "glee\t1\t\tmood\t1\t1", "glee has reason 'mood', expected one of"),
        ("concepts.tsv", "glee\t1\tjoy\tblend\t1\t1", "'joy' and reason 'blend', expected one"),
        ("concepts.tsv", "glee\t1\tjoy\t\thigh\t1", "glee has valence 'high', expected -1, 0"),
        ("concepts.tsv", "joy\t1\tjoy\t\t1\t1", "got 'joy' twice"),
        ("concepts.tsv", "glee\t1\tjoy\t\t1\t1", "wheel and concepts.tsv differ in glee"),
        ("composition.tsv", "en\tnots\tnope", "unknown kind: got 'nots'"),
        ("composition.tsv", "en\tdegrees\tnot", "'not' is among the negators and the degrees"),
    ],
)
def test_the_maker_refuses_a_wrong_table(
    table: str, row: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in make_lexicon.TABLES.glob("*.tsv"):
        text = path.read_text(encoding="utf-8")
        added = f"{row}\n" if path.name == table else ""
        (tmp_path / path.name).write_text(text + added, encoding="utf-8")
    monkeypatch.setattr(make_lexicon, "TABLES", tmp_path)
    with pytest.raises(ValueError, match=message):
        make_lexicon.make()


@pytest.mark.parametrize(
    ("table", "old", "new", "message"),
    [
        (
            "wheels.tsv",
            "\tmad\tangry\tanger\tirate",
            "\tmad\tangry\tanger\tsorrowful",
            "Choose a word of the",
        ),
        (
            "wheels.tsv",
            "\tsurprised\tstartled\t",
            "\tsurprised\tcalm\t",
            "'calm' lies outside sector 'calm'",
        ),
        (
            "wheels.tsv",
            "feeling wheel\tmad\t",
            "feeling wheel\tsweet\t",
            "'sweet' lies outside sector 'sweet'",
        ),
        ("concepts.tsv", "\tdispleased\t", "\tdispleazed\t", "is 'displeazed', expected a word of"),
    ],
)
def test_the_maker_refuses_a_word_out_of_place(
    table: str, old: str, new: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for path in make_lexicon.TABLES.glob("*.tsv"):
        text = path.read_text(encoding="utf-8")
        if path.name == table:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(make_lexicon, "TABLES", tmp_path)
    with pytest.raises(ValueError, match=message):
        make_lexicon.make()
