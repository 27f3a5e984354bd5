"""What the options of the wheel scores change, by hand and on the recorded data."""

import csv
import json
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st

from affecthub.metrics.answers.files import align_labels
from affecthub.metrics.hit_rate.scores import hit_rate
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.set_f.scores import set_f
from affecthub.metrics.wheels.clips import WheelClips
from affecthub.metrics.wheels.options import WheelOptions

BASIC = ["happy", "sad", "angry", "fearful", "disgusted", "surprised"]
RELEASED = ("mer2025", "mer2026")


@pytest.fixture
def clips(reference_data):
    path = reference_data / "emotion_wheel_reference" / "s01_mer2024_real.json"
    data = json.loads(path.read_text(encoding="utf-8"))
    return align_labels(data["name2pred"], data["name2gt"])


@pytest.fixture
def mer2025(reference_data):
    return load_lexicon(reference_data / "emotion_wheel" / "mer2025")


def percent(scores):
    return [round(100 * scores[key], 2) for key in ("set_f", "set_precision", "set_recall")]


def test_composed_mapping_by_hand(toy):
    # bright stands for joy (glad) and wise (proud); its first synonym is joy, on wheel one only.
    assert toy.sectors("bright", "middle", "composed") == ("glad", None)
    document = {
        "name": "two readings",
        "version": "1",
        "wheels": [{"name": "w", "source": "", "sectors": {"up": {"b": []}, "down": {"c": []}}}],
        "words": {"zest": {"forms": ["zest"], "wheel_words": ["a", "b"]}},
    }
    lexicon = Lexicon.from_document(document)
    # The first synonym, a, is on no wheel: pooled, b decides; composed, the word has no place.
    assert lexicon.sectors("zest") == ("up",)
    assert lexicon.sectors("zest", mapping="composed") == (None,)


def test_composed_mapping_scores_what_equation_8_gives(clips, mer2025):
    composed = set_f(*clips, lexicon=mer2025, mapping="composed")
    assert percent(composed)[0] == 43.25
    assert percent(set_f(*clips, lexicon=mer2025))[0] == 55.37
    assert (composed["mapping"], composed["unknown"], composed["neutral"]) == (
        "composed",
        "drop",
        None,
    )


def test_penalized_labels_by_hand(toy):
    # wheel one: happy and a stray word against happy: 1/2. Wheel two the same.
    options = {"lexicon": toy, "unknown": "penalize"}
    assert percent(set_f([["happy", "huh", "huh"]], ["happy"], **options))[1:] == [50, 100]
    # shame has no place on wheel one only: 1/2 there, 1/2 on wheel two as a wrong sector.
    assert percent(set_f(["happy, shame"], ["happy"], **options))[1] == 50
    # A word that the reference has too is not wrong, nor is a stray reference.
    assert percent(set_f(["happy, huh"], ["huh, happy"], **options)) == [100, 100, 100]
    assert percent(set_f(["happy"], ["huh, happy"], **options)) == [100, 100, 100]
    # Neutral, which no wheel of this lexicon has, is left out and not penalized.
    assert percent(set_f(["happy, neutral"], ["happy"], **options)) == [100, 100, 100]
    hits = hit_rate(["happy, huh, hah"], ["happy"], **options)
    assert hits["hit_rate"] == 1
    assert hits["per_wheel"][0]["mscore"] == pytest.approx(1 / 3)


def test_neutral_by_hand(toy):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        left = hit_rate(["neutral"], ["neutral"], lexicon=toy)
    assert list(left["n_scored"].values()) == [0, 0]
    kept = hit_rate(["neutral", "happy"], ["neutral", "中性"], lexicon=toy, neutral="keep")
    assert kept["hit_rate"] == 0.5 and list(kept["n_scored"].values()) == [2, 2]
    built_in = set_f(["neutral, happy"], ["happy"])
    assert built_in["set_precision"] == 0.5
    dropped = set_f(["neutral, happy"], ["happy"], neutral="drop")
    assert dropped["set_precision"] == 1


def test_a_wheel_with_a_neutral_sector_loses_it_when_neutral_is_dropped():
    document = {
        "name": "n",
        "version": "1",
        "wheels": [
            {
                "name": "w",
                "source": "",
                "neutral": "level",
                "sectors": {"level": {"calm": []}, "up": {"glad": []}},
            }
        ],
        "words": {word: {"forms": [word], "wheel_words": [word]} for word in ("calm", "glad")},
    }
    lexicon = Lexicon.from_document(document)
    for ring in ("inner", "middle"):
        kept = set_f(["calm, glad"], ["glad"], lexicon=lexicon, ring=ring)
        dropped = set_f(["calm, glad"], ["glad"], lexicon=lexicon, ring=ring, neutral="drop")
        assert (kept["set_precision"], dropped["set_precision"]) == (0.5, 1)


def test_the_gaming_baseline_as_the_card_lists_it(clips, mer2025):
    guess = [BASIC] * len(clips[1])
    assert percent(set_f(guess, clips[1], lexicon=mer2025)) == [41.47, 26.89, 91.85]
    penalized = set_f(guess, clips[1], lexicon=mer2025, unknown="penalize")
    assert percent(penalized) == CARD["guess"]
    assert percent(set_f(*clips, lexicon=mer2025, unknown="penalize")) == CARD["system"]


# As the card lists them: F, precision, recall under unknown="penalize".
CARD = {"guess": [38.06, 24.05, 91.85], "system": [52.26, 49.97, 54.85]}


@pytest.mark.parametrize("function", [set_f, hit_rate])
@pytest.mark.parametrize(
    ("option", "known"),
    [
        ("mapping", "composed, official"),
        ("unknown", "drop, penalize"),
        ("neutral", "drop, keep"),
    ],
)
def test_unknown_choices_list_the_known_ones(toy, function, option, known):
    with pytest.raises(ValueError, match=f"unknown {option}: got 'other', expected one of {known}"):
        function(["happy"], ["happy"], lexicon=toy, **{option: "other"})


def test_one_reading_gives_what_the_functions_give(clips, mer2025):
    options = WheelOptions(unknown="penalize", neutral="keep")
    shared = WheelClips(*clips, mer2025, options)
    for ring in ("inner", "middle"):
        chosen = {"lexicon": mer2025, "ring": ring, "unknown": "penalize", "neutral": "keep"}
        assert shared.set_f(ring) == set_f(*clips, **chosen)
        assert shared.hit_rate(ring) == hit_rate(*clips, **chosen)
    with pytest.raises(ValueError, match="unknown ring: got 'middle', expected one of inner"):
        WheelClips(*clips, mer2025, rings=("inner",)).set_f("middle")


def test_batches_do_not_show(clips, mer2025, monkeypatch):
    whole = set_f(*clips, lexicon=mer2025, unknown="penalize")
    monkeypatch.setattr("affecthub.metrics.wheels.placement._BATCH", 7)
    assert set_f(*clips, lexicon=mer2025, unknown="penalize") == whole
    monkeypatch.setattr("affecthub.metrics.wheels.placement._STREAMED", 5)
    assert set_f(*map(iter, clips), lexicon=mer2025, unknown="penalize") == whole
    with pytest.raises(ValueError, match="got 16 predictions for 15 references"):
        set_f(["happy"] * 16, ["happy"] * 15, lexicon=mer2025)
    with pytest.raises(TypeError, match=r"`references\[9\]`"):
        set_f(["happy"] * 16, ["happy"] * 9 + [3], lexicon=mer2025)


WORDS = st.sampled_from(["happy", "pride", "glad", "sad", "shame", "calm", "hungry", "x", "y"])
CLIPS = st.lists(st.tuples(st.lists(WORDS, max_size=4), st.lists(WORDS, max_size=4)), max_size=9)


@given(clips=CLIPS)
def test_mappings_agree_on_a_lexicon_without_ambiguity(toy, clips):
    sides = [list(side) for side in zip(*clips, strict=True)] or [[], []]
    official, composed = (
        set_f(*sides, lexicon=toy, mapping=mapping, zero_division=0.0)
        for mapping in ("official", "composed")
    )
    for key in ("mapping", "published"):
        assert official.pop(key) != composed.pop(key)
    assert official == composed


@given(clips=CLIPS)
def test_penalties_lower_precision_alone(toy, clips):
    sides = [list(side) for side in zip(*clips, strict=True)] or [[], []]
    free, penalized = (
        set_f(*sides, lexicon=toy, unknown=unknown, zero_division=0.0)
        for unknown in ("drop", "penalize")
    )
    assert penalized["set_precision"] <= free["set_precision"]
    assert penalized["set_recall"] == free["set_recall"]


@given(references=st.lists(st.lists(WORDS, min_size=1, max_size=4), min_size=1, max_size=9))
def test_a_perfect_prediction_is_never_penalized(toy, references):
    for scores in set_f(references, references, lexicon=toy, unknown="penalize", zero_division=0.0)[
        "per_wheel"
    ]:
        assert scores["set_f"] == (1 if scores["n_scored"] else 0)


@given(clips=CLIPS, data=st.data())
def test_a_right_label_more_never_lowers_f(toy, clips, data):
    if not clips:
        return
    place = data.draw(st.integers(0, len(clips) - 1))
    predicted, reference = ([*side] for side in zip(*clips, strict=True))
    before = set_f(predicted, reference, lexicon=toy, zero_division=0.0)
    predicted[place] = predicted[place] + reference[place]
    after = set_f(predicted, reference, lexicon=toy, zero_division=0.0)
    assert after["set_f"] >= before["set_f"] - 1e-12


def test_csv_files_score_alike_through_any_iterable(reference_data, mer2025):
    columns = []
    for name in ("predict", "check"):
        with (reference_data / "ov_store" / f"{name}-openset.csv").open(newline="") as file:
            columns.append([row["openset"] for row in csv.DictReader(file)])
    assert percent(set_f(*map(tuple, columns), lexicon=mer2025))[0] == 55.37
