"""The graph of a dialogue as dense matrices: who hears whom, by which relation, how strongly.

Row i, column j of a matrix is about what utterance i takes from utterance j.
"""

from functools import cache

import torch
from torch import Tensor, nn

from .modeling_dialogues import on_utterances


def edges(mask: Tensor, past: int | None, future: int | None) -> Tensor:
    """Whether utterance j lies in the window of utterance i.

    Args:
        mask: Booleans of shape (B, L).
        past: How many before i; None: all.
        future: How many after i; None: all.

    Returns:
        Booleans of shape (B, L, L). Every place lies in its own window, padding too, so that no
        row is empty.
    """
    here = torch.arange(mask.shape[1], device=mask.device)
    ahead = here[None, :] - here[:, None]
    near = torch.ones_like(ahead, dtype=torch.bool)
    if past is not None:
        near &= ahead >= -past
    if future is not None:
        near &= ahead <= future
    return (near & mask[:, :, None] & mask[:, None, :]) | (ahead == 0)


def relations(speakers: Tensor, n_speakers: int, official: bool) -> Tensor:
    """The number of the relation by which i takes from j.

    Args:
        speakers: Of shape (B, L).
        n_speakers: P; there are 2 P^2 relations.
        official: Whether numbers collide from eleven speakers on, as in the released table, whose
            keys are digits written side by side.

    Returns:
        Whole numbers of shape (B, L, L): both speakers, and whether j is later than i.
    """
    here = torch.arange(speakers.shape[1], device=speakers.device)
    not_later = (here[:, None] >= here[None, :]).long()
    pairs = speakers[:, :, None] * n_speakers + speakers[:, None, :]
    numbers = 2 * pairs + not_later
    if official and n_speakers > 10:
        return torch.tensor(_colliding(n_speakers), device=speakers.device)[numbers]
    return numbers


@cache
def _colliding(n_speakers: int) -> list[int]:
    """The released numbers, in the order of ours."""
    every = [
        f"{i}{j}{later}" for i in range(n_speakers) for j in range(n_speakers) for later in (0, 1)
    ]
    table: dict[str, int] = {}
    for key in every:
        table[key] = len(table)
    return [table[key] for key in every]


class RelationalLayer(nn.Module):
    """Messages weighed by edge and turned by relation: sum_j a_ij W_r(i,j) x_j + W x_i + b.

    The relations' matrices are combined of a few; whichever are fewer are multiplied out.
    """

    def __init__(self, input_dim: int, output_dim: int, n_relations: int, n_bases: int) -> None:
        super().__init__()
        self.basis = nn.Parameter(torch.empty(n_bases, input_dim, output_dim))
        self.att = nn.Parameter(torch.empty(n_relations, n_bases))
        self.root = nn.Parameter(torch.empty(input_dim, output_dim))
        self.bias = nn.Parameter(torch.empty(output_dim))
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start as the released layer does."""
        bound = (self.basis.shape[0] * self.basis.shape[1]) ** -0.5
        for weight in (self.basis, self.att, self.root, self.bias):
            nn.init.uniform_(weight, -bound, bound)

    def forward(self, nodes: Tensor, mask: Tensor, weights: Tensor, numbers: Tensor) -> Tensor:
        """Nodes (B, L, D), weights (B, L, L) and relations (B, L, L) to (B, L, output_dim)."""
        n_relations, n_bases = self.att.shape
        if n_relations <= n_bases:
            matrices = torch.einsum("rb,bio->rio", self.att, self.basis)
            which = torch.arange(n_relations, device=nodes.device)
            shares = (numbers[..., None] == which) * weights[..., None]
        else:
            matrices = self.basis
            shares = self.att[numbers] * weights[..., None]
        count, width = len(matrices), self.root.shape[1]
        every = torch.cat([matrices.transpose(0, 1).flatten(1), self.root], 1)
        turned, own = on_utterances(nodes, mask, every).split([count * width, width], -1)
        turned = turned.reshape(len(nodes), -1, width)
        return shares.flatten(2) @ turned + own + self.bias


class SumLayer(nn.Module):
    """Messages added up: sum_j W x_j over the window, and W' x_i + b."""

    def __init__(self, input_dim: int, output_dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(input_dim, output_dim))
        self.lin = nn.Linear(input_dim, output_dim)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        """Start as the released layer does."""
        bound = self.weight.shape[0] ** -0.5
        nn.init.uniform_(self.weight, -bound, bound)

    def forward(self, nodes: Tensor, heard: Tensor) -> Tensor:
        """Nodes (B, L, D) and who hears whom (B, L, L) to (B, L, output_dim)."""
        return heard.to(nodes.dtype) @ (nodes @ self.weight) + self.lin(nodes)


class RowAttention(nn.Module):
    """The released weights of edges: row i of a matrix scores every neighbour of i.

    So they depend on the place of an utterance and not on what it says, and there are no more
    places than rows.
    """

    def __init__(self, dim: int, max_length: int) -> None:
        super().__init__()
        self.scalar = nn.Linear(dim, max_length, bias=False)

    def forward(self, nodes: Tensor, heard: Tensor) -> Tensor:
        """Weights of shape (B, L, L) that add up to 1 over j."""
        length = nodes.shape[1]
        if length > self.scalar.out_features:
            raise ValueError(
                f"dialogues are too long for the released DialogueGCN: got {length} utterances, "
                f"expected at most {self.scalar.out_features}, its `max_length`. "
                "fidelity='fixed' reads any."
            )
        shares = self.scalar(nodes).softmax(1)[..., :length].transpose(1, 2)
        shares = shares * torch.full_like(shares, 1e-10).masked_fill(heard, 1.0)
        return shares / shares.sum(-1, keepdim=True) * heard


class PairAttention(nn.Module):
    """The paper's weights of edges: softmax over the window of g_i^T W g_j (its equation 1)."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.pair = nn.Linear(dim, dim, bias=False)

    def forward(self, nodes: Tensor, heard: Tensor) -> Tensor:
        """Weights of shape (B, L, L) that add up to 1 over j."""
        scores = self.pair(nodes) @ nodes.transpose(1, 2)
        return scores.masked_fill(~heard, float("-inf")).softmax(-1)
