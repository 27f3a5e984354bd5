"""The papers behind metrics and models, each written down once, in ``citations.bib``."""

import re
from functools import cache

from affecthub.errors import unknown_name
from affecthub.metrics.texts import text_of


def citations(*keys: str) -> str:
    """BibTeX entries, one after another.

    Args:
        keys: Their keys in ``citations.bib``.

    Raises:
        ValueError: There is no such entry; close ones are listed.

    Example:
        >>> citations("krippendorff2011computing").splitlines()[0]
        '@misc{krippendorff2011computing,'
    """
    for key in keys:
        if key not in _entries():
            raise unknown_name("citation", key, _entries())
    return "\n".join(_entries()[key] for key in keys)


@cache
def _entries() -> dict[str, str]:
    """Key to entry."""
    text = text_of("modules/citations.bib")
    found = re.findall(r"^@\w+\{([^,\s]+),.*?^\}$", text, re.MULTILINE | re.DOTALL)
    entries = re.findall(r"^@\w+\{[^,\s]+,.*?^\}$", text, re.MULTILINE | re.DOTALL)
    return dict(zip(found, entries, strict=True))
