"""MER-UniBench on the Hub without media: what is asked about which clip, and `eval.yaml`."""

from collections.abc import Iterator, Mapping
from importlib.metadata import version
from os import PathLike
from pathlib import Path
from typing import Any

import yaml

from affecthub.datasets_scripts.corpus import Corpus
from affecthub.datasets_scripts.exports.card_head import size_class
from affecthub.datasets_scripts.exports.questions import question_about
from affecthub.entries import Entry, entry_of
from affecthub.folders import finished_folder, require_empty
from affecthub.hub_cards.cards import render
from affecthub.hub_cards.staged import Staged
from affecthub.intended_use import INTENDED_USE, LEGAL_LIMITS
from affecthub.unibench import MEAN_TASK, SETS, BenchmarkSet

# What answers a task, by the columns of the corpora.
_ANSWERS = {"basic": "emotion", "sentiment": "sentiment", "fine_grained": "open_vocabulary"}
# The configuration with a split for each set, and the one with all of them together.
CONFIG, ALL, ALL_SPLIT = "default", "all", "test"
DESCRIPTION = (
    "Nine test sets of multimodal emotion recognition (AffectGPT paper): basic emotions, sentiment "
    "and open-vocabulary emotions, each by its own score, ranked by their unweighted mean."
)
COLUMNS = {
    "id": "the set and the clip's name in it, joined by a slash",
    "set": "one of the nine",
    "source_id": "the clip's name in its corpus",
    "task": "`basic`, `sentiment` or `fine_grained`",
    "metric": "what scores it",
    "candidates": "the labels to choose from; empty where the task has none",
    "scale": "least and greatest score of its corpus; empty where the task has none",
    "question": "what affecthub asks, in its own words",
    "reference": "the answer, where the licence of the annotations lets it stand here",
}


def stage_benchmark(
    out: str | PathLike[str],
    data_dir: str | PathLike[str],
    *,
    roots: Mapping[str, str | PathLike[str]] | None = None,
    partial: bool = False,
) -> Staged:
    """Write the exact folder of the benchmark's dataset repository, from your copy of the sets.

    No media, no transcripts. References stand in it only for sets whose annotations may be passed
    on; the others are null, and scoring needs a copy of one's own.

    Args:
        out: Folder to write; empty or absent.
        data_dir: Folder of the ``mer_unibench`` corpus.
        roots: Folders of sets that lie elsewhere.
        partial: Take sets that are missing or not of the paper's size.

    Returns:
        What a push sends. An error leaves no folder.

    Raises:
        ValueError: ``out`` is not empty, or a set is not whole.
        OSError: The disk is full, or may not be written to.
    """
    folder = Path(out).expanduser()
    require_empty(folder, "out")
    sides = Corpus("mer_unibench", data_dir, roots=roots).sides()
    rows = {test_set.name: list(_rows(test_set, sides[test_set.name])) for test_set in SETS}
    wrong = _wrong_sizes(rows)
    if wrong and not partial:
        raise ValueError(
            f"mer_unibench in {data_dir}: got {'; '.join(wrong)}; expected all nine sets as in the "
            "paper. Complete the copy, or pass partial=True."
        )
    with finished_folder(folder) as work:
        sizes = {name: _write(work, name, part) for name, part in rows.items() if part}
        (work / "eval.yaml").write_text(_dump(_evaluation(sizes)), encoding="utf-8")
        (work / "LICENSE.md").write_text(_licences(), encoding="utf-8")
        (work / "README.md").write_text(_card(rows, sizes), encoding="utf-8")
    return Staged(
        folder=folder,
        repo_type="dataset",
        message="MER-UniBench: ids, tasks and candidates, without media, by affecthub",
        notes=(
            *wrong,
            "References are given for "
            f"{', '.join(item.name for item in SETS if _may_show(item)) or 'no set'} alone.",
        ),
    )


def _wrong_sizes(rows: Mapping[str, list[dict[str, Any]]]) -> list[str]:
    """What is to be said of sets that are not as large as the paper's."""
    return [
        f"{item.name} with {len(rows[item.name]):,} of {item.n_clips:,} clips"
        for item in SETS
        if len(rows[item.name]) != item.n_clips
    ]


def _rows(test_set: BenchmarkSet, side: Any) -> Iterator[dict[str, Any]]:
    entry, column = entry_of(test_set.name), _ANSWERS[test_set.task]
    scale = list(entry.sentiment or ()) if test_set.task == "sentiment" else []
    wanted = side.select(["id", "source_id", "candidates", column])
    for row in wanted.to_pylist():
        candidates = row["candidates"] or []
        yield {
            "id": row["id"],
            "set": test_set.name,
            "source_id": row["source_id"],
            "task": test_set.task,
            "metric": test_set.primary,
            "candidates": candidates,
            "scale": scale,
            "question": question_about(column, candidates, entry.sentiment),
            "reference": _spelled(row[column]) if _may_show(test_set) else None,
        }


def _may_show(test_set: BenchmarkSet) -> bool:
    """Whether the annotations of a set may stand on the Hub."""
    entry = entry_of(test_set.name)
    column = _ANSWERS[test_set.task]
    alone = bool(entry.labels_alone) and column not in entry.labels_without
    return entry.may_redistribute or alone


def _spelled(value: Any) -> str | None:
    """A reference as text: words joined by commas, scores as numbers."""
    if isinstance(value, list):
        return ", ".join(value)
    return None if value is None else str(value)


def _features() -> Any:
    from datasets import Features, List, Value

    kinds = {"candidates": List(Value("string")), "scale": List(Value("float32"))}
    return Features({name: kinds.get(name, Value("string")) for name in COLUMNS})


def _write(work: Path, name: str, rows: list[dict[str, Any]]) -> tuple[int, int, int]:
    """Write a set; give its rows, their bytes in memory and those of the file."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    table = pa.Table.from_pylist(rows, schema=_features().arrow_schema)
    path = work / "data" / f"{name}.parquet"
    path.parent.mkdir(exist_ok=True)
    pq.write_table(table, path, row_group_size=100, write_page_index=True)
    return table.num_rows, table.nbytes, path.stat().st_size


def _evaluation(sizes: Mapping[str, Any]) -> dict[str, Any]:
    """What makes a dataset a benchmark of the Hub: its tasks, and where the rows of each stand."""
    tasks = [{"id": name, "config": CONFIG, "split": name} for name in sizes]
    return {
        "name": "MER-UniBench",
        "description": DESCRIPTION,
        "evaluation_framework": "affecthub",
        "tasks": [*tasks, {"id": MEAN_TASK, "config": ALL, "split": ALL_SPLIT}],
    }


def _head(sizes: Mapping[str, tuple[int, int, int]]) -> dict[str, Any]:
    paths = {name: f"data/{name}.parquet" for name in sizes}
    configs = [
        {
            "config_name": CONFIG,
            "data_files": [{"split": name, "path": path} for name, path in paths.items()],
            "default": True,
        },
        {
            "config_name": ALL,
            "data_files": [{"split": ALL_SPLIT, "path": list(paths.values())}],
        },
    ]
    total = tuple(map(sum, zip(*sizes.values(), strict=True)))
    return {
        "pretty_name": "MER-UniBench, without media",
        "license": "other",
        "license_name": "those-of-its-corpora",
        "license_link": "LICENSE.md",
        "language": list(entry_of("mer_unibench").languages),
        "multilinguality": ["multilingual"],
        "task_categories": ["audio-classification", "video-classification"],
        "size_categories": [size_class(total[0])],
        "tags": ["emotion-recognition", "sentiment-analysis", "benchmark", "affecthub"],
        "configs": configs,
        "dataset_info": [_info(CONFIG, sizes), _info(ALL, {ALL_SPLIT: total})],
    }


def _info(config: str, sizes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "config_name": config,
        "features": _features()._to_yaml_list(),
        "splits": [
            {"name": split, "num_bytes": n_bytes, "num_examples": n}
            for split, (n, n_bytes, _) in sizes.items()
        ],
        "download_size": sum(size[2] for size in sizes.values()),
        "dataset_size": sum(size[1] for size in sizes.values()),
    }


def _card(rows: Mapping[str, list[dict[str, Any]]], sizes: Mapping[str, Any]) -> str:
    return render(
        "benchmark",
        _head(sizes),
        version=version("affecthub"),
        description=DESCRIPTION,
        columns=COLUMNS,
        sets=[_told(item, rows[item.name]) for item in SETS],
        intended_use=INTENDED_USE,
        legal_limits=LEGAL_LIMITS,
    )


def _told(test_set: BenchmarkSet, rows: list[dict[str, Any]]) -> dict[str, Any]:
    """What the card says of a set."""
    return {
        "set": test_set,
        "entry": entry_of(test_set.name),
        "n_clips": len(rows),
        "candidates": ", ".join(rows[0]["candidates"]) if rows else "",
        "shown": _may_show(test_set),
        "why": _why(entry_of(test_set.name), _may_show(test_set)),
    }


def _why(entry: Entry, shown: bool) -> str:
    """Why references of a set stand here, or do not."""
    if shown:
        return entry.labels_alone or f"the corpus is under {entry.licence}"
    return entry.not_passed_on or f"its licence is {entry.licence}"


def _licences() -> str:
    lines = [
        f"- {item.name}: {entry_of(item.name).title.partition(':')[0]}, "
        f"{entry_of(item.name).terms}."
        for item in SETS
    ]
    return "\n".join(
        [
            "Tasks, candidates and questions are affecthub's, under Apache-2.0. Every set keeps "
            "the terms of its corpus:",
            "",
            *lines,
            "",
        ]
    )


def _dump(value: Any) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True)
