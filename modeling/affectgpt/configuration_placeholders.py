"""The ids that placeholders have, or will have, in a language model's vocabulary."""

from typing import Any

from .configuration_affectgpt import AffectGPTConfig


def placeholder_ids(tokenizer: Any, **fields: Any) -> dict[str, int]:
    """The ids that a tokenizer has for the placeholders, or would give them at its end.

    Args:
        tokenizer: The language model's.
        **fields: Fields of the configuration; ``fused_token`` and its siblings are looked at.

    Returns:
        ``fused_token_id`` and its siblings.
    """
    names = [f"{kind}_token" for kind in ("fused", "audio", "face", "video")]
    tokens = [fields.get(name, getattr(AffectGPTConfig, name)) for name in names]
    known = tokenizer.get_vocab()
    new = [token for token in tokens if token not in known]
    ids = {**known, **{token: len(tokenizer) + i for i, token in enumerate(new)}}
    return {f"{name}_id": ids[token] for name, token in zip(names, tokens, strict=True)}
