"""How an utterance looks at others: over the states so far, and over the whole dialogue."""

import torch
from torch import Tensor, nn

from .modeling_dialogues import on_utterances


class SimpleAttention(nn.Module):
    """Scores that depend on the memory alone: w m."""

    def __init__(self, memory_dim: int) -> None:
        super().__init__()
        self.scalar = nn.Linear(memory_dim, 1, bias=False)

    def ask(self, queries: Tensor) -> Tensor:
        """Nothing is asked."""
        return queries

    def scores(self, memory: Tensor, asked: Tensor) -> Tensor:
        """Of each memory of shape (B, T, M): (B, T)."""
        return self.scalar(memory)[..., 0]


class MatchingAttention(nn.Module):
    """Scores of memories against a query.

    Args:
        memory_dim: Width of a memory.
        query_dim: Width of a query.
        kind: ``general`` (q^T W m), ``general2`` (with a bias), ``dot`` or ``concat``.
        inner_dim: Width inside ``concat``.
    """

    def __init__(self, memory_dim: int, query_dim: int, kind: str, inner_dim: int = 100) -> None:
        super().__init__()
        self.kind = kind
        if kind == "dot" and memory_dim != query_dim:
            raise ValueError(
                f"`context_attention` does not fit: got 'dot' of widths {memory_dim} and "
                f"{query_dim}, expected equal ones. Take 'general'."
            )
        if kind in ("general", "general2"):
            self.transform = nn.Linear(query_dim, memory_dim, bias=kind == "general2")
        elif kind == "concat":
            self.transform = nn.Linear(query_dim + memory_dim, inner_dim, bias=False)
            self.vector_prod = nn.Linear(inner_dim, 1, bias=False)

    def ask(self, queries: Tensor) -> Tensor:
        """The part that depends on queries of shape (..., Q) alone, made for all at once."""
        if self.kind == "concat":
            memory_dim = self.transform.in_features - queries.shape[-1]
            return queries @ self.transform.weight[:, memory_dim:].T
        return queries if self.kind == "dot" else self.transform(queries)

    def scores(self, memory: Tensor, asked: Tensor) -> Tensor:
        """Of each memory of shape (B, T, M) for what :meth:`ask` made of a query each: (B, T)."""
        if self.kind != "concat":
            return (memory @ asked[:, :, None])[..., 0]
        memory_dim = memory.shape[-1]
        inner = memory @ self.transform.weight[:, :memory_dim].T + asked[:, None]
        return self.vector_prod(inner.tanh())[..., 0]


class DialogueAttention(nn.Module):
    """Each utterance looks at all of its dialogue, or at what came before: softmax of x^T(W m + b).

    Args:
        dim: Width of an utterance's state.
        official: Whether scores in the padding count as 0 in the softmax before they are left out,
            as released; the weights are the same unless numbers run out.
        squash: Whether scores go through tanh, as DialogueGCN released them, which leaves them
            nearly alike.
        causal: Whether only what came before is looked at, and the utterance itself.
    """

    def __init__(self, dim: int, *, official: bool, squash: bool, causal: bool) -> None:
        super().__init__()
        self.transform = nn.Linear(dim, dim)
        self.official, self.squash, self.causal = official, squash, causal

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        """States of shape (B, L, dim) and their mask (B, L) to what each looked at, (B, L, dim)."""
        asked = on_utterances(states, mask, self.transform.weight.T, self.transform.bias)
        scores = asked @ states.transpose(1, 2)
        seen = mask[:, None, :].expand_as(scores)
        if self.causal:
            seen = seen & torch.ones_like(scores[0], dtype=torch.bool).tril()
        if self.official:
            scores = scores * seen
            scores = scores.tanh() if self.squash else scores
            weights = scores.softmax(-1) * seen
            return weights / weights.sum(-1, keepdim=True) @ states
        return scores.masked_fill(~seen, float("-inf")).softmax(-1) @ states
