"""The text files of this room, read in one place.

A metric that travels to the Hub alone carries its texts as Python modules: what it reads by
`text_of` and a name written out is found in its source and carried with it.
"""

from importlib.resources import files


def text_of(name: str) -> str:
    """The content of a text file of this room.

    Args:
        name: Its path below ``metrics``, written out where this is called.

    Raises:
        FileNotFoundError: There is no such file.

    Example:
        >>> text_of("lexicon/resources/translations.tsv").split()[:2]
        ['chinese', 'english']
    """
    return (files("affecthub.metrics") / name).read_text(encoding="utf-8")
