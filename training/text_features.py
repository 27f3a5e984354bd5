"""Features of texts without a network: TF-IDF of characters or words, whole or by SVD.

They need no media and no download, take seconds, and are the floor that an encoder has to pass.
Source: benchmarks specification, section 7; min_df, sublinear counts and sizes as there.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from affecthub.errors import require, unknown_name

Floats = NDArray[np.float32]

# What is counted -> its lengths of runs.
NGRAMS = {"characters": (1, 3), "words": (1, 2)}
# Numbers a text is described by where it is made dense.
WIDTH = 256
# What becomes of a transcript's markup -> the column that is read.
TAGS = {"removed": "text", "kept": "text_raw", "brackets": "text_raw"}
_BRACKETS = re.compile(r"\[[^\]]*\]|[\[\]]")


@dataclass(frozen=True)
class TextSettings:
    """How texts are described.

    Args:
        units: ``"characters"``, or ``"words"`` as jieba cuts Chinese (text of other languages at
            its spaces and marks).
        ngrams: Shortest and longest run of units that is counted; None takes 1 to 3 characters, 1
            to 2 words.
        min_df: Texts of the training split that a run must occur in.
        width: Numbers of a text after SVD; None keeps the sparse rows.
        seed: Of the SVD; nothing else is drawn.
    """

    units: str = "characters"
    ngrams: tuple[int, int] | None = None
    min_df: int = 3
    width: int | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse what counts nothing."""
        if self.units not in NGRAMS:
            raise unknown_name("units of text", self.units, NGRAMS)
        if self.min_df < 1 or (self.width is not None and self.width < 1):
            raise ValueError(
                f"`min_df` and `width` count texts and numbers: got {self.min_df} and "
                f"{self.width}, expected at least 1."
            )


class TextFeatures:
    """Describes texts by what was counted in others.

    Args:
        settings: None takes characters, sparse.
    """

    def __init__(self, settings: TextSettings | None = None) -> None:
        require("sklearn", "bench", "describe texts by TF-IDF")
        self.settings = settings or TextSettings()
        self._count: Any = None
        self._reduce: Any = None

    def fit(self, texts: Iterable[str | None]) -> "TextFeatures":
        """Count the training split.

        Args:
            texts: Its texts; None counts as an empty one.

        Returns:
            Itself.

        Raises:
            ValueError: Nothing occurs in `min_df` of the texts, or fewer runs do than `width`.
        """
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        known = [text or "" for text in texts]
        settings = self.settings
        self._count = TfidfVectorizer(
            ngram_range=settings.ngrams or NGRAMS[settings.units],
            min_df=settings.min_df,
            sublinear_tf=True,
            **_analysis(settings.units),
        )
        try:
            rows = self._count.fit_transform(known)
        except ValueError as error:
            raise ValueError(
                f"there is nothing to describe texts by: got {len(known)} texts in which no run of "
                f"{settings.units} occurs {settings.min_df} times, expected more texts or a lower "
                "`min_df`."
            ) from error
        if settings.width is not None:
            if min(rows.shape) < settings.width:
                raise ValueError(
                    f"`width` is too large: got {settings.width}, expected at most "
                    f"{min(rows.shape)}, the smaller of {rows.shape[0]} texts and "
                    f"{rows.shape[1]} runs of {settings.units}."
                )
            self._reduce = TruncatedSVD(settings.width, random_state=settings.seed).fit(rows)
        return self

    @property
    def width(self) -> int:
        """Numbers of a text: after SVD, or runs that were counted."""
        return self.settings.width or len(self._count.vocabulary_)

    def __call__(self, texts: Iterable[str | None]) -> Any:
        """Describe texts.

        Args:
            texts: Any; None and texts of which nothing is known get zeros.

        Returns:
            A SciPy csr matrix ``(texts, runs)`` of float64, rows of length 1; after SVD a float32
            array ``(texts, width)``.
        """
        known = [text or "" for text in texts]
        rows = self._count.transform(known or [""])[: len(known)]
        if self._reduce is None:
            return rows
        if not known:
            return np.zeros((0, self.width), np.float32)
        return self._reduce.transform(rows).astype(np.float32)


def char_tfidf(texts: Sequence[str | None], fit_on: Sequence[str | None], **settings: Any) -> Any:
    """TF-IDF of runs of characters, fitted on other texts.

    Args:
        texts: What is described.
        fit_on: The training split's texts.
        **settings: Of `TextSettings`; ``width=256`` makes dense features.

    Returns:
        As `TextFeatures` returns.

    Example:
        >>> char_tfidf(["ab"], ["ab", "ba", "abc"]).shape
        (1, 2)
    """
    return TextFeatures(TextSettings("characters", **settings)).fit(fit_on)(texts)


def word_tfidf(texts: Sequence[str | None], fit_on: Sequence[str | None], **settings: Any) -> Any:
    """TF-IDF of words as jieba cuts them, and of pairs of words, fitted on other texts.

    Args:
        texts: What is described.
        fit_on: The training split's texts.
        **settings: Of `TextSettings`.

    Returns:
        As `TextFeatures` returns.

    Raises:
        ImportError: jieba is not installed.
    """
    return TextFeatures(TextSettings("words", **settings)).fit(fit_on)(texts)


def svd_features(
    texts: Sequence[str | None],
    fit_on: Sequence[str | None],
    *,
    width: int = WIDTH,
    units: str = "characters",
    seed: int = 0,
    min_df: int = 3,
) -> Floats:
    """Dense features of texts: their TF-IDF by SVD, the largest directions first.

    Args:
        texts: What is described.
        fit_on: The training split's texts.
        width: Numbers of a text.
        units: ``"characters"`` or ``"words"``.
        seed: Of the SVD.
        min_df: As in `TextSettings`.

    Returns:
        float32 ``(texts, width)``; the same for the same call.
    """
    settings = TextSettings(units, min_df=min_df, width=width, seed=seed)
    features: Floats = TextFeatures(settings).fit(fit_on)(texts)
    return features


def most_numbers(fit_on: Sequence[str | None], units: str = "characters") -> int:
    """The largest `width` that a training split allows.

    Args:
        fit_on: Its texts.
        units: As in `TextSettings`.
    """
    return min(len(fit_on), TextFeatures(TextSettings(units)).fit(fit_on).width)


def texts_of(rows: Any, tags: str = "removed") -> list[str]:
    """The transcripts of clips.

    Args:
        rows: Clips of a corpus.
        tags: ``"removed"``, as the corpus' reader does it; ``"kept"``: with the markup that it was
            released with, which tells of overlapped speech and laughter what no recogniser writes;
            ``"brackets"``: all between brackets removed, as a plain pattern does, and with it the
            words of lines whose author forgot a bracket.

    Returns:
        A text for each clip, empty where it has none.

    Raises:
        ValueError: The corpus has no transcripts, or none with markup.
    """
    if tags not in TAGS:
        raise unknown_name("treatment of tags", tags, TAGS)
    column = TAGS[tags]
    texts = list(rows[column]) if column in rows.column_names else []
    if not any(texts):
        raise ValueError(
            f"the clips have no transcripts with tags {tags}: got no text in `{column}` of "
            f"{len(rows)} clips, expected some. Take a corpus with transcripts, or another `tags`."
        )
    if tags == "brackets":
        return [_BRACKETS.sub("", text or "") for text in texts]
    return [text or "" for text in texts]


def _analysis(units: str) -> dict[str, Any]:
    """How a vectoriser takes units out of a text."""
    if units == "characters":
        return {"analyzer": "char"}
    return {"tokenizer": _jieba(), "token_pattern": None, "lowercase": True}


def _jieba() -> Callable[[str], list[str]]:
    jieba = require("jieba", "bench", "cut Chinese text into words")
    jieba.setLogLevel("WARNING")
    jieba.initialize()

    def cut(text: str) -> list[str]:
        return [word for word in jieba.cut(text) if word.strip()]

    return cut
