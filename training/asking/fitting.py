"""Whether prompt, media and model fit, told before anything is decoded."""

import warnings
from collections.abc import Set

from affecthub.training.asking.asks import HEARD
from affecthub.training.asking.questions import SUBTITLE, Wording


def require_fit(
    prompt: Wording,
    asked: Set[str],
    takes: Set[str],
    *,
    has_values: bool = False,
    transcribes: bool = False,
) -> None:
    """Refuse a question that would have nothing to be about.

    A prompt that is worded for more than what is handed over is a warning: it may be an ablation.

    Args:
        prompt: The prompt.
        asked: Columns that are asked about, of ``audio``, ``video`` and ``text``.
        takes: Media that the model can be handed.
        has_values: Whether something else than the corpus fills the prompt's places.
        transcribes: Whether the model fills ``[heard]`` with the words of the sound.

    Raises:
        ValueError: The prompt has ``[heard]`` and the model does not fill it; words are asked
            about and the prompt has no place for them; the prompt is worded for none of the media;
            or the model takes none of them and there are no words.
    """
    if HEARD in prompt.text and not transcribes:
        raise ValueError(
            f"prompt {prompt.id!r} has {HEARD}, which stands for the words of the sound: got a "
            "model that does not write them down, expected one such as pretrained:gemma3-270m. "
            "Take another prompt."
        )
    has_words = SUBTITLE in prompt.placeholders or has_values
    if "text" in asked and not has_words:
        raise ValueError(
            f"media has t, the words, and prompt {prompt.id!r} has no place for them: got "
            f"{_braced(prompt.placeholders)}, expected {{subtitle}} among them. Leave t out, or "
            "take another prompt."
        )
    kinds, worded = asked - {"text"}, prompt.media - {"text"}
    if kinds and worded and not kinds & worded:
        raise ValueError(
            f"prompt {prompt.id!r} does not fit the media: it is worded for {_listed(worded)}, got "
            f"{_listed(kinds)}. Take a prompt that is worded for it."
        )
    if kinds and not kinds & takes and not has_words:
        raise ValueError(
            f"the model would be asked about nothing: it takes {_listed(takes)}, got "
            f"{_listed(kinds)} and a prompt without {{subtitle}}. Ask about what it takes, or take "
            "a prompt that gives it the words."
        )
    lacking = worded - kinds
    if lacking and kinds:
        warnings.warn(
            f"prompt {prompt.id!r} is worded for {_listed(worded)}, and {_listed(lacking)} is not "
            "handed over.",
            stacklevel=3,
        )


def _listed(names: Set[str]) -> str:
    return " and ".join(sorted(names)) or "nothing"


def _braced(names: Set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names)) or "none"
