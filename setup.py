"""What pyproject.toml cannot say: the README as PyPI shows it, its links led to the repository."""

import re
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROJECT = tomllib.loads((HERE / "pyproject.toml").read_text(encoding="utf-8"))["project"]
REPOSITORY = PROJECT["urls"]["Repository"]
PICTURES = (".png", ".svg", ".jpg", ".gif")


def for_pypi(readme: str) -> str:
    """Make every relative link and picture one of the repository's on the web.

    Example:
        >>> for_pypi("[a](b.md#c) ![d](e.png) [f](https://g) [h](#i)").split()[0]
        '[a](https://github.com/affecthub/affecthub/blob/main/b.md#c)'
    """

    def place(match: re.Match[str]) -> str:
        kind = "raw" if match[2].endswith(PICTURES) else "blob"
        return f"{match[1]}{REPOSITORY}/{kind}/main/{match[2]}"

    return re.sub(r"(\]\()(?!https?://|#|mailto:)([^)\s]+)", place, readme)


if __name__ == "__main__":
    from setuptools import setup

    setup(
        long_description=for_pypi((HERE / "README.md").read_text(encoding="utf-8")),
        long_description_content_type="text/markdown",
    )
