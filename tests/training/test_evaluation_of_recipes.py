"""A recipe's run: chosen by validation clips alone, stopped by NaN, not by an unreadable clip."""

import json
import warnings
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from affecthub.datasets_scripts import load_dataset
from affecthub.training.evaluation.readable import Collator, Readable
from affecthub.training.evaluation.watching import NonFiniteLossError
from affecthub.training.examples import Examples, UnusableClipError
from affecthub.training.recipe import EvaluateRecipe, load_recipe
from affecthub.training.sft import train
from affecthub.training.splits import choose_splits


@pytest.fixture(scope="module")
def quick(small_recipe):
    """Words alone, two epochs of four steps."""
    fields = {"num_train_epochs": 2, "per_device_train_batch_size": 4, "logging_steps": 1}
    return replace(
        small_recipe,
        modalities=("text",),
        trainer=small_recipe.trainer | fields,
        max_new_tokens=4,
        cache_media=False,
    )


@pytest.fixture(scope="module")
def asking(quick):
    return replace(quick, evaluate=EvaluateRecipe(n_clips=6))


@pytest.fixture(scope="module")
def generated(asking, small_corpus, tmp_path_factory):
    """A run by a recipe with `evaluate`, and every batch that its model generated from."""
    from affecthub.modeling.affectgpt import AffectGPTForConditionalGeneration as Model

    folder, batches, generate = tmp_path_factory.mktemp("asking") / "run", [], Model.generate

    def spy(self, **given):
        batches.append(given)
        return generate(self, **given)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Model, "generate", spy)
        result = train(asking, data_dir=small_corpus, output_dir=folder, progress=False)
    return result, batches


def test_a_recipe_chooses_by_answers_to_validation_clips(generated, small_corpus):
    result, batches = generated
    rows = [row for row in result.losses if "eval_set_f" in row]
    assert [row["step"] for row in rows] == [4, 8]
    record = json.loads((result.output_dir / "training.json").read_text())
    best = record["best"]
    assert best["metric"] == "eval_set_f"
    assert best["value"] == max(row["eval_set_f"] for row in rows)
    assert best["step"] in (4, 8) and record["unreadable"] == []
    splits = load_dataset("demo", data_dir=small_corpus, protocol="speaker_independent")
    path = result.output_dir.with_name("run-checkpoints") / "evaluation" / "step-8.jsonl"
    asked = [json.loads(line)["id"] for line in path.read_text().splitlines()]
    assert len(asked) == 6 and {*asked} <= {*splits["validation"]["id"]}
    assert not {*asked} & {*splits["test"]["id"], *splits["train"]["id"]}


def test_what_is_generated_from_holds_no_answer(generated, asking, small_corpus):
    result, batches = generated
    splits = load_dataset("demo", data_dir=small_corpus, protocol="speaker_independent")
    rows, processor = splits["validation"], result.processor
    whole = Examples(rows, processor, asking, with_answer=True)
    prompts = set()
    for i in range(len(whole)):
        example = whole[i]
        begins = int((example["labels"] != -100).nonzero()[0])
        prompts.add(tuple(example["input_ids"][:begins].tolist()))
    assert len(batches) == 2
    for batch in batches:
        assert "labels" not in batch
        for ids, mask in zip(batch["input_ids"], batch["attention_mask"], strict=True):
            assert tuple(ids[mask.bool()].tolist()) in prompts


def test_the_name_of_the_score_switches_it_on(quick):
    chosen = replace(quick, trainer=quick.trainer | {"metric_for_best_model": "set_f"})
    assert chosen.wants_answers() and not quick.wants_answers()
    with pytest.raises(ValueError, match=r"metric_for_best_model`.*'test_set_f'.*eval_set_f"):
        replace(quick, trainer=quick.trainer | {"metric_for_best_model": "test_set_f"})
    with pytest.raises(ValueError, match="`evaluate` needs evaluations"):
        replace(quick, evaluate=EvaluateRecipe(), trainer={"eval_strategy": "no"})
    with pytest.raises(ValueError, match=r"field of `evaluate`.*'n_clip'.*n_clips"):
        load_recipe("demo", evaluate={"n_clip": 3})
    with pytest.raises(ValueError, match=r"`evaluate.n_clips` is 0"):
        load_recipe("demo", evaluate={"n_clips": 0})


def test_clips_that_are_scored_at_the_end_never_choose(quick, small_corpus):
    corpus = load_dataset("demo", data_dir=small_corpus, protocol="speaker_independent")
    with pytest.warns(UserWarning, match="scores its validation clips: .* are held out"):
        splits = choose_splits(corpus, replace(quick, test_split="validation"), validate=True)
    assert splits.test["id"] == corpus["validation"]["id"]
    assert not {*splits.validation["id"]} & {*splits.test["id"], *splits.train["id"]}
    shared = corpus | {"test": corpus["validation"].select([0, 1])}
    with pytest.raises(ValueError, match="2 clips are validated on and tested"):
        choose_splits(shared, quick, validate=True)


def test_a_loss_that_is_no_number_stops_before_the_step(quick, small_corpus, tmp_path, monkeypatch):
    from affecthub.modeling.affectgpt import AffectGPTForConditionalGeneration as Model

    forward, calls = Model.forward, []

    def spoiled(self, *args, **given):
        found = forward(self, *args, **given)
        calls.append(self)
        if len(calls) == 6:  # the second half of the third step
            found.loss = found.loss * float("nan")
        return found

    monkeypatch.setattr(Model, "forward", spoiled)
    # The Trainer's own filter would hide it in the log.
    fields = {"per_device_train_batch_size": 2, "gradient_accumulation_steps": 2}
    fields |= {"eval_strategy": "no", "save_strategy": "steps", "save_steps": 1}
    recipe = replace(quick, trainer=quick.trainer | fields)
    seen = []
    collate = Collator.__call__

    def kept(self, fetched):
        seen.append([each.clip_id for each in fetched])
        return collate(self, fetched)

    monkeypatch.setattr(Collator, "__call__", kept)
    with pytest.raises(NonFiniteLossError, match="the loss is nan at step 3 on clips") as raised:
        train(recipe, data_dir=small_corpus, output_dir=tmp_path / "run", progress=False)
    assert f"on clips {', '.join(map(repr, seen[5]))}: expected a finite" in str(raised.value)
    assert all(torch.isfinite(each).all() for each in calls[0].parameters())
    checkpoints = (tmp_path / "run-checkpoints").glob("checkpoint-*")
    assert sorted(path.name for path in checkpoints) == ["checkpoint-2"]


@pytest.fixture
def broken(monkeypatch):
    """Two clips that are there and whole until they are fetched."""
    lost = set()
    encode = Examples._encode

    def fails(self, row, *how):
        if row["id"] in lost:
            raise UnusableClipError(row["id"], f"clip {row['id']!r}: the film is cut off.")
        return encode(self, row, *how)

    monkeypatch.setattr(Examples, "_encode", fails)
    return lost


def test_a_clip_that_cannot_be_read_leaves_its_place_empty(quick, small_corpus, tmp_path, broken):
    corpus = load_dataset("demo", data_dir=small_corpus, protocol="speaker_independent")
    broken |= {*corpus["train"].shuffle(seed=0)["id"][:2]}
    # One clip a batch: that of the broken ones has none to learn from.
    fields = {"per_device_train_batch_size": 1, "num_train_epochs": 2, "eval_strategy": "no"}
    recipe = replace(quick, max_train_clips=5, trainer=quick.trainer | fields)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        result = train(recipe, data_dir=small_corpus, output_dir=tmp_path / "run", progress=False)
    assert sum("its place in the batch stays empty" in str(each.message) for each in told) == 1
    record = json.loads((tmp_path / "run" / "training.json").read_text())
    assert [row["id"] for row in record["unreadable"]] == sorted(broken)
    assert all("the film is cut off" in row["reason"] for row in record["unreadable"])
    losses = [row["loss"] for row in result.losses]
    assert len(losses) == 10 and losses.count(0.0) == 4
    assert all(torch.isfinite(each).all() for each in result.model.parameters())
    from affecthub.training.experiment import Run
    from affecthub.training.run_facts import run_facts

    run = Run("text", recipe, Path(), corpus["test"], [], {}, {}, "", record=record)
    assert "2 of them could not be read" in run_facts([run])["Training clips"]


def test_the_others_of_a_batch_are_as_they_would_be_alone(trained, quick, small_corpus, broken):
    corpus = load_dataset("demo", data_dir=small_corpus, protocol="speaker_independent")
    rows = corpus["train"].select(range(4))
    examples = Examples(rows, trained.processor, quick, with_answer=True)
    alone = trained.processor.pad([examples[0], examples[3]])
    broken |= {rows["id"][1], rows["id"][2]}
    readable = Readable(examples, rows["id"])
    collate = Collator(trained.processor.pad, readable.stand_in)
    batch = collate([readable[i] for i in range(4)])
    assert batch.pop("clips") == list(rows["id"])
    assert {*batch.pop("broken_clips")} == broken
    assert batch.keys() == alone.keys()
    assert all(torch.equal(batch[name], alone[name]) for name in alone)
    empty = collate([readable[1], readable[2]])
    assert empty["input_ids"].shape[0] == 1 and bool((empty["labels"] == -100).all())
    broken |= {*rows["id"]}
    with pytest.raises(ValueError, match="not one of 4 clips can be read"):
        Readable(examples, rows["id"]).stand_in()
