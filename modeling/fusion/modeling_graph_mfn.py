"""Graph-MFN: a graph over all subsets of the modalities writes the memory."""

from itertools import combinations

import torch
from torch import Tensor, nn

from .configuration_fusion import FusionConfig
from .modeling_grid import Grid, bare_networks
from .modeling_memory import MemoryFusion, with_previous

# Nodes with several modalities, in the order in which they are made; text is 0, sound 1, faces 2.
NODES = ((0, 1), (0, 2), (1, 2), (0, 1, 2))
SINGLES = ((0,), (1,), (2,))


def _parts(node: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The proper subsets of a node, the smaller first."""
    return [part for size in range(1, len(node)) for part in combinations(node, size)]


def _chain(in_dim: int, inner_dim: int, out_dim: int, *more: nn.Module) -> nn.Sequential:
    """Two linear layers without anything between them, as released."""
    return nn.Sequential(
        nn.Linear(in_dim, inner_dim), nn.Sequential(nn.Linear(inner_dim, out_dim)), *more
    )


class DynamicFusionGraph(nn.Module):
    """Each subset of modalities is a node, made of its own subsets, each times an efficacy.

    Args:
        width: Of a node.
        inner_dim: Inside its network.
        registered: Whether the nodes' networks are parameters; else they are buffers.

    Source: CMU-MOSEI and the Dynamic Fusion Graph (Zadeh et al., 2018), section 4; the efficacies
    have no sigmoid, as in the authors' code.
    """

    def __init__(self, width: int, inner_dim: int, *, registered: bool) -> None:
        super().__init__()
        chains = {
            "".join(map(str, node)): _chain(len(_parts(node)) * width, inner_dim, width)
            for node in NODES
        }
        self.networks = nn.ModuleDict(chains)
        n_edges = sum(len(_parts(node)) for node in NODES) + len(NODES) + len(SINGLES)
        self.t_network = _chain((len(NODES) + len(SINGLES)) * width, inner_dim, width)
        self.efficacy_model = _chain(3 * width, inner_dim, width, nn.Linear(width, n_edges))
        if not registered:
            bare_networks(self.networks)

    def forward(self, singles: Tensor) -> Tensor:
        """From the modalities' own nodes, (N, 3, H), to the top of the graph, (N, H)."""
        efficacies = self.efficacy_model(singles.flatten(1)).unsqueeze(-1)
        nodes = dict(zip(SINGLES, singles.unbind(1), strict=True))
        edge = 0
        for node in NODES:
            parts = _parts(node)
            given = torch.stack([nodes[part] for part in parts], dim=1)
            scaled = given * efficacies[:, edge : edge + len(parts)]
            nodes[node] = self.networks["".join(map(str, node))](scaled.flatten(1))
            edge += len(parts)
        top = torch.stack([nodes[part] for part in (*SINGLES, *NODES)], dim=1)
        return self.t_network((top * efficacies[:, edge:]).flatten(1))


class GraphMFNFusion(MemoryFusion):
    """MFN whose memory is written from a graph over the hidden states of two steps.

    Source: CMU-MOSEI and the Dynamic Fusion Graph (Zadeh et al., 2018), section 4.
    Differs: With ``fixed`` the networks of the nodes are parameters, and padding writes nothing. In
    the released code no optimizer sees them and no checkpoint keeps them; ``official`` holds them
    as buffers: not trained, but saved.
    """

    def __init__(self, config: FusionConfig) -> None:
        width = config.hidden_dim
        super().__init__(config, attended_dim=width)
        self.l_transform = nn.Linear(2 * width, width)
        self.a_transform = nn.Linear(2 * width, width)
        self.v_transform = nn.Linear(2 * width, width)
        registered = not config.is_official
        self.graph_mfn = DynamicFusionGraph(width, config.option.inner_dim, registered=registered)
        self.add_output(config)

    def attend(self, hidden: Tensor, cells: Tensor, grid: Grid) -> Tensor:
        """The top of the graph at each real step, (N, H)."""
        states = grid.pack(with_previous(hidden).flatten(2)).unflatten(1, (3, -1))
        layers = (self.l_transform, self.a_transform, self.v_transform)
        pairs = zip(layers, states.unbind(1), strict=True)
        return self.graph_mfn(torch.stack([torch.relu(fc(x)) for fc, x in pairs], dim=1))
