"""The words right before and after an emotion word: whose it is, of what it is said, in what frame.

All take a text made by `affecthub.metrics.answers.patterns.spaced`, and places in it.
"""

import re

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
_BEFORE_VERBS = _IS | frozenset(
    "i you we they to not will would can could do does did don't".split()
)
# 他是个伤心的父亲: somebody himself.
_ONE = "个個位名"
_ARTICLES = frozenset("a an the this that".split())
_THINGS = frozenset(words("thing", "en"))
_KIN = frozenset(words("kin", "en"))
_WHOSE = frozenset(words("whose", "en"))
# Verbs whose object feels: "comforts the frightened child".
_OBJECTS = frozenset(words("object"))
# Words that open another phrase ("happy this time" is no happy time), and those that feel or show.
_NO_THING = frozenset((*words("closed class"), *words("bearer")))
_PERSONS = frozenset("man woman person people boy girl character speaker".split())
_EXPRESSIONS = frozenset(words("expression"))
_SAY, _SAY_ZH = frozenset(words("say", "en")), words("say", "zh")
_FRAME_NOUNS, _FRAME_VERBS = frozenset(words("frame noun")), frozenset(words("frame verb"))
_FRAMED = framed_words()
_STOPS = ".,;:!?)]}\"”'"
# "engaged in", "focused on": what follows a participle that says no state.
_DOING = tuple(f" {word} " for word in "in on with of to for at that".split())
_is_joint = re.compile(
    r"\s*(?:,|and|or|but|as well as|yet)*\s*(?:and|or|both)?\s*|(?:、|和|与|與|以及|又|且|而|或)+"
).fullmatch
_is_link = re.compile(
    r"(?:\s+(?:of|with|in|from|out|for|a|pure|sheer|great|so))*|[^\x00-\x7f，。；！？、但却]{0,5}"
).fullmatch
_of_another_zh = re.compile(
    rf"的(?:(?:[^\W的]{{1,4}})??(?:{'|'.join(words('thing', 'zh'))})"
    rf"|(?P<kin>{'|'.join(kin for kin in words('kin', 'zh') if len(kin) > 1)}))"
).match
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
    following = text[end]
    if following == "的":
        of = _of_another_zh(text, end)
        return of is not None and not (of["kin"] and text[start - 1] in _ONE)
    if following != " ":
        return False
    word_end = text.find(" ", end + 1)
    word = text[end + 1 : word_end]
    if word in _NO_THING or not word:
        return word in _PERSONS and _is_of_an_object(text, start)
    noun = word.rstrip(_STOPS)
    if noun not in _THINGS and noun == word:
        second = text[word_end : word_end + 20].split(None, 1)[:1]
        if second and second[0].rstrip(_STOPS) in _THINGS:
            noun = second[0].rstrip(_STOPS)  # with another adjective in between
    before = ["", "", *text[max(0, start - 30) : start].split()]
    last = before[-1]
    if noun in _THINGS:
        verb = text[end - 1] == "s" or text[end - 3 : end] != "ing"
        return not (last in _BEFORE_VERBS and (verb or last in _IS))
    if noun in _KIN and not _WHOSE.isdisjoint(before[-2:]):
        return True
    return _is_of_an_object(text, start)


def _is_of_an_object(text: str, start: int) -> bool:
    """Say whether an attribute belongs to the object of a verb: "looks at the angry man"."""
    verb, article = ["", "", *text[max(0, start - 30) : start].split()][-2:]
    return article in _ARTICLES and verb in _OBJECTS


def is_said(text: str, start: int) -> bool:
    """Say whether a quotation that opens at a place is what somebody said or wrote."""
    before = text[max(0, start - 24) : start].rstrip(" :：，,")
    return before.endswith(_SAY_ZH) or before.rpartition(" ")[2] in _SAY


def is_framed(text: str, start: int, end: int, form: str) -> bool:
    """Say whether a word of several senses stands in a frame where it is an emotion."""
    before = text[max(0, start - 50) : start].split()
    while before and (before[-1] in _SLIGHT or before[-1].endswith("ly")):
        before.pop()
    if not before:
        return False
    kind, last = _FRAMED[form], before[-1]
    if kind == "noun":
        if last == "of":
            return len(before) > 1 and before[-2] in _FRAME_NOUNS
        return last in _FRAME_VERBS
    if last not in (_BEING if kind == "state" else _FELT):
        return False
    return not (form.endswith("ed") and text.startswith(_DOING, end))


def is_expression(form: str) -> bool:
    """Say whether a form names how an emotion shows rather than the emotion: tears, 笑."""
    return form in _EXPRESSIONS


def is_of_one_moment(between: str) -> bool:
    """Say whether an expression and an emotion are of one moment: "tears of joy", 高兴得哭了."""
    return _is_link(between) is not None


def may_be_joined(text: str, end: int, form: str) -> bool:
    """Say whether such a word may be one beside an emotion word: "happy and content"."""
    return _FRAMED[form] != "feeling" and not text.startswith(_DOING, end)


def is_part(text: str, start: int, form: str) -> bool:
    """Say whether a Chinese form is a part of something longer: 气 of 语气, 不开心 of 开不开心."""
    if form[0] == "不":
        return text[start - 1] == form[1:2]
    beside = BESIDE_ONE_CHARACTER
    return text[start - 1] not in beside or text[start + 1] not in beside
