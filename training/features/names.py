"""What features tell of and at which level, in the words that every cache uses."""

from typing import Literal, get_args

Modality = Literal["audio", "text", "vision"]
Level = Literal["utterance", "frame"]
MODALITIES: tuple[Modality, ...] = get_args(Modality)
LEVELS: tuple[Level, ...] = get_args(Level)


def column_of(modality: Modality) -> str:
    """What the column of an encoder's features is called.

    Example:
        >>> column_of("text")
        'text_features'
    """
    return f"{modality}_features"
