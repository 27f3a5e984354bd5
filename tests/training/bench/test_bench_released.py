"""The released answers of AffectGPT: the paper's Table 2, and what choosing epochs is worth."""

import json

import pytest

from affecthub.metrics.answers.files import read_labels
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.mer_unibench.scores import score_folder
from affecthub.training.bench.benchmark import Scoring, from_answers, from_kept, save
from affecthub.training.bench.compare import compare, evaluated
from affecthub.training.bench.report import BenchReport

PUBLISHED = {"mer2023": 78.54, "meld": 55.65, "cmu_mosi": 81.30}


@pytest.fixture(scope="module")
def folders(reference_data):
    return reference_data / "affectgpt_outputs", reference_data / "merbench_labels"


@pytest.fixture(scope="module")
def tables(reference_data):
    return reference_data / "emotion_wheel" / "mer2025"


@pytest.fixture(scope="module")
def official(folders, tables):
    scoring = Scoring(tables, protocol="official-best-epoch", n_resamples=200)
    return from_answers(*folders, scoring)


@pytest.fixture(scope="module")
def fixed(folders, tables):
    return from_answers(*folders, Scoring(tables, n_resamples=200))


def percent(score):
    return round(100 * score, 2)


def primary(entry):
    return entry["scores"][entry["primary"]]


def test_the_papers_way_gives_the_papers_table(official):
    sets = official.result["sets"]
    assert {name: percent(primary(entry)["value"]) for name, entry in sets.items()} == PUBLISHED
    for entry in sets.values():
        score = primary(entry)
        assert score["low"] < score["value"] < score["high"]
    # The paper's own means over these three sets, of the printed figures.
    assert percent(official.result["mean"]["value"]) == 71.83
    assert official.result["checkpoints"]["meld"] == "checkpoint_000030_loss_0.602"


def test_one_checkpoint_for_all_sets_is_the_default(fixed, folders, tables):
    assert set(fixed.result["checkpoints"].values()) == {"checkpoint_000060_loss_0.480"}
    last = score_folder(*folders, lexicon=tables, partial=True, checkpoint="last")["sets"]
    for name, entry in fixed.result["sets"].items():
        assert primary(entry)["value"] == pytest.approx(last[name]["score"], abs=1e-12)
    assert any(why.startswith("checkpoint") for why in fixed.result["published"]["because"])
    assert fixed.result["epochs"] == {}


def test_what_choosing_the_epoch_is_worth(official):
    worth = official.result["epochs"]
    found = {
        name: (percent(entry["above_last"]), percent(entry["above_mean"]))
        for name, entry in worth.items()
    }
    assert found == {
        "mer2023": (4.85, 3.49),
        "meld": (3.56, 1.25),
        "cmu_mosi": (3.00, 1.38),
        "mean": (3.80, 2.04),
    }
    # Epoch 50 is the best that may be one for all three; each set's own best is 1.1 above it.
    assert worth["mean"]["checkpoint"] == "checkpoint_000050_loss_0.527"
    assert percent(worth["mean"]["best_single"]) == 70.73


def test_every_output_says_that_epochs_were_chosen(official, tmp_path):
    written = BenchReport(official.result).write(tmp_path)
    assert set(written) == {"json", "md", "tex", "html"}
    for path in written.values():
        assert "official-best-epoch" in path.read_text("utf-8"), path.name
    page = written["html"].read_text("utf-8")
    assert "epochs chosen on the test sets" in page and "+4.85" in page
    assert json.loads(written["json"].read_text("utf-8"))["partial"] is True
    assert "78.54" in written["tex"].read_text("utf-8")


def test_hit_rate_has_an_f1_beside_it(official):
    scores = official.result["sets"]["mer2023"]["scores"]
    assert percent(scores["hit_f1"]["value"]) == 61.65
    # Naming every label scores all of the hit rate and a third of F1.
    named_all = official.result["floors"]["constant"]["mer2023"]
    assert named_all["hit_rate"] == 1 and percent(named_all["hit_f1"]) == 36.00
    assert official.result["mean_f1"]["value"] < official.result["mean"]["value"]


def test_kept_answers_score_the_same_and_compare(fixed, official, tables, tmp_path):
    for name, evaluation in (("fixed", fixed), ("best", official)):
        save(evaluation, tmp_path / name)
        BenchReport(evaluation.result).write(tmp_path / name)
    again = from_kept(tmp_path / "fixed", Scoring(tables, n_resamples=200))
    for key in ("sets", "mean", "mean_f1"):
        assert again.result[key] == fixed.result[key]
    (best, _), (last, _) = evaluated(tmp_path / "best"), evaluated(tmp_path / "fixed")
    found = compare(best, last, load_lexicon(tables), n_resamples=500)
    difference = found["sets"]["mer2023"]["scores"]["hit_rate"]
    assert percent(difference["difference"]["value"]) == 4.85
    assert difference["difference"]["low"] > 0 and difference["p"] < 0.05 <= 1
    assert difference["p"] <= difference["p_holm"] <= 3 * difference["p"] + 1e-12
    assert percent(found["mean"]["difference"]["value"]) == 3.80


def test_a_checkpoint_by_its_number_and_by_a_wrong_one(folders, tables):
    at_40 = from_answers(*folders, Scoring(tables, checkpoint=40, n_resamples=0), sets=["mosi"])
    assert percent(primary(at_40.result["sets"]["cmu_mosi"])["value"]) == 81.30
    assert at_40.result["mean"] == {
        "value": at_40.result["sets"]["cmu_mosi"]["scores"]["waf"]["value"]
    }
    with pytest.raises(ValueError, match="`checkpoint` names 0 checkpoints"):
        from_answers(*folders, Scoring(tables, checkpoint=31))


def test_descriptions_are_read_by_the_lexicon(folders, tables, tmp_path):
    (tmp_path / "meld").mkdir()
    name = "checkpoint_000050_loss_0.527.npz"
    (tmp_path / "meld" / name).write_bytes((folders[0] / "meld" / name).read_bytes())
    found = from_answers(tmp_path, folders[1], Scoring(tables, n_resamples=0)).result
    # The paper's language model finds 53.81 in the same descriptions.
    assert abs(percent(primary(found["sets"]["meld"])["value"]) - 53.81) < 2
    assert found["extractor"] == "lexicon"


@pytest.mark.parametrize(
    ("lexicon", "floor"), [(None, 44.63), ("mer2025", 47.03), ("mer2026", 46.90)]
)
def test_what_a_constant_answer_scores_on_ov_merd(reference_data, lexicon, floor):
    from affecthub.metrics.set_f.scores import set_f
    from affecthub.metrics.wheels.constant import best_constant
    from affecthub.training.bench.paper import known_floor

    tables = load_lexicon(lexicon and reference_data / "emotion_wheel" / lexicon)
    clips = list(read_labels(reference_data / "ov_store" / "check-openset.csv").values())
    words = best_constant(clips, tables)
    assert percent(set_f([words] * len(clips), clips, lexicon=tables)["set_f"]) == floor
    assert known_floor(tables.name).scores[-1] == floor
