"""Sums of statistics are the metrics' own scores; intervals, means and tests by hand."""

import numpy as np
import pytest

from affecthub.metrics.answers.resampling import draw, interval, p_value
from affecthub.metrics.hit_rate.scores import hit_rate
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.mer_unibench.statistics import statistics
from affecthub.metrics.sentiment.scores import sentiment
from affecthub.metrics.set_f.scores import set_f
from affecthub.training.bench.answers import Answered
from affecthub.training.bench.compare import compare
from affecthub.training.bench.references import BY_NAME
from affecthub.training.bench.scoring import score_run

SAID = [["happy"], ["happy", "angry"], [], ["sad", "worried"], ["surprised"], None]
BASIC = ["joy", "sadness", "anger", "neutral", "surprise", "fear"]
OPEN = [["glad"], ["sad", "irritated"], ["furious"], ["calm"], ["amazed"], ["afraid"]]
SIGNS = [1.5, -0.5, 0.0, -2.0, 0.4, -1.0]
SENTIMENTS = ["positive", "positive", "negative", ["sad"], "neutral", None]


@pytest.fixture(scope="module")
def lexicon():
    return load_lexicon()


def answered(name, labels, references):
    ids = [f"c{i}" for i in range(len(labels))]
    return Answered(BY_NAME[name], ids, labels, labels, references)


def test_statistics_add_up_to_the_metrics(lexicon):
    hits = statistics(BY_NAME["meld"], SAID, BASIC, lexicon).scores()
    metric = hit_rate(SAID, BASIC, lexicon=lexicon)
    assert hits["hit_rate"][0] == pytest.approx(metric["hit_rate"], abs=1e-12)
    as_sets = set_f(SAID, BASIC, lexicon=lexicon, neutral="drop")
    assert hits["hit_f1"][0] == pytest.approx(as_sets["set_f"], abs=1e-12)
    assert hits["hit_precision"][0] == pytest.approx(as_sets["set_precision"], abs=1e-12)
    words = statistics(BY_NAME["ov_merd"], SAID, OPEN, lexicon).scores()
    metric = set_f(SAID, OPEN, lexicon=lexicon)
    for name in ("set_f", "set_precision", "set_recall"):
        assert words[name][0] == pytest.approx(metric[name], abs=1e-12)
    signs = statistics(BY_NAME["cmu_mosi"], SENTIMENTS, SIGNS, lexicon).scores()
    metric = sentiment(["positive", "positive", "negative", "negative", "neutral", None], SIGNS)
    assert signs["waf"][0] == pytest.approx(metric["sentiment"], abs=1e-12)
    assert signs["acc"][0] == pytest.approx(metric["acc"], abs=1e-12)


def test_a_weight_of_two_is_the_clip_twice(lexicon):
    made = statistics(BY_NAME["meld"], SAID, BASIC, lexicon)
    weighted = made.scores(np.array([[2.0, 1, 1, 1, 0, 1]]))
    places = [0, 0, 1, 2, 3, 5]
    twice = hit_rate([SAID[i] for i in places], [BASIC[i] for i in places], lexicon=lexicon)
    assert weighted["hit_rate"][0] == pytest.approx(twice["hit_rate"], abs=1e-12)


def test_the_interval_of_a_share_is_that_of_the_binomial(lexicon):
    # 400 clips, 300 right: sd = sqrt(.75 * .25 / 400) = 0.0217, 1.96 of them on each side.
    run = {"meld": {"": answered("meld", [["happy"]] * 300 + [["sad"]] * 100, ["joy"] * 400)}}
    score = score_run(run, lexicon)["sets"]["meld"]["scores"]["hit_rate"]
    assert score["value"] == 0.75
    assert score["low"] == pytest.approx(0.75 - 1.96 * 0.0217, abs=0.007)
    assert score["high"] == pytest.approx(0.75 + 1.96 * 0.0217, abs=0.007)
    assert score_run(run, lexicon)["mean"] == score_run(run, lexicon)["mean"]
    assert score_run(run, lexicon, seed=5)["mean"]["low"] != score_run(run, lexicon)["mean"]["low"]


def test_the_mean_over_what_is_there(lexicon):
    run = {
        "meld": {"": answered("meld", [["happy"], ["sad"]], ["joy", "anger"])},
        "cmu_mosi": {"": answered("cmu_mosi", ["positive", "negative"], [1.0, -1.0])},
    }
    found = score_run(run, lexicon, n_resamples=0)
    assert found["mean"] == {"value": (1 / 2 + 1) / 2}
    assert found["partial"] and len(found["missing"]) == 7
    assert list(found["sets"]["meld"]["scores"]["hit_rate"]) == ["value"]


def test_the_best_epoch_of_each_set_only_when_asked(lexicon):
    def of(right):
        return answered("meld", [["happy"]] * right + [["sad"]] * (4 - right), ["joy"] * 4)

    run = {"meld": {"e1": of(3), "e2": of(4), "e3": of(1)}}
    with pytest.raises(ValueError, match="meld is answered by 3 checkpoints: got e1, e2, e3"):
        score_run(run, lexicon)
    best = score_run(run, lexicon, protocol="official-best-epoch", n_resamples=0)
    assert best["checkpoints"] == {"meld": "e2"} and best["mean"]["value"] == 1
    # Best 1, last 1/4, mean (3 + 4 + 1) / 12.
    worth = best["epochs"]["meld"]
    assert (worth["above_last"], worth["above_mean"]) == (3 / 4, pytest.approx(1 / 3))
    with pytest.raises(ValueError, match="unknown protocol.*Did you mean 'fixed'"):
        score_run(run, lexicon, protocol="fixd")


def test_a_run_against_itself_and_against_a_worse_one(lexicon):
    good = {"meld": answered("meld", [["happy"]] * 40, ["joy"] * 40)}
    bad = {"meld": answered("meld", [["happy"]] * 30 + [["sad"]] * 10, ["joy"] * 40)}
    same = compare(good, good, lexicon, n_resamples=200)["sets"]["meld"]["scores"]["hit_rate"]
    assert same["p"] == 1 and same["difference"] == {"value": 0, "low": 0, "high": 0}
    found = compare(good, bad, lexicon, n_resamples=4000)
    score = found["sets"]["meld"]["scores"]["hit_rate"]
    assert score["difference"]["value"] == 0.25 and score["difference"]["low"] > 0.1
    # Ten clips differ, all one way: the sign test's p is 2 / 2 ** 10.
    assert score["p"] == pytest.approx(2 / 2**10, abs=0.0015)
    back = compare(bad, good, lexicon, n_resamples=4000)["mean"]["difference"]
    assert back["value"] == -0.25 and back["high"] < -0.1


def test_runs_on_other_clips_or_labels_are_not_compared(lexicon):
    one = {"meld": answered("meld", [["happy"]], ["joy"])}
    other = {"iemocap": answered("iemocap", [["happy"]], ["happy"])}
    with pytest.raises(ValueError, match="share no set: got meld and iemocap"):
        compare(one, other, lexicon)
    relabelled = {"meld": answered("meld", [["happy"]], ["anger"])}
    with pytest.raises(ValueError, match="different labels of meld: 1 of 1 differ"):
        compare(one, relabelled, lexicon)
    elsewhere = {"meld": Answered(BY_NAME["meld"], ["x"], [["sad"]], [["sad"]], ["joy"])}
    with pytest.raises(ValueError, match="share no clip of meld"):
        compare(one, elsewhere, lexicon)


def test_undefined_resamples_are_left_out():
    assert interval(0.5, np.array([np.nan, 0.4, 0.6]))["low"] == pytest.approx(0.405)
    assert np.isnan(interval(0.5, np.array([np.nan]))["high"])
    assert draw(3, 5, seed=1).tolist() == draw(3, 5, seed=1).tolist()
    assert np.isnan(p_value(float("nan"), np.zeros(3)))
