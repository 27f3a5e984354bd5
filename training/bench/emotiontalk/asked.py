"""Tables 4 and 5: rows of models that were asked and not trained, from what journals scored."""

from collections.abc import Mapping, Sequence
from typing import Any

from affecthub.metrics.replies.reading import STATUSES
from affecthub.screen import Section
from affecthub.training.bench.cells import percent
from affecthub.training.bench.emotiontalk.paper import paper_table
from affecthub.training.bench.emotiontalk.trained import Row, own_row
from affecthub.training.captioning.kinds import COLUMNS

ASKED = "asked"
FUSIONS, CAPTIONS = 4, 5
_TABLES = {"emotion_classification": FUSIONS, "speaking_style_caption": CAPTIONS}
# Our name of a score, and that of journals.
_SCORES = {"acc": "accuracy", "waf": "weighted_f1", "uar": "uar", "macro_f1": "macro_f1"}
# The clips' labels, which models are asked for as they are: seven.
_COLUMN = "multimodal_seven"


def table_of(journal: Mapping[str, Any]) -> int:
    """The table that a journal's answers belong to: 4 for single labels, 5 for captions.

    Args:
        journal: ``name``, and what `affecthub.training.asking.scoring.scored.score_journal` gives.

    Raises:
        ValueError: They are something else, or captions of no kind that the paper has.
    """
    table = next((n for metric, n in _TABLES.items() if metric in journal["scores"]), None)
    if table is None:
        raise ValueError(
            f"{journal['journal']} has answers of no table: got the form {journal['form']}, scored "
            f"by {', '.join(journal['scores'])}; expected one label of seven for Table 4, or "
            "captions for Table 5."
        )
    if table == CAPTIONS and _kind(journal) is None:
        column = journal["scores"]["speaking_style_caption"]["column"]
        raise ValueError(
            f"{journal['journal']} is about {column}: expected one of the four kinds of captions, "
            f"{', '.join(COLUMNS)}."
        )
    return table


def asked_rows(journals: Sequence[Mapping[str, Any]]) -> dict[int, list[Row]]:
    """A row for each journal, under its name.

    Args:
        journals: As for `table_of`.

    Returns:
        Table to rows like those of `own_row`, of ``kind`` "asked". One run has no deviation.
    """
    found: dict[int, list[Row]] = {}
    for journal in journals:
        number = table_of(journal)
        table = paper_table(number)
        if number == FUSIONS:
            scored = journal["scores"]["emotion_classification"]
            row, column = own_row(table, ASKED, journal["name"]), _COLUMN
            scores = {ours: scored["scores"][theirs]["value"] for ours, theirs in _SCORES.items()}
        else:
            scored = journal["scores"]["speaking_style_caption"]
            row, column = own_row(table, _kind(journal) or "", journal["name"]), "test"
            scores = {name: score["value"] for name, score in scored["scores"].items()}
            scores |= scored["details"]["without_interval"]
            row["unavailable"] = dict(scored["details"]["unavailable"])
        here = {name: {"mean": value, "sd": None} for name, value in scores.items()}
        row["cells"][column]["here"] = here | {"n": scored["n"], "n_runs": 1}
        row["kind"] = ASKED
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


def _kind(journal: Mapping[str, Any]) -> str | None:
    """The kind of captions that a journal's are."""
    column = journal["scores"]["speaking_style_caption"]["column"]
    return next((kind for kind, name in COLUMNS.items() if name == column), None)
