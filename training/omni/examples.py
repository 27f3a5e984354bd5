"""Clips of a split as a chat model's tensors, each with its question and its answer."""

from collections.abc import Mapping
from typing import Any

import datasets
import torch
from torch.utils.data import Dataset

from affecthub.training.asking.asks import Ask, Kind
from affecthub.training.asking.media import Shown, read_media
from affecthub.training.asking.prompts.registry import Prompt
from affecthub.training.asking.questions import LABELS, Questions
from affecthub.training.examples import UnusableClipError
from affecthub.training.omni.answers import json_answer
from affecthub.training.omni.encoding import Encoder
from affecthub.training.omni.recipe import OmniRecipe

Kinds = frozenset[Kind]


class ChatExamples(Dataset):
    """Each clip as tensors with a batch axis of one, see `Encoder.encode`.

    Args:
        rows: Clips of a corpus.
        encoder: Makes the tensors.
        recipe: Says what is given and what is to be answered.
        prompt: What is asked.

    Raises:
        UnusableClipError: Where a clip is asked for that cannot be read or is too long.
        ValueError: A clip has no answer, or its words cannot stand in a conversation; names it.
    """

    def __init__(
        self, rows: datasets.Dataset, encoder: Encoder, recipe: OmniRecipe, prompt: Prompt
    ) -> None:
        self.rows, self.encoder, self.recipe = rows, encoder, recipe
        self.questions = Questions(prompt, labels=label_set(rows.features, recipe, prompt))
        self.shown = Shown(recipe.frames.n_frames, recipe.frames.max_side)

    def __len__(self) -> int:
        """Number of clips."""
        return len(self.rows)

    def __getitem__(self, key: int | tuple[int, int]) -> dict[str, torch.Tensor]:
        """Tensors of one clip; of a draw its number changes nothing."""
        row = self.rows[key[0] if isinstance(key, tuple) else key]
        answer = self.answer(row)
        try:
            return self.encoder.encode(self.ask(row), answer)
        except UnusableClipError:
            raise
        except ValueError as error:
            raise ValueError(f"clip {row['id']!r}: {error}") from error

    def ask(self, row: Mapping[str, Any]) -> Ask:
        """The question to a clip, with its media decoded."""
        asked = self.questions.of(row)
        try:
            sound, film = read_media(row, media_of(self.recipe), self.shown)
            if sound is not None:
                self.encoder.reader.hearing.pieces(sound, row["id"], splits=not self._weaves(film))
        except (ValueError, OSError) as error:
            raise UnusableClipError(row["id"], f"clip {row['id']!r}: {error}") from error
        found = {"audio": sound is not None, "video": film is not None}
        lost = [name for name in media_of(self.recipe) if row[name] is not None and not found[name]]
        if lost:  # batches were made of clips that have it
            raise UnusableClipError(
                row["id"], f"clip {row['id']!r}: its file has no track of {' and '.join(lost)}."
            )
        return Ask(row["id"], asked.question, asked.system, sound, film)

    def answer(self, row: Mapping[str, Any]) -> str:
        """What a clip is to be answered with."""
        said = json_answer(
            row, self.rows.features, self.recipe.answer, self.questions.prompt.labels
        )
        if said is None:
            column = next(iter(self.recipe.answer.values()))
            raise ValueError(f"clip {row['id']!r} has no {column}: expected an answer to learn.")
        return said

    def kinds(self) -> list[Kinds]:
        """The media of each clip, of those that are given; nothing is opened."""
        columns = sorted(media_of(self.recipe))
        if not columns:
            return [frozenset()] * len(self)
        return [
            frozenset(name for name in columns if row[name] is not None)
            for row in self.rows.select_columns(columns)
        ]

    def _weaves(self, film: Any) -> bool:
        return self.recipe.sound == "in_video" and film is not None


def media_of(recipe: OmniRecipe) -> Kinds:
    """The media that a recipe gives."""
    kinds: set[Kind] = set()
    for name in recipe.modalities:
        if name != "text":
            kinds.add(name)  # type: ignore[arg-type]
    return frozenset(kinds)


def label_set(features: Mapping[str, Any], recipe: OmniRecipe, prompt: Prompt) -> list[str] | None:
    """The corpus' own labels, for a prompt that names some and has none; else None."""
    feature = features.get(recipe.label)
    if prompt.labels or LABELS not in prompt.placeholders:
        return None
    return list(feature.names) if isinstance(feature, datasets.ClassLabel) else None
