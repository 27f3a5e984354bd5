"""Columns of a stream changed or added, as Arrow tables, so that media stay as they are.

``IterableDataset.map`` on rows would encode sound anew, which needs torchcodec.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import pyarrow as pa
from datasets import Features, IterableDataset

from affecthub.datasets_scripts.reading.references import set_column

Change = Callable[[dict[str, list[Any]]], dict[str, list[Any]]]


def on_tables(rows: IterableDataset, change: Change, features: Features) -> IterableDataset:
    """A stream whose columns a function changes or adds.

    Args:
        rows: The stream.
        change: From columns of a batch to those that are new; it travels to other processes.
        features: All columns of the result, in order.
    """
    apply = partial(_changed, change=change, features=features)
    return rows.with_format("arrow").map(apply, batched=True, features=features).with_format(None)


def _changed(table: pa.Table, change: Change, features: Features) -> pa.Table:
    small = [name for name in table.column_names if name not in ("audio", "video", "face")]
    for name, values in change(table.select(small).to_pydict()).items():
        table = set_column(table, name, pa.array(values, features[name]()))
    return table.select(list(features)).cast(features.arrow_schema)
