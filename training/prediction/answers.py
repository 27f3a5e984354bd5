"""The answers of a run as a dict, with what a closing line says of them."""

from collections.abc import Iterable
from typing import Any


class Answers(dict[str, str]):
    """Answer by clip id, in the order of the clips.

    Attributes:
        errors: Why a clip could not be asked, by its id; its answer is "".
        cut: Ids of the clips whose answer was as long as allowed and had no end.
        n_asked: How many of the clips were asked in this run, those with errors among them.
        n_tokens: Tokens generated for them.
        seconds: Time it took, the slowest process counting.
    """

    def __init__(
        self, lines: Iterable[dict[str, Any]] = (), *, n_asked: int = 0, n_tokens: int = 0
    ) -> None:
        lines = list(lines)
        super().__init__({line["id"]: line["prediction"] for line in lines})
        self.errors: dict[str, str] = {
            line["id"]: line["error"] for line in lines if line.get("error")
        }
        self.cut: list[str] = [line["id"] for line in lines if line.get("cut")]
        self.n_asked, self.n_tokens, self.seconds = n_asked, n_tokens, 0.0

    def closing_line(self) -> str:
        """Say how many there are, what is wrong with some, and how fast they were had.

        Example:
            >>> line = {"id": "a", "prediction": "joy", "cut": True}
            >>> Answers([line], n_asked=0).closing_line()
            '1 answer, 1 cut at the longest answer; none had to be asked'
        """
        empty = sum(not text for clip_id, text in self.items() if clip_id not in self.errors)
        counts = {
            "could not be asked": len(self.errors),
            "cut at the longest answer": len(self.cut),
            "empty": empty,
        }
        told = [f"{n} {what}" for what, n in counts.items() if n]
        line = ", ".join([f"{len(self)} answer{'s' * (len(self) != 1)}", *told])
        if not self.n_asked:
            return f"{line}; none had to be asked"
        speed = ""
        if self.seconds > 0:
            clips, tokens = self.n_asked / self.seconds, self.n_tokens / self.seconds
            speed = f": {clips:.3g} clips/s, {tokens:.3g} tokens/s"
        return f"{line}; {self.n_asked} asked in {self.seconds:.1f} s{speed}"
