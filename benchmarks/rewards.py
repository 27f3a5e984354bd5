"""How fast a step's answers are rewarded: ratios against the reward's definition written down.

    python benchmarks/rewards.py

The plain version reads one completion after the other with regular expressions, looks every label
up on every wheel and compares Python sets. Both must give the same numbers, which is checked before
the times are printed. Times are the processor's, of this process alone.
"""

import math
import platform
import re
import time
from collections.abc import Callable
from typing import Any

import numpy as np

import affecthub
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.parsing import parse_labels
from affecthub.training.rewards import REWARDS

N = 64
REPEATS = 200
UNSEEN = 40
Batch = tuple[list[list[dict[str, str]]], list[list[str]]]


def plain_penalized_f(completions: list[Any], labels: list[list[str]]) -> list[float]:
    """F on every wheel times the penalty, one completion after the other."""
    lexicon = load_lexicon()

    def sector(label: str, places: Any) -> str | None:
        words = {word for name in lexicon.owners(label) for word in lexicon.wheel_words[name]}
        return next((places[word] for word in sorted(words) if word in places), None)

    rewards = []
    for completion, expected in zip(completions, labels, strict=True):
        text = completion[-1]["content"]
        found = re.findall(r"<answer>(.*?)</answer>", text, re.DOTALL)
        said = parse_labels(found[-1] if found else text)
        scores = []
        for wheel in lexicon.wheels:
            ours = {sector(label, wheel.inner) or f"nowhere: {label}" for label in said}
            theirs = {sector(label, wheel.inner) for label in expected} - {None}
            if not theirs:
                continue
            strange = {f"nowhere: {label}" for label in expected}
            ours -= strange
            agreed = len(ours & theirs)
            scores.append(2 * agreed / (len(ours) + len(theirs)) if agreed else 0.0)
        f = sum(scores) / len(scores) if scores else 0.0
        factor = math.log(len(expected) + 1) / math.log(len(said) + 1) if said else 0.0
        rewards.append(f * min(1.0, factor))
    return rewards


def make_batch(seed: int, *, groups: bool) -> Batch:
    """64 answers of one to eight labels after a thought, 8 to each clip or each to its own."""
    rng = np.random.default_rng(seed)
    neutral = {"neutral", "calm"}
    words = [word for word in load_lexicon().names if word.isascii() and word not in neutral]
    few = list(map(str, rng.choice(words, 60 if groups else 2000)))

    def some() -> list[str]:
        return [few[i] for i in rng.integers(0, len(few), rng.integers(1, 9))]

    completions = [
        [
            {
                "role": "assistant",
                "content": f"<think>He looks {some()[0]} and is not {some()[0]}.</think>"
                f"<answer>{', '.join(some())}</answer>",
            }
        ]
        for _ in range(N)
    ]
    references = [some() for _ in range(N // 8 if groups else N)]
    return completions, [references[i * len(references) // N] for i in range(N)]


def milliseconds(run: Callable[[], Any], repeats: int) -> tuple[float, float]:
    """The least and the middle processor time of a call."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        times.append(1000 * (time.process_time() - start))
    return min(times), float(np.median(times))


def main() -> None:
    """Print a table."""
    started = time.process_time()
    REWARDS["wheel_f"](["happy"], [["joyful"]])
    first = 1000 * (time.process_time() - started)
    again = make_batch(0, groups=True)
    for completions, labels in [again, *(make_batch(seed, groups=False) for seed in range(9))]:
        ours = REWARDS["penalized_f"](completions=completions, labels=labels)
        assert np.allclose(ours, plain_penalized_f(completions, labels), atol=1e-12)
    plain, _ = milliseconds(lambda: plain_penalized_f(*again), 20)
    print(f"affecthub {affecthub.__version__}, Python {platform.python_version()}, {N} completions")
    print(f"first call, with the lexicon: {first:.0f} ms; plain penalized_f: {plain:.2f} ms\n")
    print("| reward | ms, least | ms, median | labels never seen, median | plain by ours |")
    print("|---|---|---|---|---|")
    for number, (name, reward) in enumerate(REWARDS.items()):
        given = {"completions": again[0], "labels": again[1]}
        least, median = milliseconds(lambda r=reward, g=given: r(**g), REPEATS)
        # Labels of batches that no call has seen are new, as at worst they are.
        unseen = [make_batch(100 * (number + 1) + seed, groups=False) for seed in range(UNSEEN)]
        fresh = iter(unseen)

        def once(reward: Any = reward, fresh: Any = fresh) -> None:
            completions, labels = next(fresh)
            reward(completions=completions, labels=labels)

        _, cold = milliseconds(once, UNSEEN)
        ratio = f"{plain / least:.1f}" if name == "penalized_f" else ""
        print(f"| `{name}` | {least:.2f} | {median:.2f} | {cold:.2f} | {ratio} |")


if __name__ == "__main__":
    main()
