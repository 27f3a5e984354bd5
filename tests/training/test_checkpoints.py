"""Going on: from the newest whole checkpoint, of the same recipe and clips."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from affecthub.training.checkpoints import begin, newest_whole, require_same
from affecthub.training.model_folder import checkpoint_folder
from affecthub.training.recipe import Recipe

RECIPE = Recipe(corpus="demo", model="m", trainer={"learning_rate": 1e-4, "max_steps": 5})


def checkpoint(folder: Path, step: int) -> Path:
    made = folder / f"checkpoint-{step}"
    made.mkdir(parents=True)
    save_file({"a": torch.zeros(99)}, made / "model.safetensors")
    for name in ("optimizer.pt", "rng_state.pth"):
        (made / name).write_bytes(b"x")
    (made / "trainer_state.json").write_text("{}")
    return made


def test_they_lie_beside_the_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert checkpoint_folder("runs/a") == Path("runs/a-checkpoints")
    assert checkpoint_folder(tmp_path.parent / "x") == tmp_path.parent / "x-checkpoints"


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("trainer_state.json", None),
        ("trainer_state.json", b'{"step": '),
        ("model.safetensors", b"\x10\0\0\0\0\0\0\0{"),
        ("optimizer.pt", None),
        ("rng_state.pth", None),
    ],
)
def test_what_a_kill_cut_off_is_passed_over(tmp_path, part, content):
    whole, torn = checkpoint(tmp_path, 9), checkpoint(tmp_path, 10)
    assert newest_whole(tmp_path) == torn  # by number, not by name
    (torn / part).unlink() if content is None else (torn / part).write_bytes(content)
    with pytest.warns(UserWarning, match="checkpoint-10 is not whole"):
        assert newest_whole(tmp_path) == whole


def test_nothing_to_go_on_from(tmp_path):
    assert newest_whole(tmp_path / "absent") is None
    (tmp_path / "checkpoint-4").mkdir()
    with pytest.warns(UserWarning, match="has no trainer_state.json"):
        assert newest_whole(tmp_path) is None


def test_weights_alone_are_whole_where_the_recipe_saves_no_more(tmp_path):
    (checkpoint(tmp_path, 1) / "optimizer.pt").unlink()
    assert newest_whole(tmp_path, weights_suffice=True) is not None


def test_another_recipe_or_other_clips_are_refused(tmp_path):
    begin(tmp_path, RECIPE, ["a", "b"])
    longer = replace(RECIPE, trainer=RECIPE.trainer | {"max_steps": 9}, max_new_tokens=3)
    require_same(tmp_path, longer, ["a", "b"])
    faster = replace(RECIPE, trainer={"learning_rate": 1e-3}, seed=2)
    with pytest.raises(ValueError, match=r"seed was 0, is 2; trainer.learning_rate was 0.0001, is"):
        require_same(tmp_path, faster, ["a", "b"])
    with pytest.raises(ValueError, match="of other training clips"):
        require_same(tmp_path, RECIPE, ["a", "c"])
    (tmp_path / "started.json").unlink()
    with pytest.raises(ValueError, match="does not say which recipe"):
        require_same(tmp_path, RECIPE, ["a", "b"])


def test_beginning_removes_what_an_earlier_run_left(tmp_path):
    checkpoint(tmp_path, 7)
    (tmp_path / "notes.txt").write_text("mine")
    begin(tmp_path, RECIPE, ["a"])
    assert {path.name for path in tmp_path.iterdir()} == {"started.json", "notes.txt"}
    assert json.loads((tmp_path / "started.json").read_text())["recipe"]["corpus"] == "demo"


def test_another_number_of_processes_goes_on_where_a_step_takes_as_many_clips(tmp_path):
    begin(tmp_path, RECIPE, ["a"], global_batch_size=8)
    trainer = RECIPE.trainer | {"gradient_accumulation_steps": 2}
    other = replace(RECIPE, trainer=trainer)
    require_same(tmp_path, other, ["a"], global_batch_size=8)
    with pytest.raises(ValueError, match="clips of a step over all processes was 8, is 4"):
        require_same(tmp_path, other, ["a"], global_batch_size=4)
    with pytest.raises(ValueError, match="gradient_accumulation_steps was None, is 2"):
        require_same(tmp_path, other, ["a"])
