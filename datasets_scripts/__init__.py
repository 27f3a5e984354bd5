"""Corpora of emotion recognition as typed ``datasets`` rows, read from the files on a disk."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict, IterableDataset, IterableDatasetDict

    from affecthub.datasets_scripts.corpus import Corpus
    from affecthub.datasets_scripts.protocols.leaks import LeakageReport
    from affecthub.datasets_scripts.verifying.report import VerifyReport

__all__ = [
    "leakage",
    "list_datasets",
    "load_dataset",
    "make_demo",
    "open_corpus",
    "register",
    "verify",
]


def list_datasets() -> list[str]:
    """The names of all corpora, sorted.

    Example:
        >>> "emotiontalk" in list_datasets()
        True
    """
    from affecthub.entries import entries

    return sorted(entries())


def open_corpus(
    name: str,
    data_dir: str | PathLike[str],
    config: str | None = None,
    *,
    protocol: str | PathLike[str] | None = None,
    roots: Mapping[str, str | PathLike[str]] | None = None,
    **options: Any,
) -> "Corpus":
    """Open a corpus on this disk: ``affecthub.Corpus``, which says what the arguments are."""
    from affecthub.datasets_scripts.corpus import Corpus

    return Corpus(name, data_dir, config, protocol=protocol, roots=roots, **options)


def load_dataset(
    path: str,
    name: str | None = None,
    *,
    config: str | None = None,
    data_dir: str | PathLike[str] | None = None,
    protocol: str | PathLike[str] = "official",
    split: str | list[str] | None = None,
    streaming: bool = False,
    num_proc: int | None = None,
    roots: Mapping[str, str | PathLike[str]] | None = None,
    **options: Any,
) -> "DatasetDict | Dataset | IterableDatasetDict | IterableDataset":
    """Load a corpus from the folder it lies in, by the arguments of ``datasets.load_dataset``.

    Args:
        path: The corpus: a name of ``list_datasets()``.
        name: Configuration of the corpus; None takes its default.
        config: The same under the word that the rest of this package has for it.
        data_dir: Folder of the corpus on this disk, in any of the layouts it accepts.
        protocol: ``"official"``, ``"speaker_independent"``, one of the corpus' own, or the path of
            your own split file, as ``Corpus`` says.
        split: A split, an expression such as ``"train[:10]"``, or a list of them; None gives all.
        streaming: Read rows as they are asked for.
        num_proc: Processes that prepare the cache.
        roots: Other folders that complete the corpus, as ``Corpus`` says.
        **options: ``cache_dir``, ``keep_in_memory``, ``download_mode``, ``on_missing_media`` and
            ``check_media``, as ``Corpus.load`` says; where a corpus takes more, that too.

    Returns:
        What ``datasets.load_dataset`` returns: a ``DatasetDict``, or a ``Dataset`` where ``split``
        is given, or their iterable forms where ``streaming``. A split without clips is empty.

    Raises:
        ValueError: A name is unknown (close matches are listed), the folder is not this corpus, or
            an annotation or split file is broken.
        TypeError: An argument of ``datasets.load_dataset`` makes no sense for files on a disk.
        FileNotFoundError: The folder or the split file does not exist, or media are missing and
            ``on_missing_media="error"``.

    Example:
        >>> load_dataset("emotiontlak", data_dir=".")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ValueError: unknown corpus: got 'emotiontlak', ... Did you mean 'emotiontalk'?
    """
    from affecthub.datasets_scripts.corpus import Corpus, own_options

    if name is not None and config is not None and name != config:
        raise ValueError(f"`name` and `config` are one: got {name!r} and {config!r}; pass one")
    own = own_options(path, options)
    corpus = Corpus(path, data_dir, name or config, protocol=protocol, roots=roots, **own)
    return corpus.load(split, streaming, num_proc, **options)


def verify(
    name: str,
    data_dir: str | PathLike[str],
    config: str | None = None,
    roots: Mapping[str, str | PathLike[str]] | None = None,
    **options: Any,
) -> "VerifyReport":
    """Compare a corpus on the disk with what it should be: ``Corpus(...).verify()``.

    Args:
        name: A name of ``list_datasets()``.
        data_dir: Folder of the corpus.
        config: Configuration; None takes the default.
        roots: Other folders that complete the corpus, as ``Corpus`` says.
        **options: What the corpus takes beside these.

    Returns:
        A report that prints itself; ``to_dict()`` is ready for JSON.

    Raises:
        ValueError: As ``load_dataset``.
        FileNotFoundError: The folder does not exist.
    """
    return open_corpus(name, data_dir, config, roots=roots, **options).verify()


def make_demo(folder: str | PathLike[str], **options: Any) -> Path:
    """Make the synthetic corpus ``demo``: a few hundred clips of invented people.

    Args:
        folder: Where to; a complete one that is there is kept.
        **options: ``n_clips``, ``n_speakers``, ``seed`` and ``num_proc`` of
            ``demo.generate.generate_demo``.

    Returns:
        The folder, absolute: the ``data_dir`` of corpus ``demo``.

    Raises:
        ValueError: A number is out of range.
        FileExistsError: The folder holds something else; it is left as it is.
    """
    from affecthub.errors import require_extras

    require_extras("data", purpose="make the demo corpus")
    from affecthub.datasets_scripts.demo.generate import generate_demo

    return generate_demo(Path(folder), **options)


def leakage(a: Any, b: Any = None) -> "LeakageReport":
    """Report what two sets of clips share: groups, speakers, clips, transcripts with their times.

    Clips of different corpora count as one where both take them from one source under its name:
    MELD's in EmoS, CH-SIMS' in CH-SIMS v2 and EmoS, MER2023's in OV-MERD, EMER and MER-Caption.
    Groups and speakers of different sources are never the same, whatever they are called.
    Transcripts are compared by their letters and digits, from five Chinese characters or fifteen
    Latin letters on, so that "yes" is no leak; they must also agree in start and end, or in
    duration where a set has no times, to a quarter of a second.

    Args:
        a: A ``Dataset``, an Arrow table or a dict of columns; or several of them by name, such as
            a ``DatasetDict``. Of the leading columns those that are there are used.
        b: The same, to be compared with ``a``; None compares every two sets in ``a``.

    Returns:
        A report; ``found`` lists what is shared, ``to_dict()`` is ready for JSON.

    Raises:
        ValueError: ``a`` is one set and ``b`` is None, or a set has no column ``id``.

    Example:
        >>> train = {"id": ["1", "2"], "speaker_id": ["ann", "bob"]}
        >>> test = {"id": ["3"], "speaker_id": ["bob"]}
        >>> [(leak.kind, leak.n_shared) for leak in leakage(train, test).found]
        [('speakers', 1)]
    """
    from affecthub.errors import require

    require("pyarrow", "data", "compare corpora")
    from affecthub.datasets_scripts.protocols.leaks import leakage as run

    return run(a, b)


def register() -> None:
    """Make plain ``datasets.load_dataset("emotiontalk", data_dir=...)`` find our corpora.

    Opt-in, for this process: it enters our modules in the table of packaged modules of
    ``datasets``, which is private, so versions other than those tested are refused.
    ``datasets`` then also lists ``data_dir`` itself, which is slow for large folders, and asks the
    Hub to count the load unless ``HF_HUB_OFFLINE`` or ``HF_UPDATE_DOWNLOAD_COUNTS=0`` is set.
    ``affecthub.load_dataset`` does neither.

    Raises:
        ImportError: The installed ``datasets`` is not one this was tested with.
    """
    from affecthub.errors import require

    require("datasets", "data", "load a corpus")
    from affecthub.datasets_scripts.packaged import register as run

    run()
