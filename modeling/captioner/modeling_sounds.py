"""What a speech encoder hears of each clip alone, however many are in a batch.

Encoders differ in how they bear padding. Those that read a window of fixed length (Whisper, AST,
CLAP) always hear the same; of Whisper the frames behind the clip are masked. Those that read
waveforms by convolutions (wav2vec 2.0, HuBERT, WavLM and their kin) are given a mask, and where the
first convolution is followed by a norm over time, that norm is taken over each clip's own length.
Any other encoder is run on clips of one length at a time, which needs no mask at all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn
from transformers import AutoModel, ClapAudioModel

# Waveforms, convolutions, and a transformer that takes a mask.
BY_MASK = ("hubert", "wav2vec2", "wavlm", "unispeech", "unispeech-sat")
# A window of fixed length.
BY_WINDOW = ("whisper", "audio-spectrogram-transformer", "clap_audio_model")


def make_encoder(config: Any) -> Any:
    """A speech encoder of random weights; of Whisper its encoder alone."""
    if config.model_type == "whisper":
        from transformers.models.whisper.modeling_whisper import WhisperEncoder

        return WhisperEncoder(config)
    if config.model_type == "clap_audio_model":  # not among those of AutoModel
        return ClapAudioModel(config)
    return AutoModel.from_config(config)


def encoder_width(config: Any) -> int:
    """How wide a frame of this encoder is."""
    width: int = getattr(config, "output_hidden_size", None) or config.hidden_size
    return width


def hear(
    encoder: Any, sound: torch.Tensor, mask: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Run a speech encoder.

    Args:
        encoder: A speech encoder.
        sound: ``(batch, samples)`` waveforms, or what the family's feature extractor makes of
            them, ``(batch, ...)``.
        mask: ``(batch, samples or frames)``, 1 where there is sound, the padding behind it; None
            where every clip is as long as the batch.

    Returns:
        Frames ``(batch, frames, width)``, zero where they are padding, and a bool mask
        ``(batch, frames)``, True where they are not.

    Raises:
        ValueError: A clip is empty, too short for the encoder, or padded in front.
    """
    lengths = clip_lengths(sound, mask)
    family = encoder.config.model_type
    if mask is not None and family not in BY_WINDOW and mask.shape[1] != sound.shape[1]:
        raise ValueError(
            f"`attention_mask` does not fit: got {tuple(mask.shape)} for sound of "
            f"{tuple(sound.shape)}, expected a value for each step of axis 1. Encoders of family "
            f"{family!r} that hear steps along another axis cannot be used."
        )
    if family in BY_WINDOW:
        frames, heard = _of_window(encoder, sound, lengths if mask is not None else None)
    elif family in BY_MASK:
        frames, heard = _by_mask(encoder, sound, lengths)
    else:
        frames, heard = _alone(encoder, sound, lengths)
    if not bool(heard.any(dim=1).all()):
        clip = int((~heard.any(dim=1)).nonzero()[0])
        raise ValueError(
            f"clip {clip} is too short to be heard: got {int(lengths[clip])} steps of input, "
            f"expected enough for one frame of {type(encoder).__name__}. Leave it out, or pad it."
        )
    return frames.masked_fill(~heard[..., None], 0.0), heard


def clip_lengths(sound: torch.Tensor, mask: torch.Tensor | None) -> torch.Tensor:
    """How many steps of each clip are no padding ``(batch,)``.

    Raises:
        ValueError: A clip has none, or its padding is not behind it.
    """
    if mask is None:
        return torch.full((len(sound),), sound.shape[1], device=sound.device)
    mask = mask.bool()
    lengths = mask.sum(dim=-1)
    behind = torch.arange(mask.shape[-1], device=mask.device) < lengths[:, None]
    if not bool((lengths > 0).all()):
        raise ValueError(
            f"clip {int((lengths == 0).nonzero()[0])} has no sound: got a mask of zeros, expected "
            "some sound in each clip. Leave the clip out."
        )
    if not bool((behind == mask).all()):
        raise ValueError(
            "`attention_mask` does not fit: got padding before or within a clip, expected it behind"
            " the clip. Pad on the right side."
        )
    return lengths


def _of_window(
    encoder: Any, sound: torch.Tensor, lengths: torch.Tensor | None
) -> tuple[torch.Tensor, torch.Tensor]:
    """Frames of an encoder that hears a fixed window; of Whisper those behind the clip masked."""
    options = {}
    if getattr(encoder.config, "enable_fusion", False):
        # A CLAP that can hear more than its window is told that no clip is longer.
        options["is_longer"] = sound.new_zeros(len(sound), 1, dtype=torch.bool)
    frames = encoder(sound, **options).last_hidden_state
    if frames.ndim == 4:  # CLAP's last layer is a picture
        frames = frames.flatten(2).transpose(1, 2)
    heard = torch.ones(frames.shape[:2], dtype=torch.bool, device=frames.device)
    if encoder.config.model_type == "whisper" and lengths is not None:
        n_frames = (lengths + 1) // 2  # its second convolution takes every other step
        heard = torch.arange(frames.shape[1], device=frames.device) < n_frames[:, None]
    return frames, heard


def _by_mask(
    encoder: Any, sound: torch.Tensor, lengths: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Frames of an encoder of waveforms that takes a mask."""
    mask = (torch.arange(sound.shape[1], device=sound.device) < lengths[:, None]).long()
    counts = encoder._get_feat_extract_output_lengths(lengths)
    if not bool((counts > 0).all()):
        return sound.new_zeros(len(sound), 1, 1), (counts > 0)[:, None]
    with norms_over_own_length(encoder, lengths):
        frames = encoder(sound, attention_mask=mask).last_hidden_state
    return frames, torch.arange(frames.shape[1], device=frames.device) < counts[:, None]


def _alone(
    encoder: Any, sound: torch.Tensor, lengths: torch.Tensor
) -> tuple[torch.Tensor, torch.Tensor]:
    """Frames of an encoder that knows no mask: clips of one length go together."""
    found: dict[int, torch.Tensor] = {}
    for length in lengths.unique().tolist():
        here = (lengths == length).nonzero()[:, 0]
        heard = encoder(sound[here, :length]).last_hidden_state
        found |= dict(zip(here.tolist(), heard, strict=True))
    frames = nn.utils.rnn.pad_sequence([found[i] for i in range(len(sound))], batch_first=True)
    counts = torch.tensor([len(found[i]) for i in range(len(sound))], device=sound.device)
    return frames, torch.arange(frames.shape[1], device=frames.device) < counts[:, None]


@contextmanager
def norms_over_own_length(encoder: Any, lengths: torch.Tensor) -> Iterator[None]:
    """Have norms over time see each clip's own steps, and not the padding behind it.

    Args:
        encoder: Of waveforms; one without such a norm is left as it is.
        lengths: Samples of each clip ``(batch,)``.
    """
    hooks = []
    layers = getattr(getattr(encoder, "feature_extractor", None), "conv_layers", [])
    counts = lengths
    for layer in layers:
        conv, norm = layer.conv, getattr(layer, "layer_norm", None)
        counts = (counts - conv.kernel_size[0]) // conv.stride[0] + 1
        if isinstance(norm, nn.GroupNorm):
            hooks.append(norm.register_forward_hook(_OwnLength(counts)))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


class _OwnLength:
    """Takes the place of what a norm over time gives; one group is one channel."""

    def __init__(self, counts: torch.Tensor) -> None:
        self.counts = counts

    def __call__(self, norm: nn.GroupNorm, given: Any, output: torch.Tensor) -> torch.Tensor:
        x = given[0]  # (batch, channels, steps)
        here = torch.arange(x.shape[-1], device=x.device) < self.counts[:, None]
        here = here[:, None].to(x.dtype)
        n = self.counts[:, None, None].to(x.dtype)
        mean = (x * here).sum(dim=-1, keepdim=True) / n
        variance = (((x - mean) * here) ** 2).sum(dim=-1, keepdim=True) / n
        normal = (x - mean) * torch.rsqrt(variance + norm.eps)
        return normal * norm.weight[:, None] + norm.bias[:, None]
