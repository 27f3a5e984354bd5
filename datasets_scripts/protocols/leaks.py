"""What two sets of clips share: groups, speakers, clips, and words spoken at the same time."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from itertools import combinations, product
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from affecthub.entries import entries
from affecthub.screen import Screen, Section

COLUMNS = (
    *("id", "corpus", "text", "speaker_id", "group_id"),
    *("start_s", "end_s", "duration_s"),
)
KINDS = ("groups", "speakers", "clips", "transcripts")
# Five Chinese characters or fifteen Latin letters, counted in bytes of UTF-8.
MIN_BYTES = 15
# Times at most half of this apart count as the same; from the whole of it on they do not.
GRID_S = 0.5
N_EXAMPLES = 5


@dataclass(frozen=True)
class Leak:
    """What two sets share in one respect.

    Attributes:
        a, b: The sets.
        kind: "groups", "speakers", "clips" (the same id, or the same clip of one source) or
            "transcripts" (the same words, spoken at the same time or for as long).
        n_shared: Distinct values in both; None where one set lacks what it takes to tell.
        clips_a, clips_b: Clips with such a value.
        examples: Some of the values, sorted.
    """

    a: str
    b: str
    kind: str
    n_shared: int | None
    clips_a: int = 0
    clips_b: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, repr=False)
class LeakageReport(Screen):
    """Every pair of sets in every respect.

    Attributes:
        clips: Set to its number of clips.
        leaks: One entry for each pair and kind, also where nothing is shared.
    """

    clips: dict[str, int]
    leaks: list[Leak]

    @property
    def found(self) -> list[Leak]:
        """Entries where something is shared."""
        return [leak for leak in self.leaks if leak.n_shared]

    def to_dict(self) -> dict[str, Any]:
        """Plain dicts, lists, strings and numbers."""
        return asdict(self)

    def heading(self) -> str:
        """What was compared, and the answer in short."""
        sets = ", ".join(f"{name} ({n:,} clips)" for name, n in self.clips.items())
        return sets + ("" if self.found else ": nothing shared in what could be compared")

    def sections(self) -> list[Section]:
        """What is shared, and what cannot be told."""
        shared = [
            [
                *(leak.a, leak.b, leak.kind, str(leak.n_shared)),
                f"{leak.clips_a} of {self.clips[leak.a]}",
                f"{leak.clips_b} of {self.clips[leak.b]}",
                ", ".join(leak.examples[:2]),
            ]
            for leak in self.found
        ]
        unknown = [[leak.a, leak.b, leak.kind] for leak in self.leaks if leak.n_shared is None]
        sections = [
            Section(
                "Shared", ["a", "b", "what", "", "clips of a", "clips of b", "for example"], shared
            ),
            Section("Not known from these files", ["a", "b", "what"], unknown),
        ]
        return [section for section in sections if section.rows]


def leakage(a: Any, b: Any = None) -> LeakageReport:
    """Report what two sets of clips share; see ``affecthub.leakage``."""
    left, right = _sets(a, "a"), {} if b is None else _sets(b, "b")
    if b is None and len(left) < 2:
        raise ValueError(
            f"`b`: got None beside one set of clips ({', '.join(left)}), expected a second set. "
            "Give another corpus, or a protocol with several splits."
        )
    if left.keys() & right.keys():  # two corpora whose splits have the same names
        left = {f"a/{name}": rows for name, rows in left.items()}
        right = {f"b/{name}": rows for name, rows in right.items()}
    sets = {name: _read(rows, name) for name, rows in {**left, **right}.items()}
    pairs: Iterable[tuple[str, str]] = product(left, right) if right else combinations(left, 2)
    leaks = [_compare(pair, kind, *map(sets.get, pair)) for pair in pairs for kind in KINDS]
    return LeakageReport({name: len(clips.words) for name, clips in sets.items()}, leaks)


def clip_sources(ids: pa.Array, corpora: pa.Array) -> tuple[pa.Array, pa.Array]:
    """The source that each clip comes from, and its name there.

    Args:
        ids: Clip ids.
        corpora: The corpus of each, which is the source where the id tells no other.

    Returns:
        Sources, and names that are the same in every corpus that has the clip.

    Example:
        >>> ids = pa.array(["train/dia0_utt3", "ov_merd/sample_00000007", "S01_001"])
        >>> source, name = clip_sources(ids, pa.array(["emos", "mer_unibench", "demo"]))
        >>> source.to_pylist(), name.to_pylist()
        (['meld', 'mer', 'demo'], ['train_dia0_utt3', 'sample_00000007', 'S01_001'])
    """
    parts = pc.extract_regex(
        ids, rf"(?s)^(?:(?P<corpus>{'|'.join(map(re.escape, entries()))})/)?(?P<clip>.*)$"
    )
    within = pc.struct_field(parts, "corpus")
    source = pc.if_else(pc.equal(within, ""), corpora, within)
    clip = pc.replace_substring(pc.struct_field(parts, "clip"), "/", "_")
    # Clips that several corpora take from one source keep their name there, give or take a prefix
    # and "/" for "_". Groups and speakers of one source are one namespace too.
    known = entries().values()
    forms = {entry.clip_source or entry.name: entry.clip_ids for entry in known if entry.clip_ids}
    for name, form in forms.items():
        found = pc.struct_field(pc.extract_regex(clip, f"(?:^|_)(?P<clip>{form})$"), "clip")
        source = pc.if_else(pc.is_valid(found), name, source)
        clip = pc.coalesce(found, clip)
    return source, clip


class _Keys(NamedTuple):
    """What of a set is compared, a value for each clip, null where it is unknown.

    Clips, groups and speakers are written ``source:value``; words are letters and digits alone.
    """

    clips: pa.Array
    groups: pa.Array
    speakers: pa.Array
    texts: pa.Array
    words: pa.Array
    start_s: pa.Array
    end_s: pa.Array
    duration_s: pa.Array


def _compare(pair: tuple[str, str], kind: str, a: Any, b: Any) -> Leak:
    """Find what two sets share in one respect."""
    if kind == "transcripts":
        columns = _comparable_times(a, b)
        if columns is None:
            return Leak(*pair, kind, None)
        in_a, in_b = _same_words_and_times(a, b, columns)
        n_shared = pc.count_distinct(a.words.filter(in_a)).as_py()
        examples = a.texts
    else:
        examples, others = getattr(a, kind), getattr(b, kind)
        if not _is_known(examples) or not _is_known(others):
            return Leak(*pair, kind, None)
        in_a, in_b = _is_in(examples, others), _is_in(others, examples)
        n_shared = pc.count_distinct(examples.filter(in_a)).as_py()
        examples = pc.replace_substring_regex(examples, r"^[^:]*:", "")
    shown = sorted(examples.filter(in_a).unique().to_pylist())[:N_EXAMPLES]
    n_a, n_b = (pc.sum(mask).as_py() or 0 for mask in (in_a, in_b))
    return Leak(*pair, kind, n_shared, n_a, n_b, tuple(shown))


def _comparable_times(a: _Keys, b: _Keys) -> tuple[str, ...] | None:
    """The columns of time that both sets have; None where they or the words are missing."""
    if not (_is_known(a.words) and _is_known(b.words)):
        return None
    for columns in (("start_s", "end_s"), ("duration_s",)):
        if all(_is_known(getattr(clips, name)) for clips in (a, b) for name in columns):
            return columns
    return None


def _same_words_and_times(
    a: _Keys, b: _Keys, columns: tuple[str, ...]
) -> tuple[pa.Array, pa.Array]:
    """Say which clips of either set have the words and times of a clip of the other.

    Times are compared by the cell of a grid they lie in, and once more with the grid moved by half
    a cell, so that no edge parts two that are close.
    """

    def keys(clips: _Keys, moved: tuple[float, ...]) -> pa.Array:
        cells = [
            pc.floor(pc.add(pc.divide(getattr(clips, name), GRID_S), by)).cast(pa.string())
            for name, by in zip(columns, moved, strict=True)
        ]
        return pc.binary_join_element_wise(clips.words, *cells, "|")

    in_a, in_b = (pa.array(np.zeros(len(clips.words), bool)) for clips in (a, b))
    for moved in product((0.0, 0.5), repeat=len(columns)):
        one, other = keys(a, moved), keys(b, moved)
        in_a, in_b = pc.or_(in_a, _is_in(one, other)), pc.or_(in_b, _is_in(other, one))
    return in_a, in_b


def _is_in(keys: pa.Array, others: pa.Array) -> pa.Array:
    return pc.is_in(keys, value_set=others.drop_null())


def _is_known(values: pa.Array) -> bool:
    return values.null_count < len(values)


def _sets(rows: Any, side: str) -> dict[str, Any]:
    """Sets of clips by name; one alone is called by its side."""
    if isinstance(rows, Mapping) and all(
        isinstance(part, Mapping | pa.Table) or hasattr(part, "select_columns")
        for part in rows.values()
    ):
        return dict(rows)
    return {side: rows}


def _read(rows: Any, name: str) -> _Keys:
    """Take what is compared out of a set."""
    table = _columns(rows, name)
    n = table.num_rows

    def column(name: str, kind: pa.DataType) -> pa.Array:
        if name not in table.column_names:
            return pa.nulls(n, kind)
        values = table[name].combine_chunks().cast(kind)
        if pa.types.is_floating(kind):
            values = pc.if_else(pc.is_finite(values), values, pa.scalar(None, kind))
        return values

    ids, speakers, groups, texts = (
        column(name, pa.string()) for name in ("id", "speaker_id", "group_id", "text")
    )
    start_s, end_s, duration_s = (
        column(name, pa.float64()) for name in ("start_s", "end_s", "duration_s")
    )
    source, clip = clip_sources(ids, pc.fill_null(column("corpus", pa.string()), ""))
    words = pc.utf8_lower(pc.utf8_normalize(texts, form="NFKC"))
    words = pc.replace_substring_regex(words, r"[^\p{L}\p{N}]", "")
    too_short = pc.less(pc.binary_length(words), MIN_BYTES)
    return _Keys(
        clips=pc.binary_join_element_wise(source, clip, ":"),
        groups=pc.binary_join_element_wise(source, groups, ":"),
        speakers=pc.binary_join_element_wise(source, speakers, ":"),
        texts=texts,
        words=pc.if_else(too_short, pa.scalar(None, pa.string()), words),
        start_s=start_s,
        end_s=end_s,
        duration_s=pc.coalesce(duration_s, pc.subtract(end_s, start_s)),
    )


def _columns(rows: Any, name: str) -> pa.Table:
    """The columns that are compared as one table, without reading any other."""
    has = getattr(rows, "column_names", rows if isinstance(rows, Mapping) else ())
    columns = [column for column in COLUMNS if column in has]
    if "id" not in columns:
        raise ValueError(
            f"set {name!r}: got {type(rows).__name__} without a column `id`, expected a Dataset, "
            "an Arrow table or a dict of columns"
        )
    if isinstance(rows, Mapping):
        return pa.table({column: list(rows[column]) for column in columns})
    if isinstance(rows, pa.Table):
        return rows.select(columns)
    return rows.select_columns(columns).with_format("arrow")[:]
