"""Tables 5, 13 and 14, which other rooms run, under the names of this one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from affecthub.training.bench.emotiontalk.paper import paper_table
from affecthub.training.bench.emotiontalk.trained import Row, own_row, paper_row

# Score of a row of conversations -> ours.
_SCORES = {"uar": "ua", "acc": "wa", "macro_f1": "f1", "waf": "weighted_f1"}
_MODALITY = {"speech": "audio", "text": "text"}
NO_SPEECH = "no features of speech"


def conversation_rows(
    numbers: Sequence[int],
    floors: Mapping[str, Any],
    *,
    data_dir: Path,
    output_dir: Path,
    features: Path | None,
    encoders: Mapping[str, Sequence[str]],
    protocol: str,
    seeds: Sequence[int],
    quick: bool,
    progress: bool,
) -> dict[int, list[Row]]:
    """Tables 13 and 14: recognition in a dialogue, and the emotion of the next utterance.

    Args:
        numbers: 13, 14 or both.
        floors: What constant answers score on the official test split.
        data_dir: EmotionTalk's folder.
        output_dir: Gets a folder of each run.
        features: Folder of caches, None for text by TF-IDF alone.
        encoders: Modality to names of caches; none takes the only one.
        protocol: Of the corpus.
        seeds: One run each.
        quick: One seed and few epochs, to see that all runs.
        progress: Show progress.

    Returns:
        Table to its rows: the paper's, then those of ours alone and baselines; ``oracle`` is true
        where gold labels of the history are read.
    """
    from affecthub.training.conversations.tables import tables_13_14

    found = tables_13_14(
        data_dir=data_dir,
        output_dir=output_dir,
        features=features,
        encoders=encoders,
        tables=numbers,
        protocol=protocol,
        seeds=seeds,
        quick=quick,
        progress=progress,
    )
    return {number: _merged(number, found, floors) for number in numbers}


def _merged(
    number: int, found: Sequence[Mapping[str, Any]], floors: Mapping[str, Any]
) -> list[Row]:
    """Rows of one table, those of the paper first."""
    table = paper_table(number)
    rows = [paper_row(table, row, floors) for row in table.rows]
    known = {(row["group"], row["name"]): row for row in rows}
    for said in found:
        if said["table"] != number:
            continue
        group, name = _MODALITY[said["modality"]], str(said["model"])
        row = known.get((group, name.lower())) if said["in_paper"] else None
        if row is None:
            row = own_row(table, group, name)
            rows.append(row)
        row["kind"], row["oracle"] = said["kind"], bool(said["oracle"])
        if not said["ran"]:
            row["reason"] = NO_SPEECH if group == "audio" else "left out"
            continue
        row["cells"]["own_four"]["here"] = _scores(said) | {
            "parts": {part: _scores(each) for part, each in (said.get("apart") or {}).items()},
            "inputs": {group: said.get("features")},
            "notes": list(said.get("notes", ())),
        }
    return sorted(rows, key=lambda row: table.groups.index(row["group"]))


def _scores(said: Mapping[str, Any]) -> dict[str, Any]:
    scores = {ours: said[theirs] for ours, theirs in _SCORES.items() if theirs in said}
    seeds = said.get("seeds")
    n_runs = len(seeds) if isinstance(seeds, Sequence) else seeds
    return scores | {"n": said.get("n"), "n_runs": n_runs}


def caption_rows(
    floors: Mapping[str, Any],
    *,
    data_dir: Path,
    output_dir: Path,
    features: Path | None,
    protocol: str,
    seeds: Sequence[int],
    quick: bool,
    progress: bool,
) -> list[Row]:
    """Table 5."""
    table = paper_table(5)
    rows = [paper_row(table, row, floors) for row in table.rows]
    for row in rows:
        row["reason"] = "no captioner"
    return rows
