"""Mistyped paths and names, found before anything heavy is imported."""

import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryFile

from affecthub.entries import entry_of
from affecthub.errors import unknown_name


def require_file(path: Path, what: str) -> None:
    """Refuse a path where no file is.

    Args:
        path: What was typed.
        what: What it should be, in the words of the call ("clip", "prompt file").

    Raises:
        FileNotFoundError: Nothing is there, or a folder.
    """
    if path.expanduser().is_file():
        return
    found = "a folder" if path.expanduser().is_dir() else "nothing there"
    raise FileNotFoundError(f"{what} not found: {path} ({found}). Check the path.")


def require_folder(path: Path, what: str) -> None:
    """Refuse a path where no folder is.

    Args:
        path: What was typed.
        what: What it should be, in the words of the call.

    Raises:
        FileNotFoundError: Nothing is there, or a file.
    """
    if path.expanduser().is_dir():
        return
    found = "a file" if path.expanduser().is_file() else "nothing there"
    raise FileNotFoundError(f"{what}: got {str(path)!r} ({found}), expected a folder.")


def require_writable(path: Path, option: str = "--output") -> None:
    """Refuse a file that could not be written at the end; its folder may still have to be made.

    Args:
        path: What was typed.
        option: Under which name.

    Raises:
        IsADirectoryError: A folder has its name.
        NotADirectoryError: A file is where its folder should be.
        PermissionError: Its folder cannot be written to.
    """
    if path.is_dir():
        raise IsADirectoryError(f"`{option}`: got the folder {path}, expected a file in it.")
    folder = next(each for each in path.absolute().parents if each.exists())
    if not folder.is_dir():
        raise NotADirectoryError(f"`{option}`: {folder} is a file, expected a folder for {path}.")
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise PermissionError(
            f"`{option}`: {folder} cannot be written to ({error.strerror}). Give a file in another "
            "folder."
        ) from error


def require_corpus(name: str, data_dir: Path, protocol: str | None = None) -> None:
    """Refuse a corpus, a protocol of it or a folder that is not there.

    Raises:
        ValueError: There is no such corpus, or it has no such protocol.
        FileNotFoundError: There is no such folder.
    """
    entry_of(name).choose(None, protocol)
    require_folder(data_dir, "`--data-dir`")


def require_question(model: str, question: str | None, options: Sequence[str]) -> None:
    """Refuse a question that a saved model does not know, and options that it has no place for.

    A model of the Hub, and what a training run asked by itself, are looked at later.

    Raises:
        ValueError: A single word is no name of a question, or question and options do not fit.
    """
    saved = Path(model) / "processor_config.json"
    if not saved.is_file() or (question is None and (Path(model) / "recipe.yaml").is_file()):
        return
    known = json.loads(saved.read_text(encoding="utf-8"))
    names = known.get("questions", {})
    asked = question or known.get("default_question", "")
    if question and question not in names and question.isascii() and question.isidentifier():
        raise unknown_name("question", question, sorted(names))
    words = names.get(asked, asked)
    if ("{options}" in words) != bool(options):
        raise ValueError(
            f"question and options do not fit: got {words!r} and {len(options)} of `--option`, "
            "expected some just where the question names {options}."
        )
