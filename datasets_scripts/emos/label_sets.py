"""The annotators' sets of GoEmotions labels, as they spelt them, and as they meant them."""

import re
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.emos.chinese import open_chinese
from affecthub.datasets_scripts.emos.english import KEYS as ENGLISH_KEYS
from affecthub.datasets_scripts.emos.english import open_english
from affecthub.datasets_scripts.emos.release import (
    CHINESE,
    EN_FIRST,
    EN_LAST,
    ZH_FIRST,
    ZH_LAST,
    Batch,
    Release,
    Sheet,
    require_equal,
)
from affecthub.labels import GOEMOTIONS_WITH_UNSURE

# How annotators misspelt labels -> what they meant.
SPELLINGS = {
    "admiaration": "admiration",
    "ambarrassment": "embarrassment",
    "amusemet": "amusement",
    "annoaynce": "annoyance",
    "anoyance": "annoyance",
    "curioisity": "curiosity",
    "curiosty": "curiosity",
    "deisire": "desire",
    "digust": "disgust",
    "disaaproval": "disapproval",
    "disappointement": "disappointment",
    "disaspproval": "disapproval",
    "disdust": "disgust",
    "disggust": "disgust",
    "disire": "desire",
    "durprise": "surprise",
    "ebarrassment": "embarrassment",
    "excitemrnt": "excitement",
    "exitement": "excitement",
    "grtitude": "gratitude",
    "jou": "joy",
    "lone": "love",
    "lovedesire": "love;desire",
    "lve": "love",
    "nervousnee": "nervousness",
    "nuetral": "neutral",
    "opyimism": "optimism",
    "realizatoin": "realization",
    "realization re": "realization",
    "relilef": "relief",
    "remorrse": "remorse",
    "resorse": "remorse",
    "sadenss": "sadness",
    "ssadness": "sadness",
    "surprsie": "surprise",
}
SET_COLUMN = r"^go-?emotion"  # one annotator's column has a suffix of its own
BASIC_COLUMN = r"^(basic-7|7-emotion)"


@dataclass(frozen=True)
class Sets:
    """The GoEmotions sets of a batch.

    Attributes:
        batch: Which.
        raw: A column of cells as released for each annotator; null where one gave no set.
        meant: Booleans of shape (clip, annotator, label), misspelt labels read as meant.
        spelt: The same from rightly spelt labels alone, as the release counted them.
        basic7: A column of Basic-7 labels for each annotator; none in the English batches.
        raw_basic7: The same as released.
    """

    batch: Batch
    raw: list[pa.ChunkedArray]
    meant: np.ndarray
    spelt: np.ndarray
    basic7: list[pa.ChunkedArray]
    raw_basic7: list[pa.ChunkedArray]


class BatchClips(NamedTuple):
    """The clips of a batch, as the release's label table lists them.

    Attributes:
        batch: Which.
        start: Row of the annotators' workbooks at which it begins: they have rows for every clip.
        table: Its clips in order.
        keys: Columns by which other tables of the batch must agree with this one.
    """

    batch: Batch
    start: int
    table: pa.Table
    keys: tuple[str, ...]


def batch_clips(release: Release) -> list[BatchClips]:
    """The clips of all four batches.

    Raises:
        FileNotFoundError: A label table is not there.
        ValueError: One is unreadable or not about the same clips.
    """
    chinese, english = open_chinese(release), open_english(release)
    n_zh, n_en = chinese.sizes[0], english.sizes[0]
    return [
        BatchClips(ZH_FIRST, 0, chinese.part(0), ("video_id", "text")),
        BatchClips(ZH_LAST, n_zh, chinese.part(1), ("video_id", "text")),
        BatchClips(EN_FIRST, 0, english.labels[0].table, ENGLISH_KEYS),
        BatchClips(EN_LAST, n_en, english.labels[1].table, ENGLISH_KEYS),
    ]


def read_sets(release: Release, clips: BatchClips, problems: list[str]) -> Sets:
    """Read what the three annotators of a batch wrote into their workbooks.

    Args:
        release: The release.
        clips: The batch's clips.
        problems: Gets a line for each workbook with words that are no label.

    Raises:
        FileNotFoundError: A workbook is not there.
        ValueError: One is unreadable, about other clips, or has no column of sets.
    """
    batch = clips.batch
    raw, meant, spelt, basic7, raw_basic7 = [], [], [], [], []
    for name, book in zip(batch.annotators, release.annotators(batch, clips.keys), strict=True):
        sheet = book.part(clips.start, clips.table.num_rows)
        for key in clips.keys:
            require_equal(clips.table[key], sheet, key)
        raw.append(_column(sheet, SET_COLUMN))
        if batch in CHINESE:
            basic7.append(sheet.basic7(_name(sheet, BASIC_COLUMN)))
            raw_basic7.append(_column(sheet, BASIC_COLUMN))
        as_meant, as_spelt, unknown = parse_sets(raw[-1])
        meant.append(as_meant)
        spelt.append(as_spelt)
        if unknown:
            words = ", ".join(map(repr, unknown))
            problems.append(f"workbook of annotator {name}: no labels: {words}; left out")
    stacked = np.stack(meant, axis=1), np.stack(spelt, axis=1)
    return Sets(batch, raw, *stacked, basic7, raw_basic7)


def read_all_sets(release: Release, problems: list[str]) -> list[Sets]:
    """Read the sets of all four batches, each in the order of its label table.

    Raises:
        FileNotFoundError: A file is not there.
        ValueError: A file is unreadable or not about the same clips.
    """
    return [read_sets(release, clips, problems) for clips in batch_clips(release)]


def parse_sets(cells: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Read sets of labels such as ``joy;love``.

    Args:
        cells: Labels separated by ``;``; null or blank is the empty set.

    Returns:
        Two boolean arrays of shape (cell, label), labels of GOEMOTIONS_WITH_UNSURE: as meant, and
        from rightly spelt labels alone; and the words that are no label however read.

    Example:
        >>> meant, spelt, _ = parse_sets(pa.chunked_array([["joy;lve", None]]))
        >>> meant.sum(axis=1), spelt.sum(axis=1)
        (array([2, 0]), array([1, 0]))
    """
    encoded = pc.fill_null(cells, "").combine_chunks().dictionary_encode()
    distinct = encoded.dictionary.to_pylist()
    meant = np.zeros((len(distinct), len(GOEMOTIONS_WITH_UNSURE)), dtype=bool)
    spelt = np.zeros_like(meant)
    number = {label: k for k, label in enumerate(GOEMOTIONS_WITH_UNSURE)}
    unknown = set()
    for i, cell in enumerate(distinct):
        for written in cell.split(";"):
            word = re.sub(r"\s+", " ", written).strip().lower()
            if word in number:
                spelt[i, number[word]] = True
            labels = SPELLINGS.get(word, word).split(";") if word else []
            unknown |= {label for label in labels if label not in number}
            meant[i, [number[label] for label in labels if label in number]] = True
    rows = encoded.indices.to_numpy()
    return meant[rows], spelt[rows], sorted(unknown)


def _column(sheet: Sheet, pattern: str) -> pa.ChunkedArray:
    return sheet.table[_name(sheet, pattern)]


def _name(sheet: Sheet, pattern: str) -> str:
    """The name of the one column that matches.

    Raises:
        ValueError: None does, or several do.
    """
    found = [name for name in sheet.table.column_names if re.match(pattern, name)]
    if len(found) != 1:
        raise ValueError(
            f"{sheet.where}: missing column: got {sheet.table.column_names}, expected one that "
            f"begins like {pattern}. Use the file as released."
        )
    return found[0]
