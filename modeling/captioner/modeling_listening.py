"""What both halves of the captioner stand on: its parts, what is frozen, and what is heard."""

from typing import Any

import torch
from torch import nn
from transformers import GenerationConfig
from transformers.modeling_utils import PreTrainedModel

from .configuration_captioner import CaptionerConfig
from .modeling_aligning import Aligner
from .modeling_bridges import LinearBridge, QFormerBridge
from .modeling_decoders import decoder_class
from .modeling_sounds import encoder_width, hear, make_encoder

# Longest caption and number of beams where a call says nothing.
MAX_NEW_TOKENS, NUM_BEAMS = 64, 5


class CaptionerPreTrainedModel(PreTrainedModel):
    """Encoder, bridge and decoder, and how they start."""

    config: CaptionerConfig
    config_class = CaptionerConfig
    base_model_prefix = "captioner"
    main_input_name = "input_values"
    input_modalities = ["audio", "text"]
    supports_gradient_checkpointing = True
    # What is new is trained, and stays exact: small steps vanish in half precision.
    _keep_in_fp32_modules = ["bridge", "aligner"]
    _keep_in_fp32_modules_strict = ["bridge", "aligner"]
    _supports_sdpa = True
    _supports_flash_attn = True
    _supports_attention_backend = True

    def __init__(self, config: CaptionerConfig) -> None:
        super().__init__(config)
        self.encoder = make_encoder(config.encoder_config)
        self.bridge = make_bridge(config)
        self.decoder = decoder_class(str(config.decoder_input)).from_config(config.decoder_config)
        self.aligner = make_aligner(config)
        self.post_init()
        self.set_generation()
        self.freeze()

    @classmethod
    def from_pretrained(cls, *args: Any, **kwargs: Any) -> Any:
        """Load a saved model as every model is loaded; what was frozen is frozen again."""
        loaded = super().from_pretrained(*args, **kwargs)
        (loaded[0] if isinstance(loaded, tuple) else loaded).freeze()
        return loaded

    @classmethod
    def is_custom_code(cls) -> bool:
        """Have a loaded model initialised like one of transformers' own, its parts included."""
        return False

    def set_generation(self) -> None:
        """Generate by five beams, 64 tokens at most, and end where the tokenizer ends."""
        config = self.config
        self.generation_config = GenerationConfig(
            max_new_tokens=MAX_NEW_TOKENS,
            num_beams=NUM_BEAMS,
            pad_token_id=config.pad_token_id,
            eos_token_id=config.eos_token_id,
            bos_token_id=config.decoder_start_token_id,
            decoder_start_token_id=config.decoder_start_token_id,
        )

    def freeze(self) -> None:
        """Give what the configuration freezes no gradient, and all else one."""
        config = self.config
        for part, is_frozen in (
            (self.encoder, config.freeze_encoder),
            (self.decoder, config.freeze_decoder),
        ):
            for parameter in part.parameters():
                parameter.requires_grad_(not is_frozen and parameter.is_floating_point())
        self.train(self.training)

    def train(self, mode: bool = True) -> "CaptionerPreTrainedModel":
        """Switch to training; what is frozen stays in eval mode, without dropout or masks."""
        super().train(mode)
        if self.config.freeze_encoder:
            self.encoder.eval()
        if self.config.freeze_decoder:
            self.decoder.eval()
        return self

    @torch.no_grad()
    def _init_weights(self, module: nn.Module) -> None:
        super()._init_weights(module)
        if isinstance(module, QFormerBridge):
            std = self.config.qformer_config.initializer_range
            if not getattr(module.query_tokens, "_is_hf_initialized", False):
                nn.init.normal_(module.query_tokens, std=std)

    @property
    def frame_width(self) -> int:
        """How wide a frame of the encoder is."""
        return encoder_width(self.config.encoder_config)

    def get_input_embeddings(self) -> nn.Module:
        """The decoder's."""
        embeddings: nn.Module = self.decoder.get_input_embeddings()
        return embeddings

    def get_output_embeddings(self) -> Any:
        """The decoder's."""
        return self.decoder.get_output_embeddings()

    def get_audio_frames(
        self, sound: torch.Tensor, attention_mask: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """What the encoder hears: frames ``(batch, frames, width)`` and their bool mask.

        Of a frozen encoder these never change and may be kept, in place of the sound.

        Args:
            sound: As ``input_values`` or ``input_features`` of :meth:`forward`.
            attention_mask: As there.
        """
        frozen = self.config.freeze_encoder
        with torch.set_grad_enabled(torch.is_grad_enabled() and not frozen):
            return hear(self.encoder, sound.to(self.encoder.dtype), attention_mask)

    def get_audio_tokens(
        self,
        input_values: torch.Tensor | None = None,
        input_features: torch.Tensor | None = None,
        attention_mask: torch.Tensor | None = None,
        audio_frames: torch.Tensor | None = None,
        audio_frames_mask: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Soft tokens ``(batch, tokens, decoder width)`` and their bool mask; see :meth:`forward`.

        Raises:
            ValueError: Not exactly one kind of sound.
        """
        given = {
            "input_values": input_values,
            "input_features": input_features,
            "audio_frames": audio_frames,
        }
        names = [name for name, each in given.items() if each is not None]
        if len(names) != 1:
            raise ValueError(
                f"the sound is given {len(names)} times: got {' and '.join(names) or 'none'}, "
                f"expected one of {', '.join(given)}. Pass what the processor gives, as it is."
            )
        if audio_frames is None:
            sound = input_features if input_values is None else input_values
            assert sound is not None, "one of them is given"
            audio_frames, mask = self.get_audio_frames(sound, attention_mask)
        elif audio_frames_mask is None:
            mask = torch.ones(audio_frames.shape[:2], dtype=torch.bool, device=audio_frames.device)
        else:
            mask = audio_frames_mask.bool()
        frames = audio_frames.masked_fill(~mask[..., None], 0.0)
        tokens: tuple[torch.Tensor, torch.Tensor] = self.bridge(frames.to(self._bridge_dtype), mask)
        return tokens

    @property
    def _bridge_dtype(self) -> torch.dtype:
        return next(self.bridge.parameters()).dtype


def make_bridge(config: CaptionerConfig) -> nn.Module:
    """The bridge of a configuration, of random weights."""
    heard, width = encoder_width(config.encoder_config), config.decoder_config.hidden_size
    if config.bridge == "qformer":
        return QFormerBridge(config.qformer_config, heard, width, config.n_queries)
    return LinearBridge(heard, width, config.frames_per_token)


def make_aligner(config: CaptionerConfig) -> Aligner | None:
    """What the losses of the bridge alone compare by, where one is on."""
    if not config.aligns:
        return None
    return Aligner(config.decoder_config.hidden_size, config.align_dim)
