"""Clips of a split as a chat model's tensors, each with its question and its answer."""

from collections.abc import Mapping
from typing import Any

import datasets
import torch
from torch.utils.data import Dataset

from affecthub.media.sources import MediaError
from affecthub.training.asking.asks import Ask
from affecthub.training.asking.prompts.registry import Prompt
from affecthub.training.examples import UnusableClipError
from affecthub.training.omni.answers import json_answer
from affecthub.training.omni.encoding import Encoder
from affecthub.training.omni.media import film_of, sound_of
from affecthub.training.omni.questions import question_and_system
from affecthub.training.omni.recipe import OmniRecipe

Kinds = frozenset[str]


class ChatExamples(Dataset):
    """Each clip as tensors with a batch axis of one, see `Encoder.encode`.

    Args:
        rows: Clips of a corpus.
        encoder: Makes the tensors.
        recipe: Says what is given and what is to be answered.
        prompt: What is asked.
        with_answer: Whether the answer is learnt; otherwise it is asked for.

    Raises:
        UnusableClipError: Where a clip is asked for that cannot be read or is too long.
        ValueError: A clip has no answer, or its words cannot stand in a conversation; names it.
    """

    def __init__(
        self,
        rows: datasets.Dataset,
        encoder: Encoder,
        recipe: OmniRecipe,
        prompt: Prompt,
        *,
        with_answer: bool,
    ) -> None:
        self.rows, self.encoder, self.recipe, self.prompt = rows, encoder, recipe, prompt
        self.with_answer = with_answer
        feature = rows.features.get(recipe.label)
        self.labels = feature.names if isinstance(feature, datasets.ClassLabel) else []

    def __len__(self) -> int:
        """Number of clips."""
        return len(self.rows)

    def __getitem__(self, key: int | tuple[int, int]) -> dict[str, torch.Tensor]:
        """Tensors of one clip; of a draw its number changes nothing."""
        row = self.rows[key[0] if isinstance(key, tuple) else key]
        ask = self.ask(row)
        answer = self.answer(row) if self.with_answer else None
        try:
            return self.encoder.encode(ask, answer)
        except ValueError as error:
            raise ValueError(f"clip {row['id']!r}: {error}") from error

    def ask(self, row: Mapping[str, Any]) -> Ask:
        """The question to a clip, with its media decoded."""
        given, encoder = self.recipe.modalities, self.encoder
        question, system = question_and_system(
            self.prompt, row, self.labels, with_words="text" in given
        )
        sound = film = None
        try:
            if "audio" in given:
                sound = sound_of(
                    row,
                    encoder.rate_hz,
                    encoder.longest_s,
                    cut=self.recipe.long_sound == "cut",
                )
            if "video" in given:
                film = film_of(row, self.recipe.frames)
        except (MediaError, FileNotFoundError, ValueError) as error:
            raise UnusableClipError(row["id"], f"clip {row['id']!r}: {error}") from error
        return Ask(row["id"], question, system, sound, film)

    def answer(self, row: Mapping[str, Any]) -> str:
        """What a clip is to be answered with."""
        said = json_answer(row, self.rows.features, self.recipe.answer)
        if said is None:
            column = next(iter(self.recipe.answer.values()))
            raise ValueError(f"clip {row['id']!r} has no {column}: expected an answer to learn.")
        return said

    def kinds(self) -> list[Kinds]:
        """The media of each clip, of those that are given; nothing is opened."""
        columns = [name for name in self.recipe.modalities if name != "text"]
        if not columns:
            return [frozenset()] * len(self)
        return [
            frozenset(name for name in columns if row[name] is not None)
            for row in self.rows.select_columns(columns)
        ]
