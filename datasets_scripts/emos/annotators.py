"""Every label as its annotator wrote it: a row per clip, annotator and taxonomy."""

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.emos.label_sets import Sets, read_all_sets
from affecthub.datasets_scripts.emos.nested import names_where
from affecthub.datasets_scripts.emos.release import Release
from affecthub.labels import GOEMOTIONS_WITH_UNSURE

# Leading columns that say which clip was labelled, not how.
CLIP_COLUMNS = (
    "text",
    "language",
    "speaker_id",
    "dialogue_id",
    "turn_index",
    "group_id",
    "start_s",
    "end_s",
    "duration_s",
    "source_id",
    "source_split",
    "batch",
)


def read_annotations(release: Release, clips: pa.Table, problems: list[str]) -> pa.Table:
    """What each annotator wrote; ``emotion`` is the annotator's Basic-7 label.

    Args:
        release: The release.
        clips: All clips, Chinese first, in the order of the release.
        problems: Gets a line for each workbook with words that are no label.

    Raises:
        FileNotFoundError: A file is not there.
        ValueError: A file is unreadable, or a cell cannot be used.
    """
    parts, start = [], 0
    for sets in read_all_sets(release, problems):
        n = len(sets.meant)
        own = clips.slice(start, n)
        for r in range(len(sets.batch.annotators)):
            if sets.basic7:
                parts.append(_basic7(own, sets, r))
            parts.append(_goemotions(own, sets, r))
        start += n
    return pa.concat_tables(parts, promote_options="default")


def _basic7(clips: pa.Table, sets: Sets, r: int) -> pa.Table:
    columns = {"emotion": sets.basic7[r], "raw": sets.raw_basic7[r]}
    return _labelled(clips, sets.batch.annotators[r], "basic7", columns)


def _goemotions(clips: pa.Table, sets: Sets, r: int) -> pa.Table:
    columns = {
        "raw": sets.raw[r],
        "labels": names_where(sets.meant[:, r], GOEMOTIONS_WITH_UNSURE),
        "corrected": pa.array((sets.meant[:, r] != sets.spelt[:, r]).any(axis=1)),
    }
    return _labelled(clips, sets.batch.annotators[r], "goemotions", columns)


def _labelled(clips: pa.Table, annotator: str, taxonomy: str, columns: dict[str, Any]) -> pa.Table:
    """Add to the clips who labelled them by which taxonomy, and how."""
    ids = clips["id"].combine_chunks()
    return pa.table(
        {
            "id": pc.binary_join_element_wise(ids, annotator, taxonomy, "/"),
            "clip_id": ids,
            "_video_key": ids,
            "_audio_key": ids,
            "annotator": pa.repeat(annotator, len(ids)),
            "taxonomy": pa.repeat(taxonomy, len(ids)),
            **{name: clips[name] for name in CLIP_COLUMNS},
            **columns,
        }
    )
