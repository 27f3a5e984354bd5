"""MISA: what each modality has for itself, and what all have in common."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from .configuration_fusion import FusionConfig
from .modeling_moments import moment_distance, overlap
from .modeling_sequences import Masks
from .modeling_tokens import TokenLayer, TokenLayers
from .modeling_trunk import UtteranceFusion

# Places of the modalities, in the order of the released code: text, vision, audio.
_TEXT, _VISION, _AUDIO = 0, 1, 2


class MISAFusion(UtteranceFusion):
    """Private and shared vectors of each modality, mixed by a transformer layer.

    Losses: ``diff`` (private and shared spaces overlap), ``sim`` (shared spaces differ in their
    moments), ``recon`` (a modality cannot be built again from both).

    Source: Hazarika et al., 2020, equations 1 to 12; MERBench's form.
    Differs: With ``fixed`` there is an epsilon under the roots of the moments, so that a batch of
        one clip has a gradient, and a modality that a clip lacks is neither attended to nor in any
        loss.
    """

    def __init__(self, config: FusionConfig) -> None:
        super().__init__(config)
        width, option = config.hidden_dim, config.option
        self.project_t = _projection("project_t", width)
        self.project_v = _projection("project_v", width)
        self.project_a = _projection("project_a", width)
        self.private_t = _layer("private_t_1", width)
        self.private_v = _layer("private_v_1", width)
        self.private_a = _layer("private_a_3", width)  # so named in the released code
        self.shared = _layer("shared_1", width)
        self.recon_t = _layer("recon_t_1", width)
        self.recon_v = _layer("recon_v_1", width)
        self.recon_a = _layer("recon_a_1", width)
        layer = TokenLayer(
            width, option.transformer_heads, option.transformer_dim, option.transformer_dropout
        )
        self.transformer_encoder = TokenLayers(layer)
        self.fusion = nn.Sequential(
            OrderedDict(
                fusion_layer_1=nn.Linear(6 * width, 3 * width),
                drop=nn.Dropout(config.dropout),
                relu=nn.ReLU(),
                fusion_layer_3=nn.Linear(3 * width, width // 2),
            )
        )
        self.features_dim = width // 2

    def forward(
        self, audio: Tensor, text: Tensor, vision: Tensor, masks: Masks
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """From features and masks to (B, H/2), and three losses."""
        a, t, v = self.encode(audio, text, vision, masks)
        given = [self.project_t(t), self.project_v(v), self.project_a(a)]
        private = [
            torch.sigmoid(layer(each))
            for layer, each in zip(
                (self.private_t, self.private_v, self.private_a), given, strict=True
            )
        ]
        shared = [torch.sigmoid(self.shared(each)) for each in given]
        present = masks.present[:, (1, 2, 0)]
        features = self._mix(torch.stack([*private, *shared], dim=1), present)
        return features, self._losses(given, private, shared, present)

    def _mix(self, vectors: Tensor, present: Tensor) -> Tensor:
        """Six vectors of a clip, (B, 6, H), to (B, H/2)."""
        absent = None if self.config.is_official else ~torch.cat([present, present], dim=1)
        mixed = self.transformer_encoder(vectors, absent)
        if absent is not None:
            mixed = mixed * (~absent).unsqueeze(2).to(mixed.dtype)
        return self.fusion(mixed.flatten(1))

    def _losses(
        self, given: list[Tensor], private: list[Tensor], shared: list[Tensor], present: Tensor
    ) -> dict[str, Tensor]:
        official, option = self.config.is_official, self.option
        if official:
            present = torch.ones_like(present)
        both = {
            (i, j): present[:, i] & present[:, j]
            for i, j in ((_TEXT, _VISION), (_TEXT, _AUDIO), (_AUDIO, _VISION))
        }
        spaces = [(private[i], shared[i], present[:, i]) for i in range(3)]
        spaces += [(private[i], private[j], counted) for (i, j), counted in both.items()]
        diff = torch.stack([overlap(x, y, counted) for x, y, counted in spaces]).sum()
        distances = [
            moment_distance(shared[i], shared[j], counted, official=official)
            for (i, j), counted in both.items()
        ]
        rebuilt = (self.recon_t, self.recon_v, self.recon_a)
        errors = [
            _error(rebuilt[i](private[i] + shared[i]), given[i], present[:, i]) for i in range(3)
        ]
        return {
            "diff": option.diff_weight * diff,
            "sim": option.sim_weight * torch.stack(distances).sum() / 3,
            "recon": option.recon_weight * torch.stack(errors).sum() / 3,
        }


def _projection(name: str, width: int) -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            {
                name: nn.Linear(width, width),
                f"{name}_activation": nn.ReLU(),
                f"{name}_layer_norm": nn.LayerNorm(width),
            }
        )
    )


def _layer(name: str, width: int) -> nn.Sequential:
    return nn.Sequential(OrderedDict({name: nn.Linear(width, width)}))


def _error(built: Tensor, wanted: Tensor, counted: Tensor) -> Tensor:
    """Mean squared error over the clips that count."""
    counted = counted.unsqueeze(1).to(built.dtype)
    squared = ((built - wanted) * counted).square()
    return squared.sum() / (counted.sum().clamp(min=1) * built.shape[1])
