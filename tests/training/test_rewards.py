"""Rewards: bounds, the form of completions, agreement with set-F, and what games them."""

import subprocess
import sys

import numpy as np
import pytest

from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.set_f.scores import set_f
from affecthub.metrics.wheels.by_clip import clip_scores
from affecthub.training import rewards
from affecthub.training.rewards import REWARDS
from affecthub.training.rewards.completions import Said, said

SIX = "happy, sad, angry, surprised, fearful, disgusted"
# The best constant set that a greedy search found under the tables of 2025.
CONSTANT = "angry, happy, disappointed, worried, determined"
REFERENCES = [
    ["joyful"],
    ["angry", "annoyed"],
    ["sad", "disappointed", "hurt"],
    ["worried", "nervous", "afraid"],
    ["surprised", "curious", "excited"],
    ["neutral", "calm"],
    ["disgusted", "contempt"],
]


def answers(texts):
    return [f"<answer>{text}</answer>" for text in texts]


@pytest.mark.parametrize("name", REWARDS)
def test_bounds_and_kinds(name):
    odd = ["", "<answer>", "[", "<think>sad", "<answer></answer>", "快乐，难过", "a" * 5000]
    odd += [[{"role": "assistant", "content": [{"type": "text", "text": "<answer>joy</answer>"}]}]]
    found = REWARDS[name](completions=odd, labels=[["happy"]] * len(odd), prompts=["?"] * len(odd))
    assert [type(value) for value in found] == [float] * len(odd)
    assert all(0 <= value <= 1 for value in found)
    assert REWARDS[name](completions=[], labels=[]) == []


def test_one_clip_is_scored_as_set_f_scores_it():
    for predicted, reference in [("happy, sad", ["glad"]), ("furious", ["angry", "sad", "tired"])]:
        for_one = set_f([predicted], [reference])
        scores = clip_scores([predicted], [reference])
        assert scores.precision[0] == pytest.approx(for_one["set_precision"])
        assert scores.recall[0] == pytest.approx(for_one["set_recall"])
        assert scores.f[0] == pytest.approx(for_one["set_f"])
    assert np.isnan(clip_scores(["happy"], [["no such word"]]).f[0])


def test_means_over_clips_are_those_of_set_f():
    rng = np.random.default_rng(0)
    words = ["happy", "sad", "angry", "afraid", "surprised", "calm", "proud", "bored", "xyzzy"]
    clips = [list(rng.choice(words, rng.integers(1, 5))) for _ in range(60)]
    predicted, reference = (
        clips[:30],
        [[w for w in c if w != "xyzzy"] or ["sad"] for c in clips[30:]],
    )
    whole, each = set_f(predicted, reference), clip_scores(predicted, reference)
    # On wheels where every reference stands, both are the same means.
    full = [w for w in whole["per_wheel"] if w["n_scored"] == 30]
    assert full
    if len(full) == len(whole["per_wheel"]):
        assert each.precision.mean() == pytest.approx(whole["set_precision"])
        assert each.recall.mean() == pytest.approx(whole["set_recall"])


def test_what_counts_of_a_completion():
    assert said("<think>a</think>\n<answer>b</answer>") == Said("a", "b")
    assert said("<answer>a</answer><answer>b</answer>").answer == "b"
    assert said("<think>a</think> b, c") == Said("a", "b, c")
    assert said("<answer>b, c") == Said("", "b, c")  # cut off
    assert said("<think>cut off") == Said("cut off", "")
    with pytest.raises(TypeError, match="expected text or messages"):
        rewards.wheel_f([3], labels=[["sad"]])
    with pytest.raises(ValueError):
        rewards.wheel_f(["sad"], labels=[["sad"], ["sad"]])


def test_the_form():
    good = "<answer>happy</answer>"
    thought = f"<think>She smiles.</think>\n{good}"
    bad = ["happy", f"{good}{good}", f"so {good}", "<answer> </answer", "<answer><think></answer>"]
    assert rewards.format_reward([good, thought, *bad]) == [1.0] + [0.0] * 6
    assert rewards.format_reward([good, thought, *bad], thinking=True) == [0.0, 1.0] + [0.0] * 5


def test_thought_and_answer():
    text = "<think>He is not glad; he looks furious.</think><answer>{}</answer>"
    same, other = rewards.agreement([text.format("angry"), text.format("happy")])
    assert same > 0.6 > 0.4 > other
    assert rewards.thought_f([text.format("happy")], labels=[["furious"]])[0] > 0.6
    assert rewards.thought_f(["<answer>furious</answer>"], labels=[["furious"]]) == [0.0]


def test_gaming_loses_against_one_right_word():
    every = ", ".join(sorted(load_lexicon(None).names)[:4000])
    honest = rewards.penalized_f(answers([r[0] for r in REFERENCES]), labels=REFERENCES)
    for trick in (SIX, CONSTANT, "happy, " * 40, "", every):
        won = rewards.penalized_f(answers([trick] * len(REFERENCES)), labels=REFERENCES)
        assert np.mean(won) < np.mean(honest) / 2, trick[:40]
    # A word no lexicon knows is a wrong word, and a right one twice is no better than once.
    right, padded, twice = rewards.penalized_f(
        answers(["glad", "glad, xyzzy", "glad, glad"]), labels=[["joyful"]] * 3
    )
    assert right == 1.0 and padded < right and twice < right


def test_no_torch_is_needed():
    code = "import affecthub.training.rewards, sys; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)
