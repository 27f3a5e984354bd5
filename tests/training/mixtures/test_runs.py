"""Runs of several corpora and questions, packed or not: the real program on a tiny model."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest
import torch
from corpus_trees import mer_caption

from affecthub.training.experiment import run_recipe
from affecthub.training.model_folder import checkpoint_folder
from affecthub.training.recipe import load_recipe
from affecthub.training.sft import train

TEMPLATE = "I hear {answer}."


@pytest.fixture(scope="module")
def folders(small_corpus, tmp_path_factory):
    return {
        "demo": small_corpus,
        "mer_caption": mer_caption.make(tmp_path_factory.mktemp("mer") / "mer_caption"),
    }


@pytest.fixture(scope="module")
def recipe(small_recipe):
    """Two corpora in shares, one balanced, one with two questions, modalities left out."""
    quick = {
        "num_train_epochs": 2,
        "per_device_train_batch_size": 6,
        "eval_strategy": "no",
        "save_strategy": "steps",
        "save_steps": 6,
        "save_total_limit": None,
        "logging_steps": 1,
    }
    return load_recipe(
        "demo",
        modalities=["text", "video"],
        cache_media=False,
        modality_dropout=0.3,
        weight=2,
        balance="emotion",
        more_corpora=[
            {
                "corpus": "mer_caption",
                "protocol": "official",
                "weight": 1,
                "modalities": ["text"],
                "questions": {
                    "labels": {"answer": ["open_vocabulary"], "template": TEMPLATE},
                    "In a sentence?": {"answer": ["description"]},
                },
            }
        ],
        trainer=quick,
        scratch={
            "vocab_size": 200,
            "config": {"text_config": {"hidden_size": 64, "intermediate_size": 128}},
        },
        max_new_tokens=2,
    )


@pytest.fixture(scope="module")
def mixed(recipe, folders, tmp_path_factory):
    folder = tmp_path_factory.mktemp("mixed") / "run"
    return train(recipe, data_dir=folders, output_dir=folder, progress=False)


def losses(result):
    return [entry["loss"] for entry in result.losses if "loss" in entry]


def test_every_corpus_is_counted(mixed):
    record = json.loads((mixed.output_dir / "training.json").read_text())
    told = [(part["corpus"], part["n_train"], part["n_there"]) for part in record["corpora"]]
    # One clip of the tree of MER-Caption+ has no words.
    assert told == [("demo", 14, 14), ("mer_caption", 9, 10)] and record["n_train"] == 23
    assert len(losses(mixed)) == 2 * 4
    # What is said in the template can be said: the vocabulary was learnt from it.
    assert mixed.processor.tokenizer.convert_tokens_to_ids("\u2581hear") != 1


def test_a_run_goes_on_in_the_middle_of_an_epoch_as_if_never_stopped(mixed, recipe, folders):
    before = {name: tensor.clone() for name, tensor in mixed.model.state_dict().items()}
    checkpoints = checkpoint_folder(mixed.output_dir)
    for path in checkpoints.glob("checkpoint-*"):
        if int(path.name.rpartition("-")[2]) > 6:
            path.rename(checkpoints / f"away-{path.name}")
    again = train(
        recipe, data_dir=folders, output_dir=mixed.output_dir, resume=True, progress=False
    )
    assert losses(again) == losses(mixed)
    for name, tensor in again.model.state_dict().items():
        assert torch.equal(tensor, before[name]), name


@pytest.mark.slow
def test_workers_change_nothing(mixed, recipe, folders, tmp_path):
    two = replace(recipe, trainer=recipe.trainer | {"dataloader_num_workers": 2})
    again = train(two, data_dir=folders, output_dir=tmp_path / "run", progress=False)
    assert losses(again) == losses(mixed)


def test_a_packed_run_is_the_same_run(mixed, recipe, folders, tmp_path):
    packed = replace(recipe, packing=True, trainer=recipe.trainer | {"save_strategy": "no"})
    again = train(packed, data_dir=folders, output_dir=tmp_path / "run", progress=False)
    assert losses(again) == pytest.approx(losses(mixed), abs=1e-6)


@pytest.mark.slow
def test_two_processes_draw_what_one_draws(mixed, folders, tmp_path):
    launcher = ["torch.distributed.run", "--standalone", "--nproc_per_node=2", "-m"]
    where = [part for name, path in folders.items() for part in ("--data-dir", f"{name}={path}")]
    half = "trainer={per_device_train_batch_size: 3, save_strategy: no}"
    done = subprocess.run(
        [
            *(sys.executable, "-m", *launcher, "affecthub.training.sft"),
            *(mixed.output_dir / "recipe.yaml", *where, "--output-dir", tmp_path / "run"),
            *("--set", half, "--set", "packing=true"),
        ],
        capture_output=True,
        text=True,
        # Without a GPU, accelerate takes processes for separate runs unless it is told.
        env=os.environ | {"ACCELERATE_USE_CPU": "true", "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    record = json.loads((tmp_path / "run" / "training.json").read_text())
    assert record["n_seen"] == 2 * 23
    assert [row["loss"] for row in record["losses"]] == pytest.approx(losses(mixed), abs=1e-5)


@pytest.mark.slow
def test_rows_of_so_many_tokens_are_trained_on_and_gone_on_with(recipe, folders, tmp_path):
    packed = replace(recipe, packing=True, max_packed_tokens=90)
    whole = train(packed, data_dir=folders, output_dir=tmp_path / "run", progress=False)
    steps = len(losses(whole))
    checkpoints = checkpoint_folder(tmp_path / "run")
    for path in checkpoints.glob("checkpoint-*"):
        if int(path.name.rpartition("-")[2]) > 6:
            path.rename(checkpoints / f"away-{path.name}")
    again = train(
        packed, data_dir=folders, output_dir=tmp_path / "run", resume=True, progress=False
    )
    assert losses(again) == losses(whole) and steps > 7


@pytest.mark.slow
def test_the_first_corpus_is_tested_on(recipe, folders, tmp_path):
    quick = replace(recipe, trainer=recipe.trainer | {"max_steps": 1, "save_strategy": "no"})
    run = run_recipe(quick, data_dir=folders, output_dir=tmp_path / "run", progress=False)
    assert len(run.answers) == 14 and set(run.test["corpus"]) == {"demo"}
    assert run.recipe == quick and "accuracy" in run.scores


def test_bad_input_is_told_before_anything_is_trained(recipe, folders, tmp_path):
    def refused(message, **fields):
        with pytest.raises(ValueError, match=message):
            train(replace(recipe, **fields), data_dir=folders, output_dir=tmp_path / "run")

    (more,) = recipe.more_corpora
    refused("'demo' has no column 'emtoion'.*Did you mean 'emotion'", balance="emtoion")
    refused("'demo' has no column 'opn_vocabulary'", answer=("opn_vocabulary",))
    refused(
        "protocol 'official' of mer_caption has nothing to train on: got splits train, expected "
        "`trian`.*Did you mean train_split='train'",
        more_corpora=(replace(more, train_split="trian"),),
    )
    refused(
        "unknown corpus.*Did you mean 'mer_caption'",
        more_corpora=(replace(more, corpus="mer_captoin"),),
    )
    refused(
        "no training clip of 'mer_caption' can be used: got 10 clips, expected some with text and "
        "sentiment",
        more_corpora=(replace(more, questions={}, answer=("sentiment",)),),
    )
    assert not (tmp_path / "run").exists()
