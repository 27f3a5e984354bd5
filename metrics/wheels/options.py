"""The choices a wheel score leaves open, checked in one place."""

from dataclasses import dataclass
from typing import Literal

from affecthub.errors import unknown_name
from affecthub.metrics.lexicon.emotion_lexicon import MAPPINGS, RINGS, MappingRule, Ring

Unknown = Literal["drop", "penalize"]
Neutral = Literal["drop", "keep"]

UNKNOWNS: tuple[Unknown, ...] = ("drop", "penalize")
NEUTRALS: tuple[Neutral, ...] = ("drop", "keep")


@dataclass(frozen=True)
class WheelOptions:
    """How labels become sectors, and what becomes of those that have none.

    Attributes:
        ring: ``"inner"`` (level1 of the published code) or ``"middle"`` (its level2).
        mapping: ``"official"`` pools the wheel words of every reading of a label and takes the
            first that stands on the wheel, as the published code does. ``"composed"`` follows the
            paper's equation 8: the label's base word, that word's synonym, that word's sector.
        unknown: ``"drop"`` leaves a predicted label without a sector out, as the published code
            does. ``"penalize"`` counts each as one wrong sector in precision and in the mscore,
            unless the reference has the same word. Reference labels are left out either way.
        neutral: ``"drop"`` takes neutral labels, and what stands in a wheel's own neutral sector,
            off the wheel. ``"keep"`` gives neutral labels a sector where the wheel has none. None
            leaves them where the lexicon has them: nowhere in the released tables, in a sector of
            their own in the built-in lexicon. A neutral label off the wheel is never penalized.

    Raises:
        ValueError: A value is none of the accepted ones.

    Source: AffectGPT paper (arXiv 2501.16566), section 4, eq. 8, for ``mapping="composed"``.
    """

    ring: Ring = "inner"
    mapping: MappingRule = "official"
    unknown: Unknown = "drop"
    neutral: Neutral | None = None

    def __post_init__(self) -> None:
        """Check every choice."""
        if self.ring not in RINGS:
            raise unknown_name("ring", self.ring, RINGS)
        if self.mapping not in MAPPINGS:
            raise unknown_name("mapping", self.mapping, MAPPINGS)
        if self.unknown not in UNKNOWNS:
            raise unknown_name("unknown", self.unknown, UNKNOWNS)
        if self.neutral is not None and self.neutral not in NEUTRALS:
            raise unknown_name("neutral", self.neutral, NEUTRALS)

    def as_dict(self) -> dict[str, str | None]:
        """The choices as every score carries them."""
        return dict(vars(self))
