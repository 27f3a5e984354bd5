"""Known words in a text: of words that overlap the leftmost, of those the longest.

Words of Latin letters must be whole. Thousands of words cost no more than a few.
"""

import re
from collections.abc import Iterable

# A word's place in a text: start, end, and the word.
Found = tuple[int, int, str]


class WordFinder:
    """Finds words, all in lower case.

    Args:
        words: What to look for.

    Example:
        >>> find = WordFinder(["happy", "at ease", "高兴", "不高兴"])
        >>> find("unhappy, or at ease"), find("她不高兴")
        ([(12, 19, 'at ease')], [(1, 4, '不高兴')])
    """

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(words)
        lengths: dict[str, set[int]] = {}
        for word in self._words:
            lengths.setdefault(word[:2], set()).add(len(word))
        # By how a word begins, the lengths it may have, longest first.
        self._lengths = {start: sorted(found, reverse=True) for start, found in lengths.items()}
        self._begins = re.compile(_beginnings(self._words)).search

    def __call__(self, text: str) -> list[Found]:
        """Every word with its place, in order."""
        found = []
        place = 0
        while begin := self._begins(text, place):
            start = begin.start()
            end = self._end(text, start)
            if end:
                found.append((start, end, text[start:end]))
            place = end or start + 1
        return found

    def _end(self, text: str, start: int) -> int:
        """Where the longest word that starts here ends; 0 where none does."""
        for beginning in (text[start : start + 2], text[start]):
            for length in self._lengths.get(beginning, ()):
                end = start + length
                word = text[start:end]
                if word in self._words and _is_whole(text, start, end, word):
                    return end
        return 0


def _beginnings(words: Iterable[str]) -> str:
    """The pattern of a character that a word may begin with; of a Latin word its first letter."""
    latin = {word[0] for word in words if word.isascii() and word}
    others = {word[0] for word in words if not word.isascii()}
    kinds = [
        rf"{before}[{re.escape(''.join(sorted(letters)))}]"
        for before, letters in (("(?<![a-z])", latin), ("", others))
        if letters
    ]
    return "|".join(kinds) or "(?!)"


def _is_whole(text: str, start: int, end: int, word: str) -> bool:
    """Say whether no Latin letter stands next to a word of Latin letters."""
    if not word.isascii():
        return True
    around = text[start - 1 : start] + text[end : end + 1]
    return not any("a" <= letter <= "z" for letter in around)
