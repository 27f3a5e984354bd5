"""Set overlap: hand-worked clips, the MER2024 figures, and properties."""

import ast
import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affecthub.metrics import load_metric
from affecthub.metrics.set_overlap.scores import SCORES, set_overlap

GROUPS = [["happy", "joyful", "glad"], ["sad", "blue"], ["angry"]]
words = st.sampled_from(["happy", "joyful", "sad", "blue", "angry", "tired", "odd", "难过"])
labels = st.lists(words, max_size=5)
clips = st.lists(st.tuples(labels, labels.filter(bool)), min_size=1, max_size=8)


def test_scores_by_hand():
    predictions = ["joyful, glad, tired", ["sad", "angry"], None, "anything"]
    references = [["happy"], ["blue", "happy", "tired"], "sad", []]
    scores = set_overlap(predictions, references, groups=GROUPS)
    # Clip 0: P = happy, tired; R = happy: accuracy 1/2, recall 1, overlap 1/2.
    # Clip 1: P = sad, angry; R = sad, happy, tired: accuracy 1/2, recall 1/3, overlap 1/4.
    # Clip 2: nothing predicted: 0, 0, 0. Clip 3 has no reference and is left out.
    assert scores["accuracy_s"] == pytest.approx(1 / 3)
    assert scores["recall_s"] == pytest.approx(4 / 9)
    assert scores["overlap_s"] == pytest.approx(1 / 4)
    assert scores["set_overlap"] == scores["avg"] == pytest.approx((1 / 3 + 4 / 9) / 2)
    assert (scores["n_scored"], scores["n_clips"]) == (3, 4)
    # Known: joyful, glad, sad, angry of six; happy, blue, happy, sad of five.
    assert scores["coverage"] == {"predictions": 4 / 6, "references": 4 / 5}
    assert scores["grouping"] == {"kind": "groups"} and scores["ring"] is None


def test_an_unknown_label_is_a_group_of_its_own():
    assert set_overlap(["odd"], ["odd"], groups=GROUPS)["set_overlap"] == 1
    scores = set_overlap(["joyful, odd, strange"], ["happy"], groups=GROUPS)
    assert (scores["accuracy_s"], scores["recall_s"]) == (1 / 3, 1)


def test_groups_of_their_own_for_every_clip():
    groups = [[["happy", "joyful"]], [], [["sad", "joyful"]]]
    scores = set_overlap(["joyful"] * 3, ["happy"] * 3, groups=groups)
    assert scores["recall_s"] == pytest.approx(1 / 3)
    assert scores["grouping"] == {"kind": "groups per clip"}
    with pytest.raises(ValueError, match="groups for 3 clips, expected 2"):
        set_overlap(["joyful"] * 2, ["happy"] * 2, groups=groups)


def test_a_function_groups():
    synonyms = {"joyful": "happy"}
    scores = set_overlap(["Joyful, tired"], ["happy"], groups=synonyms.get)
    assert (scores["accuracy_s"], scores["recall_s"]) == (1 / 2, 1)
    # Only "joyful" has an entry: 1 of 2 predicted labels, 0 of 1 reference labels.
    assert scores["coverage"] == {"predictions": 0.5, "references": 0.0}


def test_a_label_in_two_groups_belongs_to_the_later():
    groups = [["happy", "moved"], ["sad", "moved"]]
    assert set_overlap(["moved"], ["sad"], groups=groups)["set_overlap"] == 1
    assert set_overlap(["moved"], ["happy"], groups=groups)["set_overlap"] == 0


def test_the_wheels_of_a_lexicon_are_averaged(toy):
    # On wheel one pride and glad share the sector happy; on wheel two pride has no place, so it
    # is a group of its own: 1 and 0.
    scores = set_overlap(["pride"], ["glad"], lexicon=toy)
    assert [wheel["recall_s"] for wheel in scores["per_wheel"]] == [1, 0]
    assert scores["set_overlap"] == 0.5
    assert scores["grouping"] == {"kind": "lexicon", "name": "toy", "version": "1"}
    # In the middle ring of wheel one, pride is in proud and glad in glad.
    assert set_overlap(["pride"], ["glad"], lexicon=toy, ring="middle")["set_overlap"] == 0
    # Chinese, and a word no wheel has: 开心 is right, flibberty is one group too many.
    scores = set_overlap(["[开心、flibberty]"], ["happy"], lexicon=toy)
    assert (scores["accuracy_s"], scores["recall_s"]) == (0.5, 1)
    assert scores["coverage"] == {"predictions": 0.5, "references": 1}


@pytest.mark.parametrize(("predictions", "references"), [([], []), (["happy"], [None])])
def test_nothing_to_score_is_nan(predictions, references):
    with pytest.warns(UserWarning, match="set_overlap is nan"):
        scores = set_overlap(predictions, references, groups=GROUPS)
    assert all(math.isnan(scores[key]) for key in SCORES) and scores["n_scored"] == 0


@pytest.mark.parametrize(
    ("error", "message", "options"),
    [
        (ValueError, "unknown style: got 'mine'", {"style": "mine"}),
        (ValueError, "unknown ring: got 'outer'", {"ring": "outer"}),
        (ValueError, "grouped twice", {"groups": GROUPS, "lexicon": "tables"}),
        (TypeError, "`groups` is of the wrong kind: got 'happy'", {"groups": "happy"}),
        (TypeError, "`groups` is of the wrong kind", {"groups": ["happy", "sad"]}),
        (TypeError, "`groups` is of the wrong kind", {"groups": [["happy"], [["sad"]]]}),
        (TypeError, "`groups` is of the wrong kind", {"groups": [[["happy", 3]]]}),
    ],
)
def test_wrong_options_are_named(error, message, options):
    with pytest.raises(error, match=message):
        set_overlap(["happy"], ["sad"], **options)


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="got 2 predictions for 1 references"):
        set_overlap(["happy", "sad"], ["happy"], groups=GROUPS)


@pytest.fixture(scope="module")
def mer2024(reference_data):
    path = reference_data / "emotion_wheel_reference" / "mer2024_grouping.json"
    recorded = json.loads(path.read_text(encoding="utf-8"))
    columns = ("name2pred", "name2gt", "name2groups")
    rows = [[recorded[column][name] for column in columns] for name in recorded["name2gt"]]
    predictions, references, groups = map(list, zip(*rows, strict=True))
    return predictions, references, [ast.literal_eval(text) for text in groups], recorded


def test_the_mer2024_figures(mer2024):
    predictions, references, groups, recorded = mer2024
    scores = set_overlap(predictions, references, groups=groups, style="released")
    found = [scores[key] for key in ("accuracy_s", "recall_s", "avg")]
    # The last digit hangs on the order of summation; the recorded comment has our order.
    assert found == recorded["official"]["author_comment"]
    official = [recorded["official"][key] for key in ("accuracy", "recall", "avg")]
    assert found == pytest.approx(official, abs=1e-15)
    assert [round(value, 4) for value in found] == [0.5818, 0.4978, 0.5398]
    assert (scores["n_scored"], scores["coverage"]["predictions"]) == (332, 1)


def test_an_apostrophe_splits_a_label_only_in_the_released_reading():
    # The released groups hold the halves of "don't believe".
    clips = ["['don't believe']"], ["doubt"]
    groups = [["t believe", "doubt"]]
    assert set_overlap(*clips, groups=groups, style="released")["recall_s"] == 1
    assert set_overlap(*clips, groups=groups)["recall_s"] == 0


def test_groups_travel_with_their_clips(mer2024):
    predictions, references, groups, _ = mer2024
    whole = set_overlap(predictions, references, groups=groups, style="released")
    module = load_metric("set_overlap", keep_in_memory=True)
    for half in (slice(100, None), slice(0, 100)):
        module.add_batch(
            predictions=predictions[half], references=references[half], groups=groups[half]
        )
    turned = module.compute(style="released")
    assert turned["set_overlap"] == pytest.approx(whole["set_overlap"], abs=1e-12)
    assert turned["grouping"] == whole["grouping"]


@given(clips)
def test_properties(pairs):
    predictions, references = (list(side) for side in zip(*pairs, strict=True))
    scores = set_overlap(predictions, references, groups=GROUPS)
    assert all(0 <= scores[key] <= 1 for key in SCORES)
    assert scores["overlap_s"] <= min(scores["accuracy_s"], scores["recall_s"]) + 1e-12
    turned = set_overlap(
        [labels[::-1] * 2 for labels in predictions[::-1]], references[::-1], groups=GROUPS
    )
    assert turned["set_overlap"] == pytest.approx(scores["set_overlap"], abs=1e-12)
    assert set_overlap(references, references, groups=GROUPS)["set_overlap"] == 1
    # A label of the reference can only help: it is right wherever it was missing.
    helped = [found + wanted[:1] for found, wanted in pairs]
    better = set_overlap(helped, references, groups=GROUPS)
    assert better["recall_s"] >= scores["recall_s"] - 1e-12
    assert better["overlap_s"] >= scores["overlap_s"] - 1e-12
