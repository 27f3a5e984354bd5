"""Label names beside the integers that ``datasets`` keeps."""

from typing import Any

from datasets import ClassLabel, DatasetDict, Features, IterableDataset, Value
from datasets import IterableDatasetDict as Streams

from affecthub.datasets_scripts.rows.streams import on_tables


def with_label_names(rows: Any) -> Any:
    """Rows with a text column ``<column>_name`` for every column of labels.

    Integers of different columns count in different label sets: 0 of ``emotion`` need not be 0 of
    ``emotion_basic7``. Names mean the same everywhere.

    Args:
        rows: A ``Dataset``, a ``DatasetDict``, or their iterable forms.

    Returns:
        The same kind. The new columns come last; null stays null.

    Raises:
        ValueError: A stream has no features, or a column has the new name already.

    Example:
        >>> label = Features({"emotion": ClassLabel(names=["sad", "glad"])})
        >>> with_label_names(Dataset.from_dict({"emotion": [1, None]}, label))["emotion_name"][:]
        ['glad', None]
    """
    if isinstance(rows, DatasetDict | Streams):
        return type(rows)({split: with_label_names(side) for split, side in rows.items()})
    if rows.features is None:
        raise ValueError(
            "a stream without features: got one that was mapped, expected features. "
            "Add names before `map`, or pass `features=` to it."
        )
    labels = {name: f for name, f in rows.features.items() if isinstance(f, ClassLabel)}
    taken = [name for name in labels if f"{name}_name" in rows.features]
    if taken:
        raise ValueError(f"column `{taken[0]}_name` is there already; the names were added before")
    if isinstance(rows, IterableDataset):
        features = Features({**rows.features, **{f"{n}_name": Value("string") for n in labels}})
        return on_tables(rows, _Named(labels), features)
    for name, values in _Named(labels)(rows.select_columns(list(labels))[:]).items():
        rows = rows.add_column(name, values, feature=Value("string"))
    return rows


class _Named:
    """The names of a batch; an object, so that it travels to other processes."""

    def __init__(self, labels: dict[str, ClassLabel]) -> None:
        self.names = {name: list(feature.names) for name, feature in labels.items()}

    def __call__(self, batch: dict[str, list[Any]]) -> dict[str, list[Any]]:
        return {
            f"{name}_name": [None if v is None else names[v] for v in batch[name]]
            for name, names in self.names.items()
        }
