"""Answers of a model to clips, in batches; a run that was killed goes on where it stopped."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets
import torch
from torch.utils.data import DataLoader, Subset
from tqdm.auto import tqdm

from affecthub.datasets_scripts import load_dataset
from affecthub.media import tracks_of
from affecthub.training.examples import Examples
from affecthub.training.model import device, load_model
from affecthub.training.recipe import Recipe, load_recipe


def predict(
    model: Any,
    processor: Any,
    rows: datasets.Dataset,
    recipe: Recipe,
    *,
    output_file: str | Path | None = None,
    progress: bool = True,
) -> dict[str, str]:
    """The model's answer to every clip, greedily.

    Args:
        model: A trained AffectGPT, with or without adapters.
        processor: Its processor.
        rows: Rows of a corpus.
        recipe: Says the modalities, the question, the batch size and the longest answer.
        output_file: jsonl with `id` and `prediction` per line, written as batches are done. Clips
            that are answered there already are not asked again.
        progress: Show a progress bar.

    Returns:
        Answer by clip id, in the order of the rows; no rows give an empty dict.

    Raises:
        ValueError: `output_file` is not such a jsonl, or a clip has none of the modalities.
    """
    ids = rows["id"]
    answers = _answered(Path(output_file)) if output_file else {}
    todo = [i for i, clip_id in enumerate(ids) if clip_id not in answers]
    if todo:
        processor.require_fit(model.config)
        model = model.to(device()).eval()
        examples = Subset(Examples(rows, processor, recipe, with_answer=False), todo)
        answered = _generate(model, processor, examples, recipe, progress=progress)
        for i, answer in zip(todo, answered, strict=True):
            answers[ids[i]] = answer
            if output_file:
                with open(output_file, "a", encoding="utf-8") as file:
                    line = {"id": ids[i], "prediction": answer}
                    file.write(json.dumps(line, ensure_ascii=False) + "\n")
    return {clip_id: answers[clip_id] for clip_id in ids}


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
            raise FileNotFoundError(f"clip not found: {path}. Check the path.")
    model, processor = load_model(model_id)
    recipe = _asking(model_id, "files", question, options, max_new_tokens)
    processor.require_fit(model.config)
    files = _Files(paths, processor, recipe, text, faces)
    answers = _generate(model.to(device()).eval(), processor, files, recipe, progress=False)
    return {str(path): answer for path, answer in zip(paths, answers, strict=True)}


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
    )


def _answered(path: Path) -> dict[str, str]:
    """Read the answers of an earlier run; a line cut off by a kill is dropped from the file."""
    answers: dict[str, str] = {}
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        return answers
    text = path.read_bytes()  # it may be cut inside of a character
    whole = text[: text.rfind(b"\n") + 1]
    # Not `splitlines`: JSON leaves some of what that takes for the end of a line as it is.
    for number, line in enumerate(whole.decode("utf-8").split("\n")[:-1], start=1):
        try:
            row = json.loads(line)
            answers[row["id"]] = row["prediction"]
        except (json.JSONDecodeError, KeyError, TypeError) as error:
            raise ValueError(
                f"{path}, line {number}: got {line[:60]!r}, expected an object with `id` and "
                "`prediction`. Give another output file."
            ) from error
    if whole != text:
        path.write_bytes(whole)
    return answers


@torch.inference_mode()
def _generate(
    model: Any, processor: Any, examples: Any, recipe: Recipe, *, progress: bool
) -> Iterator[str]:
    """Yield the answer to each example, batch by batch."""
    loader = DataLoader(
        examples,
        batch_size=recipe.predict_batch_size,
        collate_fn=processor.pad,
        num_workers=recipe.trainer.get("dataloader_num_workers", 0),
    )
    for batch in tqdm(loader, desc="predict", disable=not progress):
        batch = {name: tensor.to(model.device) for name, tensor in batch.items()}
        tokens = model.generate(
            **batch,
            max_new_tokens=recipe.max_new_tokens,
            do_sample=False,
            **processor.stopping(model.generation_config),
        )
        yield from processor.answers(tokens, batch["input_ids"])
