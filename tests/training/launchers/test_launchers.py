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
# Kind to the job that ends as it.
FIRST = {"ddp": "ddp-half", "fsdp2": "fsdp2", "zero2": "zero2", "zero3": "zero3"}
# A job that goes on from another kind's or number's checkpoint, to the whole run's end.
RESUMED = ("zero2-one", "zero3-fsdp2", "fsdp2-one", "ddp-one", "one-zero3_offload")

pytestmark = pytest.mark.slow


def weights(folder):
    return load_file(next(folder.glob("*model.safetensors")))


def assert_close(one, other, tolerance):
    assert one.keys() == other.keys()
    for name in one:
        torch.testing.assert_close(one[name], other[name], rtol=0, atol=tolerance, msg=name)


@pytest.mark.parametrize("kind", REALLY)
def test_a_run_is_what_its_launcher_asked_for(outcomes, kind):
    name = {"ddp": "ddp", "fsdp2": "zero3-fsdp2", "zero3_offload": "one-zero3_offload"}.get(kind)
    outcome = outcomes[name or f"adapters-{kind}" if kind == "zero3" else name or kind]
    if name is None:
        # What a first half was is in its log alone, for the second half wrote over its record.
        line = next(text for text in outcome.said.splitlines() if text.startswith("training as"))
        assert line.startswith(f"training as {kind}: 2 processes, on cpu:0, {REALLY[kind][1]}")
    launch = Launch(**outcomes[name].record["launch"]) if name else None
    if launch is not None:
        found = (launch.distributed_type, launch.wrapper, launch.parameter)
        assert (launch.n_processes, *found) == (2, *REALLY[kind])
        shared = launch.n_parameters / launch.n_held
        assert shared == pytest.approx(2 if launch.is_split else 1, rel=0.02)
        assert launch.offload == ("optimizer and parameters" if "offload" in kind else "")


@pytest.mark.parametrize("kind", FIRST)
def test_every_kind_has_the_losses_of_one_process(outcomes, kind):
    said = outcomes[FIRST[kind]]
    assert said.codes == [0, 0], said.said[-3000:]
    state = json.loads(
        next(
            said.folder.with_name(f"{said.folder.name}-checkpoints").glob(
                "checkpoint-5/trainer_state.json"
            )
        ).read_text()
    )
    losses = [row["loss"] for row in state["log_history"] if "loss" in row]
    assert losses == pytest.approx(outcomes["one"].losses, abs=1e-4)


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
    names = {path.name for path in one.folder.iterdir()}
    assert {path.name for path in resumed.folder.iterdir()} == names


@pytest.mark.parametrize("kind", ["zero3", "fsdp2"])
def test_adapters_of_a_split_model_are_those_of_a_whole_one(outcomes, kind):
    ddp, split = outcomes["adapters-ddp"], outcomes[f"adapters-{kind}"]
    assert split.losses == pytest.approx(ddp.losses, abs=1e-4)
    assert_close(weights(ddp.folder), weights(split.folder), 1e-4)
    launch = Launch(**split.record["launch"])
    assert launch.n_held < 0.6 * launch.n_parameters
    counted = ("n_parameters", "n_trained")
    assert [split.record[name] for name in counted] == [ddp.record[name] for name in counted]


def test_a_split_model_is_split_while_it_is_read(outcomes):
    assert "held while reading" not in outcomes["adapters-ddp"].said


@pytest.mark.parametrize("kind", ["ddp", "fsdp2", "zero3"])
def test_unlike_modalities_on_each_process_hang_nothing(outcomes, kind):
    assert outcomes[f"unlike-{kind}"].codes == [0, 0], outcomes[f"unlike-{kind}"].said[-3000:]
    assert len(outcomes[f"unlike-{kind}"].losses) == 5 or outcomes[f"unlike-{kind}"].losses


def test_what_is_not_as_asked_ends_before_its_first_step(outcomes):
    alone = outcomes["alone"]
    assert 0 not in alone.codes and len(alone.codes) == 2
    assert "the launcher started 2 processes, but each of them would train alone" in alone.said
    plain = outcomes["not-split"]
    assert 0 not in plain.codes and len(plain.codes) == 2
    assert "got ddp on 2 (DistributedDataParallel of Parameter), expected fsdp2 on 2" in plain.said
    for refused in (alone, plain):
        assert not refused.folder.exists()
        assert "'loss'" not in refused.said and "loss " not in refused.said
