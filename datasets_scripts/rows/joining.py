"""Rows of several corpora in one data set, without mixing what their labels and scales mean."""

import logging
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from datasets import (
    ClassLabel,
    Dataset,
    DatasetDict,
    Features,
    IterableDataset,
    IterableDatasetDict,
    concatenate_datasets,
)

from affecthub.datasets_scripts.row import LEADING_COLUMNS
from affecthub.datasets_scripts.rows.streams import on_tables
from affecthub.entries import entries

log = logging.getLogger(__name__)


def join(corpora: Sequence[Any], *, columns: Sequence[str] = LEADING_COLUMNS) -> Any:
    """Put the rows of several corpora one after the other.

    ``emotion`` gets one label set: the names of all of them in the order they come, so that a name
    keeps its meaning and no integer changes hands. Names are not merged: "happy" of one corpus and
    "joy" of another stay two, and ``emotion_basic7`` is their common ground. Where the ranges of
    ``sentiment`` differ, each corpus' score is divided by the end of its range, so that all lie
    from -1 to 1; a line in the log says so.

    Args:
        corpora: What ``load_dataset`` returned: all ``Dataset``, all ``DatasetDict`` (joined split
            by split; a split that one of them lacks is that of the others), or their iterable
            forms.
        columns: What to keep; the leading columns are in every corpus.

    Returns:
        What was given, one for all. ``id`` is unique within a ``corpus``, not across corpora.

    Raises:
        ValueError: Nothing is given, kinds are mixed, or a column is missing or of another type.

    Example:
        >>> label = Features({"emotion": ClassLabel(names=["sad", "glad"])})
        >>> other = Features({"emotion": ClassLabel(names=["glad", "angry"])})
        >>> a = Dataset.from_dict({"emotion": [0, 1]}, label)
        >>> b = Dataset.from_dict({"emotion": [0, 1]}, other)
        >>> rows = join([a, b], columns=["emotion"])
        >>> rows.features["emotion"].int2str(rows["emotion"][:])
        ['sad', 'glad', 'glad', 'angry']
    """
    kinds = (DatasetDict, IterableDatasetDict, Dataset, IterableDataset)
    found = {next((kind for kind in kinds if isinstance(each, kind)), None) for each in corpora}
    if len(found) != 1 or None in found:
        got = ", ".join(type(each).__name__ for each in corpora) or "nothing"
        raise ValueError(
            f"`corpora`: got {got}, expected data sets of one kind. Load all of them with a "
            "`split`, or all of them without."
        )
    kind = found.pop()
    if kind in (DatasetDict, IterableDatasetDict):
        splits = dict.fromkeys(name for each in corpora for name in each)
        return kind(
            {
                split: join([each[split] for each in corpora if split in each], columns=columns)
                for split in splits
            }
        )
    parts = [_only(rows, columns) for rows in corpora]
    names = list(dict.fromkeys(n for part in parts for n in _names(part.features)))
    scales = [_scale(rows) for rows in corpora] if "sentiment" in columns else []
    if len({scale for scale in scales if scale}) > 1:
        log.warning("join: the ranges of `sentiment` differ; each is brought to -1..1")
    else:
        scales = [None] * len(parts)
    parts = [_alike(part, names, scale) for part, scale in zip(parts, scales, strict=True)]
    _require_types(parts)
    return concatenate_datasets(parts)


def _only(rows: Any, columns: Sequence[str]) -> Any:
    if rows.features is None:
        raise ValueError(
            "a stream without features: got one that was mapped, expected features. "
            "Pass `features=` to `map`, or join before."
        )
    missing = [name for name in columns if name not in rows.features]
    if missing:
        raise ValueError(
            f"`columns`: got rows without {', '.join(missing)}, expected every data set to have "
            f"them. Keep some of {', '.join(rows.features)}."
        )
    return rows.select_columns(list(columns))


def _names(features: Features) -> list[str]:
    feature = features.get("emotion")
    return list(feature.names) if isinstance(feature, ClassLabel) else []


def _scale(rows: Any) -> float | None:
    """The end of the range of `sentiment`, by the corpus that the rows name."""
    if not isinstance(rows, Dataset) or "corpus" not in rows.features:
        name = next((row["corpus"] for row in rows if row.get("corpus")), "")
    else:
        name = rows["corpus"][0] if len(rows) else ""
    entry = entries().get(name)
    return float(max(map(abs, entry.sentiment))) if entry and entry.sentiment else None


def _alike(rows: Any, names: list[str], scale: float | None) -> Any:
    """Rows whose labels count in ``names`` and whose sentiment is in units of ``scale``."""
    features = Features(rows.features)
    own = _names(features)
    if own == names and scale is None:
        return rows
    codes = None
    if isinstance(features.get("emotion"), ClassLabel):
        features["emotion"] = ClassLabel(names=names)
        codes = [names.index(name) for name in own]
    change = partial(_changed, codes=codes, scale=scale)
    if isinstance(rows, IterableDataset):
        return on_tables(rows, change, features)
    changed = [name for name in ("emotion", "sentiment") if name in features]
    for name, values in change(rows.select_columns(changed)[:]).items():
        rows = rows.remove_columns(name).add_column(name, values, feature=features[name])
    return rows.select_columns(list(features))


def _changed(
    batch: dict[str, list[Any]], codes: list[int] | None, scale: float | None
) -> dict[str, list[Any]]:
    out = {}
    if codes is not None and "emotion" in batch:
        out["emotion"] = [None if v is None else codes[v] for v in batch["emotion"]]
    if scale is not None and "sentiment" in batch:
        out["sentiment"] = [None if v is None else v / scale for v in batch["sentiment"]]
    return out


def _require_types(parts: Iterable[Any]) -> None:
    """Raise where a column has two types, naming it."""
    first, *others = (part.features for part in parts)
    for features in others:
        for name, feature in features.items():
            if feature != first[name]:
                raise ValueError(
                    f"column `{name}` has two types: got {first[name]} and {feature}, expected "
                    "one. Leave it out of `columns`, or cast it first."
                )
