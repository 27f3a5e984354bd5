"""A corpus handed over as ``datasets`` has it, by the arguments that ``datasets`` knows."""

from os import PathLike
from typing import TYPE_CHECKING, Any

from affecthub.errors import unknown_name

if TYPE_CHECKING:
    from datasets import Dataset, DatasetDict, IterableDataset, IterableDatasetDict

    from affecthub.datasets_scripts.builder import CorpusBuilder

# Arguments of `datasets.load_dataset` that have no meaning for files on a disk, and why.
_FOREIGN = {
    "path": "the corpus is chosen already",
    "name": "the configuration is chosen already",
    "data_files": "a corpus finds its files itself; point `data_dir` at its folder",
    "features": "a corpus has its own columns; cast the result with `cast_column`",
    "download_config": "nothing is downloaded",
    "storage_options": "nothing is downloaded",
    "revision": "nothing is downloaded; point `data_dir` at the version you want",
    "token": "nothing is downloaded; `hf download` gets a gated corpus",
    "trust_remote_code": "no code is downloaded",
    "save_infos": "the card is written by `affecthub.export`",
}


def load(
    builder: "CorpusBuilder",
    splits: list[str],
    split: Any,
    streaming: bool,
    num_proc: int | None,
    *,
    cache_dir: str | PathLike[str] | None = None,
    keep_in_memory: bool | None = None,
    download_mode: Any = None,
    verification_mode: Any = None,
    **options: Any,
) -> "DatasetDict | Dataset | IterableDatasetDict | IterableDataset":
    """Prepare the rows of a corpus and hand them over; see ``Corpus.load``.

    Args:
        builder: Of the corpus, its folder listed.
        splits: Names of the splits of the protocol.
        split: As in ``datasets.load_dataset``.
        streaming: As there.
        num_proc: As there.
        cache_dir: As there.
        keep_in_memory: As there.
        download_mode: As there.
        verification_mode: As there; there are no checksums, so that nothing is checked by them.
        **options: As for a builder.
    """
    if streaming and num_proc is not None:
        raise ValueError(
            f"`num_proc` with `streaming`: got num_proc={num_proc}, expected None. "
            "Let a DataLoader with `num_workers` read the stream in parallel."
        )
    _require_splits(builder.CORPUS, split, splits)
    options = _without_foreign(options)
    from datasets import DownloadMode
    from datasets.exceptions import DatasetGenerationError
    from datasets.utils.info_utils import is_small_dataset

    mode = DownloadMode(download_mode or DownloadMode.REUSE_DATASET_IF_EXISTS)
    again = builder.again(cache_dir=None if cache_dir is None else str(cache_dir), **options)
    if streaming:
        return again.as_streaming_dataset(split=split)
    try:
        again.download_and_prepare(
            download_mode=mode, verification_mode=verification_mode, num_proc=num_proc
        )
    except DatasetGenerationError as error:
        # `datasets` hides what happened inside the reader; our errors already name the file.
        if isinstance(error.__cause__, ValueError | OSError):
            raise error.__cause__ from None
        raise
    if keep_in_memory is None:
        keep_in_memory = is_small_dataset(again.info.dataset_size)
    return again.as_dataset(split=split, in_memory=keep_in_memory)


def _without_foreign(options: dict[str, Any]) -> dict[str, Any]:
    """Leave out what says nothing; refuse what asks for something that cannot be had.

    Raises:
        TypeError: An argument has no meaning for files on a disk.
    """
    for name, why in _FOREIGN.items():
        if options.get(name):
            raise TypeError(
                f"`{name}` makes no sense here: got {options[name]!r}, expected it left out: {why}."
            )
    return {name: value for name, value in options.items() if name not in _FOREIGN}


def _require_splits(corpus: str, split: Any, splits: list[str]) -> None:
    """Refuse unknown split names in words of ours, before anything is prepared."""
    expressions = split if isinstance(split, list) else [] if split is None else [split]
    for expression in expressions:
        for part in str(expression).split("+"):
            base = part.partition("[")[0].strip()
            if base not in (*splits, "all"):
                raise unknown_name(f"split of {corpus}", base, splits)
