"""The options that one conversation model has and another has not, with ranges and defaults."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields
from difflib import get_close_matches
from typing import Any


def _count(default: int) -> Any:
    return field(default=default, metadata={"kind": "a whole number of 1 or more"})


def _width() -> Any:
    return field(default=None, metadata={"kind": "a whole number of 1 or more, or None"})


def _window(default: int | None) -> Any:
    return field(default=default, metadata={"kind": "a whole number of 0 or more, or None"})


def _span(default: int | None) -> Any:
    return field(default=default, metadata={"kind": "a whole number of 1 or more, or None"})


def _share(default: float) -> Any:
    return field(default=default, metadata={"kind": "a number from 0 to below 1"})


def _weight() -> Any:
    return field(default=None, metadata={"kind": "a number of 0 or more, or None"})


def _switch(default: bool) -> Any:
    return field(default=default, metadata={"kind": "True or False"})


def _choice(*names: str) -> Any:
    return field(default=names[0], metadata={"kind": names})


@dataclass(frozen=True)
class MemoryOptions:
    """Options of CMN and ICON.

    Attributes:
        context: How many utterances before the one in question are remembered.
        hops: How often the memories are read.
        l2: Weight of the penalty on weights that is part of the loss. None: 0.001 in ``official``,
            averaged over the weights as released; 0 in ``fixed``, where weight decay is the
            optimiser's.
    """

    context: int = _count(40)
    hops: int = _count(3)
    l2: float | None = _weight()


@dataclass(frozen=True)
class DialogueRNNOptions:
    """Options of DialogueRNN; ``hidden_dim`` is the width of the emotion state.

    Attributes:
        global_dim: Width of the global state; None: 5/3 of ``hidden_dim`` (500 of 300).
        party_dim: Width of a speaker's state; None: the same.
        head_dim: Half the width before the classes; None: ``hidden_dim``.
        attention_dim: Inner width of ``context_attention="concat"``.
        context_attention: How an utterance looks back at global states: ``general``, ``general2``,
            ``simple``, ``dot`` (as wide as a global state), ``concat``.
        listener_state: Whether those who listen change, too.
        emotion_attention: Whether an utterance looks at the emotions of the others at the end.
        recurrent_dropout: Of the states.
    """

    global_dim: int | None = _width()
    party_dim: int | None = _width()
    head_dim: int | None = _width()
    attention_dim: int = _count(100)
    context_attention: str = _choice("general", "general2", "simple", "dot", "concat")
    listener_state: bool = _switch(False)
    emotion_attention: bool = _switch(True)
    recurrent_dropout: float = _share(0.1)


@dataclass(frozen=True)
class DialogueGCNOptions:
    """Options of DialogueGCN; ``hidden_dim`` is the width of one direction of the context.

    Attributes:
        base: What reads the context: ``lstm``, ``gru``, ``dialoguernn`` or ``none`` (a linear
            layer).
        past: How many utterances before itself an utterance hears; None: all.
        future: How many after itself; None: all. A causal model hears none.
        graph_dim: Width of the graph's layers; None: ``hidden_dim``.
        n_bases: Matrices that the relations' weights are combined of.
        nodal_attention: Whether an utterance looks at all others at the end.
        max_length: Longest dialogue of ``official``, whose attention has one row per place.
        global_dim: As DialogueRNN's, for that base; None: 3/2 of ``hidden_dim``.
        party_dim: The same.
        attention_dim: As DialogueRNN's.
        context_attention: As DialogueRNN's.
        listener_state: As DialogueRNN's.
        recurrent_dropout: Of the states of that base.
    """

    base: str = _choice("lstm", "gru", "dialoguernn", "none")
    past: int | None = _window(10)
    future: int | None = _window(10)
    graph_dim: int | None = _width()
    n_bases: int = _count(30)
    nodal_attention: bool = _switch(True)
    max_length: int = _count(110)
    global_dim: int | None = _width()
    party_dim: int | None = _width()
    attention_dim: int = _count(100)
    context_attention: str = _choice("general", "general2", "simple", "dot", "concat")
    listener_state: bool = _switch(False)
    recurrent_dropout: float = _share(0.1)


@dataclass(frozen=True)
class BiGRUOptions:
    """Options of BiGRU.

    Attributes:
        context: How many utterances a forecast looks at, the last one included; None: all there
            have been. Recognition reads the whole dialogue.
        num_layers: Of the GRU.
        speakers: Whether who speaks is read beside the features, one place per speaker.
    """

    context: int | None = _span(10)
    num_layers: int = _count(2)
    speakers: bool = _switch(False)


@dataclass(frozen=True)
class AVEFOptions:
    """Options of AVEF.

    Attributes:
        context: As BiGRU's; the paper reads the present utterance and the one before.
        num_layers: Of the LSTM.
        dense_dim: Width of the layer before the classes; None: twice ``hidden_dim``.
    """

    context: int | None = _span(2)
    num_layers: int = _count(2)
    dense_dim: int | None = _width()


@dataclass(frozen=True)
class DEPOptions:
    """Options of DEP: two roles, the next speaker and all others.

    Attributes:
        context: How many steps a forecast looks at, the last one included; None: all.
        turns: Whether a step is a turn (consecutive utterances of one speaker, averaged) or an
            utterance.
        attention: What becomes of a role's states: ``last`` asks all of them from the last one,
            ``mean`` lets each ask all and averages, ``none`` takes the last one.
        next_speaker: ``given``: who speaks next is known, and roles go by it; ``unknown``: roles
            go by who spoke last.
        num_layers: Of each GRU.
    """

    context: int | None = _span(10)
    turns: bool = _switch(False)
    attention: str = _choice("last", "mean", "none")
    next_speaker: str = _choice("given", "unknown")
    num_layers: int = _count(2)


@dataclass(frozen=True)
class EAMTOptions:
    """Options of EAMT: the next speaker, who spoke to them last, and spectators left out.

    Attributes:
        context: As DEP's.
        turns: As DEP's.
        attention: As DEP's.
        next_speaker: As DEP's.
        num_layers: As DEP's.
    """

    context: int | None = _span(6)
    turns: bool = _switch(True)
    attention: str = _choice("mean", "last", "none")
    next_speaker: str = _choice("given", "unknown")
    num_layers: int = _count(2)


# Model to its options.
OPTIONS: dict[str, type] = {
    "cmn": MemoryOptions,
    "icon": MemoryOptions,
    "dialoguernn": DialogueRNNOptions,
    "dialoguegcn": DialogueGCNOptions,
    "bigru": BiGRUOptions,
    "avef": AVEFOptions,
    "dep": DEPOptions,
    "eamt": EAMTOptions,
}


def require_algorithm(name: Any) -> None:
    """Refuse what is none of the eight.

    Raises:
        ValueError: It names those that are near.
    """
    if name not in OPTIONS:
        raise ValueError(_unknown("algorithm", name, OPTIONS))


def read_options(algorithm: str, given: Mapping[str, Any] | None) -> Any:
    """The options of a model: what is given, and defaults.

    Args:
        algorithm: One of the eight.
        given: By name; None gives the defaults.

    Returns:
        The dataclass of that model.

    Raises:
        ValueError: An option that this model does not have, of another type, or out of its range.

    Example:
        >>> read_options("cmn", {"hops": 2})
        MemoryOptions(context=40, hops=2, l2=None)
    """
    require_algorithm(algorithm)
    kind = OPTIONS[algorithm]
    known = {each.name: each for each in fields(kind)}
    for name, value in (given or {}).items():
        if name not in known:
            raise ValueError(_unknown(f"option of {algorithm}", name, known))
        wanted = known[name].metadata["kind"]
        if not _fits(value, wanted):
            said = wanted if isinstance(wanted, str) else f"one of {', '.join(wanted)}"
            raise ValueError(
                f"option `{name}` of {algorithm}: got {value!r}, expected {said}. Leave it out "
                f"for {known[name].default!r}."
            )
    return kind(**(given or {}))


def as_dict(options: Any) -> dict[str, Any]:
    """Options as they stand in ``config.json``."""
    return asdict(options)


def _fits(value: Any, wanted: str | tuple[str, ...]) -> bool:
    if isinstance(wanted, tuple):
        return value in wanted
    if wanted.startswith("True"):
        return isinstance(value, bool)
    if value is None:
        return wanted.endswith("None")
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return False
    if wanted.startswith("a whole"):
        return isinstance(value, int) and value >= ("1 or more" in wanted)
    return 0 <= value and (value < 1 or "below 1" not in wanted)


def _unknown(what: str, name: Any, known: Iterable[str]) -> str:
    close = get_close_matches(str(name), list(known), n=3)
    meant = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    return f"unknown {what}: got {name!r}, expected one of {', '.join(known) or 'none'}.{meant}"
