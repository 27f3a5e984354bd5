"""Labels in files: csv, tsv, json, jsonl, with or without clip ids, and npz of AffectGPT."""

import csv
import json
import logging
import re
from collections.abc import Callable, Iterable
from os import PathLike
from pathlib import Path
from typing import Any

from affecthub.errors import unknown_name
from affecthub.metrics.answers.released import read_released

logger = logging.getLogger(__name__)

# Known column names, in any case; "name" and "openset" are what the MER challenges use.
ID_COLUMNS = ("id", "name", "file_name", "filename", "clip_id")
# MELD numbers dialogues and their utterances in two columns, anew in each split's file.
DIALOGUE_COLUMNS = ("dialogue_id", "utterance_id")
_SPLIT_OF_FILE = re.compile(r"(train|dev|test)(?![a-z])", re.IGNORECASE)
LABEL_COLUMNS = (
    "labels",
    "label",
    "openset",
    "prediction",
    "predictions",
    "reference",
    "references",
    "open_vocabulary",
    "emotion",
)

Labels = dict[str, Any] | list[Any]


def read_pairs(
    predictions: str | PathLike[str],
    references: str | PathLike[str],
    *,
    prediction_column: str | None = None,
    reference_column: str | None = None,
) -> tuple[list[Any], list[Any]]:
    """Predictions and references from two files, aligned by clip.

    Args:
        predictions: Label file; see `read_labels`.
        references: Label file; see `read_labels`.
        prediction_column: Name of its label column.
        reference_column: Name of its label column.

    Returns:
        Predictions and references, one item per reference, as `load_metric(...).compute` takes
        them; aligned as `align_labels` does.

    Raises:
        FileNotFoundError: A file does not exist.
        ValueError: A file is broken, or the two do not fit together.
    """
    predicted = read_labels(predictions, prediction_column)
    reference = read_labels(references, reference_column)
    try:
        return align_labels(predicted, reference)
    except ValueError as error:
        raise ValueError(f"{predictions} does not fit {references}: {error}") from error


def read_labels(
    path: str | PathLike[str], column: str | None = None, id_column: str | None = None
) -> Labels:
    """The labels in a file, by clip id where the file has ids.

    Args:
        path: A ``.csv`` or ``.tsv`` file with a header; a ``.json`` file with an object (id to
            labels) or an array; a ``.jsonl`` file with one value per line; or an ``.npz`` as
            AffectGPT's scripts write their answers (``name2reason``, or ``filenames`` and
            ``fileitems``), whose pickles are not trusted. Entries of an array and lines are
            objects with a label column and, if there are ids, an id column, or the labels
            themselves.
        column: Name of the label column, in any case. Without it the one of `LABEL_COLUMNS` that is
            there, or the only column that holds no id; a file with several must be told which.
        id_column: Name of the id column, in any case, or a pattern over several, such as
            ``"dia{Dialogue_ID}_utt{Utterance_ID}"``. Without it the one of `ID_COLUMNS` that is
            there; of MELD's own files ``test_dia0_utt0``, with the split of the file's name.

    Returns:
        A dict from clip id to labels where there are ids, else a list in file order; labels as
        they stand in the file: text, list or None. An empty array gives ``[]``.

    Raises:
        FileNotFoundError: The file does not exist.
        ValueError: The suffix is unknown, the file is broken, a column is missing (the found ones
            are listed), an id occurs twice, or only some rows have an id.
    """
    path = require_label_file(path)
    readers: dict[str, Callable[[Path], list[Any] | dict[str, Any]]] = {
        **dict.fromkeys((".csv", ".tsv"), _read_csv),
        ".json": _read_json,
        ".jsonl": _read_jsonl,
        ".npz": read_released,
    }
    if path.suffix.lower() not in readers:
        raise unknown_name(f"suffix of label file {path}", path.suffix, readers)
    try:
        content = readers[path.suffix.lower()](path)
    except (UnicodeDecodeError, json.JSONDecodeError, csv.Error) as error:
        raise ValueError(
            f"{path} cannot be read: {error}. Expected UTF-8 {path.suffix}."
        ) from error
    if isinstance(content, dict):
        return content
    return _labels_of_rows(path, content, column, id_column)


def align_labels(predictions: Labels, references: Labels) -> tuple[list[Any], list[Any]]:
    """Bring predictions into the order of the references.

    Args:
        predictions: As `read_labels` gives them.
        references: As `read_labels` gives them.

    Returns:
        Both as lists: aligned by id where both have ids, by position otherwise. Predictions whose
        id has no reference are left out, and their number is logged.

    Raises:
        ValueError: References have no prediction (the count and the first ids are named), or,
            by position, the lengths differ.

    Example:
        >>> align_labels({"b": "sad", "a": "happy"}, {"a": "joyful", "b": "blue"})
        (['happy', 'sad'], ['joyful', 'blue'])
    """
    if isinstance(predictions, dict) and isinstance(references, dict):
        missing = [clip for clip in references if clip not in predictions]
        if missing:
            raise ValueError(
                f"predictions missing for {len(missing)} of {len(references)} clips: got none for "
                f"{', '.join(missing[:5])}{', ...' if len(missing) > 5 else ''}, expected one per "
                "reference. Write [] for a clip without predicted labels."
            )
        n_extra = len(predictions) - len(references)
        if n_extra:
            logger.warning("%d predictions have no reference and are not scored", n_extra)
        return [predictions[clip] for clip in references], list(references.values())
    predicted, reference = (
        list(labels.values()) if isinstance(labels, dict) else labels
        for labels in (predictions, references)
    )
    if len(predicted) != len(reference):
        raise ValueError(
            f"lengths differ: got {len(predicted)} predictions for {len(reference)} references, "
            "expected as many. Give both files ids to align them by clip."
        )
    return predicted, reference


def require_label_file(path: str | PathLike[str]) -> Path:
    """The path of a file that is there.

    Raises:
        FileNotFoundError: The file does not exist.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"label file not found: got {path}, expected an existing file.")
    return path


def _read_csv(path: Path) -> list[Any]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        delimiter = _delimiter(file.readline())
        file.seek(0)
        rows = csv.DictReader(file, delimiter=delimiter, strict=True)
        if not rows.fieldnames:
            raise ValueError(f"{path} is empty: got no header, expected one such as 'id,labels'.")
        content = []
        for row in rows:
            if None in row:  # where DictReader puts what has no column
                raise ValueError(
                    f"{path}, line {rows.line_num}: got more cells than the "
                    f"{len(rows.fieldnames)} columns, expected as many. Quote label lists."
                )
            content.append(row)
    return content


def _delimiter(header: str) -> str:
    """What a header is cut by: spreadsheets of half of Europe write semicolons."""
    return "," if "," in header else max(",;\t", key=header.count)


def _read_json(path: Path) -> list[Any] | dict[str, Any]:
    content = json.loads(path.read_text(encoding="utf-8-sig"))
    if not isinstance(content, list | dict):
        raise ValueError(
            f"{path} holds no labels: got {type(content).__name__}, expected an object from id to "
            "labels or an array."
        )
    return content


def _read_jsonl(path: Path) -> list[Any]:
    lines = path.read_text(encoding="utf-8-sig").split("\n")
    content = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            content.append(json.loads(line))
        except json.JSONDecodeError as error:
            raise ValueError(f"{path}, line {number} is not JSON: {error}.") from error
    return content


def _labels_of_rows(
    path: Path, rows: list[Any], column: str | None, id_column: str | None
) -> Labels:
    """Take the label column, and the id column where there is one, out of rows."""
    if not any(isinstance(row, dict) for row in rows):
        return rows
    by_id: dict[str, Any] = {}
    unnamed: list[Any] = []
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise ValueError(
                f"{path}, row {number}: got {row!r}, expected an object like the other rows."
            )
        value = row[_label_column(path, row, column)]
        clip = _id_of(path, row, id_column)
        if clip is None:
            unnamed.append(value)
        elif str(clip) in by_id:
            raise ValueError(f"{path}, row {number}: got id {clip!r} twice, expected it once.")
        else:
            by_id[str(clip)] = value
    if by_id and unnamed:
        raise ValueError(
            f"{path} has ids on some rows only: got {len(by_id)} with and {len(unnamed)} without, "
            "expected all or none."
        )
    return by_id or unnamed


def _id_of(path: Path, row: dict[str, Any], id_column: str | None) -> Any:
    """The id of a row, None where it has none."""
    known = {str(name).casefold(): value for name, value in row.items()}
    if id_column is None:
        named = next((known[name] for name in ID_COLUMNS if name in known), None)
        if named is not None or not all(name in known for name in DIALOGUE_COLUMNS):
            return named
        split = _SPLIT_OF_FILE.search(path.stem)
        clip = "dia{}_utt{}".format(*(known[name] for name in DIALOGUE_COLUMNS))
        return f"{split[0].lower()}_{clip}" if split else clip
    wanted = re.findall(r"\{([^{}]+)\}", id_column) or [id_column]
    for name in wanted:
        if name.casefold() not in known:
            raise ValueError(
                f"{path} has no id column {name!r}: got columns {', '.join(map(str, row))}."
            )
    if "{" not in id_column:
        return known[id_column.casefold()]
    return re.sub(r"\{([^{}]+)\}", lambda match: str(known[match[1].casefold()]), id_column)


def _label_column(path: Path, found: Iterable[str], column: str | None) -> str:
    """The name of the label column, or list the found columns."""
    candidates = [name for name in found if str(name).casefold() not in ID_COLUMNS]
    if column is not None:
        exact = [name for name in found if name == column]
        chosen = exact or [name for name in found if str(name).casefold() == column.casefold()]
    else:
        chosen = [
            name for name in candidates if str(name).casefold() in LABEL_COLUMNS
        ] or candidates
    if len(chosen) != 1:
        raise ValueError(
            f"{path} has no single label column: got columns {', '.join(map(str, found))}, "
            f"expected {column or 'one of ' + ', '.join(LABEL_COLUMNS)}. Name it with `column` "
            "(on the command line --column, or --reference-column for references)."
        )
    return chosen[0]
