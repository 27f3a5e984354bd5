"""Which of MELD's speaker names are one person: what a speaker-independent split may not cut.

EmoS, which re-annotates MELD's clips, has some of the names damaged; its own spellings stand here.
"""

import re

import pyarrow as pa

# Several people at once; nobody can be held out of what they say together.
_TOGETHER = re.compile(r"\band\b|&|,|^(all|both|the guys|her-friends)$", re.IGNORECASE)
# One person, or one actress, under two names. Drake Ramoray and his twin Stryker are whom Joey
# plays in a series; Ursula is Phoebe's twin, played by the same actress.
_SAME = {
    "Dr. Drake Remoray": "Joey",
    "Dr. Stryker Ramoray": "Joey",
    "Dr. Leedbetter": "Dr. Ledbetter",
    "Phoebe Sr.": "Phoebe Sr",
    "Richard?s Date": "Richard’s Date",
    "Ursula": "Phoebe",
}


def group_of(speaker: str) -> str | None:
    """The person behind a speaker's name, or None where there are several or none.

    A name such as "Woman" or "Waiter" stands for other people in every episode; they are kept
    together, since nobody can tell them apart.

    Example:
        >>> group_of("Ross"), group_of("Joey/Drake"), group_of("Ross and Rachel")
        ('Ross', 'Joey', None)
    """
    if not speaker or _TOGETHER.search(speaker):
        return None
    name = speaker.partition("/")[0].strip()
    return _SAME.get(name, name) or None


def groups_of(speakers: pa.ChunkedArray) -> pa.ChunkedArray:
    """The person behind each name of a column: one look-up per distinct name, not per row."""
    encoded = speakers.combine_chunks().dictionary_encode()
    groups = [group_of(name) for name in encoded.dictionary.to_pylist()]
    return pa.chunked_array([pa.array(groups, pa.string()).take(encoded.indices)])
