"""Tables 5, 13 and 14, which other rooms run, under the names of this one."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from affecthub.training.bench.emotiontalk.paper import paper_table
from affecthub.training.bench.emotiontalk.targets import Clips
from affecthub.training.bench.emotiontalk.trained import Row, own_row, paper_row

# Our name of a score, and theirs.
_SCORES = (
    *(("uar", "ua"), ("acc", "wa"), ("macro_f1", "f1"), ("macro_f1", "macro_f1")),
    ("waf", "weighted_f1"),
)
_MODALITY = {"speech": "audio", "text": "text"}
NO_SPEECH = "no features of sound"
_NO_CAPTIONS = "no sound with captions: they come with EmotionTalk's media, under conditions"


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
            "parts": {
                f"G{int(part[1:])}": _scores(each)
                for part, each in (said.get("apart") or {}).items()
            },
            "inputs": {group: said.get("features")},
            "notes": list(said.get("notes", ())),
        }
    return sorted(rows, key=lambda row: table.groups.index(row["group"]))


def _scores(said: Mapping[str, Any]) -> dict[str, Any]:
    scores = {ours: said[theirs] for ours, theirs in _SCORES if theirs in said}
    seeds = said.get("seeds")
    n_runs = len(seeds) if isinstance(seeds, Sequence) else seeds
    return scores | {"n": said.get("n"), "n_runs": n_runs}


def caption_rows(
    floors: Mapping[str, Any],
    *,
    clips: Clips,
    output_dir: Path,
    seeds: Sequence[int],
    quick: bool,
    progress: bool,
) -> list[Row]:
    """Table 5: captions of how it is spoken.

    Args:
        floors: As for `conversation_rows`.
        clips: EmotionTalk; without sound and captions nothing is run, and what is finished is read.
        output_dir: Gets a folder of each run.
        seeds: One run each.
        quick: One seed.
        progress: Show progress.

    Returns:
        The paper's rows, those that could not be run with the reason.
    """
    from affecthub.training.captioning.table import RECIPES, table_5

    options: dict[str, Any] = {"protocol": clips.protocol, "progress": progress}
    options["seeds"] = list(seeds)[:1] if quick else list(seeds)
    reasons: dict[str, str] = {}
    for decoder in RECIPES if clips.has_captions else ():
        try:
            table_5(output_dir, data_dir=clips.data_dir, decoders=[decoder], **options)
        except (OSError, ImportError) as error:  # weights or a package that are not here
            reasons[decoder] = str(error)
    table = paper_table(5)
    rows = [paper_row(table, row, floors) for row in table.rows]
    for row, said in zip(rows, table_5(output_dir, **options), strict=True):
        if said["not_run"] is not None:
            lacking = None if clips.has_captions else _NO_CAPTIONS
            row["reason"] = reasons.get(row["name"]) or _reason(row["name"], lacking, said)
            continue
        told = {"n": said["n"], "n_runs": said["seeds"], "constant": said["constant"]}
        row["cells"]["test"]["here"] = {**said["ours"], **told}
        row["unavailable"] = dict(said["unavailable"])
    return rows


def _reason(decoder: str, lacking: str | None, said: Mapping[str, Any]) -> str:
    from affecthub.training.captioning.table import RECIPES

    return lacking if lacking is not None and decoder in RECIPES else str(said["not_run"])
