"""All clips of a corpus as one table, for what looks at labels and people and at no media."""

from collections.abc import Mapping
from os import PathLike
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from datasets import ClassLabel

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.catalog import corpus
from affecthub.datasets_scripts.reading.references import set_column


def annotation_rows(
    name: str,
    data_dir: str | PathLike[str],
    config: str | None = None,
    roots: Mapping[str, str | PathLike[str]] | None = None,
    **options: Any,
) -> pa.Table:
    """Read the rows of all splits, without media and without a cache.

    Args:
        name: A name of ``affecthub.list_datasets()``.
        data_dir: Folder of the corpus.
        config: Configuration; None takes the default.
        roots: Other folders that complete the corpus, as in ``affecthub.load_dataset``.
        **options: The corpus' own options.

    Returns:
        The leading and the corpus' own columns without the media; labels by name, not by integer.

    Raises:
        ValueError: As ``affecthub.load_dataset``.
        FileNotFoundError: A folder does not exist.
    """
    entry = corpus(name)
    config, _ = entry.choose(config, None)
    return _rows(
        entry.builder_class()(config_name=config, data_dir=data_dir, roots=roots, **options)
    )


def _rows(builder: CorpusBuilder) -> pa.Table:
    """The rows of a corpus without media, labels by name."""
    # Bytes are not read out of tars: rows are wanted, not clips.
    tables = builder.tables(builder.rows(), lambda ref: {"bytes": None, "path": ref["path"]})
    rows = pa.concat_tables([table.drop_columns(list(builder.MODALITIES)) for table in tables])
    for column, feature in builder.info.features.items():
        if isinstance(feature, ClassLabel):
            names = pa.array(feature.names, pa.string())
            rows = set_column(rows, column, names.take(rows[column].combine_chunks()))
    return rows.replace_schema_metadata(None)


def split_rows(
    name: str,
    data_dir: str | PathLike[str],
    config: str | None = None,
    protocol: str | None = None,
    roots: Mapping[str, str | PathLike[str]] | None = None,
    **options: Any,
) -> dict[str, pa.Table]:
    """Read the rows of each split of a protocol, as ``annotation_rows`` does.

    Raises:
        ValueError: As ``affecthub.load_dataset``.
        FileNotFoundError: A folder or a split file does not exist.
    """
    entry = corpus(name)
    config, protocol = entry.choose(config, protocol)
    builder = entry.builder_class()(config_name=config, data_dir=data_dir, roots=roots, **options)
    rule = builder.rule_of(protocol)
    rows = _rows(builder)
    sides = rule.assign(rows)
    return {split: rows.filter(pc.equal(sides, split)) for split in rule.splits}
