"""What is published of RAVDESS' numbers, against the rows."""

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.ravdess.names import CHANNELS, LABELS
from affecthub.datasets_scripts.verifying.report import Check

# The page of the release: speech 24 actors x 60, song 23 actors x 44 (none of actor 18), each as
# film with sound, silent film and sound.
N_ACTORS = {"speech": 24, "song": 23}
PER_ACTOR = {"speech": 60, "song": 44}
# Clips of an actor with each label: neutral has no strong intensity, song no disgust and surprise.
LABELS_OF_ACTOR = {"speech": (4, 8, 8, 8, 8, 8, 8, 8), "song": (4, 8, 8, 8, 8, 8, 0, 0)}
N_FILES = 7356


def checks(rows: pa.Table, config: str, n_files: int) -> list[Check]:
    """Compare finished rows of a configuration with the release.

    Args:
        rows: Finished rows.
        config: Their configuration.
        n_files: Sound and film files of clips in the folder, by name.
    """
    results = []
    for code, channel in enumerate(CHANNELS):
        if config not in (channel, "all"):
            continue
        own = rows.filter(pc.equal(rows["channel"], code))
        of_actor, actors = PER_ACTOR[channel], N_ACTORS[channel]
        results += [
            Check.compare(f"{channel}, clips", actors * of_actor, own.num_rows),
            Check.compare(
                f"{channel}, actors", actors, pc.count_distinct(own["speaker_id"]).as_py()
            ),
        ]
        counts = _counts(own["emotion"])
        results += [
            Check.compare(f"{channel}, {label}", n * actors, counts.get(i, 0))
            for i, (label, n) in enumerate(zip(LABELS, LABELS_OF_ACTOR[channel], strict=True))
        ]
        results += [
            Check.compare(f"{channel}, clips of {actor}", of_actor, n)
            for actor, n in sorted(_counts(own["speaker_id"]).items())
            if n != of_actor
        ]
    if config == "all":
        results.append(Check.compare("files", N_FILES, n_files))
    return results


def _counts(values: pa.ChunkedArray) -> dict[object, int]:
    return {item["values"]: item["counts"] for item in pc.value_counts(values).to_pylist()}
