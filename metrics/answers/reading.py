"""One text under way: which of the emotion words found in it are said of the person described."""

from typing import ClassVar

from affecthub.metrics.answers.discourse import CLOSING
from affecthub.metrics.answers.negation import next_end, next_stop
from affecthub.metrics.answers.neighbours import (
    is_beside,
    is_clause,
    is_expression,
    is_framed,
    is_object,
    is_of_another,
    is_of_one_moment,
    is_part,
    is_said,
    is_subject,
    may_be_joined,
)
from affecthub.metrics.answers.patterns import Kind
from affecthub.metrics.answers.sentence import Rules, Sentence

# What a Chinese clause begins after.
_BESIDE_A_CLAUSE = frozenset(" \n，。；：！？、“「『（")
# Negators behind which a comparative says the most: "couldn't be happier".
_NEVER = frozenset(
    ("never", "could not", "couldn't", "cannot", "can't", "hasn't", "haven't", "hadn't")
)
# No pattern is longer.
_LONGEST = 60
# Negators that say what will be: 不会.
_REFUSED = frozenset(("won't", "wouldn't", "不会", "不會"))
_SETS_APART = ("而", "while", "whereas", "她", "他", "我", "只有", "唯")


class Reading:
    """The forms found so far, and the sentence that stands open."""

    def __init__(self, rules: Rules, text: str) -> None:
        self._rules, self._text = rules, text
        self._forms, self._is_part = rules.patterns.forms, rules.patterns.is_part
        self._found: list[tuple[str, int]] = []  # forms, and where each ends
        self._before: list[tuple[str, int]] = []  # found before the first conclusion
        self._concluded = False
        self._read_to = self._aside_to = 0
        self._first = 0  # forms found when the sentence began
        self._now = Sentence()

    def forms(self) -> list[str]:
        """The forms that count; those of the conclusion, where it has any."""
        self._read(self._rules.patterns.find(self._text), 0)
        self._end(0, 0, 0)
        return [form for form, _ in self._found or self._before]

    def _read(self, matches: list[tuple[int, int, int]], offset: int) -> None:
        patterns, text = self._rules.patterns, self._text
        kinds, is_word = patterns.kinds, patterns.is_word
        for pattern, start, end in matches:
            if offset:
                start, end = start + offset, end + offset
            if start < self._read_to:
                continue
            if is_word[pattern] and text[end].isalnum():
                self._read_cut(start, end)
                continue
            kind = kinds[pattern]
            if start >= self._aside_to or _ENDS_AN_ASIDE[kind]:
                _TAKE[kind](self, pattern, start, end)

    def _read_cut(self, start: int, end: int) -> None:
        """Read a match that ends within a word: "positive emotion" of "positive emotional".

        What stands before the word, and what begins with it, is no part of a longer match now.
        """
        cut = self._text.rfind(" ", start + 1, end)
        if cut < 0:
            return
        find = self._rules.patterns.find
        self._read(find(self._text[start:cut]), start)
        begun = find(self._text[cut : end + _LONGEST])[:1]
        if begun and begun[0][1] == 0:
            self._read(begun, cut)
            self._read_to = max(self._read_to, cut + begun[0][2])

    # Emotion words

    def _form(self, pattern: int, start: int, end: int) -> None:
        text, found, form = self._text, self._found, self._forms[pattern]
        if self._is_part[pattern] and is_part(text, start, form):
            return
        if self._now.is_open and self._is_held_back(form, start, end):
            return
        if text[end] in " 的" and is_of_another(text, start, end):
            return
        if len(found) > self._first and is_expression(form) != is_expression(found[-1][0]):
            if self._is_one_moment(form, start, end):
                return
        found.append((form, end))

    def _is_held_back(self, form: str, start: int, end: int) -> bool:
        """Say whether something that stands open keeps the form from counting."""
        now, text = self._now, self._text
        if now.negated_from >= 0 and self._is_denied(form, start, end):
            return True
        if now.others_from >= 0 and self._is_others(start, end):
            return True
        if now.hedged_from >= 0 and not next_stop(text, now.hedged_from, start):
            return True
        if now.pending:
            if is_beside(text[now.pending[2] : start]):
                self._found.append((now.pending[0], now.pending[2]))
            now.pending = None
        return False

    def _is_one_moment(self, form: str, start: int, end: int) -> bool:
        """Say whether the form is one of an emotion and its expression that was settled here.

        In "tears of joy" and "a sad smile" the emotion counts, and how it shows does not.
        """
        if not is_of_one_moment(self._text[self._found[-1][1] : start]):
            return False
        if not is_expression(form):
            self._found[-1] = form, end
        return True

    def _framed(self, pattern: int, start: int, end: int) -> None:
        """A word of several senses: in its frame, or beside an emotion word, it is one."""
        form, text = self._forms[pattern], self._text
        if is_framed(text, start, end, form):
            self._form(pattern, start, end)
        elif may_be_joined(text, end, form):
            if len(self._found) > self._first and is_beside(text[self._found[-1][1] : start]):
                self._form(pattern, start, end)
            else:
                self._now.pending, self._now.is_open = (form, start, end), True

    def _is_denied(self, form: str, start: int, end: int) -> bool:
        """Say whether a negator reaches the form; what it turns it into is found instead."""
        now, patterns = self._now, self._rules.patterns
        if not self._rules.negation.reaches(self._text[now.negated_from : start]):
            now.negated_from = -1
            return False
        if form.endswith("er") and patterns.forms[now.negator] in _NEVER:
            return False
        negator = patterns.kinds[now.negator]
        if negator == Kind.CANNOT:
            is_right_before = self._rules.only_degrees(self._text[now.negated_from : start])
            negator = Kind.NEGATOR if is_right_before else Kind.ABSENT
        now.negated_from = end
        self._turn(form, end, negator)
        return True

    def _turn(self, form: str, end: int, negator: Kind) -> None:
        if negator == Kind.ABSENT:
            return
        if negator == Kind.LACK and self._rules.is_basic(form):
            return
        turned = self._rules.turned(form)
        if turned:
            self._found.append((turned, end))

    def _is_others(self, start: int, end: int) -> bool:
        now = self._now
        if self._rules.only_degrees(self._text[now.others_from : start]):
            now.others_from = end
            return True
        now.others_from = -1
        return False

    # What turns the words after it

    def _negate(self, pattern: int, start: int, end: int) -> None:
        text = self._text
        now = self._now
        if now.is_rhetorical:
            now.is_why = True
        elif now.negated_from >= 0 and is_clause(text[now.negated_from : start]):
            now.negated_from = -1  # "can't say he isn't"
        elif text[start - 1] == text[end : end + 1] != " ":  # 高不高兴 asks
            self._aside(pattern, start, end)
        else:
            now.negated_from, now.negator, now.is_open = end, pattern, True

    def _cannot(self, pattern: int, start: int, end: int) -> None:
        self._negate(pattern, start, end)
        self._now.cannot_from = end

    def _exempt(self, pattern: int, start: int, end: int) -> None:
        pass

    def _hedge(self, pattern: int, start: int, end: int) -> None:
        self._now.hedged_from, self._now.is_open = end, True

    def _other(self, pattern: int, start: int, end: int) -> None:
        self._now.others_from, self._now.is_open = end, True

    def _subject(self, pattern: int, start: int, end: int) -> None:
        if is_object(self._text, start):
            return
        if is_subject(self._text, end):
            self._aside(pattern, start, end)
        else:  # "his wife's anger"
            after = end + 2 if self._text.startswith("'s", end) else end
            self._now.others_from, self._now.is_open = after, True

    # What puts words aside

    def _aside(self, pattern: int, start: int, end: int) -> None:
        stop = next_stop(self._text, end)
        self._aside_to = stop.start() if stop else len(self._text)

    def _condition(self, pattern: int, start: int, end: int) -> None:
        self._now.is_conditional = True
        if self._now.may >= 0:
            del self._found[self._now.may :]
        self._aside(pattern, start, end)

    def _may(self, pattern: int, start: int, end: int) -> None:
        if self._now.may < 0:
            self._now.may = len(self._found)

    def _whole(self, pattern: int, start: int, end: int) -> None:
        stop = next_end(self._text, end)
        self._aside_to = stop.start() if stop else len(self._text)

    def _will(self, pattern: int, start: int, end: int) -> None:
        if self._now.is_conditional:
            self._aside(pattern, start, end)
        elif self._rules.patterns.forms[pattern] in _REFUSED:
            self._negate(pattern, start, end)
        else:
            self._may(pattern, start, end)

    def _from(self, pattern: int, start: int, end: int) -> None:
        self._aside(pattern, start, end)
        to = self._text.find(" to ", end, self._aside_to)
        if to >= 0:
            self._aside_to = to

    def _reveal(self, pattern: int, start: int, end: int) -> None:
        self._aside_to = 0

    # What undoes the words before it

    def _undone(self, pattern: int, start: int, end: int) -> None:
        if not self._now.is_why:
            self._drop_clause(start)

    def _change(self, pattern: int, start: int, end: int) -> None:
        self._aside_to = 0
        self._drop_clause(start)

    def _drop_clause(self, start: int) -> None:
        found = self._found
        while len(found) > self._first and not next_stop(self._text, found[-1][1], start):
            found.pop()

    def _unable(self, pattern: int, start: int, end: int) -> None:
        if len(self._found) > self._first and self._found[-1][1] == start:
            form, _ = self._found.pop()
            self._turn(form, end, Kind.NEGATOR)

    def _ago(self, pattern: int, start: int, end: int) -> None:
        self._drop_clause(start)
        self._aside(pattern, start, end)

    def _begin(self, pattern: int, start: int, end: int) -> None:
        self._now.began = len(self._found)

    def _later(self, pattern: int, start: int, end: int) -> None:
        self._aside_to = 0
        if self._now.began >= 0:
            del self._found[self._now.began :]
            self._now.began = -1

    def _name_group(self, pattern: int, start: int, end: int) -> None:
        if self._now.group < 0:
            self._now.group = len(self._found)

    def _name_kin(self, pattern: int, start: int, end: int) -> None:
        if self._now.kin < 0 and self._text[start - 1] in _BESIDE_A_CLAUSE:
            self._now.kin = len(self._found)

    def _contrast(self, pattern: int, start: int, end: int) -> None:
        self._aside_to, now = 0, self._now
        sets_apart = self._rules.patterns.forms[pattern].startswith(_SETS_APART)
        first = now.kin if sets_apart and now.kin >= 0 else now.group
        if first >= 0:
            del self._found[first:]
        now.group = now.kin = -1

    # Sentences and quotations

    def _end(self, pattern: int, start: int, end: int) -> None:
        now = self._now
        if now.is_ironic:
            kept = [x for x in self._found[self._first :] if not self._rules.is_pleasant(x[0])]
            self._found[self._first :] = kept
        self._first, self._aside_to = len(self._found), 0
        if now.__dict__:
            self._now = Sentence()

    def _question(self, pattern: int, start: int, end: int) -> None:
        if not self._now.is_why:
            del self._found[self._first :]
        self._end(pattern, start, end)

    def _why(self, pattern: int, start: int, end: int) -> None:
        self._now.is_why = True

    def _rhetorical(self, pattern: int, start: int, end: int) -> None:
        self._now.is_rhetorical = True

    def _ironic(self, pattern: int, start: int, end: int) -> None:
        self._now.is_ironic = True
        if self._rules.is_label(self._rules.patterns.forms[pattern]):
            self._form(pattern, start, end)

    def _quote(self, pattern: int, start: int, end: int) -> None:
        closing = CLOSING[self._rules.patterns.forms[pattern]]
        closed = self._text.find(closing, end)
        if closed < 0:
            return
        is_label = closed - end < _LONGEST and self._rules.is_label(self._text[end:closed])
        if not is_label or is_said(self._text, start):
            self._read_to = closed + 1

    def _conclusion(self, pattern: int, start: int, end: int) -> None:
        now = self._now
        if now.cannot_from >= 0 and not next_stop(self._text, now.cannot_from, start):
            return
        if self._concluded:
            del self._found[self._first :]  # what came before the turn in this sentence
        else:
            self._before, self._found, self._concluded = self._found, [], True
        self._first, self._aside_to = min(self._first, len(self._found)), 0
        now.began = now.group = now.kin = -1

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
        Kind.MAY: _may,
        Kind.WHOLE: _whole,
        Kind.FROM: _from,
        Kind.CHANGE: _change,
        Kind.AGO: _ago,
        Kind.BEGAN: _begin,
        Kind.LATER: _later,
        Kind.REVEAL: _reveal,
        Kind.UNDONE: _undone,
        Kind.WHY: _why,
        Kind.RHETORICAL: _rhetorical,
        Kind.QUESTION: _question,
        Kind.IRONIC: _ironic,
        Kind.CONCLUSION: _conclusion,
        Kind.END: _end,
        Kind.QUOTE: _quote,
    }


# By number, which is faster to look up than by kind.
_TAKE = [Reading._exempt] * (max(Kind) + 1)
for _kind, _method in Reading._take.items():
    _TAKE[_kind] = _method
_ENDS_AN_ASIDE = [
    kind
    in (
        Kind.END,
        Kind.QUESTION,
        Kind.CONCLUSION,
        Kind.QUOTE,
        Kind.REVEAL,
        Kind.LATER,
        Kind.CONTRAST,
        Kind.CHANGE,
        Kind.WHY,
        Kind.IRONIC,
    )
    for kind in range(max(Kind) + 1)
]
