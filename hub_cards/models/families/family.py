"""What cards and pushes have to know of a kind of model."""

from collections.abc import Callable
from dataclasses import dataclass

from affecthub.hub_cards.models.known import Known

# A heading and the Markdown below it.
Section = tuple[str, str]


def _nothing(known: Known) -> list[Section]:
    return []


@dataclass(frozen=True)
class Family:
    """A kind of model: its texts for the card, and what a folder of it must hold.

    Attributes:
        title: The card's title.
        what: What it is, in a paragraph: what it reads, what it gives, how large it is.
        citations: Keys in ``citations.bib`` of the papers to cite.
        usage: Template of ``hub_cards/templates`` with the code that loads it.
        limits: What it is not good at.
        auto_classes: Auto classes that its ``auto_map`` must name.
        pipeline_tag: Task of the Hub.
        tags: Of the card, beside those that all have.
        trained: How the recipe's table calls what was done.
        sections: More sections, behind the first paragraph.
        has_processor: Whether a processor and a tokenizer lie beside the weights.
        from_random: Whether it is trained from random weights, so that its corpora alone decide
            on its licence.
        no_results: What a push says of a folder without results for the Hub; empty says nothing.
    """

    title: Callable[[Known], str]
    what: Callable[[Known], str]
    citations: Callable[[Known], list[str]]
    usage: str
    limits: str
    auto_classes: tuple[str, ...]
    pipeline_tag: str
    tags: tuple[str, ...]
    trained: str = "training"
    sections: Callable[[Known], list[Section]] = _nothing
    has_processor: bool = False
    from_random: bool = False
    no_results: str = ""
