"""What a draw asks follows from seed and number; what no model knows is refused before it loads."""

from collections import Counter

import pytest

from affecthub.training.mixtures.questions import (
    draw_question,
    modality_seed,
    require_questions,
    training_questions,
)
from affecthub.training.recipe import load_recipe
from affecthub.training.recipe_parts import QuestionRecipe

HYBRID = {
    "labels": {"answer": ["open_vocabulary"], "template": "She feels {answer}.", "weight": 3},
    "In a sentence?": {"answer": ["text"]},
}


def test_questions_are_drawn_by_weight_and_the_same_every_time():
    drawn = [draw_question([True, True], [3, 1], 0, number) for number in range(2000)]
    assert drawn == [draw_question([True, True], [3, 1], 0, number) for number in range(2000)]
    # Binomial: 1,500 with a standard deviation of 19.
    assert abs(Counter(drawn)[0] - 1500) < 80
    other = [draw_question([True, True], [3, 1], 1, number) for number in range(2000)]
    assert drawn != other


def test_a_clip_is_asked_what_it_has_an_answer_to():
    assert {draw_question([False, True], [9, 1], 0, number) for number in range(50)} == {1}
    with pytest.raises(ValueError, match="without an answer to any"):
        draw_question([False, False], [1, 1], 0, 0)


def test_one_chance_does_not_move_another():
    assert len({modality_seed(0, number) for number in range(100)}) == 100
    assert modality_seed(0, 1) != modality_seed(1, 1)


def test_a_template_stands_around_the_answer():
    labels, sentence = training_questions(load_recipe("demo", questions=HYBRID))
    row = {"open_vocabulary": ["glad", "calm"], "text": None}
    assert labels.answer(row, {}) == "She feels glad, calm."
    assert sentence.answer(row, {}) is None


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"question": "label"}, "unknown question to demo: got 'label'.*Did you mean 'labels'"),
        (
            {"questions": {"labls": {"answer": ["emotion"]}}},
            "unknown question to demo: got 'labls'.*Did you mean 'labels'",
        ),
        ({"options": ["joy"]}, "question and options of demo do not fit: got '[?]'"),
    ],
)
def test_questions_that_the_model_does_not_know_are_refused(overrides, message):
    with pytest.raises(ValueError, match=message):
        require_questions(load_recipe("demo", **overrides))


def test_questions_in_words_and_those_of_a_model_elsewhere_pass():
    require_questions(load_recipe("demo", question="How does she feel?"))
    require_questions(load_recipe("affectgpt", model="someone/somewhere", question="new_one"))


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"template": "She is happy."}, "`template` has no place for the answer: got 'She is h"),
        ({"questions": {"labels": {"answer": []}}}, "`answer` is empty"),
        ({"questions": {"labels": {"answer": ["emotion"], "weight": 0}}}, "expected a positive"),
        ({"questions": {"labels": {"column": "emotion"}}}, "field of `questions.labels`: got 'col"),
        ({"questions": {"labels": {}}}, "`questions.labels.answer` is missing"),
        ({"more_corpora": [{"corpus": "meld", "wait": 1}]}, "Did you mean 'weight'"),
        ({"more_corpora": [{"corpus": "meld", "modalities": ["smell"]}]}, "unknown modality"),
        ({"more_corpora": [{"corpus": "meld", "weight": 2}]}, "got none for demo, expected one"),
        ({"weight": -1}, "the `weight` of demo is -1"),
        ({"max_packed_tokens": 100}, "`max_packed_tokens` is 100 with packing=False"),
        ({"packing": True, "max_packed_tokens": 0}, "`max_packed_tokens` is 0"),
        ({"dtype": "float23"}, "unknown `dtype`: got 'float23'.*Did you mean 'float"),
        ({"dtype": "bfloat16"}, "a model from scratch has no weights to load"),
        (
            {"balance": "emotion", "trainer": {"train_sampling_strategy": "group_by_length"}},
            "two orders are asked for: .*'group_by_length' with balance",
        ),
    ],
)
def test_bad_fields_are_named(overrides, message):
    with pytest.raises(ValueError, match=message):
        load_recipe("demo", **overrides)


def test_further_corpora_take_what_they_do_not_say_from_the_recipe():
    recipe = load_recipe(
        "demo",
        questions=HYBRID,
        balance="emotion",
        weight=1,
        more_corpora=[
            {"corpus": "meld", "weight": 2, "answer": ["emotion"], "modalities": ["text"]},
            {"corpus": "mer2023", "weight": 3, "protocol": "official", "balance": "sentiment"},
        ],
    )
    own, meld, mer = recipe.sources()
    assert (own.corpus, own.balance, own.more_corpora) == ("demo", "emotion", ())
    # An answer of its own is to the recipe's one question; classes are of one corpus alone.
    assert (meld.answer, meld.questions, meld.balance) == (("emotion",), {}, None)
    assert (meld.protocol, meld.modalities) == ("speaker_independent", ("text",))
    assert (mer.protocol, mer.balance) == ("official", "sentiment")
    assert mer.questions["labels"] == QuestionRecipe(**HYBRID["labels"])
