"""A model's answers to prompts between two steps, shared out over the processes of a run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

import torch
from accelerate.utils import gather_object
from torch.utils.data import DataLoader, Dataset
from transformers.integrations import is_deepspeed_zero3_enabled, is_fsdp_managed_module

from affecthub.training.evaluation.prompts import require_no_answer
from affecthub.training.progress import bar

Prepare = Callable[[Any], Any]
Collate = Callable[[Sequence[Any]], Any]


@dataclass(frozen=True)
class Answer:
    """What was said of one clip.

    Args:
        text: The answer, empty where there is none.
        error: Why there is none, or None.
    """

    text: str
    error: str | None = None


class Fetched(Dataset):
    """Prompts one by one; in the place of one that cannot be read, the reason."""

    def __init__(self, items: Any, prepare: Prepare) -> None:
        self.items = items
        self.prepare = prepare

    def __len__(self) -> int:
        """Number of clips."""
        return len(self.items)

    def __getitem__(self, number: int) -> tuple[int, Any, str | None]:
        """Number, prompt and error of one clip."""
        try:
            return number, self.prepare(self.items[number]), None
        except Exception as error:  # whatever is wrong with one clip, the run goes on
            return number, None, _told(error)


def answer_all(
    trainer: Any,
    prompts: Fetched,
    *,
    collate: Collate,
    batch_size: int,
    generation: Mapping[str, Any],
) -> list[Answer]:
    """The answers of the trainer's model, each process asking its share.

    A clip that cannot be read or answered has an error in place of its answer. Where parameters
    are sharded over processes, all of them go through as many batches and as many tokens; there an
    error of ``generate`` itself ends the run, for the others would wait for ever.

    Args:
        trainer: The Trainer whose model answers.
        prompts: What is asked.
        collate: Makes prompts a batch for ``generate``.
        batch_size: Clips per call of ``generate``.
        generation: Arguments of ``generate``.

    Returns:
        One for each prompt, in order, the same in every process.
    """
    model, accelerator = trainer.model, trainer.accelerator
    synced = is_deepspeed_zero3_enabled() or is_fsdp_managed_module(model)
    shares = accelerator.num_processes
    mine = range(accelerator.process_index, len(prompts), shares)
    batches = [list(mine[i : i + batch_size]) for i in range(0, len(mine), batch_size)]
    n_batches = ceil(ceil(len(prompts) / shares) / batch_size)
    if synced:
        batches += [[0]] * (n_batches - len(batches))
    loader = DataLoader(
        prompts,
        batch_sampler=batches,
        collate_fn=list,  # in this process: a batch that does not fit together is asked one by one
        num_workers=trainer.args.dataloader_num_workers,
    )
    shown = not trainer.args.disable_tqdm and accelerator.is_main_process
    ask = _Ask(trainer, collate, {**generation, "synced_gpus": True} if synced else generation)
    found: dict[int, Answer] = {}
    spare = None
    for fetched in bar(loader, "validate", shown=shown):
        for number, _, error in fetched:
            if error is not None:
                found[number] = Answer("", error)
        read = [(number, prompt) for number, prompt, error in fetched if error is None]
        if synced:
            spare = spare or (read[0][1] if read else _any_prompt(prompts))
            said = ask([prompt for _, prompt in read] or [spare])
            found |= {number: Answer(text) for (number, _), text in zip(read, said, strict=False)}
        else:
            found |= dict(ask.each(read))
    told = gather_object([(number, found[number]) for number in mine])
    return [answer for _, answer in sorted(told, key=lambda each: each[0])]


class _Ask:
    """The trainer's model, as what is asked and answers."""

    def __init__(self, trainer: Any, collate: Collate, generation: Mapping[str, Any]) -> None:
        self.trainer = trainer
        self.collate = collate
        self.generation = generation

    def __call__(self, prompts: Sequence[Any]) -> list[str]:
        """Answers to one batch."""
        model, reader = self.trainer.model, self.trainer.processing_class
        batch = self.collate(prompts)
        require_no_answer(batch)
        batch = self.trainer._prepare_input(dict(batch))
        tokens = model.generate(**batch, **self.generation)
        if getattr(reader, "answers", None) is not None:  # it knows what ends an answer
            answers: list[str] = reader.answers(tokens, batch["input_ids"])
            return answers
        if not getattr(model.config, "is_encoder_decoder", False):
            tokens = tokens[:, batch["input_ids"].shape[1] :]
        texts: list[str] = reader.batch_decode(tokens, skip_special_tokens=True)
        return texts

    def each(self, read: Sequence[tuple[int, Any]]) -> Iterator[tuple[int, Answer]]:
        """Numbers and answers; of a batch that fails, each clip alone."""
        if not read:
            return
        try:
            said = self([prompt for _, prompt in read])
            yield from (
                (number, Answer(text)) for (number, _), text in zip(read, said, strict=True)
            )
        except Exception as error:  # one clip's failure must not end a run of days
            if len(read) == 1:
                yield read[0][0], Answer("", _told(error))
                return
            if isinstance(error, torch.OutOfMemoryError):
                torch.accelerator.empty_cache()
            for one in read:
                yield from self.each([one])


def _any_prompt(prompts: Fetched) -> Any:
    """The first prompt that can be read, for a process that has none while others ask."""
    for number in range(len(prompts)):
        _, prompt, error = prompts[number]
        if error is None:
            return prompt
    raise ValueError(f"not one of {len(prompts)} prompts can be read: {error}")


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
