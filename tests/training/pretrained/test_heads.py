"""Heads learn, choose their penalty on the validation split, and answer the prior without input."""

import doctest

import numpy as np
import pytest

from affecthub.training.pretrained import heads
from affecthub.training.pretrained.heads import STRENGTHS, Head, fuse

WORDS = {0: ("glad", "sunny"), 1: ("awful", "rotten"), 2: ("吓死", "害怕")}


def features(n, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n)
    return rng.normal(size=(n, 6)) + 4 * np.eye(3, 6)[labels], labels


def texts(n, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, n)
    return [f"so {WORDS[label][rng.integers(2)]} {i}" for i, label in enumerate(labels)], labels


@pytest.mark.parametrize("make", [features, texts])
def test_it_learns(make):
    (train, labels), (validation, expected), (test, truth) = make(90, 0), make(30, 1), make(60, 2)
    head = Head(3, characters=make is texts).fit(train, labels, validation, expected)
    logs = head(test)
    assert np.exp(logs).sum(axis=1) == pytest.approx(np.ones(60))
    assert (logs.argmax(axis=1) == truth).mean() > 0.9
    assert head.strength in STRENGTHS


def test_penalty_is_strongest_where_there_is_nothing_to_learn():
    rng = np.random.default_rng(0)
    train, validation = rng.normal(size=(60, 40)), rng.normal(size=(60, 40))
    labels, expected = rng.integers(0, 3, 60), rng.integers(0, 3, 60)
    weak = Head(3).fit(train, labels, validation, expected).strength
    strong = Head(3).fit(*features(60, 0), *features(60, 1)).strength
    assert weak in STRENGTHS[:2] and strong > 10 * weak


def test_clips_without_the_modality_get_the_prior():
    train, labels = features(90, 0)
    train[::3] = np.nan
    validation, expected = features(30, 1)
    test, _ = features(4, 2)
    test[1] = np.nan
    head = Head(4).fit(train, labels, validation, expected)
    logs = head(test)
    shares = np.bincount(labels, minlength=4) / 90
    assert np.exp(logs[1]) == pytest.approx(shares, abs=1e-5)
    assert np.exp(head.log_prior) == pytest.approx(shares, abs=1e-5)
    assert np.isfinite(logs).all()  # a label that was never seen is unlikely, not impossible
    assert np.exp(logs[0]).max() > 0.9


def test_missing_texts_get_the_prior():
    train, labels = texts(60, 0)
    head = Head(3, characters=True).fit(
        [*train, None, ""], np.append(labels, [0, 0]), train, labels
    )
    assert np.exp(head([None])[0]) == pytest.approx(np.exp(head([""])[0]))
    assert np.exp(head([None])[0]) == pytest.approx(np.exp(head.log_prior), abs=1e-6)


def test_one_label_is_nothing_to_learn():
    train, _ = features(9, 0)
    with pytest.raises(ValueError, match="9 training clips of 1 labels"):
        Head(3).fit(train, np.zeros(9, int), train, np.zeros(9, int))


def test_fusion_is_bayes_rule():
    # Two labels, prior 1:3. Two sights that each say 1:1 are 3 times likelier under the first
    # label, together 9 times: 9 * 1 : 3.
    prior = np.log([0.25, 0.75])
    even = np.log([[0.5, 0.5]])
    assert np.exp(fuse([even, even], prior)) == pytest.approx(np.array([[0.75, 0.25]]))
    assert fuse([even, prior[None]], prior) == pytest.approx(even)


def test_doctests():
    result = doctest.testmod(heads)
    assert result.attempted and not result.failed
