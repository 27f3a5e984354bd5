"""Mistyped paths, found before anything heavy is imported."""

from pathlib import Path


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
