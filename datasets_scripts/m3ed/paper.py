"""M3ED's published figures, against the rows."""

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.verifying.report import Check

# Series by the released lists; dialogues, turns (one person's utterances in a row) and utterances
# by the paper, whose abstract gives 990, 9,082 and 24,449 in all.
SIZES = {
    "train": (38, 685, 6505, 17427),
    "validation": (7, 126, 1016, 2821),
    "test": (11, 179, 1561, 4201),
}
FIGURES = ("series", "dialogues", "turns", "utterances")


def checks(rows: pa.Table) -> list[Check]:
    """Compare finished rows with the figures of each split."""
    results = []
    for split, stated in SIZES.items():
        part = rows.filter(pc.equal(rows["split_official"], split))
        found = (
            pc.count_distinct(part["series"]).as_py(),
            pc.count_distinct(part["dialogue_id"]).as_py(),
            _turns(part),
            part.num_rows,
        )
        results += [
            Check.compare(f"{split}, {name}", expected, own)
            for name, expected, own in zip(FIGURES, stated, found, strict=True)
        ]
    return results


def _turns(rows: pa.Table) -> int:
    """How often another person speaks, dialogues beginning anew."""
    said = zip(rows["dialogue_id"].to_pylist(), rows["speaker_id"].to_pylist(), strict=True)
    last, n = None, 0
    for who in said:
        n += who != last
        last = who
    return n
