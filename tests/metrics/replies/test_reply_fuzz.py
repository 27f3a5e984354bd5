"""No answer raises, however it was mangled; and none is read without end."""

import json
import random

import pytest
from hangs import ends

from affecthub.labels import BASIC7
from affecthub.metrics.replies.reading import FORMS, STATUSES, read_reply, shares
from affecthub.metrics.replies.values import Basic7, Reading, Stated, Stream

SEEDS = [
    '{"predicted_emotion": "Joy", "model_confidence": 0.85, "goemotions_labels": '
    '[{"label": "joy", "confidence": 0.9}, {"label": "amusement", "confidence": "40%"}], '
    '"evidence": "One \\"smile\\" \\u4e00.", "goemotions_rationale": "laughs"}',
    "**Predicted emotion:** Joy\n**Model confidence:** 85%\n**GoEmotions labels:**\n- joy: 0.9\n"
    "- amusement (40%)\n\n**Evidence:** One smile.\n**GoEmotions rationale:** laughs",
    "预测情绪：愤怒\n置信度：九成\nGoEmotions标签：anger（0.9）、annoyance（0.4）\n证据：皱眉",
    '```json\n{"summary": "a", "overall_emotion_trend": {"dominant": "Anger/愤怒", "trajectory": '
    '"b"}, "utterances": [{"timestamp_range": "00:00-00:03", "emotion_primary": "Anger/愤怒", '
    '"emotion_secondary": ["anger"], "intensity": 5}, {"timestamp_range": "00:03–00:12", '
    '"emotion_primary": "Joy"}]}\n```',
    "Timestamp range: 00:00–00:03\nPrimary emotion: Joy\nSecondary emotions: joy, love\n"
    "Intensity: 3\n\n1:02:03 to 1:02:09\nPrimary emotion: Fear",
    "<think>She smiles, so [joy] or {love}?</think><answer>joy, love/爱</answer>",
    "{'emotion': 'joy', 'scores': [.5, 0.25,], ok: True, x: NaN}",
    "She feels joy and, to a degree, relief; 80% sure. 😢",
    "-0.35 on a scale from -1 to 1",
]
PIECES = [
    *"{}[]()\"'`,:;/\\<>|%-–—。，：；｛｝［］（）“”‘’\n\t\0\ufeff😢\u200d\ud83d",
    "```",
    "<think>",
]
PIECES += ["</think>", "<answer>", "</answer>", "\\u", "\\ud83d", "null", "9" * 30, "1e999", "//"]
KINDS = {"basic7": Basic7, "stream": Stream, "one_of": Stated, "confidence": Stated, "text": str}
KINDS |= {"labels": tuple, "goemotions": tuple, "sentiment": str, "score": float}


def mutated(text: str, rng: random.Random) -> str:
    for _ in range(rng.randint(1, 6)):
        i, j = sorted(rng.randrange(len(text) + 1) for _ in "ij")
        kind = rng.randrange(5)
        if kind == 0:
            text = text[:i]
        elif kind == 1:
            text = text[:i] + text[min(j, i + 12) :]
        elif kind == 2:
            text = text[:j] + text[i:j] * rng.randint(1, 3) + text[j:]
        elif kind == 3:
            text = text[:i] + rng.choice(PIECES) * rng.choice([1, 1, 1, 40]) + text[i:]
        else:
            other = rng.choice(SEEDS)
            text = text[:i] + other[rng.randrange(len(other)) :]
    return text[:4000]


def test_no_mutated_answer_raises():
    rng = random.Random(15)
    readings = []
    for n in range(2000):
        text = mutated(SEEDS[n % len(SEEDS)], rng)
        form = FORMS[n % len(FORMS)] if rng.random() < 0.5 else rng.choice(FORMS)
        reading = read_reply(text, form, BASIC7 if form == "one_of" else None, n % 2 == 0)
        assert reading.status in STATUSES
        assert (reading.status == "invalid") == (reading.value is None) == bool(reading.why)
        assert reading.value is None or isinstance(reading.value, KINDS[form])
        assert all(count > 0 for count in reading.notes.values())
        readings.append(reading)
    found = shares(readings)
    # The fuzz reaches every status, and not invalid ones alone.
    assert all(found[status] > 0.02 for status in STATUSES), found


BOMBS = {
    "lists": "[" * 100_000,
    "objects": '{"a":' * 100_000,
    "bare objects": "{" * 100_000,
    "both": '[{"emotion":' * 50_000,
    "closed": "[" * 100_000 + "]" * 100_000,
    "in words": "{'emotion': " * 100_000,
    "full-width": "｛［" * 50_000,
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS)
@pytest.mark.parametrize("form", FORMS)
def test_brackets_in_brackets_are_refused(form, bomb):
    reading = read_reply(bomb, form, BASIC7 if form == "one_of" else None)
    if form == "text":
        assert reading.status == "plain" or reading.why == "nested too deep"
    else:
        assert reading.status == "invalid"


LONG = {
    "one string": lambda n: '{"emotion": "' + "a" * n,
    "escapes": lambda n: '{"emotion": "' + '\\"' * (n // 2),
    "quotes": lambda n: "{'emotion': '" + "' a" * (n // 3),
    "labels": lambda n: "[" + "'joy', " * (n // 7) + "]",
    "open objects": lambda n: "{a, " * (n // 4),
    "open lists": lambda n: ("[" + "a, " * 50) * (n // 151),
    "braces closed": lambda n: "{}" * (n // 2),
    "thoughts": lambda n: "<think>" * (n // 7),
    "thoughts closed": lambda n: "<think></think>" * (n // 15),
    "answers": lambda n: "<answer>" * (n // 8),
    "marks": lambda n: "<|" * (n // 2),
    "fences": lambda n: "```" * (n // 3),
    "spaces": lambda n: "{" + " " * n,
    "lines": lambda n: "\n" * n + "joy",
    "headers": lambda n: "Emotion: \n" * (n // 10),
    "almost headers": lambda n: "****emotion  " * (n // 13),
    "times": lambda n: "00:01-00:02\n" * (n // 12),
    "digits": lambda n: "1" * n,
    "dashes": lambda n: "- " * (n // 2),
    "brackets": lambda n: "(" * n,
    "slashes": lambda n: "/ " * (n // 2),
    "surrogates": lambda n: "\\ud83d" * (n // 6),
    "words": lambda n: "not joy " * (n // 8),
    "no spaces": lambda n: "喜悦" * (n // 2),
    "ands": lambda n: "joy and " * (n // 8),
    "colons": lambda n: "a:" * (n // 2),
}


@pytest.mark.parametrize("make", LONG.values(), ids=LONG)
def test_long_answers_are_read_to_their_end(make):
    """Three seconds at most; a pattern that reads the rest again at each letter takes minutes."""
    text = make(400_000)
    with ends("reading 400,000 characters"):
        for form in FORMS:
            assert read_reply(text, form, BASIC7 if form == "one_of" else None).status in STATUSES


@pytest.mark.slow
def test_ten_megabytes_are_read():
    entries = [{"label": "joy", "confidence": i % 100 / 100} for i in range(30_000)]
    answer = {"predicted_emotion": "Joy", "goemotions_labels": entries}
    text = json.dumps(answer | {"evidence": "a smile, " * 1_000_000})
    assert len(text) > 10_000_000
    with ends("reading ten megabytes", within_s=300):
        reading = read_reply(text, "basic7")
        cut = read_reply(text[:-2], "basic7")
    assert reading.value.goemotions == (Stated("joy", 0.99),)
    assert len(cut.value.evidence) > 8_000_000
    assert (cut.status, cut.value.emotion, cut.notes["closed"]) == ("lenient_json", "joy", 1)
    assert read_reply("joy " * 2_500_000, "one_of", BASIC7) == Reading(None, "invalid", "too long")
