"""Samples of unequal length and with unequal modalities, as rectangles."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .processing_columns import TEXTS, as_column, require_words
from .processing_features import FEATURES, as_float32
from .processing_keywords import Form

# Columns of tokens, and what fills the short ones of each; the tokenizer says it of the ids.
FILL = {"input_ids": 0, "attention_mask": 0, "labels": -100}
# Media, or what the towers make of them, and the mask that tells which samples bring them.
MASKS = {
    "pixel_values": "video_mask",
    "vision_features": "video_mask",
    "face_pixel_values": "face_mask",
    "face_features": "face_mask",
    "face_found": None,
    "input_values": "audio_mask",
    "audio_features": "audio_mask",
}
# A modality's media and its features share a mask, and so a batch cannot hold both.
_EITHER = (
    ("pixel_values", "vision_features"),
    ("face_pixel_values", "face_features"),
    ("input_values", "audio_features"),
)


def align(question: Any, **samples: Any) -> dict[str, list]:
    """Every argument as a list of the same length, never the one that was passed."""
    question = as_column("question", question)
    samples = {name: as_column(name, value) for name, value in samples.items()}
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
    for name in TEXTS:
        for index, words in enumerate(batch[name]):
            if words is not None:
                require_words(words, f"`{name}` of sample {index}")
            elif name == "answers" and name in given:
                raise ValueError(
                    f"`answers` lack one: got None for sample {index}, expected a text for every "
                    "sample or `answers` left out. Batch them apart."
                )
    return batch


def pad_samples(samples: Sequence[Mapping[str, Any]], tokenizer: Any, form: Form) -> dict[str, Any]:
    """Make one batch of samples.

    Args:
        samples: See :meth:`AffectGPTProcessor.pad`.
        tokenizer: Its token fills short samples, and its limit holds where none is given.
        form: How the batch is shaped.

    Returns:
        What :func:`pad_tokens` and :func:`stack_media` return.

    Raises:
        ValueError: As those two and :func:`require_keys`.
    """
    require_keys(samples)
    return {**pad_tokens(samples, tokenizer, form), **stack_media(samples)}


def require_keys(samples: Sequence[Mapping[str, Any]]) -> None:
    """Refuse no samples, and samples that hold something else than a batch or labels in some only.

    Raises:
        ValueError: As above.
    """
    if not samples:
        raise ValueError("batch is empty: got 0 samples, expected at least 1. Leave it out.")
    known = {*FILL, *MASKS, *filter(None, MASKS.values())}
    strange = sorted({name for sample in samples for name in sample} - known)
    if strange:
        raise ValueError(
            f"samples have keys that no batch holds: got {', '.join(strange)}, expected some of "
            f"{', '.join(sorted(known))}. Leave the others out."
        )
    n_labels = sum("labels" in sample for sample in samples)
    if n_labels not in (0, len(samples)):
        raise ValueError(
            f"some samples have `labels` and some have none: got {n_labels} of {len(samples)}, "
            "expected all or none. Batch them apart."
        )


def pad_tokens(samples: Sequence[Mapping[str, Any]], tokenizer: Any, form: Form) -> dict[str, Any]:
    """Make rectangles of the samples' tokens; nothing is ever cut.

    Args:
        samples: ``input_ids`` of each ``(tokens,)``, and of all or none ``labels``; an
            ``attention_mask`` where some tokens are padding already.
        tokenizer: See :func:`pad_samples`, as for what follows.
        form: If it says no side, that is right where there are labels, else left.

    Returns:
        ``input_ids``, ``attention_mask`` and, where there are any, ``labels``, all ``(batch,
        sequence)`` int64. Rows of unlike length that are not padded are lists.

    Raises:
        ValueError: A sample is too long or its columns are not of one length, there is no limit to
            fill up to, or rows of unlike length are to be a tensor.
    """
    has_labels = "labels" in samples[0]
    side = form.padding_side
    side = side or ("right" if has_labels else "left")
    limit = form.limit(tokenizer)
    rows = [token_columns(sample, index) for index, sample in enumerate(samples)]
    for index, row in enumerate(rows):
        n_tokens = len(row["input_ids"])
        n_answer = int((row["labels"] != -100).sum()) if has_labels else 0
        if n_tokens > limit:
            raise ValueError(
                f"sample {index} is too long: got {n_tokens - n_answer} tokens of prompt and "
                f"{n_answer} of answer, expected {limit} at most. Shorten its transcript or "
                "raise `max_length`."
            )
    lengths = [len(row["input_ids"]) for row in rows]
    if form.padding == "do_not_pad" and len(set(lengths)) > 1:
        if form.return_tensors is not None:
            raise ValueError(
                f"samples of unlike length make no tensor: got {lengths} tokens without padding, "
                "expected one length. Pass `padding=True`, or `return_tensors=None` for lists."
            )
        return {name: [row[name].tolist() for row in rows] for name in rows[0]}
    width = form.width(lengths, limit)
    fill = {**FILL, "input_ids": tokenizer.pad_token_id}
    return {name: _fill([row[name] for row in rows], fill[name], width, side) for name in rows[0]}


def stack_media(samples: Sequence[Mapping[str, Any]]) -> dict[str, np.ndarray]:
    """Stack the samples' media, zeros for a sample without one.

    Args:
        samples: Keys of ``MASKS``, where a sample has such a modality. One whose own mask says
            False has none.

    Returns:
        Each modality that any sample has, ``(batch, ...)``, and its mask ``(batch,)`` bool.

    Raises:
        ValueError: A modality has another shape in one sample than in another, comes as media in
            one and as features in another, or features are not to be used.
    """
    batch: dict[str, np.ndarray] = {}
    for name, mask in MASKS.items():
        rows = [
            _media_row(sample, name, index)
            if name in sample and (mask is None or sample.get(mask, True))
            else None
            for index, sample in enumerate(samples)
        ]
        shapes = {row.shape for row in rows if row is not None}
        if len(shapes) > 1:
            raise ValueError(
                f"samples have `{name}` of several shapes: got {sorted(shapes)}, expected one. "
                "Make them with one processor."
            )
        if shapes:
            blank = np.zeros_like(next(row for row in rows if row is not None))
            batch[name] = np.stack([blank if row is None else row for row in rows])
            if mask is not None:
                batch[mask] = np.array([row is not None for row in rows])
    for media, features in _EITHER:
        if media in batch and features in batch:
            raise ValueError(
                f"samples mix media and features: got `{media}` in some and `{features}` in "
                "others, expected one of them in a batch. Batch them apart."
            )
    return batch


def _media_row(sample: Mapping[str, Any], name: str, index: int) -> np.ndarray:
    if name in FEATURES:
        return as_float32(sample[name], f"`{name}` of sample {index}")
    return np.asarray(sample[name])


def token_columns(sample: Mapping[str, Any], index: int) -> dict[str, np.ndarray]:
    """The columns of one sample's tokens as arrays, the attention mask among them.

    Raises:
        ValueError: They are no rows of one length.
    """
    row = {name: np.asarray(sample[name]) for name in FILL if name in sample}
    if "input_ids" in row:
        row.setdefault("attention_mask", np.ones_like(row["input_ids"]))
    shapes = {name: column.shape for name, column in row.items()}
    if "input_ids" not in row or row["input_ids"].ndim != 1 or len(set(shapes.values())) > 1:
        raise ValueError(
            f"sample {index} has no row of tokens: got shapes {shapes}, expected `input_ids` "
            "(tokens,) and others as long. Pass samples without the batch axis."
        )
    return row


def _fill(rows: Sequence[np.ndarray], value: int, width: int, side: str) -> np.ndarray:
    out = np.full((len(rows), width), value, dtype=np.int64)
    for target, row in zip(out, rows, strict=True):
        if side == "right":
            target[: len(row)] = row
        else:
            target[width - len(row) :] = row
    return out
