"""The demo corpus asked about by tiny models of the real classes, into a journal."""

import json

import datasets
import pytest

from affecthub.training.asking.ask import ask_rows
from affecthub.training.asking.prompts.registry import load_prompt
from affecthub.training.merging import merge_parts
from affecthub.training.shares import Share

KINDS = ["qwen2_5_omni_thinker", "qwen3_omni_moe_thinker", "qwen2_audio", "qwen3_vl"]


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    from affecthub.datasets_scripts import load_dataset
    from affecthub.datasets_scripts.demo.generate import generate_demo

    folder = generate_demo(tmp_path_factory.mktemp("demo") / "corpus", n_clips=6, n_speakers=3)
    splits = load_dataset("demo", data_dir=folder, protocol="speaker_independent")
    return datasets.concatenate_datasets(list(splits.values()))


class PulledError(Exception):
    """Somebody pulled the plug."""


class StoppingAt:
    """A backend that is stopped before it answers its k-th batch."""

    def __init__(self, backend, k):
        self.backend, self.left = backend, k

    def __getattr__(self, name):
        return getattr(self.backend, name)

    def answer(self, asks):
        if not self.left:
            raise PulledError
        self.left -= 1
        return self.backend.answer(asks)


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_shards_stops_and_batches_change_nothing(chat, rows, kind, tmp_path):
    backend = chat(kind, batch_size=3, max_new_tokens=4)
    prompt = load_prompt("emos_basic7")

    def asked(name, backend=backend, **settings):
        ask_rows(backend, rows, prompt, media="av", journal=tmp_path / name, **settings)
        return (tmp_path / name).read_bytes()

    whole = asked("whole.jsonl")
    lines = [json.loads(line) for line in whole.decode().splitlines()]
    assert [line["id"] for line in lines] == list(rows["id"])
    # The prompt says the clip's words, too.
    letters = {"qwen2_audio": "at", "qwen3_vl": "vt"}.get(kind, "avt")
    assert {line["media"] for line in lines} == {letters}
    assert all(line["n_out"] for line in lines)
    assert not any("error" in line for line in lines)

    with pytest.raises(PulledError):
        asked("stopped.jsonl", StoppingAt(backend, 1))
    assert asked("stopped.jsonl") == whole

    for index in (1, 0):
        ask_rows(
            backend,
            rows,
            prompt,
            media="av",
            journal=tmp_path / "parts.jsonl",
            shard=Share(index, 2),
        )
    merge_parts(tmp_path / "parts.jsonl", list(rows["id"]))
    assert (tmp_path / "parts.jsonl").read_bytes() == whole

    alone = asked("alone.jsonl", batch_size=1)
    assert alone == whole
