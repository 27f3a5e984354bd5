"""What the Hub shows: exports and where they go, and the pictures beside the cards."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

__all__ = ["export"]


def export(
    name: str,
    out_dir: str | PathLike[str],
    data_dir: str | PathLike[str],
    config: str | None = None,
    protocol: str | None = None,
    embed_media: bool = True,
    *,
    roots: Mapping[str, str | PathLike[str]] | None = None,
    push_to: str | None = None,
    private: bool = True,
    i_have_the_right: bool = False,
    **options: Any,
) -> Path:
    """Write a corpus in a form that other programs read, and upload it where that is asked for.

    Args:
        name: A name of ``list_datasets()``.
        out_dir: Folder to write; must be empty or absent, and not inside the corpus.
        data_dir: Folder of the corpus.
        config: Configuration; None takes the default.
        protocol: The one protocol to offer; None offers all in Parquet, in the other forms the
            default.
        embed_media: Write the media; otherwise only their paths.
        roots: Other folders that complete the corpus, as ``Corpus`` says.
        push_to: Repository of the Hub to upload the folder to, ``owner/name``.
        private: Whether only you may see it there.
        i_have_the_right: You may pass on a corpus whose terms do not let everybody do so.
        **options: ``to`` ("parquet", "webdataset" or "chat-jsonl"), ``file_mb``, ``answer`` and
            ``question``, as ``Corpus.export`` says, and what the corpus takes of its own.

    Returns:
        ``out_dir``.

    Raises:
        ValueError: ``out_dir`` is not empty, a name is unknown, no clip has the answer, the terms
            forbid to push, the repository is public but should not be, or as ``load_dataset``.
        FileNotFoundError: ``data_dir`` does not exist.
        OSError: The Hub refuses or cannot be reached.
    """
    from affecthub.datasets_scripts.corpus import Corpus, own_options

    own = own_options(name, options)
    corpus = Corpus(name, data_dir, config, protocol=protocol, roots=roots, **own)
    options["embed_media"] = embed_media
    if push_to is None:
        return corpus.export(out_dir, **options).folder
    from affecthub.hub_cards.publishing.exports import publish_export

    rights = {"private": private, "i_have_the_right": i_have_the_right}
    return publish_export(corpus, out_dir, push_to, **rights, **options)[0].folder
