"""Where the corpora of a recipe lie: one folder, a folder with one for each, or names and paths."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from affecthub.entries import entry_of
from affecthub.errors import unknown_name
from affecthub.training.recipe import Recipe

Folders = str | Path | Mapping[str, str | Path]


def parse_folders(given: Sequence[str | Path]) -> Folders | None:
    """Read what ``--data-dir`` was given: a path, or NAME=PATH several times.

    A name is a corpus, or a folder that completes one (``roots`` of its entry).

    Returns:
        The path, or name to path; None where nothing was given.

    Raises:
        ValueError: Several paths, and some without a name.

    Example:
        >>> parse_folders(["demo/corpus"]), parse_folders(["emos=EmoS", "meld=MELD.Raw"])
        ('demo/corpus', {'emos': 'EmoS', 'meld': 'MELD.Raw'})
    """
    texts = [str(each) for each in given]
    pairs = [_pair(text) for text in texts]
    if len(texts) == 1 and pairs[0] is None:
        return texts[0]
    unnamed = [text for text, pair in zip(texts, pairs, strict=True) if pair is None]
    if unnamed:
        raise ValueError(
            f"several folders and no name for {', '.join(unnamed)}: expected --data-dir NAME=PATH "
            "for each, or one folder that has a folder for each corpus."
        )
    return dict(pair for pair in pairs if pair is not None) or None


def corpus_folder(folders: Folders, recipe: Recipe, corpus: str) -> Path:
    """The folder of one corpus.

    Args:
        folders: Of a recipe of one corpus, its folder; of several, a folder that has one by the
            name of each; or name to folder.
        recipe: The whole recipe.
        corpus: The name of one of its corpora.

    Raises:
        FileNotFoundError: There is no such folder.
        ValueError: A corpus is unknown, a name is not of the recipe's, or the corpus' is not given.
    """
    if isinstance(folders, Mapping):
        known = {
            name
            for source in recipe.sources()
            for name in (source.corpus, *entry_of(source.corpus).roots)
        }
        for name in folders:
            if name not in known:
                raise unknown_name("name of a folder in `--data-dir`", name, known)
        if corpus not in folders:
            raise ValueError(
                f"no folder of {corpus}: got --data-dir for {', '.join(folders)}, expected "
                f"{corpus}=PATH too. {entry_of(corpus).how_to_get}"
            )
        folder = Path(folders[corpus])
    else:
        folder = Path(folders)
        if recipe.more_corpora:
            folder = folder / corpus
    if not folder.is_dir():
        found = "a file" if folder.is_file() else "nothing there"
        more = ""
        if recipe.more_corpora and not isinstance(folders, Mapping):
            more = (
                f" A recipe of several corpora takes a folder that has one by the name of each, or "
                f"--data-dir {corpus}=PATH for each."
            )
        raise FileNotFoundError(
            f"`--data-dir`: got {str(folder)!r} ({found}), expected the folder of {corpus}.{more}"
        )
    return folder


def load_corpus(recipe: Recipe, folders: Folders, source: Recipe | None = None) -> Any:
    """Load one corpus of a recipe under its protocol.

    Args:
        recipe: The whole recipe.
        folders: See `corpus_folder`; names of other roots go to the corpora that know them.
        source: Of ``recipe.sources()``; None is the first.

    Returns:
        A ``DatasetDict``.

    Raises:
        ValueError: The corpus, its config or its protocol is unknown, or see `corpus_folder`.
        FileNotFoundError: See `corpus_folder`.
    """
    from affecthub.datasets_scripts import load_dataset

    source = source or recipe.sources()[0]
    entry = entry_of(source.corpus)
    entry.choose(source.config, source.protocol)
    roots = {}
    if isinstance(folders, Mapping):
        roots = {name: folders[name] for name in entry.roots if name in folders}
    return load_dataset(
        source.corpus,
        source.config,
        data_dir=corpus_folder(folders, recipe, source.corpus),
        protocol=source.protocol,
        roots=roots or None,
    )


def _pair(text: str) -> tuple[str, str] | None:
    """A name and a path, None where it is a path alone."""
    name, equals, path = text.partition("=")
    return (name, path) if equals and name.isidentifier() and not Path(text).exists() else None
