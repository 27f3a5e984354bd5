"""Where an answer ends: by the tokens that spell it while it is generated, and in the text."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import torch
from transformers import StoppingCriteria, StoppingCriteriaList


class AnswerEnd(StoppingCriteria):
    """Stop a row whose last tokens spell the answer's end, no more and no less.

    A token that holds more than the end, such as ``########`` for ``###``, does not stop it: the
    official code compares tokens too.

    Args:
        tokenizer: Of the model.
        end: What ends an answer.
    """

    def __init__(self, tokenizer: Any, end: str) -> None:
        self.end = end
        self._spelled = cache(
            lambda token: tokenizer.decode([token], clean_up_tokenization_spaces=False)
        )

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> torch.Tensor:
        """Tell it of every row, ``(batch,)`` bool."""
        # No token is shorter than one letter.
        last = input_ids[:, -len(self.end) :].tolist()
        return torch.tensor([self._is_end(row) for row in last], device=input_ids.device)

    def _is_end(self, row: Sequence[int]) -> bool:
        rest = self.end
        for token in reversed(row):
            piece = self._spelled(token)
            if not piece or not rest.endswith(piece):
                return False
            rest = rest.removesuffix(piece)
            if not rest:
                return True
        return False


def stopping(tokenizer: Any, end: str, settings: Any = None) -> dict[str, Any]:
    """The arguments with which ``generate`` stops where an answer ends.

    Args:
        tokenizer: Of the model.
        end: What ends an answer beside the end token; may be empty.
        settings: The model's generation configuration; its end tokens count beside the tokenizer's.
    """
    found: dict[str, Any] = {}
    if end:
        found["stopping_criteria"] = StoppingCriteriaList([AnswerEnd(tokenizer, end)])
    if settings is not None:
        known = settings.eos_token_id
        ends = known if isinstance(known, list) else [known]
        found["eos_token_id"] = list(
            dict.fromkeys(i for i in (*ends, tokenizer.eos_token_id) if i is not None)
        )
        found["pad_token_id"] = tokenizer.pad_token_id
    return found


def cut_answer(text: str, end: str) -> str:
    """An answer without its end; the last one counts, for an earlier one did not stop it.

    Example:
        >>> cut_answer("joy ### or so###", "###")
        'joy ### or so'
    """
    if end and end in text:
        text = text.rpartition(end)[0]
    return text.strip()


def certain_part(said: str, end: str) -> str:
    """Of an answer that is still being said, what comes before anything that may be its end.

    Example:
        >>> certain_part("joy ##", "###"), certain_part("joy ### and", "###")
        ('joy ', 'joy ')
    """
    if not end:
        return said
    certain = said.partition(end)[0]
    held = [n for n in range(1, len(end)) if certain.endswith(end[:n])]
    return certain[: len(certain) - max(held, default=0)]
