"""JSON as models write it when they do not quite, and the answer inside of what is around it."""

import json

import pytest

from affecthub.metrics.answers.label_in_text import AnswerReader, names_of
from affecthub.metrics.replies.json_in_text import find_value
from affecthub.metrics.replies.lenient_json import DEEPEST, TooDeepError, read_lenient
from affecthub.metrics.replies.unwrapping import unwrapped

MENDED = {
    '{"a": 1, "b": [1, 2,],}': {"a": 1, "b": [1, 2]},
    "{'a': 'it's', 'b': \"c\"}": {"a": "it's", "b": "c"},
    '{"a": "he said "no" twice", "b": 1}': {"a": 'he said "no" twice', "b": 1},
    "{a: joy, b-c: 0.5}": {"a": "joy", "b-c": 0.5},
    "{“a”：“喜悦”，“b”：［1，2］}": {"a": "喜悦", "b": [1, 2]},
    "｛‘a’：‘b’｝": {"a": "b"},
    "{'a': True, 'b': None, 'c': NaN, 'd': false, 'e': -Infinity}": {
        "a": True,
        "b": None,
        "c": None,
        "d": False,
        "e": None,
    },
    '{"a": "x"\n"b": "y"}': {"a": "x", "b": "y"},
    '{"a": .5, "b": +1, "c": 90%, "d": 1e2}': {"a": 0.5, "b": 1, "c": "90%", "d": 100.0},
    '{"a": 1, // why\n "b": 2}': {"a": 1, "b": 2},
    '{{"a": 1}}': {"a": 1},
    '{"a": [("joy", 0.9), ("love", 0.2)]}': {"a": [["joy", 0.9], ["love", 0.2]]},
    "{'joy', 'love'}": ["joy", "love"],
    '["a", ...]': ["a"],
    '{"a": [1, 2}': {"a": [1, 2]},
    '{"a": {"b": 1]}}': {"a": {"b": 1}},
    '{"a": , "b": 1}': {"a": None, "b": 1},
    '{"a" = 1, "b", "c": 2}': {"a": 1, "b": None, "c": 2},
    '{"a": "line\nbreak", "b": "\\u4e00\\n\\"\\x"}': {"a": "line\nbreak", "b": '一\n"x'},
    "{}": {},
    "[ ]": [],
}


@pytest.mark.parametrize(("text", "value"), MENDED.items())
def test_what_is_mended(text, value):
    read = read_lenient(text + " and more", 0)
    assert (read.value, read.end, read.is_closed) == (value, len(text), True)


WHOLE = '{"a": "joy", "b": [{"c": 0.25}, "love"], "d": "x"}'
CUT = {
    '{"a': {},
    '{"a"': {},
    '{"a":': {"a": None},
    '{"a": "jo': {"a": "jo"},
    '{"a": "joy", "b": [{"c': {"a": "joy", "b": [{}]},
    '{"a": "joy", "b": [{"c": 0.2': {"a": "joy", "b": [{"c": None}]},
    '{"a": "joy", "b": [{"c": 0.25}, "lo': {"a": "joy", "b": [{"c": 0.25}, "lo"]},
}


@pytest.mark.parametrize(("text", "value"), CUT.items())
def test_what_was_cut_is_closed(text, value):
    assert WHOLE.startswith(text)
    read = read_lenient(text, 0)
    assert (read.value, read.is_closed) == (value, False)


def test_every_cut_of_a_whole_answer_is_closed():
    for end in range(1, len(WHOLE)):
        read = read_lenient(WHOLE[:end], 0)
        assert not read.is_closed and isinstance(read.value, dict | list)
    assert read_lenient(WHOLE, 0).value == json.loads(WHOLE)


def test_the_depth_has_a_bound():
    assert read_lenient("[" * DEEPEST + "]" * DEEPEST, 0).is_closed
    with pytest.raises(TooDeepError, match=f"more than {DEEPEST}"):
        read_lenient("[" * (DEEPEST + 1), 0)


def test_the_first_that_is_of_use_is_found():
    def has_a(value):
        return value.get("a") if isinstance(value, dict) else None

    assert find_value('{"b": 1} {"a": 2} {"a": 3}', has_a).value == 2
    assert find_value('so {b} or {"a": 2}', has_a).value == 2
    assert find_value('{"b": [{"a": 2', lambda value: value.get("b")).is_closed is False
    assert find_value("{a: 2}", has_a).status == "lenient_json"
    assert find_value("no object", has_a) is None
    assert find_value("{} {} {", has_a) is None


def test_half_characters_can_be_written_to_a_file():
    text = r'{"a": "\ud83d\ude22 \ud83d \ude22 \udead"}'
    value = find_value(text, lambda value: value["a"]).value
    assert value == "😢 \ufffd \ufffd \ufffd"
    value.encode()


UNWRAPPED = {
    "joy": "joy",
    " joy\n": "joy",
    "<think>a</think>joy": "joy",
    "<THINK>a</think>joy<thinking>b</thinking>!": "joy!",
    "a</think>joy": "joy",
    "joy<think>a": "joy",
    "<think>a": "",
    "<think>a<think>b</think>joy": "joy",
    "[THINK]a[/THINK]joy": "joy",
    "◁think▷a◁/think▷joy": "joy",
    "a <answer>joy</answer> b": "joy",
    "<answer>joy": "joy",
    "<answer>fear</answer><answer>joy</answer>": "joy",
    "<answer>joy</answer><answer>": "joy",
    "<final_answer>joy</final_answer>": "joy",
    "<think><answer>fear</answer></think>joy": "joy",
    "<answer>joy</answer>\n<confidence>0.9</confidence>": "joy\nConfidence: 0.9",
    "```json\n{}\n```": "{}",
    "```\njoy\n```": "joy",
    "```json {}```": "{}",
    "```joy```": "joy",
    "Here:\n```json\n{}": "Here:\n\n{}",
    "joy<|im_end|>": "joy",
    "<s>joy</s>": "joy",
    "a < b [c]": "a < b [c]",
    "<b>joy</b>": "<b>joy</b>",
    "<|channel|>analysis<|message|>a": "",
    "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>joy": "joy",
}


@pytest.mark.parametrize(("text", "answer"), UNWRAPPED.items())
def test_what_is_around_an_answer_goes(text, answer):
    assert unwrapped(text) == answer


def test_sentences_are_not_remembered():
    reader = AnswerReader(names_of(["joy", "anger"]))
    for i in range(10_100):
        assert reader(f"joy {i}") == "joy"
    assert reader("I would say that it is joy. " * 10) == "joy"
    assert len(reader._read) <= 10_000
    assert max(map(len, reader._read)) <= 100
