"""The base of every corpus: annotation files become a table, media are attached, splits are cut.

A corpus subclasses ``CorpusBuilder`` and says four things: the layouts it accepts, its own columns,
how its annotation files become a table, and (where the file name is not the clip id) which clip a
media file belongs to. Configurations, protocols, cache keys, shards for ``num_proc``, streaming,
media and null columns are done here.

File access stays in ``layout`` and ``tables``: ``datasets`` replaces ``open``, ``os.path`` and
``Path`` inside modules that define builders.
"""

import inspect
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from pathlib import Path as _Path  # under another name, `datasets` leaves it alone
from typing import Any, ClassVar

import datasets
import pyarrow as pa
from datasets.builder import Key

from affecthub.datasets_scripts.fingerprint import fingerprint
from affecthub.datasets_scripts.protocols.rules import (
    SplitRule,
    cut_told,
    read_rule,
    require_disjoint,
)
from affecthub.datasets_scripts.reading.layout import File, Layout, Tree, recognise
from affecthub.datasets_scripts.reading.opening import scan_folder, scan_roots
from affecthub.datasets_scripts.reading.pieces import TABLE_ROWS, pieces_of, shards_of
from affecthub.datasets_scripts.reading.references import (
    ENCODED,
    attach_media,
    encoded_media,
    require_media,
    set_column,
)
from affecthub.datasets_scripts.reading.tables import require_unique
from affecthub.datasets_scripts.reading.usable import drop_unusable
from affecthub.datasets_scripts.row import complete, leading_features
from affecthub.datasets_scripts.verifying.report import Check
from affecthub.entries import Entry, entry_of, loaded_entry
from affecthub.errors import unknown_name

log = logging.getLogger(__name__)


@dataclass
class CorpusConfig(datasets.BuilderConfig):
    """A configuration of a corpus, and how it is to be cut.

    Attributes:
        protocol: Split protocol, one of the corpus' ``splits/*.json`` or the path of another.
        on_missing_media: ``"null"`` keeps the row and fills ``media_issue``; ``"error"`` raises.
        check_media: Whether every media file is opened while rows are made.
        roots: Other folders that complete the corpus, by the names its entry lists.
    """

    protocol: str = "official"
    on_missing_media: str = "null"
    check_media: bool = True
    roots: dict[str, str] | None = None


class CorpusBuilder(datasets.ArrowBasedBuilder):
    """Turn a corpus on the disk into splits of typed rows.

    A subclass stands in ``<corpus>/builder.py`` beside ``splits/<protocol>.json`` and sets
    ``CORPUS`` and ``LAYOUTS``; its entry gives configurations and protocols.

    Attributes:
        CORPUS: Name of the corpus; that of ``ENTRY`` where the class has one.
        LAYOUTS: Trees it accepts; the first that matches becomes ``self.layout``.
        MODALITIES: Media that a clip of this corpus has; a builder may say it of its own folder.
        SOUND_IN_VIDEO: Whether a clip without a sound file has its sound in its video.
        ARCHIVES: Whether media and annotations are also looked for inside plain tars.
        BROKEN_AS_RELEASED: Clips whose media are broken or missing in the release itself.
        CODE: Folders of this room whose code also decides what a row is.
        roots: The other folders, listed; the entry says what each may be.
        problems: What is wrong with the files although they could be read; ``read_annotations`` may
            append, loading warns of each and ``verify`` lists them.
    """

    CORPUS: ClassVar[str]
    LAYOUTS: ClassVar[tuple[Layout, ...]]
    MODALITIES: tuple[str, ...] = ("audio", "video")
    SOUND_IN_VIDEO: bool = False
    ARCHIVES: ClassVar[bool] = False
    BROKEN_AS_RELEASED: ClassVar[frozenset[str]] = frozenset()
    CODE: ClassVar[tuple[str, ...]] = ("families", "protocols", "reading")
    VERSION = datasets.Version("1.0.0")
    BUILDER_CONFIG_CLASS = CorpusConfig
    # The default for video is 10 rows for each batch of a cache file, thousands of batches that
    # must all be looked at to open it. Our rows seldom hold bytes, and `pieces_of` bounds them.
    DEFAULT_WRITER_BATCH_SIZE = TABLE_ROWS

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Take the configurations from the entry, so that they are written once."""
        super().__init_subclass__(**kwargs)
        entry = vars(cls).get("ENTRY") or loaded_entry(cls.CORPUS)
        if entry is not None:
            cls._take_configs(entry)

    def __init__(
        self,
        *args: Any,
        data_dir: str | None = None,
        opened: "CorpusBuilder | None" = None,
        **kwargs: Any,
    ) -> None:
        """List the data folder and key the cache by what is in it.

        Args:
            *args: As ``datasets.DatasetBuilder``.
            data_dir: Folder of the corpus.
            opened: A builder of the same folder and configuration; what it has listed and read is
                not listed and read again.
            **kwargs: As ``datasets.DatasetBuilder``. ``hash`` and ``data_files``, which
                ``datasets.load_dataset`` passes to registered corpora, are replaced by ours.

        Raises:
            FileNotFoundError: The folder does not exist.
            ValueError: The folder holds none of the layouts, or a name is unknown.
        """
        entry = self.entry()
        if not self.BUILDER_CONFIGS:  # the class was imported before its entry was known
            self._take_configs(entry)
        known = [item.name for item in fields(self.BUILDER_CONFIG_CLASS)]
        for name in kwargs.keys() - inspect.signature(datasets.DatasetBuilder).parameters.keys():
            if name not in known:
                raise unknown_name(f"option of {self.CORPUS}", name, known)
        self.tree: Tree | None
        self.roots: dict[str, Tree]
        self._read: dict[str, Any]
        if opened is not None:
            self.tree, self.roots, self._read = opened.tree, opened.roots, opened._read
        else:
            self.tree, self._read = scan_folder(entry, data_dir), {}
            self.roots = scan_roots(entry, kwargs.get("roots"))
        kwargs["roots"] = {name: str(tree.root) for name, tree in self.roots.items()} or None
        self.problems: list[str] = []
        assert self.tree is not None, "only workers have no tree"
        kwargs["config_name"] = kwargs.get("config_name") or self._config_here(entry)
        self.layout = recognise(self.tree, self.LAYOUTS, self.CORPUS)
        kwargs.pop("data_files", None)
        trees = [self.tree, *self.roots.values()]
        own = [each for each in type(self).__mro__ if issubclass(each, CorpusBuilder)]
        protocol = str(kwargs.get("protocol"))
        rule = self.rule(protocol) if protocol.endswith(".json") else None
        kwargs["hash"] = fingerprint(own, self.CODE, entry, trees, rule)
        kwargs["dataset_name"] = self.CORPUS
        super().__init__(*args, data_dir=str(self.tree.root), **kwargs)
        entry.choose(self.config.name, self.config.protocol)
        if self.config.on_missing_media not in ("null", "error"):
            raise unknown_name(
                "`on_missing_media`", self.config.on_missing_media, ("null", "error")
            )

    # What a corpus says of itself. The first four may look into ``self.tree``.

    def emotions(self) -> tuple[str, ...]:
        """The label set of ``emotion`` in this configuration."""
        return self.entry().labels

    def extra_features(self) -> dict[str, Any]:
        """The corpus' own columns, which follow the leading ones."""
        return {}

    def default_config(self, tree: Tree) -> str:
        """The configuration that is read of a folder where none is asked for."""
        return self.entry().configs[0]

    def protocols(self) -> tuple[str, ...]:
        """The protocols by which these clips can be cut, the default first."""
        return self.entry().protocols

    def read_as(self) -> dict[str, str]:
        """How files were understood whose form is not fixed: what, and how.

        ``verify`` lists it, and the card of an export and ``info.description`` state it.
        """
        return {}

    def read_annotations(self, tree: Tree) -> pa.Table:
        """Read the annotation files into one table with a row per clip, all splits together.

        Called once, in the parent process; keep it vectorised. Columns: ``id`` and any of the
        leading and extra ones, label columns by label name. Columns whose name begins with ``_``
        travel to ``read_clips`` and are dropped after it. ``split_official`` is filled from
        ``splits/official.json`` where it is not given.

        Raises:
            ValueError: A file is unreadable or lacks a column, or a path leaves the folder.
        """
        raise NotImplementedError

    def read_clips(self, rows: pa.Table) -> pa.Table:
        """Add what takes a file per clip; called for each piece of a shard, in the workers.

        May drop rows that the configuration leaves out.
        """
        return rows

    def media_key(self, file: File, root: str) -> str | None:
        """The id of the clip that a media file belongs to; None leaves the file out.

        Where ``read_annotations`` gives a column ``_audio_key``, ``_video_key`` or ``_face_key``,
        that is compared in place of the id: files that several clips share.

        Args:
            file: A media file.
            root: ``""`` for the data folder, else the name of the other folder that holds it.
        """
        return file.stem

    def source_of(self, row: dict[str, Any]) -> Entry:
        """The corpus in whose labels and scale a row is asked about: this one, but in a view."""
        return self.entry()

    def checks(self, rows: pa.Table) -> list[Check]:
        """Compare the finished rows of all splits with what the corpus' paper or card states."""
        expected = self.entry().n_rows
        if expected is None:
            return []
        return [Check.compare("rows", expected, rows.num_rows)]

    def facts(self, rows: pa.Table) -> dict[str, Any]:
        """What ``verify`` reports beyond the counts every corpus has; JSON-ready."""
        return {}

    # What is the same for all.

    @classmethod
    def entry(cls) -> Entry:
        """What the corpus says of itself."""
        return vars(cls).get("ENTRY") or entry_of(cls.CORPUS)

    @classmethod
    def _take_configs(cls, entry: Entry) -> None:
        cls.CORPUS = entry.name
        cls.BUILDER_CONFIGS = [
            cls.BUILDER_CONFIG_CLASS(name=name, version=cls.VERSION) for name in entry.configs
        ]
        cls.DEFAULT_CONFIG_NAME = entry.configs[0]

    @classmethod
    def options(cls) -> list[str]:
        """Names of the arguments that this corpus takes beside those of every corpus."""
        every = {item.name for item in fields(CorpusConfig)}
        return [item.name for item in fields(cls.BUILDER_CONFIG_CLASS) if item.name not in every]

    @classmethod
    def rule(cls, protocol: str) -> SplitRule:
        """Read the split file of a protocol: one of ours by name, a user's own by its path."""
        if protocol.endswith(".json"):
            path = _Path(protocol).expanduser()
            return read_rule(path.parent, path.stem)
        return read_rule(_Path(inspect.getfile(cls)).parent / "splits", protocol)

    def rule_of(self, protocol: str) -> SplitRule:
        """The rule of a protocol for these clips: that of its split file."""
        return self.rule(protocol)

    def _config_here(self, entry: Entry) -> str:
        assert self.tree is not None, "builders sent to workers have no tree"
        config = self.default_config(self.tree)
        if config != entry.configs[0]:
            log.warning("%s: read as %r, whose files alone are here", self.tree.root, config)
        return config

    def again(self, **options: Any) -> "CorpusBuilder":
        """A builder of the same folder that cuts or checks it otherwise.

        Args:
            **options: As for a new one; folder, configuration, roots and the corpus' own options
                are those of this one.
        """
        assert self.tree is not None, "builders sent to workers have no tree"
        own = {name: getattr(self.config, name) for name in self.options()}
        same = {"config_name": self.config.name, "data_dir": str(self.tree.root), "opened": self}
        return type(self)(**same, **own, **options)

    def rows(self) -> pa.Table:
        """The annotation table of all splits, media attached as references; read once.

        Raises:
            ValueError: A clip stands twice, or an annotation file is unreadable.
            FileNotFoundError: Media are missing and ``on_missing_media="error"``.
        """
        assert self.tree is not None, "builders sent to workers have no tree"
        if not self._read:
            self.problems = []
            self._read["rows"] = self._read_rows({"": self.tree, **self.roots})
            self._read["problems"] = tuple(self.problems)
        self.problems = list(self._read["problems"])
        if self.config.on_missing_media == "error":
            require_media(self._read["rows"], f"{self.CORPUS} in {self.tree.root}")
        return self._read["rows"]

    def _read_rows(self, trees: dict[str, Tree]) -> pa.Table:
        """Read the annotations and attach the media; ``trees`` has the data folder as ``""``."""
        for tree in trees.values():
            if self.ARCHIVES:
                tree.open_archives()
            self.problems += tree.troubles()
        rows = self.read_annotations(trees[""])
        self.problems += [remark for tree in trees.values() for remark in tree.remarks]
        where = f"{self.CORPUS} in {trees[''].root}"
        for problem in self.problems:
            log.warning("%s: %s", where, problem)
        require_unique(rows["id"], where)
        rows = set_column(rows, "corpus", pa.repeat(self.CORPUS, rows.num_rows))
        if "split_official" not in rows.column_names:
            rows = set_column(rows, "split_official", self.rule_of("official").assign(rows))
        return attach_media(
            rows, trees, self.MODALITIES, self.media_key, sound_in_video=self.SOUND_IN_VIDEO
        )

    def tables(
        self, rows: pa.Table, media: Callable[[dict[str, Any]], dict[str, Any]] | None = None
    ) -> Iterator[pa.Table]:
        """Finish annotation rows: clip files read, media references resolved, columns completed.

        Args:
            rows: Rows of ``rows()``, or some of them.
            media: Turns a reference into ``{"bytes", "path"}``; None takes ``encoded_media``.

        Yields:
            Tables in the schema of ``info.features``, of at most ``TABLE_ROWS`` rows.
        """
        for piece in pieces_of(rows, embedded=media is not None):
            piece = self.read_clips(piece)
            for kind in self.MODALITIES:
                refs = piece[kind].to_pylist()
                values = [(media or encoded_media)(ref) if ref else None for ref in refs]
                piece = set_column(piece, kind, pa.array(values, ENCODED))
            piece = piece.drop_columns([name for name in piece.column_names if name[0] == "_"])
            yield complete(piece, self.info.features)

    def as_dataset(self, split: Any = None, *args: Any, **kwargs: Any) -> Any:
        """As ``datasets.DatasetBuilder``, which however refuses a split without clips."""
        if split is None:
            names = self.info.splits
            return datasets.DatasetDict({n: self.as_dataset(n, *args, **kwargs) for n in names})
        if isinstance(split, list):
            return [self.as_dataset(item, *args, **kwargs) for item in split]
        if split in self.info.splits and not self.info.splits[split].num_examples:
            empty = self.info.features.arrow_schema.empty_table()
            return datasets.Dataset(empty, info=self.info, split=datasets.NamedSplit(str(split)))
        return super().as_dataset(split, *args, **kwargs)

    def _info(self) -> datasets.DatasetInfo:
        entry = self.entry()
        features = {**leading_features(self.emotions()), **self.extra_features()}
        read_as = [f"{what}: {how}" for what, how in self.read_as().items()]
        return datasets.DatasetInfo(
            description="\n".join([entry.title, *read_as]),
            license=entry.licence,
            features=datasets.Features(features),
        )

    def _split_generators(self, dl_manager: Any) -> list[datasets.SplitGenerator]:
        rows = self.rows()
        rule = self.rule_of(self.config.protocol)
        parts = cut_told(rows, rule, self.entry(), self.layout.name)
        if self.config.protocol == "speaker_independent":
            require_disjoint(parts, self.CORPUS, self.config.protocol)
        if self.config.protocol.endswith(".json") and not any(map(len, parts.values())):
            raise ValueError(
                f"{self.config.protocol}: got no value of column `{rule.column}` that a clip of "
                f"{self.CORPUS} has, expected some. It may have been made for another corpus."
            )
        return [
            datasets.SplitGenerator(name=name, gen_kwargs={"shards": shards_of(part)})
            for name, part in parts.items()
        ]

    def _generate_tables(self, shards: list[pa.Table]) -> Iterator[tuple[Key, pa.Table]]:
        for i, shard in enumerate(shards):
            for j, table in enumerate(self.tables(shard)):
                if self.config.check_media:
                    fatal = self.config.on_missing_media == "error"
                    table = drop_unusable(table, self.MODALITIES, fatal=fatal)
                yield Key(i, j), table

    def __getstate__(self) -> dict[str, Any]:
        """Leave the listing behind: workers get shards that already point at their files."""
        return {**self.__dict__, "tree": None, "roots": {}, "layout": None, "_read": {}}
