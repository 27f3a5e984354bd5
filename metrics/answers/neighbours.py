"""The words right before and after an emotion word: whose it is, of what it is said, in what frame.

All take a text made by `affecthub.metrics.answers.patterns.spaced`, and places in it.
"""

import re
from collections.abc import Callable
from functools import cache

from affecthub.metrics.answers.discourse import BESIDE_ONE_CHARACTER, framed_words, words
from affecthub.metrics.answers.negation import next_stop

_FELT = frozenset("feel feels felt feeling".split())
_IS = frozenset("is are was were am be been being 's 'm 're".split())
_BEING = (
    _FELT
    | _IS
    | frozenset(
        "look looks looked looking seem seems seemed appear appears appeared sound sounds sounded "
        "become becomes became becoming remain remains remained stay stays stayed get gets got "
        "gotten".split()
    )
)
# Between a frame and its word, beside adverbs.
_SLIGHT = frozenset(
    "a bit little more so too very quite rather somewhat both most also to be as and not all "
    "pretty just still even".split()
)
# Stand before a verb, which is no attribute of what follows: "they enjoy music".
_BEFORE_VERBS = _IS | frozenset("i you we they to not will would can could do does did don't".split())
# 他是个伤心的父亲: somebody himself.
_ONE = "个個位名"
_ARTICLES = frozenset("a an the this that".split())
_STOPS = ".,;:!?)]}\"”'"
# "engaged in", "focused on": what follows a participle that says no state.
_DOING = tuple(f" {word} " for word in "in on with of to for at that".split())
_is_joint = re.compile(
    r"\s*(?:,|and|or|but|as well as|yet)*\s*(?:and|or|both)?\s*|(?:、|和|与|與|以及|又|且|而|或)+"
).fullmatch
_is_link = re.compile(
    r"(?:\s+(?:of|with|in|from|out|for|a|pure|sheer|great|so))*|[^\x00-\x7f，。；！？、但却]{0,5}"
).fullmatch
_is_perceived = re.compile(r"[看听聽读讀收见見][^，。；！？\s]*$").search
_is_predicate = re.compile(
    r"\s+(?:(?:also|still|both|all|who)\s+)?(?:is|are|was|were|looks?|looked|seems?|seemed|"
    r"appears?|appeared|feels?|felt|sounds?|sounded|becomes?|became|gets?|got|remains?|remained|"
    r"stays?|stayed|had\s+been|has\s+been|have\s+been)\s"
    r"|[们們]?(?:也|就|都|还|還|却|卻|正|已|似乎|好像|看起来|看起來|看上去|显得|顯得|感到|觉得|覺得|变得|變得|"
    r"非常|十分|特别|特別|有点|有點|有些|很|太|真|更|是|因|对|對|又|气|氣|哭|笑|一直|总|總|突然|终于|終於|会|會)"
).match


def is_beside(between: str) -> bool:
    """Say whether nothing stands in between but a comma or a conjunction."""
    return _is_joint(between) is not None


def is_clause(between: str) -> bool:
    """Say whether a few words stand between two negators, so that they cancel out."""
    return between.isascii() and 1 < len(between.split()) < 5 and not next_stop(between)


def is_object(text: str, start: int) -> bool:
    """Say whether a thing at a place is one that somebody looks at or hears: 看到这条新闻."""
    return _is_perceived(text, max(0, start - 8), start) is not None


def is_subject(text: str, end: int) -> bool:
    """Say whether what ends at a place has a predicate behind it: "his wife is", 他妈妈很."""
    return _is_predicate(text, end) is not None


def is_of_another(text: str, start: int, end: int) -> bool:
    """Say whether an emotion word is said of a thing, or of a relative of the person described.

    "a sad song", 令人不安的情况, "his worried mother".
    """
    if text[end] == "的":
        of = _of_another_zh()(text, end)
        return of is not None and not (of["kin"] and text[start - 1] in _ONE)
    if text[end] != " " or not text[end + 1].isalpha():
        return False
    word, *more = text[end : end + 40].split(None, 2)
    noun, things, kin = word.rstrip(_STOPS), _things(), _kin()
    if noun not in things and noun not in kin:
        if noun in _closed_class():
            return False
        if more and noun == word and more[0].rstrip(_STOPS) in things:
            noun = more[0].rstrip(_STOPS)  # with another adjective in between
    before = ["", "", *text[max(0, start - 30) : start].split()]
    if noun in things:
        verb = text[end - 1] == "s" or text[end - 3 : end] != "ing"
        return not (before[-1] in _BEFORE_VERBS and (verb or before[-1] in _IS))
    if noun in kin and not _whose().isdisjoint(before[-2:]):
        return True
    return before[-1] in _ARTICLES and before[-2] in _objects()


def is_said(text: str, start: int) -> bool:
    """Say whether a quotation that opens at a place is what somebody said or wrote."""
    before = text[max(0, start - 24) : start].rstrip(" :：，,")
    last = before.split()[-1:]
    return before.endswith(words("say", "zh")) or (last != [] and last[0] in words("say", "en"))


def is_framed(text: str, start: int, end: int, form: str) -> bool:
    """Say whether a word of several senses stands in a frame where it is an emotion."""
    before = text[max(0, start - 50) : start + 1].split()
    while before and (before[-1] in _SLIGHT or before[-1].endswith("ly")):
        before.pop()
    kind = framed_words()[form]
    if not before:
        return False
    if kind == "noun":
        if before[-1] == "of":
            return before[-2:-1] != [] and before[-2] in words("frame noun", "en")
        return before[-1] in words("frame verb", "en")
    if before[-1] not in (_BEING if kind == "state" else _FELT):
        return False
    return not (form.endswith("ed") and text.startswith(_DOING, end))


def is_expression(form: str) -> bool:
    """Say whether a form names how an emotion shows rather than the emotion: tears, 笑."""
    return form in _expressions()


def is_of_one_moment(between: str) -> bool:
    """Say whether an expression and an emotion are of one moment: "tears of joy", 高兴得哭了."""
    return _is_link(between) is not None


def may_be_joined(text: str, end: int, form: str) -> bool:
    """Say whether such a word may be one beside an emotion word: "happy and content"."""
    return framed_words()[form] != "feeling" and not text.startswith(_DOING, end)


def stands_alone(text: str, position: int) -> bool:
    """Say whether the character at a position is no part of a longer Chinese word."""
    return text[position - 1] in BESIDE_ONE_CHARACTER and text[position + 1] in BESIDE_ONE_CHARACTER


@cache
def _expressions() -> frozenset[str]:
    return frozenset(words("expression"))


@cache
def _things() -> frozenset[str]:
    return frozenset(words("thing", "en"))


@cache
def _kin() -> frozenset[str]:
    return frozenset(words("kin", "en"))


@cache
def _objects() -> frozenset[str]:
    return frozenset(words("object"))


@cache
def _closed_class() -> frozenset[str]:
    return frozenset(words("closed class"))


@cache
def _whose() -> frozenset[str]:
    return frozenset(words("whose", "en"))


@cache
def _of_another_zh() -> Callable[[str, int], re.Match[str] | None]:
    things = "|".join(words("thing", "zh"))
    kin = "|".join(kin for kin in words("kin", "zh") if len(kin) > 1)
    return re.compile(rf"的(?:(?:[^\W的]{{1,4}})??(?:{things})|(?P<kin>{kin}))").match
