"""Transcription files to the words of each turn."""

import re
from collections.abc import Iterable, Mapping

from affecthub.datasets_scripts.iemocap.evaluation import TURN_ID

# Start of the turn in seconds (None where the line has no time), and what was said.
Line = tuple[float | None, str]

_LINE = re.compile(rf"({TURN_ID})\s*(?:\[\s*(\d+(?:\.\d+)?)\s*-[^\]]*\])?\s*:\s*(.*)")


def parse_transcription(text: str) -> list[tuple[str, Line]]:
    r"""Read one file of ``dialog/transcriptions``.

    Args:
        text: Its content. Lines of noise (turns ``_FXX0``, ``_MXX1``) and lines that name a speaker
            in place of a turn belong to no turn and are left out.

    Returns:
        Turn and line, in order of the file; a turn may stand twice.

    Example:
        >>> parse_transcription("Ses01F_impro01_F000 [6.29-8.23]: Excuse me.\nM: [LAUGHTER]")
        [('Ses01F_impro01_F000', (6.29, 'Excuse me.'))]
    """
    found = []
    for line in text.splitlines():
        if match := _LINE.fullmatch(line.strip()):
            turn, start, words = match.groups()
            found.append((turn, (float(start) if start else None, words)))
    return found


def words_of(
    turns: Iterable[tuple[str, float]], lines: Mapping[str, list[Line]]
) -> list[str | None]:
    """The words of each turn; of several lines those that begin nearest to the turn.

    Args:
        turns: Ids and starts in seconds.
        lines: Lines of each turn; those without a time are used where no other is there.

    Returns:
        Words as transcribed, None where a turn has no line.

    Example:
        >>> lines = {"a": [(9.0, "later"), (None, "some time"), (1.0, "now")]}
        >>> words_of([("a", 1.2), ("b", 0.0)], lines)
        ['now', None]
    """

    def distance(line: Line, start_s: float) -> float:
        return float("inf") if line[0] is None else abs(line[0] - start_s)

    return [
        min(lines[turn], key=lambda line: distance(line, start_s))[1] if turn in lines else None
        for turn, start_s in turns
    ]
