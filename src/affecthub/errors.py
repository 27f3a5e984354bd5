"""The two errors every room raises in the same words: an unknown name and a missing extra."""

from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from types import ModuleType


def unknown_name(kind: str, got: object, known: Iterable[str]) -> ValueError:
    """Build the error for a name that is not in a table, with close matches first.

    Args:
        kind: What the name stands for, in the words of the call ("corpus", "metric", "recipe").
        got: What the caller passed.
        known: Every accepted name.

    Returns:
        A ``ValueError`` to raise.

    Example:
        >>> print(unknown_name("corpus", "emos2", ["demo", "emos"]))
        unknown corpus: got 'emos2', expected one of demo, emos. Did you mean 'emos' or 'demo'?
    """
    names = sorted(known)
    close = get_close_matches(str(got), names, n=3, cutoff=0.6)
    hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    return ValueError(f"unknown {kind}: got {got!r}, expected one of {', '.join(names)}.{hint}")


def require(package: str, extra: str, purpose: str) -> ModuleType:
    """Import an optional package, or say which extra brings it.

    Args:
        package: Import name, for example ``"openpyxl"``.
        extra: Name of the affecthub extra that installs it.
        purpose: What cannot be done without it, as the object of "needed to".

    Returns:
        The imported module.

    Raises:
        ImportError: The package is not installed.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package.partition(".")[0]:
            raise
        raise ImportError(
            f"`{package}` is not installed: needed to {purpose}. "
            f"Install it with: pip install 'affecthub[{extra}]'",
            name=package,
        ) from error
