"""From a corpus' rows to the tensors of one clip, by the model's own processor."""

from typing import Any

import datasets
import torch
from torch.utils.data import DataLoader, Dataset

from affecthub.datasets_scripts.reading.faces import read_faces
from affecthub.datasets_scripts.rows.answers import answer_of
from affecthub.media import load_frames, video_cut
from affecthub.media.sources import MediaError
from affecthub.modeling.affectgpt.media_sources import MediaError as ModelMediaError
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

    Args:
        rows: Rows of a corpus.
        processor: The model's processor.
        recipe: Says the modalities, the question and the answer's columns.
        with_answer: True for training and validation: `labels` are added and mask everything but
            the answer.
        drop_modalities: Leave modalities out as the recipe's `modality_dropout` says; for training
            alone, since a loss to compare checkpoints by must be that of the same clips.

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
        drop_modalities: bool = False,
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
        self.modality_dropout = recipe.modality_dropout if drop_modalities else 0.0
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

    def fill(self, n_workers: int) -> None:
        """Process every clip now, by so many processes, and keep it in this one.

        What a loader's workers keep dies with them at the end of an epoch.
        """
        loader = DataLoader(_Numbered(self), batch_size=None, num_workers=n_workers)
        for index, example in loader:
            if example is None:
                continue  # it is met again when it is fetched, and told then
            # A copy of this process' own: a worker's tensor holds a file open as long as it lives.
            self._kept[int(index)] = {name: tensor.clone() for name, tensor in example.items()}

    def lengths(self) -> list[int]:
        """Tokens of every clip's words and answer, without its media, which are not opened.

        All clips spend as many tokens on the media they have, so that this sorts them by length.
        """
        columns = [*self.recipe.answer, *({"text"} & {*self.recipe.modalities})]
        texts = []
        for row in self.rows.select_columns(columns):
            answer = answer_of(row, self.rows.features, self.recipe.answer) or ""
            texts.append((row.get("text") or "", answer))
        tokens = self.processor.tokenizer([text for pair in texts for text in pair])["input_ids"]
        return [
            len(words) + len(answer)
            for words, answer in zip(tokens[::2], tokens[1::2], strict=True)
        ]

    def _encode(self, row: dict[str, Any]) -> dict[str, torch.Tensor]:
        given = {name: row[name] for name in self.recipe.modalities if row[name]}
        if not given:
            raise UnusableClipError(
                row["id"],
                f"clip {row['id']!r} has none of {', '.join(self.recipe.modalities)}: expected at "
                f"least one. {row['media_issue'] or 'Its transcript is empty.'}",
            )
        arguments: dict[str, Any] = {"text": [given.get("text")], "audio": [given.get("audio")]}
        if self.with_answer:
            if self.modality_dropout:
                arguments["modality_dropout"] = self.modality_dropout
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
        except (MediaError, ModelMediaError, FileNotFoundError) as error:
            raise UnusableClipError(row["id"], f"clip {row['id']!r}: {error}") from error
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


class _Numbered(Dataset):
    """Examples with their numbers, for a loader that hands them over in any order."""

    def __init__(self, examples: Examples) -> None:
        self.examples = examples

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, index: int) -> tuple[int, dict[str, torch.Tensor] | None]:
        try:
            return index, self.examples[index]
        except UnusableClipError:
            return index, None


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
