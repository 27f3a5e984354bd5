"""What the cells of every table say: names of scores, per cent, intervals."""

from collections.abc import Mapping

# Name of the files of an evaluation.
STEM = "bench"
# What tables call a score.
HEADS = {
    "hit_rate": "hit rate",
    "hit_f1": "F1",
    "hit_precision": "precision",
    "waf": "WAF",
    "acc": "ACC",
    "set_f": "set-F",
    "set_precision": "set-P",
    "set_recall": "set-R",
}


def percent(value: float | None, *, sign: str = "") -> str:
    """A share as per cent with two digits; empty where there is none.

    Example:
        >>> percent(0.78538), percent(0.02, sign="+"), percent(None)
        ('78.54', '+2.00', '')
    """
    return "" if value is None or value != value else f"{100 * value:{sign}.2f}"


def with_interval(score: Mapping[str, float], *, sign: str = "") -> str:
    """A score with its interval, where it has one.

    Example:
        >>> with_interval({"value": 0.5, "low": 0.4, "high": 0.61})
        '50.00 [40.00, 61.00]'
    """
    value = percent(score["value"], sign=sign)
    if "low" not in score or score["low"] != score["low"]:
        return value
    return f"{value} [{percent(score['low'], sign=sign)}, {percent(score['high'], sign=sign)}]"
