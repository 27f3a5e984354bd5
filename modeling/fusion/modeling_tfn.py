"""TFN: every product of one value of each modality."""

import torch
from torch import Tensor, nn

from .configuration_fusion import FusionConfig
from .modeling_dropout import Dropout
from .modeling_lmf import with_one
from .modeling_sequences import Masks
from .modeling_trunk import UtteranceFusion


class TFNFusion(UtteranceFusion):
    """The outer product of three vectors with a 1 before each, then two layers with ReLU.

    A modality that a clip lacks leaves the products of the others, and nothing else.

    Source: Zadeh et al., 2017, equation 4; MERBench's form.
    """

    def __init__(self, config: FusionConfig) -> None:
        super().__init__(config)
        width = config.hidden_dim
        self.post_fusion_dropout = Dropout(config.dropout)
        self.post_fusion_layer_1 = nn.Linear((width + 1) ** 3, width)
        self.post_fusion_layer_2 = nn.Linear(width, width)
        self.features_dim = width

    def forward(
        self, audio: Tensor, text: Tensor, vision: Tensor, masks: Masks
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """From features and masks to (B, H), without losses of its own."""
        a, t, v = map(with_one, self.encode(audio, text, vision, masks))
        pairs = (a.unsqueeze(2) * v.unsqueeze(1)).flatten(1)
        tensor = (pairs.unsqueeze(2) * t.unsqueeze(1)).flatten(1)
        fused = self.post_fusion_layer_1(self.post_fusion_dropout(tensor))
        return torch.relu(self.post_fusion_layer_2(torch.relu(fused))), {}
