"""What a training step costs: from films, from decoded media, from the cache, packed and shared.

    python benchmarks/training.py                # small widths on the CPU
    python benchmarks/training.py --device cuda  # the paper's sizes, random weights

Every figure is a ratio against a reference in the same run, the sides in turn, medians compared:

- ``steps``: a LoRA step from the feature cache against one from decoded media in memory, and one
  from mp4 files;
- ``packing``: clips of unlike length in one packed row against a padded batch of them, and against
  adapters of the same rank on the bare language model with as many tokens;
- ``loader``: clips a second that loader workers make from the cache, through training's own
  examples, against batches that were made ahead;
- ``curve``: clips a second of a whole training loop for one process and two, over 1,000, 10,000 and
  100,000 clips of simulated features, with start-up time and memory.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import datasets
import numpy as np
import torch
from model import N_TOKENS, flops, in_turns, make_batch, make_model, seconds
from torch.utils.data import DataLoader

import affecthub
from affecthub.datasets_scripts import load_dataset, make_demo
from affecthub.modeling.affectgpt import (
    AffectGPTConfig,
    AffectGPTForConditionalGeneration,
    AffectGPTProcessor,
)
from affecthub.modeling.affectgpt.modeling_language import lora_target_modules
from affecthub.training.examples import Examples
from affecthub.training.features import FeatureCache, fill
from affecthub.training.features.columns import Column
from affecthub.training.features.towers import TowerMaker, towers_of
from affecthub.training.model import add_lora, train_tokenizer
from affecthub.training.recipe import LoraRecipe, Recipe

# Clips of a batch that workers make, and steps that are timed.
N_LOADED, N_STEPS = 4, 6
PARTS = ("steps", "packing", "loader", "curve")
# Dense bfloat16 peaks, FLOP/s. Source: NVIDIA's data sheets.
PEAKS = {"H100": 989e12, "H200": 989e12, "A100": 312e12}
ANSWERS = ("joyful, calm", "worried and a little angry", "sad", "surprised, curious, relieved")


class Step:
    """One optimiser step of LoRA, fusion and projectors, as training takes it.

    Args:
        model: AffectGPT, which gets adapters, or one that has them.
        autocast: Whether to compute in bfloat16.
    """

    def __init__(self, model: Any, *, autocast: bool) -> None:
        self.model = model.train()
        self.device = next(model.parameters()).device
        self.autocast = autocast
        trained = [each for each in model.parameters() if each.requires_grad]
        self.optimizer = torch.optim.AdamW(trained, lr=1e-5)

    def __call__(self, batch: dict[str, Any]) -> None:
        """Take a batch wherever it is, and learn from it."""
        batch = {name: value.to(self.device) for name, value in batch.items()}
        with torch.autocast(self.device.type, torch.bfloat16, enabled=self.autocast):
            loss = self.model(**batch).loss
        loss.backward()
        self.optimizer.step()
        self.optimizer.zero_grad()


def make_processor(config: Any) -> Any:
    """A processor with a tokenizer of its own and the configuration's placeholders."""
    tokenizer = train_tokenizer([*ANSWERS, *config.prompt, *config.questions.values()], 600)
    # Its ids stay below those of the model's placeholders, which it then gets.
    filler = [f"<filler-{i}>" for i in range(len(tokenizer), min(config.placeholders.values()))]
    tokenizer.add_tokens(filler)
    config.text_config.eos_token_id = tokenizer.eos_token_id
    config.text_config.pad_token_id = tokenizer.pad_token_id
    return AffectGPTProcessor.from_config(config, tokenizer)


def steps(step: Step, processor: Any, n_clips: int, n_rounds: int, folder: Path) -> dict[str, Any]:
    """A step from the cache beside one from decoded media and one from films."""
    corpus = load_dataset("demo", data_dir=make_demo(folder / "corpus"), split="train")
    rows = corpus.select(range(n_clips))
    recipe = Recipe(corpus="demo", model="m", question="labels", answer=("open_vocabulary",))
    maker = TowerMaker(towers_of(step.model), processor, ("audio", "video"), "float16")
    fill(maker, rows, folder / "demo-features", corpus="demo", progress=False)
    cache = FeatureCache.open(folder / "demo-features")
    films = Examples(rows, processor, recipe, with_answer=True)
    cached = Examples(rows, processor, recipe, with_answer=True, features=cache)
    decoded = processor.pad([films[i] for i in range(n_clips)])

    def batch_of(examples: Examples) -> dict[str, Any]:
        return dict(processor.pad([examples[i] for i in range(n_clips)]))

    took = in_turns(
        {
            "films": lambda: step(batch_of(films)),
            "decoded": lambda: step(dict(decoded)),
            "cached": lambda: step(batch_of(cached)),
        },
        n_rounds,
        step.device.type,
    )
    return {
        "clips": n_clips,
        "tokens": int(decoded["attention_mask"].sum()) // n_clips,
        **{f"{name}_ms": 1000 * value for name, value in took.items()},
        "decoded/cached": took["decoded"] / took["cached"],
        "films/cached": took["films"] / took["cached"],
    }


def packing(step: Step, processor: Any, n_clips: int, n_rounds: int) -> dict[str, Any]:
    """A packed row beside a padded batch of the same clips, and beside the bare language model."""
    model = step.model.get_base_model()
    config, device = model.config, step.device.type
    generator = np.random.default_rng(0)
    samples = []
    for length in generator.integers(60, 360, n_clips):
        batch = make_batch(model, 1, cached=True, n_tokens=int(length))
        sample = {name: tensor[0].cpu() for name, tensor in batch.items()}
        sample["labels"] = sample["input_ids"].clone()
        sample["labels"][: length // 2] = -100
        samples.append(sample)
    padded = dict(processor.pad(samples, max_length=1024))
    packed = dict(processor.pack(samples))
    n_tokens = packed["input_ids"].shape[1]

    bare = Step(_bare(config, model.dtype, device), autocast=step.autocast)
    words = {name: packed[name] for name in ("input_ids", "labels", "position_ids")}
    words["input_ids"] = words["input_ids"].clamp(max=5000)
    words["use_cache"] = torch.tensor(False)

    took = in_turns(
        {
            "padded": lambda: step(padded),
            "packed": lambda: step(packed),
            "language model": lambda: bare(words),
        },
        n_rounds,
        device,
    )
    found: dict[str, Any] = {
        "clips": n_clips,
        "tokens": n_tokens,
        "padded_tokens": padded["input_ids"].numel(),
        **{f"{name.replace(' ', '_')}_ms": 1000 * value for name, value in took.items()},
        "padded/packed": took["padded"] / took["packed"],
        "packed/language_model": took["packed"] / took["language model"],
        "tokens_per_s": n_tokens / took["packed"],
    }
    # Forward, and backward to activations; what adapters and fusion add is below one in a hundred.
    done = 2 * flops(config)["language_model"] * n_tokens / N_TOKENS
    peak = next((flop for card, flop in PEAKS.items() if card in _card(device)), None)
    return found | {"flop": done, "share_of_peak": peak and done / took["packed"] / peak}


def _bare(config: Any, dtype: torch.dtype, device: str) -> Any:
    """The language model alone, with adapters of the same rank on the same layers."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    default = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    with torch.device(device):
        model = AutoModelForCausalLM.from_config(config.text_config)
    torch.set_default_dtype(default)
    targets = ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"]
    return get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules=targets))


class RandomMaker:
    """Simulated features, in the form of a cache of AffectGPT's towers."""

    name = "simulated"
    media = ("audio", "video")
    source = None

    def __init__(self, config: Any) -> None:
        self.columns = [
            Column("vision_features", (config.n_frames, config.vision_dim), "float16"),
            Column("audio_features", (config.n_audio_clips, config.audio_dim), "float16"),
        ]
        self.made_of = {"vision_features": ("video",), "audio_features": ("audio",)}
        self.key = {column.name: {"shape": list(column.shape)} for column in self.columns}

    def inputs(self, rows: Any) -> Any:
        """Clip numbers, which are all that this needs."""
        names = [column.name for column in self.columns]
        return [{name: torch.tensor(number) for name in names} for number in range(len(rows))]

    def make(self, column: str, values: torch.Tensor) -> torch.Tensor:
        """Features of clips by their numbers."""
        shape = next(each.shape for each in self.columns if each.name == column)
        return torch.randn(len(values), *shape, generator=torch.Generator().manual_seed(0))


def simulated(config: Any, n_clips: int, folder: Path) -> datasets.Dataset:
    """Clips without media, whose features lie in a cache."""
    media = {"bytes": b"-", "path": None}
    rows = datasets.Dataset.from_dict(
        {
            "id": [f"clip-{i:06d}" for i in range(n_clips)],
            "corpus": ["simulated"] * n_clips,
            "split_official": ["train"] * n_clips,
            "text": [f"sentence {i % 7} of this clip" for i in range(n_clips)],
            "open_vocabulary": [ANSWERS[i % 4].split(", ") for i in range(n_clips)],
            "video": [media] * n_clips,
            "audio": [media] * n_clips,
            "media_issue": [None] * n_clips,
        }
    )
    fill(RandomMaker(config), rows, folder, corpus="simulated", batch_size=256, progress=False)
    return rows


def loader(step: Step, processor: Any, n_clips: int, folder: Path) -> list[dict[str, Any]]:
    """Clips a second from the cache by workers, beside batches made ahead and the step itself."""
    config = step.model.get_base_model().config
    examples = _examples(
        simulated(config, n_clips, folder / "loader"), folder / "loader", processor
    )
    ahead = dict(processor.pad([examples[i] for i in range(N_LOADED)]))
    step(ahead)
    alone = statistics.median(
        seconds(lambda: step(ahead), step.device.type) for _ in range(N_STEPS)
    )
    found = []
    for n_workers in (0, 2) if step.device.type == "cpu" else (0, 2, 8):
        batches = DataLoader(
            examples, batch_size=N_LOADED, num_workers=n_workers, collate_fn=processor.pad
        )
        start = time.perf_counter()
        for n_made, _ in enumerate(batches, start=1):
            if n_made == 1:  # workers have started
                start = time.perf_counter()
        made_s = (time.perf_counter() - start) / (len(batches) - 1)
        start = waited = 0.0
        stream = iter(batches)
        step(dict(next(stream)))
        start = time.perf_counter()
        for _ in range(N_STEPS):
            before = time.perf_counter()
            batch = dict(next(stream))
            waited += time.perf_counter() - before
            step(batch)
            if step.device.type == "cuda":
                torch.cuda.synchronize()
        total = time.perf_counter() - start
        found.append(
            {
                "workers": n_workers,
                "clips_per_s_alone": N_LOADED / made_s,
                "clips_per_s_of_the_step": N_LOADED / alone,
                "idle_share": waited / total,
            }
        )
    return found


def curve(sizes: list[int]) -> list[dict[str, Any]]:
    """A training loop over simulated features, in one process and in two."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for n_clips in sizes:
            lies_in = Path(folder) / str(n_clips)
            config = AffectGPTConfig.tiny(vocab_size=704)
            simulated(config, n_clips, lies_in / "features").save_to_disk(lies_in / "rows")
            for n_processes in (1, 2):
                command = [sys.executable, "-m", "torch.distributed.run", "--nproc_per_node"]
                command += [str(n_processes), __file__, "--child", str(lies_in)]
                out = subprocess.run(
                    command,
                    env={**os.environ, "OMP_NUM_THREADS": "1"},
                    stdout=subprocess.PIPE,
                    check=True,
                    text=True,
                ).stdout
                found.append(json.loads(out.splitlines()[-1]))
    return found


def child(folder: Path) -> None:
    """One process of `curve`: a tiny model, the cache, and thirty steps of four clips."""
    torch.set_num_threads(1)
    torch.distributed.init_process_group("gloo")
    rank, size = torch.distributed.get_rank(), torch.distributed.get_world_size()
    torch.manual_seed(0)
    model = AffectGPTForConditionalGeneration(AffectGPTConfig.tiny(vocab_size=704))
    processor = make_processor(model.config)
    before = _memory_mib()
    began = time.perf_counter()
    rows = datasets.load_from_disk(folder / "rows")
    examples = _examples(rows, folder / "features", processor)
    order = np.random.default_rng(0).permutation(len(rows))[rank::size].tolist()
    batches = iter(DataLoader(examples, batch_size=4, sampler=order, collate_fn=processor.pad))
    first = dict(next(batches))
    start_s = time.perf_counter() - began
    tuned = torch.nn.parallel.DistributedDataParallel(
        add_lora(model, LoraRecipe()), find_unused_parameters=True
    )
    step = Step(tuned, autocast=False)
    step(first)
    torch.distributed.barrier()
    began = time.perf_counter()
    for _ in range(30):
        step(dict(next(batches)))
    torch.distributed.barrier()
    took = time.perf_counter() - began
    if rank == 0:
        found = {"clips": len(rows), "processes": size, "clips_per_s": 30 * 4 * size / took}
        found |= {"start_s": start_s, "memory_mib": _memory_mib(), "model_mib": before}
        print(json.dumps(found), flush=True)
    torch.distributed.destroy_process_group()


def _examples(rows: datasets.Dataset, folder: Path, processor: Any) -> Examples:
    recipe = Recipe(corpus="simulated", model="m", question="labels", answer=("open_vocabulary",))
    cache = FeatureCache.open(folder)
    return Examples(rows, processor, recipe, with_answer=True, features=cache)


def _memory_mib() -> float:
    """The most that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _card(device: str) -> str:
    return torch.cuda.get_device_name() if device == "cuda" else "one CPU core"


def main() -> None:
    """Measure, and print what was found as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--only", choices=PARTS, action="append", help="repeat for several")
    parser.add_argument("--rounds", type=int, default=10, help="of each timed set")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--child", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.child:
        child(given.child)
        return
    on_gpu = given.device == "cuda"
    if not on_gpu:
        torch.set_num_threads(1)
    parts = given.only or PARTS
    found: dict[str, Any] = {
        "affecthub": affecthub.__version__,
        "python": platform.python_version(),
        "device": _card(given.device),
        "versions": {name: version(name) for name in ("torch", "transformers", "peft")},
    }
    model = make_model(given.device, torch.bfloat16 if on_gpu else torch.float32)
    processor = make_processor(model.config)
    assert lora_target_modules(model), "adapters have a place"
    step = Step(add_lora(model, LoraRecipe()), autocast=on_gpu)
    with tempfile.TemporaryDirectory() as folder:
        if "steps" in parts:
            found["steps"] = steps(step, processor, 3, given.rounds, Path(folder))
            print(json.dumps(found), file=sys.stderr, flush=True)  # in case the rest fails
        if "packing" in parts:
            n_clips = 48 if on_gpu else 8
            found["packing"] = packing(step, processor, n_clips, given.rounds)
            print(json.dumps(found), file=sys.stderr, flush=True)
        if "loader" in parts:
            found["loader"] = loader(step, processor, 512, Path(folder))
            print(json.dumps(found), file=sys.stderr, flush=True)
    if "curve" in parts:
        found["curve"] = curve(given.sizes)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
