"""MMIM: a fusion that keeps what it knows of each modality, and each of the others."""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from .configuration_fusion import FusionConfig
from .modeling_sequences import Masks
from .modeling_trunk import UtteranceFusion

_EPS = 1e-8
# Beyond these a variance would be 0 or infinite for all that single precision can tell.
_LEAST_LOGVAR, _MOST_LOGVAR = -10.0, 10.0


class GaussianBound(nn.Module):
    """How likely one modality is, given another: a normal distribution around a prediction.

    Source: Han et al., 2021, equation 4; ``entropy_prj`` belongs to a term that MERBench left out,
        and never gets a gradient; ``official=False`` freezes it.
    Differs: With ``official=False`` the logarithm of the variance counts, as the density of a
        normal distribution has it, within -10 and 10; the released code leaves it out, so a large
        variance costs nothing. Then what is predicted is held: the paper's bound has its entropy
        beside the likelihood, and without that term encoders earn the most by making it constant.
    """

    def __init__(self, width: int, *, official: bool) -> None:
        super().__init__()
        self.official = official
        self.mlp_mu = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))
        self.mlp_logvar = nn.Sequential(nn.Linear(width, width), nn.ReLU(), nn.Linear(width, width))
        self.entropy_prj = nn.Sequential(nn.Linear(width, width // 4), nn.Tanh())
        self.unused = () if official else ("entropy_prj",)

    def forward(self, x: Tensor, y: Tensor, counted: Tensor) -> Tensor:
        """The mean log-likelihood of y given x, (B, H) each, over the clips that count, (B,)."""
        mu, logvar = self.mlp_mu(x), self.mlp_logvar(x)
        if not self.official:
            logvar, y = logvar.clamp(_LEAST_LOGVAR, _MOST_LOGVAR), y.detach()
        likely = -(mu - y).square() / (2 * logvar.exp())
        if not self.official:
            likely = likely - logvar / 2
        return _mean(likely.sum(1), counted)


class Contrast(nn.Module):
    """Whether a fusion knows its own modality from those of the other clips of the batch.

    The fusion predicts the modality; their cosine is compared with the cosines to all predictions.

    Source: Han et al., 2021, equations 9 to 11; van den Oord et al., 2018.
    Differs: With ``official=False`` an epsilon beside the lengths, so that a vector of zeros has a
        gradient.
    """

    def __init__(self, width: int, layers: int, *, official: bool) -> None:
        super().__init__()
        self.official = official
        first = nn.Linear(width, width)
        more = [nn.Linear(width, width) for _ in range(layers - 1)]
        self.net = nn.Sequential(first, nn.Tanh(), *more) if more else first

    def forward(self, x: Tensor, fused: Tensor, counted: Tensor) -> Tensor:
        """The mean loss over the clips that count, from (B, H), (B, H) and (B,) bool."""
        cosines = torch.matmul(self._unit(x), self._unit(self.net(fused)).t())
        own = cosines.diagonal(dim1=-2, dim2=-1)
        if not self.official:
            cosines = cosines.masked_fill(~counted.unsqueeze(0), torch.finfo(cosines.dtype).min)
        return _mean(cosines.logsumexp(dim=1) - own, counted)

    def _unit(self, x: Tensor) -> Tensor:
        length = torch.linalg.vector_norm(x, dim=1, keepdim=True)
        return x / length if self.official else x / (length + _EPS)


class MMIMFusion(UtteranceFusion):
    """Two layers with tanh over all three vectors.

    Losses: ``contrast`` (the fusion does not tell its modalities from others), ``likelihood``
    (sound and faces are unlikely, given the text; it falls below 0).

    Source: Han et al., 2021; MERBench's form: one optimiser, and no entropy term, which sorts clips
        by the sign of a score.
    Differs: With ``fixed`` see :class:`GaussianBound` and :class:`Contrast`; a modality that a clip
        lacks counts in neither.
    """

    def __init__(self, config: FusionConfig) -> None:
        super().__init__(config)
        width, official = config.hidden_dim, config.is_official
        layers = config.option.cpc_layers
        self.mi_tv = GaussianBound(width, official=official)
        self.mi_ta = GaussianBound(width, official=official)
        self.cpc_zt = Contrast(width, layers, official=official)
        self.cpc_zv = Contrast(width, layers, official=official)
        self.cpc_za = Contrast(width, layers, official=official)
        self.fusion_prj = nn.Sequential(
            OrderedDict(
                drop=nn.Dropout(config.dropout),
                linear_1=nn.Linear(3 * width, width),
                tanh_1=nn.Tanh(),
                linear_2=nn.Linear(width, width),
                tanh_2=nn.Tanh(),
            )
        )
        self.features_dim = width

    def forward(
        self, audio: Tensor, text: Tensor, vision: Tensor, masks: Masks
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """From features and masks to (B, H), and two losses."""
        a, t, v = self.encode(audio, text, vision, masks)
        fused = self.fusion_prj(torch.cat([t, a, v], dim=1))
        has_a, has_t, has_v = self._counted(masks.present)
        option = self.option
        contrast = (
            self.cpc_zt(t, fused, has_t)
            + self.cpc_zv(v, fused, has_v)
            + self.cpc_za(a, fused, has_a)
        )
        likely = self.mi_tv(t, v, has_t & has_v) + self.mi_ta(t, a, has_t & has_a)
        return fused, {"contrast": option.alpha * contrast, "likelihood": -option.beta * likely}

    def _counted(self, present: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        if self.config.is_official:
            present = torch.ones_like(present)
        return present[:, 0], present[:, 1], present[:, 2]


def _mean(x: Tensor, counted: Tensor) -> Tensor:
    """The mean over the clips that count; 0 where none does, and nothing of the others."""
    return x.masked_fill(~counted, 0).sum() / counted.sum().clamp(min=1)
