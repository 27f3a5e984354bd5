"""Whether sound and pictures reach a model at all, asked with what nothing else gives away.

Servers drop the sound of what they are sent without an error, and a model then answers from the
pictures as if it had listened. So the same question is asked about silence, two beeps and five, and
about no, two and five coloured squares. Whoever answers alike for all of them was shown nothing.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from affecthub.training.asking.asks import Ask, Backend, Film, Kind, Reply, Sound

COUNTS = (0, 2, 5)
_ROUNDS = 2
QUESTIONS: dict[Kind, str] = {
    "audio": (
        "Listen to the recording. How many short beeps are there in it? Answer with one number "
        "and nothing else; 0 if there are none."
    ),
    "video": (
        "Look at the pictures. How many coloured squares does each of them show? Answer with one "
        "number and nothing else; 0 if there are none."
    ),
}
_THINGS: dict[Kind, str] = {"audio": "beeps", "video": "squares"}
_RATE_HZ, _SECONDS = 16000, 4.0
_BEEP_S, _EVERY_S, _TONE_HZ, _RAMP_S = 0.25, 0.7, 1000, 0.01
_SIDE, _SQUARE, _N_FRAMES = 336, 64, 8
_PLACES = ((40, 40), (232, 40), (136, 136), (40, 232), (232, 232))
_COLOURS = ((220, 30, 30), (30, 170, 50), (40, 60, 220), (230, 210, 40), (190, 50, 190))
_WORDS = "zero one two three four five six seven eight nine ten".split()
_NONE = ("no", "none", "silence", "silent")
_digits = re.compile(r"\d+").search
_word = re.compile(rf"\b(?:{'|'.join([*_WORDS, *_NONE])})\b").search


class ProbeError(ValueError):
    """What was sent does not come through to the model."""


@dataclass(frozen=True)
class Probed:
    """What was answered about media of one kind.

    Attributes:
        kind: Of the media.
        counted: Per round, the number read from the answer to each of `COUNTS`; None where there
            is none.
        answers: Per round, the answers as they came.
    """

    kind: Kind
    counted: tuple[tuple[int | None, ...], ...]
    answers: tuple[tuple[str, ...], ...]

    @property
    def came_through(self) -> bool:
        """Whether every round counted more in the fullest than where there was nothing."""
        return all(
            first is not None and last is not None and first < last
            for first, *_, last in self.counted
        )

    @property
    def is_exact(self) -> bool:
        """Whether every number is right."""
        return all(numbers == COUNTS for numbers in self.counted)

    def __str__(self) -> str:
        """In a few words."""
        rounds = " and ".join(
            ", ".join("?" if number is None else str(number) for number in numbers)
            for numbers in self.counted
        )
        verb = "came through" if self.came_through else "did not come through"
        sent = ", ".join(map(str, COUNTS))
        return f"{self.kind} {verb}: counted {rounds} {_THINGS[self.kind]} of {sent}"


@dataclass(frozen=True)
class ProbeReport:
    """What came through.

    Attributes:
        name: Of the backend.
        probed: One for each kind of media that was asked about.
    """

    name: str
    probed: tuple[Probed, ...]

    def __str__(self) -> str:
        """One line for each kind."""
        return "\n".join(map(str, self.probed))

    def as_dict(self) -> dict[str, Any]:
        """By kind: ``came_through``, ``is_exact``, ``counted`` and ``answers``."""
        return {
            each.kind: {
                "came_through": each.came_through,
                "is_exact": each.is_exact,
                "counted": [list(numbers) for numbers in each.counted],
                "answers": [list(answers) for answers in each.answers],
            }
            for each in self.probed
        }


def probe_backend(backend: Backend, kinds: Collection[Kind] | None = None) -> ProbeReport:
    """Ask a backend about beeps and squares, and refuse one that they do not reach.

    Every question is asked twice. Where both kinds are asked for, both are in each request, the
    other one empty, for there are servers that take each alone and drop one of two.

    Args:
        backend: Who is asked.
        kinds: The media to be asked for later; None is all that it takes.

    Raises:
        ProbeError: A kind that it does not take; an answer that is an error, has no number, or
            counts no more in five than in none.
        ConnectionError: The server could not be asked.
    """
    wanted = backend.takes if kinds is None else frozenset(kinds)
    if not wanted or not wanted <= backend.takes:
        raise ProbeError(
            f"{backend.name} cannot be probed: got {_listed(wanted)}, expected some of what it "
            f"takes, {_listed(backend.takes)}."
        )
    probed = tuple(_probe(backend, kind, wanted) for kind in sorted(wanted))
    for each in probed:
        if not each.came_through:
            raise ProbeError(_failed(backend.name, each))
    return ProbeReport(backend.name, probed)


def beeps(n_beeps: int) -> Sound:
    """Four seconds of silence with up to five beeps in it."""
    wave = np.zeros(int(_SECONDS * _RATE_HZ), dtype=np.float32)
    times = np.arange(int(_BEEP_S * _RATE_HZ)) / _RATE_HZ
    ramp = np.clip(np.minimum(times, times[-1] - times) / _RAMP_S, 0, 1)
    beep = (0.5 * ramp * np.sin(2 * np.pi * _TONE_HZ * times)).astype(np.float32)
    for number in range(n_beeps):
        start = int((0.3 + number * _EVERY_S) * _RATE_HZ)
        wave[start : start + len(beep)] = beep
    return Sound(wave, _RATE_HZ)


def squares(n_squares: int) -> Film:
    """Four seconds of a grey picture with up to five coloured squares in it."""
    picture = np.full((_SIDE, _SIDE, 3), 128, dtype=np.uint8)
    for (left, top), colour in list(zip(_PLACES, _COLOURS, strict=True))[:n_squares]:
        picture[top : top + _SQUARE, left : left + _SQUARE] = colour
    return Film(np.repeat(picture[None], _N_FRAMES, axis=0), fps=_N_FRAMES / _SECONDS)


def number_in(answer: str) -> int | None:
    """The first number of an answer after its reasoning, in digits or English; None without one.

    Example:
        >>> number_in("<think>2 or 3?</think>Five."), number_in("There are none"), number_in("Hm")
        (5, 0, None)
    """
    said = answer.rpartition("</think>")[2].lower()
    if found := _digits(said):
        return int(found.group()[:9])
    if found := _word(said):
        return 0 if found.group() in _NONE else _WORDS.index(found.group())
    return None


def _probe(backend: Backend, kind: Kind, wanted: frozenset[Kind]) -> Probed:
    asks = [
        Ask(
            f"probe-{kind}-{count}-{number}",
            QUESTIONS[kind],
            sound=beeps(count if kind == "audio" else 0) if "audio" in wanted else None,
            film=squares(count if kind == "video" else 0) if "video" in wanted else None,
        )
        for number in range(_ROUNDS)
        for count in COUNTS
    ]
    replies: list[Reply] = []
    for first in range(0, len(asks), backend.batch_size):
        replies += backend.answer(asks[first : first + backend.batch_size])
    for reply in replies:
        if reply.error:
            raise ProbeError(
                f"{backend.name} did not answer about {kind}: {reply.error}. See whether the model "
                "takes it in this form, and how many pictures and sounds the server allows."
            )
    texts = [reply.text for reply in replies]
    answers = [tuple(texts[i : i + len(COUNTS)]) for i in range(0, len(texts), len(COUNTS))]
    counted = [tuple(map(number_in, each)) for each in answers]
    return Probed(kind, tuple(counted), tuple(answers))


def _failed(name: str, probed: Probed) -> str:
    said = list(dict.fromkeys(text.strip()[:60] for each in probed.answers for text in each))
    shown = ", ".join(map(repr, said[:6]))
    return (
        f"{name}: {probed}. Got {'the same answer' if len(said) == 1 else 'the answers'} {shown}, "
        "expected more for five than for none. The server drops it, or the model cannot make it "
        "out: answers would be about the rest alone. Send it in another form, or ask without it."
    )


def _listed(kinds: Iterable[Kind]) -> str:
    return " and ".join(sorted(kinds)) or "nothing"
