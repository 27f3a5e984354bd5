"""How long scoring the nine sets takes: synthetic answers of the benchmark's own numbers of clips.

    python benchmarks/bench.py [--lexicon FOLDER] [--resamples 1000]

Answers are lists of words or short descriptions, drawn by seed. Times are of one process, CPU
seconds, the lexicon loaded; reading corpora from a disk is not in them.
"""

import argparse
import platform
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.training.bench.answers import ByLexicon, Run, aligned
from affecthub.training.bench.baselines import floors
from affecthub.training.bench.compare import compare
from affecthub.training.bench.references import References
from affecthub.training.bench.scoring import score_run
from affecthub.unibench import SETS

WORDS = ("happy", "sad", "angry", "worried", "surprised", "fearful", "disgusted", "calm", "tense")
BASIC = ("joy", "sadness", "anger", "worried", "surprise", "fear", "disgust", "neutral")


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Print the CPU seconds of a block."""
    started = time.process_time()
    yield
    print(f"| {what} | {time.process_time() - started:.2f} |")


def references_of(rng: np.random.Generator) -> dict[str, References]:
    """Gold labels of the benchmark's sizes."""
    found = {}
    for test_set in SETS:
        n = test_set.n_clips
        if test_set.primary == "sentiment":
            labels = rng.uniform(-1, 1, n).tolist()
        elif test_set.primary == "hit_rate":
            labels = rng.choice(BASIC, n).tolist()
        else:
            labels = [rng.choice(WORDS, 3, replace=False).tolist() for _ in range(n)]
        ids = [f"{test_set.name}_{i}" for i in range(n)]
        found[test_set.name] = References(test_set, ids, labels, [None] * n)
    return found


def said_of(references: dict[str, References], rng: np.random.Generator, sentences: bool):
    """An answer to every clip."""

    def one() -> str:
        words = rng.choice(WORDS, 2, replace=False).tolist()
        if not sentences:
            return ", ".join(words)
        return (
            f"Her voice rises and she frowns; we can infer that she is {words[0]} and {words[1]}."
        )

    return {name: {clip: one() for clip in wanted.ids} for name, wanted in references.items()}


def read(said, references: dict[str, References]) -> Run:
    """The answers of a system, labels taken out of them."""
    extractor = ByLexicon()
    return {
        name: {"": aligned(said[name], references, wanted.test_set, extractor, source=name)}
        for name, wanted in references.items()
    }


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lexicon", default=None, help="folder of released tables")
    parser.add_argument("--resamples", type=int, default=1000)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    references = references_of(rng)
    lexicon = load_lexicon(options.lexicon)
    lists, sentences = (said_of(references, rng, kind) for kind in (False, True))
    ByLexicon().labels(["She is sad, and he is happy about it."], sentiment=False)
    n = sum(len(wanted.ids) for wanted in references.values())
    print(
        f"{n:,} clips of nine sets, {options.resamples:,} resamples; Python "
        f"{platform.python_version()}, numpy {np.__version__}",
        file=sys.stderr,
    )
    print("| step | CPU seconds |\n|---|---|")
    with timed("read lists of words"):
        run = read(lists, references)
    with timed("take labels out of descriptions"):
        other = read(sentences, references)
    with timed("score, without intervals"):
        score_run(run, lexicon, n_resamples=0)
    with timed("score, with intervals"):
        score_run(run, lexicon, n_resamples=options.resamples)
    with timed("majority and best constant answer"):
        floors(references, lexicon)
    one, two = ({name: found[""] for name, found in each.items()} for each in (run, other))
    with timed("compare two runs"):
        compare(one, two, lexicon, n_resamples=options.resamples)


if __name__ == "__main__":
    main()
