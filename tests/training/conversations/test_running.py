"""A recipe of conversations from data to scores: by call and by command."""

import json
import shutil

import pytest
import torch
from shell import affecthub, refused
from transformers import AutoModel

from affecthub.training.conversations import run_conversation
from affecthub.training.conversations.baselines import BASELINES
from affecthub.training.conversations.preparing import Shared
from affecthub.training.conversations.recipe import ConversationRecipe

SMALL = {
    "corpus": "folder",
    "algorithm": "bigru",
    "hidden_dim": 16,
    "text_width": 8,
    "options": {"speakers": True, "num_layers": 1, "context": 3},
    "trainer": {"num_train_epochs": 4, "learning_rate": 0.02, "per_device_train_batch_size": 4},
}


def small(task="recognise", **changes):
    return ConversationRecipe(**{**SMALL, "task": task, "causal": True, **changes})


@pytest.fixture(scope="module")
def shared(talks):
    return Shared(talks)


@pytest.fixture(scope="module")
def recognised(talks, shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("recognised")
    found = run_conversation(
        small(), data_dir=talks, output_dir=folder, seeds=(0, 1), progress=False, shared=shared
    )
    return folder, found


def test_a_run_leaves_a_model_its_answers_and_scores_beside_the_baselines(recognised, shared):
    folder, found = recognised
    own, *others = found.rows
    assert own["name"] == "bigru" and own["n_runs"] == 2 and own["ua"]["sd"] is not None
    assert {row["name"] for row in others} == set(BASELINES)
    assert {row["n"] for row in found.rows} == {own["n"]} and own["n"] > 15
    assert [row["name"] for row in others if not row["oracle"]] == ["majority"]
    majority = next(row for row in others if row["name"] == "majority")
    assert own["macro_f1"]["mean"] > majority["macro_f1"]["mean"]
    run = folder / "official" / "seed-0"
    lines = [json.loads(line) for line in (run / "predictions.jsonl").read_text().splitlines()]
    assert len(lines) == own["n"] and all(line["reference"] for line in lines)
    assert not list(run.parent.glob("*-checkpoints")) and not list(run.glob("*.bin"))
    scored = json.loads((run / "scores.json").read_text())["test"]
    card = (run / "README.md").read_text()
    assert "BiGRU in conversations, trained on folder" in card and "macro-F1" in card
    right = sum(line["answer"] == line["reference"] for line in lines)
    assert scored["wa"] == pytest.approx(right / len(lines))


def test_a_saved_model_is_loaded_by_its_auto_class(recognised):
    folder, _ = recognised
    model = AutoModel.from_pretrained(folder / "official" / "seed-0").eval()
    assert model.config.id2label[0] in model.config.label2id and model.config.causal
    logits = model(torch.zeros(1, 2, 8), torch.zeros(1, 2, dtype=torch.long)).logits
    assert logits.shape == (1, 2, 4)


def test_finished_runs_are_read_and_not_trained_again(recognised, talks, shared, monkeypatch):
    folder, before = recognised
    monkeypatch.setattr(
        "affecthub.training.conversations.experiment.run_once",
        lambda *_, **__: pytest.fail("trained again"),
    )
    again = run_conversation(
        small(), data_dir=talks, output_dir=folder, seeds=(0, 1), resume=True, shared=shared
    )
    assert again == before


@pytest.mark.slow
def test_a_run_that_was_stopped_ends_as_one_that_never_was(talks, shared, tmp_path):
    whole = {"num_train_epochs": 3, "save_total_limit": None}
    recipe = small(trainer={**SMALL["trainer"], **whole})
    how = {"data_dir": talks, "progress": False, "shared": shared}
    first = run_conversation(recipe, output_dir=tmp_path / "a", **how)

    def killed(*_):
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("affecthub.training.conversations.run.predict", killed)
        with pytest.raises(KeyboardInterrupt):
            run_conversation(recipe, output_dir=tmp_path / "b", **how)
    checkpoints = tmp_path / "b" / "official" / "seed-0-checkpoints"
    steps = sorted(checkpoints.glob("checkpoint-*"), key=lambda path: int(path.name[11:]))
    shutil.rmtree(steps[-1])
    again = run_conversation(recipe, output_dir=tmp_path / "b", resume=True, **how)
    assert len(steps) == 3
    drop = {"train_s"}
    for one, other in zip(first.rows, again.rows, strict=True):
        assert {k: v for k, v in one.items() if k not in drop} == {
            k: v for k, v in other.items() if k not in drop
        }


def test_going_on_from_another_recipes_checkpoints_is_refused(talks, shared, tmp_path):
    how = {"data_dir": talks, "progress": False, "shared": shared, "output_dir": tmp_path}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("affecthub.training.conversations.run.predict", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_conversation(small(), **how)
        with pytest.raises(ValueError, match="another recipe: hidden_dim was .* is 4"):
            run_conversation(small(hidden_dim=4), resume=True, **how)
        with pytest.raises(ZeroDivisionError):  # begun anew
            run_conversation(small(hidden_dim=4), **how)


def test_a_forecast_beside_deployable_baselines(recognised, talks, shared, tmp_path):
    folder, _ = recognised
    found = run_conversation(
        small("forecast", causal=None, recogniser=str(folder)),
        data_dir=talks, output_dir=tmp_path, seeds=(0, 1), progress=False, shared=shared,
    )  # fmt: skip
    names = {row["name"]: row for row in found.rows}
    row = names["same as before, labels by the recogniser"]
    assert not row["oracle"] and row["n_runs"] == 2
    assert row["n"] == names["bigru"]["n"] == names["majority"]["n"]
    first = json.loads((tmp_path / "official/seed-0/predictions.jsonl").read_text().split("\n")[0])
    assert first["id"].endswith("_1")  # nothing is forecast before anything was said


def test_a_recogniser_that_heard_the_future_or_is_not_there_is_refused(talks, shared, tmp_path):
    def forecast(recogniser):
        run_conversation(
            small("forecast", causal=None, recogniser=str(recogniser), trainer={"max_steps": 1}),
            data_dir=talks, output_dir=tmp_path / "f", progress=False, shared=shared,
        )  # fmt: skip

    with pytest.raises(FileNotFoundError, match="affecthub train erc_bigru_causal"):
        forecast(tmp_path / "none")
    run_conversation(
        small(causal=False, trainer={"max_steps": 1}),
        data_dir=talks, output_dir=tmp_path / "r", progress=False, shared=shared,
    )  # fmt: skip
    with pytest.raises(ValueError, match="got bigru that hears the future"):
        forecast(tmp_path / "r")


def test_nothing_to_forecast_is_told_before_training(talks, tmp_path, monkeypatch):
    from affecthub.datasets_scripts import load_dataset

    def only_first(*args, **kwargs):
        whole = load_dataset(*args, **kwargs)
        return whole.filter(lambda row: row["turn_index"] == 0)

    monkeypatch.setattr("affecthub.training.conversations.preparing.load_dataset", only_first)
    with pytest.raises(ValueError, match="nothing is asked for in the train split.*two or more"):
        run_conversation(
            small("forecast", causal=None, text_width=2), data_dir=talks, output_dir=tmp_path
        )


def test_a_corpus_without_dialogues_says_so(tmp_path):
    (tmp_path / "labels.csv").write_text(
        "id,text,label,split\na,so it is,joy,train\nb,it is so,anger,test\n"
    )
    with pytest.raises(ValueError, match="there are no dialogues: got 1 clips"):
        run_conversation(small(), data_dir=tmp_path, output_dir=tmp_path / "o")


def test_without_validation_dialogues_some_are_held_out_and_this_is_said(talks, tmp_path):
    lines = (talks / "labels.csv").read_text().splitlines()
    kept = [line for line in lines if not line.endswith("validation")]
    (tmp_path / "labels.csv").write_text("\n".join(kept) + "\n")
    prepared = Shared(tmp_path).prepare(small())
    assert len(prepared.splits.train) == 18 and len(prepared.splits.validation) == 2
    assert "2 of its training dialogues are held out" in " ".join(prepared.notes)


def test_the_command_prints_the_table_and_resumes(talks, tmp_path):
    recipe = tmp_path / "own.yaml"
    recipe.write_text(json.dumps({"kind": "conversation", **small().to_dict()}))
    how = ("--data-dir", talks, "--output-dir", tmp_path / "o", "--set", "trainer.max_steps=2")
    told = affecthub("train", recipe, *how, "--seed", 3)
    assert "bigru" in told.stdout and "same as before (oracle)" in told.stdout
    again = json.loads(affecthub("train", recipe, *how, "--seed", 3, "--resume", "--json").stdout)
    assert again["rows"][0]["seeds"] == [3]
    assert "has scores of an earlier run" in refused("train", recipe, *how)


def test_the_command_refuses_what_it_has_no_data_of(tmp_path):
    told = refused("train", "erc_bigru", "--output-dir", tmp_path / "o")
    assert "`--data-dir`: got none, expected a folder of emotiontalk" in told
    how = ("--data-dir", tmp_path, "--output-dir", tmp_path / "o", "--protocol", "speaker_indep")
    assert "Did you mean 'speaker_independent'" in refused("train", "erc_bigru", *how)
