"""Agreement of annotators: hand-worked votes, the released EmoS votes, and properties."""

import math

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from affecthub.metrics import load_metric
from affecthub.metrics.label_agreement.scores import label_agreement

votes = st.one_of(st.sampled_from(["joy", "fear", "愤怒"]), st.none())
tables = st.lists(st.lists(votes, min_size=3, max_size=3), min_size=1, max_size=10)


def test_labels_by_hand():
    table = [["joy", "joy", "joy"], ["joy", "fear", "joy"], ["fear", "fear", "fear"]]
    scores = label_agreement(table, gold=["joy", "fear", "fear"])
    # Votes per class: (3, 0), (2, 1), (0, 3): kappa 11/20, see test_agreement.
    assert scores["label_agreement"] == scores["fleiss_kappa"] == pytest.approx(0.55)
    # Observed disagreement (4 / 2) / 9 of ordered pairs, expected 2 * 5 * 4 / (9 * 8): 1 - 2/5.
    assert scores["krippendorff_alpha"] == pytest.approx(0.6)
    # Annotators 0 and 1 agree on two clips of three, 0 and 2 on all.
    assert scores["pairwise_jaccard"][0] == pytest.approx([1, 2 / 3, 1])
    assert scores["jaccard"] == pytest.approx((2 / 3 + 1 + 2 / 3) / 3)
    assert scores["exact_match"] == pytest.approx(2 / 3)
    assert scores["n_distinct"] == {"1": 2, "2": 1}
    # Rows annotator 0, columns annotator 1, in the order fear, joy.
    first = {"annotators": [0, 1], "counts": [[1, 0], [1, 1]]}
    assert scores["classes"] == ["fear", "joy"] and scores["confusion"][0] == first
    assert [a["accuracy"] for a in scores["against_gold"]] == pytest.approx([2 / 3, 1, 2 / 3])
    assert scores["against_gold"][0]["counts"] == [[1, 1], [0, 1]]
    assert (scores["n_clips"], scores["n_annotators"], scores["n_votes"]) == (3, 3, 9)


def test_missing_votes_are_left_out():
    table = [["joy", None, "joy"], ["", "fear", float("nan")], ["joy", "fear", None]]
    scores = label_agreement(table, gold=["joy", None, "joy"])
    assert (scores["n_votes"], scores["n_missing"]) == (5, 4)
    # Clips with two votes: the first agrees, the last does not.
    assert scores["exact_match"] == 1 / 2
    assert scores["pairwise_jaccard"] == [[1, 0, 1], [0, 1, None], [1, None, 1]]
    assert scores["jaccard"] == 1 / 2
    assert [a["n"] for a in scores["against_gold"]] == [2, 1, 1]
    assert [a["accuracy"] for a in scores["against_gold"]] == [1, 0, 1]
    assert (
        label_agreement([["joy", None]] * 2 + [["joy", "joy"], ["fear", "fear"]], [None] * 4)[
            "against_gold"
        ]
        == [{"accuracy": None, "n": 0, "counts": [[0, 0], [0, 0]]}] * 2
    )


def test_sets_by_hand():
    table = [[["joy", "pride"], {"joy"}, None], [["fear"], ["fear", "fear"], []]]
    scores = label_agreement(table, gold=["joy", ["fear"]])
    # Annotators 0 and 1: 1/2 and 1; nobody to compare the third with.
    assert (scores["label_agreement"], scores["measure"]) == (0.75, "jaccard")
    assert scores["pairwise_jaccard"][2] == [None, None, None]
    assert (scores["exact_match"], scores["n_missing"]) == (1 / 2, 2)
    assert (scores["fleiss_kappa"], scores["confusion"]) == (None, None)
    assert [a["accuracy"] for a in scores["against_gold"]] == [1 / 2, 1, None]


def test_numbers_by_hand():
    table = [[1, 1], [2, 2], [3, 4], [None, 5]]
    scores = label_agreement(table, gold=[1, 2, 3, 4], level="interval")
    # Worked out beside krippendorff_alpha: 0.878; the last clip has one value only.
    assert (
        scores["label_agreement"] == scores["krippendorff_alpha"] == pytest.approx(0.878, abs=5e-4)
    )
    assert (scores["measure"], scores["kind"]) == ("krippendorff_alpha", "numbers")
    assert scores["exact_match"] == pytest.approx(2 / 3)
    assert [a["accuracy"] for a in scores["against_gold"]] == [1, 1 / 2]
    # As names, 3 and 4 differ no more than 1 and 4 do.
    assert label_agreement(table)["label_agreement"] < scores["label_agreement"]


def test_classes_set_the_order_of_the_tables():
    scores = label_agreement([["joy", "fear"]], classes=["joy", "fear", "anger"])
    assert scores["confusion"][0]["counts"] == [[0, 1, 0], [0, 0, 0], [0, 0, 0]]


@pytest.mark.parametrize("table", [[], [[None, None]], [["joy", None]], [["joy", "joy"]]])
def test_nothing_to_compare_is_nan(table):
    with pytest.warns(UserWarning, match="label_agreement is nan"):
        scores = label_agreement(table)
    assert math.isnan(scores["label_agreement"]) and scores["n_clips"] == len(table)


@pytest.mark.parametrize(
    ("error", "message", "table", "options"),
    [
        (ValueError, "unlike numbers of annotators", [["joy"], ["joy", "fear"]], {}),
        (ValueError, "unlike numbers of annotators", [[1], [1, 2]], {}),
        (ValueError, "unknown label: got 'bliss'", [["bliss", "joy"]], {"classes": ["joy"]}),
        (ValueError, "of two kinds", [["joy", 3]], {}),
        (ValueError, "unknown level: got 'ratio'", [["joy", "joy"]], {"level": "ratio"}),
        (ValueError, "`level` does not fit", [["joy", "joy"]], {"level": "ordinal"}),
        (ValueError, "got 1 predictions for 2 references", [["joy"]], {"gold": ["joy"] * 2}),
        (TypeError, r"`predictions\[0\]` is not a list of votes", ["joy"], {}),
        (TypeError, r"`predictions\[0\], annotator 1` is not a vote", [["joy", {}]], {}),
        (TypeError, "`references` is not a vote", [["joy"]], {"gold": [{}]}),
        (TypeError, "`predictions` is not a list of clips", "joy", {}),
    ],
)
def test_wrong_input_is_named(error, message, table, options):
    with pytest.raises(error, match=message):
        label_agreement(table, **options)


def test_gold_may_be_left_out_of_the_module():
    module = load_metric("label_agreement", keep_in_memory=True)
    module.add_batch(predictions=[["joy", "joy"]])
    module.add(prediction=["fear", "joy"])
    scores = module.compute()
    assert (scores["n_clips"], scores["against_gold"]) == (2, None)
    assert module.compute(predictions=[["joy", "fear"], ["joy", "joy"]])["against_gold"] is None


SIMS = "emos/datasets/data-final/datasets/ch-simsv2s"


@pytest.mark.parametrize(
    ("folder", "n_clips", "n_distinct", "kappa", "accuracies"),
    [
        ("First-2500/analysis_outputs", 2499, [1097, 1119, 283], 0.489, [0.739, 0.794, 0.790]),
        (
            "Last-2500/analysis_outputs_after2500",
            1904,
            [904, 917, 83],
            0.518,
            [0.618, 0.950, 0.855],
        ),
    ],
)
def test_the_released_votes(reference_data, folder, n_clips, n_distinct, kappa, accuracies):
    path = reference_data / SIMS / folder / "basic7" / "annotated_with_ds.xlsx"
    sheet = openpyxl.load_workbook(path, read_only=True).active
    rows = list(sheet.iter_rows(min_row=2, min_col=4, max_col=7, values_only=True))
    scores = label_agreement([row[:3] for row in rows], gold=[row[3] for row in rows])
    assert round(scores["label_agreement"], 3) == kappa
    assert list(scores["n_distinct"].values()) == n_distinct
    assert (scores["n_clips"], scores["n_missing"]) == (n_clips, 0)
    assert [round(a["accuracy"], 3) for a in scores["against_gold"]] == accuracies


@given(tables)
@pytest.mark.filterwarnings("ignore:label_agreement is nan")
def test_properties(table):
    scores = label_agreement(table)
    turned = label_agreement([clip[::-1] for clip in table[::-1]])
    for key in ("label_agreement", "krippendorff_alpha", "jaccard", "exact_match"):
        assert turned[key] == pytest.approx(scores[key], nan_ok=True)
        assert math.isnan(scores[key]) or scores[key] <= 1
    n_given = sum(vote is not None for clip in table for vote in clip)
    assert (scores["n_votes"], scores["n_missing"]) == (n_given, 3 * len(table) - n_given)
    # Everybody repeats the first annotator.
    same = label_agreement([[clip[0]] * 3 for clip in table])
    if n_given and any(clip[0] for clip in table):
        assert same["exact_match"] == same["jaccard"] == 1
