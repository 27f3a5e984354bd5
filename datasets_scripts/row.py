"""One row for every corpus: the leading columns, their types, and the way into them."""

import pyarrow as pa
import pyarrow.compute as pc
from datasets import Audio, ClassLabel, Features, List, Value, Video

from affecthub.labels import BASIC7, to_basic7


def leading_features(emotions: tuple[str, ...]) -> Features:
    """The columns that every corpus has, in order.

    Args:
        emotions: The corpus' own label set, in the order of its ClassLabel integers.

    Returns:
        Features; every column may be null. Media stay encoded (``decode=False``): a row holds
        ``{"bytes", "path"}`` and ``affecthub.media`` reads either.

    Example:
        >>> list(leading_features(("calm", "tense")))[:4]
        ['id', 'corpus', 'split_official', 'audio']
    """
    return Features(
        {
            "id": Value("string"),
            "corpus": Value("string"),
            "split_official": Value("string"),
            "audio": Audio(decode=False),
            "video": Video(decode=False),
            "text": Value("string"),
            "text_en": Value("string"),
            "language": Value("string"),
            "speaker_id": Value("string"),
            "dialogue_id": Value("string"),
            "turn_index": Value("int32"),
            "group_id": Value("string"),
            "start_s": Value("float64"),
            "end_s": Value("float64"),
            "duration_s": Value("float64"),
            "emotion": ClassLabel(names=list(emotions)),
            "emotion_basic7": ClassLabel(names=list(BASIC7)),
            "sentiment": Value("float32"),
            "open_vocabulary": List(Value("string")),
            "description": Value("string"),
            "media_issue": Value("string"),
        }
    )


# What each of them is, for those who read a listing.
LEADING_NOTES = {
    "id": "the clip's name, unique in its corpus, the same on every machine",
    "corpus": "the corpus' name",
    "split_official": "the side on which the release has it, whatever protocol is loaded",
    "audio": "encoded sound, bytes or path; `affecthub.read_audio(row)` decodes it",
    "video": "encoded film, bytes or path; `affecthub.read_frames(row, n)` decodes it",
    "text": "transcript, as released",
    "text_en": "its English translation",
    "language": "of the transcript, a BCP-47 tag",
    "speaker_id": "who speaks",
    "dialogue_id": "the conversation it is a part of",
    "turn_index": "its place there",
    "group_id": "what a speaker-independent split must not cut: speaker or source video",
    "start_s": "where it begins in its source, in seconds",
    "end_s": "where it ends",
    "duration_s": "how long it is, in seconds",
    "emotion": "label in the corpus' own set; `features['emotion'].int2str` spells it",
    "emotion_basic7": "the same as one of seven basic emotions; null where none is honest",
    "sentiment": "score in the corpus' own range",
    "open_vocabulary": "emotion words, any number of them",
    "description": "sentences about the emotion and what tells of it",
    "media_issue": "why media are missing or unusable",
}

# What every corpus has: `affecthub.join` puts corpora one after the other by them.
LEADING_COLUMNS = tuple(leading_features(BASIC7))


def complete(table: pa.Table, features: Features) -> pa.Table:
    """Bring a partial table into the schema of ``features``.

    Missing columns become null, label names become ClassLabel integers, and ``emotion_basic7`` is
    filled from ``emotion`` where the corpus does not bring its own.

    Args:
        table: Any subset of the columns; ClassLabel columns hold label names or integers.
        features: Columns of the result, in order.

    Returns:
        A table whose schema is that of ``features``.

    Raises:
        ValueError: A column is not in ``features``, a label is not in its set, or a value does
            not fit its column's type.
    """
    surplus = [name for name in table.column_names if name not in features]
    if surplus:
        raise ValueError(
            f"table has columns that the corpus does not declare: got {surplus}, expected some of "
            f"{list(features)}. Add them to the corpus' features."
        )
    if "emotion_basic7" in features and "emotion_basic7" not in table.column_names:
        if "emotion" in table.column_names and pa.types.is_string(table["emotion"].type):
            table = table.append_column("emotion_basic7", basic7_of(table["emotion"]))
    # Without the metadata of `features.arrow_schema`, which takes longer to write than the rows.
    schema = pa.schema(features.type)
    columns = [_column(table, field, features[field.name]) for field in schema]
    return pa.Table.from_arrays(columns, schema=schema)


def _column(table: pa.Table, field: pa.Field, feature: object) -> pa.ChunkedArray | pa.Array:
    """Cast one column to its declared type; a missing one is all null."""
    if field.name not in table.column_names:
        return pa.nulls(table.num_rows, field.type)
    column = table[field.name]
    if isinstance(feature, ClassLabel) and pa.types.is_string(column.type):
        return _encode(table, field.name, feature)
    try:
        return column.cast(field.type)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        raise ValueError(
            f"column `{field.name}` does not fit: got {column.type}, expected {field.type}: {error}"
        ) from error


def _encode(table: pa.Table, name: str, feature: ClassLabel) -> pa.ChunkedArray:
    """Turn label names into ClassLabel integers, naming the first clip whose label is unknown."""
    column = table[name]
    codes = pc.index_in(column, value_set=pa.array(feature.names, pa.string())).cast(pa.int64())
    unknown = pc.and_(pc.is_null(codes), pc.is_valid(column))
    if pc.any(unknown).as_py():
        row = pc.index(unknown, True).as_py()
        clip = table["id"][row].as_py() if "id" in table.column_names else f"row {row}"
        raise ValueError(
            f"unknown label in column `{name}` of clip {clip}: got {column[row].as_py()!r}, "
            f"expected one of {', '.join(feature.names)}. Correct the annotation file."
        )
    return codes


def basic7_of(emotion: pa.ChunkedArray) -> pa.Array:
    """Harmonise a column of label names: one look-up per distinct label, not per row."""
    encoded = emotion.combine_chunks().dictionary_encode()
    names = [to_basic7(name) for name in encoded.dictionary.to_pylist()]
    return pa.array(names, pa.string()).take(encoded.indices)
