"""From a corpus' rows to the tensors of one clip, by the model's own processor."""

from typing import Any

import datasets
import torch
from torch.utils.data import Dataset

from affecthub.datasets_scripts.reading.faces import read_faces
from affecthub.datasets_scripts.rows.answers import answer_of
from affecthub.media import load_frames, video_cut
from affecthub.training.recipe import Recipe


class Examples(Dataset):
    """Clips of one split, each as the processor's tensors without the batch axis.

    Args:
        rows: Rows of a corpus.
        processor: The model's processor.
        recipe: Says the modalities, the question and the answer's columns.
        with_answer: True for training: `labels` are added and mask everything but the answer.

    Raises:
        ValueError: A column the recipe names is not in the rows; a training clip has no answer, or
            a clip has none of the recipe's modalities.
    """

    def __init__(
        self, rows: datasets.Dataset, processor: Any, recipe: Recipe, *, with_answer: bool
    ):
        for column in (*recipe.modalities, *(recipe.answer if with_answer else ())):
            if column not in rows.column_names:
                raise ValueError(
                    f"corpus {recipe.corpus!r} has no column {column!r}: "
                    f"expected one of {', '.join(rows.column_names)}."
                )
        self.rows = rows
        self.processor = processor
        self.recipe = recipe
        self.with_answer = with_answer
        self._kept: dict[int, dict[str, torch.Tensor]] = {}

    def __len__(self) -> int:
        """Number of clips."""
        return len(self.rows)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        """Tensors of one clip, from memory where the recipe says so."""
        if index in self._kept:
            return self._kept[index]
        example = self._encode(self.rows[index])
        if self.recipe.cache_media:
            self._kept[index] = example
        return example

    def _encode(self, row: dict[str, Any]) -> dict[str, torch.Tensor]:
        given = {name: row[name] for name in self.recipe.modalities if row[name]}
        if not given:
            raise ValueError(
                f"clip {row['id']!r} has none of {', '.join(self.recipe.modalities)}: expected at "
                f"least one. {row['media_issue'] or 'Its transcript is empty.'}"
            )
        arguments: dict[str, Any] = {"text": [given.get("text")], "audio": [given.get("audio")]}
        if self.with_answer:
            if self.recipe.modality_dropout:
                arguments["modality_dropout"] = self.recipe.modality_dropout
                # Loader workers are seeded by torch, and so is this.
                arguments["seed"] = int(torch.randint(2**31, ()))
            arguments["answers"] = [self._answer(row)]
        try:
            arguments["videos"] = [self._video(row) if "video" in given else None]
            if "face" in given:
                arguments["faces"] = [read_faces(row["face"])]
            batch = self.processor(
                question=self.recipe.question, options=self.recipe.options or None, **arguments
            )
        except ValueError as error:
            raise ValueError(f"clip {row['id']!r}: {error}") from error
        return {name: tensor[0] for name, tensor in batch.items()}

    def _answer(self, row: dict[str, Any]) -> str:
        answer = answer_of(row, self.rows.features, self.recipe.answer)
        if answer is None:
            columns = " and ".join(self.recipe.answer)
            raise ValueError(
                f"clip {row['id']!r} has no {columns}: expected an answer to train on."
            )
        return answer

    def _video(self, row: dict[str, Any]) -> Any:
        """What the processor reads: the clip's file, or its frames out of a longer film."""
        cut = video_cut(row)
        return load_frames(row["video"], self.processor.n_frames, **cut) if cut else row["video"]


def usable(rows: datasets.Dataset, recipe: Recipe) -> datasets.Dataset:
    """Keep the clips that have at least one of the recipe's modalities and a full answer.

    Returns:
        The rows kept, in order. Compare lengths to learn how many were left out.
    """
    columns = [*recipe.modalities, *recipe.answer]
    flags = rows.select_columns(columns).map(
        lambda row: {
            "keep": any(row[name] for name in recipe.modalities)
            and all(row[name] not in (None, "", []) for name in recipe.answer)
        },
        remove_columns=columns,
        keep_in_memory=True,
    )
    return rows.select([i for i, keep in enumerate(flags["keep"]) if keep])
