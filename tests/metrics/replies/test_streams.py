"""Answers about a clip as it unfolds: released files, both forms, and what is counted."""

import json

import pytest

from affecthub.metrics.replies.reading import read_reply, shares
from affecthub.metrics.replies.times import read_times, seconds

ROW = {
    "timestamp_range": "00:00-00:03",
    "speaker_guess": "a man",
    "transcript_zh": "好。",
    "transcript_en": "Well.",
    "emotion_primary": "Anger",
    "emotion_secondary": ["anger", "disapproval"],
    "intensity": 5,
    "audio_cues": "loud",
    "visual_cues": "frowns",
    "evidence": "He shouts.",
}
CLIP = {
    "summary": "He shouts.",
    "overall_emotion_trend": {"dominant": "Anger/愤怒", "trajectory": "rises at 00:03"},
}


def clip(*rows: dict, **fields: object) -> str:
    return json.dumps(CLIP | fields | {"utterances": [ROW | row for row in rows]})


def test_all_released_files_are_read(reference_data):
    films = reference_data / "emos" / "datasets" / "streaming-finalsplit"
    files = sorted(films.glob("*/*.emotion.json"))
    readings = [read_reply(file.read_text(encoding="utf-8"), "stream") for file in files]
    found = shares(readings)
    assert (found["n"], found["json"]) == (46, 1.0)
    # 447 utterances in order and without overlap; 73 labels that GoEmotions does not have.
    assert sum(len(reading.value.utterances) for reading in readings) == 447
    assert found["notes"] == {"secondary_outside": 73}


def test_an_answer_in_json():
    reading = read_reply("```json\n" + clip({}) + "\n```", "stream")
    stream = reading.value
    assert (reading.status, reading.notes) == ("json", {})
    assert (stream.summary, stream.dominant) == ("He shouts.", "anger")
    assert stream.trajectory == "rises at 00:03"
    (utterance,) = stream.utterances
    assert (utterance.start_s, utterance.end_s, utterance.intensity) == (0, 3, 5)
    assert (utterance.speaker, utterance.primary) == ("a man", "anger")
    assert utterance.secondary == ("anger", "disapproval")
    assert utterance.transcript == {"zh": "好。", "en": "Well."}
    assert utterance.cues == {"audio": "loud", "visual": "frowns"}
    assert utterance.evidence == "He shouts."


ENGLISH = """1. **Summary**: He shouts.
2. **Overall Emotions Trend:**
   - Dominant emotion: Anger
   - Trajectory: rises at 00:03
3. **Utterance-Level Annotations**
- Timestamp range: 00:00–00:03
- Speaker guess (optional): a man
- Chinese transcript: 好。
- English transcript (optional): Well.
- Primary emotion (7-class): Anger
- Secondary emotions (GoEmotions): anger, disapproval
- Intensity: 5/5
- Audio cues: loud
- Visual cues: frowns
- Evidence: He shouts.
"""
CHINESE = """摘要：He shouts.
主导情绪：Anger/愤怒
轨迹：rises at 00:03
时间戳范围：00:00–00:03
说话人：a man
中文转写：好。
英文转写：Well.
主要情绪：Anger/愤怒
次要情绪：anger、disapproval
强度：5
声音线索：loud
视觉线索：frowns
证据：He shouts.
"""


@pytest.mark.parametrize("text", [ENGLISH, CHINESE])
def test_plain_text_says_the_same(text):
    reading = read_reply(text, "stream")
    assert (reading.status, reading.notes) == ("plain", {})
    assert reading.value == read_reply(clip({}), "stream").value


def test_a_time_on_a_line_of_its_own_begins_an_utterance():
    text = "**00:00-00:03**\nPrimary emotion: Joy\n\n[0:04 to 0:09] she laughs\nEmotion: Fear"
    stream = read_reply(text, "stream").value
    assert [(each.start_s, each.primary) for each in stream.utterances] == [(0, "joy"), (4, "fear")]


COUNTED = {
    "in order": ([{}, {"timestamp_range": "00:03-00:05"}], {}),
    "a gap": ([{}, {"timestamp_range": "00:30-00:50"}], {}),
    "overlap": ([{}, {"timestamp_range": "00:02-00:05"}], {"overlaps": 1}),
    "out of order": (
        [{"timestamp_range": "00:10-00:12"}, {"timestamp_range": "00:02-00:05"}],
        {"unordered": 1, "overlaps": 1},
    ),
    "inside an earlier one": (
        [
            {"timestamp_range": "00:00-00:20"},
            {"timestamp_range": "00:02-00:05"},
            {"timestamp_range": "00:06-00:08"},
        ],
        {"overlaps": 2},
    ),
    "backwards": ([{"timestamp_range": "00:09-00:03"}], {"backwards": 1}),
    "no time": ([{"timestamp_range": "soon"}, {"timestamp_range": None}], {"no_time": 2}),
    "half a time": ([{"timestamp_range": "00:09"}], {"no_time": 1}),
    "another primary": ([{"emotion_primary": "Contempt"}], {"primary_outside": 1}),
    "two primaries": ([{"emotion_primary": "Joy/Fear"}], {"primary_outside": 1}),
    "other fine labels": (
        [{"emotion_secondary": ["joy", "resolve", "grief 😢"]}],
        {"secondary_outside": 1},
    ),
    "too intense": ([{"intensity": 7}, {"intensity": 0}], {"intensity_out_of_range": 2}),
    "intensity in words": ([{"intensity": "high"}], {"intensity_unreadable": 1}),
}


@pytest.mark.parametrize(("rows", "notes"), COUNTED.values(), ids=COUNTED)
def test_violations_are_counted_and_not_repaired(rows, notes):
    if len(rows) == 2 and "timestamp_range" not in rows[1]:
        rows = [rows[0], rows[1] | {"timestamp_range": "00:03-00:05"}]
    reading = read_reply(clip(*rows), "stream")
    assert (reading.status, reading.notes) == ("json", notes)
    assert len(reading.value.utterances) == len(rows)


def test_what_is_outside_stays_as_written():
    text = clip({"emotion_primary": "Contempt", "emotion_secondary": ["Resolve", "Joy"]})
    (utterance,) = read_reply(text, "stream").value.utterances
    assert (utterance.primary, utterance.secondary) == ("Contempt", ("Resolve", "joy"))
    reading = read_reply(clip({"emotion_primary": "Happy"}), "stream", aliases=True)
    assert (reading.value.utterances[0].primary, reading.notes) == ("joy", {})
    reading = read_reply(clip({}, overall_emotion_trend={"dominant": "Mixed"}), "stream")
    assert (reading.value.dominant, reading.notes) == ("Mixed", {"dominant_outside": 1})


def test_an_answer_that_was_cut_is_closed():
    whole = clip({}, {"timestamp_range": "00:03-00:05"})
    reading = read_reply(whole[: whole.rindex('"intensity"')], "stream")
    assert (reading.status, reading.notes) == ("lenient_json", {"closed": 1})
    assert [each.intensity for each in reading.value.utterances] == [5, None]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([ROW]),
        json.dumps({"result": json.loads(clip({}))}),
        clip({}).replace("utterances", "Utterance-level annotations"),
        json.dumps({"utterances": {"1": ROW}}),
        json.dumps({"utterances": [{**ROW, "timestamp_range": {"start": "0:00", "end": 3}}]}),
        json.dumps({"utterances": [{**ROW, "timestamp_range": [0, 3.0]}]}),
    ],
)
def test_other_shapes_of_the_same(text):
    (utterance,) = read_reply(text, "stream").value.utterances
    assert utterance == read_reply(clip({}), "stream").value.utterances[0]


@pytest.mark.parametrize(
    "text", ["Joy.", "{}", '{"utterances": []}', '{"utterances": "none"}', "[1]"]
)
def test_without_utterances_it_is_invalid(text):
    reading = read_reply(text, "stream")
    assert (reading.value, reading.status, reading.why) == (None, "invalid", "no utterances")


@pytest.mark.parametrize(
    ("written", "times"),
    [
        ("00:03-01:12", (3, 72)),
        ("00:03–01:12", (3, 72)),
        ("[00:03 — 01:12]", (3, 72)),
        ("1:02:03 to 1:02:09.5", (3723, 3729.5)),
        ("3.5s - 7s", (3.5, 7)),
        ("00:03至00:05", (3, 5)),
        ("00:00:03,500 --> 00:00:05,000", (3.5, 5)),
        ("[3, 7.5]", (3, 7.5)),
        ({"start_time": "00:03", "end_time": "00:05"}, (3, 5)),
        ({"start_s": 3, "end_s": 5.5}, (3, 5.5)),
        ("later", (None, None)),
        (None, (None, None)),
        (True, (None, None)),
        (4, (4, None)),
        ([1, 2, 3], (None, None)),
    ],
)
def test_times(written, times):
    assert read_times(written) == times


def test_numbers_that_are_no_times():
    assert [seconds(value) for value in (float("nan"), float("inf"), 10**400, "9" * 30)] == [
        None,
        None,
        None,
        999999999.0,
    ]
