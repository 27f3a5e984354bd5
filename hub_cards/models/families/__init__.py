"""The kinds of models that can be pushed, by the ``model_type`` of their configuration.

A kind joins with a module of its own here, which makes a :class:`family.Family`, a template
``templates/usage_KIND.md.jinja``, and a line below.
"""

from affecthub.hub_cards.models.families.affectgpt import AFFECTGPT
from affecthub.hub_cards.models.families.captioner import CAPTIONER
from affecthub.hub_cards.models.families.chat import CHAT
from affecthub.hub_cards.models.families.erc import ERC
from affecthub.hub_cards.models.families.family import Family
from affecthub.hub_cards.models.families.fusion import FUSION
from affecthub.hub_cards.models.known import Known

FAMILIES: dict[str, Family] = {
    "affectgpt": AFFECTGPT,
    "erc": ERC,
    "fusion": FUSION,
    "captioner": CAPTIONER,
    "omni": CHAT,
}


def family_of(known: Known) -> Family:
    """The kind of a folder's model: by its configuration, or by its recipe where it has none.

    What names neither, such as adapters of early runs, is an AffectGPT.
    """
    named = (known.config.get("model_type"), known.recipe.get("kind"))
    found = [FAMILIES[name] for name in named if name in FAMILIES]
    return found[0] if found else AFFECTGPT


__all__ = ["FAMILIES", "Family", "family_of"]
