"""Samples of unequal length and with unequal modalities, as rectangles."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from transformers.tokenization_utils_base import VERY_LARGE_INTEGER


def align(question: Any, **samples: Any) -> dict[str, list]:
    """Every argument as a list of the same length, never the one that was passed."""
    given = {name: value for name, value in samples.items() if value is not None}
    lengths = {name: len(value) for name, value in given.items() if isinstance(value, list)}
    if isinstance(question, list):
        lengths["question"] = len(question)
    if len(set(lengths.values())) > 1 or 0 < len(lengths.keys() & given.keys()) < len(given):
        kinds = {name: lengths.get(name, "one sample") for name in [*given, *lengths]}
        raise ValueError(
            f"batch does not line up: got {kinds}, expected lists of one length, or one sample "
            "each. Pass None inside a list for what a sample lacks."
        )
    size = max(lengths.values(), default=1)
    if not size:
        raise ValueError("batch is empty: got 0 samples, expected at least 1. Leave it out.")
    batch = {
        name: list(value) if isinstance(value, list) else [value] * size
        for name, value in {**samples, "question": question}.items()
    }
    for name in ("text", "question", "answers"):
        for index, words in enumerate(batch[name]):
            if words is not None:
                _require_words(words, f"`{name}` of sample {index}")
            elif name == "answers" and name in given:
                raise ValueError(
                    f"`answers` lack one: got None for sample {index}, expected a text for every "
                    "sample or `answers` left out. Batch them apart."
                )
    return batch


def drop_modalities(batch: dict[str, list], chance: float, seed: int | None) -> None:
    """Leave modalities out at random, in place; a sample keeps at least one of what it has."""
    if not 0 <= chance <= 1:
        raise ValueError(
            f"`modality_dropout` is no chance: got {chance}, expected 0 to 1. Try 0.1."
        )
    rng = np.random.default_rng(seed)
    for index in range(len(batch["text"])):
        here = [
            key
            for key in ("audio", "faces", "videos", "text")
            if batch[key][index] is not None and not (key == "text" and batch[key][index] == "")
        ]
        dropped = rng.random(len(here)) < chance
        if here and dropped.all():
            dropped[rng.integers(len(here))] = False
        for key, drop in zip(here, dropped, strict=True):
            if drop:
                batch[key][index] = None


def pad(
    prompts: list[list[int]],
    targets: list[list[int]] | None,
    pad_token_id: int,
    padding: str,
    side: str,
    limit: int,
) -> dict[str, np.ndarray]:
    """Make rectangles of prompts and answers; nothing is ever cut.

    Args:
        prompts: Token ids of each sample's prompt.
        targets: Token ids of each sample's answer, or None.
        pad_token_id: What fills short samples.
        padding: ``"longest"``, or ``"max_length"`` to fill up to ``limit``.
        side: ``"left"`` or ``"right"``, where it is filled.
        limit: Tokens allowed in a sample.

    Returns:
        ``input_ids``, ``attention_mask`` and, with targets, ``labels``, all ``(batch, sequence)``.

    Raises:
        ValueError: A sample is too long, there is no such padding or side, or no limit to fill up
            to.
    """
    if padding not in ("longest", "max_length"):
        raise ValueError(f"unknown padding: got {padding!r}, expected 'longest' or 'max_length'.")
    if side not in ("left", "right"):
        raise ValueError(f"unknown `padding_side`: got {side!r}, expected 'left' or 'right'.")
    if padding == "max_length" and limit >= VERY_LARGE_INTEGER:
        raise ValueError(
            "there is no length to fill up to: got padding 'max_length' and a tokenizer without a "
            "limit, expected a number. Pass `max_length`."
        )
    answers = targets or [[] for _ in prompts]
    for index, (prompt, answer) in enumerate(zip(prompts, answers, strict=True)):
        if len(prompt) + len(answer) > limit:
            raise ValueError(
                f"sample {index} is too long: got {len(prompt)} tokens of prompt and "
                f"{len(answer)} of answer, expected {limit} at most. Shorten its transcript or "
                "raise `max_length`."
            )
    rows = [[*prompt, *answer] for prompt, answer in zip(prompts, answers, strict=True)]
    width = limit if padding == "max_length" else max(map(len, rows))
    result = {
        "input_ids": _fill(rows, pad_token_id, width, side),
        "attention_mask": _fill([[1] * len(row) for row in rows], 0, width, side),
    }
    if targets is not None:
        labels = [
            [-100] * len(prompt) + answer for prompt, answer in zip(prompts, targets, strict=True)
        ]
        result["labels"] = _fill(labels, -100, width, side)
    return result


def stack(rows: Sequence[np.ndarray | None]) -> np.ndarray:
    """Stack one row per sample, zeros for samples without one."""
    blank = np.zeros_like(next(row for row in rows if row is not None))
    return np.stack([blank if row is None else row for row in rows])


def _require_words(words: Any, name: str) -> None:
    if not isinstance(words, str):
        raise ValueError(
            f"{name} is no text: got {type(words).__name__}, expected str or None. A batch is a "
            "list; make one of a column or an array."
        )
    try:
        words.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"{name} is broken: got half a character ({error.object[error.start]!a}) at place "
            f"{error.start}, expected whole ones. It was cut inside of an emoji; mend or drop it."
        ) from error


def _fill(rows: list[list[int]], value: int, width: int, side: str) -> np.ndarray:
    out = np.full((len(rows), width), value, dtype=np.int64)
    for target, row in zip(out, rows, strict=True):
        if side == "right":
            target[: len(row)] = row
        else:
            target[width - len(row) :] = row
    return out
