"""What the EmotionTalk paper states of its data, against the rows."""

from itertools import combinations
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.verifying.report import Check
from affecthub.labels import label_set

LABELS = label_set("emotiontalk")
MODALITIES = ("audio", "video", "text")

# Table 8: split -> label -> clips. Sums give the printed totals.
TABLE_8 = {
    "train": {
        "angry": 2950,
        "disgusted": 1142,
        "fearful": 672,
        "happy": 2986,
        "neutral": 5377,
        "sad": 919,
        "surprised": 1367,
    },
    "validation": {
        "angry": 409,
        "disgusted": 95,
        "fearful": 125,
        "happy": 360,
        "neutral": 675,
        "sad": 111,
        "surprised": 133,
    },
    "test": {
        "angry": 339,
        "disgusted": 134,
        "fearful": 125,
        "happy": 246,
        "neutral": 801,
        "sad": 123,
        "surprised": 161,
    },
}
TOTALS = {"train": 15413, "validation": 1908, "test": 1929}
# Section 3.3.2 and Figure 2, in percent of all clips.
AGREEMENT = {"all": 24.5, "video_only": 12.7, "audio_only": 9.0, "text_only": 4.0, "none": 11.3}
N_DIALOGUES = 744
N_SPEAKERS = 19
N_CHARACTERS = 469_387


def checks(rows: pa.Table) -> list[Check]:
    """Compare finished rows of the seven-class configuration with the paper."""
    labels = pa.array(LABELS).take(rows["emotion"].combine_chunks())
    results = []
    for split, expected in TABLE_8.items():
        own = labels.filter(pc.equal(rows["split_official"], split).combine_chunks())
        found = {e["values"]: e["counts"] for e in pc.value_counts(own).to_pylist()}
        results += [
            Check.compare(f"Table 8, {split}, {label}", n, found.get(label, 0))
            for label, n in expected.items()
        ]
        results.append(Check.compare(f"Table 8, {split}, total", TOTALS[split], len(own)))
    shares = agreement(rows)
    results += [
        Check.compare(f"section 3.3.2, {name}, %", stated, shares[name], within=0.05)
        for name, stated in AGREEMENT.items()
        if shares
    ]
    characters = pc.sum(pc.utf8_length(rows["text"])).as_py()
    results += [
        Check.compare("speakers", N_SPEAKERS, pc.count_distinct(rows["speaker_id"]).as_py()),
        Check.compare(
            "dialogues",
            N_DIALOGUES,
            pc.count_distinct(rows["dialogue_id"]).as_py(),
            note="the released label files hold 742",
            noted=742,
        ),
        Check.compare(
            "transcript characters",
            N_CHARACTERS,
            characters,
            note="the paper does not say which markup it counts",
        ),
    ]
    return results


def agreement(rows: pa.Table) -> dict[str, Any]:
    """How often the multimodal label is also that of each modality.

    Args:
        rows: Finished rows; clips that lack one of the four labels are left out.

    Returns:
        Percent of clips to two decimals, by which modalities agree with the multimodal label and
        no others ("all", "audio_video", ..., "none"), and "<modality>_any" whatever the others do;
        empty where no clip has all four labels.

    Source: EmotionTalk paper, section 3.3.2 and Figure 2.
    """
    columns = [rows["emotion"], *(rows[f"emotion_{name}"] for name in MODALITIES)]
    rows = pa.table(columns, names=["emotion", *MODALITIES]).drop_null()
    if not rows.num_rows:
        return {}
    same = {name: pc.equal(rows[name], rows["emotion"]) for name in MODALITIES}

    def percent(*agreeing: str) -> float:
        wanted = [hit if name in agreeing else pc.invert(hit) for name, hit in same.items()]
        every = pc.and_(pc.and_(wanted[0], wanted[1]), wanted[2])
        return round(100 * pc.mean(every).as_py(), 2)

    return {
        "all": percent(*MODALITIES),
        **{f"{a}_{b}": percent(a, b) for a, b in combinations(MODALITIES, 2)},
        **{f"{name}_only": percent(name) for name in MODALITIES},
        "none": percent(),
        **{f"{name}_any": round(100 * pc.mean(hit).as_py(), 2) for name, hit in same.items()},
    }
