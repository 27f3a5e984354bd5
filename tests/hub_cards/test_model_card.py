"""A model's card says what its folder knows, names no path, and replaces nobody's own."""

import json
import re

import pytest
import yaml
from model_folders import RECIPE, RECORD, SCORES, benched, records

from affecthub.hub_cards.cards import check_metadata, empty_sections, split_card
from affecthub.hub_cards.models import model_card, result_entries, write_model_card
from affecthub.hub_cards.models.known import read_known
from affecthub.hub_cards.models.results import results_text
from affecthub.intended_use import INTENDED_USE, LEGAL_LIMITS
from affecthub.unibench import BENCHMARK_REPO, SETS

BASES = {
    "vision": "openai/clip-vit-large-patch14",
    "audio": "TencentGameMate/chinese-hubert-large",
    "text": "Qwen/Qwen2.5-7B-Instruct",
}
# What every kind of folder knows.
FOLDERS = {
    "run": {"config": {}, "recipe": RECIPE, "record": RECORD, "scores": SCORES},
    "bare": {"config": {"model_type": "affectgpt"}},
    "adapter": {
        "adapter": {"base_model_name_or_path": "Qwen/Qwen2.5-7B-Instruct"},
        "recipe": RECIPE | {"scratch": None, "lora": {"r": 16, "alpha": 32, "dropout": 0.05}},
    },
    "towers": {
        "adapter": {"base_model_name_or_path": "Qwen/Qwen2.5-7B-Instruct"},
        "bases": BASES,
        "recipe": RECIPE | {"corpus": "mer_caption", "scratch": None, "towers": BASES},
        "record": RECORD,
    },
    "converted": {"config": {}, "conversion": {"bases": BASES, "form": "merged", "notes": []}},
    "grpo": {
        "config": {},
        "recipe": RECIPE | {"scratch": None, "model": "org/model"},
        "grpo": {"kind": "grpo", "corpus": "demo", "model": "org/model", "rewards": {"set_f": 1}},
        "record": RECORD,
        "scores": {"before": {"set_f": 0.1, "n": 9}, "after": {"set_f": 0.2, "n": 9}},
    },
    "benched": {"config": {}, "recipe": RECIPE, "bench": benched()},
}


def card_of(tmp_path, kind, **changes):
    folder = records(tmp_path / kind, **FOLDERS[kind] | changes)
    text = model_card(read_known(folder))
    return text, *split_card(text)


@pytest.mark.parametrize("kind", FOLDERS)
def test_every_section_says_something_and_the_hub_takes_the_head(tmp_path, kind):
    text, head, body = card_of(tmp_path, kind)
    assert empty_sections(text) == []
    mistakes = check_metadata(head, "model")
    assert mistakes == [] or mistakes == ["`license`: got nothing, expected a value"]
    assert bool(mistakes) == ("licence of these weights is not stated" in body)
    assert INTENDED_USE in body and LEGAL_LIMITS in body and "@inproceedings" in body
    assert "None" not in body.replace("None are known", "") and "{}" not in body


def test_what_the_run_was(tmp_path):
    _, head, body = card_of(tmp_path, "run")
    for told in (
        "# AffectGPT fine-tuned on demo",
        "a tenth is held out",
        "| `demo` | train | speaker_independent | 14 of 20 | Apache-2.0; you may pass copies on |",
        "54 of 9,000 parameters",
        "2.00 hours",
        "2 x Chip (ddp)",
        "1.5e+12 FLOPs",
        "1.00 GiB",
        # Wilson's interval of 50 of 100, by hand: 0.5 -+ 0.096.
        "| demo | accuracy | 50.00 | 40.38 to 59.62 | 100 | speaker_independent | none "
        "| majority 20.00 |",
        "| demo | set-F | 25.00 | 20.00 to 30.00 | 100 | speaker_independent | affecthub 1.0.0 "
        "| majority 10.00 |",
    ):
        assert told in body, told
    assert head["license"] == "apache-2.0" and head["language"] == ["en"]
    assert "base_model" not in head and head["metrics"] == ["accuracy", "set_f"]
    (model,) = head["model-index"]
    assert [each["metrics"][0]["value"] for each in model["results"]] == [50.0, 25.0]
    assert (
        "lexicon affecthub 1.0.0; 95 % interval 20.00 to 30.00; 100 clips"
        in (model["results"][1]["metrics"][0]["name"])
    )


def test_what_training_data_share_with_test_sets(tmp_path):
    _, head, body = card_of(tmp_path, "towers")
    assert head["base_model"] == [BASES["text"], BASES["vision"], BASES["audio"]]
    assert head["base_model_relation"] == "adapter" and head["library_name"] == "peft"
    assert head["datasets"] == ["MERChallenge/MER2025"] and "license" not in head
    assert re.search(r"\| mer_caption \| mer2024 \(MER-UniBench\) \| .*1,162", body)
    assert re.search(r"\| mer_caption \| mer2023 \(MER-UniBench\) \| ", body)
    own = RECIPE | {"corpus": "ov_merd", "train_split": "test"}
    _, _, body = card_of(tmp_path, "run", recipe=own)
    assert "| ov_merd | ov_merd (MER-UniBench) | it is one of the nine sets itself" in body
    assert "which the benchmark tests on" in body and "332" in body


def test_reinforced_and_converted_models_say_so(tmp_path):
    _, head, body = card_of(tmp_path, "grpo")
    assert "reinforced on demo" in body and "| rewards | set_f 1 |" in body
    assert "| demo | set-F | 20.00 |" in body and head["base_model"] == "org/model"
    _, head, body = card_of(tmp_path, "converted")
    assert "converted from a released checkpoint" in body and "576 of the 1,169" in body
    assert head["base_model"][0] == BASES["text"]


def test_adapters_are_loaded_onto_their_base(tmp_path):
    _, _, body = card_of(tmp_path, "adapter")
    assert 'base = AutoModelForMultimodalLM.from_pretrained("Qwen/Qwen2.5-7B-Instruct"' in body
    assert 'PeftModel.from_pretrained(base, "adapter")' in body


def test_no_path_of_this_machine_is_told(tmp_path):
    base = tmp_path / "home" / "me" / "base"
    base.mkdir(parents=True)
    told = {
        "adapter": {"base_model_name_or_path": str(base)},
        "recipe": RECIPE | {"model": str(base), "scratch": None, "protocol": f"{base}/split.json"},
        "record": RECORD | {"trainer": {"learning_rate": 0.1, "lr_scheduler_type": "/a/b/mine"}},
        "scores": SCORES,
    }
    text = model_card(read_known(records(tmp_path / "x", **told)))
    assert str(tmp_path) not in text and "home" not in text and "/a/b" not in text
    assert "Made from `base`" in text and "split.json" in text


def test_checkpoint_knows_its_step_and_its_runs_recipe(tmp_path):
    records(tmp_path / "checkpoint-40", config={})
    (tmp_path / "started.json").write_text(json.dumps({"recipe": RECIPE}))
    card = write_model_card(tmp_path / "checkpoint-40").read_text()
    assert "A checkpoint of step 40, saved while training went on." in card
    assert "fine-tuned on demo" in card and "None are known: this was saved" in card


def test_card_of_somebody_is_left_alone(tmp_path):
    folder = records(tmp_path / "run", config={}, recipe=RECIPE, record=RECORD)
    path = folder / "README.md"
    assert write_model_card(folder) == path
    records(folder, record=RECORD | {"n_train": 15})
    assert write_model_card(folder) and "15 of 20" in path.read_text()
    path.write_text("# Model Card for Model ID\n")  # the empty form that PEFT leaves
    assert write_model_card(folder) == path and "15 of 20" in path.read_text()
    path.write_text("# Mine\n")
    assert write_model_card(folder) is None and path.read_text() == "# Mine\n"


def test_broken_records_are_named(tmp_path):
    folder = records(tmp_path / "run", config={})
    (folder / "training.json").write_text("{")
    with pytest.raises(ValueError, match=r"training\.json is broken: got .*, expected json"):
        write_model_card(folder)


# Scores where the Hub reads them.


def parsed(known):
    from huggingface_hub import parse_eval_result_entries

    return parse_eval_result_entries(yaml.safe_load(results_text(known)))


def test_results_of_the_benchmark_come_back_as_they_are(tmp_path):
    known = read_known(records(tmp_path / "m", **FOLDERS["benched"]))
    entries = parsed(known)
    assert entries == result_entries(known)
    assert [each.task_id for each in entries] == [*(each.name for each in SETS), "mean"]
    assert {each.dataset_id for each in entries} == {BENCHMARK_REPO}
    assert {each.value for each in entries} == {60.0}
    assert entries[0].notes == (
        "hit rate in per cent; protocol fixed; lexicon mer2026 1; "
        "95 % interval 55.00 to 65.43; 411 clips"
    )
    text, head, body = card_of(tmp_path, "benched")
    assert "majority 30.00, best constant 30.00" in body and "| mean | mean | 60.00 |" in body
    assert "Not comparable with published rows: labels taken out by a lexicon." in body
    (model,) = head["model-index"]
    assert len(model["results"]) == 10
    assert model["results"][0]["dataset"]["type"] == BENCHMARK_REPO


def test_a_set_without_all_its_clips_is_no_result(tmp_path):
    known = read_known(records(tmp_path / "m", config={}, bench=benched(meld=5)))
    assert [each.task_id for each in parsed(known)] == [s.name for s in SETS if s.name != "meld"]
    part = benched() | {"partial": True}
    del part["sets"]["meld"]
    known = read_known(records(tmp_path / "n", config={}, bench=part))
    assert "mean" not in [each.task_id for each in parsed(known)]


def test_a_run_on_a_sets_own_clips_counts(tmp_path):
    scores = {"scores": {"accuracy": 0.4, "hit_rate": 0.51239, "n": 2610}, "majority": {}}
    told = {"config": {}, "recipe": RECIPE | {"corpus": "meld"}, "scores": scores}
    (entry,) = parsed(read_known(records(tmp_path / "m", **told)))
    assert (entry.task_id, entry.value) == ("meld", 51.24) and "no interval" in entry.notes
    scores["scores"]["n"] = 2609
    assert results_text(read_known(records(tmp_path / "m", **told | {"scores": scores}))) is None


def test_scores_of_something_else_are_refused(tmp_path):
    folder = records(tmp_path / "m", config={})
    with pytest.raises(FileNotFoundError, match="scores not found: .*nowhere"):
        read_known(folder, tmp_path / "nowhere")
    (tmp_path / "s.json").write_text("{}")
    with pytest.raises(ValueError, match="got no `sets` and `lexicon`"):
        read_known(folder, tmp_path / "s.json")
