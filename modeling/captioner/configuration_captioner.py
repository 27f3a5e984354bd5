"""The captioner's configuration: a speech encoder, a bridge, and a decoder that writes."""

import copy
from os import PathLike
from typing import Any, Literal

from huggingface_hub.dataclasses import strict
from transformers import AutoConfig, Blip2QFormerConfig
from transformers.configuration_utils import PreTrainedConfig, SubConfigSpec

# How a decoder can be told what is heard.
DecoderInput = Literal["cross_attention", "prefix", "encoder"]

# Where each Auto class finds its class when the files of this folder travel with a checkpoint.
AUTO_MAP = {
    "AutoConfig": "configuration_captioner.CaptionerConfig",
    "AutoModel": "modeling_captioner.CaptionerModel",
    "AutoProcessor": "processing_captioner.CaptionerProcessor",
}

# TencentGameMate/chinese-hubert-large.
HUBERT_LARGE = {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "feat_extract_norm": "layer",
    "conv_bias": True,
    "do_stable_layer_norm": True,
}
# fnlp/bart-base-chinese.
BART_BASE_CHINESE = {
    "vocab_size": 51271,
    "d_model": 768,
    "encoder_layers": 6,
    "decoder_layers": 6,
    "encoder_attention_heads": 12,
    "decoder_attention_heads": 12,
    "encoder_ffn_dim": 3072,
    "decoder_ffn_dim": 3072,
    "max_position_embeddings": 512,
    "pad_token_id": 0,
    "bos_token_id": 101,
    "eos_token_id": 102,
    "decoder_start_token_id": 102,
}
# The Q-Former of SECap: as wide and deep as a BERT base, its text branch left out.
QFORMER = {"num_hidden_layers": 12, "cross_attention_frequency": 2, "encoder_hidden_size": 768}

# Families whose half of a sequence-to-sequence model is a causal decoder with cross-attention.
HALVES = ("bart", "mbart", "pegasus", "blenderbot", "blenderbot-small", "plbart")
# Causal families that take cross-attention when their configuration says so.
TAKES_CROSS_ATTENTION = ("gpt2", "bert-generation", "xglm")


@strict
class CaptionerConfig(PreTrainedConfig):
    r"""Speech encoder, bridge and decoder of a captioner.

    ``CaptionerConfig()`` is a large Chinese HuBERT, a linear bridge and the decoder of a Chinese
    BART, the form that EmotionTalk calls "Transformer-based".

    Args:
        encoder_config: Of any speech encoder of ``AutoModel``, or its dict.
        decoder_config: Of any causal or sequence-to-sequence language model, or its dict.
        qformer_config: Sizes of the Q-Former, where the bridge is one.
        bridge: ``"linear"``, frame by frame, or ``"qformer"``, a fixed number of queries that look
            at all frames.
        n_queries: Soft tokens of a Q-Former.
        frames_per_token: Neighbouring frames that a linear bridge puts side by side into one token.
        decoder_input: How the decoder is told: ``"cross_attention"`` (BART's decoder, GPT-2),
            ``"prefix"`` (soft tokens before the caption: Qwen2, LLaMA, any causal model), or
            ``"encoder"`` (soft tokens as the input of an encoder-decoder). None takes
            cross-attention where the family has it ready (BART's kin, or ``add_cross_attention``
            in the decoder's configuration), else the encoder or the prefix.
        start_with_bos: Whether a prefix begins with the decoder's start token, as SECap's does.
        freeze_encoder: Whether the encoder stays in eval mode and gets no gradient.
        freeze_decoder: The same of the decoder, as SECap's LLaMA.
        caption_weight: Weight of the caption's cross-entropy in the loss.
        contrast_weight: Weight of a contrastive loss between what the bridge gives and the caption.
            Ours, off by default.
        content_weight: Weight of a bound on what the bridge tells of the words. Ours, off by
            default.
        align_dim: Width in which these two losses compare.
        sampling_rate: Of the sound, in Hz; None takes what the family hears: 48,000 for CLAP, else
            16,000.
        pad_token_id: Fills captions up; of the decoder, if left out, as the next two.
        eos_token_id: Ends a caption.
        decoder_start_token_id: Precedes a caption.

    Raises:
        ValueError: A size of 0 or less, a decoder that cannot be told in this way, a weight below
            0, no loss at all, or a token that lies outside the vocabulary.
        StrictDataclassFieldValidationError: A field of the wrong type, or not one of its choices.

    Source: EmotionTalk paper, Table 5 and appendix B; SECap (Xu et al., 2024) for the Q-Former.

    Example:
        >>> config = CaptionerConfig()
        >>> config.encoder_config.model_type, config.bridge, config.decoder_input
        ('hubert', 'linear', 'cross_attention')
    """

    model_type = "captioner"
    sub_configs_defaults = {
        "encoder_config": SubConfigSpec(AutoConfig, "hubert", HUBERT_LARGE),
        "decoder_config": SubConfigSpec(AutoConfig, "bart", BART_BASE_CHINESE),
        "qformer_config": SubConfigSpec(Blip2QFormerConfig, init_kwargs=QFORMER),
    }

    encoder_config: Any = None
    decoder_config: Any = None
    qformer_config: Any = None
    bridge: Literal["linear", "qformer"] = "linear"
    n_queries: int = 32
    frames_per_token: int = 1
    decoder_input: DecoderInput | None = None
    start_with_bos: bool = False
    freeze_encoder: bool = True
    freeze_decoder: bool = False
    caption_weight: float = 1.0
    contrast_weight: float = 0.0
    content_weight: float = 0.0
    align_dim: int = 256
    sampling_rate: int | None = None
    pad_token_id: int | None = None
    eos_token_id: int | list[int] | None = None
    decoder_start_token_id: int | None = None
    tie_word_embeddings: bool = False

    def __post_init__(self, **kwargs: Any) -> None:
        """Fill in what follows from the decoder, and check what can be checked."""
        super().__post_init__(**kwargs)
        decoder = self.decoder_config
        if self.decoder_input is None:
            self.decoder_input = usual_input(decoder)
        self._check_input()
        if self.decoder_input == "cross_attention":
            decoder.is_decoder = decoder.add_cross_attention = True
            decoder.is_encoder_decoder = False
        self.is_encoder_decoder = self.decoder_input != "prefix"
        self.tie_word_embeddings = bool(getattr(decoder, "tie_word_embeddings", False))
        if self.sampling_rate is None:
            is_clap = self.encoder_config.model_type == "clap_audio_model"
            self.sampling_rate = 48000 if is_clap else 16000
        if self.eos_token_id is None:
            self.eos_token_id = getattr(decoder, "eos_token_id", None)
        if self.pad_token_id is None:
            self.pad_token_id = getattr(decoder, "pad_token_id", None)
        if self.pad_token_id is None:
            self.pad_token_id = self.end_ids[0] if self.end_ids else None
        if self.decoder_start_token_id is None:
            starts = (
                getattr(decoder, name, None) for name in ("decoder_start_token_id", "bos_token_id")
            )
            self.decoder_start_token_id = next((i for i in starts if i is not None), None)
        self._check_numbers()
        self._check_tokens()

    @property
    def end_ids(self) -> list[int]:
        """The tokens that end a caption, the first of them the one that is written."""
        ends = self.eos_token_id
        return [] if ends is None else [*ends] if isinstance(ends, list | tuple) else [ends]

    @property
    def aligns(self) -> bool:
        """Whether one of the two losses of the bridge alone is on."""
        return self.contrast_weight > 0 or self.content_weight > 0

    def get_text_config(self, decoder: bool | None = None, encoder: bool | None = None) -> Any:
        """The decoder's configuration: it is what writes, and what a cache is made for."""
        if encoder and not decoder:
            return self
        if not decoder or encoder or not hasattr(self.decoder_config, "decoder_layers"):
            return self.decoder_config
        # What BART's kin call their number of layers is that of their encoder.
        pair = copy.deepcopy(self.decoder_config)
        pair.is_encoder_decoder = True
        return pair.get_text_config(decoder=True)

    def save_pretrained(
        self, save_directory: str | PathLike, push_to_hub: bool = False, **kwargs: Any
    ) -> None:
        """Write ``config.json`` with one entry per Auto class, and the files they need beside it.

        One class can announce itself to a single Auto class only, so the map is set here whole.
        """
        self.auto_map = dict(AUTO_MAP)
        super().save_pretrained(save_directory, push_to_hub=push_to_hub, **kwargs)

    def _check_input(self) -> None:
        """Refuse a way of telling that the decoder has no ear for."""
        decoder, wanted = self.decoder_config, self.decoder_input
        family = decoder.model_type
        ready = family in (*HALVES, *TAKES_CROSS_ATTENTION)
        ready = ready or bool(getattr(decoder, "add_cross_attention", False))
        if wanted == "cross_attention" and not ready:
            raise ValueError(
                f"`decoder_input` does not fit: got 'cross_attention' with a decoder of family "
                f"{family!r}, expected one with cross-attention ({', '.join(HALVES)}, "
                f"{', '.join(TAKES_CROSS_ATTENTION)}). Take 'prefix', or another decoder."
            )
        if (wanted == "encoder") != _is_pair(decoder) and wanted != "cross_attention":
            raise ValueError(
                f"`decoder_input` does not fit: got {wanted!r} with a decoder of family "
                f"{family!r}, expected 'encoder' with an encoder-decoder and 'prefix' with a "
                "causal model. Leave it out for what is usual."
            )

    def _check_numbers(self) -> None:
        """Refuse sizes of which there must be some, and losses that are none."""
        for name in ("n_queries", "frames_per_token", "align_dim", "sampling_rate"):
            if getattr(self, name) <= 0:
                raise ValueError(
                    f"`{name}` is too small: got {getattr(self, name)}, expected more than 0. "
                    "Leave it out for what is usual."
                )
        weights = {
            name: getattr(self, name)
            for name in ("caption_weight", "contrast_weight", "content_weight")
        }
        if min(weights.values()) < 0 or not any(weights.values()):
            raise ValueError(
                f"the weights of the losses do not fit: got {weights}, expected none below 0 and "
                "one above it. Leave them out to train on captions alone."
            )

    def _check_tokens(self) -> None:
        """Refuse tokens that the decoder cannot embed."""
        size = self.decoder_config.vocab_size
        named = {"pad_token_id": self.pad_token_id}
        named["decoder_start_token_id"] = self.decoder_start_token_id
        named |= {f"eos_token_id[{place}]": token for place, token in enumerate(self.end_ids)}
        for name, token in named.items():
            if token is not None and not 0 <= token < size:
                raise ValueError(
                    f"`{name}` lies outside the vocabulary: got {token}, expected 0 to {size - 1}. "
                    "Take the tokenizer's own ids: configurations of GPT-2 often keep those of the "
                    "English one."
                )
        if not self.end_ids:
            raise ValueError(
                "`eos_token_id` is missing: got None, here and in `decoder_config`, expected the "
                "token that ends a caption."
            )
        if self.is_encoder_decoder and self.decoder_start_token_id is None:
            raise ValueError(
                "`decoder_start_token_id` is missing: got None, here and in `decoder_config`, "
                "expected the token that precedes a caption."
            )


def usual_input(decoder: Any) -> DecoderInput:
    """How a decoder of this configuration is told where nothing is said."""
    if getattr(decoder, "add_cross_attention", False) or decoder.model_type in HALVES:
        return "cross_attention"
    return "encoder" if _is_pair(decoder) else "prefix"


def _is_pair(decoder: Any) -> bool:
    """Whether this is an encoder-decoder that is taken whole."""
    return bool(getattr(decoder, "is_encoder_decoder", False))


CaptionerConfig.register_for_auto_class()
