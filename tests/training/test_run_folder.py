"""A run's folder is gone on with or left alone."""

from dataclasses import replace

import pytest
import yaml
from typer.testing import CliRunner

from affecthub.training.experiment import run_grid, run_recipe
from affecthub.training.run_folder import require_no_run, require_same_run
from affecthub.training.sft import train


@pytest.mark.parametrize(
    ("left", "kind"),
    [
        ("run/scores.json", "scores"),
        ("run/training.json", "a model"),
        ("run/adapter_config.json", "a model"),
        ("run-checkpoints/checkpoint-4/trainer_state.json", "checkpoints"),
        ("run/official/seed-1/training.json", "a model"),
        ("run/official/seed-1-checkpoints/checkpoint-2/model.safetensors", "checkpoints"),
    ],
)
def test_what_a_run_left_is_kept(tmp_path, small_recipe, left, kind):
    file = tmp_path / left
    file.parent.mkdir(parents=True)
    file.write_text("{}")
    where = {"data_dir": tmp_path / "absent", "output_dir": tmp_path / "run"}
    told = f"run has {kind} of an earlier run: got .*--resume.*--overwrite"
    with pytest.raises(ValueError, match=told):
        require_no_run(tmp_path / "run")
    if "seed-" in left:
        grid = {"seeds": [1], "protocols": ["official"]}
        with pytest.raises(ValueError, match=f"seed-1 has {kind} of an earlier run"):
            run_grid(small_recipe, **grid, **where)
    else:
        for start in (train, run_recipe):
            with pytest.raises(ValueError, match=told):
                start(small_recipe, **where)
        # Asked to write over it, it goes on to what is wrong next.
        with pytest.raises(FileNotFoundError):
            train(small_recipe, overwrite=True, **where)
    assert file.read_text() == "{}"


def test_other_files_are_no_run(tmp_path, small_recipe):
    (tmp_path / "run" / "corpus").mkdir(parents=True)
    (tmp_path / "run" / "notes.txt").touch()
    (tmp_path / "run-checkpoints").mkdir()
    require_no_run(tmp_path / "run")
    require_same_run(tmp_path / "run", small_recipe)
    require_no_run(tmp_path / "nothing")


def test_a_finished_run_of_another_recipe_is_not_gone_on_with(tmp_path, small_recipe):
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(small_recipe.to_dict()))
    require_same_run(tmp_path, small_recipe)
    longer = small_recipe.trainer | {"num_train_epochs": 9}
    require_same_run(tmp_path, replace(small_recipe, trainer=longer))
    with pytest.raises(ValueError, match=r"no checkpoint to go on from: seed was 0, is 4\. "):
        require_same_run(tmp_path, replace(small_recipe, seed=4))


def test_the_command_refuses_before_anything_is_made(tmp_path, monkeypatch):
    from affecthub.cli.main import app

    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "demo").mkdir(parents=True)
    (tmp_path / "runs" / "demo" / "scores.json").write_text("[]")
    done = CliRunner().invoke(app, ["train", "demo"])
    assert done.exit_code == 1 and isinstance(done.exception, ValueError)
    assert "runs/demo has scores of an earlier run" in str(done.exception)
    assert not (tmp_path / "runs" / "demo" / "corpus").exists()
