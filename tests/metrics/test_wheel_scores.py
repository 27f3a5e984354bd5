"""Set-F and hit rate by hand on a toy lexicon, their degenerate cases and their invariants."""

import math
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affecthub.metrics.hit_rate.scores import hit_rate
from affecthub.metrics.set_f.levels import LEVELS, set_f_at_level
from affecthub.metrics.set_f.scores import set_f
from affecthub.metrics.wheels.set_scores import set_scores


def test_set_f_by_hand(toy):
    # clip  wheel one: P, G, precision, recall       wheel two
    # 0     {happy, sad}  {happy}   1/2  1           proud has no place: left out
    # 1     {}            {sad}     0    0           {}     {sad}         0  0
    # 2     {}       {sad, happy}   0    0           {sad}  {sad, happy}  1  1/2
    # 3     the reference is known but has no place: left out on both
    # means: one 1/6 1/3, F 2/9; two 1/2 1/4, F 1/3
    scores = set_f(
        predictions=["happy, sad", [], "['Shame']", ["flibberty"]],
        references=[["pride"], "sad", ["sadness", "happiness"], "hungry"],
        lexicon=toy,
    )
    assert scores["set_f"] == pytest.approx(5 / 18, abs=1e-15)
    assert scores["set_precision"] == pytest.approx(1 / 3, abs=1e-15)
    assert scores["set_recall"] == pytest.approx(7 / 24, abs=1e-15)
    assert scores["n_scored"] == {"one": 3, "two": 2}
    assert scores["per_wheel"][1] == {
        "wheel": "two",
        "set_f": pytest.approx(1 / 3, abs=1e-15),
        "set_precision": 0.5,
        "set_recall": 0.25,
        "n_scored": 2,
    }
    assert scores["n_clips"] == 4
    # happy, sad, shame are known and flibberty is not; all five reference labels are.
    assert scores["coverage"] == {"predictions": 0.75, "references": 1.0}
    assert scores["ring"] == "inner"
    assert scores["lexicon"] == {"name": "toy", "version": "1"}


def test_middle_ring_by_hand(toy):
    # wheel one: pride is proud, happy is glad: no match. Wheel two: pride has no place.
    inner = set_f(["pride"], ["happy"], lexicon=toy)
    middle = set_f(["pride"], ["happy"], lexicon=toy, ring="middle")
    assert [scores["set_f"] for scores in inner["per_wheel"]] == [1.0, 0.0]
    assert [scores["set_f"] for scores in middle["per_wheel"]] == [0.0, 0.0]


def test_hit_rate_by_hand(toy):
    # clip  wheel one                         wheel two
    # 0     hit, 2 predicted candidates       left out
    # 1     miss                              miss
    # 2     miss (shame has no place)         hit, 1 candidate
    # rates 1/3 and 1/2; mscore (1/2)/3 and (1/1)/2
    scores = hit_rate(["happy, sad", None, ["shame"]], ["proud", "sad", ["sad"]], lexicon=toy)
    assert scores["hit_rate"] == pytest.approx(5 / 12, abs=1e-15)
    assert [w["mscore"] for w in scores["per_wheel"]] == [pytest.approx(1 / 6, abs=1e-15), 0.5]
    assert scores["n_scored"] == {"one": 3, "two": 2}
    assert scores["lexicon"] == {"name": "toy", "version": "1"}


def test_predicting_a_sector_no_reference_has_does_not_lower_the_mscore(toy):
    lone = hit_rate(["happy"], ["glad"], lexicon=toy)["per_wheel"][0]
    calm = hit_rate(["happy, calm"], ["glad"], lexicon=toy)["per_wheel"][0]
    assert lone["mscore"] == calm["mscore"] == 1


def test_a_clip_with_several_reference_labels_hits_once_at_most(toy):
    assert hit_rate(["happy, sad"], ["happy, sad"], lexicon=toy)["hit_rate"] == 1


def test_chinese_labels(toy):
    scores = set_f(["[开心、难过]", "开心，难过"], [["happy"], ["难过"]], lexicon=toy)
    assert (scores["set_precision"], scores["set_recall"]) == (0.5, 1.0)
    assert scores["coverage"] == {"predictions": 1.0, "references": 1.0}


@pytest.mark.parametrize("empty", [[], "[]", "", None, float("nan"), "flibberty"])
def test_clips_without_known_predictions_score_zero(toy, empty):
    scores = set_f([empty, "happy"], ["happy", "happy"], lexicon=toy)
    assert (scores["set_precision"], scores["set_recall"], scores["set_f"]) == (0.5, 0.5, 0.5)
    assert hit_rate([empty, "happy"], ["happy", "happy"], lexicon=toy)["hit_rate"] == 0.5


@pytest.mark.parametrize(
    ("zero_division", "no_overlap", "no_clips"),
    [(None, 0.0, math.nan), ("nan", math.nan, math.nan), (0.0, 0.0, 0.0), (0, 0.0, 0.0)],
)
def test_degenerate_scores(toy, zero_division, no_overlap, no_clips):
    def check(function, key, predictions, references, expected):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            scores = function(predictions, references, lexicon=toy, zero_division=zero_division)
        assert scores[key] == pytest.approx(expected, nan_ok=True)
        assert [w.category for w in caught] == [UserWarning] * math.isnan(expected)
        assert all(f"{key} is nan" in str(w.message) for w in caught)

    check(set_f, "set_f", ["sad"], ["happy"], no_overlap)
    check(set_f, "set_f", ["sad"], ["hungry"], no_clips)
    check(set_f, "set_f", [], [], no_clips)
    check(hit_rate, "hit_rate", ["sad"], ["happy"], 0.0)
    check(hit_rate, "hit_rate", ["sad"], ["hungry"], no_clips)
    check(hit_rate, "hit_rate", [], [], no_clips)


def test_no_labels_at_all_have_no_coverage(toy):
    with pytest.warns(UserWarning):
        scores = set_f([None], [""], lexicon=toy)
    assert scores["coverage"] == {"predictions": None, "references": None}


@pytest.mark.parametrize("function", [set_f, hit_rate])
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"ring": "outer"}, "unknown ring: got 'outer', expected one of inner, middle"),
        ({"zero_division": 1.0}, "`zero_division` is unknown: got 1.0, expected None, 'nan' or 0"),
    ],
)
def test_unknown_options(toy, function, options, message):
    with pytest.raises(ValueError, match=message):
        function(["happy"], ["happy"], lexicon=toy, **options)


@pytest.mark.parametrize("function", [set_f, hit_rate])
def test_wrong_inputs_are_named(toy, function):
    with pytest.raises(ValueError, match="got 2 predictions for 1 references"):
        function(["happy", "sad"], ["happy"], lexicon=toy)
    with pytest.raises(TypeError, match=r"`predictions\[1\]` holds a label that is not text"):
        function(["happy", ["sad", 1]], ["happy", "sad"], lexicon=toy)
    with pytest.raises(ValueError, match=r"`references\[0\]` is cut off"):
        function(["happy"], ["["], lexicon=toy)
    with pytest.raises(TypeError, match="`references` is not a list of clips"):
        function(["happy"], "happy", lexicon=toy)


def test_set_scores_under_any_grouping():
    # By first letter: {h, s} against {h}: 1/2 and 1; {h} against {s, t}: 0 and 0.
    scores = set_scores(["happy, sad", "hot"], ["hurt", "sad, tense"], group=lambda label: label[0])
    assert scores == (0.25, 0.5, 2)
    nothing = set_scores(["happy"], ["sad"], group=lambda label: None)
    assert math.isnan(nothing.precision) and math.isnan(nothing.recall) and nothing.n_scored == 0
    assert set_scores(["a"], ["b"], group=lambda label: None, no_clips=0.0) == (0.0, 0.0, 0)


WORDS = st.sampled_from(["happy", "pride", "glad", "sad", "shame", "calm", "bright", "hungry", "x"])
CLIPS = st.lists(st.tuples(st.lists(WORDS, max_size=4), st.lists(WORDS, max_size=4)), max_size=12)


def quietly(function, clips, toy, **options):
    """Scores of (prediction, reference) pairs, without the warning about NaN."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function([p for p, _ in clips], [r for _, r in clips], lexicon=toy, **options)


@given(clips=CLIPS, ring=st.sampled_from(["inner", "middle"]))
def test_scores_are_fractions(toy, clips, ring):
    sets = quietly(set_f, clips, toy, ring=ring, zero_division=0.0)
    hits = quietly(hit_rate, clips, toy, ring=ring, zero_division=0.0)
    fractions = [sets[key] for key in ("set_f", "set_precision", "set_recall")]
    fractions += [hits["hit_rate"], *(w["mscore"] for w in hits["per_wheel"])]
    assert all(0 <= fraction <= 1 for fraction in fractions)


@given(references=st.lists(st.lists(WORDS, max_size=4), max_size=12))
def test_a_perfect_prediction_scores_one_where_anything_is_scored(toy, references):
    clips = [(labels, labels) for labels in references]
    for scores in quietly(set_f, clips, toy)["per_wheel"]:
        values = [scores["set_f"], scores["set_precision"], scores["set_recall"]]
        assert values == (
            [1, 1, 1] if scores["n_scored"] else pytest.approx([math.nan] * 3, nan_ok=True)
        )
    for scores in quietly(hit_rate, clips, toy)["per_wheel"]:
        assert scores["hit_rate"] == 1 if scores["n_scored"] else math.isnan(scores["hit_rate"])


@given(clips=CLIPS)
def test_precision_and_recall_swap_with_predictions_and_references(toy, clips):
    # Only where both sides have a place on every wheel: unmapped references are left out.
    both = [(p, r) for p, r in clips if {"happy", "sad"} & set(p) and {"happy", "sad"} & set(r)]
    forward = quietly(set_f, both, toy)
    backward = quietly(set_f, [(r, p) for p, r in both], toy)
    assert forward["set_precision"] == pytest.approx(backward["set_recall"], nan_ok=True)
    assert forward["set_f"] == pytest.approx(backward["set_f"], nan_ok=True)


@given(clips=CLIPS, data=st.data())
def test_order_and_duplicates_are_irrelevant(toy, clips, data):
    order = data.draw(st.permutations(range(len(clips))))
    shuffled = [tuple(side[::-1] + side[:2] for side in clips[clip]) for clip in order]
    for function in (set_f, hit_rate):
        once = quietly(function, clips, toy)
        again = quietly(function, shuffled, toy)
        for before, after in zip(once["per_wheel"], again["per_wheel"], strict=True):
            assert after == pytest.approx(before, abs=1e-12, nan_ok=True)


def test_levels_without_a_wheel(toy):
    # Base forms: {happy, calm} against {happy, glad}: P 1/2, R 1/2, F 1/2. Synonyms are the words
    # that unify: happy, calm against happy, glad: the same here, where glad has a word of its own.
    predictions, references = ["happiness, calm"], ["happy, glad"]
    for level in LEVELS:
        scores = set_f_at_level(predictions, references, level=level, lexicon=toy)
        assert (scores["set_f"], scores["set_precision"], scores["set_recall"]) == (0.5, 0.5, 0.5)
        assert (scores["n_scored"], scores["level"], scores["lexicon"]["name"]) == (1, level, "toy")
    # In the built-in lexicon happy and joyful are two words of one meaning.
    found = [set_f_at_level(["happy"], ["joyful"], level=level)["set_f"] for level in LEVELS]
    assert found == [0.0, 1.0]
    with pytest.raises(ValueError, match="unknown level"):
        set_f_at_level([], [], level="wheel")
