"""Answers as models write them, form by form, and what they are read into."""

import json

import pytest

from affecthub.labels import BASIC7, GOEMOTIONS, GOEMOTIONS_WITH_UNSURE
from affecthub.metrics.answers.released import read_released
from affecthub.metrics.parsing import parse_labels
from affecthub.metrics.replies.reading import read_reply, shares
from affecthub.metrics.replies.values import Basic7, Reading, Stated

J = "json"
L = "lenient_json"
P = "plain"
ABSENT = {"confidence_absent": 1}

ONE_OF = {
    "joy": (P, "joy"),
    "Joy.": (P, "joy"),
    "**Joy** 😊": (P, "joy"),
    "「joy」。": (P, "joy"),
    "<joy>": (P, "joy"),
    "Answer: Joy": (P, "joy"),
    "情绪：joy": (P, "joy"),
    "Anger/愤怒": (P, "anger"),
    "愤怒/Anger": (P, "anger"),
    "Joy（喜悦）": (P, "joy"),
    "Joy/Happiness": (P, "joy"),
    "joy (0.9)": (P, "joy"),
    "Joy\n\nShe smiles, which hides her sadness.": (P, "joy"),
    "The face is calm.\nJoy": (P, "joy"),
    "Emotion: Joy - she smiles": (P, "joy"),
    '{"emotion": "joy"}': (J, "joy"),
    '["joy"]': (J, "joy"),
    'Sure! {"result": {"label": "joy"}} as asked': (J, "joy"),
    '[{"label": "joy"}]': (J, "joy"),
    "{'Primary emotion': 'Joy',}": (L, "joy"),
    "｛“情绪”：“joy”｝": (L, "joy"),
    "{emotion: joy": (L, "joy"),
    "The emotion is joy.": ("loose", "joy"),
    "It is joy, not anger.": ("loose", "joy"),
    "joy/unease": ("loose", "joy"),
    r"\boxed{joy}": ("loose", "joy"),
    '{"emotion": "It is joy"}': ("loose", "joy"),
    "<think>anger?</think>joy": (P, "joy"),
    "anger or fear</think>joy": (P, "joy"),
    "<think>a</think>It is <answer>joy</answer>": (P, "joy"),
    "<think>so <answer>joy</answer>": (P, "joy"),
    "<|channel|>analysis<|message|>fear<|end|><|channel|>final<|message|>joy<|return|>": (P, "joy"),
    "joy<|im_end|>": (P, "joy"),
    "```\njoy\n```": (P, "joy"),
    "": "empty",
    " \n": "empty",
    "<think>joy": "only thoughts",
    "<|channel|>analysis<|message|>joy": "only thoughts",
    "joy, anger": "several labels",
    "Joy and sadness": "several labels",
    "Sadness -> Joy": "several labels",
    "Joy\nSadness": "several labels",
    "joy - anger": "several labels",
    "joy/sadness": "several labels",
    '{"emotion": "joy/sadness"}': "several labels",
    '{"emotion": ["joy", "anger"]}': "several labels",
    "happy": "not in the set",
    "愤怒": "not in the set",
    "joyful": "not in the set",
    "not joy": "not in the set",
    '{"emotion": "happy"}': "not in the set",
    '{"emotion": null}': "no label",
    '{"emotion": []}': "no label",
    "The person in this clip does not show what was asked for.": "no label",
    "joy " * 5000: "too long",
}


@pytest.mark.parametrize(("text", "expected"), ONE_OF.items())
def test_one_of(text, expected):
    reading = read_reply(text, "one_of", BASIC7)
    if isinstance(expected, str):
        assert (reading.status, reading.why, reading.value) == ("invalid", expected, None)
    else:
        assert (reading.status, reading.value.label, reading.why) == (*expected, "")


@pytest.mark.parametrize(
    ("text", "status", "label"),
    [
        ("happy", P, "joy"),
        ("愤怒", P, "anger"),
        ("Happiness/快乐", P, "joy"),
        ('{"情绪": "开心"}', J, "joy"),
        ("她很高兴", "loose", "joy"),
        ("surprised", P, "surprise"),
    ],
)
def test_aliases_are_an_option(text, status, label):
    assert read_reply(text, "one_of", BASIC7).status == "invalid"
    reading = read_reply(text, "one_of", BASIC7, aliases=True)
    assert (reading.status, reading.value) == (status, Stated(label))


def test_labels_keep_the_spelling_of_the_set():
    corpus = ("Happy", "高兴", "fru")
    assert [read_reply(text, "one_of", corpus).value for text in ("happy", "高兴。", "FRU")] == [
        Stated("Happy"),
        Stated("高兴"),
        Stated("fru"),
    ]


LABELS = {
    "joy: 0.9, amusement: 0.4": (P, {"joy": 0.9, "amusement": 0.4}),
    "joy (90%), love - 40%; calm 0.3": (P, {"joy": 0.9, "love": 0.4, "calm": 0.3}),
    "joy, 0.9, love, 0.4": (P, {"joy": 0.9, "love": 0.4}),
    "0.9 joy, 40% love": (P, {"joy": 0.9, "love": 0.4}),
    "1. joy (8/10)\n2. love": (P, {"joy": 0.8, "love": None}),
    "- **joy**: 90%\n- *love*": (P, {"joy": 0.9, "love": None}),
    "| joy | 0.9 |\n| love | .2 |": (P, {"joy": 0.9, "love": 0.2}),
    "喜悦：九成、激动（0.4）": (P, {"喜悦": 0.9, "激动": 0.4}),
    "joy (喜悦), Grief 😢": (P, {"joy": None, "Grief": None}),
    "Anger/愤怒, joy/love": (P, {"Anger": None, "joy": None, "love": None}),
    "joy, at ease and fed up": (P, {"joy": None, "at ease": None, "fed up": None}),
    "Emotions: joy, love": (P, {"joy": None, "love": None}),
    "Here are the labels: joy, love.": (P, {"joy": None, "love": None}),
    "这个人的情绪是：高兴、激动": (P, {"高兴": None, "激动": None}),
    "joy (0,9), love": (P, {"joy": 0.9, "love": None}),
    "none": (P, {}),
    "[]": (J, {}),
    '["joy (0.9)", "love: 40%"]': (J, {"joy": 0.9, "love": 0.4}),
    '{"joy": 0.9, "love": "40%", "anger": false, "awe": true}': (
        J,
        {"joy": 0.9, "love": 0.4, "awe": None},
    ),
    '[{"label": "joy", "confidence": 0.9}, {"emotion": "love", "score": 85}]': (
        J,
        {"joy": 0.9, "love": 0.85},
    ),
    '{"labels": ["joy", "love"], "confidences": [0.9, 0.4]}': (J, {"joy": 0.9, "love": 0.4}),
    '{"emotions": ["joy", "love"]}': (J, {"joy": None, "love": None}),
    '{"joy": {"confidence": 0.3}}': (J, {"joy": 0.3}),
    'Output: ["happy", "sad"]': (J, {"happy": None, "sad": None}),
    "Positive emotions: joy": (P, {"joy": None}),
    "[mild emotions (fear, unease), angry/annoyed]": (
        L,
        {"mild emotions": None, "angry": None, "annoyed": None},
    ),
    "[worried, tired]": (L, {"worried": None, "tired": None}),
    "['joy', 'don't care',]": (L, {"joy": None, "don't care": None}),
    '[("joy", 0.9), ("love", 0.2)]': (L, {"joy": 0.9, "love": 0.2}),
    "{joy, love}": (L, {"joy": None, "love": None}),
    "［高兴、激动］": (L, {"高兴": None, "激动": None}),
    "She feels happy and a bit nervous.": ("loose", {"happy": None, "nervous": None}),
    "他感到高兴和激动。": ("loose", {"高兴": None, "激动": None}),
}


@pytest.mark.parametrize(("text", "expected"), LABELS.items())
def test_labels_of_an_open_vocabulary(text, expected):
    reading = read_reply(text, "labels")
    read = {each.label: each.confidence for each in reading.value}
    assert (reading.status, read, reading.notes) == (*expected, {})
    assert len(read) == len(reading.value)


@pytest.mark.parametrize(
    ("text", "labels", "notes"),
    [
        ("joy 0.8; Joy 0.9", [("joy", 0.9)], {"duplicates": 1}),
        ("joy: high", [("joy", None)], {}),
        ('{"label": "joy", "confidence": "high"}', [("joy", None)], {"confidence_unreadable": 1}),
        ("joy: 120%", [("joy", None)], {"confidence_out_of_range": 1}),
        ("0.9, joy", [("joy", None)], {"numbers_alone": 1}),
        ('["joy", "lov', [("joy", None)], {"closed": 1, "cut_label": 1}),
        ('{"joy": 0.9, "love": 0.', [("joy", 0.9), ("love", None)], {"closed": 1}),
    ],
)
def test_what_is_wrong_with_labels_is_counted(text, labels, notes):
    reading = read_reply(text, "labels")
    assert [(each.label, each.confidence) for each in reading.value] == labels
    assert reading.notes == notes


def test_labels_of_a_closed_set():
    labels = ("joy", "anger", "fear")
    reading = read_reply("Joy (0.9), rage (0.2), joy (0.3)", "labels", labels)
    assert reading.value == (Stated("joy", 0.9),)
    assert reading.notes == {"duplicates": 1, "outside": 1}
    assert read_reply("rage", "labels", labels).why == "not in the set"
    assert read_reply("It is nothing of this sort, I am afraid to say.", "labels", labels).why


def test_goemotions_are_28_and_unsure():
    reading = read_reply(", ".join(GOEMOTIONS_WITH_UNSURE), "goemotions")
    assert [each.label for each in reading.value] == list(GOEMOTIONS_WITH_UNSURE)
    assert len(reading.value) == 29
    assert read_reply("joy, determination", "goemotions").notes == {"outside": 1}
    assert read_reply("happiness", "goemotions").why == "not in the set"
    assert read_reply("happiness", "goemotions", aliases=True).value == (Stated("joy"),)
    text = "She feels joy and relief."
    assert read_reply(text, "goemotions") == Reading((Stated("joy"), Stated("relief")), "loose")


FULL = Basic7(
    emotion="joy",
    confidence=0.85,
    goemotions=(Stated("joy", 0.9), Stated("amusement", 0.4)),
    evidence="One smile.",
    rationale="She laughs: loudly.",
)


def as_json(value: Basic7) -> str:
    return json.dumps(
        {
            "predicted_emotion": value.emotion.title(),
            "model_confidence": value.confidence,
            "goemotions_labels": [
                {"label": each.label, "confidence": each.confidence} for each in value.goemotions
            ],
            "evidence": value.evidence,
            "goemotions_rationale": value.rationale,
        },
        ensure_ascii=False,
    )


def as_lines(value: Basic7) -> str:
    fine = ", ".join(f"{each.label} ({each.confidence})" for each in value.goemotions)
    return (
        f"Predicted emotion: {value.emotion.title()}\nModel confidence: {value.confidence}\n"
        f"GoEmotions labels: {fine}\nEvidence: {value.evidence}\n"
        f"GoEmotions rationale: {value.rationale}"
    )


@pytest.mark.parametrize("emotion", BASIC7)
@pytest.mark.parametrize(("write", "status"), [(as_json, J), (as_lines, P)])
def test_both_forms_of_prompt_a_come_back(write, status, emotion):
    for n, text in ((0, "One smile."), (1, "一个微笑，“嗯”。"), (28, 'She says "no": twice.')):
        fine = tuple(Stated(label, round(0.03 * i, 2)) for i, label in enumerate(GOEMOTIONS[:n]))
        value = Basic7(emotion, 0.5, fine, (), text, text[::-1].strip(".。 "))
        assert read_reply(write(value), "basic7") == Reading(value, status)


BASIC = {
    "```json\n" + as_json(FULL) + "\n```": J,
    "<think>{hm}</think>Here you are:\n" + as_json(FULL) + "\nAnything else?": J,
    str(json.loads(as_json(FULL))): L,
    as_json(FULL).replace('"}', '",}'): L,
    as_json(FULL)[:-1]: L,
    "{" + as_json(FULL) + "}": L,
    as_json(FULL).replace('"joy", "confidence": 0.9', '"joy", "confidence": 90%'): L,
    "\n".join(f"- **{line.replace(': ', ':** ', 1)}" for line in as_lines(FULL).split("\n")): P,
    as_lines(FULL).replace("\n", "\n\n").replace(":", "："): P,
    as_lines(FULL).replace("joy (0.9), ", "\n- joy: 0.9\n- "): P,
    "; ".join(as_lines(FULL).split("\n")): P,
    ", ".join(as_lines(FULL).split("\n")): P,
    as_lines(FULL).replace("joy (0.9), amusement (0.4)", "{'joy': 0.9, 'amusement': 0.4}"): P,
    as_lines(FULL).replace("joy (0.9), amusement (0.4)", "[joy: 0.9, amusement: 40%]"): P,
    "\n".join(line.replace(": ", " = ", 1) for line in as_lines(FULL).split("\n")): P,
    "\n".join(f"### {line.replace(': ', chr(10), 1)}\n" for line in as_lines(FULL).split("\n")): P,
    "\n".join(
        f"**{line.replace(': ', '**' + chr(10), 1)}" for line in as_lines(FULL).split("\n")
    ): P,
    "\n".join(f"| {line.replace(': ', ' | ', 1)} |" for line in as_lines(FULL).split("\n")): P,
    as_lines(FULL).replace(
        "joy (0.9), amusement (0.4)",
        "\n  - label: joy\n    confidence: 0.9\n  - label: amusement\n    confidence: 0.4",
    ): P,
    as_json(FULL).strip("{}").replace(", ", ",\n"): P,
    as_json(FULL).replace(
        json.dumps(json.loads(as_json(FULL))["goemotions_labels"]), '"joy: 0.9; amusement: .4"'
    ): J,
    "预测情绪：Joy/喜悦\n模型置信度：85%\nGoEmotions标签：joy（0.9）、amusement（四成）\n"
    "证据：One smile.\n理由：She laughs: loudly.": P,
}


def test_an_entry_of_the_fine_labels_is_not_the_answer():
    lines = 'Predicted emotion: Anger\nGoEmotions labels: [{"label": "joy", "confidence": 1}]'
    value = Basic7("anger", None, (Stated("joy", 1.0),))
    for text in (lines, "\n".join(lines.split("\n")[::-1])):
        assert read_reply(text, "basic7") == Reading(value, P, "", ABSENT)


@pytest.mark.parametrize(("text", "status"), BASIC.items())
def test_basic7_in_many_spellings(text, status):
    reading = read_reply(text, "basic7")
    assert reading.status == status
    assert reading.value == FULL or "：" in text
    assert (reading.value.emotion, reading.value.goemotions) == (FULL.emotion, FULL.goemotions)


@pytest.mark.parametrize(
    ("text", "value", "notes"),
    [
        ("Joy", Basic7("joy"), ABSENT),
        ("The emotion is joy.", Basic7("joy"), ABSENT),
        ("The emotion is joy with a confidence of 0.7.", Basic7("joy", 0.7), {}),
        ('{"emotion": {"primary": "Joy", "confidence": 70}}', Basic7("joy", 0.7), {}),
        (
            '{"emotion": "Joy", "confidence": 1.5}',
            Basic7("joy"),
            {"confidence_out_of_range": 1},
        ),
        (
            '{"emotion": "Joy", "confidence": "sure"}',
            Basic7("joy"),
            {"confidence_unreadable": 1},
        ),
        (
            '{"emotion": "Joy", "confidence": 1, "goemotions": {"joy": 1, "resolve": 0.4}}',
            Basic7("joy", 1.0, (Stated("joy", 1.0),), ("resolve",)),
            {"outside": 1},
        ),
        (
            '{"emotion": "Joy", "confidence": 0.8, "goemotions": ["joy", "lov',
            Basic7("joy", 0.8, (Stated("joy"),)),
            {"closed": 1, "cut_label": 1},
        ),
    ],
)
def test_what_is_wrong_with_basic7_is_counted(text, value, notes):
    reading = read_reply(text, "basic7")
    assert (reading.value, reading.notes) == (value, notes)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"predicted_emotion": "Joy, Anger"}', "several labels"),
        ("Predicted emotion: Joy or Sadness", "several labels"),
        ('{"predicted_emotion": "Contempt"}', "not in the set"),
        ('{"predicted_emotion": ""}', "no label"),
        ('{"goemotions": ["joy"]}', "no label"),
    ],
)
def test_basic7_is_strict(text, why):
    assert read_reply(text, "basic7") == Reading(None, "invalid", why)


SENTIMENTS = {
    "positive": (P, "positive"),
    "Negative.": (P, "negative"),
    "积极": (P, "positive"),
    "中性": (P, "neutral"),
    "Sentiment: positive": (P, "positive"),
    "情感极性：消极": (P, "negative"),
    '{"sentiment": "negative", "confidence": 0.9}': (J, "negative"),
    "The sentiment is negative": ("loose", "negative"),
    "positive or negative": "several labels",
    "mixed": "not in the set",
}


@pytest.mark.parametrize(("text", "expected"), SENTIMENTS.items())
def test_sentiment(text, expected):
    reading = read_reply(text, "sentiment")
    assert (reading.status, reading.value or reading.why) == (
        ("invalid", expected) if isinstance(expected, str) else expected
    )


SCORES = {
    "0.3": (P, 0.3),
    "-0.50": (P, -0.5),
    "+.5": (P, 0.5),
    "−0.2": (P, -0.2),
    "Valence: -0.7": (P, -0.7),
    "效价：0.5": (P, 0.5),
    '{"valence": 0.4}': (J, 0.4),
    "{'score': -1}": (L, -1.0),
    "I'd say around 0.4 on a scale from -1 to 1.": ("loose", 0.4),
    "3": "out of range",
    '{"valence": 7}': "out of range",
    "0.3 or 0.4": "several numbers",
    "none": "no number",
    '{"valence": null}': "no number",
    "50%": "no number",
}


@pytest.mark.parametrize(("text", "expected"), SCORES.items())
def test_score(text, expected):
    reading = read_reply(text, "score")
    got = reading.why if reading.value is None else reading.value
    assert (reading.status, got) == (
        ("invalid", expected) if isinstance(expected, str) else expected
    )


CONFIDENCES = {
    "joy (0.8)": (P, 0.8, {}),
    "Joy, 80%": (P, 0.8, {}),
    "joy\n0.8": (P, 0.8, {}),
    "Confidence: 0.8\nJoy": (P, 0.8, {}),
    "Emotion: joy\nConfidence: 8/10": (P, 0.8, {}),
    "置信度：八成\n情绪：joy": (P, 0.8, {}),
    "<answer>joy</answer><confidence>80</confidence>": (P, 0.8, {}),
    '{"label": "joy", "confidence": "80%"}': (J, 0.8, {}),
    '{"joy": 0.8}': (J, 0.8, {}),
    "I am 80% sure it is joy.": ("loose", 0.8, {}),
    "joy": (P, None, ABSENT),
    "Emotion: joy\nConfidence: high": (P, None, {"confidence_unreadable": 1}),
    "joy: 120%": (P, None, {"confidence_out_of_range": 1}),
    "The 2 of them show joy.": ("loose", None, ABSENT),
}


@pytest.mark.parametrize(("text", "expected"), CONFIDENCES.items())
def test_confidence(text, expected):
    reading = read_reply(text, "confidence", BASIC7)
    assert (reading.status, reading.value.confidence, reading.notes) == expected
    assert reading.value.label == "joy"


def test_confidence_of_an_open_vocabulary():
    assert read_reply("wistful (0.8)", "confidence").value == Stated("wistful", 0.8)
    assert read_reply("wistful, glad", "confidence").why == "several labels"
    assert read_reply("She thinks of her youth a lot these days.", "confidence").why == "no label"


@pytest.mark.parametrize(
    ("text", "value", "status"),
    [
        ("<think>hm</think>\nA calm, low voice.", "A calm, low voice.", P),
        ("```\n低沉的声音。\n```", "低沉的声音。", P),
        ('{"caption": "A calm voice."}', "A calm voice.", J),
        ("A smile [laughs] {sic}.", "A smile [laughs] {sic}.", P),
    ],
)
def test_text(text, value, status):
    assert read_reply(text, "text") == Reading(value, status)


def test_released_label_lists_are_read_as_the_metrics_read_them(reference_data):
    """3,707 answers of a language model that was asked for the labels in a description."""
    files = sorted((reference_data / "affectgpt_outputs").glob("*/*0.527-openset.npz"))
    answers = [answer for file in files for answer in read_released(file).values()]
    assert len(answers) == 3707
    for answer in answers:
        reading = read_reply(answer, "labels")
        assert reading.status in (J, L)
        read = [each.label.lower() for each in reading.value]
        assert read == list(dict.fromkeys(parse_labels(answer)))


def test_shares_are_of_all_answers():
    texts = ("joy", '{"emotion": "joy"}', "It is joy.", "joy, fear", "", "{emotion: joy")
    found = shares(read_reply(text, "one_of", BASIC7) for text in texts)
    assert found == {
        "n": 6,
        "json": 1 / 6,
        "lenient_json": 1 / 6,
        "plain": 1 / 6,
        "loose": 1 / 6,
        "invalid": 2 / 6,
        "why": {"several labels": 1, "empty": 1},
        "notes": {"closed": 1},
    }
    assert shares([])["n"] == shares([])["json"] == 0


def test_what_is_asked_wrongly_is_said():
    with pytest.raises(ValueError, match="unknown form of answer: got 'label'.*'labels'"):
        read_reply("joy", "label")
    with pytest.raises(ValueError, match="`labels` is missing: got none for the form one_of"):
        read_reply("joy", "one_of")
    with pytest.raises(ValueError, match="`labels` is empty"):
        read_reply("joy", "one_of", [])
    with pytest.raises(TypeError, match="`labels` is one text: got 'joy'"):
        read_reply("joy", "one_of", "joy")
    with pytest.raises(TypeError, match=r"`text` is no answer: got None \(NoneType\)"):
        read_reply(None, "text")
