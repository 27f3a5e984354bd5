"""How fast the label metrics are: ratios against their definitions written down plainly.

    python benchmarks/metrics.py --lexicon path/to/released/tables
    python benchmarks/metrics.py --descriptions final-EMER-reason.csv --labels check-openset.csv

The plain version looks every label of every clip up on every wheel and compares Python sets, clip
by clip. Both must give the same numbers, which is checked before the times are printed.
"""

import argparse
import csv
import json
import platform
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from itertools import chain, compress, repeat
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow

import affecthub
from affecthub.metrics.hit_rate.scores import hit_rate
from affecthub.metrics.lexicon import compiled as cache
from affecthub.metrics.lexicon import workbooks
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon, Ring
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.parsing import parse_labels
from affecthub.metrics.set_f.scores import set_f
from affecthub.metrics.wheels.clips import WheelClips

RINGS: tuple[Ring, ...] = ("inner", "middle")


def plain_scores(
    predictions: list[str], references: list[str], lexicon: Lexicon, ring: Ring
) -> list[float]:
    """Set-F, precision, recall and hit rate straight from their definitions."""

    def sector(label: str, places: Mapping[str, str]) -> str | None:
        candidates = sorted(
            {word for name in lexicon.owners(label) for word in lexicon.wheel_words[name]}
        )
        return next((places[word] for word in candidates if word in places), None)

    per_wheel = []
    for wheel in lexicon.wheels:
        places = wheel.ring(ring)
        precision, recall, hits = [], [], []
        for predicted, expected in zip(predictions, references, strict=True):
            found, wanted = (
                {sector(label, places) for label in parse_labels(text, lexicon.style)} - {None}
                for text in (predicted, expected)
            )
            if not wanted:
                continue
            agreed = len(found & wanted)
            precision.append(agreed / len(found) if found else 0.0)
            recall.append(agreed / len(wanted))
            hits.append(agreed > 0)
        p, r = np.mean(precision), np.mean(recall)
        per_wheel.append([2 * p * r / (p + r), p, r, np.mean(hits)])
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


def seconds(run: Callable[[], Any], repeats: int) -> float:
    """The least processor time of a call: what other programs add to it is no part of it."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)


def score_times(lexicon: Lexicon, n_clips: int, repeats: int) -> dict[str, float]:
    """Time both metrics on both rings, plain and ours, and check that they agree."""
    predictions, references = make_clips(lexicon, n_clips, seed=0)

    def ours() -> list[list[float]]:
        clips = WheelClips(predictions, references, lexicon)
        scores = []
        for ring in RINGS:
            sets = clips.set_f(ring)
            keys = ("set_f", "set_precision", "set_recall")
            scores.append([*(sets[key] for key in keys), clips.hit_rate(ring)["hit_rate"]])
        return scores

    start = time.process_time()
    plain = [plain_scores(predictions, references, lexicon, ring) for ring in RINGS]
    plain_s = time.process_time() - start
    assert plain == ours()
    return {
        "plain definitions, both metrics, both rings": plain_s,
        "WheelClips, both metrics, both rings": seconds(ours, repeats),
        "set_f, one ring": seconds(
            lambda: set_f(predictions, references, lexicon=lexicon), repeats
        ),
        "hit_rate, one ring": seconds(
            lambda: hit_rate(predictions, references, lexicon=lexicon), repeats
        ),
    }


def load_times(folder: Path, repeats: int) -> dict[str, float]:
    """Time how long released tables take from their files, and from the cache."""
    key = workbooks.tables_key(folder)

    def cached() -> None:
        cache._compiled.cache_clear()
        load_lexicon(folder)

    def compiled() -> None:
        Lexicon.from_document({**workbooks.read_tables(folder), "version": key})

    cached()
    return {
        "released tables from csv and xlsx": seconds(compiled, repeats),
        "released tables from the cache": seconds(cached, repeats),
    }


def memory_of_a_stream(
    lexicon: Lexicon, n_clips: int, ring: Ring, *, without_evaluate: bool
) -> dict[str, float]:
    """Resident memory, in MB, before and at the peak of a streamed evaluation (Linux).

    "anonymous" leaves out pages of files, which the system may take back at any time.
    """
    predictions, references = make_clips(lexicon, 10_000, seed=1)
    rounds = n_clips // len(predictions)
    if without_evaluate:
        from affecthub.metrics.set_f.scores import set_f as score

        before, peak = _resident(), _Peak()
        with peak:
            scores = score(
                chain.from_iterable(repeat(predictions, rounds)),
                chain.from_iterable(repeat(references, rounds)),
                lexicon=lexicon,
                ring=ring,
            )
    else:
        with tempfile.TemporaryDirectory() as folder:
            metric = affecthub.load_metric("set_f", cache_dir=folder)
            before, peak = _resident(), _Peak()
            with peak:
                for _ in range(rounds):
                    metric.add_batch(predictions=predictions, references=references)
                scores = metric.compute(lexicon=lexicon, ring=ring)
    assert scores["n_clips"] == n_clips
    return {
        **{f"{kind} before, MB": size for kind, size in before.items()},
        **{f"{kind} at its peak, MB": size for kind, size in peak.sizes.items()},
    }


def _resident() -> dict[str, float]:
    """The resident memory of this process, in MB."""
    names = {"VmRSS": "resident", "RssAnon": "anonymous"}
    lines = Path("/proc/self/status").read_text().splitlines()
    sizes = dict(line.split(":", 1) for line in lines)
    return {name: int(sizes[key].split()[0]) / 1024 for key, name in names.items()}


class _Peak:
    """Looks at the resident memory every few milliseconds and keeps the largest sizes."""

    def __init__(self) -> None:
        self.sizes = _resident()
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self._is_over.wait(0.003):
            self.sizes = {kind: max(size, self.sizes[kind]) for kind, size in _resident().items()}

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *exception: object) -> None:
        self._is_over.set()
        self._thread.join()


def extraction(descriptions: Path, expected_labels: Path, lexicon: Lexicon) -> dict[str, Any]:
    """Score and time the lexicon extractor on described clips with known labels."""
    from affecthub.metrics.answers.extraction import LexiconExtractor

    with descriptions.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with expected_labels.open(encoding="utf-8-sig", newline="") as file:
        expected = {row["name"]: row["openset"] for row in csv.DictReader(file)}
    references = [expected[row["name"]] for row in rows]
    # The rules for Chinese were written with one half of the clips in view and not the other.
    unseen = [sha256(row["name"].encode()).digest()[0] % 2 == 1 for row in rows]
    results: dict[str, Any] = {"n_clips": len(rows), "n_unseen": sum(unseen)}
    for column in ("english", "chinese"):
        texts = [row[column] for row in rows]
        for scope in ("conclusion", "all"):
            extract = LexiconExtractor(scope=scope, labels="en")
            labels = extract.batch(texts)
            scores = set_f(labels, references, lexicon=lexicon)
            halves = [list(compress(side, unseen)) for side in (labels, references)]
            taken = seconds(lambda: extract.batch(texts), 7)  # noqa: B023
            results[f"{column}, {scope}"] = {
                **{key: scores[f"set_{key}"] for key in ("f", "precision", "recall")},
                "f_unseen": set_f(*halves, lexicon=lexicon)["set_f"],
                "per_s": len(texts) / taken,
            }
    return results


def main() -> None:
    """Measure, print tables and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lexicon", help="folder of released tables; by default the built-in one")
    parser.add_argument("--clips", type=int, default=50_000)
    parser.add_argument("--repeats", type=int, default=5, help="the plain version runs once")
    parser.add_argument("--stream", type=int, help="instead, memory while this many clips stream")
    parser.add_argument("--ring", choices=RINGS, default="inner", help="of the streamed clips")
    parser.add_argument(
        "--without-evaluate", action="store_true", help="stream into the pure function"
    )
    parser.add_argument("--descriptions", type=Path, help="csv: name, english, chinese")
    parser.add_argument("--labels", type=Path, help="csv: name, openset")
    arguments = parser.parse_args()
    lexicon = load_lexicon(arguments.lexicon)
    results: dict[str, Any] = {"n_clips": arguments.clips, "lexicon": lexicon.identity}
    if arguments.stream:
        results["stream"] = memory_of_a_stream(
            lexicon, arguments.stream, arguments.ring, without_evaluate=arguments.without_evaluate
        )
    elif arguments.descriptions:
        results["extraction"] = extraction(arguments.descriptions, arguments.labels, lexicon)
    else:
        results["cpu_s"] = score_times(lexicon, arguments.clips, arguments.repeats)
        if arguments.lexicon:
            results["load_s"] = load_times(Path(arguments.lexicon), arguments.repeats)
        plain = results["cpu_s"]["plain definitions, both metrics, both rings"]
        for name, taken in results["cpu_s"].items():
            print(f"{name:46}{taken:8.3f} s{plain / taken:8.1f}")
    results |= {
        "affecthub": affecthub.__version__,
        "numpy": np.__version__,
        "pyarrow": pyarrow.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    print(json.dumps(results, indent=1))


if __name__ == "__main__":
    main()
