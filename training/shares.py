"""Shares of the work that is divided among processes or machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Share:
    """One of so many equal parts of a list: every so manieth item, so that like follows like.

    Args:
        index: Which part, from 0.
        count: How many parts.

    Example:
        >>> Share(1, 3).of("abcdefgh")
        'beh'
        >>> Share.parse("2/3")
        Share(index=1, count=3)
    """

    index: int = 0
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> "Share":
        """Read ``k/n``, the k-th of n parts, counted from 1.

        Raises:
            ValueError: It is no such pair, or k is not one of 1 to n.
        """
        first, _, second = text.partition("/")
        if not (first.isdecimal() and second.isdecimal()):
            raise ValueError(f"shard: got {text!r}, expected k/n, such as 1/4 for the first of 4.")
        number, count = int(first), int(second)
        if not 1 <= number <= count:
            raise ValueError(f"shard: got {text!r}, expected the first number to be 1 to {count}.")
        return cls(number - 1, count)

    @property
    def name(self) -> str:
        """The part as names of files have it."""
        return f"part-{self.index + 1}-of-{self.count}"

    @property
    def is_all(self) -> bool:
        """Whether there is only this part."""
        return self.count == 1

    def of(self, items: Sequence[T]) -> Sequence[T]:
        """This part's items."""
        return items[self.index :: self.count]

    def within(self, inner: "Share") -> "Share":
        """The part of this part that `inner` is, counted among all such."""
        return Share(self.index + self.count * inner.index, self.count * inner.count)
