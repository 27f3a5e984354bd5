"""The answers of a run, left where they lie, with what a closing line says of them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from affecthub.training.answer_files import Line
from affecthub.training.answer_lines import Lines
from affecthub.training.asking.clips import LETTERS

_WITHOUT = {"a": "sound", "v": "pictures", "t": "words"}


class Answers(Mapping[str, str]):
    """Answer by clip id, in the order of the clips; read from the journal when it is asked for.

    Args:
        lines: Of the journal.
        ids: The clips of this run, in their order; those without a line are left out.
        asked: Letters of the media that were asked about.

    Attributes:
        errors: Why a clip has no answer, by its id; its answer is "".
        cut: Ids of the clips whose answer was as long as allowed and had no end.
        n_empty: Answers without a word and without an error.
        without: How many clips that were asked were asked without a medium, by its letter.
        n_asked: How many of the clips were asked in this run, those with errors among them.
        n_in: Tokens read in this run, where the backend counts them.
        n_out: Tokens written in this run.
        seconds: Time that this run took.
        spent: What the backend's meter says; "" where it has none.
    """

    def __init__(self, lines: Lines, ids: Sequence[str], asked: str = "") -> None:
        self._lines = lines
        self._ids = [clip_id for clip_id in ids if clip_id in lines]
        self.errors: dict[str, str] = {}
        self.cut: list[str] = []
        self.n_empty = 0
        self.without = dict.fromkeys(asked, 0)
        self.n_asked = self.n_in = self.n_out = 0
        self.seconds, self.spent = 0.0, ""
        for clip_id in self._ids:
            self._count(lines[clip_id])

    def __getitem__(self, clip_id: str) -> str:
        """The answer to a clip."""
        return str(self._lines[clip_id]["prediction"])

    def __iter__(self) -> Iterator[str]:
        """Ids of the clips."""
        return iter(self._ids)

    def __len__(self) -> int:
        """How many clips have a line."""
        return len(self._ids)

    def __contains__(self, clip_id: object) -> bool:
        """Whether a clip has a line."""
        return clip_id in self._lines

    def line(self, clip_id: str) -> Line:
        """A clip's line of the journal."""
        return self._lines[clip_id]

    def closing_line(self) -> str:
        """Say how many there are, what is wrong with some, and what they cost.

        Example:
            >>> lines = Lines()
            >>> lines["a"] = {"id": "a", "prediction": "joy", "media": "v", "cut": True}
            >>> Answers(lines, ["a"], "av").closing_line()
            '1 answer, 1 cut at the longest answer, 1 without sound; none had to be asked'
        """
        told = [f"{len(self)} answer{'s' * (len(self) != 1)}"]
        counts = {
            "could not be asked": len(self.errors),
            "cut at the longest answer": len(self.cut),
            "empty": self.n_empty,
            **{f"without {_WITHOUT[letter]}": n for letter, n in self.without.items()},
        }
        line = ", ".join(told + [f"{n:,} {what}" for what, n in counts.items() if n])
        if not self.n_asked:
            return f"{line}; none had to be asked"
        line += f"; {self.n_asked:,} asked in {self.seconds:.1f} s"
        if self.n_in or self.n_out:
            line += f", {self.n_in:,} tokens read, {self.n_out:,} written"
        return f"{line}; {self.spent}" if self.spent else line

    def summary(self) -> dict[str, Any]:
        """What the closing line says, by name."""
        return {
            "n": len(self),
            "n_errors": len(self.errors),
            "n_cut": len(self.cut),
            "n_empty": self.n_empty,
            "without": {LETTERS[letter]: n for letter, n in self.without.items()},
            "n_asked": self.n_asked,
            "n_in": self.n_in,
            "n_out": self.n_out,
            "seconds": self.seconds,
        }

    def _count(self, line: Line) -> None:
        if line.get("error"):
            self.errors[line["id"]] = line["error"]
            return
        if line.get("cut"):
            self.cut.append(line["id"])
        self.n_empty += not line["prediction"].strip()
        for letter in self.without:
            self.without[letter] += letter not in line.get("media", "")
