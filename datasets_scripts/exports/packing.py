"""Media of finished rows as an export holds them: embedded bytes, or paths within the corpus."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

import pyarrow as pa
from datasets import Features

from affecthub.datasets_scripts.builder import CorpusBuilder
from affecthub.datasets_scripts.reading.layout import VIDEO_SUFFIXES
from affecthub.datasets_scripts.reading.references import set_column
from affecthub.datasets_scripts.reading.usable import drop_unusable
from affecthub.datasets_scripts.rows.decoding import sound_cut
from affecthub.entries import Entry
from affecthub.media import video_cut
from affecthub.media.cut import cut_sound, cut_video
from affecthub.progress import progress

# Where a row's clip lies in a longer film; see ``frames.video_cut``.
SPAN_COLUMNS = ("video_start_s", "video_end_s", "video_crop")
# Columns whose values a card counts, beside flags of clips that other corpora have (`in_...`).
_FACTS = frozenset(
    {
        *("id", "corpus", "text", "language", "speaker_id", "group_id"),
        *("start_s", "end_s", "duration_s"),
        *("emotion", "sentiment", "open_vocabulary", "test_set", "media_issue"),
    }
)
# What was done to how many clips, for the card.
_NOTES = {
    "cut": (
        "{n} clips are parts of longer films. Their own part (time and box) was cut out and "
        "encoded again as H.264, without sound; where it was, the columns "
        + ", ".join(f"`{column}`" for column in SPAN_COLUMNS)
        + " are null, because `video` is the clip now."
    ),
    "sound": (
        "{n} clips had their sound only in the film. `audio` is that sound, decoded to 32-bit wav "
        "at its own rate, channels averaged, so that no film is stored twice."
    ),
    "unusable": (
        "{n} clips have media that are missing, unreadable or silent: what cannot be read is null, "
        "and `media_issue` says why."
    ),
}


class Packer:
    """Brings the media of rows into an export.

    Args:
        builder: The corpus.
        rows: All its annotation rows, media as references.
        embed: Embed the encoded bytes; otherwise keep paths, relative to the corpus' folder (those
            in another root begin with its name).
        without: Columns to leave out.

    Attributes:
        corpus: Its name.
        embed: As given.
        kinds: The corpus' modalities.
        features: Its columns, but for those left out.
        without: Those, as far as the corpus has them.
        in_archives: Whether any of its media lie inside tars.
        counts: Clips that were "cut" from a longer film, that had only a film for their "sound",
            and that have "unusable" media.
    """

    def __init__(
        self, builder: CorpusBuilder, rows: pa.Table, embed: bool, without: Sequence[str] = ()
    ) -> None:
        assert builder.tree is not None, "only workers have no tree"
        self._builder = builder
        self.corpus = builder.CORPUS
        self.embed = embed
        self.kinds = builder.MODALITIES
        every = builder.info.features
        self.without = tuple(name for name in every if name in without)
        self.features = Features(
            {name: kind for name, kind in every.items() if name not in without}
        )
        self._schema = self.features.arrow_schema  # carries the features for `datasets` to read
        self._facts: list[pa.Table] = []
        self.counts: Counter[str] = Counter()
        roots = {name: tree.root for name, tree in {"": builder.tree, **builder.roots}.items()}
        # The deepest first: one root may lie inside another.
        self._roots = sorted(roots.items(), key=lambda item: -len(item[1].parts))
        ids = rows["id"].to_pylist()
        refs = {kind: dict(zip(ids, rows[kind].to_pylist(), strict=True)) for kind in self.kinds}
        self._paths = {
            kind: {clip: ref["path"] for clip, ref in found.items() if ref}
            for kind, found in refs.items()
        }
        self.in_archives = any(
            ref and ref["archive"] for found in refs.values() for ref in found.values()
        )

    def tables(self, rows: pa.Table) -> Iterator[pa.Table]:
        """Finish annotation rows as loading does, and pack their media.

        Yields:
            Tables in the schema of the corpus; what cannot be read is null, with `media_issue`.
        """
        with progress("packing clips", rows.num_rows, "clip") as done:
            for table in self._builder.tables(rows):
                packed = self._pack(drop_unusable(table, self.kinds, fatal=False))
                self._facts.append(packed.select(_told(packed)).replace_schema_metadata(None))
                yield packed
                done(table.num_rows)

    def facts(self) -> pa.Table:
        """What the card counts of all rows that were packed: ids, labels, people, times."""
        if not self._facts:
            empty = self._schema.empty_table()
            return empty.select(_told(empty)).replace_schema_metadata(None)
        return pa.concat_tables(self._facts)

    def free(self, entry: Entry) -> bool:
        """Whether everybody may pass on what is packed: all of it, or labels that may go alone."""
        alone = bool(entry.labels_alone) and not self.embed
        return entry.may_redistribute or (
            alone and not set(entry.labels_without) & set(self.features)
        )

    def notes(self) -> list[str]:
        """Say what was done to media, one sentence or two for each kind of it."""
        return [
            text.format(n=self.counts[kind]) for kind, text in _NOTES.items() if self.counts[kind]
        ]

    def suffixes(self) -> dict[str, list[str]]:
        """The file suffixes, without dots, that embedded media of each modality can have."""
        found: dict[str, list[str]] = {}
        for kind in self.kinds:
            names = {PurePosixPath(path).suffix.lower() for path in self._paths[kind].values()}
            if kind == "audio" and names & VIDEO_SUFFIXES:
                names = names - VIDEO_SUFFIXES | {".wav"}  # as `_embedded` takes it out
            if kind == "video" and set(SPAN_COLUMNS) & set(self.features):
                names.add(".mp4")
            found[kind] = sorted(name[1:] for name in names)
        return found

    def _pack(self, table: pa.Table) -> pa.Table:
        spans = [column for column in SPAN_COLUMNS if column in table.column_names]
        rows = table.select(["id", "media_issue", *self.kinds, *spans]).to_pylist()
        packed = [(self._embedded if self.embed else self._by_path)(row) for row in rows]
        self.counts["unusable"] += sum(row["media_issue"] is not None for row in packed)
        for name in ("media_issue", *self.kinds, *spans):
            values = [row[name] for row in packed]
            table = set_column(table, name, pa.array(values, table.schema.field(name).type))
        return table.select(list(self.features)).cast(self._schema)

    def _by_path(self, row: dict[str, Any]) -> dict[str, Any]:
        for kind in self.kinds:
            if row[kind] is not None:
                row[kind] = {"bytes": None, "path": self._relative(self._paths[kind][row["id"]])}
        return row

    def _relative(self, path: str) -> str:
        """A path within the corpus: those of this machine mean nothing elsewhere."""
        name, root = next(
            root for root in self._roots if PurePosixPath(path).is_relative_to(root[1])
        )
        return str(PurePosixPath(name) / PurePosixPath(path).relative_to(root))

    def _embedded(self, row: dict[str, Any]) -> dict[str, Any]:
        span = video_cut(row)
        for kind in self.kinds:
            source = row[kind]
            if source is None:
                continue
            name = PurePosixPath(source["path"])
            try:
                if kind == "audio" and name.suffix.lower() in VIDEO_SUFFIXES:
                    # Only the sound: the film itself is in `video`.
                    row[kind] = {
                        "bytes": cut_sound(source, **sound_cut(row)),
                        "path": f"{name.stem}.wav",
                    }
                    self.counts["sound"] += 1
                elif kind == "video" and span:
                    row[kind] = {"bytes": cut_video(source, **span), "path": f"{name.stem}.mp4"}
                    row.update(dict.fromkeys(SPAN_COLUMNS))
                    self.counts["cut"] += 1
                else:
                    row[kind] = {"bytes": _bytes(source), "path": name.name}
            except ValueError as error:  # unreadable, or an empty span
                row[kind] = None
                issue = f"{kind}: {error}".replace(source["path"], name.name)
                row["media_issue"] = "; ".join(filter(None, [row["media_issue"], issue]))
        return row


def safe_names(ids: Sequence[str]) -> list[str]:
    """Turn clip ids into file names without dots, slashes or anything else a path could use.

    Args:
        ids: Distinct ids.

    Returns:
        A name for each, distinct even where upper and lower case are the same. An id that is a
        safe name already stays; others carry a digest.

    Example:
        >>> safe_names(["dia0_utt1", "../up", "A", "a"])
        ['dia0_utt1', '___up-8c722b8a', 'A-559aead0', 'a-ca978112']
    """
    plain = [re.sub(r"[^\w-]", "_", clip)[:100] for clip in ids]
    n_folded = Counter(name.casefold() for name in plain)
    return [
        name
        if name and name == clip and n_folded[name.casefold()] == 1
        else f"{name}-{hashlib.sha256(clip.encode()).hexdigest()[:8]}"
        for name, clip in zip(plain, ids, strict=True)
    ]


def _told(table: pa.Table) -> list[str]:
    """The columns of a table that a card counts."""
    return [name for name in table.column_names if name in _FACTS or name.startswith("in_")]


def _bytes(source: dict[str, Any]) -> bytes:
    return Path(source["path"]).read_bytes() if source["bytes"] is None else source["bytes"]
