"""Whether a wheel score may stand beside published ones, and what speaks against it."""

from typing import Any

from affecthub.metrics.lexicon.emotion_lexicon import Lexicon
from affecthub.metrics.lexicon.released import released_versions
from affecthub.metrics.wheels.options import WheelOptions


def beside_published(lexicon: Lexicon, options: WheelOptions) -> dict[str, Any]:
    """What every wheel score says of itself beside the published ones.

    Args:
        lexicon: What placed the labels.
        options: How it did.

    Returns:
        ``comparable``, whether a score made like this may stand beside published hit rates and
        set-F on the inner ring; ``because``, what speaks against it, one text each, empty where
        nothing does.

    Example:
        >>> from affecthub.metrics.lexicon.loading import load_lexicon
        >>> said = beside_published(load_lexicon(), WheelOptions(ring="middle", neutral="drop"))
        >>> said["comparable"], [reason.partition(":")[0] for reason in said["because"]]
        (False, ['lexicon', 'ring'])
    """
    reasons = []
    releases = released_versions()
    if lexicon.version not in releases.values():
        reasons.append(
            f"lexicon: {lexicon.name} {lexicon.version}; published scores are made with the tables "
            f"of {' or '.join(releases)}"
        )
    if options.ring != "inner":
        reasons.append(
            f"ring: {options.ring}; published scores are on the inner ring, those of MER2025 the "
            "mean of both"
        )
    if options.mapping != "official":
        reasons.append(f"mapping: {options.mapping}; published scores are made with the official")
    if options.unknown != "drop":
        reasons.append(f"unknown: {options.unknown}; published scores leave unknown labels out")
    has_neutral = any(wheel.neutral is not None for wheel in lexicon.wheels)
    if options.neutral == "keep" or (options.neutral is None and has_neutral):
        reasons.append("neutral: scored; published scores have no place for it")
    return {"comparable": not reasons, "because": reasons}
