"""What is known of IEMOCAP's numbers, against the rows."""

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.verifying.report import Check
from affecthub.labels import label_set

# Turns of EmoEvaluation by majority code; the others are oth, dis and xxx (no majority).
CODES = {
    "neu": 1708,
    "hap": 595,
    "sad": 1084,
    "ang": 1103,
    "fru": 1849,
    "exc": 1041,
    "fea": 40,
    "sur": 107,
}
N_TURNS = 10039
# Turns of the four classes (hap and exc are one) in each session.
FOUR = {"Ses01": 1085, "Ses02": 1023, "Ses03": 1151, "Ses04": 1031, "Ses05": 1241}
# Session 5 alone, the test set of MER-UniBench.
FOUR_SESSION_5 = {"happy": 442, "sad": 245, "neutral": 384, "angry": 170}
# The six classes of work on dialogues since DialogueRNN: of all turns, and of session 5, its test.
SIX = {
    "happy": 648,
    "sad": 1084,
    "neutral": 1708,
    "angry": 1103,
    "excited": 1041,
    "frustrated": 1849,
}
SIX_SESSION_5 = 1623


def checks(rows: pa.Table, config: str) -> list[Check]:
    """Compare finished rows of a configuration with the counts that others report."""
    if config == "six":
        return _six(rows)
    codes = _counts(pa.array(label_set("iemocap")).take(rows["emotion_code"].combine_chunks()))
    if config == "full":
        return [
            Check.compare("turns", N_TURNS, rows.num_rows),
            *(Check.compare(f"code {c}", n, codes.get(c, 0)) for c, n in CODES.items()),
            Check.compare(
                "codes oth, dis and xxx",
                N_TURNS - sum(CODES.values()),
                sum(codes.get(code, 0) for code in ("oth", "dis", "xxx")),
            ),
        ]
    sessions = _counts(rows["group_id"])
    last = rows.filter(pc.equal(rows["group_id"], "Ses05"))["emotion"].combine_chunks()
    classes = _counts(pa.array(list(FOUR_SESSION_5)).take(last))
    return [
        Check.compare("turns", sum(FOUR.values()), rows.num_rows),
        *(Check.compare(f"turns of {s}", n, sessions.get(s, 0)) for s, n in FOUR.items()),
        *(
            Check.compare(f"Ses05, {label}", n, classes.get(label, 0))
            for label, n in FOUR_SESSION_5.items()
        ),
    ]


def _six(rows: pa.Table) -> list[Check]:
    classes = _counts(pa.array(list(SIX)).take(rows["emotion"].combine_chunks()))
    sessions = _counts(rows["group_id"])
    return [
        Check.compare("turns", sum(SIX.values()), rows.num_rows),
        Check.compare("turns of Ses05", SIX_SESSION_5, sessions.get("Ses05", 0)),
        *(Check.compare(f"class {label}", n, classes.get(label, 0)) for label, n in SIX.items()),
    ]


def _counts(values: pa.ChunkedArray | pa.Array) -> dict[str, int]:
    return {item["values"]: item["counts"] for item in pc.value_counts(values).to_pylist()}
