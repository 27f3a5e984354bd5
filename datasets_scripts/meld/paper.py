"""What is known of MELD's csv, against the rows."""

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.verifying.report import Check
from affecthub.labels import label_set

# Split -> rows, dialogues, speakers.
SIZES = {"train": (9989, 1038, 260), "validation": (1109, 114, 47), "test": (2610, 280, 100)}
TEST_LABELS = {
    "neutral": 1256,
    "joy": 402,
    "anger": 345,
    "surprise": 281,
    "sadness": 208,
    "disgust": 68,
    "fear": 50,
}


def checks(rows: pa.Table) -> list[Check]:
    """Compare finished rows with the released csv's counts."""
    results = []
    is_named = rows["speaker_id"].null_count < rows.num_rows
    for split, expected in SIZES.items():
        part = rows.filter(pc.equal(rows["split_official"], split))
        dialogues, speakers = (
            pc.count_distinct(part[name]).as_py() for name in ("dialogue_id", "speaker_id")
        )
        found = (part.num_rows, dialogues, speakers)
        # The processed copy names no speakers.
        names = ("rows", "dialogues", "speakers") if is_named else ("rows", "dialogues")
        results += [
            Check.compare(f"{split}, {name}", stated, own)
            for name, stated, own in zip(names, expected, found, strict=False)
        ]
    test = rows.filter(pc.equal(rows["split_official"], "test"))["emotion"].combine_chunks()
    labels = pa.array(label_set("meld")).take(test)
    counts = {item["values"]: item["counts"] for item in pc.value_counts(labels).to_pylist()}
    results += [
        Check.compare(f"test, {label}", n, counts.get(label, 0)) for label, n in TEST_LABELS.items()
    ]
    return results
