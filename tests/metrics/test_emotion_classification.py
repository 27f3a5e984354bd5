"""Emotion classification: hand-worked clips, scikit-learn, released labels."""

import csv
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score, precision_recall_fscore_support, recall_score

from affecthub.labels import BASIC7, label_sets
from affecthub.metrics.answers.label_in_text import AnswerReader, closed_set, names_of
from affecthub.metrics.emotion_classification.scores import emotion_classification

LABELS = ["sad", "happy", "angry"]
labels = st.sampled_from(LABELS)
clips = st.lists(st.tuples(st.one_of(labels, st.just("?")), labels), min_size=1)


def test_scores_by_hand():
    scores = emotion_classification(
        ["happy", "sad", "sad", "no idea", "angry"], ["joy", "joy", "sad", "sad", "angry"]
    )
    # Right: clips 0, 2, 4 of five. Recalls: joy 1/2, sad 1/2, angry 1.
    assert scores["emotion_classification"] == 3 / 5
    assert scores["uar"] == pytest.approx(2 / 3)
    # F1: joy 2/(2+1), sad 2/(2+2), angry 1; weighted by 2, 2 and 1.
    assert scores["macro_f1"] == pytest.approx((2 / 3 + 1 / 2 + 1) / 3)
    assert scores["weighted_f1"] == pytest.approx((2 * 2 / 3 + 2 * 1 / 2 + 1) / 5)
    assert scores["labels"] == ["angry", "joy", "sad"]
    assert scores["per_class"][2] == {
        "label": "sad",
        "precision": 0.5,
        "recall": 0.5,
        "f1": 0.5,
        "support": 2,
    }
    # Rows angry, joy, sad; the last column is the answer without a label.
    assert scores["confusion"] == [[1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]
    assert (scores["n_invalid"], scores["invalid_rate"], scores["coverage"]) == (1, 0.2, 0.8)
    dropped = emotion_classification(
        ["happy", "sad", "sad", "no idea", "angry"],
        ["joy", "joy", "sad", "sad", "angry"],
        drop_invalid=True,
    )
    assert (dropped["emotion_classification"], dropped["n_scored"]) == (3 / 4, 4)
    assert dropped["n_invalid"] == 1 and dropped["uar"] == pytest.approx((1 / 2 + 1 + 1) / 3)


@pytest.mark.parametrize(
    ("answer", "label"),
    [
        ("Happy", "joy"),
        (" JOY. ", "joy"),
        ("她很难过。", "sadness"),
        ("Predicted emotion: anger", "anger"),
        ("我很happy啊", "joy"),
        ("angry, so angry", "anger"),
        ("unhappy", "sadness"),
        ("not happy", None),
        ("isn't sad", None),
        ("她不高兴", None),
        ("不安", None),
        ("sad or angry", None),
        ("furious", "anger"),
        ("afraid", "fear"),
        ("astonished", "surprise"),
        ("讨厌", "disgust"),
        ("He is in a rage.", "anger"),
        ("She looks cheerful", "joy"),
        ("cheerful, delighted", "joy"),
        ("cheerful, gloomy", None),
        ("cheerful but sad", None),
        ("not cheerful", None),
        ("very cheerful", "joy"),
        ("joy: 0.9", "joy"),
        ("The content of the talk is clear.", None),
        ("blue", "sadness"),
        ("He speaks calmly, but he is furious", "anger"),
        ("proud", None),
        ("", None),
    ],
)
def test_reading_of_answers(answer, label):
    assert AnswerReader(names_of(BASIC7))(answer) == label


def test_a_longer_word_hides_the_one_inside():
    reader = AnswerReader(names_of(["approval", "disapproval"]))
    assert (reader("不赞同"), reader("他表示不赞同。"), reader("他赞同")) == (
        "disapproval",
        "disapproval",
        "approval",
    )
    assert AnswerReader(names_of(["approval"]))("他表示不赞同。") is None


@pytest.mark.parametrize("corpus", label_sets())
def test_every_label_of_a_corpus_is_read_as_itself(corpus):
    names = closed_set(corpus)
    reader = AnswerReader(names_of(names))
    assert [reader(name) for name in names] == list(names)


def test_several_labels_in_one_answer():
    answers, references = ["sad, then angry"], ["sad"]
    assert emotion_classification(answers, references, labels=LABELS)["n_invalid"] == 1
    first = emotion_classification(answers, references, labels=LABELS, ambiguous="first")
    assert first["emotion_classification"] == 1


def test_top_k_by_hand():
    answers = [[0.2, 0.5, 0.3], {"angry": 0.6, "sad": 0.4}, ["wistful", "sad"], "sad", 2, []]
    references = ["angry", "sad", "sad", "sad", "happy", "angry"]
    scores = emotion_classification(answers, references, labels=LABELS, top_k=2)
    # First answers: happy, angry, none, sad, angry, none: one right. Second: angry, sad, sad.
    assert scores["emotion_classification"] == 1 / 6
    assert scores["top_k_accuracy"] == 4 / 6
    assert (scores["top_k"], scores["n_invalid"]) == (2, 2)
    assert emotion_classification(answers, references, labels=LABELS)["top_k_accuracy"] is None


def test_equal_scores_go_to_the_first_label():
    scores = emotion_classification([[0.5, 0.5, 0.0]], ["sad"], labels=LABELS)
    assert scores["emotion_classification"] == 1


def test_integers_are_places_in_the_label_set():
    scores = emotion_classification(np.array([0, 1, 2]), np.array([0, 1, 1]), labels=LABELS)
    assert scores["emotion_classification"] == pytest.approx(2 / 3)


def test_baselines_by_hand():
    references = ["sad", "sad", "happy", "angry", "angry", "sad"]
    dialogues = ["a", "a", "b", "a", "b", None]
    scores = emotion_classification([None] * 6, references, dialogue_ids=dialogues)
    majority, persistence = scores["baselines"].values()
    assert (majority["label"], majority["accuracy"], majority["uar"]) == ("sad", 1 / 2, 1 / 3)
    assert majority["n_scored"] == 6
    # Pairs: a sad sad, a sad angry, b happy angry. One of three is the same.
    assert (persistence["accuracy"], persistence["n_scored"]) == (1 / 3, 3)
    assert emotion_classification(["sad"], ["sad"])["baselines"]["persistence"] is None
    one = emotion_classification(["sad"], ["sad"], dialogue_ids=[1])
    assert one["baselines"]["persistence"] is None


@pytest.mark.parametrize(
    ("predictions", "references", "options"),
    [([], [], {}), ([], [], {"labels": "meld"}), (["?"], ["sad"], {"drop_invalid": True})],
)
def test_nothing_to_score_is_nan(predictions, references, options):
    with pytest.warns(UserWarning, match="emotion_classification is nan"):
        scores = emotion_classification(predictions, references, **options)
    for name in ("emotion_classification", "uar", "weighted_f1", "macro_f1"):
        assert math.isnan(scores[name])


@pytest.mark.parametrize(
    ("error", "message", "arguments", "options"),
    [
        (ValueError, "got 1 predictions for 2 references", (["sad"], ["sad", "sad"]), {}),
        (ValueError, "got 2 dialogue_ids for 1 ref", (["sad"], ["sad"]), {"dialogue_ids": [1, 2]}),
        (
            ValueError,
            r"`references\[0\]` is not in.*'calm'",
            (["sad"], ["calm"]),
            {"labels": LABELS},
        ),
        (ValueError, r"`predictions\[0\]` is not in.*got 3", ([3], ["sad"]), {"labels": LABELS}),
        (
            ValueError,
            "has 2 scores but the label set has 3",
            ([[0.1, 0.9]], [0]),
            {"labels": LABELS},
        ),
        (ValueError, "not finite: got nan", ([[0.1, 0.9, math.nan]], [0]), {"labels": LABELS}),
        (ValueError, "is not in.*got 'calm'", ([{"calm": 1}], ["sad"]), {"labels": LABELS}),
        (
            ValueError,
            "unknown label set.*Did you mean 'meld'",
            (["sad"], ["sad"]),
            {"labels": "mel"},
        ),
        (ValueError, "`labels` is no label set", (["sad"], ["sad"]), {"labels": ["sad", "Sad"]}),
        (ValueError, "unknown ambiguous", (["sad"], ["sad"]), {"ambiguous": "last"}),
        (ValueError, "`top_k` is no rank: got 0", (["sad"], ["sad"]), {"top_k": 0}),
        (TypeError, "`labels` is missing: got the integer 1", ([1], ["sad"]), {}),
        (TypeError, r"`references\[0\]` is no label: got None", (["sad"], [None]), {}),
        (TypeError, r"`predictions\[0\]` is no answer: got \{'sad'\}", ([{"sad"}], ["sad"]), {}),
        (TypeError, "mixes kinds: got 'sad'", ([[0.5, "sad"]], ["sad"]), {}),
    ],
)
def test_wrong_input_is_named(error, message, arguments, options):
    with pytest.raises(error, match=message):
        emotion_classification(*arguments, **options)


# EmoS, Table 7: precision and recall by class, and the F1 that is printed beside them.
@pytest.mark.parametrize(
    ("precision", "recall", "printed"),
    [(0.669, 0.770, 0.716), (1.000, 0.026, 0.051), (0.678, 0.802, 0.735)],
)
def test_f1_as_the_paper_prints_it(precision, recall, printed):
    # The table has no counts: any with these two ratios give this F1.
    right = 1_000
    n_occurring, n_predicted = round(right / recall), round(right / precision)
    missed, wrong = n_occurring - right, n_predicted - right
    scores = emotion_classification(
        [0] * right + [1] * missed + [0] * wrong,
        [0] * right + [0] * missed + [1] * wrong,
        labels=["anger", "joy"],
    )
    assert scores["per_class"][0]["f1"] == pytest.approx(printed, abs=1e-3)


def test_persistence_on_released_labels(reference_data):
    with (reference_data / "emotiontalk/mm.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    # The table is not in spoken order; a clip's number ends its name.
    rows.sort(key=lambda row: int(row["file_name"].removesuffix(".mp4").rsplit("_", 1)[1]))
    references = [row["emotion"] for row in rows]
    dialogues = [row["file_name"].split("/")[1] for row in rows]
    scores = emotion_classification(
        references, references, labels="emotiontalk", dialogue_ids=dialogues
    )
    assert scores["emotion_classification"] == scores["macro_f1"] == scores["uar"] == 1
    persistence = scores["baselines"]["persistence"]
    # 19,250 clips in 742 dialogues.
    assert persistence["n_scored"] == 19_250 - 742
    assert persistence["accuracy"] == pytest.approx(0.509, abs=5e-4)
    assert scores["baselines"]["majority"]["accuracy"] == pytest.approx(0.356, abs=5e-4)


@given(clips)
def test_equal_to_sklearn(pairs):
    predicted, reference = (list(side) for side in zip(*pairs, strict=True))
    scores = emotion_classification(predicted, reference, labels=LABELS)
    occurring = [label for label in LABELS if label in reference]
    options = {"zero_division": 0, "labels": occurring}
    assert scores["macro_f1"] == pytest.approx(
        f1_score(reference, predicted, average="macro", **options)
    )
    assert scores["weighted_f1"] == pytest.approx(
        f1_score(reference, predicted, average="weighted", **options)
    )
    assert scores["uar"] == pytest.approx(
        recall_score(reference, predicted, average="macro", **options)
    )
    assert scores["emotion_classification"] == np.mean(np.array(predicted) == np.array(reference))
    expected = precision_recall_fscore_support(reference, predicted, labels=LABELS, zero_division=0)
    for name, column in zip(("precision", "recall", "f1", "support"), expected, strict=True):
        assert [row[name] for row in scores["per_class"]] == pytest.approx(column.tolist())


@given(clips)
def test_properties(pairs):
    predicted, reference = (list(side) for side in zip(*pairs, strict=True))
    scores = emotion_classification(predicted, reference, labels=LABELS, top_k=2)
    backward = emotion_classification(predicted[::-1], reference[::-1], labels=LABELS, top_k=2)
    names = ("emotion_classification", "uar", "weighted_f1", "macro_f1")
    assert all(scores[name] == pytest.approx(backward[name]) for name in names)
    assert all(0 <= scores[name] <= 1 for name in names)
    assert scores["confusion"] == backward["confusion"]
    assert scores["top_k_accuracy"] == scores["emotion_classification"]
    perfect = emotion_classification(reference, reference, labels="mer2023")
    assert all(perfect[name] == pytest.approx(1) for name in names)


def test_words_of_the_lexicon_go_to_the_nearest_label_of_the_set():
    reader = AnswerReader(names_of(["anger", "annoyance", "joy", "worried"]))
    # The same concept first, then the basic emotion of which the word names a degree.
    assert [reader(word) for word in ("irritated", "furious", "concerned", "elated")] == [
        "annoyance",
        "anger",
        "worried",
        "joy",
    ]
    first = AnswerReader(reader.words, "first")
    assert first("elated, furious") == "joy" and reader("elated, furious") is None
    # References are names of labels, not words that mean as much.
    with pytest.raises(ValueError, match="not in the label set: got 'furious'"):
        emotion_classification(["anger"], ["furious"], labels=["anger", "joy"])


def test_answers_in_words_are_classes():
    # What an open-vocabulary system answers, against one label per clip.
    answers = [["cheerful", "calm"], ["irate"], "gloomy, lonely", "terrified", None]
    references = ["joy", "anger", "sadness", "fear", "joy"]
    scores = emotion_classification(answers, references, labels="meld", ambiguous="first")
    assert (scores["emotion_classification"], scores["n_invalid"]) == (0.8, 1)


def test_macro_f1_says_over_what_beside_that_of_scikit_learn():
    # By class 0, 1, 2: F1 0 (never right), 1, and 1 of 1 predicted and 2 occurring, 2/3.
    scores = emotion_classification([1, 2, 0], [1, 2, 2], labels=["sad", "joy", "angry"])
    assert scores["macro_labels"] == ["joy", "angry"]
    assert scores["macro_f1"] == pytest.approx((1 + 2 / 3) / 2)
    assert scores["macro_f1_sklearn"] == pytest.approx((0 + 1 + 2 / 3) / 3)
    assert scores["macro_f1_sklearn"] == pytest.approx(
        f1_score([1, 2, 2], [1, 2, 0], average="macro")
    )
