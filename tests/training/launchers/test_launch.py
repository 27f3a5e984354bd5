"""What is asked for is read as launchers say it, and what cannot be had is told."""

import json
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from affecthub.training import launch
from affecthub.training.launch import Launch, asked, found, require_as_asked, require_machine
from affecthub.training.launchers import launcher, launchers

TWO = {"WORLD_SIZE": "2"}


@pytest.mark.parametrize("kind", launchers())
def test_launcher_asks_for_what_it_is_called(kind, request):
    conftest = request.config.pluginmanager
    told = next(
        plugin.launcher_environment
        for plugin in conftest.get_plugins()
        if hasattr(plugin, "launcher_environment")
    )(kind)
    assert asked({}, TWO | told) == Launch(kind.removesuffix("_offload"), 2)


@pytest.mark.parametrize(
    ("trainer", "environ", "kind"),
    [
        ({}, {}, "one process"),
        ({}, TWO, "ddp"),
        ({"deepspeed": {"zero_optimization": {"stage": 3}}}, TWO, "zero3"),
        ({"fsdp": "full_shard", "fsdp_config": {"version": 2}}, TWO, "fsdp2"),
        ({}, TWO | {"ACCELERATE_USE_DEEPSPEED": "true"}, "zero2"),  # Accelerate's default
    ],
)
def test_asked(trainer, environ, kind):
    assert asked(trainer, environ) == Launch(kind, int(environ.get("WORLD_SIZE", 1)))


def test_stage_is_read_from_a_file(tmp_path):
    config = tmp_path / "ds.json"
    config.write_text(json.dumps({"zero_optimization": {"stage": 1}}))
    assert asked({"deepspeed": str(config)}, TWO).kind == "zero1"
    told = {"ACCELERATE_USE_DEEPSPEED": "true", "ACCELERATE_DEEPSPEED_CONFIG_FILE": str(config)}
    assert asked({}, TWO | told).kind == "zero1"


def test_what_is_not_there_is_told(monkeypatch):
    told = TWO | {"ACCELERATE_USE_DEEPSPEED": "true"}
    monkeypatch.setitem(sys.modules, "deepspeed", None)
    with pytest.raises(ImportError, match=r"zero2.*affecthub\[deepspeed\]"):
        require_machine({}, told)
    monkeypatch.setattr(torch.accelerator, "is_available", lambda: True)
    monkeypatch.setattr(torch.accelerator, "device_count", lambda: 1)
    here = TWO | {"LOCAL_WORLD_SIZE": "2"}
    with pytest.raises(ValueError, match="got 2 processes on a machine with 1"):
        require_machine({}, here)
    assert require_machine({}, here | {"ACCELERATE_USE_CPU": "true"}).kind == "ddp"
    with pytest.raises(ValueError, match=r"FSDP 1 .*expected version 2"):
        require_machine({}, TWO | {"ACCELERATE_USE_FSDP": "true", "FSDP_VERSION": "1"})


def test_another_kind_or_number_than_asked_for_is_refused():
    got = Launch("ddp", 2, wrapper="DistributedDataParallel", parameter="Parameter")
    require_as_asked(Launch("ddp", 2), got)
    with pytest.raises(ValueError, match="got ddp on 2 .* expected zero3 on 2"):
        require_as_asked(Launch("zero3", 2), got)
    with pytest.raises(ValueError, match="expected ddp on 4"):
        require_as_asked(Launch("ddp", 4), got)
    with pytest.raises(ValueError, match="started 2 processes, but each of them would train alone"):
        launch.require_together(Launch("ddp", 2), 1)


def test_one_process_is_said_in_a_line(trainer_of):
    got = found(trainer_of(torch.nn.Linear(3, 2)))
    assert (got.kind, got.n_parameters, got.n_held) == ("one process", 8, 8)
    assert got.in_words() == (
        "one process, on cpu, Linear of Parameter, nothing is shared, this process holds 8 of 8 "
        "parameters, the weights' precision"
    )
    half = replace(got, kind="zero3", n_processes=4, precision="bf16", offload="optimizer")
    assert half.in_words().startswith("zero3: 4 processes, on cpu, ")
    assert half.in_words().endswith("optimizer in the host's memory, precision bf16")


def test_launchers_are_found_by_name():
    done = subprocess.run(
        [sys.executable, "-m", "affecthub.training.launchers", "zero3"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == str(launcher("zero3"))
    with pytest.raises(ValueError, match=r"unknown launcher: got 'zero4'.*zero3"):
        launcher("zero4")
