"""Scores equal those recorded from the published scoring code, for both editions of its tables."""

import csv
import json
import warnings

import numpy as np
import pytest

from affecthub.metrics.answers.files import align_labels
from affecthub.metrics.hit_rate.scores import hit_rate
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.parsing import parse_labels
from affecthub.metrics.set_f.scores import set_f
from affecthub.metrics.wheels.set_scores import set_scores

SCORED = (
    "s01_mer2024_real",
    "s02_emerv1_onehot_pred",
    "s03_emerv1_onehot_gt",
    "s05_emerv1_zh_raw",
    "s09_nasty",
    "s10_all_empty_pred",
    "s11_all_unknown_gt",
    "s13_extra_prediction",
    "s16_hit_iemocap",
    "s16_hit_meld",
)
WITH_HIT_RATE = ("s03_emerv1_onehot_gt", "s16_hit_iemocap", "s16_hit_meld")
EDITIONS = ("mer2025", "mer2026")
# The published level1 and level2 are the inner and the middle ring.
RINGS = {"level1": "inner", "level2": "middle"}


@pytest.fixture
def scenario(reference_data):
    def read(name):
        path = reference_data / "emotion_wheel_reference" / f"{name}.json"
        return json.loads(path.read_text(encoding="utf-8"))

    return read


@pytest.fixture
def edition(reference_data):
    return lambda name: load_lexicon(reference_data / "emotion_wheel" / name)


def recorded(values):
    """Recorded numbers, whose NaN is written as text."""
    return pytest.approx([float(value) for value in values], abs=1e-12, rel=0, nan_ok=True)


def quietly(function, *args, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **options)


def test_every_recorded_scenario_is_tested(reference_data):
    folder = reference_data / "emotion_wheel_reference"
    raising = {"s12_missing_prediction", "s14_single_bracket_crash"}
    assert {path.stem for path in folder.glob("s[0-9]*.json")} == set(SCORED) | raising


@pytest.mark.parametrize("year", EDITIONS)
@pytest.mark.parametrize("name", SCORED)
def test_set_scores_as_recorded(scenario, edition, name, year):
    data, lexicon = scenario(name), edition(year)
    official = data["official"][year]
    predictions, references = align_labels(data["name2pred"], data["name2gt"])
    for level, ring in RINGS.items():
        scores = quietly(set_f, predictions, references, lexicon=lexicon, ring=ring)
        means = [scores[key] for key in ("set_f", "set_precision", "set_recall")]
        assert means == recorded(official[level])
        for number, wheel in enumerate(scores["per_wheel"], start=1):
            expected = official["per_metric"][f"case3_wheel{number}_{level}"]
            assert wheel["wheel"] == f"wheel{number}"
            assert [wheel["set_precision"], wheel["set_recall"]] == recorded(
                [expected["precision"], expected["recall"]]
            )
            assert wheel["n_scored"] == scores["n_scored"][f"wheel{number}"] == expected["n"]
    for level, group in (("case1", lexicon.base_form), ("case2", lexicon.synonym)):
        got = set_scores(
            predictions, references, group, style="released", no_clips=lexicon.no_clips
        )
        expected = official["per_metric"][level]
        assert list(got) == recorded([expected["precision"], expected["recall"], expected["n"]])


@pytest.mark.parametrize("name", WITH_HIT_RATE)
def test_hit_rate_as_recorded(scenario, edition, name):
    data = scenario(name)
    official = data["official"]["mer2025"]["hitrate"]
    scores = hit_rate(*align_labels(data["name2pred"], data["name2gt"]), lexicon=edition("mer2025"))
    mean_mscore = np.mean([wheel["mscore"] for wheel in scores["per_wheel"]])
    assert [scores["hit_rate"], mean_mscore] == recorded(
        [official["mean_hitrate"], official["mean_mscore"]]
    )
    for number, wheel in enumerate(scores["per_wheel"], start=1):
        expected = official[f"case3_wheel{number}_level1"]
        assert [wheel["hit_rate"], wheel["mscore"], wheel["n_scored"]] == recorded(
            [expected["hitrate"], expected["mscore"], expected["n"]]
        )


@pytest.mark.parametrize("year", EDITIONS)
def test_parsing_and_mapping_of_the_hard_cases_as_traced(scenario, edition, year):
    data, lexicon = scenario("s09_nasty"), edition(year)
    trace = data["official"][year]["trace"]
    assert len(trace) == 70
    for clip, sides in trace.items():
        for side, value in (("gt", data["name2gt"][clip]), ("pred", data["name2pred"][clip])):
            labels = parse_labels(value, "released")
            parsed = [label for label in sides[side]["parsed"] if label]
            assert labels == parsed, clip
            mapped = {
                "case1": [lexicon.base_form(label) for label in labels],
                "case2": [lexicon.synonym(label) for label in labels],
            }
            for level, ring in RINGS.items():
                for wheel in range(5):
                    mapped[f"case3_wheel{wheel + 1}_{level}"] = [
                        lexicon.sectors(label, ring)[wheel] for label in labels
                    ]
            for field, groups in mapped.items():
                assert [group for group in groups if group] == sides[side][field], (clip, field)


@pytest.mark.parametrize("name", ["s05_emerv1_zh_raw", "s10_all_empty_pred", "s11_all_unknown_gt"])
def test_undefined_scores_are_nan_with_a_warning_in_2025_and_0_in_2026(scenario, edition, name):
    data = scenario(name)
    clips = align_labels(data["name2pred"], data["name2gt"])
    with pytest.warns(UserWarning, match="set_f is nan: undefined on wheel1, wheel2"):
        scores = set_f(*clips, lexicon=edition("mer2025"))
    assert np.isnan(scores["set_f"])
    with warnings.catch_warnings():
        warnings.filterwarnings("error", message="set_f is nan")
        assert set_f(*clips, lexicon=edition("mer2026"))["set_f"] == 0
        assert set_f(*clips, lexicon=edition("mer2025"), zero_division=0.0)["set_f"] == 0


@pytest.mark.parametrize("year", EDITIONS)
def test_a_missing_prediction_is_named(scenario, year):
    data = scenario("s12_missing_prediction")
    assert data["official"][year]["error"] == "KeyError: 'b'"
    with pytest.raises(ValueError, match="predictions missing for 1 of 2 clips: got none for b,"):
        align_labels(data["name2pred"], data["name2gt"])


@pytest.mark.parametrize("year", EDITIONS)
def test_a_lone_bracket_is_named(scenario, edition, year):
    data = scenario("s14_single_bracket_crash")
    assert data["official"][year]["error"].startswith("IndexError")
    clips = align_labels(data["name2pred"], data["name2gt"])
    with pytest.raises(ValueError, match=r"`predictions\[0\]` is cut off"):
        set_f(*clips, lexicon=edition(year))


def test_predicting_six_basic_words_everywhere_scores_as_the_card_says(scenario, edition):
    references = list(scenario("s01_mer2024_real")["name2gt"].values())
    guess = ["happy", "sad", "angry", "fearful", "disgusted", "surprised"]
    scores = set_f([guess] * len(references), references, lexicon=edition("mer2025"))
    percent = [round(100 * scores[f"set_{key}"], 2) for key in ("f", "precision", "recall")]
    assert percent == [41.47, 26.89, 91.85]


def test_scoring_the_released_csv_files(reference_data, edition):
    columns = []
    for name in ("predict", "check"):
        with (reference_data / "ov_store" / f"{name}-openset.csv").open(newline="") as file:
            columns.append([row["openset"] for row in csv.DictReader(file)])
    assert round(100 * set_f(*columns, lexicon=edition("mer2025"))["set_f"], 2) == 55.37
