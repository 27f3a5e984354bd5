"""Each kind of launch is what it says, trains the same, and leaves what a single process leaves."""

import json

import pytest
import torch
from safetensors.torch import load_file

from affecthub.training.launch import Launch

# Kind to Accelerate's type, the class that trains, and that of its parameters.
REALLY = {
    "ddp": ("MULTI_CPU", "DistributedDataParallel", "Parameter"),
    "fsdp2": ("FSDP", "FSDPAffectGPTForConditionalGeneration", "DTensor"),
    "zero2": ("DEEPSPEED", "DeepSpeedEngine", "Parameter"),
    "zero3": ("DEEPSPEED", "DeepSpeedEngine", "Parameter with ds_tensor"),
    "zero3_offload": ("DEEPSPEED", "DeepSpeedEngine", "Parameter with ds_tensor"),
}
# Jobs that go on from the third step of another kind or number of processes.
RESUMED = ("ddp-one", "fsdp2-one", "one-ddp", "one-zero3", "zero3-zero2")

pytestmark = pytest.mark.slow


def weights(folder):
    return load_file(next(folder.glob("*model.safetensors")))


def assert_close(one, other, tolerance):
    assert one.keys() == other.keys()
    for name in one:
        torch.testing.assert_close(one[name], other[name], rtol=0, atol=tolerance, msg=name)


@pytest.mark.parametrize("kind", REALLY)
def test_a_run_is_what_its_launcher_asked_for(outcomes, kind):
    outcome = outcomes[kind]
    launch = Launch(**outcome.record["launch"])
    found = (launch.distributed_type, launch.wrapper, launch.parameter)
    assert (launch.n_processes, *found) == (2, *REALLY[kind])
    share = launch.n_parameters / launch.n_held
    assert share == pytest.approx(2 if launch.is_split else 1, rel=0.02)
    assert launch.offload == ("optimizer and parameters" if "offload" in kind else "")
    assert f"training as {launch.in_words()}" in outcome.said


@pytest.mark.parametrize("kind", REALLY)
def test_every_kind_trains_and_leaves_what_one_process_does(outcomes, kind):
    one, many = outcomes["one"], outcomes[kind]
    assert many.losses == pytest.approx(one.losses, abs=1e-4)
    assert_close(weights(one.folder), weights(many.folder), 1e-4)
    names = {path.name for path in one.folder.iterdir()}
    assert {path.name for path in many.folder.iterdir()} == names


def test_two_processes_equal_one(outcomes):
    one, ddp = outcomes["one"], outcomes["ddp"]
    assert ddp.losses == pytest.approx(one.losses, abs=1e-5)
    assert_close(weights(one.folder), weights(ddp.folder), 1e-5)
    # Of the validation clips too, though in other batches.
    assert ddp.eval_losses == pytest.approx(one.eval_losses, abs=1e-5) and ddp.eval_losses
    # Two whole epochs of 14 clips, and a step of eight; none of them twice.
    assert ddp.record["n_seen"] == one.record["n_seen"] == 2 * 14 + 8
    assert ddp.record["global_batch_size"] == one.record["global_batch_size"] == 8
    assert ddp.record["data"] == one.record["data"]


def test_one_by_eight_equals_eight_by_one(outcomes):
    one, small = outcomes["one"], outcomes["one-by-eight"]
    assert small.losses == pytest.approx(one.losses, abs=1e-5)
    assert_close(weights(one.folder), weights(small.folder), 1e-5)
    assert small.record["n_seen"] == one.record["n_seen"]


@pytest.mark.parametrize("job", RESUMED)
def test_another_kind_or_number_goes_on_as_if_nothing_had_stopped(outcomes, job):
    one, resumed = outcomes["one"], outcomes[job]
    assert resumed.losses == pytest.approx(one.losses, abs=1e-4)
    assert_close(weights(one.folder), weights(resumed.folder), 1e-4)
    assert resumed.record["n_seen"] == one.record["n_seen"]


@pytest.mark.parametrize("kind", ["zero3", "fsdp2"])
def test_adapters_of_a_split_model_are_those_of_a_whole_one(outcomes, kind):
    whole, split = outcomes["adapters-one"], outcomes[f"adapters-{kind}"]
    assert split.losses == pytest.approx(whole.losses, abs=1e-4)
    assert_close(weights(whole.folder), weights(split.folder), 1e-4)
    launch = Launch(**split.record["launch"])
    assert launch.n_held < 0.6 * launch.n_parameters
    counted = ("n_parameters", "n_trained")
    assert [split.record[name] for name in counted] == [whole.record[name] for name in counted]


@pytest.mark.parametrize("kind", ["fsdp2", "zero3"])
def test_unlike_modalities_on_each_process_hang_nothing(outcomes, kind):
    assert outcomes[f"unlike-{kind}"].codes == [0, 0], outcomes[f"unlike-{kind}"].said[-3000:]
    assert len(outcomes[f"unlike-{kind}"].losses) == 6
    # Validation clips are answered on the way, with as many batches in each process.
    rows = outcomes[f"unlike-{kind}"].record["losses"]
    assert [row["step"] for row in rows if "eval_set_f" in row] == [6]
    folder = outcomes[f"unlike-{kind}"].folder
    files = folder.with_name(f"{folder.name}-checkpoints") / "evaluation"
    lines = [json.loads(line) for line in (files / "step-6.jsonl").open()]
    assert len(lines) == 5 and not any("error" in line for line in lines)


def test_the_command_answers_each_clip_once_and_tells_once(outcomes):
    command = outcomes["command"]
    assert command.codes == [0, 0], command.said[-3000:]
    (folder,) = command.folder.glob("*/seed-0")
    lines = [json.loads(line) for line in (folder / "predictions.jsonl").read_text().splitlines()]
    assert len(lines) == len({line["id"] for line in lines}) == 14
    assert json.loads((folder / "training.json").read_text())["launch"]["kind"] == "zero3"
    assert command.said.count('"report"') == 1
    assert "## Scores" in (folder / "README.md").read_text()


def test_what_is_not_as_asked_ends_before_its_first_step(outcomes):
    plain = outcomes["not-split"]
    assert 0 not in plain.codes and len(plain.codes) == 2
    assert "got ddp on 2 (DistributedDataParallel of Parameter), expected fsdp2 on 2" in plain.said
    assert not plain.folder.exists()
    assert "'loss'" not in plain.said and "loss " not in plain.said


def test_two_processes_on_the_cpu_join_untold(outcomes):
    untold = outcomes["untold"]
    assert untold.codes == [0, 0], untold.said[-3000:]
    assert Launch(**untold.record["launch"]).kind == "ddp"
    assert untold.losses == pytest.approx(outcomes["ddp"].losses[:3], abs=1e-5)
