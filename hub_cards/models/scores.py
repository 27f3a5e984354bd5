"""Scores as cards show them: each with its protocol, lexicon, interval, clips, and the floor."""

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from affecthub.hub_cards.models.known import Known
from affecthub.unibench import SETS

# What tables call a score.
NAMES = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "hit_rate": "hit rate",
    "hit_f1": "F1",
    "set_f": "set-F",
    "waf": "weighted F1",
    "acc": "accuracy of the sign",
}
# Shares of clips, whose interval follows from their number.
_SHARES = ("accuracy",)
_WHEELS = ("hit_rate", "hit_f1", "set_f")
Z = 1.959964


@dataclass(frozen=True)
class Score:
    """One number of a card.

    Attributes:
        test: What was tested on: a corpus, or a set of MER-UniBench.
        key: Of the score, as its metric calls it.
        value: In [0, 1], higher is better.
        low: Lower end of the 95 % interval; None without one.
        high: Upper end.
        n_clips: How many clips were scored.
        protocol: Which clips, or how the checkpoint was chosen.
        lexicon: Name and version; empty of a score that asks none.
        floor: What guessing scores on the same clips, by its name.
    """

    test: str
    key: str
    value: float
    low: float | None
    high: float | None
    n_clips: int
    protocol: str
    lexicon: str
    floor: dict[str, float]

    @property
    def name(self) -> str:
        """The score in words."""
        return NAMES.get(self.key, self.key)

    @property
    def how(self) -> str:
        """Protocol, lexicon, interval and clips in a line, in per cent."""
        lexicon = [f"lexicon {self.lexicon}"] if self.lexicon else []
        return "; ".join([f"protocol {self.protocol}", *lexicon, self.interval, self.clips])

    @property
    def interval(self) -> str:
        """The interval in words."""
        if self.low is None or self.high is None:
            return "no interval"
        return f"95 % interval {percent(self.low)} to {percent(self.high)}"

    @property
    def clips(self) -> str:
        """The number of clips in words."""
        return f"{self.n_clips:,} clips"


def percent(value: float) -> str:
    """A share as per cent with two digits.

    Example:
        >>> percent(0.78538)
        '78.54'
    """
    return f"{100 * value:.2f}"


def run_scores(known: Known) -> list[Score]:
    """The scores of a run on its protocol's own test clips."""
    said = _after(known.scores)
    if not said:
        return []
    corpus = known.recipe.get("corpus", "")
    protocol = Path(str(known.recipe.get("protocol") or "")).name  # of a split file its name
    lexicon = _lexicon(known.scores.get("lexicon"))
    intervals = known.scores.get("intervals") or {}
    majority = known.scores.get("majority") or {}
    found = []
    for key in NAMES:
        if not _is_number(said.get(key)):
            continue
        n, value = int(said.get("n", 0)), float(said[key])
        low, high = intervals.get(key) or (_wilson(value, n) if key in _SHARES else (None, None))
        floor = {"majority": float(majority[key])} if _is_number(majority.get(key)) else {}
        used = lexicon if key in _WHEELS else ""
        found.append(Score(corpus, key, value, low, high, n, protocol, used, floor))
    return found


def bench_scores(known: Known) -> list[Score]:
    """The scores of ``affecthub bench``: the primary one of each set."""
    result = known.bench
    if not result:
        return []
    lexicon, protocol = _lexicon(result.get("lexicon")), result.get("protocol", "")
    found = []
    for name, entry in result["sets"].items():
        key = next(iter(entry["scores"]))
        score = entry["scores"][key]
        if not _is_number(score.get("value")):
            continue
        floor = {
            kind: float(sets[name][key])
            for kind, sets in (result.get("floors") or {}).items()
            if _is_number((sets.get(name) or {}).get(key))
        }
        low, high = _ends(score)
        n = entry["n_clips"]
        found.append(Score(name, key, score["value"], low, high, n, protocol, lexicon, floor))
    return found


def whole_mean(known: Known) -> Score | None:
    """The mean over all nine sets; None where a set is missing or not scored on all its clips."""
    result = known.bench
    if not result or result.get("partial") or len(result["sets"]) != len(SETS):
        return None
    if any(entry["n_clips"] != entry["n_expected"] for entry in result["sets"].values()):
        return None
    mean = result["mean"]
    low, high = _ends(mean)
    n = sum(entry["n_clips"] for entry in result["sets"].values())
    lexicon = _lexicon(result.get("lexicon"))
    return Score("mean", "mean", mean["value"], low, high, n, result["protocol"], lexicon, {})


def _ends(score: dict[str, Any]) -> tuple[float | None, float | None]:
    """The interval of a score, where it has one."""
    return (score["low"], score["high"]) if _is_number(score.get("low")) else (None, None)


def _after(scores: dict[str, Any]) -> dict[str, Any]:
    """The scores of a run; of one that reinforced those after it."""
    found = scores.get("scores") or scores.get("after") or {}
    return found if isinstance(found, dict) else {}


def _lexicon(identity: Any) -> str:
    if not isinstance(identity, dict):
        return ""
    return f"{identity.get('name', '')} {identity.get('version', '')}".strip()


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _wilson(share: float, n: int) -> tuple[float | None, float | None]:
    """The 95 % interval of a share of n clips. Source: Wilson, 1927.

    Example:
        >>> [round(end, 3) for end in _wilson(0.5, 100)]
        [0.404, 0.596]
    """
    if n == 0:
        return None, None
    middle = (share + Z * Z / (2 * n)) / (1 + Z * Z / n)
    half = Z / (1 + Z * Z / n) * math.sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
    return max(0.0, middle - half), min(1.0, middle + half)
