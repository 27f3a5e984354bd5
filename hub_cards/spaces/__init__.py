"""Pages that run as Spaces of the Hub, and on any machine."""

from affecthub.hub_cards.spaces.staging import SPACES, stage_space

__all__ = ["SPACES", "stage_space"]
