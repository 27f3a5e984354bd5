"""Journals that cannot be scored are told apart, and each says what to do."""

import json

import pytest

from affecthub.training.asking.scoring.forms import Form, form_of, read_answers
from affecthub.training.asking.scoring.journals import read_journal

PROMPT = "one_of@1"


def write(path, lines):
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def line(clip, answer="joy", **more):
    return {"id": clip, "prediction": answer, "model": "m", "clip": "c", "prompt": PROMPT} | more


def test_lines_errors_and_tokens(tmp_path):
    lines = [
        line("a", n_in=100, n_out=4, media="av"),
        line("b", n_in=200, n_out=6, media="a", cut=True),
        line("c", "", error="too long"),
    ]
    journal = read_journal(write(tmp_path / "j.jsonl", lines))
    assert journal.answers == {"a": "joy", "b": "joy"} and journal.errors == {"c": "too long"}
    assert (journal.model, journal.prompt, journal.media) == ("m", PROMPT, "a, av")
    assert journal.costs() == {"n_in": 150.0, "n_out": 5.0, "n_told": 2, "n_cut": 1}


def test_a_line_that_a_kill_cut_off_is_left_out(tmp_path):
    path = write(tmp_path / "j.jsonl", [line("a")])
    with path.open("a") as file:
        file.write('{"id": "b", "predic')
    assert list(read_journal(path).lines) == ["a"]
    # Other programs leave the last end of a line out.
    with path.open("a") as file:
        file.write('tion": "joy", "model": "m", "prompt": "one_of@1"}')
    assert list(read_journal(path).lines) == ["a", "b"]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        ([], "is empty: got no line"),
        ([line("a"), line("b"), line("a")], "has 1 clips twice: got a on several lines"),
        ([line("a"), line("b", model="n")], "mixes 2 models or settings: got m, n"),
        ([line("a"), line("b", prompt="x@1")], "mixes 2 prompts: got one_of@1, x@1"),
        (
            [line("a", "", error="HTTP 500"), line("b", "", error="HTTP 500")],
            "errors alone: got 2 lines without an answer.*2 of them say: HTTP 500.*--retry",
        ),
        ([{"id": "a"}], "line 1: got .*expected an object with `id` and the text `prediction`"),
        ([line("a"), line("b", None)], "line 2: got .*the text `prediction`"),
        ([line(["a"])], "line 1: got .*Give another file"),
    ],
)
def test_what_is_wrong_with_a_journal_is_told(tmp_path, lines, message):
    with pytest.raises(ValueError, match=message):
        read_journal(write(tmp_path / "j.jsonl", lines))


def test_a_run_that_goes_on_is_told_from_none(tmp_path):
    with pytest.raises(FileNotFoundError, match="no journal: got .*nothing there"):
        read_journal(tmp_path / "j.jsonl")
    write(tmp_path / "j.jsonl.part-1-of-2", [line("a")])
    with pytest.raises(FileNotFoundError, match="1 parts of it are.*go on from them"):
        read_journal(tmp_path / "j.jsonl")


def test_the_prompt_says_the_form(tmp_path):
    journal = read_journal(write(tmp_path / "j.jsonl", [line("a")]))
    form = form_of(journal)
    assert (form.name, form.prompt, form.language) == ("one_of", PROMPT, "en")
    assert form_of(journal, form="labels").name == "labels"


@pytest.mark.parametrize(
    ("prompt", "given", "message"),
    [
        ("one_off@1", {}, "unknown prompt.*one_off.*Did you mean 'one_of'.*--prompt; .*--form"),
        ("one_of@9", {}, "asked by another prompt: got one_of@9, expected one_of@1"),
        ("", {}, "does not say what was asked.*`affecthub predict`.*--form"),
        (PROMPT, {"form": "lables"}, "unknown form of answers: got 'lables'.*'labels'"),
        (PROMPT, {"form": "labels", "prompt": "one_of"}, "got both"),
        (PROMPT, {"prompt": "extract_labels"}, "got one_of@1, expected extract_labels@1"),
    ],
)
def test_what_was_asked_must_be_known(tmp_path, prompt, given, message):
    lines = [line("a", prompt=prompt)] if prompt else [{"id": "a", "prediction": "joy"}]
    journal = read_journal(write(tmp_path / "j.jsonl", lines))
    with pytest.raises(ValueError, match=message):
        form_of(journal, **given)


def test_a_prompt_of_ones_own_comes_from_its_file(tmp_path):
    (tmp_path / "mine.yaml").write_text(
        "id: mine\nversion: 2\nlanguage: en\nmedia: [audio]\nform: labels\nsource: me\n"
        "purpose: to try\ntext: Which emotions?\n"
    )
    journal = read_journal(write(tmp_path / "j.jsonl", [line("a", prompt="mine@2")]))
    with pytest.raises(ValueError, match="unknown prompt"):
        form_of(journal)
    mine = str(tmp_path / "mine.yaml")
    assert form_of(journal, prompt=mine).name == "labels"
    # Of several prompts each journal has its own.
    assert form_of(journal, prompt=["one_of", mine]).prompt == "mine@2"
    other = read_journal(write(tmp_path / "k.jsonl", [line("a")]))
    assert form_of(other, prompt=[mine, "one_of"]).prompt == PROMPT
    with pytest.raises(ValueError, match="got one_of@1, expected mine@2 or confidence@1"):
        form_of(other, prompt=[mine, "confidence"])
    unsaid = read_journal(write(tmp_path / "u.jsonl", [line("a", prompt="")]))
    with pytest.raises(ValueError, match="asked by one of several prompts"):
        form_of(unsaid, prompt=[mine, "one_of"])
    assert form_of(unsaid, prompt=[mine, mine]).prompt == "mine@2"


def test_abbreviated_labels_are_asked_by_name_and_scored_as_released():
    labels = ("neu", "hap", "sad", "exc", "xxx")
    said = {"a": "joy", "b": "The emotion is excitement.", "c": "hap", "d": "sad", "e": "anger"}
    read = read_answers(said, Form("one_of"), labels)
    found = {clip: each.value.label if each.value else each.status for clip, each in read.items()}
    assert found == {"a": "hap", "b": "exc", "c": "hap", "d": "sad", "e": "invalid"}
