"""A corpus on this disk, opened once: all that can be done with it starts here."""

from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from os import PathLike, fspath
from typing import TYPE_CHECKING, Any

from affecthub.entries import Entry, entry_of
from affecthub.errors import require_extras
from affecthub.screen import Screen, Section

if TYPE_CHECKING:
    from pathlib import Path

    import pyarrow as pa
    from datasets import Dataset, DatasetDict, Features, IterableDataset, IterableDatasetDict

    from affecthub.datasets_scripts.description import Description
    from affecthub.datasets_scripts.exports.export import Export
    from affecthub.datasets_scripts.protocols.leaks import LeakageReport
    from affecthub.datasets_scripts.protocols.make_split import GroupSplit
    from affecthub.datasets_scripts.protocols.rules import SplitRule
    from affecthub.datasets_scripts.verifying.report import VerifyReport


class Corpus(Screen):
    """What a corpus is on this disk.

    Its folder is listed when it is opened and its annotation files are read at most once, whatever
    is asked of it. Printing it shows what `describe` says, in a notebook as tables.

    Args:
        name: A name of ``affecthub.list_datasets()``.
        data_dir: Folder of the corpus, in any of the layouts it accepts.
        config: Configuration; None takes the default, else the one whose files are in the folder.
        protocol: How it is split: ``"official"`` (the released split; one split of all clips where
            none was released), ``"speaker_independent"`` (no speaker, or where speakers are unknown
            no source video, on two sides), one of the corpus' own, or the path of your own split
            file, ``"my_split.json"``, as `split` writes it. None takes the corpus' first.
        roots: Other folders that complete the corpus, for example the media of the corpus it
            re-annotates: ``{"meld": "/data/MELD.Raw"}``. ``affecthub data show`` names them.
        **options: What a corpus takes beside these, such as the columns of ``folder``.

    Attributes:
        entry: What the corpus says of itself.
        config, protocol: As chosen, or the defaults.

    Raises:
        ValueError: A name is unknown (close matches are listed), or the folder is not this corpus.
        FileNotFoundError: A folder or the split file does not exist.

    Example:
        >>> Corpus("emotiontlak", ".")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ValueError: unknown corpus: got 'emotiontlak', ... Did you mean 'emotiontalk'?
    """

    def __init__(
        self,
        name: str,
        data_dir: str | PathLike[str] | None,
        config: str | None = None,
        *,
        protocol: str | PathLike[str] | None = None,
        roots: Mapping[str, str | PathLike[str]] | None = None,
        **options: Any,
    ) -> None:
        self.entry: Entry = entry_of(name)
        protocol = None if protocol is None else fspath(protocol)
        self.config, self.protocol = self.entry.choose(config, protocol)
        self._asked_protocol = protocol
        self._asked = {"config": config, "protocol": protocol, "roots": roots, **options}
        require_extras("data", purpose="open a corpus")
        self._builder = self.entry.builder_class()(
            config_name=config,
            data_dir=data_dir,
            protocol=self.protocol,
            roots={root: str(folder) for root, folder in (roots or {}).items()},
            **options,
        )
        self.config = self._builder.config.name  # where none was asked for, the folder decides

    def __reduce__(self) -> tuple[Any, ...]:
        """Copies and other processes open the folder anew: its listing does not travel."""
        roots = {name: str(tree.root) for name, tree in self._builder.roots.items()}
        asked = {**self._asked, "roots": roots}
        return partial(Corpus, self.name, self.data_dir, **asked), ()

    @property
    def name(self) -> str:
        """The corpus' name."""
        return self.entry.name

    @property
    def data_dir(self) -> str:
        """Its folder, absolute."""
        return str(self._builder.config.data_dir)

    @cached_property
    def _rule(self) -> "SplitRule":
        return self._builder.rule_of(self.protocol)

    @property
    def features(self) -> "Features":
        """The types of its columns."""
        return self._builder.info.features

    @property
    def splits(self) -> list[str]:
        """Names of the splits of the protocol."""
        return list(self._rule.splits)

    def load(
        self,
        split: str | list[str] | None = None,
        streaming: bool = False,
        num_proc: int | None = None,
        *,
        on_missing_media: str = "null",
        check_media: bool = True,
        **options: Any,
    ) -> "DatasetDict | Dataset | IterableDatasetDict | IterableDataset":
        """The corpus as ``datasets`` has it.

        Args:
            split: As in ``datasets.load_dataset``: a split, an expression such as
                ``"train[:10]"``, or a list of them; None gives all.
            streaming: Read rows as they are asked for; nothing is written to the cache.
            num_proc: Processes that prepare the cache; not with ``streaming``.
            on_missing_media: ``"null"`` keeps rows whose media are missing or unusable, as null
                (``media_issue`` says why); ``"error"`` raises.
            check_media: Open every media file while rows are made, a few milliseconds each; False
                only looks whether it is there.
            **options: ``cache_dir``, ``keep_in_memory``, ``download_mode`` and
                ``verification_mode`` of ``datasets.load_dataset``. The key of the cache covers our
                code, the split files and the name, size and time of every data file, so a changed
                folder is never served from it.

        Returns:
            What ``datasets.load_dataset`` returns: a ``DatasetDict``, or a ``Dataset`` where
            ``split`` is given, or their iterable forms where ``streaming``. A split without clips
            is empty.

        Raises:
            ValueError: A split is unknown, or an annotation or split file is broken.
            TypeError: Another argument of ``datasets.load_dataset``, with the reason.
            FileNotFoundError: Media are missing and ``on_missing_media="error"``.
        """
        from affecthub.datasets_scripts.rows.loading import load

        how = {"on_missing_media": on_missing_media, "check_media": check_media, **options}
        how |= {"protocol": self.protocol}
        return load(self._builder, self.splits, split, streaming, num_proc, **how)

    def rows(
        self,
        split: str | None = None,
        streaming: bool = False,
        num_proc: int | None = None,
        **options: Any,
    ) -> "Dataset | IterableDataset":
        """The clips one after the other, in one dataset.

        Args:
            split: As in `load`; None gives the clips of all splits.
            streaming: As in `load`.
            num_proc: As in `load`.
            **options: As `load`.

        Returns:
            A ``Dataset``, or an ``IterableDataset`` where ``streaming``.

        Raises:
            ValueError: As `load`.
            FileNotFoundError: As `load`.
        """
        loaded = self.load(split, streaming, num_proc, **options)
        if split is not None:
            return loaded
        from datasets import concatenate_datasets

        return concatenate_datasets(list(loaded.values()))

    def annotations(self) -> "pa.Table":
        """All clips of all splits, in no protocol, without media and without a cache.

        Returns:
            An Arrow table of the leading and the corpus' own columns but for the media; labels by
            name, not by integer.

        Raises:
            ValueError: An annotation file is broken.
        """
        return self._annotations

    @cached_property
    def _annotations(self) -> "pa.Table":
        import pyarrow as pa
        from datasets import ClassLabel

        from affecthub.datasets_scripts.reading.references import set_column

        builder = self._builder
        # Bytes are not read out of tars: rows are wanted, not media.
        tables = builder.tables(builder.rows(), lambda ref: {"bytes": None, "path": ref["path"]})
        rows = pa.concat_tables([table.drop_columns(list(builder.MODALITIES)) for table in tables])
        for column, feature in builder.info.features.items():
            if isinstance(feature, ClassLabel):
                names = pa.array(feature.names, pa.string())
                rows = set_column(rows, column, names.take(rows[column].combine_chunks()))
        return rows.replace_schema_metadata(None)

    def sides(self) -> "dict[str, pa.Table]":
        """The `annotations` of each split of the protocol.

        Raises:
            ValueError: As `annotations`, or the files do not tell what the protocol decides by.
        """
        from affecthub.datasets_scripts.protocols.rules import cut_told

        return cut_told(self.annotations(), self._rule, self.entry, self.layout)

    def verify(self) -> "VerifyReport":
        """Compare what is on the disk with what it should be; every media file is opened.

        Returns:
            A report that prints itself; ``to_dict()`` is ready for JSON.

        Raises:
            ValueError: An annotation file is broken.
        """
        from affecthub.datasets_scripts.verifying.verify import verify

        return verify(self._builder)

    def export(
        self,
        out_dir: str | PathLike[str],
        *,
        to: str = "parquet",
        embed_media: bool = True,
        file_mb: int = 500,
        answer: str | None = None,
        question: str | None = None,
        without: Sequence[str] = (),
        wording: Any = None,
    ) -> "Export":
        """Write the corpus with a card in a form that other programs read without this package.

        ``datasets.load_dataset(out_dir, "speaker_independent")`` reads each of them. Clips that are
        parts of longer films are cut out of them, and sound that lies only in a film becomes a wav;
        the card counts both. Where a protocol was chosen it is the one to be offered; else Parquet
        offers all, each clip written once however many there are, and the other forms the default.

        Args:
            out_dir: Folder to write; must be empty or absent, and not inside the corpus.
            to: ``"parquet"``: the same rows. ``"webdataset"``: tars of clips. ``"chat-jsonl"``: for
                ms-swift, LLaMA-Factory and trl, films and 16 kHz wav beside it.
            embed_media: Write the media; otherwise only their paths as text, relative to the
                corpus' folder (those in another root begin with its name).
            file_mb: About how large a Parquet file or a tar may become, in units of 2^20 bytes.
            answer: Chat: the column that answers, "emotion", "open_vocabulary", "description" or
                "sentiment"; None takes the first there is. Clips without it are left out.
            question: Chat: what is asked, in place of our words.
            without: Columns to leave out, where a copy may not hold them.
            wording: Chat: says what each row is asked and answered, in place of both.

        Returns:
            The finished export, which is also the path of its folder. An error, or the end of the
            process, leaves no folder there.

        Raises:
            ValueError: ``out_dir`` is not empty, a name is unknown, or no clip has the answer.
            OSError: The disk is full, or may not be written to.
        """
        from affecthub.datasets_scripts.exports.export import export

        every = to == "parquet" and self._asked_protocol is None
        return export(
            self._builder,
            out_dir,
            self._builder.protocols() if every else (self.protocol,),
            to=to,
            embed_media=embed_media,
            file_mb=file_mb,
            answer=answer,
            question=question,
            without=without,
            wording=wording,
        )

    def view(self, out: str | PathLike[str], *, limit: int = 120, embed: bool = False) -> "Path":
        """Write a page of clips with players, labels, counts per split and filters.

        Args:
            out: The page, ``<name>.html``; its media lie in ``<name>_files`` beside it.
            limit: How many clips, spread over the splits.
            embed: Put the media into the page, which then is one large file.

        Returns:
            The page, absolute.

        Raises:
            ValueError: ``out`` is no page or lies inside the corpus, or ``limit`` is below 1.
        """
        from affecthub.datasets_scripts.viewing.view import view

        return view(self, out, limit=limit, embed=embed)

    def split(self, out: str | PathLike[str], **options: Any) -> "GroupSplit":
        """Make a split that cuts no group, and write it as a file that ``protocol=`` takes.

        Args:
            out: The file, ``<protocol>.json``; one that is there is replaced.
            **options: ``column``, ``within``, ``fractions``, ``tolerance`` and ``seed`` of
                ``protocols.split_file.write_split``: what is not cut, what labels are matched
                within, how large the sides are, by how much they may be off, and the search's seed.

        Returns:
            The split and how far its sides are from the corpus; it prints itself.

        Raises:
            ValueError: ``out`` does not end in ``.json``, or as ``write_split``.
        """
        from affecthub.datasets_scripts.protocols.split_file import write_split

        return write_split(self, out, **options)

    def leaks(self, other: Any = None) -> "LeakageReport":
        """Report what it shares with another corpus, or its splits with each other.

        Args:
            other: A ``Corpus``, or what ``affecthub.leakage`` takes; None compares the splits of
                the protocol.

        Returns:
            A report that prints itself; ``found`` lists what is shared.

        Raises:
            ValueError: As `annotations`, or as ``affecthub.leakage``.
        """
        from affecthub.datasets_scripts.protocols.leaks import leakage

        return leakage(
            self._named_sides(), other._named_sides() if isinstance(other, Corpus) else other
        )

    def describe(self) -> "Description":
        """What is on the disk in one screen: clips, labels, people, protocols, terms, problems.

        Raises:
            ValueError: An annotation file is broken.
        """
        from affecthub.datasets_scripts.description import describe

        return describe(self)

    @property
    def layout(self) -> str:
        """Name of the layout that the folder has."""
        return str(self._builder.layout.name)

    @property
    def problems(self) -> list[str]:
        """What is wrong with the files although they can be read."""
        self._builder.rows()
        return list(self._builder.problems)

    def heading(self) -> str:
        """What it is and where it lies."""
        return f"{self.entry.title}\n{self.data_dir}"

    def sections(self) -> list[Section]:
        """What `describe` says; where the files cannot be read, why."""
        try:
            return self.describe().sections()
        except (ValueError, OSError) as error:
            return [Section("", ["cannot be read"], [[str(error)]])]

    def _named_sides(self) -> "dict[str, pa.Table]":
        return {f"{self.name}/{split}": rows for split, rows in self.sides().items()}


def own_options(name: str, options: dict[str, Any]) -> dict[str, Any]:
    """Take out of a call's options those that opening a corpus takes.

    Args:
        name: The corpus.
        options: Of a call that opens it and does something with it; what is taken is removed.

    Returns:
        What ``Corpus`` takes.

    Raises:
        ValueError: The name is unknown.
    """
    entry = entry_of(name)
    require_extras("data", purpose="open a corpus")
    known = entry.builder_class().options()
    return {key: options.pop(key) for key in known if key in options}
