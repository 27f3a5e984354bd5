"""Predictions beside the references they are scored against: of two files, or of a corpus."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from affecthub.metrics.answers.files import Labels, align_labels, read_labels
from affecthub.metrics.answers.joining import join_labels

# Columns of a corpus that answer what a metric asks, the best first.
_COLUMNS = {
    "set_f": ("open_vocabulary", "emotion"),
    "set_overlap": ("open_vocabulary", "emotion"),
    "hit_rate": ("emotion",),
    "emotion_classification": ("emotion",),
    "sentiment": ("sentiment",),
    "speaking_style_caption": ("description",),
}


@dataclass
class Clips:
    """What a metric compares.

    Args:
        predictions: One answer per clip.
        references: One reference per clip.
        counts: What was left out, by the name that results give it.
        labels: The label set of the references where it is closed, else empty.
    """

    predictions: list[Any]
    references: list[Any]
    counts: dict[str, Any] = field(default_factory=dict)
    labels: list[str] = field(default_factory=list)


def of_files(
    predictions: Path,
    references: Path,
    column: str | None,
    reference_column: str | None,
    id_column: str | None,
) -> Clips:
    """Read two files; clips are paired by id where both have ids, else by position.

    Args:
        predictions: File of answers.
        references: File of references.
        column: Label column of the first; None finds it.
        reference_column: Label column of the second; None finds it.
        id_column: Column of the ids in the second, or a pattern over columns.

    Raises:
        FileNotFoundError: A file does not exist.
        ValueError: A file is broken, or the two share no clip.
    """
    answers = read_labels(predictions, column)
    expected = read_labels(references, reference_column, id_column)
    return _paired(answers, expected, f"{predictions} does not fit {references}")


def of_corpus(
    predictions: Path,
    column: str | None,
    *,
    metric: str,
    reference_column: str | None,
    corpus: tuple[str, str | None, Path, str, str],
    own: Mapping[str, Any] | None = None,
) -> Clips:
    """Read answers from a file and references from a split of a corpus.

    Args:
        predictions: File of answers, with ids.
        column: Its label column; None finds it.
        metric: Says which column of the corpus is meant where none is named.
        reference_column: Column of the corpus.
        corpus: Name, configuration, folder, protocol and split.
        own: ``roots`` and options of the corpus' own.

    Raises:
        ValueError: The split has no such column or no value in it, or no clip is answered.
    """
    import datasets

    from affecthub.datasets_scripts import load_dataset

    answers = read_labels(predictions, column)
    if not isinstance(answers, dict):
        raise ValueError(
            f"{predictions} has no clip ids: got {len(answers)} labels without, expected a column "
            "`id` to find them in the corpus."
        )
    name, config, data_dir, protocol, split = corpus
    datasets.disable_progress_bars()
    rows = load_dataset(
        name, config, data_dir=data_dir, protocol=protocol, split=split, **(own or {})
    )
    chosen = _column_of(rows, metric, reference_column, f"{name}, split {split}")
    feature, values = rows.features[chosen], rows[chosen]
    labels: list[str] = []
    if isinstance(feature, datasets.ClassLabel):
        labels = list(feature.names)
        values = [None if value is None else labels[value] for value in values]
    known = {clip: value for clip, value in zip(rows["id"], values, strict=True) if _said(value)}
    clips = _paired(answers, known, f"{predictions} does not fit {name}, split {split}")
    clips.labels = labels
    clips.counts = {"corpus": name, "split": split, "column": chosen} | clips.counts
    if len(known) < len(rows):
        clips.counts["n_without_reference"] = len(rows) - len(known)
        warnings.warn(
            f"{len(rows) - len(known)} of {len(rows)} clips of {name}, split {split}, have no "
            f"{chosen} and are not scored.",
            stacklevel=2,
        )
    return clips


def _paired(answers: Labels, expected: Labels, misfit: str) -> Clips:
    """Pair by id where both sides have ids; say how many clips were left out."""
    try:
        if not (isinstance(answers, dict) and isinstance(expected, dict) and answers and expected):
            return Clips(*align_labels(answers, expected))
        joined = join_labels(answers, expected)
    except ValueError as error:
        raise ValueError(f"{misfit}: {error}") from error
    counts: dict[str, Any] = {}
    if joined.n_unanswered:
        counts["n_unanswered"] = joined.n_unanswered
        warnings.warn(
            f"scored {len(joined.ids)} of {len(expected)} clips: the other {joined.n_unanswered} "
            "have no prediction.",
            stacklevel=3,
        )
    if joined.n_unknown:
        counts["n_unknown"] = joined.n_unknown
        warnings.warn(
            f"{joined.n_unknown} of {len(answers)} predictions have no reference and are not "
            "scored.",
            stacklevel=3,
        )
    if joined.how:
        warnings.warn(f"clips were matched by {joined.how}.", stacklevel=3)
    return Clips(joined.predictions, joined.references, counts)


def _column_of(rows: Any, metric: str, wanted: str | None, where: str) -> str:
    """The column of references: the one that is named, else the metric's first that has values."""
    there = [name for name in rows.column_names if any(map(_said, _sample(rows, name)))]
    if wanted is not None:
        by_case = {name.casefold(): name for name in rows.column_names}
        if wanted.casefold() not in by_case:
            from affecthub.errors import unknown_name

            raise unknown_name(f"column of {where}", wanted, there)
        wanted = by_case[wanted.casefold()]
    chosen = [wanted] if wanted else list(_COLUMNS.get(metric, ()))
    for name in chosen:
        if name in there:
            return name
    raise ValueError(
        f"{where} has no reference for {metric}: got no value in "
        f"{' or '.join(chosen) or 'a column known to fit'}, expected some. Name another with "
        f"--reference-column: {', '.join(there)}."
    )


def _sample(rows: Any, name: str) -> Any:
    """A column's values; media are none."""
    return () if name in ("audio", "video", "face") else rows[name]


def _said(value: object) -> bool:
    return value is not None and value != "" and value != []
