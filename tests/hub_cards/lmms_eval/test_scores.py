"""Answers as the scores of the tasks take them, beside the metrics themselves."""

import json
import math

import pytest

import affecthub
from affecthub.hub_cards.lmms_eval import scores
from affecthub.hub_cards.lmms_eval.answers import (
    emos_answer,
    goemotions_answer,
    target,
    unibench_answer,
)
from affecthub.labels import GOEMOTIONS_WITH_UNSURE

ROWS = [
    {"id": "m/1", "set": "meld", "emotion_name": "joy"},
    {"id": "m/2", "set": "meld", "emotion_name": "anger"},
    {"id": "s/1", "set": "ch_sims", "sentiment": 0.6},
    {"id": "s/2", "set": "ch_sims", "sentiment": -0.4},
    {"id": "s/3", "set": "ch_sims", "sentiment": 0.0},
    {"id": "o/1", "set": "ov_merd", "open_vocabulary": ["furious", "sad"]},
    {"id": "o/2", "set": "ov_merd", "open_vocabulary": ["glad"]},
]
SAID = [
    "<think>angry?</think>She laughs; we can infer that she is delighted.",
    "happy, excited",
    "A warm voice: he is happy.",
    "The voice is flat.",
    "She is sad.",
    "He is angry.",
    "[LMMS_EVAL_REQUEST_FAILED after 3 retries] timeout",
]


def test_scores_are_those_of_the_metric():
    read = [unibench_answer(row, [text]) for row, text in zip(ROWS, SAID, strict=True)]
    items = [each["score"] for each in read]
    assert items[0]["predicted"] == ["delighted"] and items[1]["predicted"] == ["happy", "excited"]
    assert items[3]["predicted"] == [] and items[3]["why"] == ""
    assert items[6]["predicted"] is None and items[6]["why"] == "request failed"
    whole = affecthub.load_metric("mer_unibench").compute(
        predictions=[{"set": i["set"], "labels": i["predicted"]} for i in items],
        references=[{"set": i["set"], "labels": i["reference"]} for i in items],
        partial=True,
    )
    for name in ("meld", "ch_sims", "ov_merd"):
        own = [item for item in items if item["set"] == name]
        assert scores.unibench_score(own) == whole["sets"][name]["score"]
    assert scores.unibench_score(items[:2]) == 0.5
    sentiments, sets = items[2:5], items[5:]
    assert scores.sentiment_accuracy(sentiments) == 1.0 and scores.unanswered(sentiments) == 1 / 3
    assert scores.set_precision(sets) == 0.5 and 0 < scores.set_recall(sets) <= 0.25
    assert set(read[2]) == {"score", "accuracy", "unanswered"}


def test_another_lexicon_is_named_by_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("AFFECTHUB_LEXICON", str(tmp_path / "none"))
    item = unibench_answer(ROWS[0], ["happy"])["score"]
    with pytest.raises(FileNotFoundError, match="lexicon not found"):
        scores.unibench_score([item])


def emos_row(emotion, tier, probs=None):
    return {"id": f"{emotion}-{tier}", "emotion_name": emotion, "tier": tier, "probs": probs}


def basic7(emotion, confidence, *fine):
    return json.dumps(
        {
            "predicted_emotion": emotion,
            "model_confidence": confidence,
            "goemotions_labels": [{"label": label, "confidence": 0.8} for label in fine],
            "evidence": "",
            "goemotions_rationale": "",
        }
    )


def test_emos_by_hand():
    answers = {
        ("joy", "high"): basic7("Joy", 0.9),
        ("anger", "high"): basic7("Sadness", 0.7),
        ("fear", "low"): basic7("Fear", 0.4),
        ("sadness", "low"): "Joy or sadness, hard to say.",
    }
    items = [emos_answer(emos_row(*key), [text])["uar"] for key, text in answers.items()]
    assert [item["predicted"] for item in items] == ["joy", "sadness", "fear", None]
    assert [item["status"] for item in items] == ["json"] * 3 + ["invalid"]
    assert scores.accuracy(items) == scores.uar(items) == 0.5
    assert scores.invalid_rate(items) == 0.25
    assert scores.mean_confidence(items) == pytest.approx(2 / 3)
    assert scores.tier_difference(items) == pytest.approx(0.4 - 0.8)
    assert 0 < scores.ece(items) < 1 and scores.weighted_f1(items) == 0.5
    assert scores.macro_f1(items) == 0.5
    with pytest.warns(UserWarning, match="confidence is nan"):
        assert math.isnan(scores.mean_confidence(items[3:]))
        assert math.isnan(scores.tier_difference(items[3:]))


def test_goemotions_by_hand():
    probs = [1.0 if name == "joy" else 0.0 for name in GOEMOTIONS_WITH_UNSURE]
    row = emos_row("joy", "high", probs)
    right = goemotions_answer(row, [basic7("Joy", 0.9, "joy", "bliss")])["jsd"]
    assert right["predicted"] == ["joy"] and right["outside"] == ["bliss"]
    none = goemotions_answer(row, [""])["jsd"]
    assert none["predicted"] is None and none["why"] == "empty"
    assert scores.goemotions_f1([right]) == scores.micro_f1([right]) == 1.0
    assert scores.jsd([right]) == 0.0 and scores.jsd([none]) == 1.0


def test_nothing_to_score():
    assert math.isnan(scores.unanswered([])) and math.isnan(scores.invalid_rate([]))
    assert target({"sentiment": 0.0}) == "0.0" and target({"open_vocabulary": []}) == ""
    assert target({"emotion_name": None, "open_vocabulary": ["sad"]}) == "['sad']"
