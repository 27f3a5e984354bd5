"""Answers of a model to clips, in batches; a run that was killed goes on where it stopped."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets
import torch
from torch.utils.data import DataLoader

from affecthub.datasets_scripts import load_dataset
from affecthub.media import tracks_of
from affecthub.training.examples import Examples, UnusableClipError
from affecthub.training.features.using import open_for
from affecthub.training.journal import Journal, clip_key, model_key
from affecthub.training.model import device, load_model
from affecthub.training.progress import bar
from affecthub.training.recipe import Recipe, load_recipe


def predict(
    model: Any,
    processor: Any,
    rows: datasets.Dataset,
    recipe: Recipe,
    *,
    output_file: str | Path | None = None,
    replace_answers: bool = False,
    progress: bool = True,
) -> dict[str, str]:
    """The model's answer to every clip, greedily.

    A clip that has none of the modalities, or media that cannot be read, is answered with "": it
    counts as unanswered. Such clips are named in a warning and have an ``error`` in the file.

    Args:
        model: A trained AffectGPT, with or without adapters.
        processor: Its processor.
        rows: Rows of a corpus.
        recipe: Says the modalities, the question, the batch size and the longest answer; and the
            ``features`` to answer from in place of media.
        output_file: jsonl with `id` and `prediction` per line, written as batches are done, and the
            keys of what gave the answer. Clips that this model answered there already, to this
            question and from the same media, are not asked again.
        replace_answers: Start `output_file` anew where its answers are another model's, or to
            another question; by default it is refused.
        progress: Show a progress bar.

    Returns:
        Answer by clip id, in the order of the rows; no rows give an empty dict.

    Raises:
        ValueError: `output_file` is not such a jsonl, or of another model or question.
        UnusableClipError: Not a single clip can be asked.
    """
    ids = rows["id"]
    key = model_key(model, processor, recipe) if output_file else ""
    journal = Journal(output_file, key, replace=replace_answers)
    given = _given(rows, recipe)

    def key_of(i: int) -> str:
        return clip_key(given[i], recipe.modalities) if output_file else ""

    journal.keep({clip_id: key_of(i) for i, clip_id in enumerate(ids) if clip_id in journal.lines})
    todo = [i for i, clip_id in enumerate(ids) if clip_id not in journal.lines]
    if todo:
        processor.require_fit(model.config)
        model = model.to(device()).eval()
        features = open_for(recipe, rows)
        if features is not None:
            features.require_fit(model, processor)
        examples = Examples(rows, processor, recipe, with_answer=False, features=features)
        unusable: dict[int, UnusableClipError] = {}
        for i, answer in _generate(model, processor, examples, todo, recipe, progress=progress):
            if isinstance(answer, UnusableClipError):
                unusable[i] = answer
            else:
                journal.add(ids[i], answer, key_of(i))
        if len(unusable) == len(ids):
            raise unusable[todo[0]]
        for i, error in unusable.items():
            journal.add(ids[i], "", key_of(i), error=str(error))
        if unusable:
            warnings.warn(
                f"{len(unusable)} of {len(ids)} clips could not be asked and count as unanswered, "
                f"the first: {next(iter(unusable.values()))}",
                stacklevel=2,
            )
    return {clip_id: journal.lines[clip_id]["prediction"] for clip_id in ids}


def predict_corpus(
    model_id: str | Path,
    corpus: str,
    data_dir: str | Path,
    *,
    split: str = "test",
    protocol: str = "speaker_independent",
    question: str | None = None,
    options: Sequence[str] = (),
    max_new_tokens: int = 64,
    output_file: str | Path | None = None,
    progress: bool = True,
) -> dict[str, str]:
    """Load a saved model and answer every clip of a corpus' split.

    Args:
        model_id: Folder or Hub id of a saved AffectGPT.
        corpus: Corpus name.
        data_dir: The corpus' folder.
        split: Split of the protocol.
        protocol: Protocol of the corpus.
        question: Named question or one in words; None asks what the model was trained on.
        options: What a question that names ``{options}`` chooses from.
        max_new_tokens: Longest answer.
        output_file: See `predict`.
        progress: Show a progress bar.

    Returns:
        Answer by clip id.
    """
    rows = load_dataset(corpus, data_dir=data_dir, protocol=protocol, split=split)
    model, processor = load_model(model_id)
    recipe = _asking(model_id, corpus, question, options, max_new_tokens)
    return predict(model, processor, rows, recipe, output_file=output_file, progress=progress)


def predict_files(
    model_id: str | Path,
    clips: Sequence[str | Path],
    *,
    text: str | None = None,
    question: str | None = None,
    options: Sequence[str] = (),
    faces: Any = None,
    max_new_tokens: int = 64,
) -> dict[str, str]:
    """Load a saved model and answer media files: a video with its sound, or a sound alone.

    Files are read as ``model.describe`` reads them, by the processor's ``read``.

    Args:
        model_id: Folder or Hub id of a saved AffectGPT.
        clips: Paths.
        text: Transcript, for one clip.
        question: Named question or one in words; None asks what the model was trained on.
        options: What a question that names ``{options}`` chooses from.
        faces: What finds the faces, a ``FaceCropper`` or a ``FaceFolder``; see the processor.
        max_new_tokens: Longest answer.

    Returns:
        Answer by path.

    Raises:
        FileNotFoundError: A clip is not there.
        ValueError: A clip cannot be decoded, or a transcript comes with several clips.
    """
    if text is not None and len(clips) != 1:
        raise ValueError(f"`text` is the transcript of one clip: got {len(clips)} clips.")
    paths = [Path(clip) for clip in clips]
    for path in paths:
        if not path.is_file():
            found = "a folder" if path.is_dir() else "nothing there"
            raise FileNotFoundError(f"clip not found: {path} ({found}). Expected a file.")
    model, processor = load_model(model_id)
    recipe = _asking(model_id, "files", question, options, max_new_tokens)
    processor.require_fit(model.config)
    files = _Files(paths, processor, recipe, text, faces)
    numbers = range(len(paths))
    answers = _generate(
        model.to(device()).eval(), processor, files, numbers, recipe, progress=False
    )
    return {str(paths[i]): str(answer) for i, answer in answers}


class _Files(torch.utils.data.Dataset):
    """Media files as the processor's tensors without the batch axis, as far as a recipe goes."""

    def __init__(
        self, paths: Sequence[Path], processor: Any, recipe: Recipe, text: str | None, faces: Any
    ) -> None:
        self.paths = paths
        self.processor = processor
        self.recipe = recipe
        self.text = text
        self.faces = faces

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> dict[str, torch.Tensor]:
        path, modalities = str(self.paths[index]), self.recipe.modalities
        clip: Any = path
        if not {"audio", "video"} <= {*modalities}:  # it was trained on less than a file holds
            kinds = tracks_of(path) & {*modalities}
            clip = dict.fromkeys(kinds, path)
        inputs = self.processor.read(
            clip,
            self.recipe.question or None,
            text=self.text if "text" in modalities else None,
            faces=self.faces,
            options=self.recipe.options or None,
        )
        return {name: tensor[0] for name, tensor in inputs.items()}


def _asking(
    model_id: str | Path,
    corpus: str,
    question: str | None,
    options: Sequence[str],
    max_new_tokens: int,
) -> Recipe:
    """Make the recipe of a prediction from the one the model was trained by, where it is there."""
    kept = Path(model_id) / "recipe.yaml"
    # No question leaves it to the processor, which asks the model's own.
    unknown = Recipe(corpus=corpus, model=str(model_id), question="")
    trained = load_recipe(kept) if kept.is_file() else unknown
    return replace(
        trained,
        corpus=corpus,
        question=question or trained.question,
        options=tuple(options) or (trained.options if question is None else ()),
        max_new_tokens=max_new_tokens,
        cache_media=False,
        features=None,
    )


class _Asked(torch.utils.data.Dataset):
    """Some of the examples with their numbers; the reason in the place of an unusable one."""

    def __init__(self, examples: Any, numbers: Sequence[int]) -> None:
        self.examples = examples
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __getitem__(self, place: int) -> tuple[int, dict[str, torch.Tensor] | UnusableClipError]:
        number = self.numbers[place]
        try:
            return number, self.examples[number]
        except UnusableClipError as error:
            return number, error


@torch.inference_mode()
def _generate(
    model: Any,
    processor: Any,
    examples: Any,
    numbers: Sequence[int],
    recipe: Recipe,
    *,
    progress: bool,
) -> Iterator[tuple[int, str | UnusableClipError]]:
    """Yield the number of each example and the answer to it, batch by batch."""

    def collate(asked: list[tuple[int, Any]]) -> tuple[list[tuple[int, Any]], list[int], Any]:
        refused = [(i, each) for i, each in asked if isinstance(each, UnusableClipError)]
        whole = [(i, each) for i, each in asked if not isinstance(each, UnusableClipError)]
        batch = processor.pad([each for _, each in whole]) if whole else {}
        return refused, [i for i, _ in whole], batch

    loader = DataLoader(
        _Asked(examples, numbers),
        batch_size=recipe.predict_batch_size,
        collate_fn=collate,
        num_workers=recipe.trainer.get("dataloader_num_workers", 0),
    )
    for refused, asked, batch in bar(loader, "predict", shown=progress):
        yield from refused
        if not asked:
            continue
        batch = {name: tensor.to(model.device) for name, tensor in batch.items()}
        tokens = model.generate(
            **batch,
            max_new_tokens=recipe.max_new_tokens,
            do_sample=False,
            **processor.stopping(model.generation_config),
        )
        yield from zip(asked, processor.answers(tokens, batch["input_ids"]), strict=True)


def _given(rows: datasets.Dataset, recipe: Recipe) -> datasets.Dataset:
    """What a model is given of the clips, see `clip_key`."""
    needed = (*recipe.modalities, "video_start_s", "video_end_s", "video_crop")
    return rows.select_columns([name for name in needed if name in rows.column_names])
