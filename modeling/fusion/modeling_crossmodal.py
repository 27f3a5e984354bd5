"""The Transformer of MulT: queries of one modality, keys and values of another, no padding."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from .modeling_grid import Grid


class CrossmodalAttention(nn.Module):
    """Attention whose three projections are one matrix."""

    def __init__(self, dim: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.in_proj_weight = nn.Parameter(torch.empty(3 * dim, dim))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * dim))
        self.out_proj = nn.Linear(dim, dim)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start as the released code does."""
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.xavier_uniform_(self.out_proj.weight)
        nn.init.zeros_(self.in_proj_bias)
        nn.init.zeros_(self.out_proj.bias)

    def forward(
        self, x: Tensor, grid: Grid, source: Tensor, source_grid: Grid, allowed: Tensor
    ) -> Tensor:
        """Attend from rows to rows, (N, D) and (M, D) to (N, D).

        Args:
            x: Rows of the queries.
            grid: Where they lie.
            source: Rows of keys and values.
            source_grid: Where they lie.
            allowed: Which query may look at which key, (B, 1, Tq, Tk) bool, one at least for each.
        """
        dim = x.shape[1]
        weight, bias = self.in_proj_weight, self.in_proj_bias
        q = self._split(functional.linear(x, weight[:dim], bias[:dim]), grid)
        k, v = functional.linear(source, weight[dim:], bias[dim:]).chunk(2, dim=1)
        k, v = self._split(k, source_grid), self._split(v, source_grid)
        dropout = self.dropout if self.training else 0.0
        found = functional.scaled_dot_product_attention(q, k, v, allowed, dropout)
        return self.out_proj(grid.pack(found.transpose(1, 2).flatten(2)))

    def _split(self, rows: Tensor, grid: Grid) -> Tensor:
        """Rows to heads, (N, D) to (B, heads, T, D / heads)."""
        return grid.unpack(rows).unflatten(2, (self.heads, -1)).transpose(1, 2)


class CrossmodalLayer(nn.Module):
    """Attention and two linear layers, each behind a normalisation and beside a short cut."""

    def __init__(self, dim: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.dropout = dropout
        self.self_attn = CrossmodalAttention(dim, heads, dropout)
        self.fc1 = nn.Linear(dim, 4 * dim)
        self.fc2 = nn.Linear(4 * dim, dim)
        self.layer_norms = nn.ModuleList([nn.LayerNorm(dim) for _ in range(2)])
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start as the released code does."""
        for layer in (self.fc1, self.fc2):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    def forward(
        self,
        x: Tensor,
        grid: Grid,
        source: Tensor | None,
        source_grid: Grid,
        allowed: Tensor,
        last: Tensor | None = None,
    ) -> Tensor:
        """From rows (N, D) to rows (N, D).

        Args:
            x: Rows of the target.
            grid: Where they lie; with ``last``, of those rows.
            source: Rows of the source; None attends to the target itself.
            source_grid: Where they lie.
            allowed: As in :class:`CrossmodalAttention`.
            last: Rows of the target that are wanted; None wants all.
        """
        query = self.layer_norms[0](x)
        keys = query if source is None else self.layer_norms[0](source)
        if last is not None:
            x, query = x[last], query[last]
        x = x + self._drop(self.self_attn(query, grid, keys, source_grid, allowed))
        inner = self._drop(torch.relu(self.fc1(self.layer_norms[1](x))))
        return x + self._drop(self.fc2(inner))

    def _drop(self, x: Tensor) -> Tensor:
        if not self.training or not self.dropout or x.device.type != "cpu":
            return functional.dropout(x, self.dropout, self.training)
        # On a CPU a uniform draw takes half the time of torch's own.
        kept = (torch.rand(x.shape, dtype=torch.float) >= self.dropout).to(x.dtype)
        return x * (kept * (1 / (1 - self.dropout)))


class CrossmodalEncoder(nn.Module):
    """Layers over a target that attend to a source, or to the target itself.

    Args:
        dim: Width.
        heads: Of the attention.
        layers: How many.
        dropout: Of embeddings, attention and both halves of a layer.
        positions: Whether sinusoids say where a step stands.
        count_real: Count real steps; else a step whose first channel is 0 stands nowhere.

    Source: Multimodal Transformer (Tsai et al., 2019), section 3.2.
    """

    def __init__(
        self,
        dim: int,
        heads: int,
        layers: int,
        dropout: float,
        *,
        positions: bool,
        count_real: bool,
    ) -> None:
        super().__init__()
        self.dim, self.dropout = dim, dropout
        self.positions, self.count_real = positions, count_real
        self.layers = nn.ModuleList([CrossmodalLayer(dim, heads, dropout) for _ in range(layers)])
        self.layer_norm = nn.LayerNorm(dim)

    def forward(self, x: Tensor, grid: Grid, source: Tensor, source_grid: Grid) -> Tensor:
        """Rows of the target, (N, D), after they have attended to the source, (M, D)."""
        allowed, hears = _allowed(grid, source_grid)
        x, source = self._embed(x, grid), self._embed(source, source_grid)
        for layer in self.layers:
            x = layer(x, grid, source, source_grid, allowed)
        x = self.layer_norm(x)
        if source_grid.index is None:
            return x
        rows = grid.pack(hears.view(-1, 1, 1).expand(-1, grid.shape[1], 1))
        return x * rows.to(x.dtype)

    def last(self, x: Tensor, grid: Grid) -> Tensor:
        """The last step of each clip after the target, (N, D), has attended to itself, (B, D)."""
        if not len(x):  # no clip of the batch has this modality
            return x.new_zeros(grid.shape[0], self.dim)
        allowed, _ = _allowed(grid, grid)
        x = self._embed(x, grid)
        for layer in self.layers[:-1]:
            x = layer(x, grid, None, grid, allowed)
        rows = (grid.lengths.cumsum(0) - 1).clamp(min=0)
        ends = Grid(torch.ones_like(grid.mask[:, :1]))
        at = (grid.lengths - 1).clamp(min=0).view(-1, 1, 1, 1).expand(-1, 1, 1, grid.shape[1])
        x = self.layers[-1](x, ends, None, grid, allowed.gather(2, at), rows)
        return self.layer_norm(x) * (grid.lengths > 0).unsqueeze(1).to(x.dtype)

    def _embed(self, x: Tensor, grid: Grid) -> Tensor:
        scaled = math.sqrt(self.dim) * x
        if self.positions:
            steps = torch.arange(1, grid.shape[1] + 1, device=x.device).unsqueeze(0)
            at = grid.pack(steps.expand(grid.shape).unsqueeze(-1)).squeeze(1)
            if not self.count_real:
                at = at * (x[:, 0] != 0)
            scaled = scaled + _sinusoids(at, self.dim).to(x.dtype)
        return functional.dropout(scaled, self.dropout, self.training)


def _allowed(grid: Grid, source_grid: Grid) -> tuple[Tensor, Tensor]:
    """Which step may look at which, (B, 1, Tq, Tk), and which clips have anything to look at, (B,).

    A step sees its past, and as much of the future as the lengths differ. A clip without source
    looks at all of its padding, so that nothing becomes NaN, and is set to 0 afterwards.
    """
    queries = torch.arange(grid.shape[1], device=grid.mask.device).view(1, -1, 1)
    keys = torch.arange(source_grid.shape[1], device=grid.mask.device).view(1, 1, -1)
    ahead = (source_grid.lengths - grid.lengths).abs().view(-1, 1, 1)
    hears = source_grid.lengths > 0
    real = source_grid.mask.unsqueeze(1) | ~hears.view(-1, 1, 1)
    return ((keys <= queries + ahead) & real).unsqueeze(1), hears


def _sinusoids(at: Tensor, dim: int) -> Tensor:
    """Sines, then cosines, of places that begin at 1, (N,) to (N, D); 0 of place 0."""
    half = dim // 2
    speeds = torch.arange(half, dtype=torch.float, device=at.device)
    speeds = torch.exp(speeds * -(math.log(10000) / max(half - 1, 1)))
    angles = at.float().unsqueeze(1) * speeds
    found = functional.pad(torch.cat([angles.sin(), angles.cos()], dim=1), (0, dim - 2 * half))
    return found * (at > 0).unsqueeze(1)
