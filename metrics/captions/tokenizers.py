"""Captions to tokens: English as COCO's caption scoring cuts it, Chinese by character or by word.

The choice of tokens changes scores and even the order of systems, so every result names it.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from affecthub.errors import require, unknown_name

Tokenizer = Callable[[str], list[str]]

# Han, kana, and the circle that stands for zero.
_CJK = "\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f"
_cjk = re.compile(f"[{_CJK}]")
_latin = re.compile("[a-z]", re.IGNORECASE)

# A CJK character, or a run of other letters and digits that keeps its decimal points.
_CHARACTER = rf"[{_CJK}]|(?:[^\W_{_CJK}]|(?<=\d)[.,](?=\d))+"
_characters = re.compile(_CHARACTER)
_characters_and_marks = re.compile(rf"{_CHARACTER}|\S")
_word_character = re.compile(r"[^\W_]")

# Abbreviations that keep their full stop.
_ABBREVIATIONS = r"(?:mr|mrs|ms|dr|prof|st|jr|sr|vs|etc|inc|ltd|co|e\.g|i\.e)\."
# The last alternative is any other mark; the class names those that are thrown away.
_ptb = re.compile(
    r"https?://[^\s\"<>()]*[^\s\"<>().,;:!?']|www\.[^\s\"<>()]*[^\s\"<>().,;:!?']"
    r"|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|</?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|&(?:amp|lt|gt|quot|nbsp);"
    rf"|(?<![^\W_]){_ABBREVIATIONS}(?!\w)|\b(?:[a-z]\.){{2,}}"
    r"|[<>]?[:;=][-o*']?[()dpo{@|\[\]](?![a-z])"
    r"|\by['’](?=[a-z])|(?<!\w)'(?:n'|t(?=(?:is|was)\b)|(?:em|cause|n)(?![a-rt-z]))"
    r"|[@#]?\w+(?:(?:-(?!-)|[/_&]+|(?<=[a-z])[.?!](?=[a-z]))\w+|(?<=\d)[.,:]\d+)*(?:'\w+)*%?"
    r"|[?!]{2,}"
    r"|[^\s\w.,:;?!'\"`…–—《》〈〉「」『』【】-]"
)
_contraction = re.compile(r"(.+?)(n't|'s|'re|'ve|'ll|'d|'m)$")
_SPLIT_WORDS = {
    "cannot": ["can", "not"],
    "gonna": ["gon", "na"],
    "gotta": ["got", "ta"],
    "wanna": ["wan", "na"],
    "lemme": ["lem", "me"],
    "gimme": ["gim", "me"],
}
_BRACKETS = dict(zip("()[]{}", "-lrb- -rrb- -lsb- -rsb- -lcb- -rcb-".split(), strict=True))
_ENTITIES = {"&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": '"', "&nbsp;": " "}
# Symbols beyond the basic plane, and what joins and colours them, are thrown away.
_emoji = re.compile("[\U0001f000-\U0001faff\ufe0f\u200d]")
_PLAIN_QUOTES = str.maketrans("‘“”", '\'""')
_apostrophe = re.compile(r"(?<!\by)’|’(?![a-z])")  # the curved one stays in "y’know"


def tokenize_ptb(text: str) -> list[str]:
    """The tokens that COCO's caption scoring makes of an English caption.

    Penn Treebank style in lower case: contractions are cut ("does n't", "it 's"), words joined by
    hyphens stay whole, and sentence marks, quotes, dashes and emoji are dropped. Runs of ``!`` and
    ``?``, faces made of marks, addresses and tags stay. Brackets become ``-lrb-`` and ``-rrb-`` and
    stay, as they do there. Chinese between two marks is one token, and
    Chinese commas and full stops stay too: that is what becomes of Chinese captions that are scored
    without segmentation.

    Args:
        text: One caption.

    Returns:
        Tokens; empty text gives none.

    Source: what `PTBTokenizer -lowerCase` of CoreNLP 3.4.1 makes of captions, and the marks that
        pycocoevalcap 1.2 then drops.
    Differs: written as a pattern of the common cases, so that no Java is needed. Of 6,000
        utterances of MELD 1 % are cut otherwise, mostly where the program takes "I." at the end of
        a sentence for an initial; digits stay with Chinese around them.

    Example:
        >>> tokenize_ptb("She doesn't shout; it's a low-pitched voice.")
        ['she', 'does', "n't", 'shout', 'it', "'s", 'a', 'low-pitched', 'voice']
        >>> tokenize_ptb("语速很快，音调上扬。")
        ['语速很快', '，', '音调上扬', '。']
    """
    tokens = []
    plain = _apostrophe.sub("'", text.lower().translate(_PLAIN_QUOTES))
    for word in _ptb.findall(_emoji.sub(" ", plain)):
        if word.isalpha():
            tokens += _SPLIT_WORDS.get(word) or [word]
        elif word in _BRACKETS:
            tokens.append(_BRACKETS[word])
        elif word in _ENTITIES:
            tokens.append(_ENTITIES[word])
        elif word[0] in ":;=" or word[:2] in ("<:", ">:"):  # a face made of marks
            tokens.append("".join(_BRACKETS.get(mark, mark) for mark in word))
        else:
            tokens += _cut(word)
    return tokens


def _cut(word: str) -> list[str]:
    if word[-1] == "%" and len(word) > 1:
        return [word[:-1], "%"]
    contraction = _contraction.match(word) if "'" in word else None
    if contraction is None:
        return [word]
    return [*_cut(contraction[1]), contraction[2]]


def tokenize_characters(text: str) -> list[str]:
    """One token per Chinese character; words of other scripts and numbers stay whole.

    Full-width forms become plain ones, case is folded, spaces and marks are dropped.

    Args:
        text: One caption.

    Returns:
        Tokens; empty text gives none.

    Example:
        >>> tokenize_characters("她很 Angry，语速３．５倍。")
        ['她', '很', 'angry', '语', '速', '3.5', '倍']
    """
    return _characters.findall(unicodedata.normalize("NFKC", text).lower())


def tokenize_characters_and_marks(text: str) -> list[str]:
    """The tokens of `tokenize_characters`, with every mark as a token too.

    Marks agree by themselves between most captions, so scores are higher than without them.

    Example:
        >>> tokenize_characters_and_marks("她很angry，快。")
        ['她', '很', 'angry', ',', '快', '。']
    """
    return _characters_and_marks.findall(unicodedata.normalize("NFKC", text).lower())


def tokenize_jieba(text: str) -> list[str]:
    """Chinese words as jieba cuts them; case is folded, spaces and marks are dropped.

    Raises:
        ImportError: jieba is not installed.

    Example:
        >>> tokenize_jieba("语速很快，音调上扬。")
        ['语速', '很快', '音调', '上扬']
    """
    words: list[str] = _jieba()(unicodedata.normalize("NFKC", text).lower())
    return [word for word in words if _word_character.search(word)]


@cache
def _jieba() -> Callable[[str], list[str]]:
    jieba = require("jieba", "jieba", "cut Chinese captions into words")
    jieba.setLogLevel("WARNING")
    jieba.initialize()
    cut: Callable[[str], list[str]] = jieba.lcut
    return cut


TOKENIZERS: dict[str, Tokenizer] = {
    "ptb": tokenize_ptb,
    "char": tokenize_characters,
    "char_and_marks": tokenize_characters_and_marks,
    "jieba": tokenize_jieba,
}
# What a language is cut by unless a call says otherwise.
DEFAULT_TOKENIZERS = {"en": "ptb", "zh": "char"}


def tokenizer_of(name: str | Tokenizer) -> Tokenizer:
    """A tokenizer by name; a function from text to tokens passes as it is.

    Raises:
        ValueError: The name is unknown; the known ones are listed.
        ImportError: The tokenizer needs a package that is not installed.
    """
    if callable(name):
        return name
    if name not in TOKENIZERS:
        raise unknown_name("tokenizer", name, TOKENIZERS)
    if name == "jieba":
        _jieba()
    return TOKENIZERS[name]


def language_of(texts: list[str]) -> str | None:
    """The language most letters of some texts belong to, or None where there are no letters.

    Only tells Chinese characters from Latin letters; meant to notice a wrong option.

    Example:
        >>> language_of(["她很angry"]), language_of(["她很生气，语速快, ok"]), language_of(["..."])
        ('en', 'zh', None)
    """
    text = "".join(texts)
    n_chinese, n_latin = len(_cjk.findall(text)), len(_latin.findall(text))
    if n_chinese == n_latin == 0:
        return None
    return "zh" if n_chinese >= n_latin else "en"
