"""Rewards: bounds, the form of completions, agreement with set-F, and what games them."""

import csv
import doctest
import runpy
import subprocess
import sys
import types
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

from affecthub.errors import extras
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.parsing import parse_labels
from affecthub.metrics.set_f.scores import set_f
from affecthub.metrics.wheels.by_clip import clip_scores
from affecthub.metrics.wheels.options import WheelOptions
from affecthub.training import rewards
from affecthub.training.rewards import REWARDS, placing, verl_reward
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


@pytest.fixture(scope="module")
def reference_labels(reference_data):
    """The 332 label lists of OV-MERD, as released."""
    with (reference_data / "mer2025" / "track2_train_ovmerd.csv").open(encoding="utf-8") as file:
        lists = [parse_labels(row["openset"]) for row in csv.DictReader(file)]
    return [labels for labels in lists if labels]


def test_each_answer_of_the_corpora_is_better_named_than_gamed(reference_labels):
    """On references as corpora have them, one right word beats every trick, by far."""
    references = reference_labels
    honest = rewards.penalized_f(answers([labels[0] for labels in references]), labels=references)
    for trick in (SIX, CONSTANT):
        won = rewards.penalized_f(answers([trick] * len(references)), labels=references)
        assert np.mean(won) < np.mean(honest) / 2
    # Without the penalty and with recall alone, the trick wins: that is what it is there for.
    recall = rewards.wheel_recall(answers([SIX] * len(references)), labels=references)
    named = rewards.wheel_recall(answers([r[0] for r in references]), labels=references)
    assert np.mean(recall) > np.mean(named)


def test_a_batch_is_scored_as_the_metric_scores_it():
    rng = np.random.default_rng(3)
    words = [*rng.choice(sorted(load_lexicon(None).names), 300), "xyzzy", "not happy", "neutral"]
    words += ["Joy: 0.9", "1. joy", "'Sad'", "very angry", "no word", "so_sad", " ", "7"]
    clips = [[str(w) for w in rng.choice(words, rng.integers(0, 7))] for _ in range(600)]
    predicted, reference = clips[:300], clips[300:]
    texts = [", ".join(labels) for labels in predicted]
    # Twice: the first time labels are new, the second time they are known.
    for _ in range(2):
        expected = clip_scores(texts, reference, options=WheelOptions(unknown="penalize"))
        for name, scores in expected._asdict().items():
            reward = REWARDS[f"wheel_{name}"](answers(texts), labels=reference)
            assert reward == pytest.approx(np.nan_to_num(scores).tolist(), abs=1e-12)
    product = zip(
        rewards.wheel_f(answers(texts), labels=reference),
        rewards.length_penalty(answers(texts), labels=reference),
        strict=True,
    )
    both = rewards.penalized_f(answers(texts), labels=reference)
    assert both == pytest.approx([f * penalty for f, penalty in product])


def test_references_come_in_every_form_that_corpora_have():
    forms = [["joyful"], ("joyful",), np.array(["joyful"]), "joyful", "['joyful']", "[joyful]"]
    assert rewards.wheel_f(["happy"] * len(forms), labels=forms) == [1.0] * len(forms)
    assert rewards.penalized_f(["happy", "happy"], labels=[None, []]) == [0.0, 0.0]
    with pytest.raises(TypeError, match=r"labels\[1\]"):
        rewards.wheel_f(["sad", "sad"], labels=[["sad"], 3])
    with pytest.raises(
        ValueError, match="`completions` and `labels` differ in length: got 1 and 2"
    ):
        rewards.length_penalty(["sad"], labels=[["sad"], ["sad"]])


def test_made_up_spellings_are_not_kept_for_ever(monkeypatch):
    wheels = placing.Wheels(load_lexicon(None))
    monkeypatch.setattr(placing, "_MOST_KEPT", 50)
    for number in range(300):
        (label,) = wheels.answer([f"made up {number}x"])
        assert label.label == f"made up {number}x"
    assert len(wheels._answered) <= 50


BLOCKED = """
import importlib.abc, sys
class Refuse(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {blocked}:
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Refuse())
"""


@pytest.mark.parametrize("name", ["completions", "form", "length", "wheels"])
def test_examples_in_docstrings(name):
    found = doctest.testmod(import_module(f"affecthub.training.rewards.{name}"))
    assert found.attempted and not found.failed


def test_only_the_extra_for_metrics_is_needed():
    """What ms-swift and verl import beside packages of their own versions."""
    allowed = {*extras()["metrics"], "numpy", "yaml", "typer", "rich"}
    others = {package for extra in extras().values() for package in extra} - allowed
    assert {"torch", "transformers", "trl", "peft"} <= others
    code = BLOCKED.format(blocked=others) + (
        "from affecthub.training.rewards import REWARDS\n"
        "text = '<think>She looks furious.</think><answer>angry</answer>'\n"
        "given = dict(completions=[text], labels=[['angry']])\n"
        "print({name: reward(**given)[0] for name, reward in REWARDS.items()})\n"
        "import affecthub.training.rewards.verl_reward\n"
        "assert not {'torch', 'transformers', 'datasets'} & sys.modules.keys()\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "'thought_f': 1.0" in done.stdout


@pytest.fixture(params=["swift.rewards", "swift.plugin"])
def orms(request, monkeypatch):
    """ms-swift's table of rewards with ours in it, made by a stand-in of version 4, and of 3."""

    class ORM:
        def __call__(self, **kwargs):
            raise NotImplementedError

    package, module = types.ModuleType("swift"), types.ModuleType(request.param)
    package.__path__ = []
    module.ORM, module.orms = ORM, {"format": ORM}
    monkeypatch.setitem(sys.modules, "swift", package)
    monkeypatch.setitem(sys.modules, request.param, module)
    runpy.run_path(ms_swift_file())
    return module.orms


def ms_swift_file():
    return str(Path(rewards.__path__[0]) / "ms_swift_plugin.py")


def test_ms_swift_has_every_reward(orms):
    assert {f"affecthub_{name}" for name in REWARDS} <= orms.keys()
    texts = ["<answer>happy</answer>", "<think>She smiles.</think><answer>sad</answer>"]
    columns = {"messages": [[], []], "solution": [["joyful"], "joyful"]}
    for name in REWARDS:
        reward = orms[f"affecthub_{name}"](args=None)
        expected = REWARDS[name](completions=texts, labels=columns["solution"])
        assert reward(completions=texts, **columns) == expected
    assert orms["affecthub_wheel_f"]()(texts, labels=columns["solution"])[0] == 1.0
    assert orms["affecthub_format_thinking"]()(completions=texts, **columns) == [0.0, 1.0]
    with pytest.raises(ValueError, match="no reference labels: got columns messages"):
        orms["affecthub_wheel_f"]()(completions=texts, messages=[[], []])


def test_verl_rewards_one_answer_and_a_batch():
    text = "<answer>happy, sad, angry</answer>"
    found = verl_reward.compute_score(
        data_source="emos", solution_str=text, ground_truth=np.array(["joyful"]), extra_info={}
    )
    f, form = rewards.penalized_f([text], [["joyful"]])[0], 1.0
    assert found == {"score": pytest.approx(f + 0.1), "penalized_f": f, "format_reward": form}
    batch = verl_reward.compute_scores(
        data_sources=["a", "b"],
        solution_strs=[text, "sad"],
        ground_truths=["joyful", ["sad"]],
        extra_infos=[{}, {}],
        rewards={"wheel_recall": 2.0},
    )
    assert [each["score"] for each in batch] == [2.0, 2.0]
    with pytest.raises(ValueError, match="unknown reward: got 'wheel'"):
        verl_reward.compute_score("a", text, "sad", rewards={"wheel": 1.0})
