"""The Chinese clips: CH-SIMS v2 with Basic-7 labels by Dawid and Skene's rule.

The released tables went through ``int(clip_id)``, which reads ``00001_0`` as 10: ids come from
``meta.csv``, and the tables are joined to it row by row.
"""

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.annotation.aggregation import quality_tiers
from affecthub.datasets_scripts.emos.nested import votes_column
from affecthub.datasets_scripts.emos.release import (
    CHINESE,
    META,
    Release,
    Sheet,
    require_equal,
)
from affecthub.datasets_scripts.reading.tables import to_numbers

SCORES = {
    "sentiment": "label",
    "sentiment_text": "label_T",
    "sentiment_audio": "label_A",
    "sentiment_video": "label_V",
}
KEYS = ("video_id", "clip_id", "text")
RESULTS = ("ds_label", "ds_confidence", "unique_labels")


class ChineseTables(NamedTuple):
    """The index of CH-SIMS v2 and the label tables of both batches, row by row the same clips."""

    meta: Sheet
    labels: tuple[Sheet, Sheet]

    @property
    def sizes(self) -> tuple[int, int]:
        """Clips of the first and of the last batch."""
        first, last = self.labels
        return first.table.num_rows, last.table.num_rows

    def part(self, i: int) -> pa.Table:
        """The rows of the index that belong to batch 0 or 1."""
        start = (0, self.sizes[0])[i]
        return self.meta.table.slice(start, self.sizes[i])


def open_chinese(release: Release) -> ChineseTables:
    """Read ``meta.csv`` and the two tables ``annotated_with_ds.xlsx``.

    Raises:
        FileNotFoundError: One is not there.
        ValueError: One is unreadable, lacks a column, or is not about the same clips.
    """
    meta = release.csv(META, [*KEYS, *SCORES.values(), "mode"])
    numbers = ("ds_confidence", "unique_labels")
    first, last = (release.workbook(b.labels, [*KEYS, "ds_label"], numbers) for b in CHINESE)
    tables = ChineseTables(meta, (first, last))
    if sum(tables.sizes) != meta.table.num_rows:
        raise ValueError(
            f"{meta.where}: got {meta.table.num_rows} rows, expected {sum(tables.sizes)}, those of "
            f"{first.where} and {last.where} together. Use the files as released."
        )
    for i, sheet in enumerate(tables.labels):
        for name in ("video_id", "text"):
            require_equal(tables.part(i)[name], sheet, name)
    return tables


def read_chinese(release: Release) -> pa.Table:
    """A row per clip of CH-SIMS v2, all three tiers.

    Raises:
        FileNotFoundError: A file is not there.
        ValueError: A file is unreadable, or a cell cannot be used.
    """
    tables = open_chinese(release)
    meta = tables.meta.table
    labels = pa.concat_tables([_labels(tables.labels[i], i) for i in (0, 1)])
    scores = {
        name: to_numbers(meta[column], tables.meta.where, column) for name, column in SCORES.items()
    }
    columns = {
        "id": pc.binary_join_element_wise(meta["video_id"], meta["clip_id"], "/"),
        "text": meta["text"],
        "text_raw": meta["text"],
        "language": pa.repeat("zh", meta.num_rows),
        "group_id": meta["video_id"],
        "source_id": meta["video_id"],
        "source_split": pc.replace_substring(meta["mode"], "valid", "validation"),
        **scores,
        **{name: labels[name] for name in labels.column_names},
    }
    return pa.table(columns)


def _labels(sheet: Sheet, i: int) -> pa.Table:
    """The label columns of one batch."""
    confidence = sheet.share("ds_confidence")
    n = len(confidence)
    return pa.table(
        {
            "batch": pa.repeat(CHINESE[i].name, n),
            "emotion": sheet.basic7("ds_label"),
            "votes": votes_column(annotator_votes(sheet), CHINESE[i].annotators),
            "confidence": confidence,
            "confidence_kind": pa.repeat("ds_posterior", n),
            "tier": pa.array(quality_tiers(confidence.to_numpy())),
            "unique_labels": sheet.count("unique_labels"),
        }
    )


def annotator_votes(sheet: Sheet) -> list[pa.ChunkedArray]:
    """The three annotators' columns, which are named after people: those that are left over.

    Raises:
        ValueError: There are not three, or a vote is no Basic-7 label.
    """
    names = [name for name in sheet.table.column_names if name not in (*KEYS, *RESULTS)]
    if len(names) != 3:
        raise ValueError(
            f"{sheet.where}: got {len(names)} columns of votes, expected 3 beside "
            f"{', '.join((*KEYS, *RESULTS))}. Use the file as released."
        )
    return [sheet.basic7(name) for name in names]
