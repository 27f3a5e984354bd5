"""CREMA-D's published figures, and counts of the released tables, against the rows."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.crema_d.names import LABELS
from affecthub.datasets_scripts.verifying.report import Check

# The paper's abstract, and section 3 for the actors.
N_CLIPS, N_ACTORS, N_MEN, N_WOMEN = 7442, 91, 48, 43
# Share of single answers that name the intended emotion, in percent.
RECOGNISED = {"audio": 40.9, "video": 58.2, "audiovisual": 63.6}
# Counted in the released tables: clips with each intended label, with each perceived one (sound and
# film together), and with a tie.
INTENDED = (1271, 1271, 1271, 1271, 1087, 1271)
PERCEIVED = (1019, 1139, 1084, 1219, 1972, 589)
TIES = {"audio": 644, "video": 470, "audiovisual": 420}
AS_INTENDED = {"audio": 3099, "video": 4931, "audiovisual": 5374}


def checks(rows: pa.Table) -> list[Check]:
    """Compare finished rows with the paper and with the released tables.

    Returns:
        Sizes and intended labels; perceived labels, ties and single answers where votes are there.
    """
    actors = pa.table({name: rows[name] for name in ("speaker_id", "actor_sex")})
    sexes = actors.group_by(["speaker_id", "actor_sex"]).aggregate([])["actor_sex"].to_pylist()
    results = [
        Check.compare("clips", N_CLIPS, rows.num_rows),
        Check.compare("actors", N_ACTORS, pc.count_distinct(rows["speaker_id"]).as_py()),
        *_labels("intended", INTENDED, rows["emotion_intended"]),
    ]
    if rows["actor_sex"].null_count < rows.num_rows:
        results += [
            Check.compare("men", N_MEN, sexes.count("male")),
            Check.compare("women", N_WOMEN, sexes.count("female")),
        ]
    if rows["emotion_audiovisual"].null_count < rows.num_rows:
        results += _labels("perceived", PERCEIVED, rows["emotion_audiovisual"])
    for mode, n in TIES.items():
        voted, own = rows[f"voted_{mode}"], rows[f"emotion_{mode}"]
        if voted.null_count == rows.num_rows:
            continue
        ties = pc.sum(pc.greater(pc.list_value_length(voted), 1)).as_py() or 0
        equal = pc.sum(pc.equal(own, rows["emotion_intended"])).as_py() or 0
        results.append(Check.compare(f"ties, {mode}", n, ties))
        results.append(Check.compare(f"perceived as intended, {mode}", AS_INTENDED[mode], equal))
    for mode, percent in RECOGNISED.items():
        answers = rows.filter(pc.is_valid(rows[f"votes_{mode}"]))
        if answers.num_rows:
            found = _recognised(answers[f"votes_{mode}"], answers["emotion_intended"])
            note = "answers in the released table, of all raters"
            name = f"answers that name the intended emotion, {mode}, %"
            results.append(Check.compare(name, percent, found, within=0.05, note=note))
    return results


def agreement(rows: pa.Table) -> dict[str, float]:
    """Share of clips whose label by the votes is the intended one, in percent; ties count as no."""
    found = {}
    for mode in TIES:
        if rows[f"voted_{mode}"].null_count < rows.num_rows:
            equal = pc.fill_null(pc.equal(rows[f"emotion_{mode}"], rows["emotion_intended"]), False)
            percent = 100 * pc.mean(equal.cast(pa.float64())).as_py()
            found[f"intended and {mode}"] = round(percent, 2)
    return found


def _labels(name: str, stated: tuple[int, ...], codes: pa.ChunkedArray) -> list[Check]:
    counts = {item["values"]: item["counts"] for item in pc.value_counts(codes).to_pylist()}
    pairs = zip(LABELS, stated, strict=True)
    return [
        Check.compare(f"{name}, {label}", n, counts.get(code, 0))
        for code, (label, n) in enumerate(pairs)
    ]


def _recognised(votes: pa.ChunkedArray, intended: pa.ChunkedArray) -> float:
    """Share of all votes that fall on the intended label, in percent."""
    counts = np.array(votes.to_pylist(), dtype=np.int64).reshape(-1, len(LABELS))
    own = counts[np.arange(len(counts)), intended.to_numpy()]
    return round(100 * float(own.sum()) / max(int(counts.sum()), 1), 2)
