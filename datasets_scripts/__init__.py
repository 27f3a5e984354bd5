"""Corpora of emotion recognition as typed ``datasets`` rows, read from the files on a disk."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict, IterableDataset, IterableDatasetDict

    from affecthub.datasets_scripts.protocols.leaks import LeakageReport
    from affecthub.datasets_scripts.verifying.report import VerifyReport

__all__ = ["export", "leakage", "list_datasets", "load_dataset", "register", "verify"]


def list_datasets() -> list[str]:
    """The names of all corpora, sorted.

    Example:
        >>> "emotiontalk" in list_datasets()
        True
    """
    from affecthub.datasets_scripts.catalog import CATALOG

    return sorted(CATALOG)


def load_dataset(
    name: str,
    config: str | None = None,
    *,
    data_dir: str | PathLike[str] | None = None,
    protocol: str = "official",
    split: str | list[str] | None = None,
    streaming: bool = False,
    num_proc: int | None = None,
    cache_dir: str | PathLike[str] | None = None,
    on_missing_media: str = "null",
    check_media: bool = True,
    roots: Mapping[str, str | PathLike[str]] | None = None,
    **kwargs: Any,
) -> "DatasetDict | Dataset | IterableDatasetDict | IterableDataset":
    """Load a corpus from the folder it lies in.

    Args:
        name: A name of ``list_datasets()``.
        config: Configuration of the corpus; None takes its default.
        data_dir: Folder of the corpus on this disk, in any of the layouts it accepts.
        protocol: ``"official"`` (the released split; one split of all clips where none was
            released), ``"speaker_independent"`` (no speaker, or where speakers are unknown no
            source video, on two sides), one of the corpus' own, or the path of your own split
            file, ``"my_split.json"``, as ``affecthub data split`` writes it.
        split: As in ``datasets.load_dataset``: a split, an expression such as ``"train[:10]"``, or
            a list of them; None gives all.
        streaming: Read rows as they are asked for; nothing is written to the cache.
        num_proc: Processes that prepare the cache; not with ``streaming``.
        cache_dir: Where prepared rows are kept; None takes that of ``datasets``. The key covers
            our code, the split files and the name, size and time of every data file, so a changed
            folder is never served from it.
        on_missing_media: ``"null"`` keeps rows whose media are missing or unusable, as null
            (``media_issue`` says why); ``"error"`` raises.
        check_media: Open every media file while rows are made, a few milliseconds each; False only
            looks whether it is there.
        roots: Other folders that complete the corpus, for example the media of the corpus it
            re-annotates: ``{"meld": "/data/MELD.Raw"}``. ``affecthub data show`` names them.
        **kwargs: The corpus' own options (those of ``folder`` stand in its card), and as
            ``datasets.DatasetBuilder``.

    Returns:
        What ``datasets.load_dataset`` returns: a ``DatasetDict``, or a ``Dataset`` where ``split``
        is given, or their iterable forms where ``streaming``. A split without clips is empty.

    Raises:
        ValueError: A name is unknown (close matches are listed), the folder is not this corpus, or
            an annotation or split file is broken.
        FileNotFoundError: The folder or the split file does not exist, or media are missing and
            ``on_missing_media="error"``.

    Example:
        >>> load_dataset("emotiontlak", data_dir=".")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ValueError: unknown corpus: got 'emotiontlak', ... Did you mean 'emotiontalk'?
    """
    from affecthub.datasets_scripts.catalog import corpus
    from affecthub.errors import require_extras

    entry = corpus(name)
    config, protocol = entry.choose(config, protocol)
    if streaming and num_proc is not None:
        raise ValueError(
            f"`num_proc` with `streaming`: got num_proc={num_proc}, expected None. "
            "Let a DataLoader with `num_workers` read the stream in parallel."
        )
    require_extras("data", purpose="load a corpus")
    from datasets.exceptions import DatasetGenerationError

    builder = entry.builder_class()(
        cache_dir=None if cache_dir is None else str(Path(cache_dir).expanduser()),
        config_name=config,
        data_dir=data_dir,
        protocol=protocol,
        on_missing_media=on_missing_media,
        check_media=check_media,
        roots={name: str(folder) for name, folder in (roots or {}).items()},
        **kwargs,
    )
    _check_split(split, name, list(builder.rule_of(protocol).splits))
    if streaming:
        return builder.as_streaming_dataset(split=split)
    try:
        builder.download_and_prepare(num_proc=num_proc)
    except DatasetGenerationError as error:
        # `datasets` hides what happened inside the reader; our errors already name the file.
        if isinstance(error.__cause__, ValueError | OSError):
            raise error.__cause__ from None
        raise
    return builder.as_dataset(split=split)


def verify(
    name: str,
    data_dir: str | PathLike[str],
    config: str | None = None,
    roots: Mapping[str, str | PathLike[str]] | None = None,
    **options: Any,
) -> "VerifyReport":
    """Compare a corpus on the disk with what it should be; every media file is opened.

    Args:
        name: A name of ``list_datasets()``.
        data_dir: Folder of the corpus.
        config: Configuration; None takes the default.
        roots: Other folders that complete the corpus, as in ``load_dataset``.
        **options: The corpus' own options, as in ``load_dataset``.

    Returns:
        A report; ``to_dict()`` is ready for JSON, ``tables()`` for printing.

    Raises:
        ValueError: As ``load_dataset``.
        FileNotFoundError: The folder does not exist.
    """
    from affecthub.errors import require_extras

    require_extras("data", purpose="verify a corpus")
    from affecthub.datasets_scripts.verifying.verify import verify as run

    return run(name, data_dir, config, roots, **options)


def export(
    name: str,
    out_dir: str | PathLike[str],
    data_dir: str | PathLike[str],
    config: str | None = None,
    protocol: str | None = None,
    embed_media: bool = True,
    *,
    to: str = "parquet",
    roots: Mapping[str, str | PathLike[str]] | None = None,
    file_mb: int = 500,
    answer: str | None = None,
    question: str | None = None,
    push_to: str | None = None,
    private: bool = True,
    i_have_the_right: bool = False,
    **options: Any,
) -> Path:
    """Write a corpus with a card in a form that other programs read without this package.

    ``datasets.load_dataset(out_dir, "speaker_independent")`` reads each of them. Clips that are
    parts of longer films are cut out of them, and sound that lies only in a film becomes a wav; the
    card counts both.

    Args:
        name: A name of ``list_datasets()``.
        out_dir: Folder to write; must be empty or absent, and not inside the corpus.
        data_dir: Folder of the corpus.
        config: Configuration; None takes the default.
        protocol: The one protocol to offer. None offers all in Parquet, where each clip is written
            once however many there are; in the other forms it takes the default.
        embed_media: Write the media; otherwise only their paths, relative to ``data_dir`` (those in
            another root begin with its name).
        to: ``"parquet"``: the same rows. ``"webdataset"``: tars of samples. ``"chat-jsonl"``:
            questions and answers as ms-swift, LLaMA-Factory and trl read them, films and 16 kHz
            wav beside them.
        roots: Other folders that complete the corpus, as in ``load_dataset``.
        file_mb: About how large a Parquet file or a tar may become, in units of 2^20 bytes.
        answer: Chat: the column that answers, "emotion", "open_vocabulary", "description" or
            "sentiment"; None takes the first that the corpus has. Clips without it are left out.
        question: Chat: what is asked, in place of our words.
        push_to: Repository of the Hub to upload the folder to, ``owner/name``.
        private: Whether only you may see it there.
        i_have_the_right: You may pass on a corpus whose terms do not let everybody do so.
        **options: The corpus' own options, as in ``load_dataset``.

    Returns:
        ``out_dir``.

    Raises:
        ValueError: ``out_dir`` is not empty, a name is unknown, no clip has the answer, the terms
            forbid to push, the repository is public but should not be, or as ``load_dataset``.
        FileNotFoundError: ``data_dir`` does not exist.
        OSError: The Hub refuses or cannot be reached.
    """
    from affecthub.errors import require_extras

    require_extras("data", purpose="export a corpus")
    from affecthub.datasets_scripts.exports.export import export as run

    return run(
        name,
        out_dir,
        data_dir,
        config,
        protocol,
        embed_media,
        to=to,
        roots=roots,
        file_mb=file_mb,
        answer=answer,
        question=question,
        push_to=push_to,
        private=private,
        i_have_the_right=i_have_the_right,
        **options,
    ).folder


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
    from affecthub.datasets_scripts.registry import register as run

    run()


def _check_split(split: str | list[str] | None, corpus: str, known: list[str]) -> None:
    """Refuse unknown split names in words of ours, before anything is prepared."""
    from affecthub.errors import unknown_name

    expressions = split if isinstance(split, list) else [] if split is None else [split]
    for expression in expressions:
        for part in str(expression).split("+"):
            base = part.partition("[")[0].strip()
            if base not in (*known, "all"):
                raise unknown_name(f"split of {corpus}", base, known)
