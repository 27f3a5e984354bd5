"""LMF: the tensor of all three modalities as a sum of few products of factors."""

import torch
from torch import Tensor, nn

from .configuration_fusion import FusionConfig
from .modeling_sequences import Masks
from .modeling_trunk import UtteranceFusion


def with_one(hidden: Tensor) -> Tensor:
    """A 1 before each vector, (B, H) to (B, H + 1): what keeps a product's lower orders."""
    return torch.cat([torch.ones_like(hidden[:, :1]), hidden], dim=1)


class LMFFusion(UtteranceFusion):
    """Per modality and rank a matrix; their products, weighted over ranks, plus a bias.

    A modality that a clip lacks leaves its factor's row for the 1, so the others keep all their
    products.

    Source: Liu et al., 2018, equations 5 to 8; MERBench's form gives H/2 values to a head.
    """

    def __init__(self, config: FusionConfig) -> None:
        super().__init__(config)
        rank, width = config.option.rank, config.hidden_dim
        self.features_dim = width // 2
        shape = (rank, width + 1, self.features_dim)
        self.audio_factor = nn.Parameter(torch.empty(shape))
        self.text_factor = nn.Parameter(torch.empty(shape))
        self.video_factor = nn.Parameter(torch.empty(shape))
        self.fusion_weights = nn.Parameter(torch.empty(1, rank))
        self.fusion_bias = nn.Parameter(torch.empty(1, self.features_dim))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Glorot's normal for factors and weights, 0 for the bias, as released."""
        factors = (self.audio_factor, self.text_factor, self.video_factor, self.fusion_weights)
        for parameter in factors:
            nn.init.xavier_normal_(parameter)
        nn.init.zeros_(self.fusion_bias)

    def forward(
        self, audio: Tensor, text: Tensor, vision: Tensor, masks: Masks
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """From features and masks to (B, H/2), without losses of its own."""
        hidden = self.encode(audio, text, vision, masks)
        factors = (self.audio_factor, self.text_factor, self.video_factor)
        a, t, v = (
            torch.matmul(with_one(h), factor) for h, factor in zip(hidden, factors, strict=True)
        )
        products = a * v * t
        fused = (products * self.fusion_weights.view(-1, 1, 1)).sum(0)
        return fused + self.fusion_bias, {}
