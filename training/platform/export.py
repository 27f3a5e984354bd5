"""What came out: every vote and decision, tables of votes, and a corpus that ``folder`` loads."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from sqlalchemy import Connection, select

from affecthub.annotation.votes import Floats, Ints, encode_votes
from affecthub.cache import whole_folder
from affecthub.errors import unknown_name
from affecthub.training.platform.clips import Clips, Project
from affecthub.training.platform.media import FORMS, MediaFiles, NotShownError
from affecthub.training.platform.results import Result, results_of
from affecthub.training.platform.store import Store
from affecthub.training.platform.tables import decisions, items, people, votes

_LETTERS = "a{:03d}"


@dataclass(frozen=True)
class Export:
    """What was written.

    Attributes:
        folder: Where.
        n_clips: Clips of the project.
        n_labelled: Clips with a final label or score in any modality.
        n_votes: Answers in the history.
        n_decisions: Decisions in it.
        lacking: Media files that could not be written, with the reason.
    """

    folder: Path
    n_clips: int
    n_labelled: int
    n_votes: int
    n_decisions: int
    lacking: tuple[str, ...]


def export(
    store: Store,
    project: Project,
    out_dir: Path,
    *,
    clips: Clips | None = None,
    with_names: bool = False,
) -> Export:
    """Write a project's results.

    The folder holds ``clips.csv`` and ``affecthub.yaml``, by which ``load_dataset("folder",
    data_dir=...)`` reads it; ``history/votes.jsonl`` and ``history/decisions.jsonl``, everything
    that was ever answered and decided; ``votes/<modality>_<question>.csv``, the last labels and
    scores with a column for each annotator, see `read_votes`.

    Args:
        store: The database; it may go on serving.
        project: What it holds.
        out_dir: Folder to write, absent or empty.
        clips: The corpus opened, to write its media too; None writes none.
        with_names: Write the names of annotators and reviewers, which are personal data; else they
            are numbered.

    Raises:
        ValueError: The folder is not empty.
        OSError: It cannot be written.
    """
    if out_dir.exists() and any(out_dir.iterdir()):
        raise ValueError(f"`out`: got {str(out_dir)!r}, which is not empty, expected a new folder")
    with store.reading() as connection:
        rows = connection.execute(select(items).order_by(items.c.n)).all()
        who = _names(connection, with_names)
        given = _history(connection, votes, votes.c.person, who)
        decided = _history(connection, decisions, decisions.c.reviewer, who)
        results = results_of(connection, project)
        last = _last_votes(connection)
    with whole_folder(out_dir) as folder:
        (folder / "history").mkdir()
        _write_lines(folder / "history" / "votes.jsonl", given)
        _write_lines(folder / "history" / "decisions.jsonl", decided)
        _write_votes(folder / "votes", project, rows, last, who)
        lacking = _write_media(folder, clips, rows) if clips is not None else []
        table = _table(project, rows, results, {p: (folder / p).is_file() for p in _paths(rows)})
        _write_table(folder / "clips.csv", table)
        _write_settings(folder / "affecthub.yaml", project, table)
        (folder / "README.md").write_text(_readme(project, len(rows)), encoding="utf-8")
    n_labelled = sum(any(each.answer for each in results.get(row.n, {}).values()) for row in rows)
    return Export(out_dir, len(rows), n_labelled, len(given), len(decided), tuple(lacking))


def read_votes(
    folder: Path, modality: str, question: str, classes: Sequence[str] | None = None
) -> tuple[list[str], Ints | Floats, Floats]:
    """Votes of an export, as ``annotation.aggregation`` takes them.

    Args:
        folder: Of an export.
        modality: Of the votes.
        question: Of a choice or a scale.
        classes: Labels of the choice in their order; None reads a scale.

    Returns:
        Ids of clips; of a choice class numbers and confidences, of a scale scores and NaN, each of
        shape (clip, annotator), ``MISSING`` or NaN where an annotator gave none.

    Raises:
        ValueError: The export has no such votes.
    """
    files = {path.stem: path for path in (folder / "votes").glob("*.csv")}
    name = f"{modality}_{question}"
    if name not in files:
        raise unknown_name("votes", name, files)
    with files[name].open(encoding="utf-8", newline="") as file:
        head, *lines = csv.reader(file)
    labels = [i for i, column in enumerate(head) if column.startswith("vote_")]
    sure = [i for i, column in enumerate(head) if column.startswith("confidence_")]
    ids = [line[0] for line in lines]
    stated = np.array([[float(line[i] or "nan") for i in sure] for line in lines], dtype=float)
    if classes is not None:
        return ids, encode_votes([[line[i] for i in labels] for line in lines], classes), stated
    scores = np.array([[float(line[i] or "nan") for i in labels] for line in lines], dtype=float)
    return ids, scores, np.full(scores.shape, np.nan)


def _names(connection: Connection, with_names: bool) -> dict[int, str]:
    rows = connection.execute(select(people.c.n, people.c.name).order_by(people.c.n)).all()
    return {row.n: row.name if with_names else _LETTERS.format(row.n) for row in rows}


def _history(
    connection: Connection, table: Any, person: Any, who: Mapping[int, str]
) -> list[dict[str, Any]]:
    """Every row of a table that only grows, in the order of writing."""
    rows = connection.execute(
        select(table, items.c.clip).join(items, items.c.n == table.c.item).order_by(table.c.n)
    )
    found = []
    for row in rows:
        told = dict(row._mapping)
        line = {"n": told["n"], "clip": told["clip"], "who": who[told[person.name]]}
        left = ("n", "clip", "item", "key", "given_s", person.name)
        line |= {name: value for name, value in told.items() if name not in left}
        line["given"] = datetime.fromtimestamp(told["given_s"], UTC).isoformat()
        found.append(line)
    return found


def _last_votes(connection: Connection) -> dict[tuple[str, int], dict[int, Any]]:
    """(modality, clip) to person to the last answer."""
    rows = connection.execute(
        select(votes.c.modality, votes.c.item, votes.c.person, votes.c.answer).order_by(
            votes.c.round, votes.c.version
        )
    )
    found: dict[tuple[str, int], dict[int, Any]] = {}
    for row in rows:
        found.setdefault((row.modality, row.item), {})[row.person] = row.answer
    return found


def _write_votes(
    folder: Path,
    project: Project,
    rows: Sequence[Any],
    last: Mapping[tuple[str, int], Mapping[int, Any]],
    who: Mapping[int, str],
) -> None:
    """A table for each modality and question but captions, clips down, annotators across."""
    folder.mkdir()
    voters = sorted({person for answers in last.values() for person in answers})
    for modality in project.task.modalities:
        for question in project.task.asked_in(modality):
            if question.kind == "caption":
                continue
            kinds = ["vote"]
            if question.kind == "choice" and question.confidence:
                kinds.append("confidence")
            table = []
            for row in rows:
                answers = last.get((modality, row.n), {})
                line = {"id": row.clip}
                for kind in kinds:
                    for person in voters:
                        value = answers.get(person, {}).get(question.name)
                        if isinstance(value, Mapping):
                            value = value.get("label" if kind == "vote" else kind)
                        line[f"{kind}_{who[person]}"] = "" if value is None else value
                table.append(line)
            _write_table(folder / f"{modality}_{question.name}.csv", table)


def _paths(rows: Sequence[Any]) -> list[str]:
    return [f"media/{row.n}{suffix}" for row in rows for suffix in (".mp4", ".wav")]


def _write_media(folder: Path, clips: Clips, rows: Sequence[Any]) -> list[str]:
    """A film for each clip, else its pictures or its sound."""
    lacking = []
    (folder / "media").mkdir()
    files = MediaFiles(clips, folder / "media")
    for row in rows:
        for modality in ("film", "silent", "sound"):
            if modality not in row.modalities:
                continue
            try:
                path, _ = files.file(row.n, modality)
            except NotShownError as error:
                lacking.append(str(error))
                continue
            path.rename(folder / "media" / f"{row.n}{FORMS[modality][0]}")
            break
    return lacking


def _table(
    project: Project,
    rows: Sequence[Any],
    results: Mapping[int, Mapping[str, Result]],
    there: Mapping[str, bool],
) -> list[dict[str, Any]]:
    """The rows of ``clips.csv``: the richest modality's answers have plain names."""
    table = []
    for row in rows:
        line: dict[str, Any] = {
            "id": row.clip,
            "text": row.text,
            "speaker": row.speaker,
            "dialogue": None if row.unit == f"clip {row.clip}" else row.unit,
            "split": row.split,
            "language": row.language,
        }
        if any(there.values()):
            paths = (f"media/{row.n}{suffix}" for suffix in (".mp4", ".wav"))
            line["file"] = next((path for path in paths if there[path]), None)
        found = results.get(row.n, {})
        for modality in project.task.modalities:
            result = found.get(modality) or Result("open", {}, {}, 0)
            for question in project.task.asked_in(modality):
                name = project.task.column(question, modality)
                line[name] = result.answer.get(question.name)
                if question.kind == "choice":
                    line[f"{name}_score"] = result.scores.get(question.name)
                elif question.kind == "caption":
                    line[name] = json.dumps(line[name], ensure_ascii=False) if line[name] else None
            line[f"n_votes_{modality}"] = result.n_votes
            line[f"status_{modality}"] = result.status
        table.append(line)
    return table


def _write_table(path: Path, table: Sequence[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(table[0]))
        writer.writeheader()
        writer.writerows(table)


def _write_lines(path: Path, lines: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _write_settings(path: Path, project: Project, table: Sequence[Mapping[str, Any]]) -> None:
    """Say which column is what, so that ``folder`` guesses nothing."""
    has = set(table[0])
    columns: dict[str, str | None] = {name: name for name in ("id", "text", "speaker", "language")}
    columns |= {"dialogue": "dialogue", "file": "file" if "file" in has else None}
    one_split = any(row["split"] for row in table)
    columns["split"] = "split" if one_split else None
    choices = [q for q in project.task.questions if q.kind == "choice" and q.name in has]
    label = next((q for q in choices if q.name == "emotion"), choices[0] if choices else None)
    columns["label"] = label.name if label else None
    scores = [q.name for q in project.task.questions if q.kind == "scale" and q.name in has]
    columns["sentiment"] = "sentiment" if "sentiment" in scores else None
    columns |= {"description": None, "open_vocabulary": None}
    settings: dict[str, Any] = {"table": "clips.csv", "columns": columns}
    if label is not None:
        settings["labels"] = list(label.labels)
    text = yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)
    path.write_text(text, encoding="utf-8")


def _readme(project: Project, n_clips: int) -> str:
    review = project.task.review
    return f"""# Annotations of {project.title}

{n_clips} clips of the corpus `{project.corpus}`: {project.terms}.

`affecthub.load_dataset("folder", data_dir=...)` reads this folder. In `clips.csv` the columns
without a modality in their name are those of `{project.task.modalities[-1]}`; `status_*` says
whether annotators agreed, a reviewer decided, or answers are still missing. Labels that nobody
decided are elected by confidence (`aggregate: {review.aggregate}`), `*_score` is the elected
label's; scores are means; captions are lists in JSON, one text an annotator.

`history/` holds every answer and decision ever made, `votes/` the last label or score of each
annotator.
"""
