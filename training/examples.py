"""From a corpus' rows to the tensors of one clip, by the model's own processor."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import datasets
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from affecthub.datasets_scripts.reading.faces import read_faces
from affecthub.media import load_frames, video_cut
from affecthub.media.sources import MediaError
from affecthub.modeling.affectgpt.media_sources import MediaError as ModelMediaError
from affecthub.training.mixtures.lengths import token_counts
from affecthub.training.mixtures.questions import (
    Asked,
    draw_question,
    main_question,
    modality_seed,
    training_questions,
)
from affecthub.training.mixtures.sampling import Draw
from affecthub.training.mixtures.weights import require_columns
from affecthub.training.recipe import Recipe


class UnusableClipError(ValueError):
    """A clip that has none of the modalities, or media that cannot be read; says which and why.

    Args:
        clip_id: The clip.
        reason: What is wrong with it, as a sentence that names it.
    """

    def __init__(self, clip_id: str, reason: str) -> None:
        super().__init__(clip_id, reason)  # what pickling between processes needs
        self.reason = reason

    def __str__(self) -> str:
        """The reason."""
        return self.reason


class Examples(Dataset):
    """Clips of one split, each as the processor's tensors without the batch axis.

    Examples that are trained on are drawn by ``examples[index, number]``: which question is asked
    and which modalities are left out follows from the recipe's seed and the draw's number. A bare
    index is the draw of that number.

    Args:
        rows: Rows of a corpus.
        processor: The model's processor.
        recipe: Of this corpus: says the modalities, the questions and the answers' columns.
        with_answer: True for training and validation: `labels` are added and mask everything but
            the answer.
        training: Ask any of the recipe's `questions` and leave modalities out as its
            `modality_dropout` says. A loss to compare checkpoints by must be that of the same
            clips, asked the same: in validation the recipe's own question is asked of all of them.
        features: A ``FeatureCache``: what the towers made of the clips, in place of their media,
            which need not be there.

    Raises:
        ValueError: A column the recipe names is not in the rows; a training clip has no answer.
        UnusableClipError: A clip has none of the recipe's modalities, or its media cannot be read.
    """

    def __init__(
        self,
        rows: datasets.Dataset,
        processor: Any,
        recipe: Recipe,
        *,
        with_answer: bool,
        training: bool = False,
        features: Any = None,
    ):
        self.asked = training_questions(recipe) if training else (main_question(recipe),)
        answers = [name for asked in self.asked for name in asked.columns] if with_answer else []
        require_columns(rows, recipe, (*recipe.modalities, *answers))
        self.rows = rows
        self.processor = processor
        self.recipe = recipe
        self.with_answer = with_answer
        self.features = features
        self.modality_dropout = recipe.modality_dropout if training else 0.0
        self._kept: dict[Draw, dict[str, torch.Tensor]] = {}

    def __len__(self) -> int:
        """Number of clips."""
        return len(self.rows)

    def __getitem__(self, key: int | Draw) -> dict[str, torch.Tensor]:
        """Tensors of one draw, from memory where the recipe says so."""
        index, number = key if isinstance(key, tuple) else (key, key)
        place = self.place_of_question(index, number)
        if (index, place) in self._kept:
            return self._kept[index, place]
        example = self._encode(self.rows[index], self.asked[place], number)
        if self.recipe.cache_media:
            self._kept[index, place] = example
        return example

    def fill(self, n_workers: int) -> None:
        """Process every clip now, by so many processes, and keep it in this one.

        What a loader's workers keep dies with them at the end of an epoch.
        """
        loader = DataLoader(_EveryQuestion(self), batch_size=None, num_workers=n_workers)
        for index, place, example in loader:
            if example is None:
                continue  # it is met again when it is fetched, and told then
            # A copy of this process' own: a worker's tensor holds a file open as long as it lives.
            kept = {name: tensor.clone() for name, tensor in example.items()}
            self._kept[int(index), int(place)] = kept

    def token_counts(self) -> Any:
        """Tokens of every clip with every question ``(clips, questions)``; no media are opened."""
        return token_counts(self.rows, self.processor, self.recipe.modalities, self.asked)

    def lengths(self) -> list[int]:
        """Tokens of every clip with the question that makes it longest; no media are opened."""
        longest: list[int] = self.token_counts().max(axis=1).tolist()
        return longest

    def place_of_question(self, index: int, number: int) -> int:
        """The place in `asked` of the question that a draw asks.

        Raises:
            ValueError: The clip has an answer to none.
        """
        if len(self.asked) == 1:
            return 0
        can = self._answerable[index].tolist()
        if not any(can):
            raise self._no_answer(self.rows[index], self.asked)
        weights = [asked.weight for asked in self.asked]
        return draw_question(can, weights, self.recipe.seed, number)

    @cached_property
    def _answerable(self) -> Any:
        """Whether each clip has an answer to each question ``(clips, questions)``."""
        columns = list(dict.fromkeys(name for asked in self.asked for name in asked.columns))
        rows = self.rows.select_columns(columns)
        return np.array([[asked.has_answer(row) for asked in self.asked] for row in rows])

    def _encode(self, row: dict[str, Any], asked: Asked, number: int) -> dict[str, torch.Tensor]:
        given = given_of(row, self.recipe, self.features)
        if not given:
            raise UnusableClipError(
                row["id"],
                f"clip {row['id']!r} has none of {', '.join(self.recipe.modalities)}: expected at "
                f"least one. {row['media_issue'] or 'Its transcript is empty.'}",
            )
        arguments: dict[str, Any] = {"text": [given.get("text")]}
        if self.with_answer:
            if self.modality_dropout:
                arguments["modality_dropout"] = self.modality_dropout
                arguments["seed"] = modality_seed(self.recipe.seed, number)
            answer = asked.answer(row, self.rows.features)
            if answer is None:
                raise self._no_answer(row, [asked])
            arguments["answers"] = [answer]
        try:
            arguments |= self._media(row, given)
            batch = self.processor(
                question=asked.question, options=asked.options or None, **arguments
            )
        except (MediaError, ModelMediaError, FileNotFoundError) as error:
            raise UnusableClipError(row["id"], f"clip {row['id']!r}: {error}") from error
        except ValueError as error:
            raise ValueError(f"clip {row['id']!r}: {error}") from error
        return {name: tensor[0] for name, tensor in batch.items()}

    def _no_answer(self, row: dict[str, Any], asked: Sequence[Asked]) -> ValueError:
        columns = " nor ".join(" and ".join(each.columns) for each in asked)
        return ValueError(f"clip {row['id']!r} has no {columns}: expected an answer to train on.")

    def _media(self, row: dict[str, Any], given: dict[str, Any]) -> dict[str, Any]:
        """The processor's arguments of what is seen and heard, or of its features."""
        if self.features is not None:
            return {name: [value] for name, value in given.items() if name != "text"}
        media = {"audio": [given.get("audio")]}
        media["videos"] = [self._video(row) if "video" in given else None]
        if "face" in given:
            media["faces"] = [read_faces(row["face"])]
        return media

    def _video(self, row: dict[str, Any]) -> Any:
        """What the processor reads: the clip's file, or its frames out of a longer film."""
        cut = video_cut(row)
        return load_frames(row["video"], self.processor.n_frames, **cut) if cut else row["video"]


class _EveryQuestion(Dataset):
    """Every clip with every question it can answer, for a loader that hands them over."""

    def __init__(self, examples: Examples) -> None:
        self.examples = examples
        self.pairs = [(i, 0) for i in range(len(examples))]
        if len(examples.asked) > 1:
            self.pairs = [(i, place) for i, place in np.argwhere(examples._answerable).tolist()]

    def __len__(self) -> int:
        return len(self.pairs)

    def __getitem__(self, number: int) -> tuple[int, int, dict[str, torch.Tensor] | None]:
        index, place = self.pairs[number]
        examples = self.examples
        try:
            row = examples.rows[index]
            return index, place, examples._encode(row, examples.asked[place], index)
        except UnusableClipError:
            return index, place, None


def given_of(row: dict[str, Any], recipe: Recipe, features: Any = None) -> dict[str, Any]:
    """What there is of a clip, of what a recipe gives the model.

    Args:
        row: A row of a corpus.
        recipe: Says the modalities.
        features: A ``FeatureCache`` in place of media.

    Returns:
        Modality to its column; features under their own names. Nothing that is absent or empty.

    Raises:
        UnusableClipError: The cache has no features of the clip.
    """
    if features is None:
        return {name: row[name] for name in recipe.modalities if row[name]}
    found = features.select(row, recipe.modalities)
    if found is None:
        raise UnusableClipError(row["id"], features.reason(row["id"]))
    words = row["text"] if "text" in recipe.modalities else None
    return {**({"text": words} if words else {}), **found}


def usable(
    rows: datasets.Dataset,
    recipe: Recipe,
    features: Any = None,
    *,
    asked: Sequence[Asked] | None = None,
    needed: Sequence[str] = (),
) -> datasets.Dataset:
    """Keep the clips that have at least one of the recipe's modalities and a full answer.

    Args:
        rows: Clips of one corpus.
        recipe: Of this corpus.
        features: A ``FeatureCache`` in place of media; clips that it could not read are left out.
        asked: Questions of which one can be answered; None is the one that the recipe validates by.
        needed: Other columns that must not be empty.

    Returns:
        The rows kept, in order. Compare lengths to learn how many were left out.
    """
    asked = [main_question(recipe)] if asked is None else asked
    answers = [name for each in asked for name in each.columns]
    key = [] if features is None else ["id"]
    columns = list(dict.fromkeys([*recipe.modalities, *answers, *needed, *key]))
    flags = rows.select_columns(columns).map(
        lambda row: {
            "keep": _has_any(row, recipe, features)
            and any(each.has_answer(row) for each in asked)
            and all(row[name] is not None for name in needed)
        },
        remove_columns=list(dict.fromkeys(columns)),
        keep_in_memory=True,
    )
    return rows.select([i for i, keep in enumerate(flags["keep"]) if keep])


def _has_any(row: dict[str, Any], recipe: Recipe, features: Any) -> bool:
    """Whether a clip has any of the modalities; features are not read for it."""
    if features is None:
        return any(row[name] for name in recipe.modalities)
    there = features.has(row, recipe.modalities)
    return there is not None and (there or bool("text" in recipe.modalities and row["text"]))
