"""What every room says in the same words: an unknown name, and a missing extra."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import cache
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires
from importlib.util import find_spec
from types import ModuleType

# Packages whose import name is not the name they are installed by with hyphens as underscores.
IMPORTED_AS = {
    "opencv-python-headless": "cv2",
    "pillow": "PIL",
    "scikit-learn": "sklearn",
}
_REQUIREMENT = re.compile(
    r"(?P<name>[\w.-]+)(?:\[(?P<extras>[^]]*)\])?.*\bextra == .(?P<of>[\w-]+)"
)
# For those who work on the package, not for those who use it.
_OF_DEVELOPERS = ("dev", "all")


@cache
def extras() -> dict[str, tuple[str, ...]]:
    """What each extra brings, by import name, as the package's own metadata states it.

    Returns:
        Extra to the packages that it and the extras it includes install, in the order stated;
        packages that are always there are left out.

    Raises:
        ImportError: affecthub is not installed, only found on a path.

    Example:
        >>> "datasets" in extras()["data"], "datasets" in extras()["train"]
        (True, True)
    """
    try:
        stated = requires("affecthub") or []
    except PackageNotFoundError as error:
        raise ImportError(
            "affecthub is imported from a folder and not installed, so that its extras are "
            "unknown. Install it with: pip install --editable .",
            name="affecthub",
        ) from error
    found = [match for line in stated if (match := _REQUIREMENT.match(line))]
    always = {re.split(r"[^\w.-]", line)[0] for line in stated if "extra ==" not in line}

    def brought(extra: str) -> dict[str, None]:
        packages: dict[str, None] = {}
        for match in found:
            if match["of"] == extra and match["extras"]:
                for inner in match["extras"].split(","):
                    packages |= brought(inner)
            elif match["of"] == extra and match["name"] not in always:
                name = match["name"]
                packages[IMPORTED_AS.get(name, name.replace("-", "_"))] = None
        return packages

    names = dict.fromkeys(match["of"] for match in found if match["of"] not in _OF_DEVELOPERS)
    return {name: tuple(brought(name)) for name in names}


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
    close = close_names(str(got), names)
    hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    return ValueError(f"unknown {kind}: got {got!r}, expected one of {', '.join(names)}.{hint}")


# What others call the splits of a corpus.
_SAME = {
    "dev": "validation",
    "devel": "validation",
    "develop": "validation",
    "eval": "validation",
    "val": "validation",
    "valid": "validation",
    "testing": "test",
    "training": "train",
}


def close_names(got: str, known: Iterable[str], n: int = 3) -> list[str]:
    """The names that may have been meant, the likeliest first.

    Case and everything but letters and digits count for nothing; a part of a name finds it.

    Args:
        got: What was written.
        known: Every accepted name.
        n: How many at most.

    Example:
        >>> close_names("CMU-MOSEI", ["cmu_mosei", "cmu_mosi", "meld"])
        ['cmu_mosei', 'cmu_mosi']
        >>> close_names("SIMS", ["ch_sims", "emos"]), close_names("dev", ["train", "validation"])
        (['ch_sims'], ['validation'])
    """
    plain = {name: _plain(name) for name in known}
    wanted = _SAME.get(_plain(got), _plain(got))
    exact = [name for name in plain if plain[name] == wanted]
    parts = [name for name in plain if len(wanted) > 2 and wanted in plain[name]]
    parts.sort(key=lambda name: (not plain[name].startswith(wanted), len(name)))
    close = get_close_matches(wanted, list(dict.fromkeys(plain.values())), n=n, cutoff=0.6)
    similar = [name for form in close for name in plain if plain[name] == form]
    return list(dict.fromkeys([*exact, *parts, *similar]))[:n]


def _plain(name: str) -> str:
    return re.sub(r"[\W_]", "", name).lower()


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
        ) from None  # one traceback tells it all


def require_extras(*names: str, purpose: str) -> None:
    """Say which extras bring what is missing, without importing anything.

    Args:
        *names: Affecthub extras whose packages must all be there.
        purpose: What cannot be done without them, as the object of "needed to".

    Raises:
        ImportError: A package is not installed.

    Example:
        >>> require_extras("data", purpose="read a corpus")
    """
    lacking = {
        extra: [package for package in extras()[extra] if find_spec(package) is None]
        for extra in names
    }
    missing = list(dict.fromkeys(package for packages in lacking.values() for package in packages))
    if missing:
        shown = ", ".join(f"`{package}`" for package in missing[:5])
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        wanted = ",".join(extra for extra, packages in lacking.items() if packages)
        raise ImportError(
            f"{shown}{more} {'is' if len(missing) == 1 else 'are'} not installed: needed to "
            f"{purpose}. Install with: pip install 'affecthub[{wanted}]'",
            name=missing[0],
        )
