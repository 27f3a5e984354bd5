"""The English clips: 5,000 of MELD's training split, their labels corrected by two procedures.

The first 3,000 were corrected by the mass of their GoEmotions labels, the last 2,000 by Dawid and
Skene's rule over votes derived from them, so that ``confidence`` means two things.
"""

from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.annotation.aggregation import quality_tiers
from affecthub.datasets_scripts.emos.nested import votes_column
from affecthub.datasets_scripts.emos.release import (
    EN_FIRST,
    EN_LAST,
    ENGLISH,
    Release,
    Sheet,
    require_equal,
)
from affecthub.datasets_scripts.families.speakers import groups_of
from affecthub.datasets_scripts.reading.layout import Tree
from affecthub.datasets_scripts.reading.tables import read_csv

KEYS = ("Dialogue_ID", "Utterance_ID")
VOTES = tuple(f"basic_vote_{name}" for name in EN_LAST.annotators)
KINDS = {EN_FIRST.name: "mass_share", EN_LAST.name: "ds_posterior"}
HIGH = 0.5  # where the release divides its English clips
MELD_CSV = "train_sent_emo.csv"
# "?" in place of an apostrophe or dash, and what became of their bytes when read as Chinese.
DAMAGE = r"[A-Za-z]\?[A-Za-z]|[\x{4e00}-\x{9fff}]"


class EnglishTables(NamedTuple):
    """The table of MELD's columns of all clips, and the label tables of both batches."""

    meld: Sheet
    labels: tuple[Sheet, Sheet]

    @property
    def sizes(self) -> tuple[int, int]:
        """Clips of the first and of the last batch."""
        first, last = self.labels
        return first.table.num_rows, last.table.num_rows


def open_english(release: Release) -> EnglishTables:
    """Read the label tables of both batches, and season, episode and times from a workbook.

    Raises:
        FileNotFoundError: One is not there.
        ValueError: One is unreadable, lacks a column, or is not about the same clips.
    """
    texts = [*KEYS, "Utterance", "Speaker", "basic_corrected", "basic_orig"]
    texts += ["basic_changed", "basic_correction_reason"]
    first = release.workbook(EN_FIRST.labels, texts, ["basic_corrected_conf"])
    last = release.workbook(EN_LAST.labels, [*texts, *VOTES], ["basic_corrected_conf"])
    # Of the annotators' workbooks, only those of the last batch repeat all 5,000 rows of MELD.
    columns = [*KEYS, "Season", "Episode", "StartTime", "EndTime"]
    index = release.first_annotator(EN_LAST, columns)
    ids = [sheet.table[name].combine_chunks() for name in KEYS for sheet in (first, last)]
    for name, own in zip(KEYS, (ids[:2], ids[2:]), strict=True):
        require_equal(pa.chunked_array(own), index, name)
    return EnglishTables(index, (first, last))


def read_english(release: Release, meld: Tree | None, problems: list[str]) -> pa.Table:
    """A row per clip of MELD.

    Args:
        release: The release.
        meld: The user's MELD, whose ``train_sent_emo.csv`` gives the undamaged text; None takes
            the text as EmoS released it.
        problems: Gets a line where MELD lacks text, or times cannot be read.

    Raises:
        FileNotFoundError: A file of the release is not there.
        ValueError: A file is unreadable, or a cell cannot be used.
    """
    index, sheets = open_english(release)
    labels = pa.concat_tables([_labels(sheet, i) for i, sheet in enumerate(sheets)])
    numbers = {name: index.digits(name) for name in (*KEYS, "Season", "Episode")}
    dialogue = pc.binary_join_element_wise("dia", numbers["Dialogue_ID"], "")
    clip = pc.binary_join_element_wise(dialogue, "_utt", numbers["Utterance_ID"], "")
    season, episode = (
        pc.utf8_lpad(numbers[name], 2, padding="0") for name in ("Season", "Episode")
    )
    start, end = (_seconds(index, name, problems) for name in ("StartTime", "EndTime"))
    raw = labels["text_raw"]
    columns = {
        "id": pc.binary_join_element_wise("train", clip, "/"),
        "text": raw if meld is None else _meld_text(meld, clip, raw, problems),
        "text_damaged": pc.match_substring_regex(raw, DAMAGE),
        "language": pa.repeat("en", len(clip)),
        "dialogue_id": dialogue,
        "turn_index": numbers["Utterance_ID"].cast(pa.int32()),
        "group_id": groups_of(labels["speaker_id"]),
        "source_id": pc.binary_join_element_wise("s", season, "e", episode, ""),
        "source_split": pa.repeat("train", len(clip)),
        "start_s": start,
        "end_s": end,
        "duration_s": pc.round(pc.subtract(end, start), 3),  # the release counts milliseconds
        **{name: labels[name] for name in labels.column_names},
    }
    return pa.table(columns)


def _labels(sheet: Sheet, i: int) -> pa.Table:
    """The label columns of one batch."""
    confidence = sheet.share("basic_corrected_conf")
    batch, n = ENGLISH[i], len(confidence)
    columns = {
        "batch": pa.repeat(batch.name, n),
        "text_raw": sheet.filled("Utterance"),
        "speaker_id": sheet.filled("Speaker"),
        "emotion": sheet.basic7("basic_corrected"),
        "confidence": confidence,
        "confidence_kind": pa.repeat(KINDS[batch.name], n),
        "tier": pa.array(quality_tiers(confidence.to_numpy(), high=HIGH, medium=HIGH)),
        "original_label": sheet.basic7("basic_orig"),
        "changed": sheet.flag("basic_changed"),
        "reason": sheet.filled("basic_correction_reason"),
    }
    if batch is EN_LAST:
        votes = [sheet.basic7(name) for name in VOTES]
        columns["votes"] = votes_column(votes, batch.annotators)
    else:
        # Whole null lists: these annotators gave sets of GoEmotions labels, no Basic-7 votes.
        kind = votes_column([pa.chunked_array([[]], pa.string())] * 3, batch.annotators).type
        columns["votes"] = pa.nulls(n, kind)
    return pa.table(columns)


def _meld_text(
    meld: Tree, clips: pa.ChunkedArray, raw: pa.ChunkedArray, problems: list[str]
) -> pa.ChunkedArray:
    """MELD's own text, and the released text where MELD has none."""
    file = meld.named(MELD_CSV)
    if file is None:
        problems.append(f"no {MELD_CSV} in {meld.root}: the English text is as EmoS released it")
        return raw
    table = read_csv(meld, file, [*KEYS, "Utterance"])
    keys = pc.binary_join_element_wise("dia", table[KEYS[0]], "_utt", table[KEYS[1]], "")
    where = pc.index_in(clips, value_set=keys.combine_chunks())
    if where.null_count:
        problems.append(f"{where.null_count} of {len(raw)} clips are not in {meld.locate(file)}")
    return pc.coalesce(table["Utterance"].take(where), raw)


def _seconds(sheet: Sheet, name: str, problems: list[str]) -> pa.ChunkedArray:
    """Turn ``00:16:21,731`` into seconds; what is no time becomes null and a problem."""
    pattern = r"^\s*(?P<h>\d{1,2}):(?P<m>\d{2}):(?P<s>\d{2})[,.](?P<ms>\d{3})\s*$"
    parts = pc.extract_regex(sheet.table[name], pattern)
    if parts.null_count:
        problems.append(f"{sheet.where}: {parts.null_count} cells of `{name}` are no times")
    h, m, s, ms = (pc.cast(pc.struct_field(parts, key), pa.float64()) for key in "h m s ms".split())
    minutes = pc.add(pc.multiply(h, 60.0), m)
    return pc.add(pc.add(pc.multiply(minutes, 60.0), s), pc.divide(ms, 1000.0))
