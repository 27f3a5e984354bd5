"""Batches of clips in, answers out, each with what is to be known of it."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

from affecthub.training.answer_keys import is_split
from affecthub.training.model import device
from affecthub.training.progress import bar
from affecthub.training.recipe import Recipe

# What is wrong with one clip, and not with the run.
_OF_THE_CLIP = (ValueError, FileNotFoundError, IsADirectoryError, PermissionError)


@dataclass(frozen=True)
class Answer:
    """An answer to a clip.

    Args:
        text: Its words, "" where the clip could not be asked.
        n_tokens: How many tokens were generated for it, what ends it left out.
        is_cut: Whether it was as long as an answer may be, and had no end.
        error: Why the clip could not be asked.
    """

    text: str = ""
    n_tokens: int = 0
    is_cut: bool = False
    error: str | None = None


@contextmanager
def in_eval_mode(model: Any) -> Iterator[None]:
    """Answer without dropout, where the model is to compute, and leave it as it was."""
    was_training = model.training
    if not is_split(model):
        model.to(device())
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)


@torch.inference_mode()
def generate(
    model: Any,
    processor: Any,
    examples: Any,
    batches: Sequence[Sequence[int]],
    recipe: Recipe,
    *,
    progress: bool = False,
    streamer: Any = None,
) -> Iterator[list[tuple[int, Answer]]]:
    """Ask about clips, greedily, one batch after the other.

    Args:
        model: In eval mode, where it is to compute.
        processor: Its processor.
        examples: Gives the tensors of a clip by its number; a clip that raises a `ValueError` or
            cannot be opened is answered with that error.
        batches: Numbers of clips to ask together.
        recipe: Says the longest answer, and how many workers read clips ahead.
        progress: Show a bar.
        streamer: What is told the tokens as they come; batches must be of one clip then.

    Yields:
        For each batch the numbers of its clips and the answers, in the order of the batch.
    """
    loader = DataLoader(
        _Asked(examples),
        batch_sampler=[list(batch) for batch in batches],
        collate_fn=_Collate(processor),
        num_workers=recipe.trainer.get("dataloader_num_workers", 0),
    )
    for numbers, refused, batch in bar(loader, "predict", shown=progress):
        asked = [number for number in numbers if number not in refused]
        answers = {number: Answer(error=reason) for number, reason in refused.items()}
        if asked:
            said = answers_to(model, processor, batch, recipe.max_new_tokens, streamer)
            answers |= dict(zip(asked, said, strict=True))
        yield [(number, answers[number]) for number in numbers]


def answers_to(
    model: Any,
    processor: Any,
    batch: Mapping[str, torch.Tensor],
    longest: int,
    streamer: Any = None,
) -> list[Answer]:
    """The answers to one batch, greedily.

    Args:
        model: In eval mode, where it is to compute.
        processor: Its processor.
        batch: What the processor makes of clips.
        longest: Tokens of the longest answer.
        streamer: What is told the tokens as they come; the batch must be of one clip then.
    """
    batch = {name: tensor.to(model.device) for name, tensor in batch.items()}
    batch["input_ids"] = _without_padding(batch, {*model.config.placeholders.values()})
    stops = processor.stopping(model.generation_config)
    tokens = model.generate(
        **batch, max_new_tokens=longest, do_sample=False, streamer=streamer, **stops
    )
    texts = processor.answers(tokens, batch["input_ids"])
    said = tokens[:, batch["input_ids"].shape[1] :].tolist()
    ended = torch.zeros(len(said), dtype=torch.bool)
    for criterion in stops.get("stopping_criteria", ()):
        ended |= criterion(tokens, None).cpu()
    answers = []
    for text, row, has_end in zip(texts, said, ended.tolist(), strict=True):
        n_tokens = _length(row, stops["eos_token_id"], stops["pad_token_id"])
        answers.append(Answer(text, n_tokens, is_cut=n_tokens >= longest and not has_end))
    return answers


def _without_padding(batch: Mapping[str, torch.Tensor], placeholders: set[int]) -> torch.Tensor:
    """The prompts with their own last token in the place of padding, which nothing attends to.

    Before transformers 5.23 a model that penalises what the prompt says already takes padding for
    said, which to many is also an end: answers would depend on how much of it a batch has.
    """
    ids, mask = batch["input_ids"], batch["attention_mask"].bool()
    last = ids[:, -1:]
    if placeholders & {*last.flatten().tolist()}:
        return ids
    return torch.where(mask, ids, last)


def _length(row: Sequence[int], ends: Sequence[int], padding: int) -> int:
    """Tokens of an answer, without its end and what fills the row up."""
    for place, token in enumerate(row):
        if token in ends:
            return place
    n_tokens = len(row)
    while n_tokens and row[n_tokens - 1] == padding:
        n_tokens -= 1
    return n_tokens


class _Asked(Dataset):
    """Examples with their numbers; the reason in the place of one that cannot be had."""

    def __init__(self, examples: Any) -> None:
        self.examples = examples

    def __len__(self) -> int:
        return len(self.examples)

    def __getitem__(self, number: int) -> tuple[int, dict[str, torch.Tensor] | str]:
        try:
            return number, self.examples[number]
        except _OF_THE_CLIP as error:
            return number, str(error)


class _Collate:
    """One batch of those that can be had, beside the numbers of all and the others' reasons."""

    def __init__(self, processor: Any) -> None:
        self.processor = processor

    def __call__(self, asked: list[tuple[int, Any]]) -> tuple[list[int], dict[int, str], Any]:
        refused = {number: each for number, each in asked if isinstance(each, str)}
        whole = [each for number, each in asked if number not in refused]
        batch = self.processor.pad(whole) if whole else {}
        return [number for number, _ in asked], refused, batch
