"""What a search draws from: MERBench's hyper-parameters of each fusion."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from affecthub.errors import unknown_name
from affecthub.training.fusion.settings import Settings

Space = Mapping[str, Sequence[Any]]

_RATES = (1e-3, 1e-4)
_CLIPS = (0.6, 0.8, 1.0)
_WEIGHTS = (0.0, 0.1, 0.2)
_UTTERANCE = {"hidden_dim": (64, 128, 256), "dropout": (0.2, 0.3, 0.4, 0.5)}
_MEMORY = {
    "hidden_dim": (128, 256),
    "mem_dim": (128,),
    "dropout": (0.0, 0.3, 0.5, 0.7),
    "learning_rate": _RATES,
}
_LITTLE = (0.0, 0.1, 0.2, 0.3)

# Source: MERBench (Lian et al., 2024), ``model-tune.yaml``, as EmotionTalk ships it, whose learning
# rates of MISA are its own.
SPACES: dict[str, Space] = {
    "attention": {**_UTTERANCE, "learning_rate": _RATES},
    "lmf": {
        "hidden_dim": (32, 64, 128, 256),
        "dropout": (0.2, 0.3, 0.4, 0.5),
        "rank": (3, 4, 5, 6),
        "learning_rate": _RATES,
    },
    "tfn": {"hidden_dim": (64, 128), "dropout": _UTTERANCE["dropout"], "learning_rate": _RATES},
    "misa": {
        **_UTTERANCE,
        "sim_weight": _WEIGHTS,
        "diff_weight": _WEIGHTS,
        "recon_weight": _WEIGHTS,
        "clip_value": (-1, 0.8, 1.0),
        "learning_rate": (1e-4, 1e-5),
    },
    "mmim": {
        "hidden_dim": (64, 128, 256),
        "dropout": _LITTLE,
        "cpc_layers": (1, 2, 3, 4),
        "alpha": _WEIGHTS,
        "beta": _WEIGHTS,
        "clip_value": _CLIPS,
        "learning_rate": _RATES,
    },
    "mult": {
        "hidden_dim": (64, 128, 256),
        "layers": (2, 4, 6),
        "num_heads": (8,),
        "dropout": _LITTLE,
        "conv1d_kernel_size": (1, 3),
        "clip_value": _CLIPS,
        "learning_rate": _RATES,
    },
    "mfn": {**_MEMORY, "window_dim": (2,)},
    "graph_mfn": _MEMORY,
    "mfm": {
        **_MEMORY,
        "window_dim": (2,),
        "lda_xl": (0.01, 0.1, 0.5, 1.0),
        "lda_xa": (0.01, 0.1, 0.5, 1.0),
        "lda_xv": (0.01, 0.1, 0.5, 1.0),
        "lda_mmd": (10.0, 50.0, 100.0),
    },
    "mctn": {
        "hidden_dim": (64, 128, 256),
        "dropout": _LITTLE,
        "teacher_forcing_ratio": (0.3, 0.5),
        "loss_weight": (0.1, 0.3, 0.5, 0.8, 1.0),
        "clip_value": _CLIPS,
        "learning_rate": _RATES,
    },
    "unimodal": {**_UTTERANCE, "learning_rate": _RATES},
}

_OF_CONFIG = ("hidden_dim", "dropout")
_OF_SETTINGS = tuple(each.name for each in fields(Settings))


@dataclass(frozen=True)
class Draw:
    """Hyper-parameters out of a space.

    Args:
        number: Which draw it is, from 0.
        config: Fields of the configuration.
        options: Of the algorithm.
        settings: Of the training.
    """

    number: int
    config: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """All of them by name."""
        return {**self.config, **self.options, **self.settings}


def space_of(algorithm: str, changes: Mapping[str, Any] | None = None) -> dict[str, Sequence[Any]]:
    """The published space of an algorithm, with some of its dimensions replaced.

    Args:
        algorithm: One of the ten, or ``unimodal``.
        changes: Name to the values to draw from; one value alone fixes it.

    Raises:
        ValueError: There is no such algorithm, or a dimension has no values.
    """
    if algorithm not in SPACES:
        raise unknown_name("`algorithm`", algorithm, SPACES)
    space = dict(SPACES[algorithm])
    for name, values in (changes or {}).items():
        several = isinstance(values, Sequence) and not isinstance(values, str)
        space[name] = tuple(values) if several else (values,)
        if not space[name]:
            raise ValueError(f"`space.{name}` is empty: expected one value or more.")
    return space


def draw_from(space: Space, n: int, seed: int = 0) -> list[Draw]:
    """Draw hyper-parameters, each dimension by itself and every value as likely.

    Args:
        space: See `space_of`.
        n: How many; the first ones of more are the same.
        seed: Of the draws.

    Example:
        >>> first, second = draw_from(SPACES["lmf"], 2)
        >>> first.config["hidden_dim"] in (32, 64, 128, 256), first.number, second.number
        (True, 0, 1)
    """
    chance = random.Random(seed)
    found = []
    for number in range(n):
        drawn = {name: chance.choice(list(values)) for name, values in space.items()}
        found.append(
            Draw(
                number,
                {name: value for name, value in drawn.items() if name in _OF_CONFIG},
                {
                    name: value
                    for name, value in drawn.items()
                    if name not in (*_OF_CONFIG, *_OF_SETTINGS)
                },
                {name: value for name, value in drawn.items() if name in _OF_SETTINGS},
            )
        )
    return found
