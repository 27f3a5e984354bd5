"""The report: one file, everything in it, nothing fetched."""

import re
from dataclasses import replace

import pytest

from affecthub.training.experiment import Run, run_recipe, score_table
from affecthub.training.report import pick_clips, write_report


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
