"""What the raters of CREMA-D said: counts of votes, and the emotions that had most of them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.crema_d.names import LABELS, LETTERS, clip_names
from affecthub.datasets_scripts.reading.layout import File, Tree
from affecthub.datasets_scripts.reading.tables import read_csv, require_unique, to_numbers

# What a rater was given, in the order of the first digit of a row of tabulatedVotes.csv -> columns
# of summaryTable.csv.
MODES = {
    "audio": ("VoiceVote", "VoiceLevel"),
    "video": ("FaceVote", "FaceLevel"),
    "audiovisual": ("MultiModalVote", "MultiModalLevel"),
}
# A row of tabulatedVotes.csv is called by what was shown and the clip's number: 300001.
PER_MODE = 100_000
MEANS = [f"mean{name}Resp" for name in ("Anger", "Disgust", "Fear", "Happy", "Neutral", "Sad")]
_COUNTS = pa.list_(pa.int32(), len(LABELS))
_SHARES = pa.list_(pa.float32(), len(LABELS))
_NAMES, _LEVELS = pa.list_(pa.string()), pa.list_(pa.float32())


def read_summary(tree: Tree, file: File) -> pa.Table:
    """Read ``summaryTable.csv``: the emotions with most votes, and how strong they seemed.

    Returns:
        ``id`` and per mode ``voted_<mode>`` (label names, several where votes are tied) and
        ``level_<mode>`` (mean intensity of each, 0 to 100).

    Raises:
        ValueError: A column is missing, a clip stands twice, or a cell cannot be read (its line).
    """
    where = tree.root / file.path
    table = read_csv(tree, file, ["FileName", *(name for pair in MODES.values() for name in pair)])
    columns: dict[str, Any] = {"id": clip_names(table["FileName"], where)}
    require_unique(columns["id"], where)
    for mode, (vote, level) in MODES.items():
        voted = [_letters(cell) for cell in table[vote].to_pylist()]
        levels = [_numbers(cell) for cell in table[level].to_pylist()]
        for line, (names, values) in enumerate(zip(voted, levels, strict=True), start=2):
            if names is None or values is None or len(names) != len(values):
                got = tuple(table[name][line - 2].as_py()[:40] for name in (vote, level))
                raise ValueError(
                    f"{where}, line {line}: got {got} as `{vote}` and `{level}`, expected letters "
                    "of A, D, F, H, N, S and as many numbers from 0 to 100, both between colons. "
                    "Use the file as released."
                )
        columns[f"voted_{mode}"] = pa.array(voted, _NAMES)
        columns[f"level_{mode}"] = pa.array(levels, _LEVELS)
    return pa.table(columns)


def read_tabulated(tree: Tree, file: File) -> tuple[pa.Table, list[str]]:
    """Read ``tabulatedVotes.csv``: how many raters said what, a row per clip and mode.

    Returns:
        ``id`` and per mode ``votes_<mode>`` and ``shares_<mode>`` (six numbers in label order),
        ``voted_<mode>`` and ``level_<mode>`` as ``read_summary``; and what is wrong with the file.

    Raises:
        ValueError: A column is missing, a clip stands twice in a mode, or a cell cannot be read.
    """
    where = tree.root / file.path
    table = read_csv(tree, file, [*LETTERS, "fileName", "numResponses", *MEANS])
    ids = clip_names(table["fileName"], where)
    counts = np.stack([_counts(table, name, where) for name in LETTERS], axis=1)
    total = _counts(table, "numResponses", where)
    means = np.stack([to_numbers(table[name], where, name).to_numpy() for name in MEANS], axis=1)
    # The names of the rows have no name themselves; a program that saves them again gives one.
    unnamed = [name for name in table.column_names if name in ("", "Unnamed: 0")]
    rows_of = table.column_names.index(unnamed[0]) if unnamed else 0
    shown = _shown(table[rows_of], where)
    problems = []
    if differ := np.flatnonzero(counts.sum(axis=1) != total).tolist():
        problems.append(
            f"{file.path}: the votes of {len(differ)} rows are not as many as `numResponses`, "
            f"first line {differ[0] + 2}; the votes are used"
        )
    order = ids.unique()
    columns: dict[str, Any] = {"id": order}
    for number, mode in enumerate(MODES, start=1):
        own = np.flatnonzero(shown == number)
        clips = ids.take(pa.array(own))
        require_unique(clips, f"{where}, {mode}")
        columns |= _of_mode(mode, order, clips, counts[own], means[own])
    return pa.table(columns), problems


def _of_mode(
    mode: str, order: pa.Array, clips: pa.Array, counts: np.ndarray, means: np.ndarray
) -> dict[str, Any]:
    """The columns of one mode for the clips in ``order``."""
    most = counts.max(axis=1, initial=0)
    tops = [np.flatnonzero((row == top) & (top > 0)) for row, top in zip(counts, most, strict=True)]
    levels = [
        [None if np.isnan(mean) else float(mean) for mean in means[row, top]]
        for row, top in enumerate(tops)
    ]
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    where = pc.index_in(order, value_set=clips)
    columns = {
        "votes": pa.FixedSizeListArray.from_arrays(
            pa.array(counts.ravel(), pa.int32()), type=_COUNTS
        ),
        "shares": pa.FixedSizeListArray.from_arrays(
            pa.array(shares.ravel(), pa.float32()), type=_SHARES
        ),
        "voted": pa.array([[LABELS[i] for i in top] for top in tops], _NAMES),
        "level": pa.array(levels, _LEVELS),
    }
    return {f"{name}_{mode}": column.take(where) for name, column in columns.items()}


def only_winner(voted: pa.ChunkedArray) -> pa.ChunkedArray:
    """The emotion with most votes, null where several have as many."""
    alone = pc.equal(pc.list_value_length(voted), 1)
    first = [names[0] if names else None for names in voted.to_pylist()]
    return pc.if_else(alone, pa.array(first, pa.string()), None)


def _counts(table: pa.Table, name: str, where: object) -> np.ndarray:
    """A column of whole numbers.

    Raises:
        ValueError: A cell is none; names the file and the line.
    """
    text = pc.utf8_trim_whitespace(table[name])
    good = pc.match_substring_regex(text, r"^[0-9]{1,6}$")
    if pc.any(pc.invert(good)).as_py():
        row = pc.index(good, False).as_py()
        raise ValueError(
            f"{where}, line {row + 2}: got {table[name][row].as_py()[:40]!r} as `{name}`, expected "
            "a number of votes. Use the file as released."
        )
    return text.cast(pa.int32()).to_numpy()


def _shown(column: pa.ChunkedArray, where: object) -> np.ndarray:
    """What the raters of each row were given, 1 to 3, by the name of the row.

    Raises:
        ValueError: A row is called otherwise; names the file and the line.
    """
    text = pc.utf8_trim_whitespace(column)
    good = pc.match_substring_regex(text, r"^[1-3][0-9]{5}$")
    if pc.any(pc.invert(good)).as_py():
        row = pc.index(good, False).as_py()
        raise ValueError(
            f"{where}, line {row + 2}: got {column[row].as_py()[:40]!r} in the first column, "
            "expected 100001 and so on for votes on sound, 200001 on film, 300001 on both. Use "
            "the file as released."
        )
    return text.cast(pa.int32()).to_numpy() // PER_MODE


def _letters(cell: str) -> list[str] | None:
    letters = [part.strip() for part in cell.split(":")]
    return [LETTERS[letter] for letter in letters] if set(letters) <= set(LETTERS) else None


def _numbers(cell: str) -> Sequence[float] | None:
    try:
        values = [float(part) for part in cell.split(":")]
    except ValueError:
        return None
    return values if all(0 <= value <= 100 for value in values) else None
