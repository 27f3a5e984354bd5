"""Words that tell what a description says of whom, when, and how surely; two tables hold them.

``discourse.tsv`` has the turns of a text, ``ordinary.tsv`` the emotion words that running text
mostly uses in another sense. Of the two languages alone, from general use.
"""

import csv
from collections.abc import Iterator
from functools import cache
from itertools import product

from affecthub.metrics.texts import text_of

# What closes a quotation, by what opens it.
CLOSING = {'"': '"', "“": "”", "「": "」", "『": "』"}
ENDS = (*".!;。！；", "\n")
QUESTIONS = ("?", "？")

# Join words in Chinese and begin some: 和气 is no word in 不满和气愤, nor 好感 in 好感动.
JOINTS = "和 与 與 或 及 并 並 而 好 真 很 太 最".split()

# A Chinese emotion word of one character counts between these only: as a part of a longer word
# (语气, 困难) it has no meaning of its own.
BESIDE_ONE_CHARACTER = frozenset(
    " \t\n\"',.;:!?()，。；：！？、（）“”‘’…—"
    "的地得了着著过過和与與或及并並而且也又都还還在被让讓把对對很太真好更最挺不没沒有是到"
    "我你妳他她它们們人吗嗎吧呢啊呀啦哦哟里裡裏实實常别別些点點分极極超越总總直死坏壞爆透哭"
)


@cache
def words(kind: str, language: str | None = None) -> tuple[str, ...]:
    """The words of a kind in ``discourse.tsv``, of one language or of both.

    Raises:
        KeyError: The table has no such kind.
    """
    table = _discourse()
    languages = ("en", "zh") if language is None else (language,)
    found = tuple(word for name in languages for word in table.get((name, kind), ()))
    if not found:
        raise KeyError(kind)
    return found


@cache
def ordinary_words() -> frozenset[str]:
    """Emotion words that running text mostly uses in another sense; as a label they are one."""
    table = _ordinary()
    return frozenset(word for key in table for word in table[key]) - framed_words().keys()


@cache
def framed_words() -> dict[str, str]:
    """Those that are an emotion in a frame, and the frame.

    ``"state"`` is anything that says how somebody is ("is patient", "seems content"),
    ``"feeling"`` only what says how somebody feels ("feels low"), ``"noun"`` what says what
    somebody feels or shows ("shows interest", "a sense of ease"). States and nouns are one beside
    an emotion word, too: "worry and care", 无奈和沉重.
    """
    table = _ordinary()
    return {
        word: kind
        for language, kind in (("en", "feeling"), ("en", "noun"), ("en", "state"), ("zh", "state"))
        for word in table[language, kind]
    }


def framed_patterns() -> Iterator[tuple[str, str]]:
    """Chinese words in their frames, and the words: 很喜欢, 充满希望."""
    table = _ordinary()
    for frames, kind in (("degree frame", "after a degree"), ("verb frame", "after a verb")):
        for frame, word in product(words(frames), table["zh", kind]):
            yield frame + word, word


def inferences() -> Iterator[str]:
    """Hold a conclusion and are a noun, behind what is concluded: 支持了她难过的推断."""
    return _joined(words("inference head"), words("inference"))


def refused_conclusions() -> Iterator[str]:
    """Say that nothing can be said, with an adverb that is an emotion word: "cannot safely"."""
    return (f"{cannot} {adverb}" for cannot in words("cannot", "en") for adverb in _adverbs())


def unconcealed() -> Iterator[str]:
    """Hold a negator and say that the emotion shows: "does not hide"."""
    for negator, verb in product(words("conceal not"), words("conceal")):
        yield f"{negator} {verb}"


def others_feelings() -> Iterator[str]:
    """Make the word that follows the feeling of somebody else: 让对方感到, 别人的."""
    other, felt = words("other"), words("felt")
    yield from _joined(words("make"), other, ("", *felt, "的"))
    yield from _joined(other, (*felt, "的"))


def others_clauses() -> Iterator[str]:
    """Open a clause about somebody else: 认为对方, "he thinks she"."""
    yield from words("held")
    yield from _joined(words("hold"), words("other"))
    for verb in words("knows", "en"):
        yield from (f"{he} {verb} {that}{she}" for he, she, that in _two_persons("en"))
    for verb in words("knows", "zh"):
        yield from (f"{he}{verb}{she}" for he, she, _ in _two_persons("zh"))


def own_clauses() -> Iterator[str]:
    """Hold such a clause and are about oneself: "she thinks she"."""
    for verb, she in product(words("knows", "en"), ("he", "she")):
        yield from (f"{she} {verb} {she}", f"{she} {verb} that {she}")


def _two_persons(language: str) -> Iterator[tuple[str, str, str]]:
    """Two persons who are not one, and what may stand between a verb and the second."""
    if language == "en":
        for he, that in product(("he", "she", "they"), ("", "that ")):
            yield from ((he, she, that) for she in ("he", "she", "they", "you", "i") if he != she)
    else:
        for he in "他她":
            yield from ((he, she, "") for she in "他她你我" if he != she)


def own_feelings() -> Iterator[str]:
    """Hold one of those and are a feeling towards somebody else: 对别人感到, 对对方的."""
    return _joined(words("towards"), words("other"), ("", "的", *words("felt")))


def relatives() -> Iterator[str]:
    """Name somebody by how they stand to the person described: "his wife", 她的老师."""
    for whose, kin in product(words("whose", "en"), words("kin", "en")):
        yield f"{whose} {kin}"
    yield from _joined(words("whose", "zh"), words("kin", "zh"))


def topics() -> Iterator[str]:
    """Name a thing that may be the subject of an emotion word: "the song", 音乐."""
    for article, song in product(("the", "this", "that"), words("song", "en")):
        yield f"{article} {song}"
    yield from words("song", "zh")


def _adverbs() -> tuple[str, ...]:
    return words("cannot adverb")


def _joined(*parts: tuple[str, ...]) -> Iterator[str]:
    return map("".join, product(*parts))


@cache
def _discourse() -> dict[tuple[str, str], tuple[str, ...]]:
    return _table(text_of("answers/discourse.tsv"))


@cache
def _ordinary() -> dict[tuple[str, str], tuple[str, ...]]:
    return _table(text_of("answers/ordinary.tsv"))


def _table(text: str) -> dict[tuple[str, str], tuple[str, ...]]:
    """Language and kind to words, simplified before traditional."""
    rows = csv.DictReader(text.splitlines(), restval="", delimiter="\t", quoting=csv.QUOTE_NONE)
    table: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in rows:
        listed = [*row["words"].split(", "), *row["traditional"].split(", ")]
        key = row["language"], row["kind"]
        known = table.get(key, ())
        table[key] = tuple(dict.fromkeys((*known, *filter(None, listed))))
    return table
