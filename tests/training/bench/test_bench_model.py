"""A trained model through the benchmark: journals, going on, checkpoints, another kind of model."""

import json
import shutil

import pytest

from affecthub.training.bench.ablation import run_ablation
from affecthub.training.bench.ablation_report import AblationReport
from affecthub.training.bench.benchmark import Scoring, from_models, save
from affecthub.training.bench.predicting import prompted
from affecthub.training.recipe import LoraRecipe, load_recipe

NO_INTERVALS = Scoring(n_resamples=0)
SETS = ["meld", "cmu_mosi"]


def journal_lines(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_model_answers_the_sets_and_goes_on(trained, nine, tmp_path):
    def answer():
        return from_models(
            [trained.output_dir],
            nine,
            NO_INTERVALS,
            output_dir=tmp_path,
            sets=SETS,
            limit=2,
            progress=False,
        )

    first = answer()
    journal = tmp_path / "answers" / "meld.jsonl"
    lines = journal_lines(journal)
    assert [line["id"] for line in lines] == [f"meld/{clip}" for clip in first.run["meld"][""].ids]
    # A marked answer shows that it is kept, one that was cut off that it is asked again.
    kept = json.dumps(lines[0] | {"prediction": "angry"})
    journal.write_text(f'{kept}\n{{"id": "meld/te')
    again = answer()
    assert again.run["meld"][""].answers == ["angry", first.run["meld"][""].answers[1]]
    assert list(again.result["sets"]) == SETS and again.result["partial"]
    save(again, tmp_path)
    assert [line["answer"] for line in journal_lines(tmp_path / "scored.jsonl")][0] == "angry"


def test_the_official_prompt_has_the_subtitle(references):
    rows = references["ov_merd"].rows
    shown = prompted(rows, ("audio", "text"))
    assert shown["text"][:] == rows["subtitle"][:] != rows["text"][:]
    assert prompted(rows, ("audio",)) is rows


@pytest.mark.slow
def test_several_checkpoints_are_the_papers_way(trained, nine, tmp_path):
    models = [tmp_path / name for name in ("epoch-1", "epoch-2")]
    for model in models:
        shutil.copytree(trained.output_dir, model)
    with pytest.raises(ValueError, match="the protocol is fixed: got 2 models, expected the one"):
        from_models(models, nine, NO_INTERVALS, output_dir=tmp_path)
    best = Scoring(n_resamples=0, protocol="official-best-epoch")
    found = from_models(
        models, nine, best, output_dir=tmp_path / "out", sets=["meld"], limit=2, progress=False
    )
    assert found.result["epochs"]["meld"]["above_last"] == 0
    journals = sorted((tmp_path / "out" / "answers" / "meld").iterdir())
    assert [path.name for path in journals] == ["epoch-1.jsonl", "epoch-2.jsonl"]


def test_a_model_of_another_kind_is_refused(nine, tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    with pytest.raises(ValueError, match="is a 'bert' model: expected 'affectgpt'"):
        from_models([tmp_path], nine, NO_INTERVALS, output_dir=tmp_path / "out", sets=["meld"])
    with pytest.raises(FileNotFoundError, match="model folder not found"):
        from_models([tmp_path / "gone" / "x"], nine, NO_INTERVALS, output_dir=tmp_path / "out")


def test_label_files_have_nothing_to_show_a_model(trained, tmp_path):
    (tmp_path / "meld.csv").write_text("id,label\na,joy\n")
    with pytest.raises(ValueError, match="meld: got label files, expected the corpora's folders"):
        from_models([trained.output_dir], tmp_path, NO_INTERVALS, output_dir=tmp_path / "out")


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["modalities", "frames"])
def test_inputs_and_frames_on_one_model(trained, small_recipe, small_corpus, tmp_path, kind):
    values = {"modalities": ["text", "audio+video+text"], "frames": ["2", "8"]}[kind]

    def run():
        return run_ablation(
            kind,
            small_recipe,
            data_dir=small_corpus,
            output_dir=tmp_path,
            values=values,
            model=trained.output_dir,
            limit=4,
            progress=False,
        )

    found = run()
    assert [row["value"] for row in found["rows"]] == values
    assert all(row["n"] == 4 and 0 <= row["scores"]["accuracy"] <= 1 for row in found["rows"])
    journal = tmp_path / kind / values[0] / "ablation.jsonl"
    lines = journal_lines(journal)
    assert len(lines) == 4
    journal.write_text(
        "".join(json.dumps(line | {"prediction": "marked"}) + "\n" for line in lines)
    )
    run()
    assert {line["prediction"] for line in journal_lines(journal)} == {"marked"}
    written = AblationReport(found).write(tmp_path)
    assert "Table 6" in written["md"].read_text() or kind == "frames"
    if kind == "modalities":
        assert found["rows"][0]["paper"] == 67.44 and "| audio+face+text |" in (
            written["md"].read_text()
        )


@pytest.mark.slow
def test_fusion_trains_a_model_for_each_value(small_recipe, small_corpus, nine, tmp_path):
    small_recipe = load_recipe_of(small_recipe, max_train_clips=8)

    def run():
        return run_ablation(
            "fusion",
            small_recipe,
            data_dir=small_corpus,
            output_dir=tmp_path,
            values=["none", "attention"],
            data_root=nine,
            sets=["meld"],
            limit=2,
            progress=False,
        )

    found = run()
    assert found["on"] == "1 of the nine sets of MER-UniBench"
    assert [row["paper"] for row in found["rows"]] == [72.95, 74.77]
    assert all(set(row["scores"]) == {"mean", "meld"} for row in found["rows"])
    fusions = {
        value: json.loads((tmp_path / "fusion" / value / "config.json").read_text())
        for value in ("none", "attention")
    }
    assert [config["fusion"] for config in fusions.values()] == ["none", "attention"]
    assert not any("{fused}" in part for part in fusions["none"]["prompt"])
    weights = tmp_path / "fusion" / "none" / "model.safetensors"
    before = weights.stat().st_mtime_ns
    assert run() == found and weights.stat().st_mtime_ns == before


def load_recipe_of(recipe, **changes):
    from dataclasses import replace

    return replace(recipe, **changes)


@pytest.mark.slow
def test_rank_changes_the_adapters_of_a_saved_model(trained, small_recipe, small_corpus, tmp_path):
    recipe = load_recipe_of(
        small_recipe,
        scratch=None,
        model=str(trained.output_dir),
        lora=LoraRecipe(r=4, alpha=8),
        freeze_towers=True,
        max_train_clips=8,
    )
    found = run_ablation(
        "lora-rank",
        recipe,
        data_dir=small_corpus,
        output_dir=tmp_path,
        values=["2"],
        limit=3,
        progress=False,
    )
    saved = json.loads((tmp_path / "lora-rank" / "2" / "adapter_config.json").read_text())
    assert (saved["r"], saved["lora_alpha"]) == (2, 4)
    assert found["rows"][0]["n"] == 3 and found["rows"][0]["paper"] is None
    assert found["paper"]["16"] == 74.77


@pytest.mark.parametrize(
    ("kind", "values", "message"),
    [
        ("modality", None, "unknown ablation.*Did you mean 'modalities'"),
        ("modalities", ["adio"], "unknown modality.*Did you mean 'audio'"),
        ("modalities", ["face"], "the recipe has no face: got modalities audio, video, text"),
        ("frames", ["0"], "a value of frames is wrong: got '0'"),
        ("fusion", ["qformr"], "unknown fusion.*Did you mean 'qformer'"),
        ("lora-rank", ["8"], "the recipe has no adapters: got lora null"),
    ],
)
def test_what_cannot_be_changed_is_told_first(small_corpus, tmp_path, kind, values, message):
    with pytest.raises(ValueError, match=message):
        run_ablation(
            kind,
            load_recipe("demo"),
            data_dir=small_corpus,
            output_dir=tmp_path / "out",
            values=values,
        )
    assert not (tmp_path / "out").exists()
