"""What the name of a CREMA-D clip says: actor, sentence, emotion, how strong."""

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.labels import label_set

LABELS = label_set("crema_d")
# Code in a clip's name -> label; the letter of a vote is the first one of the code.
CODES = dict(zip(("ANG", "DIS", "FEA", "HAP", "NEU", "SAD"), LABELS, strict=True))
LETTERS = {code[0]: label for code, label in CODES.items()}
# XX: the actor was not told how strong; one clip's files have a single X.
LEVELS = {"LO": "low", "MD": "medium", "HI": "high", "XX": None, "X": None}
SENTENCES = {
    "DFA": "Don't forget a jacket.",
    "IEO": "It's eleven o'clock.",
    "IOM": "I'm on my way to the meeting.",
    "ITH": "I think I have a doctor's appointment.",
    "ITS": "I think I've seen this before.",
    "IWL": "I would like a new alarm clock.",
    "IWW": "I wonder what this is about.",
    "MTI": "Maybe tomorrow it will be cold.",
    "TAI": "The airplane is almost full.",
    "TIE": "That is exactly what happened.",
    "TSI": "The surface is slick.",
    "WSI": "We'll stop in a couple of minutes.",
}
NAME = (
    r"(?P<actor>1\d{3})_"
    rf"(?P<sentence>{'|'.join(SENTENCES)})_(?P<code>{'|'.join(CODES)})_(?P<level>XX?|LO|MD|HI)"
)


def clip_names(names: pa.ChunkedArray, where: object) -> pa.Array:
    """Check the clips that a table names.

    Args:
        names: A column as released.
        where: The file, for the error.

    Raises:
        ValueError: A name is that of no clip; gives the file and the line.
    """
    trimmed = pc.utf8_trim_whitespace(names).combine_chunks()
    known = pc.match_substring_regex(trimmed, f"^(?:{NAME})$")
    if pc.any(pc.invert(known)).as_py():
        row = pc.index(known, False).as_py()
        raise ValueError(
            f"{where}, line {row + 2}: got {names[row].as_py()!r}, expected the name of a clip "
            "such as 1001_IEO_HAP_HI. Use the file as released."
        )
    return trimmed


def rows_of_names(ids: pa.Array) -> pa.Table:
    """A row per clip with what its name says.

    Args:
        ids: Names of clips, checked.

    Returns:
        ``id``, ``speaker_id``, ``group_id`` (the actor), ``text``, ``language``,
        ``emotion_intended`` (label name), ``intensity`` and ``sentence``.
    """
    parts = pc.extract_regex(ids, f"^{NAME}$")
    actor, sentence, code, level = (
        pc.struct_field(parts, name) for name in ("actor", "sentence", "code", "level")
    )
    return pa.table(
        {
            "id": ids,
            "speaker_id": actor,
            "group_id": actor,
            "language": pa.repeat("en", len(ids)),
            "text": _looked_up(sentence, SENTENCES),
            "sentence": sentence,
            "emotion_intended": _looked_up(code, CODES),
            "intensity": _looked_up(level, LEVELS),
        }
    )


def _looked_up(column: pa.Array, names: dict[str, str] | dict[str, str | None]) -> pa.Array:
    where = pc.index_in(column, value_set=pa.array(names, pa.string()))
    return pa.array(list(names.values()), pa.string()).take(where)
