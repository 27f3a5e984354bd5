"""Cards: rendered from templates, and checked against the Hub's rules without the Hub."""

from affecthub.hub_cards.cards.checks import card_mistakes, check_metadata
from affecthub.hub_cards.cards.rendering import render, split_card, with_head
from affecthub.hub_cards.cards.sections import empty_sections

__all__ = [
    "card_mistakes",
    "check_metadata",
    "empty_sections",
    "render",
    "split_card",
    "with_head",
]
