"""The options that one fusion has and another has not, with their ranges and defaults."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from difflib import get_close_matches
from typing import Any


def _count(default: int) -> Any:
    return field(default=default, metadata={"kind": "a whole number of 1 or more"})


def _weight(default: float) -> Any:
    return field(default=default, metadata={"kind": "a number of 0 or more"})


def _share(default: float) -> Any:
    return field(default=default, metadata={"kind": "a number from 0 to 1"})


def _switch() -> Any:
    return field(default=None, metadata={"kind": "True, False or None"})


def _choice(default: str, known: tuple[str, ...]) -> Any:
    return field(default=default, metadata={"kind": f"one of {', '.join(known)}", "known": known})


@dataclass(frozen=True)
class AttentionOptions:
    """Attention has none."""


@dataclass(frozen=True)
class TFNOptions:
    """TFN has none."""


@dataclass(frozen=True)
class LMFOptions:
    """Options of LMF.

    Attributes:
        rank: How many products of factors the tensor is made of.
    """

    rank: int = _count(4)


@dataclass(frozen=True)
class MISAOptions:
    """Options of MISA.

    Attributes:
        sim_weight: Of the distance between the shared spaces (central moments).
        diff_weight: Of what private and shared spaces have in common.
        recon_weight: Of the error of building a modality again from both.
        transformer_dropout: Inside the layer over the six vectors.
        transformer_heads: Of its attention; must divide the width.
        transformer_dim: Width inside its feed-forward.
    """

    sim_weight: float = _weight(0.1)
    diff_weight: float = _weight(0.1)
    recon_weight: float = _weight(0.1)
    transformer_dropout: float = _share(0.1)
    transformer_heads: int = _count(2)
    transformer_dim: int = _count(2048)


@dataclass(frozen=True)
class MMIMOptions:
    """Options of MMIM.

    Attributes:
        cpc_layers: Linear layers of the net that predicts a modality from the fusion.
        alpha: Weight of that contrast over the batch.
        beta: Weight of the likelihood of sound and faces given the text.
    """

    cpc_layers: int = _count(1)
    alpha: float = _weight(0.1)
    beta: float = _weight(0.1)


@dataclass(frozen=True)
class MulTOptions:
    """Options of MulT.

    Attributes:
        layers: Of each crossmodal encoder.
        num_heads: Of its attention; must divide the width.
        conv1d_kernel_size: Steps that the first convolution sees.
        positions: Whether steps know where they stand; None is what the fidelity says.
    """

    layers: int = _count(4)
    num_heads: int = _count(8)
    conv1d_kernel_size: int = _count(1)
    positions: bool | None = _switch()


@dataclass(frozen=True)
class MFNOptions:
    """Options of MFN.

    Attributes:
        mem_dim: Width of the memory.
        window_dim: Steps that the attention looks at: 2, this one and the one before.
    """

    mem_dim: int = _count(128)
    window_dim: int = _count(2)


@dataclass(frozen=True)
class GraphMFNOptions:
    """Options of Graph-MFN.

    Attributes:
        mem_dim: Width of the memory.
        inner_dim: Width inside the networks of the graph.
    """

    mem_dim: int = _count(128)
    inner_dim: int = _count(100)


@dataclass(frozen=True)
class MFMOptions:
    """Options of MFM.

    Attributes:
        mem_dim: Width of the memory of its MFN.
        window_dim: As in MFN.
        lda_xl: Weight of building the text again.
        lda_xa: Weight of building the sound again.
        lda_xv: Weight of building the faces again.
        lda_mmd: Weight of the distance of the factors from a normal distribution.
    """

    mem_dim: int = _count(128)
    window_dim: int = _count(2)
    lda_xl: float = _weight(0.1)
    lda_xa: float = _weight(0.1)
    lda_xv: float = _weight(0.1)
    lda_mmd: float = _weight(10.0)


@dataclass(frozen=True)
class MCTNOptions:
    """Options of MCTN.

    Attributes:
        teacher_forcing_ratio: How often a step is decoded from the true one before it.
        loss_weight: Of the translations.
    """

    teacher_forcing_ratio: float = _share(0.5)
    loss_weight: float = _weight(0.3)


@dataclass(frozen=True)
class UnimodalOptions:
    """Options of one modality alone.

    Attributes:
        modality: Which one.
        pooling: How steps become one vector: their mean (``mlp``), or ``attention`` over them.
    """

    modality: str = _choice("text", ("audio", "text", "vision"))
    pooling: str = _choice("mlp", ("mlp", "attention"))


OPTIONS: dict[str, type] = {
    "attention": AttentionOptions,
    "lmf": LMFOptions,
    "tfn": TFNOptions,
    "misa": MISAOptions,
    "mmim": MMIMOptions,
    "mult": MulTOptions,
    "mfn": MFNOptions,
    "graph_mfn": GraphMFNOptions,
    "mfm": MFMOptions,
    "mctn": MCTNOptions,
    "unimodal": UnimodalOptions,
}
# They read a sequence step by step; the others one vector per clip and modality.
SEQUENCE_ALGORITHMS = ("mult", "mfn", "graph_mfn", "mfm", "mctn")


def require_algorithm(name: str) -> None:
    """Refuse a name that is no fusion.

    Raises:
        ValueError: It is not one of the ten, and not ``unimodal``.
    """
    if name not in OPTIONS:
        raise ValueError(_unknown("`algorithm`", name, OPTIONS))


def read_options(algorithm: str, given: Mapping[str, Any] | None) -> Any:
    """The options of a fusion: what is given, and defaults.

    Args:
        algorithm: One of the ten.
        given: By name; None gives the defaults.

    Returns:
        The dataclass of that fusion.

    Raises:
        ValueError: An option that this fusion does not have, of another type, or out of its range.

    Example:
        >>> read_options("lmf", {"rank": 3})
        LMFOptions(rank=3)
    """
    require_algorithm(algorithm)
    kind = OPTIONS[algorithm]
    known = {each.name: each for each in fields(kind)}
    for name, value in (given or {}).items():
        if name not in known:
            raise ValueError(_unknown(f"option of {algorithm}", name, known))
        wanted = known[name].metadata["kind"]
        choices = known[name].metadata.get("known")
        if not (value in choices if choices else _fits(value, wanted)):
            raise ValueError(
                f"option `{name}` of {algorithm}: got {value!r}, expected {wanted}. Leave it out "
                f"for {known[name].default!r}."
            )
    return kind(**(given or {}))


def as_dict(options: Any) -> dict[str, Any]:
    """Options as they stand in ``config.json``."""
    return asdict(options)


def _fits(value: Any, wanted: str) -> bool:
    if wanted.startswith("True"):
        return value is None or isinstance(value, bool)
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    if wanted.startswith("a whole"):
        return isinstance(value, int) and value >= 1
    return value >= 0 and (value <= 1 or not wanted.endswith("to 1"))


def _unknown(what: str, name: Any, known: Any) -> str:
    close = get_close_matches(str(name), list(known), n=3)
    meant = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    return f"unknown {what}: got {name!r}, expected one of {', '.join(known) or 'none'}.{meant}"
