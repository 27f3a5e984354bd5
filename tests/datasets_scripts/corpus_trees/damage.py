"""Ways in which any text or binary file can be damaged, and what a reader may then make of it.

Every way takes a file's bytes and a seeded generator, and gives a ``Damage`` or None where the file
has nothing to damage in that way.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal

# What may come of it, besides a refusal that names the file.
#   same: rows do not change, and the file is not refused
#   alike: rows do not change
#   cells: at most `n_rows` rows change, none goes or comes
#   cut: at most `n_rows` rows go, or lose what the file says of them
#   broken: nothing without a reported problem
#   any: whatever the file now says, each clip once
Kind = Literal["same", "alike", "cells", "cut", "broken", "any"]


@dataclass(frozen=True)
class Damage:
    """A damaged file."""

    data: bytes
    kind: Kind
    n_rows: int = 0


Mutation = Callable[[bytes, Random], Damage | None]

# Git LFS leaves this in place of a file that was not fetched.
POINTER = (
    b"version https://git-lfs.github.com/spec/v1\n"
    b"oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\n"
    b"size 73770\n"
)
HUGE = "x" * 3_000_000
STRANGE = ("", " ", "NaN", "inf", "-inf", "1e400", "-1", "9" * 400, "zzz", "../../x", "/etc/x")
STRANGE += ("C:\\x", "a\0b", "😀", "\u202eabc", "\u0085", "[", "['a", '"', "{}", "null", "١٢٣")
STRANGE += (HUGE,)


# Any file.


def empty(data: bytes, rng: Random) -> Damage:
    """Nothing left."""
    return Damage(b"", "broken")


def blank(data: bytes, rng: Random) -> Damage:
    """Zeros of the same length, as a full disk or a broken download leaves them."""
    return Damage(bytes(len(data)), "broken")


def truncated(data: bytes, rng: Random) -> Damage:
    """The end is missing."""
    return Damage(data[: rng.randrange(len(data))], "any")


def hole(data: bytes, rng: Random) -> Damage:
    """A piece in the middle is missing, or zero."""
    start = rng.randrange(len(data))
    end = min(len(data), start + rng.randrange(1, 40))
    return Damage(data[:start] + rng.choice((b"", bytes(end - start))) + data[end:], "any")


def flipped(data: bytes, rng: Random) -> Damage:
    """Some bytes are others."""
    changed = bytearray(data)
    for _ in range(rng.randrange(1, 8)):
        changed[rng.randrange(len(data))] = rng.randrange(256)
    return Damage(bytes(changed), "any")


def page(data: bytes, rng: Random) -> Damage:
    """The web page that says the download is not allowed."""
    return Damage(b"<!DOCTYPE html>\n<html><body>Sign in, please</body></html>\n", "broken")


def pointer(data: bytes, rng: Random) -> Damage:
    """What a clone without Git LFS leaves."""
    return Damage(POINTER, "broken")


# Text.


def bom(data: bytes, rng: Random) -> Damage:
    """A byte order mark, as spreadsheets write it."""
    return Damage(b"\xef\xbb\xbf" + data.removeprefix(b"\xef\xbb\xbf"), "same")


def other_encoding(data: bytes, rng: Random) -> Damage | None:
    """Saved again by a program with another idea of text."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    changed = text.encode(rng.choice(("gb18030", "utf-16", "utf-16-le", "big5")), "replace")
    return None if changed == text.encode() else Damage(changed, "any")


def bad_byte(data: bytes, rng: Random) -> Damage:
    """A byte that no text has."""
    at = rng.randrange(len(data))
    return Damage(data[:at] + b"\xff" + data[at:], "any")


# Lines.


def cut_lines(data: bytes, rng: Random) -> Damage | None:
    """Some lines are missing."""
    lines = data.splitlines(keepends=True)
    if len(lines) < 3:
        return None
    gone = set(rng.sample(range(1, len(lines)), rng.randrange(1, min(4, len(lines)))))
    return Damage(b"".join(line for i, line in enumerate(lines) if i not in gone), "any")


def doubled_line(data: bytes, rng: Random) -> Damage | None:
    """A line stands twice."""
    lines = data.splitlines(keepends=True)
    at = rng.randrange(len(lines))
    return Damage(b"".join([*lines[: at + 1], *lines[at:]]), "any")


def strange_word(data: bytes, rng: Random) -> Damage | None:
    """A word of a line is another."""
    lines = data.decode("utf-8", "replace").splitlines(keepends=True)
    at = rng.randrange(len(lines))
    words = lines[at].split(" ")
    words[rng.randrange(len(words))] = rng.choice(STRANGE)
    lines[at] = " ".join(words)
    return Damage("".join(lines).encode(), "any")


BYTES: tuple[Mutation, ...] = (empty, blank, truncated, hole, flipped, page, pointer)
TEXT: tuple[Mutation, ...] = (*BYTES, bom, other_encoding, bad_byte)
LINES: tuple[Mutation, ...] = (cut_lines, doubled_line)
