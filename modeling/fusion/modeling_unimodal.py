"""One modality alone: what a fusion has to be better than."""

import torch
from torch import Tensor, nn

from .configuration_fusion import MODALITIES, FusionConfig
from .modeling_sequences import Masks, masked_mean
from .modeling_trunk import MLPEncoder


class AttentionPooling(nn.Module):
    """One vector out of the steps of a clip: their mean, weighted by what a small net says of each.

    Source: Self-attentive pooling as speaker and emotion recognition use it: Zhu et al., 2018.
    """

    def __init__(self, width: int) -> None:
        super().__init__()
        self.seen = nn.Linear(width, width)
        self.weight = nn.Linear(width, 1)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """From (B, T, H) and (B, T) to (B, H); 0 of a clip without a step."""
        scores = self.weight(torch.tanh(self.seen(x))).squeeze(-1)
        scores = scores.masked_fill(~mask, torch.finfo(scores.dtype).min)
        weights = scores.softmax(dim=1) * mask.to(x.dtype)
        return (weights.unsqueeze(-1) * x).sum(1)


class UnimodalFusion(nn.Module):
    """The encoder of one modality; the others are not looked at.

    With pooling ``mlp`` steps become their mean before the encoder; with ``attention`` each step
    passes the encoder, and attention pooling makes one vector of them.

    Source: EmotionTalk (Sun et al., 2025), Table 3, whose released form is attention over the same
    features three times; this is what that computes, without the copies.
    """

    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
        self.place = MODALITIES.index(config.option.modality)
        in_dim = config.dims[config.option.modality]
        self.encoder = MLPEncoder(in_dim, config.hidden_dim, config.dropout)
        has_attention = config.option.pooling == "attention"
        self.pooling = AttentionPooling(config.hidden_dim) if has_attention else None
        self.features_dim = config.hidden_dim

    def forward(
        self, audio: Tensor, text: Tensor, vision: Tensor, masks: Masks
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """From features and masks to (B, H), without losses of its own."""
        x, mask = (audio, text, vision)[self.place], masks[self.place]
        if x.dim() == 2:
            x, mask = x.unsqueeze(1), mask.unsqueeze(1)
        if self.pooling is None:
            return self.encoder(masked_mean(x, mask)), {}
        return self.pooling(self.encoder(x), mask), {}
