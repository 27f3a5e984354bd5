"""Whose source videos these are: what tells a folder of one sentiment corpus from its siblings.

All four come in the same files under the same names, so that only the clips tell them apart.
"""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple, Protocol

import pyarrow as pa
import pyarrow.compute as pc

from affecthub.datasets_scripts.families.digests import read_digests
from affecthub.datasets_scripts.protocols.rules import read_rule
from affecthub.entries import entry_of

_HOME = Path(__file__).parents[1]
# More texts than this in the other script are another corpus' language.
_HALF = 0.5
_HAN = r"[\x{4E00}-\x{9FFF}]"


class _Names(Protocol):
    def __contains__(self, name: object) -> bool: ...
    def __len__(self) -> int: ...


class Verdict(NamedTuple):
    """What the source videos of a folder say of it.

    Attributes:
        refusal: Why they are another corpus'; None where they may be this one's.
        doubts: What speaks against this corpus without being certain.
    """

    refusal: str | None
    doubts: list[str]


@cache
def known_videos() -> Mapping[str, _Names]:
    """The source videos of those corpora of which all are known."""
    sims = {
        name: read_rule(_HOME / name / "splits", "speaker_independent")
        for name in ("ch_sims", "ch_sims_v2")
    }
    return {
        "cmu_mosi": read_digests(_HOME / "cmu_mosi" / "videos.json")["videos"],
        **{
            name: frozenset(video for side in rule.splits.values() for video in side)
            for name, rule in sims.items()
        },
    }


def whose(corpus: str, rows: pa.Table) -> Verdict:
    """Judge whether rows are of a corpus, by their source videos.

    Args:
        corpus: The corpus as which they are being loaded.
        rows: Rows with ``video_id``.
    """
    videos = [video for video in rows["video_id"].unique().to_pylist() if video]
    n = len(videos)
    if not n:
        return Verdict(None, [])
    known = known_videos()
    counts = {name: sum(video in own for video in videos) for name, own in known.items()}
    others = {name: count for name, count in counts.items() if name != corpus}
    other = max(others, key=lambda name: others[name])
    own = counts.get(corpus, n - others[other])
    said = f"{others[other]} of {n} source videos are of {other}"
    if others[other] > n * _HALF and own <= n - others[other]:
        return Verdict(f"{said}, {own} of {corpus}", [])
    if corpus in counts and own <= n * _HALF:
        first = next(video for video in videos if video not in known[corpus])
        return Verdict(
            None,
            [
                f"{n - own} of {n} source videos are none of {corpus}'s, first {first!r}; it may "
                "belong to another corpus"
            ],
        )
    is_part = len(known[other]) < len(known.get(corpus, known[other]))
    if others[other] == n and is_part and entry_of(other).n_rows == rows.num_rows:
        return Verdict(f"all {rows.num_rows} clips are of {other}, and no others", [])
    if others[other] == n and is_part:
        doubt = f"all {n} source videos are also of {other}, which is a part of {corpus}"
        return Verdict(None, [f"{doubt}; if that is what this is, load it as {other}"])
    return Verdict(None, [])


def language_doubts(text: pa.ChunkedArray, language: str) -> list[str]:
    """Say that texts are in another language than the corpus: by Chinese characters, or none.

    Args:
        text: Transcripts; null where there are none.
        language: "en" or "zh".
    """
    said = text.drop_null()
    if not len(said):
        return []
    is_chinese = pc.match_substring_regex(said, _HAN)
    odd = is_chinese if language == "en" else pc.invert(is_chinese)
    n_odd = pc.sum(odd).as_py()
    if n_odd <= _HALF * len(said):
        return []
    what = "hold Chinese characters" if language == "en" else "hold none of Chinese"
    return [
        f"{n_odd} of {len(said)} transcripts {what}, while the corpus is in "
        f"{'English' if language == 'en' else 'Chinese'}; it may be another corpus"
    ]
