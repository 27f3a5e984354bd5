"""Tables 4 and 5: rows of models that were asked and not trained, from what journals scored."""

from collections.abc import Mapping, Sequence
from typing import Any

from affecthub.metrics.replies.reading import STATUSES
from affecthub.screen import Section
from affecthub.training.bench.cells import percent
from affecthub.training.bench.emotiontalk.paper import paper_table
from affecthub.training.bench.emotiontalk.trained import Row, own_row
from affecthub.training.captioning.kinds import COLUMNS, kind_in

ASKED = "asked"
FUSIONS, CAPTIONS = 4, 5
# Our name of a score, and that of journals.
_SCORES = {"acc": "accuracy", "waf": "weighted_f1", "uar": "uar", "macro_f1": "macro_f1"}


def table_of(journal: Mapping[str, Any]) -> int:
    """The table that a journal's answers belong to: 4 for single labels, 5 for captions.

    Args:
        journal: ``name``, and what `affecthub.training.asking.scoring.scored.score_journal` gives.

    Raises:
        ValueError: They are something else, or captions of no kind that the paper has.
    """
    return _place(journal)[0]


def asked_rows(journals: Sequence[Mapping[str, Any]]) -> dict[int, list[Row]]:
    """A row for each journal, under its name.

    Args:
        journals: As for `table_of`.

    Returns:
        Table to rows like those of `own_row`, of ``kind`` "asked". One run has no deviation.
    """
    found: dict[int, list[Row]] = {}
    for journal in journals:
        number, group, column = _place(journal)
        row = own_row(paper_table(number), group, journal["name"]) | {"kind": ASKED}
        if number == FUSIONS:
            scored = journal["scores"]["emotion_classification"]
            scores = {ours: scored["scores"][theirs]["value"] for ours, theirs in _SCORES.items()}
        else:
            scored = journal["scores"]["speaking_style_caption"]
            scores = {name: score["value"] for name, score in scored["scores"].items()}
            scores |= scored["details"]["without_interval"]
            row["unavailable"] = dict(scored["details"]["unavailable"])
        here = {name: {"mean": value, "sd": None} for name, value in scores.items()}
        row["cells"][column]["here"] = here | {"n": scored["n"], "n_runs": 1}
        found.setdefault(number, []).append(row)
    return found


def journals_section(journals: Sequence[Mapping[str, Any]]) -> Section:
    """Which model each journal is of, and how its answers were read."""
    rows = []
    for journal in journals:
        parsing = journal["parsing"]
        said = [f"{status} {percent(parsing[status])}" for status in STATUSES if parsing[status]]
        rows.append(
            [
                journal["name"],
                journal["model"],
                journal["prompt"],
                journal["media"],
                f"{journal['n_answered']:,} of {journal['n_clips']:,}",
                ", ".join(said),
            ]
        )
    columns = ["journal", "model", "prompt", "media", "answered", "read as, per cent"]
    return Section("Models that were asked", columns, rows)


def _place(journal: Mapping[str, Any]) -> tuple[int, str, str]:
    """Table, group of rows and column of a journal's scores; the clips' own labels are seven."""
    scores = journal["scores"]
    if "emotion_classification" in scores:
        return FUSIONS, ASKED, "multimodal_seven"
    if "speaking_style_caption" not in scores:
        raise ValueError(
            f"{journal['journal']} has answers of no table: got the form {journal['form']}, scored "
            f"by {', '.join(scores)}; expected one label of seven for Table 4, or captions for "
            "Table 5."
        )
    column = scores["speaking_style_caption"]["column"]
    kind = kind_in(column)
    if kind is None:
        raise ValueError(
            f"{journal['journal']} is about {column}: expected one of the four kinds of captions, "
            f"{', '.join(COLUMNS)}."
        )
    return CAPTIONS, kind, "test"
