"""What a model's answer is read into, and how well it could be read."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Stated:
    """A label with the confidence it was given.

    Attributes:
        label: As written, without its confidence, edges and decoration.
        confidence: In [0, 1]; None where none was stated or it is out of range.
    """

    label: str
    confidence: float | None = None


@dataclass(frozen=True)
class Reading:
    """An answer that was read.

    Attributes:
        value: What the form promises (see `reading.FORMS`); None where it is invalid.
        status: ``"json"``, ``"lenient_json"``, ``"plain"``, ``"loose"``, or ``"invalid"``.
        why: For an invalid one what is wrong, in a word or two that can be counted; else "".
        notes: What was found wrong and not repaired, by name, with how often.
    """

    value: Any
    status: str
    why: str = ""
    notes: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Basic7:
    """One of seven emotions with confidence, and the fine labels beside it (EmoS' prompt A).

    Attributes:
        emotion: Canonical name from the label set.
        confidence: In [0, 1] or None.
        goemotions: Fine labels of the set, in the order given, each once.
        outside: Labels that were given and belong to neither set.
        evidence: What the model says it saw and heard.
        rationale: Why these fine labels.
    """

    emotion: str
    confidence: float | None = None
    goemotions: tuple[Stated, ...] = ()
    outside: tuple[str, ...] = ()
    evidence: str = ""
    rationale: str = ""


@dataclass(frozen=True)
class Utterance:
    """One stretch of a stream (EmoS' prompt B).

    Attributes:
        start_s: Its beginning; None where it cannot be read.
        end_s: Its end.
        speaker: The model's guess.
        primary: Basic emotion.
        secondary: Fine labels.
        intensity: 1 to 5, or None.
        transcript: What is said, by language.
        cues: What was seen and heard.
        evidence: Why.
    """

    start_s: float | None
    end_s: float | None
    speaker: str = ""
    primary: str = ""
    secondary: tuple[str, ...] = ()
    intensity: float | None = None
    transcript: dict[str, str] = field(default_factory=dict)
    cues: Any = ""
    evidence: Any = ""


@dataclass(frozen=True)
class Stream:
    """A whole clip as it unfolds (EmoS' prompt B).

    Attributes:
        summary: Of the clip.
        dominant: Emotion over all of it.
        trajectory: How it changes.
        utterances: In the order given; order and overlap are in the reading's notes.
    """

    summary: str
    dominant: str
    trajectory: str
    utterances: tuple[Utterance, ...]
