"""Scores of answers, worked out by hand."""

import datasets
import pytest

from affecthub.labels import label_sets
from affecthub.training.answer_scores import labels_said, majority_answers, score_answers
from affecthub.training.recipe import Recipe

FEATURES = datasets.Features(
    {
        "emotion": datasets.ClassLabel(names=["anger", "joy", "sadness"]),
        "open_vocabulary": datasets.List(datasets.Value("string")),
    }
)
RECIPE = Recipe(corpus="demo", model="m", answer=("emotion", "open_vocabulary"))


def rows(labels, words=None):
    return datasets.Dataset.from_dict(
        {"emotion": labels, "open_vocabulary": words or [None] * len(labels)}, features=FEATURES
    )


def test_scores_by_hand():
    # Labels joy, joy, anger, sadness; answers joy, anger, anger, none.
    # Accuracy 2/4. F1: anger P 1/2 R 1/1 -> 2/3; joy P 1/1 R 1/2 -> 2/3; sadness 0. Mean 4/9.
    # Hit rate: the second and the fourth miss on every wheel -> 2/4.
    found = score_answers(
        ["joy, happy", "anger", "Anger , furious", "no idea"],
        rows(["joy", "joy", "anger", "sadness"]),
        RECIPE,
    )
    assert found["accuracy"] == 0.5
    assert found["macro_f1"] == pytest.approx(4 / 9)
    assert found["hit_rate"] == pytest.approx(0.5)
    assert (found["n"], found["n_unparsed"]) == (4, 1)
    assert "set_f" not in found


def test_answers_in_sentences_are_read():
    # Of joy, anger and sadness the first two are told in words, the third is not told.
    answers = [
        "The character's emotional state is happy, you can hear it in every word.",
        "他听起来非常生气，说话的声音越来越大。",
        "The person is sitting at a table and looks at the camera.",
    ]
    clips = rows(["joy", "anger", "sadness"], [["glad"], ["furious"], ["sad"]])
    found = score_answers(answers, clips, RECIPE)
    assert found["accuracy"] == pytest.approx(2 / 3) and found["n_unparsed"] == 1
    assert found["hit_rate"] == pytest.approx(2 / 3)
    assert found["set_f"] > 0.5


def test_words_are_scored_where_no_clip_has_a_label():
    found = score_answers(["happy"], rows([None], [["glad"]]), RECIPE)
    assert found == {"n": 1, "set_f": 1.0}
    assert score_answers([], rows([]), RECIPE) == {"n": 0}


def test_a_training_split_without_labels_has_no_majority():
    with pytest.raises(ValueError, match="no training clip of 'demo' has a label in 'emotion'"):
        majority_answers(rows([None]), rows(["joy"]), RECIPE)


def test_open_vocabulary_is_scored_where_it_is_there():
    clips = rows(["joy", "joy"], [["happy"], None])
    found = score_answers(["joy, happy", "joy"], clips, RECIPE)
    assert found["set_f"] == 1.0


def test_clips_without_label_are_not_scored():
    assert score_answers(["joy", "joy"], rows(["joy", None]), RECIPE)["n"] == 1


def test_the_first_label_counts_and_words_outside_the_set_do_not():
    answers = ["furious, Anger, joy", "", "tired, joy, anger", "生气、开心", "not joy but anger"]
    said = labels_said(answers, rows([None] * 5), RECIPE)
    assert said == ["anger", None, "joy", "anger", "anger"]


def plain_label(answer, names):
    """The first entry of a comma-separated list that is a label of the set, letter for letter."""
    entries = (entry.strip() for entry in answer.lower().split(","))
    return next((entry for entry in entries if entry in names), None)


@pytest.mark.parametrize("corpus", label_sets())
def test_label_words_and_lists_of_them_read_as_they_stand(corpus):
    # Answers of our own models are label words, alone or first in a list of words: what is
    # recorded of them was counted by comparing letters, and must not change.
    names = list(label_sets()[corpus])
    features = datasets.Features({"emotion": datasets.ClassLabel(names=names)})
    words = ["happy", "sad", "tired of waiting", "no idea", ""]
    answers = [*names, *(name.upper() for name in names)]
    answers += [f"{name}, {other}" for name in names for other in (*names, *words)]
    clips = datasets.Dataset.from_dict({"emotion": [0] * len(answers)}, features=features)
    expected = [plain_label(answer, [name.lower() for name in names]) for answer in answers]
    said = labels_said(answers, clips, RECIPE)
    assert [label and label.lower() for label in said] == expected


def test_majority_answers_everything_the_same():
    train = rows(["joy", "joy", "anger"], [["glad"], ["glad"], ["cross"]])
    answers, label = majority_answers(train, rows(["anger", "joy"]), RECIPE)
    assert label == "joy"
    assert answers == ["joy, glad"] * 2


def test_of_equally_frequent_labels_the_first_seen_is_the_majority():
    train = rows(["joy", "anger", "anger", "joy", None], [["a"]] * 5)
    assert majority_answers(train, rows(["anger"]), RECIPE) == (["joy, a"], "joy")


def test_lengths_and_columns_are_checked():
    with pytest.raises(ValueError, match="got 1 answers, expected one for each of 2 clips"):
        score_answers(["joy"], rows(["joy", "joy"]), RECIPE)
    recipe = Recipe(corpus="demo", model="m", label="open_vocabulary")
    with pytest.raises(ValueError, match="expected a ClassLabel column"):
        score_answers(["joy"], rows(["joy"]), recipe)
