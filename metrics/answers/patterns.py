"""Everything that is looked for in a sentence, and one pass over the text that finds it."""

import re
from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum, auto

from affecthub.errors import require
from affecthub.metrics.answers import discourse
from affecthub.metrics.answers.discourse import words
from affecthub.metrics.lexicon.composition import Grammar

# A word may start right after them; the first give way to a space, the others get one.
_BLANKS = "-/_\t*"
_OPENERS = ',.([{"“\n'
# The apostrophe comes first so that the search jumps from one to the next.
_single_quoted = re.compile(r"'(?<![a-z0-9]')(?=\S)((?:[^'\n]|'(?=[a-z]))+)'(?![a-z])")
_has_latin = re.compile("[a-z]").search
_next_to_latin = re.compile(r"(?<=[a-z])(?=[^\x00-\x7f])|(?<=[^\x00-\x7f])(?=[a-z])").sub


class Kind(IntEnum):
    """What a pattern says of the words around it."""

    FORM = auto()  # an emotion word
    FRAMED = auto()  # a word that is one in some frames only
    NEGATOR = auto()  # turns the emotion word within its reach
    LACK = auto()  # the same, but no basic emotion is missed
    ABSENT = auto()  # says that the emotion within its reach is not there, and not what is
    CANNOT = auto()  # the same, and no conclusion follows in its clause
    UNABLE = auto()  # turns the emotion word right before it
    EXEMPT = auto()  # only looks like one of the others
    HEDGE = auto()  # what follows in the clause is supposed
    OTHER = auto()  # the emotion word right after it is somebody else's, or a standard
    SUBJECT = auto()  # somebody else, or a thing: what is said of it in the clause does not count
    GROUP = auto()  # "everyone": does not count where the person is set against it
    KIN = auto()  # 妈妈: the same, where nothing but a change of person sets it apart
    CONTRAST = auto()  # sets the person against them
    ASIDE = auto()  # nothing counts until the clause ends: evidence, past, pretence
    CONDITION = auto()  # the same, and what will follow from it in the sentence
    WILL = auto()
    MAY = auto()  # may turn out to be what follows from a condition behind it
    WHOLE = auto()  # nothing counts until the sentence ends: a wish for others
    FROM = auto()  # nothing counts until "to"
    CHANGE = auto()  # what stands before it in the clause has ended
    AGO = auto()  # nothing counts in the clause
    BEGAN = auto()  # what follows counts unless LATER ends it
    LATER = auto()
    REVEAL = auto()  # ends what is put aside: "but", "to hide"
    UNDONE = auto()  # what stands before it in the clause does not count: "is fake", 吗
    WHY = auto()  # a question that takes the emotion for granted
    RHETORICAL = auto()  # a question that means the opposite: 难道
    QUESTION = auto()
    IRONIC = auto()  # pleasant words of the sentence are not meant
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
        is_part: Whether a Chinese form may be a part of something longer: one of one character
            (see `BESIDE_ONE_CHARACTER`), or one that begins with 不.
        find: Gives pattern, start and end of every match in a text made by `spaced`; of matches
            that overlap the leftmost, and of those the longest. A word of Latin letters starts
            with the space before it.
    """

    kinds: Sequence[Kind]
    forms: Sequence[str]
    is_word: Sequence[bool]
    is_part: Sequence[bool]
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
        framed, ordinary = discourse.framed_words(), discourse.ordinary_words()
        forms = dict.fromkeys(forms)
        emotions = [form for form in forms if form not in ordinary and form not in framed]
        within = {
            **dict(_overlapped(emotions)),
            **{pattern: form for pattern, form in discourse.framed_patterns() if form in forms},
            **dict(_first_words(words("ironic", "en"), frozenset(emotions))),
        }
        for kind, found in (
            *_grammar(grammars),
            *_discourse(),
            *((Kind.HEDGE, grammar.hedges) for grammar in grammars if hedges),
            (Kind.FRAMED, [form for form in forms if form in framed]),
            (Kind.FORM, emotions),
            (Kind.FORM, within),
            (Kind.IRONIC, words("ironic")),
            *(_conclusions() if concludes else ()),
            (Kind.END, discourse.ENDS),
            (Kind.QUESTION, discourse.QUESTIONS),
            (Kind.QUOTE, discourse.CLOSING),
        ):
            kinds |= dict.fromkeys(found, kind)  # later ones overrule
        is_word = [pattern[0].isascii() and pattern[0].isalnum() for pattern in kinds]
        automaton = require("ahocorasick_rs", "metrics", "find words in text")
        return cls(
            kinds=list(kinds.values()),
            forms=[within.get(pattern, pattern) for pattern in kinds],
            is_word=is_word,
            is_part=[
                pattern[0] == "不" or len(pattern) == 1 and not pattern.isascii()
                for pattern in kinds
            ],
            find=automaton.AhoCorasick(
                [
                    spaced(pattern).rstrip() if whole else pattern
                    for pattern, whole in zip(kinds, is_word, strict=True)
                ],
                matchkind=automaton.MatchKind.LeftmostLongest,
                implementation=automaton.Implementation.ContiguousNFA,
            ).find_matches_as_indexes,
        )


def spaced(text: str) -> str:
    """A lower-case text in which every word of Latin letters starts after a space.

    Single quotation marks become double ones.
    """
    text = text.replace("’", "'").replace("‘", "'")
    if "'" in text and _single_quoted.search(text):
        text = _single_quoted.sub(r"“\1”", text)
    for opener in _OPENERS:
        if opener in text:
            text = text.replace(opener, opener + " ")
    for blank in _BLANKS:
        if blank in text:
            text = text.replace(blank, " ")
    if not text.isascii() and _has_latin(text):
        text = _next_to_latin(" ", text)
    return f" {text}  "  # so that no neighbour is out of range


def _grammar(grammars: Sequence[Grammar]) -> Iterator[tuple[Kind, Iterable[str]]]:
    """What the lexicon says of composed labels, as patterns."""
    absent, lack = set(words("absent")), set(words("lack"))
    for grammar in grammars:
        yield Kind.NEGATOR, grammar.negators
        yield Kind.ABSENT, absent.intersection(grammar.negators)
        yield Kind.LACK, lack.intersection(grammar.negators)
        yield Kind.EXEMPT, grammar.harmless


def _discourse() -> Iterator[tuple[Kind, Iterable[str]]]:
    """The turns of a text, as patterns."""
    yield Kind.KIN, [kin for kin in words("kin", "zh") if len(kin) > 1]
    yield Kind.GROUP, words("all")
    yield Kind.CANNOT, words("cannot")
    yield Kind.CANNOT, discourse.refused_conclusions()
    yield Kind.UNABLE, words("unable")
    yield Kind.OTHER, (*words("than"), *discourse.others_feelings())
    yield Kind.SUBJECT, (*discourse.relatives(), *discourse.topics(), *words("group"))
    for kind in ("past", "pretence", "whether", "wrong", "wish", "refusal"):
        yield Kind.ASIDE, words(kind)
    yield Kind.ASIDE, words("hypothetical")
    yield Kind.ASIDE, discourse.others_clauses()
    yield Kind.EXEMPT, discourse.own_clauses()
    yield Kind.CONDITION, words("condition")
    yield Kind.WILL, words("will")
    yield Kind.MAY, words("may")
    yield Kind.WHOLE, words("whole")
    yield Kind.FROM, words("from")
    yield Kind.CHANGE, words("change")
    yield Kind.BEGAN, words("began")
    yield Kind.LATER, words("later")
    yield Kind.REVEAL, words("reveal")
    yield Kind.CONTRAST, words("contrast")
    yield Kind.UNDONE, (*words("undone"), *words("ask"))
    for kind in ("not past", "not condition", "not hypothetical", "harmless"):
        yield Kind.EXEMPT, words(kind)
    yield Kind.WHY, words("why")
    yield Kind.RHETORICAL, words("rhetorical")
    yield Kind.AGO, words("ago")
    yield Kind.EXEMPT, discourse.own_feelings()
    yield Kind.EXEMPT, discourse.unconcealed()


def _conclusions() -> Iterator[tuple[Kind, Iterable[str]]]:
    """Conclusions and the evidence they cite, as patterns."""
    yield Kind.ASIDE, words("evidence")
    yield Kind.CONCLUSION, words("conclusion")
    yield Kind.EXEMPT, discourse.inferences()


def _overlapped(forms: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Patterns for forms that begin within a pattern to their left, and the forms.

    In 不满和气愤 the longest pattern at 和 is 和气, and what is said is 气愤; in 很难过 it is 很难,
    and what is said is 难过.
    """
    by_start: dict[str, list[str]] = {}
    for form in forms:
        by_start.setdefault(form[0], []).append(form)
    left = [(form[0], form[1:]) for joint in discourse.JOINTS for form in by_start.get(joint, ())]
    left += [(word[:-1], word[-1]) for word in words("cannot", "zh")]
    for before, shared in left:
        for form in by_start.get(shared[:1], ()):
            if form.startswith(shared) and form != shared:
                yield before + form, form


def _first_words(phrases: Iterable[str], forms: Container[str]) -> Iterator[tuple[str, str]]:
    """Phrases, and the first word of each that is a form."""
    for phrase in phrases:
        named = [word for word in phrase.split() if word in forms]
        if named:
            yield phrase, named[0]
