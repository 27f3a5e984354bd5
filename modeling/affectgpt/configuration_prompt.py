"""The wording of a prompt: our own, and any that is read into parts and the fields they name."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import Formatter

# What a part of the prompt may name. A part is left out where a sample lacks what it names.
PROMPT_FIELDS = ("fused", "audio", "face", "video", "text", "question")

# The order is the official one: fused, audio, face or frames, transcript, question.
PROMPT = (
    "Voice and face taken together: {fused}\n",
    "The voice: {audio}\n",
    "The face, cut out: {face}\n",
    "The face and the scene: {video}\n",
    'What is said: "{text}"\n',
    "{question}\nAnswer:\n",
)


@dataclass(frozen=True)
class PromptPart:
    """One part of a prompt.

    Args:
        pieces: Wording, each with the field behind it, or None at the part's end.
        fields: The fields that it names.
    """

    pieces: tuple[tuple[str, str | None], ...]
    fields: frozenset[str]


@dataclass(frozen=True)
class Prompt:
    """A prompt that has been read.

    Args:
        parts: Its parts, in order.
        fields: The fields that they name.
    """

    parts: tuple[PromptPart, ...]
    fields: frozenset[str]


def shown_fields(prompt: Prompt, fused_picture: str) -> frozenset[str]:
    """What of a sample is used: the fields that a prompt names, and faces that are fused alone.

    Args:
        prompt: The prompt, read.
        fused_picture: ``"faces"`` has a prompt that names ``{fused}`` without ``{face}`` and
            ``{video}`` fuse faces, ``"frames"`` whatever there is.

    Example:
        >>> sorted(shown_fields(read_prompt(["{fused}", "{question}"]), "faces"))
        ['face', 'fused', 'question']
    """
    fuses_alone = "fused" in prompt.fields and not prompt.fields & {"face", "video"}
    return prompt.fields | {"face"} if fuses_alone and fused_picture == "faces" else prompt.fields


def read_prompt(wording: Sequence[str]) -> Prompt:
    """Read a prompt; the same wording is read once, however often it is asked for.

    Args:
        wording: Parts of the prompt, as :class:`AffectGPTConfig` describes them.

    Returns:
        Its parts and fields.

    Raises:
        ValueError: Braces do not match, or the prompt names an unknown field, names one twice, or
            never asks the question.

    Example:
        >>> sorted(read_prompt(["The voice: {audio} and {{braces}}", "{question}"]).fields)
        ['audio', 'question']
        >>> read_prompt(["{picture} ", "{question}"])
        Traceback (most recent call last):
        ValueError: prompt names an unknown field: got 'picture', expected one of fused, audio, ...
    """
    return _read(tuple(wording))


@lru_cache(maxsize=64)
def _read(wording: tuple[str, ...]) -> Prompt:
    pieces = [_pieces(part) for part in wording]
    named = [[name for _, name in part if name is not None] for part in pieces]
    _require_fields([name for names in named for name in names])
    parts = tuple(
        PromptPart(part, frozenset(names)) for part, names in zip(pieces, named, strict=True)
    )
    return Prompt(parts, frozenset().union(*(part.fields for part in parts)))


def _pieces(part: str) -> tuple[tuple[str, str | None], ...]:
    """Split a part of the prompt into wording and fields."""
    try:
        return tuple((literal, name) for literal, name, _, _ in Formatter().parse(part))
    except ValueError as error:
        raise ValueError(
            f"a part of the prompt cannot be read: got {part!r} ({error}), expected braces in "
            "pairs. Write literal braces twice: {{ and }}."
        ) from error


def _require_fields(named: list[str]) -> None:
    """Refuse fields that are not known or stand twice, and a prompt without the question."""
    for name in named:
        if name not in PROMPT_FIELDS:
            raise ValueError(
                f"prompt names an unknown field: got {name!r}, expected one of "
                f"{', '.join(PROMPT_FIELDS)}. Write literal braces twice: {{{{ and }}}}."
            )
    if "question" not in named:
        raise ValueError(
            f"prompt never asks: got fields {named}, expected a part with {{question}}. "
            "Add one at the end of `prompt`."
        )
    repeated = sorted({name for name in named if named.count(name) > 1})
    if repeated:
        raise ValueError(
            f"prompt names a field twice: got {', '.join(repeated)}, expected each at most once. "
            "Merge the parts that name it."
        )
