"""Answers of a chat model to clips, generated greedily in batches of one kind of media."""

from collections.abc import Sequence
from typing import Any

import datasets
import torch

from affecthub.progress import progress
from affecthub.training.asking.prompts.registry import load_prompt
from affecthub.training.examples import UnusableClipError
from affecthub.training.omni.collating import collate
from affecthub.training.omni.encoding import Encoder
from affecthub.training.omni.examples import ChatExamples
from affecthub.training.omni.recipe import OmniRecipe


def answer_clips(
    model: Any,
    encoder: Encoder,
    rows: datasets.Dataset,
    recipe: OmniRecipe,
) -> dict[str, str | None]:
    """Ask every clip what the recipe's clips are asked.

    Args:
        model: A chat model, with or without adapters.
        encoder: Of this model.
        rows: Clips of a corpus.
        recipe: Says the prompt, what is given, and how long answers may be.

    Returns:
        Clip to answer, in the order of the rows; None where the clip cannot be read. The empty
        mapping for no clips.
    """
    examples = ChatExamples(rows, encoder, recipe, load_prompt(recipe.prompt), with_answer=False)
    ids = rows["id"]
    answers: dict[str, str | None] = dict.fromkeys(ids)
    with progress("answers", len(rows), "clips") as advance:
        for places in _batches(examples, recipe.predict_batch_size):
            read = []
            for place in places:
                try:
                    read.append((ids[place], examples[place]))
                except UnusableClipError:
                    continue
            if read:
                said = generate(model, encoder, [each for _, each in read], recipe.max_new_tokens)
                answers |= dict(zip([name for name, _ in read], said, strict=True))
            advance(len(places))
    return answers


@torch.inference_mode()
def generate(
    model: Any, encoder: Encoder, examples: Sequence[dict[str, torch.Tensor]], max_new_tokens: int
) -> list[str]:
    """The most likely answers to a batch of clips.

    No token that stands for media or begins a turn is ever generated: positions are worked out
    from those that are in the text.
    """
    tokenizer = encoder.processor.tokenizer
    end = tokenizer.convert_tokens_to_ids(encoder.end)
    batch = collate(examples, family=encoder.family, pad_token_id=tokenizer.pad_token_id)
    batch = {
        name: value.to(model.device) if isinstance(value, torch.Tensor) else value
        for name, value in batch.items()
    }
    model.eval()
    out = model.generate(
        **batch,
        max_new_tokens=max_new_tokens,
        do_sample=False,
        num_beams=1,
        eos_token_id=end,
        pad_token_id=tokenizer.pad_token_id,
        suppress_tokens=sorted({*tokenizer.all_special_ids} - {end}),
    )
    answered = out[:, batch["input_ids"].shape[1] :]
    texts: list[str] = tokenizer.batch_decode(answered, skip_special_tokens=True)
    return [text.strip() for text in texts]


def _batches(examples: ChatExamples, size: int) -> list[list[int]]:
    """Places of clips that have the same media, so many at once."""
    members: dict[frozenset[str], list[int]] = {}
    for place, kinds in enumerate(examples.kinds()):
        members.setdefault(kinds, []).append(place)
    return [
        places[i : i + size] for places in members.values() for i in range(0, len(places), size)
    ]
