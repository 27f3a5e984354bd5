"""Recipes of captions: Table 11's figures, what they refuse, and the command that runs them."""

import json
from dataclasses import fields
from pathlib import Path

import pytest
import yaml

from affecthub.training.captioning.kinds import COLUMNS
from affecthub.training.captioning.recipe import CaptionRecipe, load_caption_recipe
from affecthub.training.captioning.table import RECIPES, SCORES, paper_table_5, table_5
from affecthub.training.recipe_kinds import installed, kind_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("name", installed("captioner"))
def test_every_recipe_reads_and_has_a_line(name):
    recipe = load_caption_recipe(name)
    assert kind_of(name) == "captioner"
    assert load_caption_recipe(name, seed=3).seed == 3
    lines = (ROOT / "training" / "recipes" / "README.md").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith(f"| `{name}` |"))
    assert f"affecthub train {name} --" in line
    plain = yaml.safe_load(yaml.safe_dump(recipe.to_dict()))
    assert (
        CaptionRecipe(
            **{k: v for k, v in plain.items() if not isinstance(v, dict)}
            | {
                "trainer": recipe.trainer,
                "scoring": {},
                "parts": recipe.parts,
                "scratch": recipe.scratch,
                "lora": recipe.lora,
            }
        ).to_dict()
        == recipe.to_dict()
    )


def test_table_11_is_what_the_recipes_say(reference_data):
    file = reference_data / "bench_reference" / "paper_tables.yaml"
    if not file.is_file():
        pytest.skip(f"no {file}: it is not part of the repository")
    printed = yaml.safe_load(file.read_text(encoding="utf-8"))
    for row in printed["table11"]:
        trainer = load_caption_recipe(RECIPES[row["decoder"]]).trainer
        assert trainer["per_device_train_batch_size"] == row["batch"]
        assert trainer["num_train_epochs"] == row["epochs"]
        assert trainer["learning_rate"] == float(row["lr"])
        assert trainer["weight_decay"] == float(row["weight_decay"])
        assert trainer["warmup_steps"] == row["warmup"]
    names = {"bleu4": "bleu_4"}
    cells = [
        {names.get(name, name): cell for name, cell in row.items()}
        for row in printed["table5"]["rows"]
    ]
    assert cells == paper_table_5()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"modalities": ["audio", "video"]}, "unknown modality: got 'video'"),
        ({"modalities": []}, "`modalities` is empty"),
        ({"model": "m"}, "comes from 2 places: got model and scratch"),
        ({"scratch": None}, "comes from 0 places: got none"),
        ({"prompts": ["?"], "modalities": ["text"]}, "stand where the transcript stands"),
        ({"lora": {"r": 4}}, "`lora` needs `parts`"),
        ({"num_beams": 0}, "`num_beams` is 0"),
        ({"dtype": "half"}, "`dtype`: got 'half'"),
        ({"trainer": {"learning_rat": 1e-3}}, "learning_rate"),
        ({"capton": "style"}, "capton"),
        ({"too_long": "split"}, "too_long"),
    ],
)
def test_fields_that_do_not_fit_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        load_caption_recipe("demo_captions", **changes)


def test_other_recipes_and_unknown_ones_are_refused():
    with pytest.raises(ValueError, match="none of captions"):
        load_caption_recipe("demo")
    with pytest.raises(ValueError, match="demo_captions"):
        load_caption_recipe("demo_caption")
    with pytest.raises(FileNotFoundError, match="recipe file not found"):
        load_caption_recipe("nowhere.yaml")


def test_table_5_reads_what_was_run_and_says_what_was_not(tmp_path):
    rows = table_5(tmp_path)
    assert len(rows) == 14 and all(row["not_run"] and not row["ours"] for row in rows)
    assert "affecthub train emotiontalk_captions_gpt2 --set caption=style" in next(
        row["not_run"] for row in rows if (row["target"], row["decoder"]) == ("style", "GPT-2")
    )
    folder = tmp_path / "style" / RECIPES["GPT-2"]
    folder.mkdir(parents=True)
    score = {"rouge_l": {"mean": 0.5, "sd": None}}
    told = {"protocol": "official", "n": 9, "seeds": 1, "unavailable": {"fense": "no"}}
    found = [{**told, "name": name, "scores": score} for name in ("captioner", "best constant")]
    (folder / "scores.json").write_text(json.dumps(found))
    (row,) = (r for r in table_5(tmp_path, targets=["style"]) if r["decoder"] == "GPT-2")
    assert row["ours"] == row["constant"] == score and row["not_run"] is None
    assert (row["n"], row["seeds"], row["unavailable"]) == (9, 1, {"fense": "no"})
    assert row["paper"]["rouge_l"] == 0.51 and set(row["paper"]) == set(SCORES)
    assert all(not each["ours"] for each in table_5(tmp_path, protocol="speaker_independent"))
    with pytest.raises(ValueError, match="target of Table 5"):
        table_5(tmp_path, targets=["emotions"])
    with pytest.raises(ValueError, match="decoder of Table 5"):
        table_5(tmp_path, decoders=["GPT2"])
    assert set(COLUMNS) == {row["target"] for row in rows}


def test_every_field_of_a_recipe_has_a_meaning():
    text = CaptionRecipe.__doc__ or ""
    hidden = {"evaluate", "global_batch_size"}
    assert all(
        f" {each.name}: " in text for each in fields(CaptionRecipe) if each.name not in hidden
    )
