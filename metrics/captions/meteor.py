"""METEOR in two variants that are different metrics: version 1.5 in Java, and NLTK's.

On the same captions NLTK's values are close to twice those of version 1.5, so a value without the
name of its variant means nothing.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from affecthub.errors import require
from affecthub.metrics.captions.java import coco_folder, find_java, java_process
from affecthub.metrics.captions.lexical import CaptionScore, mean_score

METEOR_VARIANTS = ("meteor-1.5", "nltk")

_PURPOSE = "compute METEOR 1.5 (meteor='nltk' is another metric, which needs no Java)"
# Seconds: the program loads its paraphrases, then scores clip by clip.
_START_S, _CLIP_S = 180.0, 1.0

Tokens = Sequence[str]


def require_meteor_java() -> None:
    """Raise an error that says how to get METEOR 1.5, unless it is there."""
    find_java(_PURPOSE)
    coco_folder(_PURPOSE)


def require_meteor_nltk(wordnet: bool) -> Any:
    """NLTK's WordNet, or one without synonyms, or raise an error that says how to get it."""
    corpora = require("nltk.corpus", "nltk", "compute NLTK's METEOR")
    if not wordnet:
        return _NoSynonyms()
    try:
        corpora.wordnet.ensure_loaded()
    except LookupError as error:
        raise FileNotFoundError(
            "WordNet not found: got no data in NLTK's folders, needed for METEOR with "
            "wordnet=True. Run `python -m nltk.downloader wordnet`, or pass wordnet=False to match "
            "words and stems only."
        ) from error
    return corpora.wordnet


def meteor_java(
    candidates: Sequence[Tokens], references: Sequence[Sequence[Tokens]]
) -> CaptionScore:
    """METEOR 1.5 with its English parameters, computed by the authors' Java program.

    Matches words, stems, synonyms and paraphrases; the score of all captions is computed from
    their summed statistics and is not the mean over clips. Chinese is cut into characters by the
    program itself, so Chinese tokenizers make no difference; its English tables then add nothing.

    Args:
        candidates: Tokens of one caption per clip; an empty one scores 0.
        references: Tokens of one or more captions per clip.

    Returns:
        Score in [0, 1], higher is better. No clips give NaN.

    Raises:
        FileNotFoundError: There is no Java.
        ImportError: pycocoevalcap, which brings the program, is not installed.
        RuntimeError: The program failed or hung.

    Source: Denkowski and Lavie, "Meteor Universal", WMT 2014; called as in pycocoevalcap 1.2
        (``-l en -norm``).
    """
    require_meteor_java()
    if not candidates:
        return mean_score(np.zeros(0))
    command = [find_java(_PURPOSE), "-Xmx2G", "-Dfile.encoding=UTF-8", "-jar", "meteor-1.5.jar"]
    with java_process(
        [*command, "-", "-", "-stdio", "-l", "en", "-norm"],
        folder=coco_folder(_PURPOSE) / "meteor",
        timeout_s=_START_S + _CLIP_S * len(candidates),
    ) as (program_input, program_output):

        def ask(question: str) -> None:
            program_input.write(question + "\n")
            program_input.flush()

        def answer() -> str:
            line = program_output.readline()
            if not line:
                raise EOFError
            return line.strip()

        statistics = []
        for candidate, captions in zip(candidates, references, strict=True):
            ask(" ||| ".join(["SCORE", *map(_joined, captions), _joined(candidate)]))
            statistics.append(answer())
        ask(" ||| ".join(["EVAL", *statistics]))
        per_clip = np.array([float(answer()) for _ in candidates])
        return CaptionScore(float(answer()), per_clip)


def _joined(tokens: Tokens) -> str:
    # The program separates by three bars; a caption must not bring its own.
    return " ".join(" ".join(tokens).replace("|", " ").split())


def meteor_nltk(
    candidates: Sequence[Tokens],
    references: Sequence[Sequence[Tokens]],
    *,
    wordnet: bool = False,
) -> CaptionScore:
    """METEOR as NLTK computes it (alpha 0.9, beta 3, gamma 0.5).

    Matches words and stems, and synonyms with `wordnet`; NLTK looks those up by stem, so it misses
    many. Identical captions score a little less than 1 (0.98 for three tokens).

    Args:
        candidates: Tokens of one caption per clip; an empty one scores 0.
        references: Tokens of one or more captions per clip; the best one counts.
        wordnet: Whether English synonyms count as matches; NLTK's WordNet data must be installed.

    Returns:
        Mean over clips in [0, 1], higher is better. No clips give NaN.

    Raises:
        ImportError: nltk is not installed.
        FileNotFoundError: `wordnet` is asked for and its data is not installed.

    Source: Banerjee and Lavie, "METEOR", 2005, as implemented by NLTK.

    Example:
        >>> caption = "a low voice".split()
        >>> round(meteor_nltk([caption], [[caption]]).corpus, 4)  # 1 - 0.5 * (1 / 3) ** 3
        0.9815
    """
    synonyms = require_meteor_nltk(wordnet)
    meteor = require("nltk.translate.meteor_score", "nltk", "compute NLTK's METEOR")
    return mean_score(
        np.array(
            [
                meteor.meteor_score(list(captions), candidate, wordnet=synonyms)
                if candidate
                else 0.0
                for candidate, captions in zip(candidates, references, strict=True)
            ],
            dtype=np.float64,
        )
    )


class _NoSynonyms:
    """Stands where NLTK expects WordNet, for matching by words and stems alone."""

    def synsets(self, word: str) -> list[Any]:
        return []
