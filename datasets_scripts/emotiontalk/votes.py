"""The annotators' votes in the JSON files: agreement, and whether they give the released labels."""

from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from affecthub.annotation.aggregation import mean_vote, weighted_vote
from affecthub.annotation.agreement import fleiss_kappa
from affecthub.annotation.votes import MISSING
from affecthub.datasets_scripts.verifying.report import Check
from affecthub.labels import label_set

LABELS = label_set("emotiontalk")
# Appendix A.1: Fleiss' kappa of each set of labels.
KAPPA = {"_audio": 0.79, "_text": 0.66, "_video": 0.73, "": 0.78}
# Section 3.3: hours of audio, and seconds of an utterance.
N_HOURS, MEAN_S = 23.6, 4.4
RULES: dict[Literal["per_class", "sum"], str] = {
    "per_class": "eq. 1 and 2 as printed",
    "sum": "summed confidences",
}


def checks(rows: pa.Table) -> list[Check]:
    """Compare votes and lengths with the paper, where there are any.

    Args:
        rows: Finished rows of the seven-class configuration.

    Returns:
        Fleiss' kappa per modality; the share of clips whose released label each rule of
        aggregation gives; the share whose sentiment is the mean of its votes; the length of audio.
        Nothing for what only the JSON files tell where they are absent.
    """
    results = []
    for suffix, stated in KAPPA.items():
        votes, confidence, sentiment = ballots(rows[f"votes{suffix}"])
        voted = (votes != MISSING).any(axis=1)
        if not voted.any():
            continue
        name = suffix.lstrip("_") or "multimodal"
        kappa = round(fleiss_kappa(votes[voted], len(LABELS)), 3)
        results.append(Check.compare(f"Fleiss' kappa, {name}", stated, kappa, within=0.005))
        released = pc.fill_null(rows[f"emotion{suffix}"], MISSING).to_numpy()
        sure = np.where(np.nan_to_num(confidence, nan=-1.0) >= 0, votes, MISSING)
        known = (sure != MISSING).any(axis=1) & (released != MISSING)
        for rule, title in RULES.items():
            label, _ = weighted_vote(sure, confidence, len(LABELS), rule=rule)
            found = _percent(label[known] == released[known])
            note = "labels that annotators negotiated need not follow a rule"
            results.append(Check.compare(f"labels by {title}, {name}, %", 100.0, found, note=note))
        if suffix == "" and np.isfinite(sentiment).any():
            own = rows["sentiment"].to_numpy()
            means = mean_vote(sentiment)
            both = np.isfinite(means) & np.isfinite(own)
            found = _percent(np.abs(means[both] - own[both]) < 1e-3)
            results.append(Check.compare("sentiment is the mean of its votes, %", 100.0, found))
    if rows["duration_s"].null_count < rows.num_rows:
        hours = round(pc.sum(rows["duration_s"]).as_py() / 3600, 2)
        mean_s = round(pc.mean(rows["duration_s"]).as_py(), 2)
        results.append(Check.compare("hours of audio", N_HOURS, hours, within=0.05))
        results.append(Check.compare("seconds of an utterance", MEAN_S, mean_s, within=0.05))
    return results


def ballots(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Lay a column of votes out as arrays ``(clips, most votes of a clip)``.

    Returns:
        Label numbers (``MISSING`` where there is no vote), confidences and sentiments (NaN there).
    """
    lists = column.combine_chunks()
    counts = pc.fill_null(pc.list_value_length(lists), 0).to_numpy()
    taken = np.arange(counts.max(initial=0)) < counts[:, None]
    flat = lists.flatten()
    labels = pc.index_in(flat.field("emotion"), value_set=pa.array(LABELS, pa.string()))
    votes = np.full(taken.shape, MISSING, dtype=np.int64)
    votes[taken] = pc.fill_null(labels, MISSING).to_numpy()

    def numbers(name: str) -> np.ndarray:
        values = np.full(taken.shape, np.nan)
        values[taken] = pc.fill_null(flat.field(name).cast(pa.float64()), np.nan).to_numpy()
        return values

    return votes, numbers("confidence"), numbers("sentiment")


def _percent(hits: np.ndarray) -> float:
    return round(100 * float(hits.mean()), 2) if hits.size else 0.0
