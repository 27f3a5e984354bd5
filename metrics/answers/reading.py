"""One text under way: which of the emotion words found in it are said of the person described."""

import re
from functools import cache
from typing import ClassVar, Protocol

from affecthub.metrics.answers.discourse import (
    BESIDE_ONE_CHARACTER,
    CLOSING,
    framed_words,
    words,
)
from affecthub.metrics.answers.negation import Negation, next_stop
from affecthub.metrics.answers.patterns import Kind, Patterns

_FELT = frozenset("feel feels felt feeling".split())
_BEING = _FELT | frozenset(
    "is are was were am be been being 's 'm 're look looks looked looking seem seems seemed appear "
    "appears appeared sound sounds sounded become becomes became becoming remain remains remained "
    "stay stays stayed get gets got".split()
)
# Between a frame and its word, beside adverbs.
_SLIGHT = frozenset(
    "a bit little more so too very quite rather somewhat both most also to be both as and not all "
    "pretty just still even".split()
)
# "engaged in", "focused on": what follows a participle that says no state.
_DOING = ("  in ", "  on ", "  with ", "  of ", "  by ", "  to ", "  for ", "  at ", "  that ")
_joined = re.compile(r"\s*(?:,|and|or|but|as well as|yet)*\s*(?:and|or|both)?\s*").fullmatch
_could_not = ("never", "could not", "couldn't", "cannot", "can't", "hasn't", "haven't", "hadn't")
_copula = re.compile(
    r"\s+(?:(?:also|still|both|all|who)\s+)?(?:is|are|was|were|'s|'re|look|looks|looked|seem|seems|"
    r"seemed|appear|appears|appeared|feel|feels|felt|sound|sounds|sounded|becomes|became|gets|got|"
    r"remains|remained|had been|has been|have been|stays|stayed)\s"
    r"|(?:们|們)?(?:也|就|都|还|還|却|卻|正|已|似乎|好像|看起来|看起來|看上去|显得|顯得|感到|觉得|覺得|变得|"
    r"變得|非常|十分|特别|特別|有点|有點|有些|很|太|真|更|是|因|对|對|又|气|氣|哭|笑|一直|总|總|突然|终于|終於|会|會)"
).match


@cache
def _of_a_thing() -> re.Pattern[str]:
    things, things_zh = ("|".join(words("thing", language)) for language in ("en", "zh"))
    return re.compile(
        rf"\s*(?:\w+\s+)?(?:{things})\s|的(?:[^\W的]{{1,4}})??(?:{things_zh})"
    )


@cache
def _of_a_relative() -> re.Pattern[str]:
    return re.compile(rf"\s*(?:\w+\s+)?(?:{'|'.join(words('kin', 'en'))})\s")


class Rules(Protocol):
    """What a reading asks of its extractor."""

    patterns: Patterns
    negation: Negation

    def only_degrees(self, between: str) -> bool:
        """Say whether nothing stands in between, or one word of degree."""

    def turned(self, form: str) -> str | None:
        """What the negation of a form amounts to, if anything."""

    def is_basic(self, form: str) -> bool:
        """Say whether a form names a basic emotion."""

    def is_pleasant(self, form: str) -> bool:
        """Say whether a form speaks of something good."""

    def is_label(self, quoted: str) -> bool:
        """Say whether what stands in quotation marks is one label rather than what is said."""


class Reading:
    """The forms found so far, and what stands open before the next one.

    Where something stands open, where it is in the text is kept; -1 where nothing does.
    """

    def __init__(self, rules: Rules, text: str) -> None:
        self._rules, self._text = rules, text
        self._found: list[tuple[str, int]] = []  # forms, and where each ends
        self._before: list[tuple[str, int]] = []  # found before the first conclusion
        self._concluded = False
        self._quoted_to = 0
        self._sentence = 0  # forms found when the sentence began
        self._open_sentence()

    def forms(self) -> list[str]:
        """The forms that count; those of the conclusion, where it has any."""
        patterns = self._rules.patterns
        kinds, take = patterns.kinds, self._take
        for pattern, start, end in patterns.find(self._text):
            if start >= self._quoted_to:
                kind = kinds[pattern]
                if start >= self._aside_to or kind in _END_AN_ASIDE:
                    take[kind](self, pattern, start, end)
        self._leave_sentence()
        return [form for form, _ in self._found or self._before]

    def _open_sentence(self) -> None:
        self._sentence, self._aside_to = len(self._found), 0
        self._negated_from = self._hedged_from = self._cannot_from = self._others_from = -1
        self._negator = Kind.NEGATOR
        self._denied = ""  # the negator itself
        self._pending: tuple[str, int, int] | None = None  # a framed word that needs a neighbour
        self._began = self._group = self._kin = -1  # forms found when they were named
        self._is_conditional = self._is_why = self._is_ironic = False

    def _leave_sentence(self) -> None:
        if self._is_ironic:
            kept = [x for x in self._found[self._sentence :] if not self._rules.is_pleasant(x[0])]
            self._found[self._sentence :] = kept

    # Emotion words

    def _form(self, pattern: int, start: int, end: int) -> None:
        patterns, text = self._rules.patterns, self._text
        form = patterns.forms[pattern]
        if patterns.is_short[pattern] and not _stands_alone(text, start):
            return
        if form[0] == "不" and text[start - 1] == form[1:2]:  # 开不开心 asks
            return
        if self._is_denied(form, start, end) or self._is_others(start, end):
            return
        is_hedged = self._hedged_from >= 0 and not next_stop(text, self._hedged_from, start)
        if is_hedged or _of_a_thing().match(text, end):
            return
        if _of_a_relative().match(text, end) and _whose(text, start):
            return
        if self._pending and _joined(text[self._pending[2] : start]):
            self._found.append((self._pending[0], self._pending[2]))
        self._pending = None
        self._found.append((form, end))

    def _framed(self, pattern: int, start: int, end: int) -> None:
        """A word of several senses: in its frame, or beside an emotion word, it is one."""
        form, text = self._rules.patterns.forms[pattern], self._text
        is_state = framed_words()[form] == "state"
        before = text[max(0, start - 50) : start + 1].split()
        while before and (before[-1] in _SLIGHT or before[-1].endswith("ly")):
            before.pop()
        follows = text.startswith(_DOING, end - 1)
        if before and before[-1] in (_BEING if is_state else _FELT):
            if not (follows and form.endswith("ed")):
                self._form(pattern, start, end)
        elif is_state and not follows:
            if self._found[self._sentence :] and _joined(text[self._found[-1][1] : start]):
                self._form(pattern, start, end)
            else:
                self._pending = form, start, end

    def _is_denied(self, form: str, start: int, end: int) -> bool:
        """Say whether a negator reaches the form; what it turns it into is found instead."""
        if self._negated_from < 0:
            return False
        if not self._rules.negation.reaches(self._text[self._negated_from : start]):
            self._negated_from = -1
            return False
        if form.endswith("er") and self._denied in _could_not:  # "couldn't be happier"
            return False
        self._negated_from = end
        self._turn(form, end, self._negator)
        return True

    def _turn(self, form: str, end: int, negator: Kind) -> None:
        if negator in (Kind.ABSENT, Kind.CANNOT):
            return
        if negator == Kind.LACK and self._rules.is_basic(form):
            return
        turned = self._rules.turned(form)
        if turned:
            self._found.append((turned, end))

    def _is_others(self, start: int, end: int) -> bool:
        if self._others_from < 0:
            return False
        if self._rules.only_degrees(self._text[self._others_from : start]):
            self._others_from = end
            return True
        self._others_from = -1
        return False

    # What turns the words after it

    def _negate(self, pattern: int, start: int, end: int) -> None:
        text, patterns = self._text, self._rules.patterns
        if text[start - 1] == text[end : end + 1] != " ":  # 高不高兴 asks
            self._aside(pattern, start, end)
            return
        self._negated_from, self._negator = end, patterns.kinds[pattern]
        self._denied = patterns.forms[pattern]

    def _cannot(self, pattern: int, start: int, end: int) -> None:
        self._negate(pattern, start, end)
        self._cannot_from = end

    def _exempt(self, pattern: int, start: int, end: int) -> None:
        pass

    def _hedge(self, pattern: int, start: int, end: int) -> None:
        self._hedged_from = end

    def _other(self, pattern: int, start: int, end: int) -> None:
        self._others_from = end

    def _subject(self, pattern: int, start: int, end: int) -> None:
        if _copula(self._text, end - 1) or _copula(self._text, end):
            self._aside(pattern, start, end)
        else:
            self._others_from = end

    # What puts words aside

    def _aside(self, pattern: int, start: int, end: int) -> None:
        stop = next_stop(self._text, end)
        self._aside_to = stop.start() if stop else len(self._text)

    def _condition(self, pattern: int, start: int, end: int) -> None:
        self._is_conditional = True
        self._aside(pattern, start, end)

    def _will(self, pattern: int, start: int, end: int) -> None:
        if self._is_conditional:
            self._aside(pattern, start, end)

    def _from(self, pattern: int, start: int, end: int) -> None:
        self._aside(pattern, start, end)
        to = self._text.find(" to ", end, self._aside_to)
        if to >= 0:
            self._aside_to = to

    def _reveal(self, pattern: int, start: int, end: int) -> None:
        self._aside_to = 0

    # What undoes the words before it

    def _drop_clause(self, start: int) -> None:
        while len(self._found) > self._sentence:
            if next_stop(self._text, self._found[-1][1] - 1, start):
                break
            self._found.pop()

    def _undone(self, pattern: int, start: int, end: int) -> None:
        if not self._is_why:
            self._drop_clause(start)

    def _change(self, pattern: int, start: int, end: int) -> None:
        self._aside_to = 0
        self._drop_clause(start)

    def _unable(self, pattern: int, start: int, end: int) -> None:
        if len(self._found) > self._sentence and self._found[-1][1] == start:
            form, _ = self._found.pop()
            self._turn(form, end, Kind.NEGATOR)

    def _begin(self, pattern: int, start: int, end: int) -> None:
        self._began = len(self._found)

    def _later(self, pattern: int, start: int, end: int) -> None:
        self._aside_to = 0
        if self._began >= 0:
            del self._found[self._began :]
            self._began = -1

    def _name_group(self, pattern: int, start: int, end: int) -> None:
        if self._group < 0:
            self._group = len(self._found)

    def _name_kin(self, pattern: int, start: int, end: int) -> None:
        if self._kin < 0 and self._text[start - 1] in BESIDE_A_CLAUSE:
            self._kin = len(self._found)

    def _contrast(self, pattern: int, start: int, end: int) -> None:
        self._aside_to = 0
        is_change = self._rules.patterns.forms[pattern].startswith(("而", "while", "whereas"))
        first = self._kin if is_change and self._kin >= 0 else self._group
        if first >= 0:
            del self._found[first:]
        self._group = self._kin = -1

    # Sentences and quotations

    def _end(self, pattern: int, start: int, end: int) -> None:
        self._leave_sentence()
        self._open_sentence()

    def _question(self, pattern: int, start: int, end: int) -> None:
        if not self._is_why:
            del self._found[self._sentence :]
        self._end(pattern, start, end)

    def _why(self, pattern: int, start: int, end: int) -> None:
        self._is_why = True

    def _ironic(self, pattern: int, start: int, end: int) -> None:
        self._is_ironic = True
        if self._rules.is_label(self._rules.patterns.forms[pattern]):
            self._form(pattern, start, end)

    def _quote(self, pattern: int, start: int, end: int) -> None:
        closing = CLOSING[self._rules.patterns.forms[pattern]]
        closed = self._text.find(closing, end)
        if closed >= 0 and not self._rules.is_label(self._text[end:closed]):
            self._quoted_to = closed + 1

    def _conclusion(self, pattern: int, start: int, end: int) -> None:
        if self._cannot_from >= 0 and not next_stop(self._text, self._cannot_from, start):
            return
        if self._concluded:
            del self._found[self._sentence :]  # what came before the turn in this sentence
        else:
            self._before, self._found, self._concluded = self._found, [], True
        self._sentence, self._aside_to = min(self._sentence, len(self._found)), 0
        self._began = self._group = self._kin = -1

    _take: ClassVar = {
        Kind.FORM: _form,
        Kind.FRAMED: _framed,
        Kind.NEGATOR: _negate,
        Kind.LACK: _negate,
        Kind.ABSENT: _negate,
        Kind.CANNOT: _cannot,
        Kind.UNABLE: _unable,
        Kind.EXEMPT: _exempt,
        Kind.HEDGE: _hedge,
        Kind.OTHER: _other,
        Kind.SUBJECT: _subject,
        Kind.GROUP: _name_group,
        Kind.KIN: _name_kin,
        Kind.CONTRAST: _contrast,
        Kind.ASIDE: _aside,
        Kind.CONDITION: _condition,
        Kind.WILL: _will,
        Kind.FROM: _from,
        Kind.CHANGE: _change,
        Kind.BEGAN: _begin,
        Kind.LATER: _later,
        Kind.REVEAL: _reveal,
        Kind.UNDONE: _undone,
        Kind.WHY: _why,
        Kind.QUESTION: _question,
        Kind.IRONIC: _ironic,
        Kind.CONCLUSION: _conclusion,
        Kind.END: _end,
        Kind.QUOTE: _quote,
    }


_END_AN_ASIDE = frozenset(
    (
        Kind.END, Kind.QUESTION, Kind.CONCLUSION, Kind.QUOTE, Kind.REVEAL, Kind.LATER,
        Kind.CONTRAST, Kind.CHANGE, Kind.WHY, Kind.IRONIC,
    )
)
# What a Chinese clause begins after.
BESIDE_A_CLAUSE = frozenset(" \n，。；：！？、“「『（")


def _whose(text: str, start: int) -> bool:
    """Say whether a possessive stands right before a place, or before the word before it."""
    return not set(words("whose", "en")).isdisjoint(text[max(0, start - 30) : start].split()[-2:])


def _stands_alone(text: str, position: int) -> bool:
    """Say whether the character at a position of a spaced text is no part of a longer word."""
    return text[position - 1] in BESIDE_ONE_CHARACTER and text[position + 1] in BESIDE_ONE_CHARACTER
