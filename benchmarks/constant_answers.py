"""What guessing pays: the best answer that is the same for every clip, found greedily.

    python benchmarks/constant_answers.py --references check-openset.csv --lexicon wheels [...]

The set grows by the word that raises set-F most, is then improved by exchanging single words, and
stops where neither helps. Words that stand in the same places on every wheel are one candidate. The
best set found is a lower bound of what a constant answer can reach.
"""

import argparse
import platform
import sys
from collections import Counter
from collections.abc import Sequence
from typing import Any

from affecthub.metrics.answers.files import read_labels
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.parsing import parse_labels
from affecthub.metrics.set_f.scores import set_f

SIX = ("happy", "sad", "angry", "fearful", "disgusted", "surprised")


def candidates(lexicon: Lexicon, references: list[Any]) -> list[str]:
    """One word for each way of standing on the wheels: the one that references have most often."""
    used = Counter(label for item in references for label in parse_labels(item, lexicon.style))
    by_place: dict[tuple[str | None, ...], str] = {}
    for word in sorted(lexicon.wheel_words, key=lambda word: (-used[word], len(word), word)):
        places = lexicon.sectors(word)
        if any(places):
            by_place.setdefault(places, word)
    return list(by_place.values())


def score(
    words: Sequence[str], references: list[Any], lexicon: Lexicon, **options: Any
) -> dict[str, Any]:
    """Set-F of the same words for every clip."""
    answers = [list(words)] * len(references)
    return set_f(answers, references, lexicon=lexicon, zero_division=0.0, **options)


def best_constant(references: list[Any], lexicon: Lexicon) -> list[str]:
    """The best set of words found."""
    words: list[str] = []
    best = 0.0
    offered = candidates(lexicon, references)
    while True:
        grown = [[*words, word] for word in offered if word not in words]
        swapped = [
            [*words[:place], word, *words[place + 1 :]]
            for place in range(len(words))
            for word in offered
            if word not in words
        ]
        for sets in (grown, swapped):
            scores = [score(tried, references, lexicon)["set_f"] for tried in sets]
            found = max(range(len(sets)), key=scores.__getitem__, default=None)
            if found is not None and scores[found] > best + 1e-12:
                best, words = scores[found], sets[found]
                break
        else:
            return words


def main() -> None:
    """Print the best constant answer under each lexicon, beside six basic words."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--references", required=True, help="label file of the clips")
    parser.add_argument("--lexicon", action="append", default=[], help="folder of released tables")
    options = parser.parse_args()
    labels = read_labels(options.references)
    references = list(labels.values() if isinstance(labels, dict) else labels)
    print(f"{len(references)} clips; Python {platform.python_version()}", file=sys.stderr)
    print("| lexicon | words | F | precision | recall | F, unknown penalized |")
    print("|---|---|---|---|---|---|")
    for source in (None, *options.lexicon):
        lexicon = load_lexicon(source)
        for words in (best_constant(references, lexicon), SIX):
            found = score(words, references, lexicon)
            penalized = score(words, references, lexicon, unknown="penalize")["set_f"]
            figures = [found["set_f"], found["set_precision"], found["set_recall"], penalized]
            percent = " | ".join(f"{100 * figure:.2f}" for figure in figures)
            print(f"| {lexicon.name} {lexicon.version} | {', '.join(words)} | {percent} |")


if __name__ == "__main__":
    main()
