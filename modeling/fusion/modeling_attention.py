"""Attention: a weight for each modality, from all three together."""

import torch
from torch import Tensor, nn

from .configuration_fusion import FusionConfig
from .modeling_sequences import Masks
from .modeling_trunk import MLPEncoder, UtteranceFusion


class AttentionFusion(UtteranceFusion):
    """The sum of the three vectors, each times a weight that an MLP reads off all of them.

    Source: MERBench (Lian et al., 2024), attention fusion; also AffectGPT, equations 5 to 7.
    Differs: With ``fixed`` the weights pass a softmax over the modalities that a clip has; the
    released code takes three numbers of any size and sign.
    """

    def __init__(self, config: FusionConfig) -> None:
        super().__init__(config)
        width = config.hidden_dim
        self.attention_mlp = MLPEncoder(3 * width, width, config.dropout)
        self.fc_att = nn.Linear(width, 3)
        self.features_dim = width

    def forward(
        self, audio: Tensor, text: Tensor, vision: Tensor, masks: Masks
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """From features and masks to (B, H), without losses of its own."""
        hidden = self.encode(audio, text, vision, masks)
        weights = self.fc_att(self.attention_mlp(torch.cat(hidden, dim=1)))
        if not self.config.is_official:
            weights = weights.masked_fill(~masks.present, torch.finfo(weights.dtype).min)
            weights = weights.softmax(dim=1)
        fused = (torch.stack(hidden, dim=2) * weights.unsqueeze(1)).sum(2)
        return fused, {}
