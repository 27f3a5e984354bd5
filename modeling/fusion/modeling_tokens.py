"""One transformer layer over a handful of vectors, in a form that torch.func can batch."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional


class SelfAttention(nn.Module):
    """Attention of several heads, with the weights' names of ``torch.nn.MultiheadAttention``."""

    def __init__(self, width: int, heads: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * width))
        self.out_proj = nn.Linear(width, width)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """As torch's."""
        nn.init.xavier_uniform_(self.in_proj_weight)
        nn.init.zeros_(self.in_proj_bias)
        nn.init.zeros_(self.out_proj.bias)

    def forward(self, x: Tensor, absent: Tensor | None) -> Tensor:
        """From (B, N, H) and absent ones, (B, N) bool, to (B, N, H)."""
        mixed = functional.linear(x, self.in_proj_weight, self.in_proj_bias)
        query, key, value = mixed.unflatten(2, (3, self.heads, -1)).permute(2, 0, 3, 1, 4)
        scores = torch.matmul(query, key.transpose(2, 3)) / math.sqrt(query.shape[-1])
        if absent is not None:
            lowest = torch.finfo(scores.dtype).min
            scores = scores.masked_fill(absent[:, None, None, :], lowest)
        weights = functional.dropout(scores.softmax(dim=-1), self.dropout, self.training)
        return self.out_proj(torch.matmul(weights, value).transpose(1, 2).flatten(2))


class TokenLayer(nn.Module):
    """Attention and feed-forward, each added and then normalised."""

    def __init__(self, width: int, heads: int, inner: int, dropout: float) -> None:
        super().__init__()
        self.self_attn = SelfAttention(width, heads, dropout)
        self.linear1 = nn.Linear(width, inner)
        self.linear2 = nn.Linear(inner, width)
        self.norm1 = nn.LayerNorm(width)
        self.norm2 = nn.LayerNorm(width)
        self.drop = nn.Dropout(dropout)

    def forward(self, x: Tensor, absent: Tensor | None) -> Tensor:
        """From (B, N, H) to (B, N, H)."""
        x = self.norm1(x + self.drop(self.self_attn(x, absent)))
        inner = self.linear2(self.drop(torch.relu(self.linear1(x))))
        return self.norm2(x + self.drop(inner))


class TokenLayers(nn.Module):
    """Layers one after another."""

    def __init__(self, *layers: TokenLayer) -> None:
        super().__init__()
        self.layers = nn.ModuleList(layers)

    def forward(self, x: Tensor, absent: Tensor | None) -> Tensor:
        """From (B, N, H) to (B, N, H)."""
        for layer in self.layers:
            x = layer(x, absent)
        return x
