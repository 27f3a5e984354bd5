"""From an answer in sentences to emotion labels: offline, by a lexicon.

One pass of an automaton finds every form of the lexicon, every negator and every turn of the text;
the rules that weigh them are in `LexiconExtractor`.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, overload

from affecthub.errors import unknown_name
from affecthub.metrics.answers.negation import Negation
from affecthub.metrics.answers.patterns import Patterns, spaced
from affecthub.metrics.answers.reading import Reading
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


class LexiconExtractor:
    """Finds the emotions that a description ascribes to a person; no model, no network.

    - The longest form at a point counts, whole words only; subtitles in quotation marks do not. A
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
        grammars: list[Grammar] = list(composition.grammars.values()) if composition else []
        self.negation = Negation.of(grammars)
        self._degrees = {word for grammar in grammars for word in grammar.degrees} | {""}
        self.patterns = Patterns.of(
            self._lexicon.names,
            grammars,
            concludes=scope == "conclusion",
            hedges=hedged == "drop",
        )

    @overload
    def __call__(self, text: str) -> list[str]: ...  # type: ignore[overload-overlap]

    @overload
    def __call__(self, text: Iterable[str]) -> list[list[str]]: ...

    def __call__(self, text: str | Iterable[str]) -> list[str] | list[list[str]]:
        """The labels of one text, each once, in order; [] where there are none.

        Args:
            text: One text, or several for a list of their labels, as `batch` gives it.

        Raises:
            TypeError: `text` is neither text nor several.
        """
        if isinstance(text, Iterable) and not isinstance(text, str | bytes | Mapping):
            return self.batch(text)
        if not isinstance(text, str):
            raise TypeError(f"`text` is not text: got {text!r} ({type(text).__name__}).")
        reading = Reading(self, spaced(text.lower()))
        label_of = self._label_of
        return list(dict.fromkeys(label_of.get(form, form) for form in reading.forms()))

    def batch(self, texts: Iterable[str]) -> list[list[str]]:
        """The labels of every text.

        Raises:
            TypeError: A text is not text.
        """
        return [self(text) for text in texts]

    def only_degrees(self, between: str) -> bool:
        """Say whether nothing stands in between, or one word of degree."""
        return between.strip() in self._degrees

    def turned(self, form: str) -> str | None:
        """What the negation of a form amounts to, if anything."""
        return self._negated.get(self._lexicon.names[form][0])

    def is_basic(self, form: str) -> bool:
        """Say whether a form names a degree of a basic emotion."""
        concept = concept_of(form)
        return concept is not None and concept.basic7 is not None

    def is_pleasant(self, form: str) -> bool:
        """Say whether a form speaks of something good."""
        concept = concept_of(form)
        return concept is not None and concept.polarity == 1

    def is_label(self, quoted: str) -> bool:
        """Say whether what stands in quotation marks is one label rather than what is said."""
        return " ".join(quoted.split()) in self._lexicon.names


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
