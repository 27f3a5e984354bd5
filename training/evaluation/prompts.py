"""What a model is asked: prompts from what trainers are given, always without the answer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

# Columns that mark the answer's tokens: labels by what is not masked, masks by what is set.
_MASKED = -100
_ANSWER_MASKS = ("completion_mask", "assistant_masks")


def prompt_of(item: Any) -> Any:
    """The prompt of one clip, cut off where the answer begins.

    Args:
        item: A text; messages, whose last turn is left out where it is the assistant's; a row with
            ``prompt`` or ``messages``; or an example with ``input_ids``, from which all is cut from
            the first token on that ``labels``, ``completion_mask`` or ``assistant_masks`` say is
            the answer's.

    Returns:
        A text, messages, or an example without labels.

    Raises:
        ValueError: Nothing is left: the labels hold the prompt too.
        TypeError: It is none of these.

    Example:
        >>> prompt_of({"input_ids": [5, 6, 7, 8], "labels": [-100, -100, 7, 8]})
        {'input_ids': [5, 6]}
        >>> prompt_of([{"role": "user", "content": "?"}, {"role": "assistant", "content": "joy"}])
        [{'role': 'user', 'content': '?'}]
    """
    if isinstance(item, str):
        return item
    if isinstance(item, Mapping):
        if "input_ids" in item:
            return _cut(item)
        for column in ("prompt", "messages"):
            if column in item:
                return prompt_of(item[column])
    elif isinstance(item, Sequence) and item and isinstance(item[0], Mapping):
        return list(item[:-1] if item[-1].get("role") == "assistant" else item)
    raise TypeError(
        f"no prompt to ask: got {_kind(item)}, expected a text, messages, a row with `prompt` or "
        "`messages`, or an example with `input_ids`. Make batches of anything else by `collate`."
    )


def collate_prompts(processing_class: Any) -> Callable[[Sequence[Any]], Any]:
    """What makes a batch of prompts for ``generate``, short ones filled on the left.

    Args:
        processing_class: A tokenizer, or a processor. One with a ``pad`` that takes samples of all
            modalities, as AffectGPT's, is left to it.

    Raises:
        ValueError: There is none.
    """
    if processing_class is None:
        raise ValueError(
            "nothing makes prompts a batch: got a trainer without `processing_class`, expected a "
            "tokenizer or a processor there. Give it, or `collate`."
        )
    tokenizer = getattr(processing_class, "tokenizer", processing_class)

    def collate(prompts: Sequence[Any]) -> Any:
        if isinstance(prompts[0], Mapping):
            if processing_class is not tokenizer:
                return processing_class.pad(list(prompts))
            rows = [
                {key: row[key] for key in ("input_ids", "attention_mask") if key in row}
                for row in prompts
            ]
            return tokenizer.pad(rows, padding_side="left", return_tensors="pt")
        texts = list(prompts)
        told = isinstance(texts[0], str)
        if not told:
            texts = processing_class.apply_chat_template(
                texts, add_generation_prompt=True, tokenize=False
            )
        return tokenizer(
            texts,
            padding=True,
            padding_side="left",
            return_tensors="pt",
            add_special_tokens=told,  # a chat template writes its own
        )

    return collate


def require_no_answer(batch: Mapping[str, Any]) -> None:
    """Refuse a batch whose labels stand in its own prompt.

    Raises:
        ValueError: Some of its tokens are the answer's.
    """
    labels = batch.get("labels")
    if labels is not None and bool((labels != _MASKED).any()):
        n_tokens = int((labels != _MASKED).sum())
        raise ValueError(
            f"the prompt holds the answer: got {n_tokens} labelled tokens in a batch to generate "
            "from, expected none. A model that is shown the answer repeats it. Let `collate` leave "
            "the answer and `labels` out."
        )


def _cut(example: Mapping[str, Any]) -> dict[str, Any]:
    """An example up to its answer, without the columns that mark it."""
    n_tokens = len(example["input_ids"])
    marks = [list(map(_is_answer, example["labels"]))] if "labels" in example else []
    marks += [list(map(bool, example[name])) for name in _ANSWER_MASKS if name in example]
    begins = min((mark.index(True) for mark in marks if True in mark), default=n_tokens)
    if begins == 0:
        raise ValueError(
            "an example has no prompt: got labels from its first token on, expected -100 there. "
            "Mask the prompt in `labels`, or give prompts without their answers."
        )
    left = {key: value for key, value in example.items() if key not in ("labels", *_ANSWER_MASKS)}
    tokens = ("input_ids", "attention_mask", "token_type_ids", "position_ids")
    return left | {key: left[key][:begins] for key in tokens if key in left}


def _is_answer(label: Any) -> bool:
    return int(label) != _MASKED


def _kind(item: Any) -> str:
    if isinstance(item, Mapping):
        return f"a row of {', '.join(map(str, item)) or 'nothing'}"
    return f"{type(item).__name__}"
