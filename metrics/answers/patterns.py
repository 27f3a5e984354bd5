"""Everything that is looked for in a sentence, and one pass over the text that finds it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, auto

from affecthub.errors import require
from affecthub.metrics.answers.discourse import (
    CANNOT,
    CONCLUSIONS,
    ENDS,
    EVIDENCE,
    INFERENCES,
    JOINTS,
    ORDINARY,
    OTHERS,
    OTHERS_CLAUSE,
    TOWARDS,
)
from affecthub.metrics.lexicon.composition import Grammar

# What closes a quotation, by what opens it.
CLOSING = {'"': '"', "“": "”", "「": "」", "『": "』"}
# What a word may start after, as a space is.
_OPENERS = "-/([\t"


class Kind(IntEnum):
    """What a pattern says of the words around it."""

    FORM = auto()  # an emotion word
    NEGATOR = auto()  # turns the emotion word within its reach
    CANNOT = auto()  # the same, and no conclusion follows in its clause
    EXEMPT = auto()  # only looks like one of the others
    HEDGE = auto()  # what follows in the clause is supposed
    OTHER = auto()  # the emotion word right after it is somebody else's
    ASIDE = auto()  # nothing counts until the clause ends: evidence, other people
    CONCLUSION = auto()
    END = auto()  # of a sentence
    QUOTE = auto()


@dataclass(frozen=True)
class Patterns:
    """The patterns by number, and the pass that finds them.

    Attributes:
        kinds: What each pattern is.
        forms: The form of the lexicon, or the pattern itself.
        is_word: Whether a pattern is of Latin letters and must be a whole word.
        is_short: Whether a form is one Chinese character; see `BESIDE_ONE_CHARACTER`.
        find: Gives pattern, start and end of every match in a text made by `spaced`; of matches
            that overlap the leftmost, and of those the longest.
    """

    kinds: Sequence[Kind]
    forms: Sequence[str]
    is_word: Sequence[bool]
    is_short: Sequence[bool]
    find: Callable[[str], list[tuple[int, int, int]]]

    @classmethod
    def of(
        cls, forms: Iterable[str], grammars: Sequence[Grammar], *, concludes: bool, hedges: bool
    ) -> "Patterns":
        """Collect the patterns of a lexicon and of the languages.

        Args:
            forms: The forms of the lexicon.
            grammars: Negators, exempt words and hedges, of each language.
            concludes: Whether to look for conclusions and the evidence they cite.
            hedges: Whether to look for hedges.

        Raises:
            ImportError: ahocorasick_rs is not installed.
        """
        kinds: dict[str, Kind] = {}
        for grammar in grammars:
            kinds |= dict.fromkeys(grammar.hedges, Kind.HEDGE) if hedges else {}
            kinds |= dict.fromkeys(grammar.negators, Kind.NEGATOR)
            kinds |= dict.fromkeys(grammar.exempt, Kind.EXEMPT)
        # Later ones overrule.
        kinds |= dict.fromkeys(CANNOT, Kind.CANNOT)
        kinds |= dict.fromkeys(OTHERS_CLAUSE, Kind.ASIDE) | dict.fromkeys(OTHERS, Kind.OTHER)
        kinds |= dict.fromkeys(TOWARDS, Kind.EXEMPT)
        emotions = [form for form in forms if form not in ORDINARY]
        kinds |= dict.fromkeys(emotions, Kind.FORM)
        form_of = dict(_overlapped(emotions))
        kinds |= dict.fromkeys(form_of, Kind.FORM)
        if concludes:
            kinds |= dict.fromkeys(EVIDENCE, Kind.ASIDE)
            kinds |= dict.fromkeys(CONCLUSIONS, Kind.CONCLUSION)
            kinds |= dict.fromkeys(INFERENCES, Kind.EXEMPT)
        kinds |= dict.fromkeys(ENDS, Kind.END) | dict.fromkeys(CLOSING, Kind.QUOTE)
        is_word = [pattern[0].isascii() and pattern[0].isalnum() for pattern in kinds]
        automaton = require("ahocorasick_rs", "metrics", "find words in text")
        return cls(
            kinds=list(kinds.values()),
            forms=[form_of.get(pattern, pattern) for pattern in kinds],
            is_word=is_word,
            is_short=[len(pattern) == 1 and not pattern.isascii() for pattern in kinds],
            find=automaton.AhoCorasick(
                [
                    spaced(pattern).rstrip() if whole else pattern
                    for pattern, whole in zip(kinds, is_word, strict=True)
                ],
                matchkind=automaton.MatchKind.LeftmostLongest,
                implementation=automaton.Implementation.DFA,
            ).find_matches_as_indexes,
        )


def spaced(text: str) -> str:
    """A text in which every word of Latin letters starts after a space."""
    for opener in _OPENERS:
        if opener in text:
            text = text.replace(opener, " ")
    return f" {text.replace('’', chr(39))} "


def _overlapped(forms: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Patterns for forms that begin within a pattern to their left, and the forms.

    In 不满和气愤 the longest pattern at 和 is 和气, and what is said is 气愤; in 很难过 it is 很难,
    and what is said is 难过.
    """
    by_start: dict[str, list[str]] = {}
    for form in forms:
        by_start.setdefault(form[0], []).append(form)
    left = [(form[0], form[1:]) for joint in JOINTS for form in by_start.get(joint, ())]
    left += [(word[:-1], word[-1]) for word in CANNOT if not word.isascii()]
    for before, shared in left:
        for form in by_start.get(shared[:1], ()):
            if form.startswith(shared) and form != shared:
                yield before + form, form
