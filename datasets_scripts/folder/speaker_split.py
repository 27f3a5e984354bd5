"""A split by speaker of clips that came without one."""

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.folder.options import FolderConfig
from affecthub.datasets_scripts.protocols.make_split import FRACTIONS, TOLERANCE, make_split
from affecthub.datasets_scripts.protocols.rules import SplitRule

TWO_SPEAKERS = {"train": 0.7, "test": 0.3}
# Few speakers seldom divide to a nicety: the first that some split meets is taken.
TOLERANCES = (TOLERANCE, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 0.99)


def split_by_speaker(rows: pa.Table, speakers: Sequence[str], options: FolderConfig) -> SplitRule:
    """Divide speakers so that all sides have about the same mix of labels.

    Args:
        rows: With ``group_id``, and ``emotion`` or ``sentiment`` where they are known.
        speakers: All speakers.
        options: Seed and shares.

    Returns:
        The rule; clips without a speaker are in no split. The same rows give the same rule.

    Raises:
        ValueError: There are fewer than two speakers or than splits; says what to name.
    """
    protocol = "folder, protocol 'speaker_independent'"
    if len(speakers) < 2:
        got = f"one speaker, {speakers[0]!r}" if speakers else "no column that names speakers"
        raise ValueError(
            f"{protocol}: got {got}, expected two speakers or more. Say which column tells people "
            "apart (or films, or recordings): columns={'speaker': ...}."
        )
    known = rows.filter(pc.is_valid(rows["group_id"]))
    fractions = options.split_fractions or (FRACTIONS if len(speakers) > 2 else TWO_SPEAKERS)
    names = [name for name in ("emotion", "sentiment") if name in known.column_names]
    labels = next((known[name] for name in names if known[name].null_count < len(known)), None)
    if labels is None:  # only sizes are to match
        labels = pa.repeat("clip", known.num_rows)
    for tolerance in TOLERANCES:
        try:
            made = make_split(
                known["group_id"],
                labels,
                fractions=fractions,
                tolerance=tolerance,
                seed=options.split_seed,
            )
        except ValueError:
            if tolerance == TOLERANCES[-1]:
                raise
        else:
            return made.rule("speaker_independent", "group_id")
    raise AssertionError("the last tolerance returns or raises")
