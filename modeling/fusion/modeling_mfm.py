"""MFM: one factor for what is asked, one for each modality, which build the modalities again."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from .configuration_fusion import FusionConfig
from .modeling_alignment import align
from .modeling_grid import Grid
from .modeling_mfn import MFNFusion
from .modeling_recurrence import run_cells, scan
from .modeling_sequences import Masks

# Letters as in the released names, the modality they mean and its option.
PARTS = (("l", "text", "lda_xl"), ("a", "audio", "lda_xa"), ("v", "vision", "lda_xv"))


class MFMEncoder(nn.Module):
    """An LSTM whose last state becomes the factor of a modality."""

    def __init__(self, in_dim: int, width: int) -> None:
        super().__init__()
        self.lstm = nn.LSTMCell(in_dim, width)
        self.fc1 = nn.Linear(width, width)


class MFMDecoder(nn.Module):
    """An LSTM that reads the factors at the first step and its own state afterwards."""

    def __init__(self, width: int, out_dim: int) -> None:
        super().__init__()
        self.lstm = nn.LSTMCell(width, width)
        self.fc1 = nn.Linear(width, out_dim)


class UnreadMFN(MFNFusion):
    """MFN with heads that nothing reads, which the released MFM carries along."""

    def __init__(self, config: FusionConfig) -> None:
        super().__init__(config)
        if config.num_labels:
            self.fc_out_1 = nn.Linear(self.features_dim, config.num_labels)
        if config.score:
            self.fc_out_2 = nn.Linear(self.features_dim, 1)


class BareMFN(MFNFusion):
    """MFN up to the last states."""

    def add_output(self, config: FusionConfig) -> None:
        """Add nothing."""


class MFMFusion(nn.Module):
    """MFN finds the factor of the label, an LSTM per modality that modality's own factor.

    All factors are drawn to a normal distribution, and from the label's factor and its own each
    modality is built again.

    Attributes:
        generator: Draws the normal samples of ``official``; None is the global one.

    Source: Multimodal Factorization Model (Tsai et al., 2019), sections 2 and 3.
    Differs: With ``fixed`` the distance from the normal distribution is the exact expectation over
        its samples, the same in every call, where the released code draws new ones even in
        evaluation; modalities are built again, and counted, at real steps only, where the clip has
        them; MFN's heads, which nothing reads, are left out.
    """

    # Of released weights, what ``fixed`` has no place for.
    unread = ("mfn_encoder.out_fc", "mfn_encoder.fc_out_")

    def __init__(self, config: FusionConfig) -> None:
        super().__init__()
        width, half = config.hidden_dim, config.hidden_dim // 2
        self.is_official, self.dropout = config.is_official, config.dropout
        self.option = config.option
        self.generator: torch.Generator | None = None
        for letter, name, _ in PARTS:
            setattr(self, f"encoder_{letter}", MFMEncoder(config.dims[name], width))
            setattr(self, f"decoder_{letter}", MFMDecoder(2 * half, config.dims[name]))
            setattr(self, f"z{letter}_to_f{letter}_fc1", nn.Linear(width, half))
            setattr(self, f"z{letter}_to_f{letter}_fc2", nn.Linear(half, half))
        self.mfn_encoder = (UnreadMFN if config.is_official else BareMFN)(config)
        self.last_to_zy_fc1 = nn.Linear(3 * width + self.option.mem_dim, width)
        self.zy_to_fy_fc1 = nn.Linear(width, half)
        self.zy_to_fy_fc2 = nn.Linear(half, half)
        self.fy_to_y_fc1 = nn.Linear(half, half)
        self.fy_to_y_fc2 = nn.Linear(half, half)
        self.features_dim = half

    def forward(
        self, audio: Tensor, text: Tensor, vision: Tensor, masks: Masks
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """From features and masks to (B, H // 2), and the losses of distance and of building."""
        xs, grid = align(audio, text, vision, masks, official=self.is_official)
        present = masks.present[:, [1, 0, 2]]
        if self.is_official:
            present = torch.ones_like(present)
        factors, own_factors = self._factors(xs, grid)
        label = self._read("zy_to_fy", factors, last_relu=True)
        losses = {"mmd": self.option.lda_mmd * self._distances(factors, own_factors, present)}
        own = [
            self._read(f"z{letter}_to_f{letter}", z, last_relu=True)
            for (letter, _, _), z in zip(PARTS, own_factors, strict=True)
        ]
        states = self._decode([torch.cat([label, f], dim=1) for f in own], grid.shape[1])
        for i, (letter, name, weight) in enumerate(PARTS):
            built = getattr(self, f"decoder_{letter}").fc1(grid.pack(states[:, i].transpose(0, 1)))
            error = grid.mean_square(built, grid.pack(xs[i]), present[:, i])
            losses[f"build_{name}"] = getattr(self.option, weight) * error
        return self._read("fy_to_y", label, last_relu=False), losses

    def draw(self, like: Tensor) -> Tensor:
        """Samples of a normal distribution, of the shape, type and device of a tensor."""
        return torch.randn(
            like.shape, generator=self.generator, dtype=like.dtype, device=like.device
        )

    def _factors(self, xs: list[Tensor], grid: Grid) -> tuple[Tensor, list[Tensor]]:
        """The label's factor, (B, H), and those of text, sound and faces."""
        encoders = [getattr(self, f"encoder_{letter}") for letter, _, _ in PARTS]
        cells = [*(each.lstm for each in encoders), *self.mfn_encoder.cells]
        hidden, states = run_cells(cells, [*xs, *xs], grid)
        last = grid.last(hidden[:, :3], steps_first=True)
        own = [encoder.fc1(z) for encoder, z in zip(encoders, last.unbind(1), strict=True)]
        summary = self.mfn_encoder.summarise(hidden[:, 3:], states[:, 3:], grid)
        return self.last_to_zy_fc1(summary), own

    def _read(self, name: str, z: Tensor, *, last_relu: bool) -> Tensor:
        """Two layers by the beginning of their names."""
        inner = torch.relu(getattr(self, f"{name}_fc1")(z))
        inner = functional.dropout(inner, self.dropout, self.training)
        found = getattr(self, f"{name}_fc2")(inner)
        return torch.relu(found) if last_relu else found

    def _distances(self, label: Tensor, own: list[Tensor], present: Tensor) -> Tensor:
        """The four distances from a normal distribution, summed."""
        if self.is_official:
            return sum(sampled_distance(z, self.draw(z)) for z in (*own, label))  # type: ignore
        counted = [*present.unbind(1), torch.ones_like(present[:, 0])]
        pairs = zip((*own, label), counted, strict=True)
        return torch.stack([normal_distance(z, weight) for z, weight in pairs]).sum()

    def _decode(self, factors: list[Tensor], steps: int) -> Tensor:
        """States of the three decoders, (T, 3, B, H)."""
        cells = [getattr(self, f"decoder_{letter}").lstm for letter, _, _ in PARTS]
        biases = torch.stack([cell.bias_ih + cell.bias_hh for cell in cells]).unsqueeze(1)
        given = torch.stack([cell.weight_ih for cell in cells])
        back = given + torch.stack([cell.weight_hh for cell in cells])
        first = torch.baddbmm(biases, torch.stack(factors), given.mT)
        later = biases.expand(steps - 1, -1, len(factors[0]), -1).reshape(-1, *first.shape)
        return scan(torch.cat([first.unsqueeze(0), later]), back)[0]


def sampled_distance(z: Tensor, samples: Tensor) -> Tensor:
    """The squared maximum mean discrepancy between rows and samples, (B, D) each, as released."""
    real, fake, mixed = _kernel(samples, samples), _kernel(z, z), _kernel(samples, z)
    return real.mean() + fake.mean() - 2 * mixed.mean()


def normal_distance(z: Tensor, counted: Tensor) -> Tensor:
    """The same against the whole of a normal distribution, over the rows that count, 0 of none.

    The kernel exp(-|x - y|^2 / D^2) is Gaussian, so its mean over normal samples is known: with
    g = 1 / D^2, (1 + 4 g)^(-D/2) between two of them, and (1 + 2 g)^(-D/2)
    exp(-g |z|^2 / (1 + 2 g)) between one and z.
    """
    dim = z.shape[1]
    gamma = 1 / dim**2
    weight = counted.to(z.dtype)
    weight = weight / weight.sum().clamp(min=1)
    among = (1 + 4 * gamma) ** (-dim / 2)
    apart = torch.exp(-gamma * z.square().sum(1) / (1 + 2 * gamma)) * (1 + 2 * gamma) ** (-dim / 2)
    found = among + weight @ _kernel(z, z) @ weight - 2 * (weight @ apart)
    return found * counted.any().to(z.dtype)


def _kernel(x: Tensor, y: Tensor) -> Tensor:
    """The kernel between all rows, (B, B)."""
    return torch.exp(-(x.unsqueeze(1) - y.unsqueeze(0)).square().mean(2) / x.shape[1])
