"""What training fusions costs: our whole program beside a plain write-up of the released one.

    python benchmarks/fusion.py            # one core, ten minutes
    python benchmarks/fusion.py --only lmf --rounds 5
    python benchmarks/fusion.py --device cuda --clips 15413   # all but memory, by the clock

Features are synthetic, of the sizes of EmotionTalk's Table 4 (sound 1024, text 4096, faces 768),
in batches of 32. Every figure is a ratio in one run: both sides in turn, over rounds, the least
time of each compared. On a processor time is this process' own: what else the machine does counts
little. On an accelerator it is the clock's, to the end of its work. Ours is `fit`: the Trainer from
its making on, validation after every epoch, the best epoch kept, the test split scored.

- ``lmf``, ``attention``: a run of four epochs;
- ``sixteen``: the first sixteen draws of the official space of LMF side by side, beside one run;
- ``mfn``, ``graph_mfn``, ``mult``, ``mctn``: steps of clips that are as long as EmotionTalk's text
  (5.3 in the mean, 20 at most), which the released loader pads to 20;
- ``memory``: what a frame-level training split holds, and what a process reaches with it.
"""

import argparse
import json
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from typing import Any

import numpy as np
import torch
from fusion_plain import PLAIN, Rows, epoch

import affecthub
from affecthub.training.fusion import Job, Settings, config_for, fit, fit_many, table_of
from affecthub.training.fusion.spaces import SPACES, draw_from

DIMS = {"audio": 1024, "text": 4096, "vision": 768}
N_TRAIN = 15_413
N_EPOCHS = 4
LONGEST = 20
VECTORS = ("lmf", "attention")
SEQUENCES = ("mfn", "graph_mfn", "mult", "mctn")
PARTS = (*VECTORS, "sixteen", *SEQUENCES, "memory")
WANTED = {
    **dict.fromkeys(VECTORS, "at least 1.0"),
    "mfn": "at least 1.7",
    "graph_mfn": "at least 1.7",
    "mult": "at least 2",
    "mctn": "at least 10",
}


def lengths_of(n_clips: int) -> np.ndarray:
    """Steps of clips as EmotionTalk's text has them after six tokens became one step."""
    tokens = np.random.default_rng(0).lognormal(3.25, 0.52, n_clips).clip(1, 6 * LONGEST)
    return np.ceil(tokens / 6).astype(int)


def vectors(n_train: int) -> tuple[Any, list[np.ndarray], np.ndarray]:
    """A table of vectors, and the same as arrays; an eighth more to validate, and to test."""
    n_clips, n_other = n_train + n_train // 4, n_train // 8
    generator = np.random.default_rng(0)
    labels = generator.integers(0, 7, n_clips)
    arrays = [generator.standard_normal((n_clips, dim), np.float32) for dim in DIMS.values()]
    splits = {
        "train": range(n_train),
        "validation": range(n_train, n_train + n_other),
        "test": range(n_train + n_other, n_clips),
    }
    table = table_of(dict(zip(DIMS, arrays, strict=True)), labels.tolist(), splits)
    return table, arrays, labels


def steps(n_clips: int, dtype: Any = np.float32) -> tuple[dict[str, list[np.ndarray]], Any, Any]:
    """Clips of unlike length, their labels, and their lengths."""
    generator = np.random.default_rng(1)
    lengths = lengths_of(n_clips)
    clips = {
        name: [generator.standard_normal((n, dim), np.float32).astype(dtype) for n in lengths]
        for name, dim in DIMS.items()
    }
    return clips, generator.integers(0, 7, n_clips), lengths


def padded(clips: list[np.ndarray]) -> np.ndarray:
    """As the released loader holds them: float64, zeros in front, to the longest of the split."""
    held = np.zeros((len(clips), LONGEST, clips[0].shape[1]))
    for row, clip in zip(held, clips, strict=True):
        row[LONGEST - len(clip) :] = clip
    return held


def same(name: str) -> float:
    """The largest difference between the logits of the write-up and of our official form."""
    from affecthub.modeling.fusion import FusionConfig, FusionModel

    torch.manual_seed(0)
    dims = (12, 20, 16)
    plain = PLAIN[name](dims, 16, 0.3).eval()
    config = FusionConfig(
        algorithm=name,
        audio_dim=12,
        text_dim=20,
        vision_dim=16,
        hidden_dim=16,
        fidelity="official",
    )
    ours = FusionModel(config).eval()
    weights = dict(plain.state_dict())
    if name == "graph_mfn":  # its nodes' networks are in no dict of weights
        for node, network in plain.graph_mfn.networks.items():
            stem = "graph_mfn.networks." + "".join(map(str, node))
            weights |= {f"{stem}.{key}": value for key, value in network.state_dict().items()}
    ours.load_official(weights)
    shape = (4, 6) if config.level == "frame" else (4,)
    x = [torch.randn(*shape, dim) for dim in dims]
    with torch.no_grad():
        told = ours(audio=x[0], text=x[1], vision=x[2]).logits
        return float((plain(*x)[0] - told).abs().max())


def least(sides: dict[str, Callable[[], float]], n_rounds: int) -> dict[str, float]:
    """The least seconds of each side, taken in turn."""
    took: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(n_rounds):
        for name, run in sides.items():
            took[name].append(run())
    return {name: min(each) for name, each in took.items()}


def timed(run: Callable[[], Any], device: str) -> float:
    """Seconds that a call takes."""
    clock = time.perf_counter if device == "cuda" else time.process_time
    start = clock()
    run()
    if device == "cuda":
        torch.cuda.synchronize()
    return clock() - start


def of_vectors(name: str, n_train: int, n_rounds: int, device: str) -> dict[str, Any]:
    """A run of LMF or Attention."""
    table, arrays, labels = vectors(n_train)
    table = table.to(device)
    config = config_for(table, name, hidden_dim=128)
    n_other = n_train // 8
    how = Settings(epochs=N_EPOCHS)
    bounds = [(0, n_train), (n_train, n_train + n_other), (n_train + n_other, len(labels))]
    parts = [Rows([x[a:b] for x in arrays], labels[a:b]) for a, b in bounds]

    def released() -> None:
        torch.manual_seed(0)
        model = PLAIN[name](tuple(DIMS.values()), 128, 0.3).to(device)
        adam = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-5)
        with torch.device(device):
            for _ in range(N_EPOCHS):
                epoch(model, parts[0], adam)
                epoch(model, parts[1], None)
                epoch(model, parts[2], None)

    took = least(
        {
            "released": lambda: timed(released, device),
            "ours": lambda: timed(lambda: fit(config, table, settings=how), device),
        },
        n_rounds,
    )
    whole = {
        f"{side}_s_per_epoch": each / N_EPOCHS * N_TRAIN / n_train for side, each in took.items()
    }
    return whole | {"clips": n_train, "times": took["released"] / took["ours"]}


def sixteen(n_train: int, n_rounds: int, device: str) -> dict[str, Any]:
    """Sixteen draws side by side, beside one run, and beside the largest of them."""
    table = vectors(n_train)[0].to(device)
    settings = Settings(epochs=2 * N_EPOCHS)
    jobs = [
        Job(
            config_for(table, "lmf", options=draw.options, **draw.config),
            settings.with_(**draw.settings),
        )
        for draw in draw_from(SPACES["lmf"], 16)
    ]
    largest = max(jobs, key=lambda job: (job.config.hidden_dim, job.config.option.rank))
    usual = config_for(table, "lmf", hidden_dim=128)
    took = least(
        {
            "one": lambda: timed(lambda: fit(usual, table, settings=settings), device),
            "largest": lambda: timed(
                lambda: fit(largest.config, table, settings=largest.settings), device
            ),
            "sixteen": lambda: timed(lambda: list(fit_many(jobs, table)), device),
        },
        n_rounds,
    )
    return {
        "clips": n_train,
        **{f"{side}_s": value for side, value in took.items()},
        "sixteen/one": took["sixteen"] / took["one"],
        "sixteen/largest": took["sixteen"] / took["largest"],
        "widths": sorted(job.config.hidden_dim for job in jobs),
    }


def of_steps(name: str, n_clips: int, n_steps: int, n_rounds: int, device: str) -> dict[str, Any]:
    """Training steps: ours over clips of like length, theirs padded."""
    clips, labels, lengths = steps(n_clips)
    table = table_of(clips, labels.tolist(), {"train": range(n_clips)}).to(device)
    config = config_for(table, name, hidden_dim=128)
    rows = Rows([padded(each[: 32 * n_steps]) for each in clips.values()], labels[: 32 * n_steps])

    def released() -> float:
        torch.manual_seed(0)
        model = PLAIN[name](tuple(DIMS.values()), 128, 0.3).to(device)
        adam = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-5)
        with torch.device(device):
            return timed(lambda: epoch(model, rows, adam), device) / n_steps

    def ours() -> float:
        settings = Settings(epochs=2)
        return timed(lambda: fit(config, table, settings=settings), device) / (2 * n_clips / 32)

    took = least({"released": released, "ours": ours}, n_rounds)
    n_batches = -(-N_TRAIN // 32)
    return {
        "clips": n_clips,
        "mean_length": float(lengths.mean()),
        **{f"{side}_ms_per_step": 1000 * value for side, value in took.items()},
        **{f"{side}_s_per_epoch": n_batches * value for side, value in took.items()},
        "times": took["released"] / took["ours"],
    }


def memory(n_clips: int) -> dict[str, Any]:
    """What the training split takes, and what a process reaches with a part of it."""
    found: dict[str, Any] = {"clips": n_clips}
    for side in ("released", "ours"):
        command = [sys.executable, __file__, "--child", side, "--clips", str(n_clips)]
        out = subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout
        found[side] = json.loads(out.splitlines()[-1])
    width = sum(DIMS.values())
    found["released_whole_gb"] = N_TRAIN * LONGEST * width * 8 / 1e9
    found["ours_whole_gb"] = int(lengths_of(N_TRAIN).sum()) * width * 2 / 1e9
    found["times"] = found["released"]["above_mib"] / found["ours"]["above_mib"]
    return found


def child(side: str, n_clips: int) -> None:
    """A process that holds a split and takes an epoch of batches."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    lengths, generator = lengths_of(n_clips), np.random.default_rng(0)
    labels = generator.integers(0, 7, n_clips)
    if side == "ours":
        from affecthub.training.fusion.blocks import Steps
        from affecthub.training.fusion.order import Batches

        ends = torch.cat([torch.zeros(1, dtype=torch.long), torch.tensor(lengths).cumsum(0)])
        there = torch.ones(n_clips, dtype=torch.bool)
        blocks = {
            name: Steps(torch.ones(int(ends[-1]), dim, dtype=torch.float16), ends, there)
            for name, dim in DIMS.items()
        }
        table = table_of(blocks, labels.tolist(), {"train": range(n_clips)})
        for batch in Batches(table, "train", 32):
            batch["text"].sum()
    else:
        held = [np.ones((n_clips, LONGEST, dim)) for dim in DIMS.values()]
        for batch, _, _ in Rows(held, labels).batches():
            batch[1].sum()
    reached = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"start_mib": before, "reached_mib": reached, "above_mib": reached - before}))


def main() -> None:
    """Measure, and print what was found as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=PARTS, action="append", help="repeat for several")
    parser.add_argument("--rounds", type=int, default=3, help="of each timed set")
    parser.add_argument("--clips", type=int, default=2048, help="to train on")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    if given.child:
        child(given.child, given.clips)
        return
    found: dict[str, Any] = {
        "affecthub": affecthub.__version__,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("torch", "transformers", "numpy")},
        "threads": given.threads,
        "device": torch.cuda.get_device_name() if given.device == "cuda" else "processor",
    }
    found["largest_difference"] = {name: same(name) for name in PLAIN}
    assert max(found["largest_difference"].values()) < 1e-5, "both sides compute the same"
    # Memory is the processor's.
    parts = [name for name in PARTS if name != "memory" or given.device == "cpu"]
    for name in given.only or parts:
        if name in VECTORS:
            found[name] = of_vectors(name, given.clips, given.rounds, given.device)
        elif name == "sixteen":
            found[name] = sixteen(given.clips // 2, given.rounds, given.device)
        elif name == "memory":
            found[name] = memory(2 * given.clips)
        else:
            n_steps = 2 if name in ("mult", "mctn") else 4
            found[name] = of_steps(name, 768, n_steps, given.rounds, given.device)
        print(
            json.dumps({name: found[name], "wanted": WANTED.get(name)}), file=sys.stderr, flush=True
        )
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
