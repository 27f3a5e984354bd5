"""``affecthub train`` with a recipe of a fusion."""

import json

import pytest
import yaml

from affecthub.training.fusion.recipe import load_fusion_recipe
from affecthub.training.fusion.running import run_fusion
from affecthub.training.fusion.spaces import SPACES
from affecthub.training.recipe_kinds import installed


@pytest.mark.parametrize("name", installed("fusion"))
def test_every_recipe_and_each_of_its_presets_can_be_read(name):
    plain = load_fusion_recipe(name)
    assert plain.algorithm in SPACES
    for preset in plain.presets:
        load_fusion_recipe(name, preset=preset)


def test_there_is_a_recipe_of_each_fusion():
    assert {f"fusion_{name}" for name in SPACES if name != "unimodal"} <= set(installed("fusion"))
    assert {"unimodal_mlp", "unimodal_attention", "unimodal_official"} <= set(installed("fusion"))


def test_a_preset_goes_over_the_file_and_under_what_is_said():
    paper = load_fusion_recipe("fusion_lmf", preset="paper", training={"epochs": 3})
    assert paper.settings().optimizer == "adamw" and paper.settings().learning_rate == 1e-5
    assert paper.settings().epochs == 3 and not paper.settings().shuffle
    quick = load_fusion_recipe("fusion_lmf", preset="search")
    assert quick.search.draws == 50 and quick.search.runs == 6


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"algorithm": "lfm"}, "or 'lmf'"),
        ({"preset": "oficial"}, "Did you mean 'official'"),
        ({"training": {"lr": 1}}, "setting of training"),
        ({"feed": "thrice"}, "expected one"),
        ({"hiden_dim": 3}, "hidden_dim"),
        ({"search": {"draws": 0}}, "draws"),
    ],
)
def test_mistakes_in_a_recipe_are_told(changes, message):
    with pytest.raises(ValueError, match=message):
        load_fusion_recipe("fusion_lmf", **changes)


@pytest.fixture
def quick_recipe(caches):
    return load_fusion_recipe(
        "fusion_demo",
        features=str(caches),
        hidden_dim=16,
        training={"epochs": 3, "batch_size": 8, "learning_rate": 3e-3},
    )


def test_runs_are_saved_read_again_and_pushable(quick_recipe, demo, tmp_path):
    from transformers import AutoModel

    told = []
    rows = run_fusion(
        quick_recipe, data_dir=demo, output_dir=tmp_path, seeds=[0, 1], tell=told.append
    )
    assert [row["name"] for row in rows][0] == "lmf" and rows[1]["name"].startswith("majority")
    assert rows[0]["seeds"] == 2 and rows[0]["n"] == 14 and rows[0]["waf"]["sd"] is not None
    folder = tmp_path / "official" / "seed-1"
    model = AutoModel.from_pretrained(folder)
    assert model.config.algorithm == "lmf" and model.config.id2label[0] == "anger"
    answers = [json.loads(line) for line in (folder / "predictions.jsonl").open()]
    assert len(answers) == 14 and set(answers[0]) == {"id", "prediction", *model.config.label2id}
    assert yaml.safe_load((folder / "recipe.yaml").read_text())["seed"] == 1
    card = (folder / "README.md").read_text()
    assert "LMF" in card and "made up text" in card
    before = (folder / "scores.json").stat().st_mtime_ns
    again = run_fusion(quick_recipe, data_dir=demo, output_dir=tmp_path, seeds=[0, 1], resume=True)
    assert again == rows and (folder / "scores.json").stat().st_mtime_ns == before


@pytest.mark.slow
def test_one_modality_alone_by_both_forms(quick_recipe, demo, tmp_path):
    from dataclasses import replace

    mlp = replace(quick_recipe, algorithm="unimodal", modalities=("text",), options={})
    thrice = replace(
        quick_recipe, algorithm="attention", modalities=("text",), feed="thrice", options={}
    )
    for place, recipe in enumerate((mlp, thrice)):
        rows = run_fusion(recipe, data_dir=demo, output_dir=tmp_path / str(place))
        assert rows[0]["n"] == 14
    config = json.loads((tmp_path / "0/official/seed-0/config.json").read_text())
    assert config["options"]["modality"] == "text"


def test_a_search_by_the_command(caches, demo, tmp_path, capsys):
    from typer.testing import CliRunner

    from affecthub.cli.main import app

    run = CliRunner().invoke(
        app,
        ["train", "fusion_demo", "--features", str(caches), "--data-dir", str(demo)]
        + ["--output-dir", str(tmp_path / "out"), "--set", "search={draws: 2, runs: 2}"]
        + ["--set", "training={epochs: 1, batch_size: 8}", "--json"],
    )
    assert run.exit_code == 0, run.output
    rows = json.loads(run.stdout)["scores"]
    assert rows[0]["seeds"] == 2 and "hidden_dim" in rows[0]["draw"]
    assert (tmp_path / "out/official/seed-1/config.json").is_file()


def test_without_features_it_is_told_how_to_make_them(demo, tmp_path):
    recipe = load_fusion_recipe("fusion_demo")
    with pytest.raises(ValueError, match="affecthub features demo --encoder"):
        run_fusion(recipe, data_dir=demo, output_dir=tmp_path)
