"""What guessing pays: the best answer that is the same for every clip, found greedily.

    python benchmarks/constant_answers.py --references check-openset.csv --lexicon wheels [...]

The set grows by the word that raises set-F most, is then improved by exchanging single words, and
stops where neither helps. Words that stand in the same places on every wheel are one candidate. The
best set found is a lower bound of what a constant answer can reach.
"""

import argparse
import platform
import sys
from collections.abc import Sequence
from typing import Any

from affecthub.metrics.answers.files import read_labels
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.set_f.scores import set_f
from affecthub.metrics.wheels.constant import best_constant

SIX = ("happy", "sad", "angry", "fearful", "disgusted", "surprised")


def score(
    words: Sequence[str], references: list[Any], lexicon: Lexicon, **options: Any
) -> dict[str, Any]:
    """Set-F of the same words for every clip."""
    answers = [list(words)] * len(references)
    return set_f(answers, references, lexicon=lexicon, zero_division=0.0, **options)


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
