"""The committed splits of corpora that share clips: what one trains on, no other tests on.

CH-SIMS v2 holds the clips of CH-SIMS, and EmoS those of CH-SIMS v2 and of MELD. Each source video
stands on one side in all three Chinese sets, and each speaker on one side in MELD and EmoS. They
are made anew by::

    python -m affecthub.datasets_scripts.families.shared_splits CH_SIMS_V2 MELD EMOS OUT
"""

import sys
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.corpus import Corpus
from affecthub.datasets_scripts.protocols.leaks import clip_sources
from affecthub.datasets_scripts.protocols.make_split import GroupSplit, make_split
from affecthub.datasets_scripts.protocols.rules import SplitRule, write_rule

# Six leads have 83 % of MELD's clips, each about a seventh: one for each of the smaller sides.
SPEAKER_FRACTIONS = {"train": 0.7, "validation": 0.15, "test": 0.15}
SPEAKER_TOLERANCE = 0.02
TOLERANCE = 0.01
VIDEOS = (
    "No source video is on two sides. Nobody is named, and episodes of one series share actors, "
    "so videos are separated, not people."
)
SPEAKERS = "No speaker is on two sides; clips in which several people speak are in no split."


class SplitFile(NamedTuple):
    """A split file to be written, and what its note says."""

    corpus: str
    rule: SplitRule
    note: str


def write_shared_splits(
    folders: Mapping[str, str | PathLike[str]], out: str | PathLike[str]
) -> list[SplitFile]:
    """Make the five split files anew from the released annotation files.

    Args:
        folders: Folders of "ch_sims_v2", "meld" and "emos".
        out: Folder of the corpora's folders: ``<out>/<corpus>/splits/<protocol>.json``.

    Returns:
        What was written.

    Raises:
        ValueError: As ``affecthub.load_dataset`` and ``make_split``.
        FileNotFoundError: A folder does not exist.
    """
    ch_sims_v2, meld, emos = (
        Corpus(name, folders[name]).annotations() for name in ("ch_sims_v2", "meld", "emos")
    )
    films = Corpus("emos", folders["emos"], "streaming_clips").annotations()["group_id"]
    files = shared_splits(ch_sims_v2, meld, emos, films.unique().to_pylist())
    for file in files:
        path = Path(out) / file.corpus / "splits" / f"{file.rule.protocol}.json"
        write_rule(path, file.rule, file.note)
    return files


def shared_splits(
    ch_sims_v2: pa.Table, meld: pa.Table, emos: pa.Table, films: list[str]
) -> list[SplitFile]:
    """Make the splits from rows of ``Corpus.annotations``.

    Args:
        ch_sims_v2: CH-SIMS v2.
        meld: MELD.
        emos: EmoS, configuration ``static``.
        films: Titles of EmoS' films, which are for testing only.

    Raises:
        ValueError: As ``make_split``.
    """
    in_first = ch_sims_v2["in_ch_sims"]
    videos = make_split(
        ch_sims_v2["group_id"],
        {
            "ch_sims_v2": ch_sims_v2["sentiment"],
            "ch_sims": _where(in_first, ch_sims_v2["sentiment"]),
            "emos": _of_same_clips(ch_sims_v2, emos, "emotion"),
            "share of ch_sims": in_first.cast(pa.string()),
        },
        tolerance=TOLERANCE,
    )
    meld = meld.filter(pc.is_valid(meld["group_id"]))
    emotion = _of_same_clips(meld, emos, "emotion")
    speakers = make_split(
        meld["group_id"],
        {
            "meld": meld["emotion"],
            "emos": emotion,
            "share of emos": pc.is_valid(emotion).cast(pa.string()),
        },
        fractions=SPEAKER_FRACTIONS,
        tolerance=SPEAKER_TOLERANCE,
    )
    english = emos.filter(pc.equal(emos["language"], "en"))
    episodes = make_split(english["source_id"], english["emotion"], tolerance=TOLERANCE)

    first = set(ch_sims_v2["group_id"].filter(in_first).to_pylist())
    in_emos = _kept(speakers.splits, set(english["group_id"].to_pylist()))
    films_last = {"test": films}
    zh, en = f"Chinese: {_drift(videos, 'emos')}", f"English: {_drift(speakers, 'emos')}"
    by_episode = f"English: {_drift(episodes, 'label')}"
    return [
        _file("ch_sims_v2", VIDEOS, _drift(videos, "ch_sims_v2"), videos.splits),
        _file("ch_sims", VIDEOS, _drift(videos, "ch_sims"), _kept(videos.splits, first)),
        _file("meld", SPEAKERS, _drift(speakers, "meld"), speakers.splits),
        _file(
            "emos",
            "No source video (Chinese), speaker (English) or film is on two sides; English clips "
            "in which several people speak are in no split.",
            f"{zh} {en} Films are for testing only.",
            _joined(videos.splits, in_emos, films_last),
        ),
        _file(
            "emos",
            "No source video (Chinese), episode (English) or film is on two sides.",
            f"{zh} {by_episode} Films are for testing only.",
            _joined(videos.splits, episodes.splits, films_last),
            protocol="source_independent",
            column="source_id",
        ),
    ]


def _file(
    corpus: str,
    what: str,
    drift: str,
    splits: Mapping[str, tuple[str, ...]],
    protocol: str = "speaker_independent",
    column: str = "group_id",
) -> SplitFile:
    """Put a rule and its note together."""
    note = f"{what} {drift} Made together with the splits of the corpora that share its clips."
    return SplitFile(corpus, SplitRule(protocol, column, splits), note)


def _drift(made: GroupSplit, column: str) -> str:
    return f"Largest label drift {made.column_drift(column):.2f} points."


def _kept(splits: Mapping[str, tuple[str, ...]], groups: set[str]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(g for g in members if g in groups) for name, members in splits.items()}


def _joined(*parts: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Join the groups of each split."""
    return {
        name: tuple(group for part in parts for group in part.get(name, ()))
        for name in SPEAKER_FRACTIONS
    }


def _of_same_clips(rows: pa.Table, other: pa.Table, column: str) -> pa.ChunkedArray:
    """A column of another corpus for the clips of this one, null for those it lacks."""
    ours, theirs = (
        clip_sources(table["id"].combine_chunks(), table["corpus"].combine_chunks())[1]
        for table in (rows, other)
    )
    return other[column].take(pc.index_in(ours, value_set=theirs))


def _where(mask: pa.ChunkedArray, column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(mask, column, pa.scalar(None, column.type))


def main() -> None:
    """Make the split files from three folders; OUT is the folder of the corpora's folders."""
    names = ("ch_sims_v2", "meld", "emos")
    if len(sys.argv) != len(names) + 2:
        sys.exit(f"expected the folders of {', '.join(names)}, and the folder to write to")
    *folders, out = sys.argv[1:]
    for file in write_shared_splits(dict(zip(names, folders, strict=True)), out):
        print(f"{file.corpus}/splits/{file.rule.protocol}.json")


if __name__ == "__main__":
    main()
