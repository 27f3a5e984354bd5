"""The report: one file, everything in it, nothing fetched."""

import re
from dataclasses import replace

import pytest

from affecthub.training.experiment import Run, run_recipe, score_table
from affecthub.training.recipe import LoraRecipe, load_recipe
from affecthub.training.report import pick_clips, write_report
from affecthub.training.report_figures import confusion_counts, score_figure
from affecthub.training.run_facts import run_facts


@pytest.fixture(scope="module")
def run(small_corpus, small_recipe, tmp_path_factory) -> Run:
    return run_recipe(
        small_recipe,
        data_dir=small_corpus,
        output_dir=tmp_path_factory.mktemp("run"),
        progress=False,
    )


def test_report_is_self_contained_and_escapes_answers(run, tmp_path):
    run.answers[pick_clips(run)[0]] = "<script>alert(1)</script>"
    page = write_report(tmp_path / "report.html", [run], title="T & T", lead="Lead.").read_text()
    assert not re.search(r"(src|href)=\"(?!data:)", page)
    assert "http" not in re.sub(r"data:[^\"]+", "", page)
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert "T &amp; T" in page and "majority" in page
    assert page.count("<video") == 6
    assert page.count("data:image/svg+xml") == 2


def test_report_tells_which_seeds_it_shows_and_what_was_changed(run, small_recipe, tmp_path):
    base = load_recipe("demo")
    other = replace(run, recipe=replace(run.recipe, seed=3))
    page = write_report(
        tmp_path / "report.html", [run, other], title="T", lead="L", base=base
    ).read_text()
    assert "in detail: seeds 0 and 3 together" in page
    assert "6 clips and what the model of seed 0 said" in page
    assert "trainer.num_train_epochs=1 (was 16)" in page
    assert "14 of 14" in page and "from random weights" in page
    # Both runs' answers make the picture: twice 14 clips.
    assert confusion_counts(run).sum() == 14
    alone = write_report(tmp_path / "one.html", [run], title="T", lead="L").read_text()
    assert "in detail: seed 0<" in alone and "Changed in the recipe" not in alone


def test_report_tells_by_what_weights_were_chosen_and_shows_the_way_there(run, tmp_path):
    def with_scores(seed, step, values):
        rows = [
            {"epoch": n + 1.0, "step": 4 * n + 4, "eval_set_f": value, "eval_hit_rate": value}
            for n, value in enumerate(values)
        ]
        best = {"step": step, "metric": "eval_set_f", "value": max(values)}
        return replace(
            run,
            recipe=replace(run.recipe, seed=seed),
            losses=[*run.losses, *rows],
            record=run.record | {"best": best},
        )

    runs = [with_scores(0, 8, [0.25, 0.5, 0.4]), with_scores(2, 4, [0.3, 0.2, 0.1])]
    page = write_report(tmp_path / "report.html", runs, title="T", lead="L").read_text()
    told = "highest set-F on validation clips: step 8 (0.5000) of seed 0, step 4 (0.3000) of seed 2"
    assert told in page and "Set-F and hit rate of validation clips over epochs" in page
    assert "the dark ones are of seed 0" in page
    assert page.count("data:image/svg+xml") == 3
    # Without answers while training: no curve of them, and what did choose is named.
    assert score_figure([run]) is None
    best = run.record["best"]
    facts = run_facts([run])
    assert facts["Weights kept"] == (
        f"lowest loss on validation clips: step {best['step']} ({best['value']:.4f})"
    )
    last = replace(run, record=run.record | {"best": None})
    assert run_facts([last])["Weights kept"] == "the last"


def test_facts_name_adapters_and_frozen_towers(run):
    tuned = replace(run.recipe, scratch=None, model="folder", freeze_towers=True, lora=LoraRecipe())
    record = {"n_train": 40, "n_there": 15413, "n_left_out": 2, "n_parameters": 90, "n_trained": 9}
    facts = run_facts([replace(run, recipe=tuned, record=record)], tuned)
    assert facts["Training clips"] == "40 of 15,413, 2 of them without an answer or a modality"
    assert facts["Model"] == (
        "folder; 90 parameters, 9 of them trained; towers frozen; LoRA of rank 16, alpha 32"
    )
    assert facts["Changed in the recipe"] == "nothing"


def test_report_fits_narrow_and_dark_screens(run, tmp_path, read_page):
    page = write_report(tmp_path / "report.html", [run], title="T", lead="L").read_text()
    assert "prefers-color-scheme: dark" in page and "overflow-x: auto" in page
    body = page[page.index("<main>") : page.index("</main>") + len("</main>")]
    assert len(read_page(re.sub(r"<(meta|img)[^>]*>", "", body))["table"]) == 1


def test_table_has_a_row_per_name_and_the_majority(run):
    # 0.5 and 0.8: mean 0.65, each 0.15 off, so the sample variance is 2 * 0.15^2 / 1 = 0.045.
    seeds = [replace(run, scores=run.scores | {"accuracy": value}) for value in (0.5, 0.8)]
    rows = score_table(seeds)
    assert [row["seeds"] for row in rows] == [2, 1]
    assert rows[0]["accuracy"] == pytest.approx({"mean": 0.65, "sd": 0.045**0.5})
    assert rows[0]["macro_f1"] == {"mean": run.scores["macro_f1"], "sd": 0.0}
    assert rows[1]["name"] == f"majority ({run.majority_label})"
    assert rows[1]["accuracy"] == {"mean": run.majority["accuracy"], "sd": None}


def test_clips_shown_cover_labels_and_are_stable(run):
    chosen = pick_clips(run)
    assert chosen == pick_clips(run)
    assert len(set(chosen)) == 6
