"""How fast set-F is: a ratio against the definition written down plainly, in the same run.

    python benchmarks/metrics.py --lexicon path/to/released/tables

The plain version looks every label of every clip up on every wheel and compares Python sets, clip
by clip. Both must give the same numbers, which is checked before the times are printed.
"""

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

import affecthub
from affecthub.metrics.lexicon import Lexicon, load_lexicon
from affecthub.metrics.parsing import parse_labels
from affecthub.metrics.wheel import hit_rate, set_f


def plain_set_f(predictions: list[str], references: list[str], lexicon: Lexicon) -> list[float]:
    """Give set-F, precision and recall (inner ring) straight from the definition."""

    def sector(label: str, places: Mapping[str, str]) -> str | None:
        names = lexicon.names.get(label, ())
        candidates = sorted({word for name in names for word in lexicon.wheel_words[name]})
        return next((places[word] for word in candidates if word in places), None)

    per_wheel = []
    for wheel in lexicon.wheels:
        precision, recall = [], []
        for predicted, expected in zip(predictions, references, strict=True):
            found, wanted = (
                {sector(label, wheel.inner) for label in parse_labels(text, lexicon.style)} - {None}
                for text in (predicted, expected)
            )
            if not wanted:
                continue
            agreed = len(found & wanted)
            precision.append(agreed / len(found) if found else 0.0)
            recall.append(agreed / len(wanted))
        p, r = np.mean(precision), np.mean(recall)
        per_wheel.append([2 * p * r / (p + r), p, r])
    return [float(mean) for mean in np.mean(per_wheel, axis=0)]


def make_clips(lexicon: Lexicon, n_clips: int, seed: int) -> tuple[list[str], list[str]]:
    """Draw label texts of one to eight labels, one in ten of them unknown to the lexicon."""
    rng = np.random.default_rng(seed)
    words = np.array([*sorted(lexicon.names), *("unknownword",) * (len(lexicon.names) // 9)])

    def texts() -> list[str]:
        sizes = rng.integers(1, 9, n_clips)
        labels = rng.choice(words, sizes.sum())
        return [str(list(map(str, part))) for part in np.split(labels, np.cumsum(sizes)[:-1])]

    return texts(), texts()


def seconds(run: Callable[[], Any], repeats: int) -> list[float]:
    """Measure the processor time of a call several times; waiting for others is not counted."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return times


def main() -> None:
    """Measure, print a table and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lexicon", help="folder of released tables; by default the built-in one")
    parser.add_argument("--clips", type=int, default=50_000)
    parser.add_argument("--repeats", type=int, default=5, help="the plain version runs once")
    arguments = parser.parse_args()
    lexicon = load_lexicon(arguments.lexicon)
    predictions, references = make_clips(lexicon, arguments.clips, seed=0)

    fast = set_f(predictions, references, lexicon=lexicon)
    start = time.process_time()
    plain = plain_set_f(predictions, references, lexicon)
    plain_s = time.process_time() - start
    assert plain == [fast["set_f"], fast["set_precision"], fast["set_recall"]]
    times = {
        "plain definition": [plain_s],
        "set_f": seconds(
            lambda: set_f(predictions, references, lexicon=lexicon), arguments.repeats
        ),
        "hit_rate": seconds(
            lambda: hit_rate(predictions, references, lexicon=lexicon), arguments.repeats
        ),
    }
    medians = {name: statistics.median(values) for name, values in times.items()}
    print(f"{'':18}{'median CPU s':>14}{'ratio':>8}")
    for name, median in medians.items():
        print(f"{name:18}{median:14.3f}{plain_s / median:8.1f}")
    print(
        json.dumps(
            {
                "n_clips": arguments.clips,
                "lexicon": lexicon.identity,
                "median_cpu_s": medians,
                "ratio_set_f": plain_s / medians["set_f"],
                "affecthub": affecthub.__version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
                "machine": platform.machine(),
            }
        )
    )


if __name__ == "__main__":
    main()
