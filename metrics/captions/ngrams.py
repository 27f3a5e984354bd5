"""N-grams of captions counted by NumPy: who has which n-gram how often, candidate and references.

Tokens become numbers once; an n-gram is the number of the pair (its first n-1 tokens, its last),
so two n-grams share a number only where all their tokens agree.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

MAX_ORDER = 4


@dataclass(frozen=True)
class NgramCounts:
    """Counts of the n-grams of one order; one row per distinct n-gram of a caption.

    Attributes:
        candidate_clip: Clip of each candidate row.
        candidate_gram: N-gram number of each candidate row.
        candidate_count: How often the n-gram stands in the clip's candidate.
        reference: Reference number of each reference row, counted over all clips.
        pair: Number of the (clip, n-gram) of each reference row, from 0 to `n_pairs` - 1.
        reference_count: How often the n-gram stands in that reference.
        shared_count: How often it stands in the candidate of the clip; 0 where it does not.
        pair_clip: Clip of each pair.
        pair_gram: N-gram number of each pair.
        n_grams: Number of distinct n-grams.
    """

    candidate_clip: Numbers
    candidate_gram: Numbers
    candidate_count: Numbers
    reference: Numbers
    pair: Numbers
    reference_count: Numbers
    shared_count: Numbers
    pair_clip: Numbers
    pair_gram: Numbers
    n_grams: int


class TokenizedCaptions:
    """One candidate and its references per clip, as token numbers.

    Args:
        candidates: Tokens of one caption per clip; may be empty.
        references: Tokens of one or more captions per clip.

    Raises:
        ValueError: Lengths differ, or a clip has no reference or one without tokens.

    Attributes:
        n_clips: Number of clips.
        candidates: Token numbers by clip.
        references: Token numbers of all references, clip after clip.
        reference_clip: Clip of each reference.
        candidate_length: Tokens of each candidate.
        reference_length: Tokens of each reference.
    """

    def __init__(
        self, candidates: Sequence[Sequence[str]], references: Sequence[Sequence[Sequence[str]]]
    ) -> None:
        if len(candidates) != len(references):
            raise ValueError(
                f"`candidates` and `references` differ in length: got {len(candidates)} candidates "
                f"for {len(references)} references. Align them by clip first."
            )
        for clip, captions in enumerate(references):
            if not captions or not all(captions):
                raise ValueError(
                    f"`references[{clip}]` is empty: got {list(captions)!r}, expected at least one "
                    "caption and at least one token in each. Leave the clip out."
                )
        numbering = _Numbering()
        self.n_clips = len(candidates)
        self.candidates = numbering.read(candidates)
        self.references = numbering.read(chain.from_iterable(references))
        self.n_tokens = len(numbering)
        self.reference_clip = np.repeat(np.arange(self.n_clips), _lengths(references))
        self.candidate_length = _lengths(self.candidates)
        self.reference_length = _lengths(self.references)

    @cached_property
    def ngrams(self) -> tuple[NgramCounts, ...]:
        """Counts of the n-grams of orders 1 to 4."""
        # Candidates are segments 0 to n_clips - 1, references follow.
        lengths = np.concatenate([self.candidate_length, self.reference_length])
        tokens = np.fromiter(
            chain.from_iterable(chain(self.candidates, self.references)), np.int64, lengths.sum()
        )
        segment = np.repeat(np.arange(len(lengths)), lengths)
        starts = np.arange(len(tokens))
        # How many tokens stand from here to the end of the caption.
        left = np.cumsum(lengths)[segment] - starts
        gram, n_grams = tokens, self.n_tokens
        counts = [self._count(segment, gram, n_grams)]
        for order in range(2, MAX_ORDER + 1):
            kept = left[starts] >= order
            starts, gram = starts[kept], gram[kept]
            pairs = gram * self.n_tokens + tokens[starts + order - 1]
            distinct, gram = np.unique(pairs, return_inverse=True)
            n_grams = len(distinct)
            counts.append(self._count(segment[starts], gram, n_grams))
        return tuple(counts)

    def _count(self, segment: Numbers, gram: Numbers, n_grams: int) -> NgramCounts:
        width = max(n_grams, 1)
        keys, count = np.unique(segment * width + gram, return_counts=True)
        row_segment, row_gram = np.divmod(keys, width)
        # Segments are in order, so candidate rows stand first.
        border = int(np.searchsorted(row_segment, self.n_clips))
        reference = row_segment[border:] - self.n_clips
        pair_key = self.reference_clip[reference] * width + row_gram[border:]
        pair_keys, pair = np.unique(pair_key, return_inverse=True)
        pair_clip, pair_gram = np.divmod(pair_keys, width)
        # The key of a candidate row is (clip, gram) as well: look the pairs up there.
        place = np.searchsorted(keys[:border], pair_keys)
        found = np.append(keys[:border], -1)[place] == pair_keys
        in_candidate = np.where(found, np.append(count[:border], 0)[place], 0)
        return NgramCounts(
            candidate_clip=row_segment[:border],
            candidate_gram=row_gram[:border],
            candidate_count=count[:border],
            reference=reference,
            pair=pair,
            reference_count=count[border:],
            shared_count=in_candidate[pair],
            pair_clip=pair_clip,
            pair_gram=pair_gram,
            n_grams=n_grams,
        )


class _Numbering(dict[str, int]):
    """Token to number, in order of appearance."""

    def __missing__(self, token: str) -> int:
        number = self[token] = len(self)
        return number

    def read(self, captions: Iterable[Sequence[str]]) -> list[list[int]]:
        return [[self[token] for token in caption] for caption in captions]


def _lengths(captions: Sequence[Sequence[object]]) -> Numbers:
    return np.array([len(caption) for caption in captions], dtype=np.int64)
