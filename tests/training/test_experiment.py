"""Runs over seeds and protocols: what stands in a folder, and what is never mistaken for it."""

import json
from dataclasses import replace

import pytest
from corpus_trees import mer_caption

from affecthub.training.experiment import run_grid, run_recipe, save_scores
from affecthub.training.recipe import load_recipe


@pytest.fixture(scope="module")
def recipe(small_recipe):
    quick = {"num_train_epochs": 1, "per_device_train_batch_size": 14, "eval_strategy": "no"}
    return replace(
        small_recipe,
        modalities=("text",),
        trainer=small_recipe.trainer | quick,
        max_new_tokens=2,
        cache_media=False,
    )


@pytest.fixture(scope="module")
def grid(recipe, small_corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("grid")
    where = {"data_dir": small_corpus, "output_dir": folder, "progress": False}
    run_grid(recipe, seeds=[1], protocols=["speaker_independent"], **where)
    return where


def test_seeds_that_are_there_join_the_table(recipe, grid):
    folder = grid["output_dir"] / "speaker_independent" / "seed-1"
    before = (folder / "predictions.jsonl").stat().st_mtime_ns
    runs = run_grid(recipe, seeds=[0], protocols=["speaker_independent"], resume=True, **grid)
    assert [run.recipe.seed for run in runs] == [0, 1]
    assert save_scores(runs, grid["output_dir"])[0]["seeds"] == 2
    # A run at its end is read and not run again.
    again = run_grid(recipe, seeds=[1], protocols=["speaker_independent"], resume=True, **grid)
    assert [run.scores for run in again] == [run.scores for run in runs]
    assert [run.answers for run in again] == [run.answers for run in runs]
    assert (folder / "predictions.jsonl").stat().st_mtime_ns == before


def test_runs_of_another_recipe_stay_out(recipe, grid):
    other = replace(recipe, max_train_clips=7)
    with pytest.warns(UserWarning, match="seed-1 is of another recipe and not in the table"):
        runs = run_grid(other, seeds=[5], protocols=["speaker_independent"], **grid)
    assert [run.recipe.seed for run in runs] == [5]


@pytest.mark.slow
def test_a_longer_run_answers_anew(recipe, small_corpus, tmp_path):
    where = {"data_dir": small_corpus, "output_dir": tmp_path / "run", "progress": False}
    short = run_recipe(recipe, **where)
    # An answer that the first model never gave: were it scored, it would show.
    file = tmp_path / "run" / "predictions.jsonl"
    lines = [json.loads(line) | {"prediction": "joy"} for line in file.read_text().splitlines()]
    file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    longer = replace(recipe, trainer=recipe.trainer | {"num_train_epochs": 2})
    run = run_recipe(longer, resume=True, **where)
    assert len(run.answers) == len(short.answers) == 14
    assert set(run.answers) != {"joy"}
    assert run.losses[-1]["epoch"] == 2


@pytest.mark.slow
def test_a_corpus_of_training_clips_alone_trains_to_the_report(tmp_path):
    from affecthub.training.report import write_report

    recipe = load_recipe(
        "demo",
        corpus="mer_caption",
        protocol="official",
        modalities=["text"],
        answer=["open_vocabulary"],
        trainer={"max_steps": 2},
    )
    root = mer_caption.make(tmp_path / "mer_caption")
    with pytest.warns(UserWarning, match="of its [0-9]+ training clips are held out"):
        run = run_recipe(recipe, data_dir=root, output_dir=tmp_path / "run", progress=False)
    assert run.scores == {"n": 0} and run.answers == []
    assert [("eval_loss" in entry) for entry in run.losses].count(True) >= 1
    page = write_report(tmp_path / "report.html", [run], title="T", lead="L").read_text()
    assert "has no test clips: nothing is answered or scored" in page
    assert "<table" not in page and f"{run.record['n_train']} of 9" in page


def test_a_wrong_label_column_is_told_before_training(small_corpus, recipe, tmp_path):
    with pytest.raises(ValueError, match="`label` names 'sentiment'"):
        run_recipe(
            replace(recipe, label="sentiment"), data_dir=small_corpus, output_dir=tmp_path / "run"
        )
    assert not (tmp_path / "run").exists()
