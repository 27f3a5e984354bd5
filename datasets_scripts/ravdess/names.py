"""What the name of a RAVDESS file says: seven numbers."""

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.labels import label_set

LABELS = label_set("ravdess")
# First number: film with sound, film without, sound alone.
FULL, SILENT, SOUND = "01", "02", "03"
CHANNELS = ("speech", "song")
INTENSITIES = ("normal", "strong")
STATEMENTS = ("Kids are talking by the door.", "Dogs are sitting by the door.")
# A clip's id is the name without its first number: the same performance in up to three files.
CLIP = (
    r"(?P<channel>0[12])-(?P<emotion>0[1-8])-(?P<intensity>0[12])-(?P<statement>0[12])"
    r"-(?P<repetition>0[12])-(?P<actor>0[1-9]|1\d|2[0-4])"
)
NAME = rf"0[1-3]-{CLIP}"


def rows_of_names(ids: pa.Array) -> pa.Table:
    """A row per performance with what its name says.

    Args:
        ids: Ids of clips.

    Returns:
        ``id``, ``speaker_id`` and ``group_id`` (the actor), ``text``, ``language``, ``emotion``
        (label name), ``channel``, ``intensity``, ``repetition`` and ``actor_sex``: actors with odd
        numbers are men.
    """
    parts = pc.extract_regex(ids, f"^{CLIP}$")
    number = {
        field.name: pc.struct_field(parts, field.name).cast(pa.int32()) for field in parts.type
    }
    actor = pc.binary_join_element_wise("Actor_", pc.struct_field(parts, "actor"), "")
    is_man = pc.equal(pc.bit_wise_and(number["actor"], 1), 1)
    return pa.table(
        {
            "id": ids,
            "speaker_id": actor,
            "group_id": actor,
            "language": pa.repeat("en", len(ids)),
            "text": _chosen(STATEMENTS, number["statement"]),
            "emotion": _chosen(LABELS, number["emotion"]),
            "channel": _chosen(CHANNELS, number["channel"]),
            "intensity": _chosen(INTENSITIES, number["intensity"]),
            "repetition": number["repetition"],
            "actor_sex": pc.if_else(is_man, "male", "female"),
        }
    )


def _chosen(names: tuple[str, ...], number: pa.Array) -> pa.Array:
    """Names by numbers that count from 1."""
    return pa.array(names, pa.string()).take(pc.subtract(number, 1))
