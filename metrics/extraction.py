"""From an answer in sentences to emotion labels: offline, by a lexicon.

One pass of an automaton finds every form of the lexicon, every negator and every turn of the text;
the rules that weigh them are in `LexiconExtractor`.
"""

import re
from collections.abc import Iterable
from typing import Any, Literal

from affecthub.errors import require, unknown_name
from affecthub.metrics.composition import Grammar
from affecthub.metrics.concepts import concept_of
from affecthub.metrics.discourse import CONCLUSIONS, ENDS, EVIDENCE, ORDINARY, THINGS
from affecthub.metrics.lexicon import Lexicon, load_lexicon
from affecthub.metrics.resources import read_lexicon

Scope = Literal["conclusion", "all"]
Hedged = Literal["keep", "drop"]
LabelLanguage = Literal["text", "en"]
Sentiment = Literal["positive", "negative", "neutral"]

SCOPES: tuple[Scope, ...] = ("conclusion", "all")
HEDGED: tuple[Hedged, ...] = ("keep", "drop")
LANGUAGES: tuple[LabelLanguage, ...] = ("text", "en")

# What a match is; a form is told by its position in the list of patterns.
_FORM, _NEGATOR, _EXEMPT, _HEDGE, _END, _CONCLUSION, _EVIDENCE, _QUOTE = range(8)

_CLOSING = {'"': '"', "“": "”", "「": "」", "『": "』"}
# What a word may start after, as a space is.
_OPENERS = "-/([\t"
_of_a_thing = re.compile(rf"\s+(?:\w+\s+)?(?:{'|'.join(THINGS)})\b").match
_joins = re.compile(r"\s*(?:,|、|/|or|nor|and|和|或|与|與|以及)*\s*").fullmatch
_stops = re.compile(r"[,.;:!?，。；：！？、()（）\n]").search


class LexiconExtractor:
    """Finds the emotions that a description ascribes to a person; no model, no network.

    - The longest form at a place counts, whole words only; subtitles in quotation marks do not.
    - A text that concludes ("we can infer that ...", 因此) is read from its first conclusion on,
      without what stands before the turn in a sentence and without clauses that cite evidence
      ("based on the tense face, ..."). A text that concludes nothing is read whole.
    - A negator within reach turns the word: into what the lexicon says it amounts to ("not happy"
      is displeased), else into nothing ("without any unease").
    - Words that mostly have another sense in running text (content, certain), and words said of a
      thing (a tense situation), are left out.

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
        self._scope, self._hedged = scope, hedged
        self._label_of = _labels(self._lexicon, labels)
        composition = self._lexicon.composition
        self._negated = composition.negated if composition else {}
        self._grammars: list[Grammar] = list(composition.grammars.values()) if composition else []
        self._transparent = {
            word
            for grammar in self._grammars
            for word in (*grammar.degrees, *grammar.before, *grammar.hedges)
        }
        self._breaks = {word for grammar in self._grammars for word in grammar.breaks}
        self._reach = max((grammar.reach for grammar in self._grammars), default=0)
        kinds = self._kinds_by_pattern()
        self._patterns, self._kinds = list(kinds), list(kinds.values())
        # Words of Latin letters must be whole; Chinese has no spaces to tell by.
        self._is_word = [form[0].isascii() and form[0].isalnum() for form in self._patterns]
        automaton = require("ahocorasick_rs", "metrics", "find words in text")
        self._find = automaton.AhoCorasick(
            [
                _spaced(form).rstrip() if is_word else form
                for form, is_word in zip(self._patterns, self._is_word, strict=True)
            ],
            matchkind=automaton.MatchKind.LeftmostLongest,
            implementation=automaton.Implementation.DFA,
        ).find_matches_as_indexes

    def __call__(self, text: str) -> list[str]:
        """Give the labels of one text, each once, in order; [] where there are none.

        Raises:
            TypeError: `text` is not text.
        """
        if not isinstance(text, str):
            raise TypeError(f"`text` is not text: got {text!r} ({type(text).__name__}).")
        text = _spaced(text.lower())
        kinds, patterns, is_word = self._kinds, self._patterns, self._is_word
        concludes = self._scope == "conclusion"
        found: list[str] = []
        sentence = skip_to = 0
        negated_from = hedged_from = -1
        opened = False
        for pattern, start, end in self._find(text):
            if start < skip_to or (is_word[pattern] and text[end].isalnum()):
                continue
            kind = kinds[pattern]
            if kind == _FORM:
                form = patterns[pattern]
                if negated_from >= 0:
                    if self._reaches(text[negated_from:start]):
                        negated_from = end
                        found.extend(self._turned(form))
                        continue
                    negated_from = -1
                if hedged_from >= 0 and not _stops(text, hedged_from, start):
                    continue
                if not _of_a_thing(text, end):
                    found.append(form)
            elif kind == _END:
                sentence, negated_from, hedged_from = len(found), -1, -1
            elif kind == _NEGATOR:
                negated_from = end
            elif kind == _QUOTE:
                skip_to = text.find(_CLOSING[patterns[pattern]], end) + 1
            elif kind == _HEDGE:
                hedged_from = end
            elif kind == _CONCLUSION and concludes:
                # What came before the first conclusion, or before the turn in this sentence.
                del found[sentence if opened else 0 :]
                opened = True
            elif kind == _EVIDENCE and concludes:
                stop = _stops(text, end)
                skip_to = stop.start() if stop else len(text)
        label_of = self._label_of
        return list(dict.fromkeys(label_of.get(form, form) for form in found))

    def batch(self, texts: Iterable[str]) -> list[list[str]]:
        """Give the labels of every text.

        Raises:
            TypeError: A text is not text.
        """
        return [self(text) for text in texts]

    def _kinds_by_pattern(self) -> dict[str, int]:
        """Give everything that is looked for, and what it is; later ones overrule."""
        kinds: dict[str, int] = {}
        for grammar in self._grammars:
            if self._hedged == "drop":
                kinds |= dict.fromkeys(grammar.hedges, _HEDGE)
            kinds |= dict.fromkeys(grammar.negators, _NEGATOR)
            kinds |= dict.fromkeys(grammar.exempt, _EXEMPT)
        kinds |= {form: _FORM for form in self._lexicon.names if form not in ORDINARY}
        kinds |= dict.fromkeys(EVIDENCE, _EVIDENCE) | dict.fromkeys(CONCLUSIONS, _CONCLUSION)
        return kinds | dict.fromkeys(ENDS, _END) | dict.fromkeys(_CLOSING, _QUOTE)

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

    def _turned(self, form: str) -> tuple[str, ...]:
        """Give what the negation of a form amounts to, if anything."""
        turned = self._negated.get(self._lexicon.names[form][0])
        return (turned,) if turned else ()


def sentiment_of(labels: Iterable[str]) -> Sentiment | None:
    """Give the sentiment that labels amount to, by the polarity of their words.

    Args:
        labels: English or Chinese; what the built-in lexicon does not know, and words of either
            polarity such as surprise, have no say.

    Returns:
        ``"positive"`` or ``"negative"`` where there are more of the one, ``"neutral"`` where there
        are as many, None where no label has a polarity.

    Source: AffectGPT paper (arXiv 2501.16566), appendix E, for the step from labels to sentiment.
    Differs: there a language model chooses; see `affecthub.metrics.chat.ChatExtractor`.

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


def _labels(lexicon: Lexicon, language: LabelLanguage) -> dict[str, str]:
    """Give the label of forms that are not their own label."""
    if language == "text":
        return {}
    if lexicon is not load_lexicon():
        raise ValueError(
            f"`labels` needs the built-in lexicon: got 'en' with {lexicon.name!r}, expected 'text'."
        )
    english: dict[str, str] = {}
    concepts: Iterable[dict[str, Any]] = read_lexicon()["concepts"].values()
    for concept in concepts:
        word = concept["words"]["en"][0].partition("|")[0]
        for line in concept["words"]["zh"]:
            english.update(dict.fromkeys(line.split("|"), word))
    return english


def _spaced(text: str) -> str:
    """Give a text in which every word of Latin letters starts after a space."""
    for opener in _OPENERS:
        if opener in text:
            text = text.replace(opener, " ")
    return f" {text.replace('’', chr(39))} "
