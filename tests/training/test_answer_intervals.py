"""Intervals of a run's scores are of just these scores."""

import datasets
import numpy as np
import pytest

from affecthub.training import answer_intervals as module
from affecthub.training.answer_intervals import answer_intervals
from affecthub.training.answer_scores import score_answers
from affecthub.training.recipe import Recipe

NAMES = ["joy", "anger", "sadness", "neutral"]
RECIPE = Recipe(corpus="demo", model="m")


def rows_of(labels):
    return datasets.Dataset.from_dict(
        {
            "emotion": [None if each is None else NAMES.index(each) for each in labels],
            "open_vocabulary": [[] if each in (None, "neutral") else [each] for each in labels],
        },
        features=datasets.Features(
            {
                "emotion": datasets.ClassLabel(names=NAMES),
                "open_vocabulary": datasets.List(datasets.Value("string")),
            }
        ),
    )


def test_with_every_clip_once_the_scores_themselves_come_out(monkeypatch):
    labels = ["joy", "anger", "sadness", "joy", None, "neutral", "anger", "joy"]
    said = ["joy", "sadness, anger", "nothing", "anger, joy", "joy", "neutral", "happy", "sad"]
    rows = rows_of(labels)
    monkeypatch.setattr(module, "draw", lambda n, n_resamples, seed: np.ones((n_resamples, n)))
    scores = score_answers(said, rows, RECIPE)
    found = answer_intervals(said, rows, RECIPE, scores)
    assert set(found["intervals"]) == {"macro_f1", "hit_rate", "set_f"}
    for name, (low, high) in found["intervals"].items():
        assert low == high == pytest.approx(scores[name], abs=1e-12), name
    assert found["lexicon"]["name"] == "affecthub"


def test_intervals_hold_the_score_and_narrow_with_more_clips():
    widths = []
    for times in (4, 40):
        rows = rows_of(["joy", "anger", "sadness", "joy"] * times)
        said = ["joy", "joy", "sadness", "anger"] * times
        scores = score_answers(said, rows, RECIPE)
        found = answer_intervals(said, rows, RECIPE, scores)["intervals"]
        assert found == answer_intervals(said, rows, RECIPE, scores)["intervals"]
        for name, (low, high) in found.items():
            assert 0 <= low < scores[name] < high <= 1, name
        widths.append(found["hit_rate"][1] - found["hit_rate"][0])
    assert 2 < widths[0] / widths[1] < 5  # about the root of ten


def test_without_a_label_there_is_no_interval():
    rows = rows_of([None, None])
    found = answer_intervals(["joy", "joy"], rows, RECIPE, score_answers(["a", "b"], rows, RECIPE))
    assert found["intervals"] == {}
