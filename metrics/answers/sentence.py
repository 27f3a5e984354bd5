"""What a reading knows while it reads: the rules it asks, and what stands open in a sentence."""

from typing import Protocol

from affecthub.metrics.answers.negation import Negation
from affecthub.metrics.answers.patterns import Patterns


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


class Sentence:
    """What stands open in a sentence; where in the text it was opened, -1 where it was not.

    Attributes:
        negated_from: The last negator, or word that it turned; `negator` is its pattern.
        cannot_from: A "cannot", behind which no conclusion follows in the clause.
        hedged_from: A hedge.
        others_from: Somebody else, whose feeling the next word may be.
        began: How many forms there were at "at first"; `group` at "everyone", `kin` at 妈妈,
            `may` at "might".
        pending: A framed word and where it starts and ends, which may yet find a neighbour.
    """

    negated_from = cannot_from = hedged_from = others_from = -1
    negator = -1
    began = group = kin = may = -1
    pending: tuple[str, int, int] | None = None
    is_open = False  # one of the first four, or `pending`
    is_conditional = is_why = is_rhetorical = is_ironic = False
