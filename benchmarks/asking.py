"""What the journal and the parser of asked models cost, and how much memory they hold.

    python benchmarks/asking.py
    python benchmarks/asking.py --answers 10000 --rounds 3

Answers of EmoS' form, some in other spellings, go three ways: noted by the journal in batches that
are flushed to the disk, made one file, and read again and parsed; asked for by `ask_rows` of a
model that answers at once; and through a plain loop that writes and reads lines of JSON. Processor
seconds are compared, and seconds of the clock beside them. Memory is what Python holds more at its
highest than before, for answers of two lengths: it must not grow with them.
"""

import argparse
import json
import platform
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from affecthub.metrics.replies.reading import read_reply
from affecthub.training.answer_files import read_lines
from affecthub.training.asking.ask import ask_rows
from affecthub.training.asking.backends.scripted import ScriptedBackend
from affecthub.training.asking.prompts.registry import load_prompt
from affecthub.training.journal import Journal

LABELS = ("Anger", "Disgust", "Fear", "Joy", "Neutral", "Sadness", "Surprise")
SPELLED = (
    '{"predicted_emotion": "%s", "model_confidence": 0.8, "goemotions_labels": [{"label": "joy", '
    '"confidence": 0.7}, {"label": "love", "confidence": 0.4}], "evidence": "%s", '
    '"goemotions_rationale": "smiles"}',
    '<think>%%s</think>```json\n{"predicted_emotion": "%s", "model_confidence": "80%%%%",}\n```',
    "Predicted emotion: %s\nModel confidence: 0.8\nGoEmotions labels: joy: 0.7, love: 0.4\n"
    "Evidence: %s",
)
EVIDENCE = "a raised voice and a smile in the last second, 笑. "


def answer(number: int, repeats: int) -> str:
    """An answer in one of the spellings."""
    label, evidence = LABELS[number % 7], EVIDENCE * repeats
    spelled = SPELLED[max(0, number % 10 - 7)]
    if spelled.startswith("<think>"):
        return spelled.replace("%%s", evidence, 1).replace("%s", label).replace("%%%%", "%")
    return spelled % (label, evidence)


def batches(n: int, size: int, repeats: int) -> Iterator[list[dict[str, Any]]]:
    """Lines as a run has them, made as they are asked for."""
    for first in range(0, n, size):
        yield [
            {
                "id": f"clip-{i}",
                "prediction": answer(i, repeats),
                "clip": "0" * 16,
                "prompt": "emos_basic7@1",
                "media": "avt",
                "n_in": 700,
                "n_out": 90,
            }
            for i in range(first, min(first + size, n))
        ]


def by_journal(path: Path, n: int, size: int, repeats: int) -> None:
    """Note all answers, and make one file of them."""
    path.unlink(missing_ok=True)
    with Journal(path, "m", replace=True) as kept:
        kept.begin()
        kept.open()
        for lines in batches(n, size, repeats):
            kept.add(lines)
        kept.finish(f"clip-{i}" for i in range(n))


def by_loop(path: Path, n: int, size: int, repeats: int) -> None:
    """Write lines of JSON, and no more."""
    with path.open("w", encoding="utf-8") as file:
        for lines in batches(n, size, repeats):
            for line in lines:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")


def by_asking(path: Path, n: int, size: int, repeats: int) -> None:
    """Ask a model that answers at once."""
    path.unlink(missing_ok=True)
    prompt = load_prompt("emos_basic7")
    rows = [{"id": f"clip-{i}", "text": "well", "language": "en"} for i in range(n)]
    backend = ScriptedBackend(lambda ask: answer(int(ask.clip_id[5:]), repeats), name="bench")
    ask_rows(backend, rows, prompt, media="t", journal=path, batch_size=size, replace=True)


def parse(path: Path) -> dict[str, int]:
    """Read a journal and parse its answers; how many have each status."""
    found: dict[str, int] = {}
    for line in read_lines(path):
        status = read_reply(line["prediction"], "basic7", LABELS).status
        found[status] = found.get(status, 0) + 1
    return found


def load(path: Path) -> int:
    """Read lines of JSON, and no more."""
    with path.open(encoding="utf-8") as file:
        return sum(len(json.loads(line)["prediction"]) > 0 for line in file)


def timed(calls: dict[str, Callable[[], Any]], rounds: int) -> dict[str, dict[str, float]]:
    """The median processor and clock seconds of each call, when they take turns."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            processor, clock = time.process_time(), time.perf_counter()
            call()
            times[name].append((time.process_time() - processor, time.perf_counter() - clock))
    return {
        name: dict(
            zip(
                ("processor", "clock"), map(statistics.median, zip(*each, strict=True)), strict=True
            )
        )
        for name, each in times.items()
    }


def peak(call: Callable[[], Any]) -> float:
    """MB that Python holds more at its highest than before a call."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    call()
    highest = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return (highest - before) / 1e6


def main() -> None:
    """Print what was measured, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--answers", type=int, default=100_000)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=1)
    given = parser.parse_args()
    n, size = given.answers, given.batch
    n_memory = min(n, 20_000)  # who watches memory is slow
    with tempfile.TemporaryDirectory() as folder:
        ours, loops, asked = (Path(folder) / name for name in ("j.jsonl", "l.jsonl", "a.jsonl"))
        took = timed(
            {
                "journal": lambda: by_journal(ours, n, size, 2),
                "read and parse": lambda: parse(ours),
                "a plain loop writes": lambda: by_loop(loops, n, size, 2),
                "a plain loop reads": lambda: load(loops),
                "ask_rows": lambda: by_asking(asked, n, size, 2),
            },
            given.rounds,
        )
        statuses = parse(ours)
        length = ours.stat().st_size / n
        memory = {
            f"{what}, {repeats} x as long": peak(
                lambda c=call, r=repeats: c(ours, n_memory, size, r)
            )
            for what, call in (("journal", by_journal), ("ask_rows", by_asking))
            for repeats in (2, 20)
        }
    total = took["journal"]["clock"] + took["read and parse"]["clock"]
    plain = took["a plain loop writes"]["processor"] + took["a plain loop reads"]["processor"]
    found = {
        "versions": {"affecthub": version("affecthub"), "python": platform.python_version()},
        "machine": platform.processor() or platform.machine(),
        "answers": n,
        "batch": size,
        "bytes of a line": length,
        "statuses": statuses,
        "seconds": took,
        "clock seconds of journal, reading and parsing": total,
        "times a plain loop": {
            "journal": took["journal"]["processor"] / took["a plain loop writes"]["processor"],
            "all": (took["journal"]["processor"] + took["read and parse"]["processor"]) / plain,
        },
        f"peak MB of {n_memory} answers": memory,
    }
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
