"""What one evaluation of a small batch costs, as it is made at every step of a training.

    python benchmarks/small_calls.py

Batches of 64 clips with one to eight labels each, drawn from the forms of the built-in lexicon with
one in ten unknown, which is harder than real labels: they repeat themselves. "Again" is a batch
whose labels were met before, "new" one of which many were not. Processor milliseconds, the median
of many.
"""

import platform
import random
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import affecthub
from affecthub.metrics.hit_rate.scores import hit_rate
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.set_f.scores import set_f

N_CLIPS = 64
# What one call after the first may cost, in milliseconds.
FUNCTION_MS, MODULE_MS = 1.0, 20.0

Batch = tuple[list[Any], list[Any], list[str]]


def make_batches(n_batches: int, seed: int = 0) -> list[Batch]:
    """Predicted labels, reference labels, and one basic reference label, for each clip."""
    rng = random.Random(seed)
    forms = sorted(load_lexicon().names)

    def labels() -> list[str]:
        return [
            rng.choice(forms) if rng.random() > 0.1 else f"x{rng.randrange(10**6)}"
            for _ in range(rng.randint(1, 8))
        ]

    basic = ("happy", "sad", "angry", "fearful", "neutral")
    return [
        (
            [labels() for _ in range(N_CLIPS)],
            [labels() for _ in range(N_CLIPS)],
            [rng.choice(basic) for _ in range(N_CLIPS)],
        )
        for _ in range(n_batches)
    ]


def milliseconds(call: Callable[[Batch], Any], batches: list[Batch]) -> float:
    """The median time of the calls, without the first."""
    times = []
    for batch in batches:
        start = time.process_time()
        call(batch)
        times.append(1000 * (time.process_time() - start))
    return median(times[1:])


def main() -> None:
    """Print a row for each way of calling, and say whether it keeps to what it may cost."""
    lists = make_batches(21)
    texts = [([", ".join(a) for a in p], [", ".join(a) for a in r], b) for p, r, b in lists]
    modules = {name: affecthub.load_metric(name) for name in ("set_f", "hit_rate")}
    calls: dict[str, tuple[Callable[[Batch], Any], float]] = {
        "`set_f`": (lambda batch: set_f(batch[0], batch[1]), FUNCTION_MS),
        "`hit_rate`": (lambda batch: hit_rate(batch[0], batch[2]), FUNCTION_MS),
        "`set_f` as a module": (
            lambda batch: modules["set_f"].compute(predictions=batch[0], references=batch[1]),
            MODULE_MS,
        ),
        "`hit_rate` as a module": (
            lambda batch: modules["hit_rate"].compute(predictions=batch[0], references=batch[2]),
            MODULE_MS,
        ),
    }
    print(f"affecthub {affecthub.__version__}, Python {platform.python_version()}")
    print("| | lists, again | lists, new | texts, again | texts, new | allowed |")
    print("|---|---|---|---|---|---|")
    for name, (call, allowed) in calls.items():
        cells = [
            milliseconds(call, batches)
            for form in (lists, texts)
            for batches in ([form[0]] * 41, form)
        ]
        figures = " | ".join(f"{cell:.2f}" for cell in cells)
        print(f"| {name} | {figures} | {allowed:g} |")


if __name__ == "__main__":
    main()
