"""How fast the lexical caption scores are: ratios against the definitions written down plainly.

    python benchmarks/captions.py

The plain version counts n-grams in dictionaries and fills the table of the longest common
subsequence, caption by caption. Both must give the same numbers, which is checked before the times
are printed. Tokens are cut before, as both sides need them, and timed by themselves.
"""

import argparse
import json
import math
import platform
import statistics
import time
import warnings
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np

import affecthub
from affecthub.metrics.captions.lexical import bleu, cider_d, rouge_l
from affecthub.metrics.captions.ngrams import TokenizedCaptions
from affecthub.metrics.captions.tokenizers import tokenize_ptb

Caption = list[str]
References = list[list[Caption]]


def plain_ngrams(caption: Caption, order: int) -> Counter[tuple[str, ...]]:
    """Count the n-grams of one order."""
    return Counter(tuple(caption[i : i + order]) for i in range(len(caption) - order + 1))


def plain_bleu(candidates: list[Caption], references: References) -> list[float]:
    """BLEU-1 to BLEU-4 of all captions straight from the definition."""
    matches, totals = [0] * 4, [0] * 4
    length, reference_length = 0, 0
    for candidate, captions in zip(candidates, references, strict=True):
        length += len(candidate)
        reference_length += min(
            (abs(len(caption) - len(candidate)), len(caption)) for caption in captions
        )[1]
        for order in range(1, 5):
            greatest: Counter[tuple[str, ...]] = Counter()
            for caption in captions:
                greatest |= plain_ngrams(caption, order)
            found = plain_ngrams(candidate, order)
            matches[order - 1] += sum((found & greatest).values())
            totals[order - 1] += sum(found.values())
    penalty = math.exp(min(1 - reference_length / length, 0))
    logs = np.log(np.array(matches) / np.array(totals))
    return [penalty * math.exp(np.mean(logs[:order])) for order in range(1, 5)]


def plain_rouge_l(candidates: list[Caption], references: References) -> float:
    """ROUGE-L with beta 1.2 from the table of the longest common subsequence."""

    def common(a: Caption, b: Caption) -> int:
        above = [0] * (len(b) + 1)
        for token in a:
            row = [0]
            for place, other in enumerate(b):
                row.append(
                    above[place] + 1 if token == other else max(row[place], above[place + 1])
                )
            above = row
        return above[-1]

    scores = []
    for candidate, captions in zip(candidates, references, strict=True):
        lengths = [common(candidate, caption) for caption in captions]
        precision = max(lengths) / len(candidate)
        recall = max(n / len(caption) for n, caption in zip(lengths, captions, strict=True))
        weighted = recall + 1.44 * precision
        scores.append(2.44 * precision * recall / weighted if weighted else 0.0)
    return float(np.mean(scores))


def plain_cider_d(candidates: list[Caption], references: References) -> float:
    """CIDEr-D straight from the definition."""
    n_clips_with: Counter[tuple[str, ...]] = Counter()
    for captions in references:
        n_clips_with.update(
            {
                gram
                for caption in captions
                for order in range(1, 5)
                for gram in plain_ngrams(caption, order)
            }
        )

    def weights(caption: Caption, order: int) -> dict[tuple[str, ...], float]:
        return {
            gram: count * (math.log(len(references)) - math.log(max(n_clips_with[gram], 1)))
            for gram, count in plain_ngrams(caption, order).items()
        }

    scores = []
    for candidate, captions in zip(candidates, references, strict=True):
        total = 0.0
        for caption in captions:
            closeness = math.exp(-((len(candidate) - len(caption)) ** 2) / 72)
            for order in range(1, 5):
                ours, theirs = weights(candidate, order), weights(caption, order)
                dot = sum(min(w, theirs[g]) * theirs[g] for g, w in ours.items() if g in theirs)
                norm = math.hypot(*ours.values()) * math.hypot(*theirs.values())
                total += closeness * dot / norm if norm else 0.0
        scores.append(10 * total / 4 / len(captions))
    return float(np.mean(scores))


def make_captions(n: int, seed: int) -> tuple[list[str], list[list[str]]]:
    """Draw captions of about twenty words from a skewed vocabulary, and references near them."""
    rng = np.random.default_rng(seed)
    words = np.array([f"word{number}" for number in range(2000)])
    chances = 1 / np.arange(1, len(words) + 1)
    chances /= chances.sum()
    candidates, references = [], []
    for length in rng.integers(12, 29, n):
        reference = rng.choice(words, length, p=chances)
        changed = np.where(
            rng.random(length) < 0.4, rng.choice(words, length, p=chances), reference
        )
        kept = rng.random(length) < 0.9
        kept[0] = True
        candidates.append(" ".join(changed[kept]) + ".")
        references.append([" ".join(reference) + "."])
    return candidates, references


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
    parser.add_argument("--captions", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=3, help="the plain version runs once")
    arguments = parser.parse_args()
    warnings.simplefilter("ignore", UserWarning)
    texts, reference_texts = make_captions(arguments.captions, seed=0)

    def cut() -> tuple[list[Caption], References]:
        return (
            [tokenize_ptb(text) for text in texts],
            [[tokenize_ptb(text) for text in several] for several in reference_texts],
        )

    tokens = cut()

    def all_three() -> list[float]:
        captions = TokenizedCaptions(*tokens)
        scores = [*bleu(captions), rouge_l(captions), cider_d(captions)]
        return [score.corpus for score in scores]

    def counted() -> TokenizedCaptions:
        captions = TokenizedCaptions(*tokens)
        assert captions.ngrams
        return captions

    ready = counted()
    ours = {
        "counting n-grams": counted,
        "BLEU": lambda: bleu(ready),
        "ROUGE-L": lambda: rouge_l(ready),
        "CIDEr-D": lambda: cider_d(ready),
        "all three": all_three,
        "tokens": cut,
    }
    plain: dict[str, Callable[[], Any]] = {
        "BLEU": lambda: plain_bleu(*tokens),
        "ROUGE-L": lambda: plain_rouge_l(*tokens),
        "CIDEr-D": lambda: plain_cider_d(*tokens),
    }
    results, plain_s = {}, {}
    for name, run in plain.items():
        start = time.process_time()
        results[name] = run()
        plain_s[name] = time.process_time() - start
    np.testing.assert_allclose(
        all_three(), [*results["BLEU"], results["ROUGE-L"], results["CIDEr-D"]], rtol=1e-9
    )
    plain_s["all three"] = sum(plain_s.values())
    medians = {
        name: statistics.median(seconds(run, arguments.repeats)) for name, run in ours.items()
    }
    print(f"{'':18}{'plain CPU s':>12}{'median CPU s':>14}{'ratio':>8}")
    for name, median in medians.items():
        before = plain_s.get(name)
        shown = f"{before:12.2f}" if before else f"{'':12}"
        ratio = f"{before / median:8.1f}" if before else ""
        print(f"{name:18}{shown}{median:14.3f}{ratio}")
    print(
        json.dumps(
            {
                "n_captions": arguments.captions,
                "plain_cpu_s": plain_s,
                "median_cpu_s": medians,
                "ratio_all_three": plain_s["all three"] / medians["all three"],
                "affecthub": affecthub.__version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
                "machine": platform.machine(),
            }
        )
    )


if __name__ == "__main__":
    main()
