"""What batches by length save a prediction, what the journal costs, and where rounding shows.

    python benchmarks/prediction.py                # small widths on the CPU
    python benchmarks/prediction.py --device cuda  # a wider model

One model with random weights answers the same clips in both ways, which take turns: batches in the
order of the corpus against batches by length; a journal that is flushed to the disk once a batch
against one that opens the file for every line, and one that leaves all to the system. Transcripts
have 4 to 200 words, most of them few. On the CPU processor seconds are compared, and medians.
"""

import argparse
import json
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch

from affecthub.training.journal import Journal
from affecthub.training.model import from_scratch
from affecthub.training.prediction.batches import batches_by_length
from affecthub.training.prediction.generation import generate
from affecthub.training.recipe import Recipe, ScratchRecipe

WORDS = "I you we do not know that is what she said about it and then he went home again".split()


def clips(n: int, seed: int = 0) -> list[str]:
    """Transcripts as long as such are: most short, some very long."""
    rng = random.Random(seed)
    return [
        " ".join(rng.choices(WORDS, k=min(200, max(4, round(rng.lognormvariate(2.7, 0.9))))))
        for _ in range(n)
    ]


def make(device: str, texts: Sequence[str]) -> tuple[Any, Any, Recipe]:
    """A model with random weights, its processor, and how it is asked."""
    width = 1024 if device == "cuda" else 192
    text_config = {"hidden_size": width, "intermediate_size": 4 * width, "num_hidden_layers": 4}
    scratch = ScratchRecipe(vocab_size=300, config={"text_config": text_config})
    torch.manual_seed(0)
    model, processor = from_scratch(scratch, texts, freeze_towers=False)
    recipe = Recipe(
        corpus="demo", scratch=scratch, lora=None, freeze_towers=False, modalities=("text",)
    )
    recipe.max_new_tokens = 16
    return model.to(device).eval(), processor, recipe


def seconds(call: Callable[[], Any], device: str) -> float:
    """Processor seconds of a call; on an accelerator those of the clock."""
    clock = time.process_time if device == "cpu" else time.perf_counter
    start = clock()
    call()
    if device == "cuda":
        torch.accelerator.synchronize()
    return clock() - start


def in_turns(calls: dict[str, Callable[[], Any]], rounds: int, device: str) -> dict[str, float]:
    """The median seconds of each call, when they take turns; the first round does not count."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds + 1):
        for name, call in calls.items():
            times[name].append(seconds(call, device))
    return {name: statistics.median(each[1:]) for name, each in times.items()}


def by_length(device: str, n: int, size: int, rounds: int) -> dict[str, Any]:
    """Batches in the corpus' order against batches by length."""
    texts = clips(n)
    model, processor, recipe = make(device, texts)
    batch = processor(text=texts, question="labels")
    examples = [
        {"input_ids": ids[mask.bool()]}
        for ids, mask in zip(batch["input_ids"], batch["attention_mask"], strict=True)
    ]
    lengths = [len(each["input_ids"]) for each in examples]
    plans = {
        "in the corpus' order": [list(range(n))[i : i + size] for i in range(0, n, size)],
        "by length": batches_by_length(lengths, size),
    }

    def answers(plan: list[list[int]]) -> dict[int, str]:
        done = generate(model, processor, examples, plan, recipe)
        return {number: answer.text for each in done for number, answer in each}

    took = in_turns(
        {name: lambda plan=plan: answers(plan) for name, plan in plans.items()}, rounds, device
    )
    padded = {
        name: sum(max(lengths[i] for i in b) * len(b) for b in plan) / sum(lengths)
        for name, plan in plans.items()
    }
    found: dict[str, Any] = {"clips": n, "batch": size, "seconds": took, "tokens of each": padded}
    order = "in the corpus' order"
    found["clips/s, by length against the corpus' order"] = took[order] / took["by length"]
    found["answers that differ from those one by one"] = {}
    for dtype in (torch.float32, torch.bfloat16):
        model.to(dtype)
        alone = answers([[i] for i in range(n)])
        together = answers(plans["by length"])
        found["answers that differ from those one by one"][str(dtype)] = sum(
            alone[i] != together[i] for i in range(n)
        )
    return found


def journal(n_batches: int, size: int, rounds: int) -> dict[str, Any]:
    """Noting answers: once a batch down to the disk, line by line, and left to the system."""
    lines = [
        [
            {"id": f"clip-{b}-{i}", "prediction": "She is glad. " * 8, "clip": "0" * 16}
            for i in range(size)
        ]
        for b in range(n_batches)
    ]
    with tempfile.TemporaryDirectory() as folder:

        def by_batch() -> None:
            with Journal(Path(folder) / "a.jsonl", "m", replace=True) as kept:
                kept.begin()
                kept.open()
                for batch in lines:
                    kept.add(batch)

        def by_line() -> None:
            for line in (line for batch in lines for line in batch):
                with (Path(folder) / "b.jsonl").open("a", encoding="utf-8") as file:
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")

        def without() -> None:
            sync, os.fsync = os.fsync, lambda handle: None
            try:
                by_batch()
            finally:
                os.fsync = sync

        took = in_turns(
            {"a batch, to the disk": by_batch, "a line, opened": by_line, "a batch": without},
            rounds,
            "clock",
        )
    return {name: 1000 * each / n_batches for name, each in took.items()}


def main() -> None:
    """Print what was measured, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--clips", type=int, default=192)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    machine = platform.processor() or platform.machine()
    if given.device != "cpu":
        machine = torch.cuda.get_device_name()
    found = {
        "versions": {name: version(name) for name in ("affecthub", "torch", "transformers")},
        "machine": machine,
        "batches": by_length(given.device, given.clips, given.batch, given.rounds),
        "milliseconds of noting a batch": journal(100, given.batch, given.rounds),
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
