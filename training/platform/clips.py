"""A corpus as the platform has it: clips in the order of their dialogues, without any label."""

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

from affecthub.training.platform.store import Store
from affecthub.training.platform.tables import items, projects
from affecthub.training.platform.task import Task, read_task

if TYPE_CHECKING:
    from affecthub.datasets_scripts.corpus import Corpus

# What a clip must have to be shown in a modality.
_NEEDS = {
    "text": ("text",),
    "sound": ("audio",),
    "silent": ("video",),
    "film": ("audio", "video"),
}


@dataclass(frozen=True)
class Project:
    """What a database is for.

    Attributes:
        corpus: Its name.
        title: Its title.
        terms: What may be done with it.
        task: What is asked.
        labels: The corpus' label set.
        seed: Of every annotator's own order.
    """

    corpus: str
    title: str
    terms: str
    task: Task
    labels: tuple[str, ...]
    seed: int


class Clips:
    """The clips of a corpus and the folders that their media may come from.

    Args:
        corpus: Opened.
        split: Which split; None takes all of them.
        limit: At most how many clips, from the first on; a dialogue may be cut.

    Attributes:
        corpus: As given.
        order: For each clip its row in ``rows``: dialogues as they come, turns in their order.
        rows: The corpus' rows, media encoded.
        roots: Absolute folders; media that lie elsewhere are not shown.

    Raises:
        ValueError: There are no clips, or two have the same id.
    """

    def __init__(self, corpus: "Corpus", split: str | None = None, limit: int | None = None):
        self.corpus = corpus
        self.rows = corpus.rows(split)
        if limit is not None:
            self.rows = self.rows.select(range(min(limit, len(self.rows))))
        builder = corpus._builder
        self.roots = tuple(
            Path(tree.root).resolve() for tree in (builder.tree, *builder.roots.values())
        )
        told = self.rows.select_columns(["id", "dialogue_id", "turn_index"]).to_dict()
        ids, dialogues = told["id"], told["dialogue_id"]
        if not ids:
            raise ValueError(f"{corpus.name}: got no clips, expected one or more to label")
        if len(set(ids)) < len(ids):
            raise ValueError(f"{corpus.name}: got clips with the same id, expected different ones")
        units = [dialogue or f"clip {clip}" for dialogue, clip in zip(dialogues, ids, strict=True)]
        first = {unit: i for i, unit in reversed(list(enumerate(units)))}
        turns = [i if turn is None else turn for i, turn in enumerate(told["turn_index"])]
        self.order = sorted(range(len(ids)), key=lambda i: (first[units[i]], turns[i], i))
        self._units = units

    def items(self, task: Task) -> list[dict[str, Any]]:
        """Rows of the table ``items``, numbered from 0."""
        columns = ["id", "speaker_id", "text", "language", "split_official"]
        told = self.rows.select_columns(columns).to_dict()
        has = {column: _are_there(self.rows, column) for column in ("audio", "video")}
        has["text"] = [bool(text and text.strip()) for text in told["text"]]
        found = []
        for n, i in enumerate(self.order):
            shown = [m for m in task.modalities if all(has[need][i] for need in _NEEDS[m])]
            found.append(
                {
                    "n": n,
                    "clip": told["id"][i],
                    "unit": self._units[i],
                    "turn": n,
                    "speaker": told["speaker_id"][i],
                    "text": told["text"][i],
                    "language": told["language"][i],
                    "split": told["split_official"][i],
                    "modalities": shown,
                    "n_modalities": len(shown),
                }
            )
        return found

    @property
    def key(self) -> str:
        """SHA-256 of the ids in their order."""
        ids = self.rows.select_columns(["id"]).to_dict()["id"]
        return hashlib.sha256("\n".join(ids[i] for i in self.order).encode()).hexdigest()

    def row(self, item: int) -> dict[str, Any]:
        """The corpus' row of a clip by its number."""
        row: dict[str, Any] = self.rows[self.order[item]]
        return row


def open_project(
    store: Store, clips: Clips, content: Any, labels: Sequence[str], where: str, seed: int = 0
) -> Project:
    """Begin a project in an empty database, or go on with the one it holds.

    Args:
        store: The database.
        clips: Of the corpus.
        content: Of the task file. Of a project that is there words, rules, context and thresholds
            may change; questions, modalities and the number of annotators may not.
        labels: The corpus' label set.
        where: The task file, for errors.
        seed: Of the annotators' orders; kept from the first time on.

    Raises:
        ValueError: The task is wrong, no clip can be shown in any modality, or the database is of
            other clips or of another task.
    """
    task = read_task(content, tuple(labels), where)
    found = clips.items(task)
    unseen = [each["clip"] for each in found if not each["modalities"]]
    if len(unseen) == len(found):
        raise ValueError(
            f"{clips.corpus.name}: got no clip with text or media, expected some. Check "
            f"`--data-dir`: {clips.corpus.data_dir}"
        )
    key = clips.key
    entry = clips.corpus.entry
    with store.writing() as connection:
        row = connection.execute(select(projects)).first()
        if row is None:
            begun = {
                "n": 0,
                "corpus": entry.name,
                "title": entry.title,
                "terms": entry.terms,
                "clips_key": key,
                "task_key": task.key,
                "task": content,
                "labels": list(labels),
                "seed": seed,
                "made_s": time.time(),
            }
            connection.execute(insert(projects).values(begun))
            connection.execute(insert(items), found)
        else:
            _require_same(store, row, entry.name, key, task.key)
            connection.execute(projects.update().values(task=content))
    return project_of(store)


def project_of(store: Store) -> Project:
    """The project that a database holds.

    Raises:
        ValueError: It holds none yet.
    """
    with store.reading() as connection:
        row = connection.execute(select(projects)).first()
    if row is None:
        raise ValueError(
            f"`--db` {store}: got no project, expected one. `affecthub annotate serve` begins it."
        )
    labels = tuple(row.labels)
    task = read_task(row.task, labels, f"the task in {store}")
    return Project(row.corpus, row.title, row.terms, task, labels, row.seed)


def require_same_clips(store: Store, clips: Clips) -> None:
    """Refuse clips that are not those of a database.

    Raises:
        ValueError: They differ, or the database holds no project.
    """
    project_of(store)
    with store.reading() as connection:
        row = connection.execute(select(projects)).one()
    _require_same(store, row, clips.corpus.name, clips.key, row.task_key)


def _require_same(store: Store, row: Any, corpus: str, clips_key: str, task_key: str) -> None:
    begin = "Begin a new database for it: another `--db`."
    if row.corpus != corpus:
        raise ValueError(f"`--db` {store}: got {corpus}, expected {row.corpus}. {begin}")
    if row.clips_key != clips_key:
        raise ValueError(
            f"`--db` {store}: got other clips of {corpus} than it was begun with, expected the "
            f"same. Give the same folder, split and limit. {begin}"
        )
    if row.task_key != task_key:
        raise ValueError(
            f"`--db` {store}: got a task with other questions, modalities, order or number of "
            f"annotators, expected the one it was begun with. {begin}"
        )


def _are_there(rows: Any, column: str) -> list[bool]:
    """Of each row whether it has the medium, without reading its bytes."""
    if column not in rows.column_names:
        return [False] * len(rows)
    import pyarrow.compute as pc

    # A selection is an index over the table, which Arrow does not see.
    table = rows.select_columns([column]).with_format("arrow")
    found: list[bool] = []
    for batch in table.iter(batch_size=1000):
        found += pc.is_valid(batch[column]).to_pylist()
    return found
