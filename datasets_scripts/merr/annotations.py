"""MERR's annotation files: lines of a clip and its label, and a json with what models wrote."""

import json
import re

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.reading.any_table import decode, read_table
from affecthub.datasets_scripts.reading.layout import File, Tree
from affecthub.datasets_scripts.reading.tables import require_columns, require_unique
from affecthub.labels import label_set

# Keys of the json to our columns. `caption` is the coarse text, the other the fine one.
TEXTS = {
    "caption": "description",
    "smp_reason_caption": "description",
    "text": "transcript",
    "audio_prior_list": "audio_cue",
    "pseu_emotion": "emotion",
}
LISTS = {"visual_prior_list": "visual_cues", "peak_AU_list": "peak_action_units"}
_NULL = pa.scalar(None, pa.string())
_COUNT = r"[0-9]{1,9}"
_NUMBER = r"[+-]?[0-9]{1,9}(\.[0-9]*)?"
_FORMS = "`clip label` or `clip frames label [valence]`"


def read_lines(tree: Tree, file: File) -> pa.Table:
    """Read a txt: a clip a line, with its label, and perhaps its number of frames and a valence.

    Args:
        tree: The folder.
        file: Lines such as ``sample_00000023 angry`` or ``sample_00000023 35 angry -1.17``.

    Returns:
        ``id``, ``emotion``, ``n_frames`` and ``valence``; the last two null where a line lacks
        them. Equal lines count once.

    Raises:
        ValueError: The file is empty or not text, a line has another form or an unknown label, or a
            clip stands in two lines that differ; names the file and the line.
    """
    where = tree.root / file.path
    text, _ = decode(tree.read(file), where)
    clips: dict[str, tuple[str, str, str]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        words = line.split()
        if not words:
            continue
        if len(words) == 2:
            clip, found = words[0], (words[1], "", "")
        elif len(words) in (3, 4) and re.fullmatch(_COUNT, words[1]):
            clip, found = words[0], (words[2], words[1], "".join(words[3:]))
        else:
            raise ValueError(f"{where}, line {number}: got {line[:80]!r}, expected {_FORMS}")
        if found[2] and not re.fullmatch(_NUMBER, found[2]):
            raise ValueError(
                f"{where}, line {number}: got {found[2]!r} as valence of clip {clip}, expected a "
                "number. Correct the annotation file."
            )
        if found[0] not in label_set("merr"):
            raise ValueError(
                f"{where}, line {number}: got the label {found[0]!r} of clip {clip}, expected one "
                f"of {', '.join(label_set('merr'))}. Correct the annotation file."
            )
        if clips.setdefault(clip, found) != found:
            raise ValueError(
                f"{where}, line {number}: got clip {clip} again with another label, expected it "
                "once. Remove one of the lines."
            )
    if not clips:
        raise ValueError(f"{where}: got no line, expected {_FORMS}. Get the file again.")
    emotions, frames, valences = map(list, zip(*clips.values(), strict=True))
    frames = [int(count) if count else None for count in frames]
    numbers = [float(valence) if valence else None for valence in valences]
    return pa.table(
        {
            "id": pa.chunked_array([pa.array(list(clips))]),
            "emotion": pa.chunked_array([pa.array(emotions)]),
            "n_frames": pa.chunked_array([pa.array(frames, pa.int32())]),
            "valence": pa.chunked_array([pa.array(numbers, pa.float64())]),
        }
    )


def read_json(tree: Tree, file: File, caption: str) -> pa.Table:
    """Read a json: an object of clips, each an object of what models wrote of it.

    Args:
        tree: The folder.
        file: The json.
        caption: The key of its description, which must be there.

    Returns:
        ``id`` and those of the columns of ``TEXTS`` and ``LISTS`` whose keys are there, and
        ``peak_frame``; blank values are null.

    Raises:
        ValueError: The file is no such object, lacks the description, or a value is of another
            kind; names the file, and the clip where there is one.
    """
    where = tree.root / file.path
    table, _ = read_table(tree, file)
    require_columns(table, ["key", caption], where)
    ids = table["key"]
    require_unique(ids, where)
    columns = {"id": ids}
    for key, name in TEXTS.items():
        # A file of one set may hold keys of the other; its own description is the one that counts.
        if key in table.column_names and (name != "description" or key == caption):
            cells = table[key]
            columns[name] = pc.if_else(pc.equal(pc.utf8_trim_whitespace(cells), ""), _NULL, cells)
    for key, name in LISTS.items():
        if key in table.column_names:
            lists = [_list(cell) for cell in table[key].to_pylist()]
            wrong = next((i for i, found in enumerate(lists) if found is False), None)
            _refuse(wrong, table, key, where, "a list of texts")
            columns[name] = pa.chunked_array([pa.array(lists, pa.list_(pa.string()))])
    if "peak_index" in table.column_names:
        cells = pc.utf8_trim_whitespace(table["peak_index"])
        good = pc.match_substring_regex(cells, f"^({_COUNT})?$")
        wrong = None if pc.all(good).as_py() else pc.index(good, False).as_py()
        _refuse(wrong, table, "peak_index", where, "the number of a frame")
        numbers = pc.if_else(pc.equal(cells, ""), _NULL, cells)
        columns["peak_frame"] = pc.cast(numbers, pa.int32())
    return pa.table(columns)


def _list(cell: str) -> list[str] | bool | None:
    """A list of texts as a json has it, or False; one text is a list of one, nothing is null."""
    if not cell.strip():
        return None
    try:
        value = json.loads(cell)
    except (ValueError, RecursionError):
        value = [cell]
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        return False
    return [item for item in value if item.strip()]


def _refuse(row: int | None, table: pa.Table, key: str, where: object, expected: str) -> None:
    """Raise where a clip's value is not what it should be."""
    if row is not None:
        raise ValueError(
            f"{where}, clip {table['key'][row].as_py()}: got {table[key][row].as_py()[:80]!r} as "
            f"`{key}`, expected {expected}. Correct the annotation file."
        )
