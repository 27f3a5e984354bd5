"""Answers of a chat model to a batch of one kind of media, and what they cost."""

import copy
import hashlib
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from affecthub.training.asking.asks import Ask, Reply
from affecthub.training.asking.backends.transformers_reading import ChatReader

# Sampling by temperature alone: what a model's own settings add to it is switched off. None would
# not do: transformers puts the model's own in its place.
_OFF = {"top_p": 1.0, "typical_p": 1.0, "min_p": 0.0, "epsilon_cutoff": 0.0, "eta_cutoff": 0.0}
# Says nothing of what is answered, or is said by the backend itself.
_NOT_NAMED = {
    *("transformers_version", "_from_model_config", "use_cache", "cache_implementation"),
    *("bos_token_id", "pad_token_id", "suppress_tokens", "do_sample", "top_k", *_OFF),
    *("max_new_tokens", "temperature", "return_dict_in_generate"),
}


@dataclass(frozen=True)
class Generation:
    """How answers are written.

    Attributes:
        max_new_tokens: Longest answer.
        temperature: None is greedy.
        seed: Of sampling.
    """

    max_new_tokens: int = 256
    temperature: float | None = None
    seed: int | None = None

    def __post_init__(self) -> None:
        """Check that they go together."""
        if self.temperature is None and self.seed is not None:
            raise ValueError(
                f"a seed is of sampling: got seed={self.seed} without a temperature. Give one, or "
                "leave out the seed: greedy answers need none."
            )
        if self.temperature is not None and self.temperature <= 0:
            raise ValueError(
                f"`temperature` is above 0: got {self.temperature}. Leave it out to answer "
                "greedily."
            )


class Writer:
    """Lets a model answer batches.

    Args:
        model: In eval mode, where it is to compute.
        reader: Its reader.
        media_tokens: What it must not write: a placeholder among the words breaks its positions.
        how: Greedy or sampled, and how long.
    """

    def __init__(
        self, model: Any, reader: ChatReader, media_tokens: Sequence[int], how: Generation
    ) -> None:
        self.model, self.reader, self.how = model, reader, how
        own = copy.deepcopy(model.generation_config)
        sampled = how.temperature is not None
        for name, value in _OFF.items():
            setattr(own, name, value if sampled else None)
        own.top_k = 0 if sampled else None
        own.temperature = how.temperature if sampled else 1.0
        own.do_sample = sampled
        own.num_beams = own.num_return_sequences = 1
        own.max_length = None
        own.max_new_tokens = how.max_new_tokens
        own.suppress_tokens = sorted({*media_tokens, *(own.suppress_tokens or ())}) or None
        tokenizer = reader.tokenizer
        stated = own.eos_token_id
        # A thinker taken out of its checkpoint comes without ends of its own.
        ends = {*(stated if isinstance(stated, list) else [stated]), tokenizer.eos_token_id}
        self.ends = ends - {None}
        own.eos_token_id = sorted(self.ends) or None
        if own.pad_token_id is None:
            own.pad_token_id = tokenizer.pad_token_id
        if own.pad_token_id is None and self.ends:
            own.pad_token_id = min(self.ends)
        self.config = own

    def settings(self) -> dict[str, Any]:
        """What answers depend on, for the backend's name."""
        stated = self.config.to_diff_dict()
        said = {name: value for name, value in stated.items() if name not in _NOT_NAMED}
        said["max_new_tokens"] = self.how.max_new_tokens
        if self.how.temperature is not None:
            said |= {"temperature": self.how.temperature, "seed": self.how.seed or 0}
        return {name: value for name, value in said.items() if value not in (None, False)}

    def write(self, batch: Sequence[tuple[Ask, dict[str, Any]]]) -> list[Reply]:
        """Replies to questions of one kind of media, in order.

        Where memory does not suffice the batch is halved, and its halves; a single clip that is
        too large has that as its error.

        Args:
            batch: Questions, with what the reader made of them.
        """
        try:
            return self._written(batch)
        except (torch.OutOfMemoryError, RuntimeError) as error:
            if not _is_memory(error):
                raise
            reason = str(error).splitlines()[0]
        # Outside of the handler: its traceback holds what filled the memory.
        _free()
        if len(batch) == 1:
            return [Reply(error=f"out of memory for this clip alone: {reason}")]
        half = len(batch) // 2
        return self.write(batch[:half]) + self.write(batch[half:])

    @torch.inference_mode()
    def _written(self, batch: Sequence[tuple[Ask, dict[str, Any]]]) -> list[Reply]:
        """Replies to a batch that fits."""
        clips = self.reader.collate([tensors for _, tensors in batch])
        inputs = {name: _at(each, self.model) for name, each in clips.items()}
        weaves = {self.reader.weaves(ask) for ask, _ in batch}
        if len(weaves) != 1:
            raise ValueError("clips with and without woven sound do not go in one batch.")
        flags = {"use_audio_in_video": True} if weaves == {True} else {}
        with self._seeded([ask.clip_id for ask, _ in batch]):
            tokens = self.model.generate(**inputs, **flags, generation_config=self.config)
        said = tokens[:, inputs["input_ids"].shape[1] :].tolist()
        n_in = clips["attention_mask"].sum(dim=1).tolist()
        return [self._reply(row, n) for row, n in zip(said, n_in, strict=True)]

    def _reply(self, row: list[int], n_in: int) -> Reply:
        """One row's answer, up to its end."""
        stop = next((place for place, token in enumerate(row) if token in self.ends), None)
        words = row if stop is None else row[:stop]
        text = self.reader.tokenizer.decode(words, skip_special_tokens=True)
        return Reply(
            text=text,
            n_in=int(n_in),
            n_out=len(words),
            cut=stop is None and len(row) >= self.how.max_new_tokens,
        )

    @contextmanager
    def _seeded(self, clip_ids: Sequence[str]) -> Any:
        """Sampling that depends on the seed and on the batch, not on what was asked before."""
        if self.how.temperature is None:
            yield
            return
        said = f"{self.how.seed or 0} {' '.join(clip_ids)}"
        seed = int.from_bytes(hashlib.sha256(said.encode()).digest()[:4])
        device = self.model.device
        with torch.random.fork_rng([device] if device.type == "cuda" else []):
            torch.manual_seed(seed)
            yield


def _at(value: Any, model: Any) -> Any:
    """A tensor where the model computes, numbers with a point in its format."""
    if isinstance(value, list):
        return [_at(each, model) for each in value]
    if not isinstance(value, torch.Tensor):
        return value
    number = model.dtype if value.is_floating_point() and value.ndim > 1 else None
    return value.to(model.device, number)


def _is_memory(error: BaseException) -> bool:
    """Whether an error says that memory did not suffice, on a GPU or the CPU."""
    return isinstance(error, torch.OutOfMemoryError) or "can't allocate memory" in str(error)


def _free() -> None:
    """Give back what a failed batch held."""
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
