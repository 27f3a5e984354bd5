"""From an answer in sentences to emotion labels: offline, by a lexicon.

One pass of an automaton finds every form of the lexicon, every negator and every turn of the text;
the rules that weigh them are in `LexiconExtractor`.
"""

import re
from collections.abc import Iterable
from typing import Any, Literal

from affecthub.errors import unknown_name
from affecthub.metrics.answers.discourse import BESIDE_ONE_CHARACTER, THINGS, THINGS_ZH
from affecthub.metrics.answers.patterns import CLOSING, Kind, Patterns, spaced
from affecthub.metrics.lexicon.composition import Grammar
from affecthub.metrics.lexicon.concepts import concept_of
from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.lexicon.resources import read_lexicon, read_translations

Scope = Literal["conclusion", "all"]
Hedged = Literal["keep", "drop"]
LabelLanguage = Literal["text", "en"]
Sentiment = Literal["positive", "negative", "neutral"]

SCOPES: tuple[Scope, ...] = ("conclusion", "all")
HEDGED: tuple[Hedged, ...] = ("keep", "drop")
LANGUAGES: tuple[LabelLanguage, ...] = ("text", "en")

_of_a_thing = re.compile(
    rf"\s+(?:\w+\s+)?(?:{'|'.join(THINGS)})\b|的(?:[^\W的]{{1,4}})??(?:{'|'.join(THINGS_ZH)})"
).match
_joins = re.compile(r"\s*(?:,|、|/|or|nor|and|和|或|与|與|以及)*\s*").fullmatch
# A Chinese enumeration (、) stops no clause.
_stops = re.compile(r"[,.;:!?，。；：！？()（）\n]").search
_END_AN_ASIDE = (Kind.END, Kind.CONCLUSION, Kind.QUOTE)


class LexiconExtractor:
    """Finds the emotions that a description ascribes to a person; no model, no network.

    - The longest form at a place counts, whole words only; subtitles in quotation marks do not. A
      Chinese form of one character counts where its neighbours are particles or stops: 她气得发抖,
      but not 语气.
    - A text that concludes ("we can infer that ...", 因此) is read from its first conclusion on,
      without what stands before the turn in a sentence and without clauses that cite evidence
      ("based on the tense face, ..."). A text that concludes nothing, cannot ("it is hard to
      judge", 无法判断) or concludes no emotion is read whole, or up to there.
    - A negator within reach turns the word: into what the lexicon says it amounts to ("not happy"
      is displeased), else into nothing ("without any unease").
    - Left out are words that mostly have another sense in running text (content, certain), words
      said of a thing (a tense situation, 令人不安的情况) or of somebody else (让对方生气,
      认为对方不开心), and words asked after (是否生气). A feeling towards somebody else counts
      (对对方的不满).

    Args:
        lexicon: The lexicon whose forms are looked for; None for the built-in one. Only a lexicon
            that says how labels compose knows negators and hedges.
        scope: ``"conclusion"`` as above, or ``"all"`` to read every text whole.
        hedged: ``"keep"``, or ``"drop"`` for words that a hedge stands before in their clause
            ("may be angry").
        labels: ``"text"`` gives forms as the text has them, ``"en"`` English words throughout, for
            tables that know no Chinese; with the built-in lexicon only.

    Raises:
        ValueError: An option is unknown, or `labels` is ``"en"`` with another lexicon.
        ImportError: ahocorasick_rs is not installed.

    Example:
        >>> extract = LexiconExtractor()
        >>> extract("She is glad, but he is not happy at all; he looks furious.")
        ['glad', 'displeased', 'furious']
        >>> extract("根据她紧皱的眉头，可以推断她感到焦虑，并不生气。")
        ['焦虑']
    """

    def __init__(
        self,
        lexicon: Lexicon | None = None,
        *,
        scope: Scope = "conclusion",
        hedged: Hedged = "keep",
        labels: LabelLanguage = "text",
    ) -> None:
        for kind, value, known in (
            ("scope", scope, SCOPES),
            ("hedged", hedged, HEDGED),
            ("labels", labels, LANGUAGES),
        ):
            if value not in known:
                raise unknown_name(kind, value, known)
        self._lexicon = lexicon or load_lexicon()
        self._label_of = _labels(self._lexicon, labels)
        composition = self._lexicon.composition
        self._negated = composition.negated if composition else {}
        self._grammars: list[Grammar] = list(composition.grammars.values()) if composition else []
        self._transparent = {
            word
            for grammar in self._grammars
            for word in (*grammar.degrees, *grammar.before, *grammar.hedges)
        }
        self._degrees = {word for grammar in self._grammars for word in grammar.degrees} | {""}
        self._breaks = {word for grammar in self._grammars for word in grammar.breaks}
        self._reach = max((grammar.reach for grammar in self._grammars), default=0)
        self._patterns = Patterns.of(
            self._lexicon.names,
            self._grammars,
            concludes=scope == "conclusion",
            hedges=hedged == "drop",
        )

    def __call__(self, text: str) -> list[str]:
        """The labels of one text, each once, in order; [] where there are none.

        Raises:
            TypeError: `text` is not text.
        """
        if not isinstance(text, str):
            raise TypeError(f"`text` is not text: got {text!r} ({type(text).__name__}).")
        text = spaced(text.lower())
        patterns = self._patterns
        kinds, forms, is_word = patterns.kinds, patterns.forms, patterns.is_word
        found: list[str] = []
        before: list[str] = []
        sentence = quoted_to = aside_to = 0
        negated_from = hedged_from = cannot_from = others_from = -1
        concluded = False
        for pattern, start, end in patterns.find(text):
            if start < quoted_to or (is_word[pattern] and text[end].isalnum()):
                continue
            kind = kinds[pattern]
            if start < aside_to and kind not in _END_AN_ASIDE:
                continue
            if kind is Kind.FORM:
                if patterns.is_short[pattern] and not _stands_alone(text, start):
                    continue
                form = forms[pattern]
                if negated_from >= 0:
                    if self._reaches(text[negated_from:start]):
                        negated_from = end
                        found.extend(self._turned(form))
                        continue
                    negated_from = -1
                if others_from >= 0:
                    if self._only_degrees(text[others_from:start]):
                        others_from = end
                        continue
                    others_from = -1
                if hedged_from >= 0 and not _stops(text, hedged_from, start):
                    continue
                if not _of_a_thing(text, end):
                    found.append(form)
            elif kind is Kind.END:
                sentence, aside_to = len(found), 0
                negated_from = hedged_from = cannot_from = others_from = -1
            elif kind is Kind.NEGATOR:
                negated_from = end
            elif kind is Kind.CANNOT:
                negated_from = cannot_from = end
            elif kind is Kind.OTHER:
                others_from = end
            elif kind is Kind.QUOTE:
                quoted_to = text.find(CLOSING[forms[pattern]], end) + 1
            elif kind is Kind.HEDGE:
                hedged_from = end
            elif kind is Kind.CONCLUSION:
                if cannot_from >= 0 and not _stops(text, cannot_from, start):
                    continue
                if concluded:
                    del found[sentence:]  # what came before the turn in this sentence
                else:
                    before, found, concluded = found, [], True
                sentence, aside_to = min(sentence, len(found)), 0
            elif kind is Kind.ASIDE:
                stop = _stops(text, end)
                aside_to = stop.start() if stop else len(text)
        label_of = self._label_of
        return list(dict.fromkeys(label_of.get(form, form) for form in found or before))

    def batch(self, texts: Iterable[str]) -> list[list[str]]:
        """The labels of every text.

        Raises:
            TypeError: A text is not text.
        """
        return [self(text) for text in texts]

    def _reaches(self, between: str) -> bool:
        """Say whether a negator, or a word it turned, reaches over the text in between."""
        if _joins(between):
            return True
        if len(between) > 60 or _stops(between):
            return False
        if not between.isascii():
            for word in self._transparent:
                between = between.replace(word, "")
            return len(between) <= self._reach and not any(b in between for b in self._breaks)
        words = between.split()
        if self._breaks.intersection(words):
            return False
        return sum(word not in self._transparent for word in words) <= self._reach

    def _only_degrees(self, between: str) -> bool:
        """Say whether nothing stands in between, or one word of degree."""
        return between.strip() in self._degrees

    def _turned(self, form: str) -> tuple[str, ...]:
        """What the negation of a form amounts to, if anything."""
        turned = self._negated.get(self._lexicon.names[form][0])
        return (turned,) if turned else ()


def sentiment_of(labels: Iterable[str]) -> Sentiment | None:
    """The sentiment that labels amount to, by the polarity of their words.

    Args:
        labels: English or Chinese; what the built-in lexicon does not know, and words of either
            polarity such as surprise, have no say.

    Returns:
        ``"positive"`` or ``"negative"`` where there are more of the one, ``"neutral"`` where there
        are as many, None where no label has a polarity.

    Source: AffectGPT paper (arXiv 2501.16566), appendix E, for the step from labels to sentiment.
    Differs: there a language model chooses; see `affecthub.metrics.answers.chat.ChatExtractor`.

    Example:
        >>> sentiment_of(["happy", "surprised"]), sentiment_of(["angry", "calm", "sad"])
        ('positive', 'negative')
        >>> sentiment_of(["surprised"]) is None
        True
    """
    concepts = filter(None, map(concept_of, labels))
    signs = [concept.polarity for concept in concepts if concept.polarity is not None]
    if not signs:
        return None
    balance = sum(signs)
    return "positive" if balance > 0 else "negative" if balance < 0 else "neutral"


def _stands_alone(text: str, place: int) -> bool:
    """Say whether the character at a place of a spaced text is no part of a longer word."""
    return text[place - 1] in BESIDE_ONE_CHARACTER and text[place + 1] in BESIDE_ONE_CHARACTER


def _labels(lexicon: Lexicon, language: LabelLanguage) -> dict[str, str]:
    """The label of forms that are not their own label."""
    if language == "text":
        return {}
    if lexicon is not load_lexicon():
        raise ValueError(
            f"`labels` needs the built-in lexicon: got 'en' with {lexicon.name!r}, expected 'text'."
        )
    english: dict[str, str] = {}
    translations = read_translations()
    concepts: Iterable[dict[str, Any]] = read_lexicon()["concepts"].values()
    for concept in concepts:
        first = concept["words"]["en"][0].partition("|")[0]
        for line in concept["words"]["zh"]:
            forms = line.split("|")
            english.update(dict.fromkeys(forms, translations.get(forms[0], first)))
    return english
