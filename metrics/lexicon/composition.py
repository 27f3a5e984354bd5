"""What a composed label amounts to: "slightly anxious", "sense of joy", "not happy", 不太开心.

The words that compose are data of the lexicon. Here they are peeled off a label one by one, until a
word of the lexicon is left; a negator turns what is left.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

Language = Literal["en", "zh"]

_is_chinese = re.compile("[\u3400-\u9fff]").search

# More words (English) or characters (Chinese) than this are a sentence, not a label.
_LONGEST_LABEL = 12


@dataclass(frozen=True)
class Grammar:
    """The words of one language that compose with emotion words; each tuple longest first.

    Attributes:
        negators: Turn the emotion word that follows: "not", "no longer", 不, 缺乏.
        exempt: Hold a negator and turn nothing: "not only", "can't help", 不禁, 毫无疑问.
        degrees: Say how much: "very", "slightly", 非常, 有点.
        hedges: Say that it is supposed: "possibly", "seems", 可能, 似乎.
        before: Frames before the emotion word: "sense of", "feels", 感到.
        after: Frames after it: "mood", "at all", 的情绪.
        breaks: End the reach of a negator: "but", "however", 但是, 反而.
        reach: How many other words (English) or characters (Chinese) may stand between a negator
            and the emotion word it turns.
    """

    negators: tuple[str, ...]
    exempt: tuple[str, ...]
    degrees: tuple[str, ...]
    hedges: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    breaks: tuple[str, ...]
    reach: int

    @cached_property
    def harmless(self) -> tuple[str, ...]:
        """What holds a negator in a sentence and turns nothing, longest first.

        The exempt words, and the degrees of which a negator is a part: "a little", 无比.
        """
        holds = re.compile("|".join(map(whole_word, self.negators)) or "(?!)").search
        degrees = (word for word in self.degrees if holds(word))
        return tuple(sorted({*self.exempt, *degrees}, key=lambda word: (-len(word), word)))

    @cached_property
    def openers(self) -> Mapping[str, bool]:
        """What may stand before an emotion word in a label, and whether it turns the word."""
        plain = (*self.exempt, *self.degrees, *self.hedges, *self.before)
        return {**dict.fromkeys(plain, False), **dict.fromkeys(self.negators, True)}

    @cached_property
    def closers(self) -> frozenset[str]:
        """What may stand after an emotion word in a label."""
        return frozenset(self.after)


@dataclass(frozen=True)
class Composition:
    """How the words of a lexicon compose.

    Attributes:
        grammars: The composing words by language, "en" and "zh".
        negated: Name of a word to name of what its negation amounts to: "happy" to "displeased". A
            word that is not here says, negated, only what is absent ("not angry").
    """

    grammars: Mapping[Language, Grammar]
    negated: Mapping[str, str]

    @classmethod
    def from_document(
        cls, tables: Mapping[Language, Mapping[str, Any]], negated: Mapping[str, str]
    ) -> "Composition":
        """Build it from the "composition" of a lexicon file and the negations of its words."""
        grammars = {
            language: Grammar(
                **{kind: tuple(words) for kind, words in table.items() if kind != "reach"},
                reach=table["reach"],
            )
            for language, table in tables.items()
        }
        return cls(grammars, negated)

    def resolve(self, label: str, names: Mapping[str, Sequence[str]]) -> str | None:
        """The name of the word that a composed label amounts to.

        Args:
            label: A normalised label that is not itself a form.
            names: Form to names, as in `Lexicon.names`.

        Returns:
            A name, or None where the label is not composed of known words, or only says which
            emotion is absent. Two negators cancel out. A label of more than 12 words (English) or
            characters (Chinese) is a sentence and gives None.

        Example:
            >>> from affecthub.metrics.lexicon.loading import load_lexicon
            >>> lexicon = load_lexicon()
            >>> resolve = lexicon.composition.resolve
            >>> resolve("slightly anxious", lexicon.names), resolve("不太开心", lexicon.names)
            ('anxious', 'displeased')
            >>> resolve("not angry", lexicon.names) is None
            True
        """
        chinese = _is_chinese(label) is not None
        grammar = self.grammars["zh" if chinese else "en"]
        units = list(label) if chinese else label.split()
        if len(units) > _LONGEST_LABEL:
            return None
        peeled = _peel(units, "" if chinese else " ", grammar, names)
        if peeled is None:
            return None
        form, turned = peeled
        name = names[form][0]
        return self.negated.get(name) if turned else name


def whole_word(word: str) -> str:
    """The pattern of a word; one of Latin letters must be whole, next to Chinese too."""
    escaped = re.escape(word)
    return rf"(?<![a-z]){escaped}(?![a-z])" if word.isascii() else escaped


def _peel(
    units: list[str], joint: str, grammar: Grammar, names: Mapping[str, Sequence[str]]
) -> tuple[str, bool] | None:
    """The form inside a label and whether it is turned; longer openers and closers first."""
    text = joint.join(units)
    if text in names:
        return text, False
    for n_words in range(len(units) - 1, 0, -1):
        turns = grammar.openers.get(joint.join(units[:n_words]))
        inner = None if turns is None else _peel(units[n_words:], joint, grammar, names)
        if inner is not None:
            return inner[0], inner[1] != turns
    for n_words in range(len(units) - 1, 0, -1):
        if joint.join(units[-n_words:]) in grammar.closers:
            inner = _peel(units[:-n_words], joint, grammar, names)
            if inner is not None:
                return inner
    return None
