"""What is asked about a clip, and what comes back: the small interface that every backend has."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np

Kind = Literal["audio", "video"]
# The place in a question that a backend fills with what it hears, where it writes sound down.
HEARD = "[heard]"


@dataclass(frozen=True, eq=False)
class Sound:
    """A clip's sound, decoded once.

    Attributes:
        wave: float32 in [-1, 1], mono, shape (n_samples,).
        rate_hz: Samples per second.
    """

    wave: np.ndarray
    rate_hz: int

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return len(self.wave) / self.rate_hz


@dataclass(frozen=True, eq=False)
class Film:
    """A clip's pictures without sound, decoded once.

    Attributes:
        frames: uint8 RGB of shape (n_frames, height, width, 3), evenly spread over the clip.
        fps: Of these frames.
    """

    frames: np.ndarray
    fps: float


@dataclass(frozen=True, eq=False)
class Ask:
    """One question about one clip.

    Attributes:
        clip_id: Of the clip.
        question: The prompt with its placeholders filled.
        system: System message; "" for none.
        sound: None where it is not asked about or not there.
        film: Likewise.
    """

    clip_id: str
    question: str
    system: str = ""
    sound: Sound | None = None
    film: Film | None = None

    @property
    def kinds(self) -> frozenset[Kind]:
        """The media that are handed over; batches are of one set of kinds."""
        there: dict[Kind, Any] = {"audio": self.sound, "video": self.film}
        return frozenset(kind for kind, media in there.items() if media is not None)


@dataclass(frozen=True)
class Reply:
    """What a backend says to one question.

    Attributes:
        text: The answer as it came, reasoning and all; "" with an error.
        n_in: Tokens read, where they are known.
        n_out: Tokens written, where they are known.
        cut: Whether it was as long as allowed and had no end.
        error: Why there is no answer; "" where there is one.
    """

    text: str = ""
    n_in: int | None = None
    n_out: int | None = None
    cut: bool = False
    error: str = ""


class Backend(Protocol):
    """Answers questions about clips.

    Attributes:
        name: All that the answers depend on beside the questions: model, revision or a digest of
            its weights, number format, how it reads media and how it generates. Part of the
            journal's key; never a token.
        takes: The media it can be handed. What it cannot take is left out by who asks, and noted.
        batch_size: Questions to hand over at once.

    A backend may also have ``reads`` (a `media.Shown`: the frames it always reads), ``asks_alone``
    (True where an answer does not depend on what is asked beside it: a batch that was half answered
    is then not asked as a whole), ``probe(kinds)`` (raises where what is sent is not heard or
    seen), ``meter`` (what it has cost: ``str`` for people, ``as_dict`` for files), and
    ``transcribes`` (True where it fills ``[heard]`` in a question with the words of the sound).
    """

    @property
    def name(self) -> str:
        """What the answers depend on."""

    @property
    def takes(self) -> frozenset[Kind]:
        """Media it can be handed."""

    @property
    def batch_size(self) -> int:
        """Questions at once."""

    def answer(self, asks: Sequence[Ask]) -> list[Reply]:
        """One reply per question, in order; what fails for one clip is that reply's error.

        Raises:
            ConnectionError, ValueError: What would fail for every clip: a refused token, a model
                that is not there.
        """

    def close(self) -> None:
        """Let go of connections and threads."""
