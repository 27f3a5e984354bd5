"""What the EmoS paper states of its data, against what the released files hold."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from affecthub.annotation.agreement import (
    exact_match,
    fleiss_kappa,
    pairwise_jaccard,
    union_sizes,
)
from affecthub.datasets_scripts.emos import monologues, printed, replay
from affecthub.datasets_scripts.emos.chinese import read_chinese
from affecthub.datasets_scripts.emos.english import read_english
from affecthub.datasets_scripts.emos.films import read_films
from affecthub.datasets_scripts.emos.goemotions import matrix, released_probabilities
from affecthub.datasets_scripts.emos.label_sets import Sets, read_all_sets
from affecthub.datasets_scripts.emos.release import Release
from affecthub.datasets_scripts.emos.styles import label_cardinality
from affecthub.datasets_scripts.reading.layout import Tree
from affecthub.datasets_scripts.verifying.report import Check
from affecthub.labels import BASIC7, GOEMOTIONS

ROWS = {
    "static": printed.N_CLIPS["all"],
    "static_zh": printed.N_CLIPS["zh"],
    "static_en": printed.N_CLIPS["en"],
    "goemotions": printed.N_CLIPS["all"],
    "streaming_clips": printed.TABLE_6["segments"],
    "streaming_segments": printed.STREAMING_SENTENCES,
}
AS_RELEASED = Path(__file__).parent / "as_released.json"
# Table 9 counts some of the clips and divides by other numbers of rows.
TABLE_9_ROWS = {
    "CN": (5000, "Chinese clips"),
    "EN": (3000, "first 3,000 English clips"),
    "ALL": (8000, "two together"),
}


def checks(config: str, rows: pa.Table, tree: Tree) -> list[Check]:
    """Compare the release with the paper; the default configuration compares everything.

    Args:
        config: Configuration.
        rows: Its finished rows.
        tree: The data folder.

    Returns:
        A check per printed figure and per rule that was run again. Where the folder lacks the files
        of a part, one failing check says so.
    """
    results, release = [], Release(tree)
    if config in ROWS:
        results.append(Check.compare("rows", ROWS[config], rows.num_rows))
    for part in PARTS[config]:
        try:
            results += part(release)
        except FileNotFoundError as error:
            name = part.__name__.replace("_", " ")
            results.append(Check.compare(name, "files", "none", note=str(error)))
    return [_as_released(check) for check in results]


def _as_released(check: Check) -> Check:
    """Note where the released files are known to hold what was found."""
    known = json.loads(AS_RELEASED.read_text(encoding="utf-8"))["figures"].get(check.name, [])
    if check.ok or check.note or check.found not in known:
        return check
    return replace(check, note="so in the release, too", noted=check.found)


def agreement(rows: pa.Table) -> dict[str, float]:
    """Fleiss' kappa of the Basic-7 votes, for each batch of finished rows that has votes."""
    if "votes" not in rows.column_names:
        return {}
    voted = rows.filter(pc.is_valid(rows["votes"]))
    labels = voted["votes"].combine_chunks().flatten().field("label")
    votes = replay.class_numbers(labels).reshape(voted.num_rows, -1)
    batches = voted["batch"].to_numpy()
    return {
        f"{name}, Fleiss' kappa": round(fleiss_kappa(votes[batches == name], len(BASIC7)), 3)
        for name in dict.fromkeys(batches)
    }


def chinese_labels(release: Release) -> list[Check]:
    """Compare Table 1 and the tiers' shares, and run Dawid and Skene's rule again."""
    clips = read_chinese(release)
    batches = [clips.filter(pc.equal(clips["batch"], name)) for name in ("zh_first", "zh_last")]
    results = []
    for figure, stated in printed.TABLE_1.items():
        found = [_table_1(part, figure) for part in (*batches, clips)]
        results += [
            Check.compare(f"Table 1, {figure}, {column}", *pair)
            for column, *pair in zip(("first", "latter", "total"), stated, found, strict=True)
        ]
    results += [
        _percent(f"section 3.2.2, tier {tier}, %", stated, _share(clips["tier"], tier))
        for tier, stated in printed.TIER_SHARES.items()
    ]
    return results + replay.replay_chinese(release)


def english_labels(release: Release) -> list[Check]:
    """Compare Table 3 and what section 3.2.2 says of duplicates, and run both corrections again."""
    clips = read_english(release, None, [])
    sets, sheets = read_all_sets(release, []), released_probabilities(release)
    chosen = np.concatenate([item.spelt for item in sets[2:]])
    confidence = clips["confidence"].to_numpy()
    first = clips["batch"].to_numpy() == "en_first"
    changed = clips["changed"].to_numpy()
    sizes = union_sizes(chosen)
    counts = {
        "confidence >= 0.7": confidence >= 0.7,
        "confidence 0.5 to 0.7": (confidence >= 0.5) & (confidence < 0.7),
        "confidence < 0.5": confidence < 0.5,
        "labels changed": changed,
        "union >= 4": sizes >= 4,
        "union >= 5": sizes >= 5,
        "exact match": exact_match(chosen),
    }
    results = [
        Check.compare(
            f"Table 3, {figure}",
            printed.TABLE_3[figure],
            int(hit.sum()),
            note=f"of the first 3,000: {hit[first].sum()}",
        )
        for figure, hit in counts.items()
    ]
    results += [
        _percent(
            "Table 3, labels changed, %",
            printed.TABLE_3["labels changed, %"],
            100 * changed.mean(),
            f"of the first 3,000: {100 * changed[first].mean():.1f}",
        ),
        _mean("Table 3, union mean", printed.TABLE_3["union mean"], sizes.mean()),
        Check.compare("section 3.2.2, duplicates that disagree", 0, _conflicts(clips)),
        Check.compare(
            "section 3.1, English clips under 1 s",
            0,
            pc.sum(pc.less(clips["duration_s"], 1.0)).as_py() or 0,
        ),
    ]
    return results + replay.replay_english(release, sets[3], sheets[2])


def distribution(release: Release) -> list[Check]:
    """Compare Table 5; its second column counts the first 3,000 English clips only."""
    chinese, english = read_chinese(release), read_english(release, None, [])
    columns = {
        "CH-SIMS v2": chinese["emotion"],
        "MELD-Core": english["emotion"],
        "combined": pa.chunked_array([*chinese["emotion"].chunks, *english["emotion"].chunks]),
    }
    n_first = pc.sum(pc.equal(english["batch"], "en_first")).as_py()
    first = english["emotion"].slice(0, n_first)
    short = {
        "CH-SIMS v2": chinese["emotion"],
        "MELD-Core": first,
        "combined": pa.chunked_array([*chinese["emotion"].chunks, *first.chunks]),
    }
    results = []
    for label, stated in printed.TABLE_5.items():
        for (name, column), percent in zip(columns.items(), stated, strict=True):
            note = f"without the last 2,000: {_share(short[name], label):.1f}"
            note = "" if name == "CH-SIMS v2" else note
            figure = f"Table 5, {name}, {label}, %"
            results.append(_percent(figure, percent, _share(column, label), note))
    totals = zip(columns.items(), printed.N_CLIPS.values(), strict=True)
    results += [
        Check.compare(f"Table 5, {name}, total", stated, len(column))
        for (name, column), stated in totals
    ]
    simple = release.tree.find(r"(^|/)(Chinese|English)/basic7/[^/]+\.xlsx$")
    n = sum(release.workbook(file.path, ()).table.num_rows for file in simple)
    figure, note = "clips in Chinese/basic7 and English/basic7", "the medium tier is left out there"
    return [*results, Check.compare(figure, printed.N_CLIPS["all"], n, note=note)]


def annotators(release: Release) -> list[Check]:
    """Compare Tables 2 and 4: how many labels each annotator gives, and how far they agree."""
    results = []
    for sets in read_all_sets(release, []):
        if sets.batch.name in printed.TABLE_2:
            results += _table_2(sets)
        results += _table_4(sets)
    return results


def goemotions(release: Release) -> list[Check]:
    """Compare Table 9 with the released probabilities, and compute those again."""
    sheets = released_probabilities(release)
    given = [matrix(sheet)[:, : len(GOEMOTIONS)] > 0 for sheet in sheets]
    chinese, first = np.concatenate(given[:2]), given[2]
    present = {
        "CN": (chinese, chinese),
        "EN": (np.concatenate(given[2:]), first),
        "ALL": (np.concatenate(given), np.concatenate([chinese, first])),
    }
    results = []
    for column, (clips, counted) in present.items():
        stated = printed.by_label(printed.TABLE_9[column])
        shares = dict(zip(GOEMOTIONS, 100 * clips.mean(axis=0), strict=True))
        for label, percent in stated.items():
            found = round(float(shares[label]), 2)
            figure = f"Table 9, {column}, {label}, %"
            results.append(Check.compare(figure, percent, found, within=0.005))
        n, which = TABLE_9_ROWS[column]
        implied = np.array(list(stated.values())) * n / 100
        # Printed hundredths of a percent of `n` rows leave room for less than one clip.
        hits = np.abs(implied - counted.sum(axis=0)) <= 1.5
        figure = f"Table 9, {column}, cells that are counts of the {which} over {n:,}"
        results.append(Check.compare(figure, len(GOEMOTIONS), int(hits.sum())))
    return results + replay.replay_soft_labels(read_all_sets(release, []), sheets)


def streaming(release: Release) -> list[Check]:
    """Compare Tables 6, 10 and 11 and what sections 3.1 and 3.3.1 say of the monologues."""
    return monologues.checks(read_films(release.tree))


PARTS: dict[str, tuple[Callable[[Release], list[Check]], ...]] = {
    "static": (chinese_labels, english_labels, distribution, annotators, goemotions, streaming),
    "static_zh": (chinese_labels,),
    "static_en": (english_labels,),
    "goemotions": (goemotions,),
    "annotations": (annotators,),
    "streaming_clips": (streaming,),
    "streaming_utterances": (streaming,),
    "streaming_segments": (streaming,),
}


def _table_1(clips: pa.Table, figure: str) -> int:
    if figure == "N":
        return clips.num_rows
    if figure.startswith("unique"):
        hit = pc.equal(clips["unique_labels"], int(figure[-1]))
    else:
        hit = pc.equal(clips["tier"], figure)
    return pc.sum(hit).as_py() or 0


def _table_2(sets: Sets) -> list[Check]:
    per_clip, union_mean, n_large, exact = printed.TABLE_2[sets.batch.name]
    name, sizes = f"Table 2, {sets.batch.name}", union_sizes(sets.spelt)
    return [
        *_cardinalities(name, sets, per_clip),
        _mean(f"{name}, union mean", union_mean, sizes.mean()),
        Check.compare(f"{name}, union >= 4", n_large, int((sizes >= 4).sum())),
        _percent(f"{name}, exact match, %", exact, 100 * exact_match(sets.spelt).mean()),
    ]


def _table_4(sets: Sets) -> list[Check]:
    per_clip, overlap, exact = printed.TABLE_4[sets.batch.name]
    name = f"Table 4, {sets.batch.name}"
    pairs = pairwise_jaccard(sets.spelt)[np.triu_indices(3, 1)]
    within = 0.005 if overlap[0] == round(overlap[0], 2) else 0.0005
    least, greatest = (
        Check.compare(f"{name}, {which} Jaccard", stated, round(float(value), 3), within=within)
        for which, stated, value in zip(
            ("least", "greatest"), overlap, (pairs.min(), pairs.max()), strict=True
        )
    )
    share = round(100 * float(exact_match(sets.spelt).mean()), 1)
    exact_share = Check.compare(f"{name}, exact match, %", exact, share, within=0.5)
    return [*_cardinalities("Table 4", sets, per_clip), least, greatest, exact_share]


def _cardinalities(table: str, sets: Sets, stated: tuple[float, ...]) -> list[Check]:
    found = label_cardinality(sets.spelt)
    return [
        _mean(f"{table}, {annotator}, labels per clip", *pair)
        for annotator, *pair in zip(sets.batch.annotators, stated, found, strict=True)
    ]


def _conflicts(clips: pa.Table) -> int:
    """Count the texts that stand twice in an episode and have unlike labels."""
    groups = clips.group_by(["source_id", "text_raw"]).aggregate([("emotion", "count_distinct")])
    return pc.sum(pc.greater(groups["emotion_count_distinct"], 1)).as_py() or 0


def _share(column: pa.ChunkedArray, value: str) -> float:
    return 100 * (pc.mean(pc.equal(column, value)).as_py() or 0.0)


def _percent(name: str, stated: float, found: float, note: str = "") -> Check:
    return Check.compare(name, stated, round(float(found), 2), within=0.05, note=note)


def _mean(name: str, stated: float, found: float) -> Check:
    return Check.compare(name, stated, round(float(found), 3), within=0.005)
