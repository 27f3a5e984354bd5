"""A chat model is trained, saved, loaded, asked and scored; a run goes on where it stopped."""

import json
import socket

import pytest
import torch
import yaml
from safetensors.torch import load_file
from training_programs import finish, start

from affecthub.training.asking.backends.transformers_models import load_chat_model
from affecthub.training.model_folder import checkpoint_folder
from affecthub.training.omni.experiment import run_omni
from affecthub.training.omni.recipe import load_omni_recipe
from affecthub.training.omni.run import train_omni
from affecthub.training.splits import Splits


@pytest.fixture
def splits(clips) -> Splits:
    some = {name: clips[name].select(range(4)) for name in ("validation", "test")}
    return Splits(clips["train"], some["validation"], some["test"], "test")


def weights(folder):
    return load_file(folder / "adapter_model.safetensors")


def losses(result, name="loss"):
    return [row[name] for row in result.record["losses"] if name in row]


@pytest.mark.parametrize("kind", ["qwen2_audio", "qwen3_omni_moe_thinker"])
def test_what_is_saved_is_what_was_trained(make_recipe, splits, tmp_path, kind, batch_of):
    from affecthub.training.asking.prompts.registry import load_prompt
    from affecthub.training.omni.examples import ChatExamples

    recipe = make_recipe(kind, trainer={"eval_strategy": "epoch"})
    told = {"data_dir": "-", "output_dir": tmp_path / "run", "progress": False, "splits": splits}
    result = train_omni(recipe, **told)
    assert len(losses(result)) == 2 and len(losses(result, "eval_loss")) == 1
    record = json.loads((result.output_dir / "training.json").read_text())
    assert (record["n_train"], record["n_seen"], record["broken"]) == (4, 4, {})
    assert 0 < record["n_trained"] < record["n_parameters"]
    assert record["prompt"].startswith("short@1:")
    names = {path.name for path in result.output_dir.iterdir()}
    assert {"adapter_model.safetensors", "config.json", "processor_config.json"} <= names
    assert not names & {"training_args.bin", "model.safetensors"}
    assert load_omni_recipe(result.output_dir / "recipe.yaml") == recipe
    card = (result.output_dir / "README.md").read_text()
    assert f"# Adapters of {kind}" in card and "`predicted_emotion` | `emotion`" in card
    # Loaded again, from its folder alone, it says the same; and it has learnt something.
    model, _ = load_chat_model(result.output_dir, device="cpu")
    prompt = load_prompt(recipe.prompt)
    batch = batch_of(ChatExamples(splits.train, result.encoder, recipe, prompt), 0, 1)
    del batch["labels"]
    with torch.no_grad():
        again, trained = model(**batch).logits, result.model(**batch).logits
        with result.model.disable_adapter():
            before = result.model(**batch).logits
    torch.testing.assert_close(again, trained, rtol=1e-5, atol=1e-5)
    assert (trained - before).abs().max() > 1e-3
    with pytest.raises(ValueError, match="an earlier run"):
        train_omni(recipe, **told)


def test_a_run_is_asked_scored_and_read_again(make_recipe, small_corpus, tmp_path):
    recipe = make_recipe(trainer={"max_steps": 1}, modalities=("text",))
    told = {"data_dir": small_corpus, "output_dir": tmp_path, "seeds": [0], "progress": False}
    table = run_omni(recipe, **told)
    ours, majority = table
    assert (ours["name"], ours["n"], ours["seeds"]) == ("fine-tuned", 14, 1)
    # Four tokens of a model that has learnt next to nothing are no answer.
    assert ours["n_unread"] == 14 and ours["accuracy"]["mean"] == 0
    assert majority["accuracy"]["mean"] > 0
    folder = tmp_path / "official" / "seed-0"
    lines = [json.loads(x) for x in (folder / "predictions.jsonl").read_text().splitlines()]
    assert len(lines) == 14 and {line["prompt"] for line in lines} == {"short@1"}
    scores = json.loads((folder / "scores.json").read_text())["scores"]
    assert scores["statuses"] == {"invalid": 14} and scores["n_unasked"] == 0
    before = (folder / "adapter_model.safetensors").stat().st_mtime_ns
    assert run_omni(recipe, **told, resume=True) == table
    assert (folder / "adapter_model.safetensors").stat().st_mtime_ns == before


@pytest.mark.slow
def test_clips_of_several_kinds_are_each_seen_once(make_recipe, splits, tmp_path):
    """Of seven clips three are silent: batches of two take four steps, one with a spare."""
    rows = splits.train.select(range(7))
    rows = rows.map(
        lambda row, place: {"audio": row["audio"] if place % 2 else None},
        with_indices=True,
        features=rows.features,
    )
    held = splits.validation.map(
        lambda row, place: {"audio": row["audio"] if place else None},
        with_indices=True,
        features=rows.features,
    )
    mixed = Splits(rows, held, None, None)
    found = []
    for size in (1, 2):
        recipe = make_recipe(
            "qwen2_5_omni_thinker",
            max_train_clips=None,
            sound="in_video",
            trainer={
                "eval_strategy": "epoch",
                "per_device_eval_batch_size": size,
                "learning_rate": 1e-9,
            },
        )
        folder = tmp_path / str(size)
        result = train_omni(recipe, data_dir="-", output_dir=folder, progress=False, splits=mixed)
        assert result.record["n_seen"] == 7 and len(losses(result)) == 4
        found += losses(result, "eval_loss")
    # The loss of the validation clips does not hang on how they are batched.
    assert found[0] == pytest.approx(found[1], rel=1e-4)


def test_a_clip_that_cannot_be_read_is_listed_and_its_place_stays_empty(
    make_recipe, splits, tmp_path
):
    rows = splits.train.map(
        lambda row, place: {"audio": {"bytes": b"no", "path": "x.wav"}} if place == 2 else {},
        with_indices=True,
        features=splits.train.features,
    ).select(range(4))
    told = Splits(rows, None, None, None)
    with pytest.warns(UserWarning, match="cannot be read and its place in the batch stays empty"):
        result = train_omni(
            make_recipe(), data_dir="-", output_dir=tmp_path / "run", progress=False, splits=told
        )
    assert list(result.record["broken"]) == [rows[2]["id"]] and result.record["n_seen"] == 3


@pytest.mark.slow
def test_resumed_run_ends_where_the_whole_run_ends(make_recipe, splits, tmp_path):
    trainer = {"num_train_epochs": 2, "lr_scheduler_type": "constant"}
    recipe = make_recipe("qwen2_5_omni_thinker", modalities=("text",), trainer=trainer)
    told = {"data_dir": "-", "progress": False, "splits": splits}
    whole = train_omni(recipe, output_dir=tmp_path / "whole", **told)
    half = make_recipe(
        "qwen2_5_omni_thinker", modalities=("text",), trainer=trainer | {"num_train_epochs": 1}
    )
    train_omni(half, output_dir=tmp_path / "parts", **told)
    assert list(checkpoint_folder(tmp_path / "parts").glob("checkpoint-2"))
    resumed = train_omni(recipe, output_dir=tmp_path / "parts", resume=True, **told)
    assert losses(resumed) == losses(whole)
    one, other = weights(tmp_path / "whole"), weights(tmp_path / "parts")
    assert one.keys() == other.keys() and all(one[name].equal(other[name]) for name in one)
    changed = make_recipe(
        "qwen2_5_omni_thinker", modalities=("text",), trainer=trainer | {"learning_rate": 1.0}
    )
    with pytest.raises(ValueError, match=r"another recipe: trainer.learning_rate was 0.001"):
        train_omni(changed, output_dir=tmp_path / "parts", resume=True, **told)


@pytest.mark.slow
def test_small_batches_that_add_up_equal_one_large_batch(make_recipe, splits, tmp_path):
    # Without clipping the gradient of a step is that of its clips, however they are batched; and
    # Qwen2-Audio's own loss would weigh them by batches.
    found = []
    for size, accumulated in ((1, 4), (4, 1)):
        trainer = {
            "per_device_train_batch_size": size,
            "gradient_accumulation_steps": accumulated,
            "num_train_epochs": 2,
            "max_grad_norm": 0.0,
            "adam_epsilon": 1e-4,
        }
        recipe = make_recipe(modalities=("text",), trainer=trainer)
        folder = tmp_path / str(size)
        train_omni(recipe, data_dir="-", output_dir=folder, progress=False, splits=splits)
        found.append(weights(folder))
    for name in found[0]:
        torch.testing.assert_close(found[0][name], found[1][name], rtol=1e-4, atol=1e-5)


@pytest.mark.slow
def test_two_processes_train_as_one(make_recipe, small_corpus, tmp_path):
    """Through the program, by gloo: the same clips in a step, the same weights in the end."""
    trainer = {"adam_epsilon": 1e-4, "max_grad_norm": 0.0}
    recipe = make_recipe(modalities=("text",), trainer=trainer)
    told = {"data_dir": small_corpus, "progress": False}
    one = train_omni(recipe, output_dir=tmp_path / "one", **told)
    half = make_recipe(
        modalities=("text",), trainer=trainer | {"per_device_train_batch_size": 1}
    ).to_dict()
    (tmp_path / "half.yaml").write_text(yaml.safe_dump(half))
    folder = tmp_path / "two"
    arguments = [str(tmp_path / "half.yaml"), "--data-dir", str(small_corpus)]
    arguments += ["--output-dir", str(folder)]
    environment = _environment()
    started = [
        (
            start(arguments, tmp_path / f"{rank}.log", **environment, RANK=rank, LOCAL_RANK=rank),
            rank,
        )
        for rank in ("0", "1")
    ]
    for process, rank in started:
        finish(process, tmp_path / f"{rank}.log")
    record = json.loads((folder / "training.json").read_text())
    assert record["launch"]["n_processes"] == 2 and record["n_seen"] == 4
    two = [row["loss"] for row in record["losses"]]
    assert losses(one) == pytest.approx(two, rel=1e-4) and len(two) == 2
    first, second = weights(tmp_path / "one"), weights(folder)
    for name in first:
        torch.testing.assert_close(first[name], second[name], rtol=1e-3, atol=1e-5)


def _environment():
    """What torchrun tells two processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    return {
        "WORLD_SIZE": "2",
        "LOCAL_WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": port,
        "ACCELERATE_USE_CPU": "true",
    }
