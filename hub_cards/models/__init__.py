"""Models on the Hub: their cards, their scores, and the exact folder that a push sends."""

from affecthub.hub_cards.models.card import MARK, model_card, write_model_card
from affecthub.hub_cards.models.known import write_conversion
from affecthub.hub_cards.models.results import RESULTS_FILE, result_entries
from affecthub.hub_cards.models.staging import stage_model

__all__ = [
    "MARK",
    "RESULTS_FILE",
    "model_card",
    "result_entries",
    "stage_model",
    "write_conversion",
    "write_model_card",
]
