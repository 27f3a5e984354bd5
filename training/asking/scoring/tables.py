"""The tables of scores of journals, and what is to be known of each journal."""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from typing import Any

from affecthub.metrics.replies.reading import STATUSES
from affecthub.screen import Section
from affecthub.training.bench.cells import percent, with_interval
from affecthub.training.bench.compare import in_digits

# Scores that are not in [0, 1], and are shown as they are.
_OWN_RANGE = ("cider_d", "spider")

Named = Sequence[tuple[str, Mapping[str, Any]]]


def scores(named: Named) -> Section:
    """Every score of every journal, and beside it what could not be read or asked, and tokens."""
    rows = []
    for name, result in named:
        tokens = result["tokens"]
        beside_it = [
            percent(result["parsing"]["invalid"]),
            result["n_errors"],
            result["n_unanswered"],
            " / ".join(_whole(tokens[key]) for key in ("n_in", "n_out")),
        ]
        for metric, entry in result["scores"].items():
            for score, value in _all_scores(entry):
                shown = _cell(score, value)
                rows.append([name, _called(metric, score), shown, entry["n"], *beside_it])
    columns = ["journal", "score", "value", "clips", "invalid %", "errors", "no line"]
    return Section("Scores", [*columns, "tokens in / out"], rows)


def _called(metric: str, score: str) -> str:
    """A score, with its metric where the name alone does not tell it."""
    plain = {"accuracy", "macro_f1", "macro_precision", "macro_recall", "micro_f1", "goemotions"}
    return f"{metric} {score}" if metric != "emotion_classification" and score in plain else score


def _all_scores(entry: Mapping[str, Any]) -> list[tuple[str, Mapping[str, float]]]:
    """Scores with intervals, and those of the metric that have none."""
    without = entry["details"].get("without_interval", {})
    return [*entry["scores"].items(), *((name, {"value": v}) for name, v in without.items())]


def subsets(named: Named) -> list[Section]:
    """The scores of tiers and of languages; nothing where clips do not differ in them."""
    rows = [
        [name, part, _called(metric, score), _cell(score, value), found["n"]]
        for name, result in named
        for metric, entry in result["scores"].items()
        for part, found in entry["subsets"].items()
        for score, value in found["scores"].items()
        if not (metric == "confidence" and part.startswith("tier"))  # told apart by its scores
    ]
    if not rows:
        return []
    columns = ["journal", "clips of", "score", "value", "clips"]
    return [Section("Scores of parts", columns, rows)]


def readings(named: Named) -> Section:
    """How the answers of every journal were read."""
    rows = []
    for name, result in named:
        parsing = result["parsing"]
        rows.append(
            [
                name,
                result["form"],
                parsing["n"],
                *(percent(parsing[status]) for status in STATUSES),
                _counted(parsing["why"]),
                _counted(parsing["notes"]),
            ]
        )
    columns = ["journal", "form", "answers", *STATUSES, "invalid because", "noted"]
    return Section("How answers were read, % of answers", columns, rows)


def _counted(counts: Mapping[str, int], most: int = 4) -> str:
    said = [f"{' '.join(name.split())} {n:,}" for name, n in list(counts.items())[:most]]
    return ", ".join(said) + (", ..." if len(counts) > most else "")


def comparison(found: Mapping[str, Any]) -> Section:
    """Two journals on the clips of both."""
    one, other = found["names"]
    rows = []
    for metric, entry in found["metrics"].items():
        for number, (score, value) in enumerate(entry["scores"].items()):
            mcnemar = entry.get("mcnemar") if score == "accuracy" and not number else None
            rows.append(
                [
                    _called(metric, score),
                    _cell(score, {"value": value["first"]}),
                    _cell(score, {"value": value["second"]}),
                    _cell(score, value["difference"], sign="+"),
                    in_digits(value.get("p")),
                    in_digits(value.get("p_holm")),
                    in_digits(mcnemar["p"]) if mcnemar else "",
                    entry["n"],
                ]
            )
    columns = ["score", one, other, "difference", "p", "p (Holm)", "McNemar", "clips"]
    left = len(found["only_first"]) + len(found["only_second"])
    title = f"{one} against {other}, on the {found['n_both']:,} clips of both"
    return Section(title + (f"; {left:,} of one alone are left out" if left else ""), columns, rows)


def labels(name: str, result: Mapping[str, Any], n_journals: int) -> list[Section]:
    """Precision, recall and F1 by label, where a metric has labels."""
    whose = f" of {name}" if n_journals > 1 else ""
    return [
        Section(
            f"Labels{whose}: {metric}",
            ["label", "precision", "recall", "F1", "clips"],
            [
                [row["label"], *(percent(row[key]) for key in ("precision", "recall", "f1"))]
                + [row["support"]]
                for row in entry["per_label"]
            ],
        )
        for metric, entry in result["scores"].items()
        if entry["per_label"]
    ]


def facts(named: Named) -> Section:
    """Where the scores come from."""
    rows: list[list[Any]] = []
    for name, result in named:
        rows += [
            [f"{name}: journal", result["journal"]],
            [f"{name}: model", result["model"] or "not said"],
            [f"{name}: prompt", result["prompt"] or "not said"],
            [f"{name}: media", result["media"] or "not said"],
        ]
        if result["extractor"]:
            rows.append([f"{name}: labels taken out by", result["extractor"]])
    first = named[0][1]
    lexicon = first["lexicon"]
    rows += [
        ["lexicon", f"{lexicon['name']} {lexicon['version']}"],
        ["seed", first["seed"]],
        ["affecthub", version("affecthub")],
    ]
    return Section("How it was made", ["", ""], rows)


def notes_on(result: Mapping[str, Any]) -> list[str]:
    """Clips and lines that a score does not speak of, or counts as wrong."""
    notes = []
    if result["n_unanswered"]:
        first = ", ".join(result["unanswered"][:5])
        more = ", ..." if result["n_unanswered"] > 5 else ""
        said = (
            "are not scored (only those asked are)"
            if result["n_clips"] == result["n_lines"]
            else "count as unanswered"
        )
        notes.append(f"{result['n_unanswered']:,} clips have no line and {said}: {first}{more}.")
    if result["n_errors"]:
        notes.append(
            f"{result['n_errors']:,} clips ended in an error and count as unanswered: "
            f"{_counted(result['errors'])}."
        )
    if result["n_unknown"]:
        where = ", ".join(f"{n:,} of split {name}" for name, n in result["elsewhere"].items())
        notes.append(
            f"{result['n_unknown']:,} lines are about other clips and are left out"
            + (f" ({where})." if where else ".")
        )
    if result["matched_by"]:
        notes.append(f"Clips were matched by {result['matched_by']}.")
    if result["tokens"]["n_cut"]:
        notes.append(
            f"{result['tokens']['n_cut']:,} answers were as long as allowed and had no end."
        )
    for metric, entry in result["scores"].items():
        if entry["n_without_reference"]:
            notes.append(
                f"{entry['n_without_reference']:,} clips have no {entry['column']} and are not "
                f"scored by {metric}."
            )
        for score, why in entry["details"].get("unavailable", {}).items():
            notes.append(f"{score} could not be computed: {why}")
    return notes


def _cell(score: str, value: Mapping[str, float], sign: str = "") -> str:
    if score not in _OWN_RANGE:
        return with_interval(value, sign=sign)
    shown = f"{value['value']:{sign}.3f}"
    if "low" not in value:
        return shown
    return f"{shown} [{value['low']:{sign}.3f}, {value['high']:{sign}.3f}]"


def _whole(value: float) -> str:
    return "–" if value != value else f"{value:,.0f}"
