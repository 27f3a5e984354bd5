"""Pictures of corpora, answers and scores, in one look.

Every function takes plain values (rows, lists, what a metric returned), draws on `ax` or on a new
figure, and returns the ``matplotlib.axes.Axes``, which is yours to title and save. Colours can be
told apart by the colour-blind, shades of one colour also in grey print. Nothing here needs a
screen, and matplotlib's settings stay as you have them.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from affecthub.plots.distribution import label_distribution as label_distribution
    from affecthub.plots.heat_maps import agreement_map as agreement_map
    from affecthub.plots.heat_maps import confusion_matrix as confusion_matrix
    from affecthub.plots.reliability import reliability_curve as reliability_curve
    from affecthub.plots.track import emotion_track as emotion_track
    from affecthub.plots.wheel import emotion_wheel as emotion_wheel

_WHERE = {
    "label_distribution": "distribution",
    "confusion_matrix": "heat_maps",
    "agreement_map": "heat_maps",
    "emotion_wheel": "wheel",
    "reliability_curve": "reliability",
    "emotion_track": "track",
}

__all__ = list(_WHERE)


def __getattr__(name: str) -> Any:
    """Import what draws a picture when it is asked for."""
    if name in _WHERE:
        return getattr(import_module(f"affecthub.plots.{_WHERE[name]}"), name)
    raise AttributeError(f"module 'affecthub.plots' has no attribute {name!r}")


def __dir__() -> list[str]:
    """Names that tab completion shows."""
    return sorted(__all__)
