"""What is taken from an encoder: which layers, which tokens, how steps become one vector.

``style="merbench"`` takes what MERBench and the EmotionTalk paper took, to the letter;
``style="clean"``, the default, leaves out what is not the clip: padding, tags, decoder states.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import torch

from affecthub.errors import unknown_name
from affecthub.training.features.names import LEVELS, Level

Style = Literal["clean", "merbench"]
STYLES: tuple[Style, ...] = get_args(Style)

_POOLED: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "mean": lambda steps: steps.mean(dim=0),
    "max": lambda steps: steps.amax(dim=0),
    "first": lambda steps: steps[0],
    "last": lambda steps: steps[-1],
    "mean_std": lambda steps: torch.cat([steps.mean(dim=0), steps.std(dim=0, correction=0)]),
}
POOLINGS = tuple(_POOLED)
_SUMS = ("mean", "sum", "sum_raw")


@dataclass(frozen=True)
class Wanted:
    """What is asked of an encoder; None leaves a choice to its family and the style.

    Args:
        style: ``"clean"`` or ``"merbench"``.
        level: One vector for a clip, or one for each step of it.
        layers: See `combine`; of sound and text.
        pooling: Of `POOLINGS`: how steps become a vector at the level of utterances.
        tokens: What of a picture is taken: ``"sum"`` or ``"mean_raw"`` over all tokens before the
            final norm, ``"mean"`` after it, ``"first"``, ``"pooled"`` or ``"projection"``.
        frames: Evenly spaced pictures of a clip; 0 is all of them.
    """

    style: Style = "clean"
    level: Level = "utterance"
    layers: str | None = None
    pooling: str = "mean"
    tokens: str | None = None
    frames: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is none of the choices.

        Raises:
            ValueError: Names the choice and what it may be.
        """
        if self.style not in STYLES:
            raise unknown_name("style of features", self.style, STYLES)
        if self.level not in LEVELS:
            raise unknown_name("level of features", self.level, LEVELS)
        if self.pooling not in POOLINGS:
            raise unknown_name("pooling", self.pooling, POOLINGS)
        if self.layers is not None:
            parse_layers(self.layers)
        if self.frames is not None and self.frames < 0:
            raise ValueError(f"`frames`: got {self.frames}, expected 0 for all or a number of them")

    @property
    def is_official(self) -> bool:
        """Whether features are those that were published."""
        return self.style == "merbench"


def parse_layers(layers: str) -> tuple[str, int]:
    """Read a rule for layers.

    Returns:
        ``("mean" | "sum" | "sum_raw", how many of the last)`` or ``("one", number)``.

    Raises:
        ValueError: It is no rule.

    Example:
        >>> parse_layers("sum:4"), parse_layers("last"), parse_layers("9")
        (('sum', 4), ('sum', 1), ('one', 9))
    """
    if layers == "last":
        return "sum", 1
    if layers == "raw":
        return "sum_raw", 1
    how, _, count = layers.rpartition(":")
    if count.isascii() and count.isdecimal():
        if not how:
            return "one", int(count)
        if how in _SUMS and int(count):
            return how, int(count)
    raise ValueError(
        f"`layers`: got {layers!r}, expected `last`, `raw` (before the final norm), the number of "
        "a layer (0 is its input), `mean:N`, `sum:N` or `sum_raw:N` of the last N."
    )


def combine(
    layers: str, hidden_states: Sequence[torch.Tensor], last: torch.Tensor, raw: torch.Tensor
) -> torch.Tensor:
    """One tensor out of those of all layers.

    Args:
        layers: ``"last"``, ``"raw"``, the number of a layer, ``"mean:N"``, ``"sum:N"``,
            ``"sum_raw:N"``.
        hidden_states: The input and the output of every layer, each ``(batch, steps, dim)``.
        last: The encoder's own last state, after its final norm if it has one. It stands for the
            last of ``hidden_states``, which transformers 5 records before the norm for encoders
            that normalise first, where 4.x recorded it after.
        raw: The output of the last layer before the final norm, for ``"raw"`` and ``"sum_raw"``.

    Raises:
        ValueError: The encoder has fewer layers.

    Source: MERBench sums the last four hidden states, of ChatGLM2 before the final norm.
    """
    how, count = parse_layers(layers)
    n_layers = len(hidden_states) - 1
    if (how == "one" and count > n_layers) or count > n_layers + 1:
        raise ValueError(f"`layers`: got {layers!r}, but the encoder has {n_layers} layers.")
    if how == "one":
        return last if count == n_layers else hidden_states[count]
    end = raw if how == "sum_raw" else last
    taken = torch.stack([*hidden_states[len(hidden_states) - count : -1], end])
    return taken.mean(dim=0) if how == "mean" else taken.sum(dim=0)


def pooled(steps: torch.Tensor, pooling: str) -> torch.Tensor:
    """One vector out of ``(steps, dim)``, at least one step.

    Example:
        >>> pooled(torch.tensor([[1.0, 4.0], [3.0, 2.0]]), "mean").tolist()
        [2.0, 3.0]
    """
    return _POOLED[pooling](steps)


def pooled_width(width: int, pooling: str) -> int:
    """Numbers in a vector that is pooled of vectors of some width."""
    return 2 * width if pooling == "mean_std" else width
