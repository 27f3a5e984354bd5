"""Task files: what is understood, what is named as wrong, and which answers contradict."""

import pytest
from annotating import contradictions

from affecthub.annotation.aggregation import weighted_vote
from affecthub.training.platform.answers import faults_of
from affecthub.training.platform.results import elect
from affecthub.training.platform.rules import broken
from affecthub.training.platform.standing import why_disputed
from affecthub.training.platform.task import load_task, read_task, task_names

CHOICE = {"name": "emotion", "kind": "choice", "labels": ["joy", "anger", "neutral"]}
SCALE = {"name": "sentiment", "kind": "scale", "least": -2, "most": 2, "step": 1}
CAPTION = {"name": "style", "kind": "caption", "min_chars": 3, "max_chars": 8}


def task_of(**more):
    return read_task({"questions": [CHOICE, SCALE, CAPTION], **more}, (), "a task")


def test_the_tasks_that_come_with_the_package_are_understood():
    assert task_names() == ["basic", "dimensions", "emotiontalk"]
    for name in task_names():
        task = load_task(name, ("joy", "anger"))
        assert task.modalities == ("text", "sound", "silent", "film")
        for words in (task.title, *(question.say for question in task.questions)):
            assert words["en"] and words["zh"]


def test_emotiontalk_is_asked_as_its_paper_says():
    task = load_task("emotiontalk", ())
    emotion, sentiment, *captions = task.questions
    assert len(emotion.labels) == 7 and emotion.confidence == (0.1, 0.3, 0.5, 0.7, 0.9)
    assert (sentiment.least, sentiment.most, sentiment.step) == (-2, 2, 1)
    assert [question.name for question in captions] == [
        "spe_cap",
        "style_cap",
        "emo_cap",
        "caption",
    ]
    assert task.annotators_per_clip == 5


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "expected questions"),
        ({}, "`questions`: got None"),
        ({"questions": [CHOICE], "modality": []}, "Did you mean 'modalities'"),
        ({"questions": [CHOICE, CHOICE]}, "a different one each"),
        ({"questions": [CHOICE | {"labels": ["joy"]}]}, "two different labels"),
        ({"questions": [CHOICE | {"labels": ["no", True]}]}, "quote no and yes"),
        ({"questions": [CHOICE | {"labels": "corpus"}]}, "the corpus has no label set"),
        ({"questions": [CHOICE | {"confidence": [0.5, 0.1]}]}, "rising numbers"),
        ({"questions": [SCALE | {"step": 3}]}, "a whole number of steps"),
        ({"questions": [SCALE | {"labels": ["a", "b"]}]}, "unknown field of a scale"),
        ({"questions": [CAPTION | {"min_chars": 0}]}, "1 <= min_chars"),
        ({"questions": [CHOICE | {"in": ["smell"]}]}, "unknown modality"),
        ({"questions": [CHOICE | {"in": ["text"]}]}, "no question for sound"),
        ({"questions": [CHOICE | {"name": "an emotion"}]}, "ASCII letters"),
        ({"questions": [CHOICE], "annotators_per_clip": 0}, "expected 1 to 100"),
        ({"questions": [CHOICE], "review": {"least_share": 2}}, "a number from 0 to 1"),
        ({"questions": [CHOICE], "rules": [{"name": "a", "when": {"x": []}}]}, "unknown question"),
        (
            {"questions": [CHOICE], "rules": [{"name": "a", "when": {"emotion": ["rage"]}}]},
            "unknown label",
        ),
        ({"questions": [CHOICE], "title": {"fr": "Emotion"}}, "unknown language"),
        ({"questions": [CHOICE | {"name": "speaker"}]}, "the column 'speaker' of an export twice"),
        (
            {"questions": [CHOICE, CHOICE | {"name": "emotion_text", "in": ["film"]}]},
            "the column 'emotion_text' of an export twice",
        ),
    ],
)
def test_what_is_wrong_with_a_task_is_named(content, message):
    with pytest.raises(ValueError, match=message):
        read_task(content, (), "a task")


def test_an_unknown_task_is_named():
    with pytest.raises(ValueError, match="Did you mean 'emotiontalk'"):
        load_task("emotiontlak", ())


def test_contradictions_are_found():
    rules, answers = contradictions()
    task = task_of(rules=rules)
    for answer, names in answers:
        assert [rule.name for rule in broken(task.rules, answer)] == names, answer


def test_rules_follow_from_what_labels_mean():
    task = task_of()
    found = {
        (label, score): [
            rule.then
            for rule in broken(task.rules, {"emotion": {"label": label}, "sentiment": score})
        ]
        for label in ("joy", "anger", "neutral")
        for score in (-2, -1, 0, 1, 2)
    }
    confirm = {
        ("joy", -2),
        ("joy", -1),
        ("anger", 1),
        ("anger", 2),
        ("neutral", -1),
        ("neutral", 1),
    }
    assert {place for place, then in found.items() if then == ["confirm"]} == confirm
    refused = {place for place, then in found.items() if then == ["refuse"]}
    assert refused == {("neutral", -2), ("neutral", 2)}


def test_scores_and_captions_have_their_range():
    task = task_of()
    whole = {"emotion": {"label": "joy", "confidence": 0.5}, "sentiment": 1, "style": "soft"}
    assert faults_of(task, "film", whole) == {}
    for name, value in (
        ("sentiment", 3),
        ("sentiment", 0.5),
        ("sentiment", float("nan")),
        ("sentiment", float("-inf")),
        ("sentiment", 10**400),  # no float holds it
        ("sentiment", "1"),
        ("style", " a "),
        ("style", "a" * 9),
        ("style", 7),
        ("style", "cut \ud83d"),  # half of an emoji, which no file of UTF-8 holds
    ):
        assert list(faults_of(task, "film", whole | {name: value})) == [name]
    # Ten steps of 0.1 meet the end of the scale though floats do not.
    fine = read_task({"questions": [SCALE | {"least": -1, "most": 1, "step": 0.1}]}, (), "x")
    assert faults_of(fine, "film", {"sentiment": sum([0.1] * 7)}) == {}


def test_who_disagrees():
    task = task_of(review={"least_share": 0.6, "min_confidence": 0.4})

    def given(*pairs, scores=()):
        votes = [{"emotion": {"label": label, "confidence": sure}} for label, sure in pairs]
        for vote, score in zip(votes, scores, strict=False):
            vote["sentiment"] = score
        return why_disputed(task, "film", votes)

    # Three of five are 0.6, which is enough; two of four are not.
    assert given(*[("joy", 0.7)] * 3, *[("anger", 0.7)] * 2) == []
    assert given(*[("joy", 0.7)] * 2, *[("anger", 0.7)] * 2) == ["emotion:labels_differ"]
    # (0.1 + 0.3 + 0.7) / 3 is below 0.4, (0.1 + 0.5 + 0.7) / 3 is not.
    assert given(("joy", 0.1), ("joy", 0.3), ("joy", 0.7)) == ["emotion:low_confidence"]
    assert given(("joy", 0.1), ("joy", 0.5), ("joy", 0.7)) == []
    assert given(*[("joy", 0.7)] * 2, scores=(-1, 1)) == ["sentiment:signs_differ"]
    assert given(*[("joy", 0.7)] * 2, scores=(0, 2)) == []
    assert given() == []


@pytest.mark.parametrize("rule", ["per_class", "sum"])
def test_labels_are_elected_as_the_paper_s_equation_does(rule):
    task = task_of(review={"aggregate": rule})
    answers = [{"emotion": {"label": "joy", "confidence": 0.7}}] * 4
    answers += [{"emotion": {"label": "anger", "confidence": 0.9}, "sentiment": -2}]
    answers += [{"sentiment": 1}, {"style": "soft"}, {"style": "low"}]
    found, scores = elect(task, "film", answers)
    elected, _ = weighted_vote([[0, 0, 0, 0, 1]], [[0.7] * 4 + [0.9]], 3, rule=rule)
    assert found["emotion"] == CHOICE["labels"][elected[0]]
    assert scores == {"emotion": 0.9 if rule == "per_class" else 2.8}
    assert found["sentiment"] == -0.5 and found["style"] == ["soft", "low"]
