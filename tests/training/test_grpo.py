"""GRPO of a small AffectGPT from mp4 files: what is sampled, scored, learnt and saved."""

import json
import shutil
import warnings
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
import yaml
from datasets import DatasetDict
from shell import affecthub, refused

from affecthub import errors
from affecthub.datasets_scripts import load_dataset
from affecthub.training.features import fill_corpus
from affecthub.training.grpo import run_grpo
from affecthub.training.model import load_model
from affecthub.training.predict import predict_corpus
from affecthub.training.recipe import LoraRecipe
from affecthub.training.rewards import REWARDS
from affecthub.training.rewards.completions import said
from affecthub.training.rl.recipe import GRPORecipe, load_grpo_recipe
from affecthub.training.rl.trainer import ClipGRPOTrainer

pytestmark = pytest.mark.slow

STEPS = 6


@pytest.fixture(scope="module")
def corpus(small_corpus):
    return load_dataset("demo", data_dir=small_corpus, protocol="speaker_independent")


def long(completions, **_: Any) -> list[float]:
    """A model of one epoch names no emotion yet, but some of what it says is longer."""
    return [len(said(completion).answer) / 40 for completion in completions]


@pytest.fixture(scope="module", autouse=True)
def easy_reward() -> Iterator[None]:
    REWARDS["long"] = long
    yield
    del REWARDS["long"]


@pytest.fixture(scope="module")
def recipe(trained) -> GRPORecipe:
    return load_grpo_recipe(
        "demo_grpo",
        model=str(trained.output_dir),
        rewards={"wheel_f": 1.0, "long": 0.5},
        max_train_clips=6,
        trainer={
            "max_steps": STEPS,
            "per_device_train_batch_size": 8,
            "num_generations": 4,
            "max_completion_length": 6,
            "learning_rate": 3e-3,
            "lr_scheduler_type": "constant",
            "save_steps": STEPS - 1,
            "save_total_limit": 2,
        },
    )


@pytest.fixture(scope="module")
def run(recipe, corpus, small_corpus, tmp_path_factory):
    """A function that runs the recipe with some fields changed."""

    def go(folder: Path | None = None, *, resume: bool = False, **fields: Any):
        changed = replace(recipe, **fields)
        if "trainer" in fields:
            changed = replace(changed, trainer={**recipe.trainer, **fields["trainer"]})
        return run_grpo(
            changed,
            data_dir=small_corpus,
            output_dir=folder or tmp_path_factory.mktemp("grpo") / "model",
            resume=resume,
            progress=False,
            corpus=corpus,
        )

    return go


@pytest.fixture(scope="module")
def watched_run(run):
    """One run, and every batch of answers that it scored, beside a plain forward's logits."""
    seen: list[dict[str, Any]] = []
    plain = ClipGRPOTrainer._compute_loss

    def compute(self, model, inputs):
        numbers = self._numbers = inputs["clip"]
        ids = torch.cat([inputs["prompt_ids"], inputs["completion_ids"]], 1)
        mask = torch.cat([inputs["prompt_mask"], inputs["completion_mask"]], 1)
        n_kept = inputs["completion_ids"].shape[1]
        batch = {"features": self.clips.features(numbers)}
        others = self.clips.features([(number + 1) % 6 for number in numbers])
        with torch.no_grad():
            batch["scored"], _, _ = self._get_per_token_logps_and_entropies(
                model, ids, mask, n_kept, batch_size=3
            )
            for name, media in (("logits", batch["features"]), ("foreign", others)):
                logits = model(input_ids=ids, attention_mask=mask, **media).logits
                batch[name] = logits[:, -n_kept - 1 : -1] / self.temperature
        placeholders = set(model.config.placeholders.values())
        seen.append(inputs | batch | {"placeholders": placeholders, "eos": self.eos_token_ids})
        return plain(self, model, inputs)

    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # clips that are left out by max_train_clips
        patch.setattr(ClipGRPOTrainer, "_compute_loss", compute)
        return run(), seen


@pytest.fixture(scope="module")
def reinforced(watched_run):
    return watched_run[0]


@pytest.fixture(scope="module")
def watched(watched_run):
    return watched_run[1]


def test_every_step_is_rewarded_and_reward_rises(reinforced):
    assert [row["step"] for row in reinforced.rewards] == [*range(1, STEPS + 1)]
    for row in reinforced.rewards:
        total = row["wheel_f"] + 0.5 * row["long"]
        assert row["reward"] == pytest.approx(total, abs=1e-6) and row["reward_std"] > 0
    first, *_, last = (row["long"] for row in reinforced.rewards)
    assert last > first
    assert reinforced.n_train == 6


def test_answers_are_scored_as_a_plain_forward_scores_them(watched):
    for batch in watched:
        expected = batch["logits"].log_softmax(-1).gather(-1, batch["completion_ids"][..., None])
        counts = batch["completion_mask"].bool()
        gap = (batch["scored"] - expected[..., 0])[counts].abs().max()
        assert gap < 1e-4


def test_media_decide_the_score(watched):
    assert all((batch["logits"] - batch["foreign"]).abs().max() > 1e-4 for batch in watched)


def test_answers_of_a_group_are_to_one_clip_and_towers_are_not_run_again(watched):
    for batch in watched:
        assert {batch["clip"].count(number) for number in batch["clip"]} == {4}
        assert {"vision_features", "audio_features"} <= batch["features"].keys()
        assert not {"pixel_values", "input_values"} & batch["features"].keys()


def test_no_placeholder_is_sampled_and_nothing_counts_after_the_end(watched):
    for batch in watched:
        for ids, mask in zip(
            batch["completion_ids"].tolist(), batch["completion_mask"].tolist(), strict=True
        ):
            said = [token for token, counts in zip(ids, mask, strict=True) if counts]
            assert said and not batch["placeholders"] & set(said)
            assert not set(batch["eos"]) & set(said[:-1])
            assert mask == sorted(mask, reverse=True)


def test_prompts_are_padded_on_the_left(watched):
    masks = torch.cat([batch["prompt_mask"].flatten() for batch in watched])
    assert (masks == 0).any()
    for batch in watched:
        assert (batch["prompt_mask"].diff(dim=1) >= 0).all()


def test_what_is_saved_answers_and_towers_are_untouched(reinforced, trained, small_corpus):
    folder = reinforced.output_dir
    answers = predict_corpus(
        folder, "demo", small_corpus, split="test", max_new_tokens=4, progress=False
    )
    assert len(answers) > 5
    before, _ = load_model(trained.output_dir)
    after, _ = load_model(folder)
    moved = {
        name.split(".")[1]
        for (name, old), new in zip(before.named_parameters(), after.parameters(), strict=True)
        if not torch.equal(old, new)
    }
    assert "language_model" in moved and not {"vision_tower", "audio_tower"} & moved
    assert (
        not hasattr(after.config, "image_token_id")
        or "image_token_id" in type(after.config).__dict__
    )
    record = json.loads((folder / "training.json").read_text())
    assert len(record["rewards"]) == STEPS and record["trainer"]["learning_rate"] == 3e-3
    assert load_grpo_recipe(folder / "grpo.yaml").aggregation == "sum_then_normalize"


def weights(folder: Path) -> dict[str, torch.Tensor]:
    return dict(load_model(folder)[0].named_parameters())


def test_a_run_that_goes_on_ends_where_one_that_never_stopped_does(reinforced, run):
    folder = reinforced.output_dir
    never = weights(folder)
    checkpoints = folder.with_name("model-checkpoints")
    shutil.rmtree(checkpoints / f"checkpoint-{STEPS}")  # what a kill in the last step leaves
    again = run(folder, resume=True)
    assert again.rewards == reinforced.rewards
    resumed = weights(folder)
    assert max((never[name] - resumed[name]).abs().max() for name in never) < 1e-6
    with pytest.raises(ValueError, match="checkpoints of another recipe: .*rewards was"):
        run(folder, resume=True, rewards={"wheel_recall": 1.0})


def test_features_of_a_cache_stand_for_media(reinforced, run, trained, small_corpus, tmp_path):
    where = {"protocol": "speaker_independent", "dtype": "float32", "progress": False}
    fill_corpus("demo", trained.output_dir, small_corpus, tmp_path / "cache", **where)
    trainer = {"max_steps": 2, "save_strategy": "no"}
    cached = run(features=str(tmp_path / "cache"), trainer=trainer)
    kept = [{k: v for k, v in row.items() if k != "epoch"} for row in cached.rewards]
    for row, plain in zip(kept, reinforced.rewards, strict=False):
        assert row == pytest.approx({name: plain[name] for name in row}, abs=1e-5)


def test_adapters_learn_against_what_they_started_from(run):
    lora = LoraRecipe(r=2, alpha=4, dropout=0.0)
    kl = {"beta": 0.1, "num_iterations": 2, "gradient_accumulation_steps": 2, "max_steps": 2}
    first = run(lora=lora, trainer=kl | {"per_device_train_batch_size": 4})
    assert first.rewards[0]["kl"] == pytest.approx(0, abs=1e-6)
    assert first.rewards[1]["kl"] > 0  # the same answers, scored by a model that has moved
    assert (first.output_dir / "adapter_model.safetensors").is_file()
    # Its own adapters are trained on, and are the reference too.
    second = run(model=str(first.output_dir), lora=None, trainer={"beta": 0.1, "max_steps": 1})
    assert second.rewards[0]["kl"] == pytest.approx(0, abs=1e-6)
    assert not (second.output_dir / "ref").exists()
    model, _ = load_model(second.output_dir)
    assert {*model.peft_config} == {"default"}
    old, new = (weights(result.output_dir) for result in (first, second))
    assert any(not torch.equal(old[name], new[name]) for name in old if "lora_B" in name)
    assert all(torch.equal(old[name], new[name]) for name in old if "base_layer" in name)


def test_objectives_are_normalised_apart_and_validation_is_rewarded(run):
    result = run(
        aggregation="normalize_then_sum",
        rewards={"wheel_precision": 1.0, "long": 1.0},
        trainer={
            "max_steps": 1,
            "eval_strategy": "steps",
            "eval_steps": 1,
            "per_device_eval_batch_size": 8,
            "num_generations_eval": 2,
        },
    )
    trainer = json.loads((result.output_dir / "training.json").read_text())["trainer"]
    assert trainer["multi_objective_aggregation"] == "normalize_then_sum"
    assert trainer["reward_weights"] == [1.0, 1.0]
    assert {"wheel_precision", "long"} <= result.rewards[0].keys()


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"labels": "openvocabulary"}, "unknown column of demo: .*Did you mean 'open_vocabulary'"),
        ({"trainer": {"num_generations": 3}}, r"divisible by num_generations \(3\).* A step has"),
        ({"trainer": {"beta": 0.1}}, "`trainer.beta` needs a reference: got 0.1 with lora=null"),
        ({"max_train_clips": 1}, "more clips than there are: got 1 clips, expected 2 at least"),
    ],
)
def test_what_does_not_fit_is_told_before_the_model_is_loaded(run, fields, says, monkeypatch):
    monkeypatch.setattr("affecthub.training.rl.run.build_policy", lambda _: pytest.fail("too late"))
    with pytest.raises(ValueError, match=says):
        run(**fields)


def test_clips_without_labels_are_told(recipe, corpus, small_corpus, tmp_path):
    none = DatasetDict(
        {"train": corpus["train"].map(lambda _: {"open_vocabulary": None}, keep_in_memory=True)}
    )
    with pytest.raises(ValueError, match="no training clip of 'demo' can be used: .*open_vocab"):
        run_grpo(recipe, data_dir=small_corpus, output_dir=tmp_path / "m", corpus=none)


def test_without_trl_the_extra_is_named(recipe, small_corpus, tmp_path, monkeypatch):
    find = errors.find_spec
    monkeypatch.setattr(errors, "find_spec", lambda name: None if name == "trl" else find(name))
    with pytest.raises(ImportError, match=r"`trl` is not installed.*affecthub\[rl\]"):
        run_grpo(recipe, data_dir=small_corpus, output_dir=tmp_path / "m")


def test_a_clip_that_cannot_be_read_is_named_and_not_fatal(recipe, corpus, small_corpus, tmp_path):
    torn = tmp_path / "torn.mp4"
    torn.write_bytes(b"no film")
    rows = corpus["train"].select(range(4))
    first = rows["id"][0]
    films = [{"path": str(torn), "bytes": None}, *(row["video"] for row in rows.select([1, 2, 3]))]
    kept = rows.remove_columns("video").add_column("video", films, feature=rows.features["video"])
    with pytest.warns(UserWarning, match=f"1 of 4 training clips cannot be used: clip '{first}'"):
        result = run_grpo(
            replace(recipe, trainer={**recipe.trainer, "max_steps": 1}),
            data_dir=small_corpus,
            output_dir=tmp_path / "model",
            progress=False,
            corpus=DatasetDict({"train": kept}),
        )
    assert result.n_train == 3 and result.n_left_out == 1


def test_the_command_scores_before_and_after_and_keeps_what_is_done(recipe, small_corpus, tmp_path):
    file = tmp_path / "mine.yaml"
    fields = recipe.to_dict() | {"trainer": {**recipe.trainer, "max_steps": 1}}
    file.write_text(yaml.safe_dump(fields))
    call = ("train", file, "--data-dir", small_corpus, "--output-dir", tmp_path / "runs", "--json")
    one = json.loads(affecthub(*call, "--seed", 0).stdout)["scores"]
    assert [row["name"] for row in one] == ["before", "after"]
    assert one[0]["set_f"]["sd"] is None and one[0]["n"] == one[1]["n"] > 5
    assert "has scores of an earlier run" in refused(*call)
    both = json.loads(affecthub(*call, "--seed", 0, "--seed", 1, "--resume").stdout)["scores"]
    assert both[1]["seeds"] == 2 and both[1]["long"]["sd"] is not None
    assert (tmp_path / "runs" / "rewards.svg").is_file()
    left = tmp_path / "runs" / "speaker_independent" / "seed-1"
    card = (left / "README.md").read_text()
    assert "reinforced on demo" in card and "| demo | set-F |" in card
    assert {"predictions.jsonl", "grpo.yaml", "recipe.yaml"} <= {
        path.name for path in left.iterdir()
    }
