"""A corpus as a dataset repository: refused where its terms forbid that, labels alone where not."""

from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from affecthub.datasets_scripts.corpus import Corpus
from affecthub.datasets_scripts.exports.export import Export
from affecthub.hub_cards.staged import Staged


def stage_dataset(
    corpus: Corpus,
    out: str | PathLike[str],
    *,
    i_have_the_right: bool = False,
    **options: Any,
) -> Staged:
    """Write the exact folder of a corpus' dataset repository: an export and its card.

    A corpus whose media may not be passed on goes as labels alone (``embed_media=False``) where
    its annotations' licence allows that, without the columns that have to stay behind.

    Args:
        corpus: An opened corpus.
        out: Folder to write; empty or absent.
        i_have_the_right: You may pass on a corpus whose terms do not let everybody do so. Those
            who want it are then asked to accept its terms, and wait for you, where it has some.
        **options: As ``Corpus.export``: ``to``, ``embed_media``, ``file_mb`` and so on.

    Returns:
        What a push sends. An error leaves no folder.

    Raises:
        ValueError: The terms forbid it, or as ``Corpus.export``.
        OSError: The disk is full, or may not be written to.
    """
    return export_staged(corpus, out, i_have_the_right=i_have_the_right, **options)[1]


def export_staged(
    corpus: Corpus,
    out: str | PathLike[str],
    *,
    i_have_the_right: bool = False,
    **options: Any,
) -> tuple[Export, Staged]:
    """As ``stage_dataset``, with what the export counted and noted beside what a push sends."""
    options |= require_right(corpus, i_have_the_right, options)
    done = corpus.export(out, **options)
    entry, form = corpus.entry, options.get("to", "parquet")
    what = form if options.get("embed_media", True) else f"{form}, labels alone"
    staged = Staged(
        folder=Path(done.folder),
        repo_type="dataset",
        message=f"{corpus.name} as {what}, by affecthub",
        gated="manual" if entry.accept and not done.free else False,
        notes=(*done.written.notes, *_notes(corpus, done.free, options)),
    )
    return done, staged


def require_right(
    corpus: Corpus, i_have_the_right: bool, options: Mapping[str, Any]
) -> dict[str, Any]:
    """Raise where the terms of a corpus do not let a user pass a copy on.

    Args:
        corpus: The corpus.
        i_have_the_right: The user says that they may.
        options: Of its export.

    Returns:
        Options to add: the columns that have to stay behind.

    Raises:
        ValueError: They have not said so.
    """
    entry = corpus.entry
    if entry.may_redistribute or i_have_the_right:
        return {}
    why = f": {entry.not_passed_on}" if entry.not_passed_on else f" ({entry.licence})"
    if options.get("embed_media", True) or not entry.labels_alone:
        alone = (
            f" Its labels may go alone, since {entry.labels_alone}: pass embed_media=False."
            if entry.labels_alone
            else ""
        )
        raise ValueError(
            f"push of {entry.name}: got a corpus of which you may not pass copies on{why}; "
            f"expected one that may be shared.{alone} If you have the right, by an agreement of "
            "your own or because the corpus is yours, pass --i-have-the-right "
            "(i_have_the_right=True)."
        )
    if options.get("to", "parquet") != "parquet":
        raise ValueError(
            f"labels of {entry.name} alone: got to={options['to']!r}, expected 'parquet', whose "
            "columns can be left out one by one"
        )
    stay = [name for name in entry.labels_without if name in corpus.features]
    return {"without": tuple(dict.fromkeys([*options.get("without", ()), *stay]))}


def _notes(corpus: Corpus, free: bool, options: Mapping[str, Any]) -> list[str]:
    """What whoever pushes should know of the terms."""
    entry, notes = corpus.entry, []
    if left := options.get("without"):
        notes.append(f"Columns left out: {', '.join(left)}.")
    if free and not entry.may_redistribute:
        notes.append(f"Labels alone, which may be passed on: {entry.labels_alone}.")
    if not free:
        notes.append(
            "You say that you have the right to pass it on. Others do not: "
            f"{entry.not_passed_on or entry.licence}."
        )
    if entry.accept and not free:
        notes.append(f"People are asked whether they have accepted {entry.accept}.")
    return notes
