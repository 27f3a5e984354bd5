"""Publishing: what a push sends, and the road on which no half state is ever seen."""

from affecthub.hub_cards.publishing.client import require_repo_id
from affecthub.hub_cards.publishing.plan import Plan
from affecthub.hub_cards.publishing.publish import Published, publish
from affecthub.hub_cards.publishing.target import look
from affecthub.hub_cards.publishing.words import HubError

__all__ = ["HubError", "Plan", "Published", "look", "publish", "require_repo_id"]
