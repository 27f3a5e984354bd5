"""How many parameters the adapters of a language model have, from its sizes alone."""

from dataclasses import dataclass
from typing import Any

from affecthub.training.omni.recipe import ChatLoraRecipe


@dataclass(frozen=True)
class TextSizes:
    """Sizes of a language model.

    Attributes:
        hidden: Width.
        inner: Width of the feed-forward network, or of one expert.
        layers: How many.
        heads: Of the queries.
        key_heads: Of keys and values.
        head: Width of a head.
        experts: In each layer; 0 of a model that is no mixture.
    """

    hidden: int
    inner: int
    layers: int
    heads: int
    key_heads: int
    head: int
    experts: int = 0

    @classmethod
    def of(cls, config: Any) -> "TextSizes":
        """The sizes that a model's configuration says; of a whole checkpoint its thinker's."""
        config = getattr(config, "thinker_config", config)
        text = getattr(config, "text_config", config)
        heads = text.num_attention_heads
        experts = int(getattr(text, "num_experts", 0) or 0)
        return cls(
            hidden=text.hidden_size,
            inner=text.moe_intermediate_size if experts else text.intermediate_size,
            layers=text.num_hidden_layers,
            heads=heads,
            key_heads=text.num_key_value_heads or heads,
            head=getattr(text, "head_dim", None) or text.hidden_size // heads,
            experts=experts,
        )


def adapter_parameters(sizes: TextSizes, lora: ChatLoraRecipe) -> int:
    """Parameters of the adapters: of a layer from n to m numbers its rank times n + m.

    Example:
        >>> seven = TextSizes(3584, 18944, 28, 28, 4, 128)
        >>> adapter_parameters(seven, ChatLoraRecipe())
        40370176
    """
    width, keys = sizes.heads * sizes.head, sizes.key_heads * sizes.head
    attention = 2 * (sizes.hidden + width) + 2 * (sizes.hidden + keys)
    if not sizes.experts:
        inner = 3 * (sizes.hidden + sizes.inner)
    elif lora.experts:
        # Gate and up are one weight, with one adapter of the rank.
        inner = sizes.experts * ((sizes.hidden + 2 * sizes.inner) + (sizes.inner + sizes.hidden))
    else:
        inner = 0
    return lora.r * sizes.layers * (attention + inner)
