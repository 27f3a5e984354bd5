"""Whether a tokenizer, a processor and a model belong together."""

from typing import Any

from .configuration_affectgpt import AffectGPTConfig

# What processor and model must agree on; wording and how much is sampled may differ.
_SHARED = ("n_tokens", "audio_clip_samples", "audio_norm", "face_channel_order", "answer_end")


def fit_tokenizer(tokenizer: Any, config: AffectGPTConfig) -> None:
    """Add the placeholders to a tokenizer, and padding where it has none.

    Args:
        tokenizer: The language model's; it is changed.
        config: The model's configuration.

    Raises:
        ValueError: The placeholders get other ids than the configuration has, or the tokenizer
            ends its answers with another token than the language model, or with none.
    """
    tokenizer.add_tokens(list(config.placeholders), special_tokens=True)
    got = _placeholder_ids(tokenizer, config)
    if got != config.placeholders:
        raise ValueError(
            f"tokenizer and configuration disagree on the placeholders: got {got}, "
            f"expected {config.placeholders}. Set `fused_token_id`, `audio_token_id`, "
            "`face_token_id` and `video_token_id`."
        )
    ends = config.text_config.eos_token_id
    known = ends if isinstance(ends, list) else [ends]
    if tokenizer.eos_token_id is None or tokenizer.eos_token_id not in known:
        raise ValueError(
            f"tokenizer and language model end differently: got eos {tokenizer.eos_token_id}, "
            f"expected {ends}. Set `text_config.eos_token_id` or the tokenizer's `eos_token`."
        )
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token


def require_fit(processor: Any, config: AffectGPTConfig) -> None:
    """Refuse a model that a processor was not made for.

    Raises:
        ValueError: Names every field that differs, with both values.
    """
    has = {name: getattr(processor, name) for name in _SHARED}
    # Folders that were saved before there were features say nothing of their widths.
    has |= {k: w for k in ("vision_dim", "audio_dim") if (w := getattr(processor, k)) is not None}
    has["image_size"] = processor.image_processor.size["height"]
    has["sampling_rate"] = processor.feature_extractor.sampling_rate
    has["placeholders"] = _placeholder_ids(processor.tokenizer, config)
    differ = [
        f"{name} {value!r} and {getattr(config, name)!r}"
        for name, value in has.items()
        if value != getattr(config, name)
    ]
    if differ:
        raise ValueError(
            f"processor and model do not fit: got {'; '.join(differ)}, expected the same. "
            "Load both from one folder, or make the processor from the model's configuration."
        )


def _placeholder_ids(tokenizer: Any, config: AffectGPTConfig) -> dict[str, int]:
    """The tokenizer's own ids of the configuration's placeholders."""
    return {token: tokenizer.convert_tokens_to_ids(token) for token in config.placeholders}
