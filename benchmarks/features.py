"""What a feature cache is worth, and whether it stays the same however large it grows.

    python benchmarks/features.py                   # 1k, 10k and 100k clips: 3 GB of disk
    python benchmarks/features.py --sizes 1000      # less

Every figure has a reference in the same run: clips fed from the cache against the same clips
decoded, opening and reading at random against ``datasets`` on the same folder. Candidate and
reference take turns, each size in a process of its own, and medians are compared.
"""

import argparse
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

# Of the paper's towers.
SHAPES = {"vision_features": (8, 768), "audio_features": (8, 1024)}
FACTS = ("id", "corpus", "split_official", "media_issue")
MEDIA = ("audio", "video")
SHARD_CLIPS = 256
N_READ = 2000
TURNS = 5


def simulate(folder: Path, n_clips: int, dtype: str = "float16") -> None:
    """Write a cache of random features through the code that writes real ones."""
    from affecthub.training.features.clips import digest_names
    from affecthub.training.features.columns import Column
    from affecthub.training.features.index import ABOUT, finish
    from affecthub.training.features.key import FORMAT
    from affecthub.training.features.shards import make_table, shard_path, write_shard

    folder.mkdir()
    columns = [Column(name, shape, dtype) for name, shape in SHAPES.items()]
    about = {"format": FORMAT, "corpus": "simulated", "maker": "none", "media": MEDIA, "key": {}}
    about["columns"] = [
        {"name": each.name, "shape": each.shape, "dtype": dtype, "of": [medium]}
        for each, medium in zip(columns, ("video", "audio"), strict=True)
    ]
    (folder / ABOUT).write_text(json.dumps(about))
    facts = [*FACTS, *digest_names(MEDIA)]
    rng = np.random.default_rng(0)
    blocks = {
        each.name: each.encode(rng.normal(size=each.shape).astype(np.float32)) for each in columns
    }
    for number, start in enumerate(range(0, n_clips, SHARD_CLIPS)):
        ids = range(start, min(start + SHARD_CLIPS, n_clips))
        rows = [{"id": f"sample_{i:08d}", "corpus": "simulated", **blocks} for i in ids]
        write_shard(shard_path(folder, number, 0), make_table(facts, columns, rows), {})
    finish(folder, facts, columns)


def memory_mb() -> float:
    """Resident memory of this process, what is mapped from files counted."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmRSS"):
            return int(line.split()[1]) / 1024
    raise OSError("no VmRSS in /proc/self/status: this benchmark needs Linux")


def measure(folder: Path, n_clips: int, how: str) -> dict[str, float]:
    """Open a cache in this process and read clips of it at random.

    Args:
        folder: The cache.
        n_clips: Of it.
        how: ``"cache"`` by `FeatureCache`, ``"datasets"`` by ``load_from_disk``.
    """
    import datasets

    from affecthub.training.features import FeatureCache

    numbers = [random.Random(0).randrange(n_clips) for _ in range(N_READ)]
    before = memory_mb()
    started = time.perf_counter()
    read: Callable[[int], Any]
    if how == "cache":
        cache = FeatureCache.open(folder)
        read = lambda i: cache.features(f"sample_{i:08d}")  # noqa: E731
    else:
        plain = datasets.load_from_disk(str(folder)).select_columns(list(SHAPES))
        arrays = plain.with_format("numpy")
        read = lambda i: arrays[i]  # noqa: E731
    read(numbers[0])
    opened_s = time.perf_counter() - started
    started = time.perf_counter()
    for number in numbers:
        read(number)
    read_s = time.perf_counter() - started
    return {
        "open_ms": 1000 * opened_s,
        "clips_per_s": N_READ / read_s,
        "memory_mb": memory_mb() - before,
    }


def in_turns(folder: Path, n_clips: int) -> dict[str, dict[str, float]]:
    """Medians of both ways over processes that take turns."""
    found: dict[str, list[dict[str, float]]] = {"cache": [], "datasets": []}
    for _ in range(TURNS):
        for how, runs in found.items():
            command = [sys.executable, __file__, "--one", str(folder), str(n_clips), how]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            runs.append(json.loads(done.stdout.splitlines()[-1]))
    return {
        how: {name: statistics.median(run[name] for run in runs) for name in runs[0]}
        for how, runs in found.items()
    }


def feeding(folder: Path, n_clips: int) -> dict[str, float]:
    """Clips a second that reach the collator, decoded and from a cache, one process each."""
    import torch

    from affecthub.datasets_scripts import load_dataset
    from affecthub.datasets_scripts.demo.generate import generate_demo
    from affecthub.training.examples import Examples
    from affecthub.training.features import FeatureCache, fill
    from affecthub.training.features.towers import TowerMaker, towers_of
    from affecthub.training.model import from_scratch
    from affecthub.training.recipe import Recipe, load_recipe

    torch.set_num_threads(1)
    corpus = generate_demo(folder / "corpus", n_clips=n_clips, n_speakers=3, seed=1)
    rows = load_dataset("demo", data_dir=corpus, split="train", cache_dir=folder / "hf")
    scratch = load_recipe("demo").scratch
    assert scratch is not None
    # Inputs and outputs of the paper's towers, with little between them.
    scratch.config |= {
        "n_audio_clips": 8,
        "vision_config": {"image_size": 224, "patch_size": 32, "projection_dim": 768},
        "audio_config": {"hidden_size": 1024, "num_hidden_layers": 1, "intermediate_size": 64},
        "audio_layers": 1,
    }
    model, processor = from_scratch(scratch, ["hello you"] * 5, freeze_towers=False)
    maker = TowerMaker(towers_of(model.eval()), processor, MEDIA, "float16")
    fill(maker, rows, folder / "cache", corpus="demo", progress=False)
    cache = FeatureCache.open(folder / "cache")
    recipe = Recipe(corpus="demo", model="m", answer=("emotion",))
    rates: dict[str, list[float]] = {"decoded": [], "cached": []}
    for _ in range(TURNS):
        for name, features in (("decoded", None), ("cached", cache)):
            examples = Examples(rows, processor, recipe, with_answer=True, features=features)
            started = time.perf_counter()
            for number in range(len(rows)):
                _ = examples[number]
            rates[name].append(len(rows) / (time.perf_counter() - started))
    return {name: statistics.median(each) for name, each in rates.items()}


def main() -> None:
    """Measure and print Markdown."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000])
    parser.add_argument("--clips", type=int, default=24, help="films that are decoded")
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        folder, n_clips, how = given.one
        print(json.dumps(measure(Path(folder), int(n_clips), how)))
        return
    os.environ["HF_DATASETS_DISABLE_PROGRESS_BARS"] = "1"
    packages = ("affecthub", "torch", "datasets", "pyarrow", "numpy")
    print(f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, ")
    print(", ".join(f"{name} {version(name)}" for name in packages), "\n")
    with tempfile.TemporaryDirectory() as scratch:
        rates = feeding(Path(scratch), 3 * given.clips)
        ratio = rates["cached"] / rates["decoded"]
        print("| clips to the collator | clips/s | ratio |\n|---|---|---|")
        print(f"| decoded from mp4 and wav | {rates['decoded']:.1f} | 1 |")
        print(f"| from the cache | {rates['cached']:.1f} | {ratio:.1f} |\n")
    print("| clips | read by | open, ms | random clips/s | ratio | memory, MB | on disk, MB |")
    print("|---|---|---|---|---|---|---|")
    for n_clips in given.sizes:
        with tempfile.TemporaryDirectory() as scratch:
            folder = Path(scratch) / "cache"
            simulate(folder, n_clips)
            size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
            found = in_turns(folder, n_clips)
        for how, each in found.items():
            ratio = each["clips_per_s"] / found["datasets"]["clips_per_s"]
            print(
                f"| {n_clips:,} | {how} | {each['open_ms']:.1f} | {each['clips_per_s']:,.0f} | "
                f"{ratio:.1f} | {each['memory_mb']:.0f} | {size:,.0f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
