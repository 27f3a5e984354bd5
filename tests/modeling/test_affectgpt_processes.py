"""Unlike modalities on each process, and towers that learn, leave nobody waiting or untaught."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import processes
import pytest
import torch

WORDS = torch.tensor([[5, 6, 7]])


@contextmanager
def counted(model) -> Iterator[dict[str, int]]:
    """How often each tower is run."""
    runs = {"vision": 0, "audio": 0}
    hooks = [
        getattr(model.model, f"{name}_tower").register_forward_hook(
            lambda *_, name=name: runs.__setitem__(name, runs[name] + 1)
        )
        for name in runs
    ]
    yield runs
    for hook in hooks:
        hook.remove()


QFORMERS = {"vision_pooling": "qformer", "audio_pooling": "qformer", "fusion": "qformer"}
WHISPER = {
    "model_type": "whisper",
    "d_model": 32,
    "encoder_layers": 1,
    "encoder_attention_heads": 2,
    "encoder_ffn_dim": 32,
    "max_source_positions": 100,
}


@pytest.mark.parametrize(
    "parts", [{}, QFORMERS, {"audio_config": WHISPER}], ids=["attention", "qformer", "whisper"]
)
def test_a_thawed_tower_gets_a_gradient_in_every_step(make_model, parts) -> None:
    """Words alone teach the towers nothing, and say so: a gradient of zero, not none."""
    model = make_model(freeze_towers=False, **parts).train()
    with counted(model) as runs:
        loss = model(input_ids=WORDS, labels=WORDS).loss
        loss.backward()
    assert runs == {"vision": 1, "audio": 1}
    used = {name for name, p in model.named_parameters() if p.grad is not None}
    towers = {name for name in used if "_tower." in name}
    assert towers and any("vision_" in name for name in towers)
    assert any("audio_" in name for name in towers)
    for name, parameter in model.named_parameters():
        if name in towers:
            assert not parameter.grad.any(), name
    # What is learnt is what a frozen model learns.
    frozen = make_model(**parts).train()
    torch.testing.assert_close(frozen(input_ids=WORDS, labels=WORDS).loss, loss)


def test_a_frozen_tower_is_not_run_for_nothing(make_model) -> None:
    model = make_model()
    batch = processes.make_batches(model.config, "features")[0]
    with counted(model) as runs:
        for training in (True, False):
            model.train(training)(input_ids=WORDS, labels=WORDS)
            model(**batch)
        make_model(freeze_towers=False)(input_ids=WORDS)
    assert runs == {"vision": 0, "audio": 0}


def test_towers_do_not_learn_from_their_own_output(make_model) -> None:
    model = make_model(freeze_towers=False)
    batch = processes.make_batches(model.config, "features")[2]
    model(**batch)  # to use them is fine
    with pytest.raises(ValueError, match="cannot learn from its own output: got features of audio"):
        model.train()(**batch, labels=batch["input_ids"])
    model.model.audio_tower.requires_grad_(False)
    assert model(**batch, labels=batch["input_ids"]).loss.isfinite()


@pytest.fixture(scope="module")
def both() -> list[list[dict]]:
    """What each of two processes says of every case."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    started = [
        subprocess.Popen(
            [sys.executable, processes.__file__, str(rank), port],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
        for rank in (0, 1)
    ]
    try:
        ended = [process.communicate(timeout=400) for process in started]
    finally:
        for process in started:
            process.kill()
    assert [process.returncode for process in started] == [0, 0], ended
    return [json.loads(out.splitlines()[-1]) for out, _ in ended]


@pytest.mark.slow
@pytest.mark.parametrize("case", range(len(processes.CASES)), ids=["frozen", "thawed", "features"])
def test_two_processes_of_unlike_batches_end_together(both, case) -> None:
    """Weights in pieces on both: what one lacks it runs all the same; what none has, nobody."""
    first, second = both[0][case], both[1][case]
    freeze, kind = processes.CASES[case]
    model = processes.make_model(freeze).train()
    alone = [
        model(**batch, labels=batch["input_ids"] % 250).loss.item()
        for batch in processes.make_batches(model.config, kind)
    ]
    assert first["losses"] == second["losses"][::-1] == pytest.approx(alone, rel=1e-4)
    assert first["runs"] == second["runs"]
    assert (first["runs"] == {"vision": 0, "audio": 0}) is (kind == "features")
    assert first["norm"] == pytest.approx(second["norm"]) and first["norm"] > 0
    assert first["missing"] == second["missing"] == []
    assert first["n_said"] == second["n_said"] == 2
