"""What turns an emotion word into its denial, and how far: one reading for labels and sentences."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, cached_property

from affecthub.metrics.lexicon.composition import Grammar
from affecthub.metrics.lexicon.loading import load_lexicon

_joins = re.compile(r"\s*(?:,|、|/|or|nor|and|和|或|与|與|以及)*\s*").fullmatch
# A Chinese enumeration (、) stops no clause, a picture does. Called with a text and where to start.
next_stop = re.compile(r"[,.;:!?，。；：！？()（）\[\]\n\u2600-\u27bf\U0001f000-\U0001faff]").search
next_end = re.compile(r"[.!?。！？\n]").search
# "isn't just angry" is angry.
_ONLY = ("just", "only", "merely", "simply", "solely")

# More characters than this and a negator speaks of something else.
_FARTHEST = 60


@dataclass(frozen=True, eq=False)
class Negation:
    """The negators of some languages and what they reach.

    Attributes:
        negators: Turn the emotion word within their reach.
        exempt: Hold a negator and turn nothing: "not only", "a little", 不禁, 无比.
        transparent: Words of degree, supposition and framing, which cost no reach; longest first,
            since one may be a part of another.
        breaks: End the reach: "but", 反而.
        reach: How many other words (English) or characters (Chinese) may stand between.
    """

    negators: frozenset[str] = frozenset()
    exempt: frozenset[str] = frozenset()
    transparent: tuple[str, ...] = ()
    breaks: frozenset[str] = frozenset()
    reach: int = 0

    @classmethod
    def of(cls, grammars: Iterable[Grammar]) -> "Negation":
        """The negation of several languages together."""
        listed = list(grammars)
        transparent = {
            word
            for grammar in listed
            for word in (*grammar.degrees, *grammar.before, *grammar.hedges)
        }
        return cls(
            frozenset(word for grammar in listed for word in grammar.negators),
            frozenset(word for grammar in listed for word in grammar.harmless),
            tuple(sorted(transparent, key=lambda word: (-len(word), word))),
            frozenset(word for grammar in listed for word in grammar.breaks),
            max((grammar.reach for grammar in listed), default=0),
        )

    def find(self, text: str) -> list[tuple[int, int]]:
        """Where the negators of a lower-case text start and end.

        Example:
            >>> built_in_negation().find("not only sad, but never calm")
            [(18, 23)]
        """
        return [match.span() for match in self._matches(text) if match[1]]

    def reaches(self, between: str) -> bool:
        """Say whether a negator, or a word it turned, reaches over the text in between.

        Example:
            >>> reaches = built_in_negation().reaches
            >>> reaches(" at all very "), reaches(" sure but "), reaches(". she is ")
            (True, False, False)
        """
        if _joins(between):
            return True
        if len(between) > _FARTHEST or next_stop(between):
            return False
        if not between.isascii():
            between = self._without_transparent("", between)
            return len(between) <= self.reach and not any(b in between for b in self.breaks)
        words = between.split()
        if words[:1] and words[0] in _ONLY:
            return False
        if self.breaks.intersection(words):
            return False
        return sum(word not in self._costless for word in words) <= self.reach

    @cached_property
    def _costless(self) -> frozenset[str]:
        return frozenset(self.transparent)

    @cached_property
    def _without_transparent(self) -> Callable[[str, str], str]:
        return re.compile("|".join(map(re.escape, self.transparent)) or "(?!)").sub

    @cached_property
    def _matches(self) -> Callable[[str], Iterable[re.Match[str]]]:
        exempt, negators = map(_any_of, (self.exempt, self.negators))
        return re.compile(f"(?:{exempt})|({negators})").finditer


def _any_of(words: Iterable[str]) -> str:
    """The pattern of the longest of the words that begins at a place.

    Words of Latin letters must be whole; they are tried together where no letter stands before.
    """
    longest_first = sorted(words, key=len, reverse=True)
    latin = "|".join(re.escape(word) for word in longest_first if word.isascii())
    others = "|".join(re.escape(word) for word in longest_first if not word.isascii())
    kinds = [rf"(?<![a-z])(?:{latin})(?![a-z])"] if latin else []
    return "|".join([*kinds, *([others] if others else [])]) or "(?!)"


@cache
def built_in_negation() -> Negation:
    """The negation of the built-in lexicon, English and Chinese."""
    composition = load_lexicon().composition
    assert composition is not None, "the built-in lexicon says how labels compose"
    return Negation.of(composition.grammars.values())
