"""One clip with its question and its answer as the tensors that a chat model learns from."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import torch

from affecthub.training.asking.asks import Ask
from affecthub.training.asking.backends.transformers_reading import ChatReader
from affecthub.training.omni.families import ChatFamily
from affecthub.training.order import IGNORED

# The answer that stands where the true one goes, to see what the template writes around it.
_STAND_IN = "answer"
# Whether the sound stands between the film's frames: of one example, and told to the model by the
# batch. Both are set from this one value.
INTERLEAVED = "interleaved"


@dataclass(frozen=True)
class Encoder:
    """Makes tensors of a question to a clip, and of the answer to it.

    Attributes:
        reader: Writes the question and reads the media, as it does where the model is asked.
        family: Of the model.
    """

    reader: ChatReader
    family: ChatFamily

    @cached_property
    def end(self) -> str:
        """What the chat template writes after an answer: the token that ends a turn.

        Raises:
            ValueError: The template does not begin an answer as it asks for one, or ends none.
        """
        turn = [{"role": "user", "content": [{"type": "text", "text": "?"}]}]
        asked = self._template(turn, ask=True)
        answered = [*turn, {"role": "assistant", "content": [{"type": "text", "text": _STAND_IN}]}]
        whole = self._template(answered, ask=False)
        end = whole.removeprefix(asked + _STAND_IN).strip()
        if not whole.startswith(asked + _STAND_IN) or not asked.endswith(self.family.header):
            raise ValueError(
                f"the chat template writes answers otherwise than it asks for them: got "
                f"{whole[max(0, len(asked) - 30) :]!r} where {asked[-30:]!r} asks, expected the "
                f"answer after {self.family.header!r}. Take a model that was tuned to instructions."
            )
        if end not in self.reader.tokenizer.all_special_tokens:
            raise ValueError(
                f"the chat template ends no answer: got {end!r} after it, expected a special token."
            )
        return end

    def encode(self, ask: Ask, answer: str) -> dict[str, torch.Tensor]:
        """Tensors of one clip.

        Args:
            ask: The question and the media.
            answer: What is to be said.

        Returns:
            What `ChatReader.inputs` gives for the question and the answer, with the token that ends
            it; ``labels`` of shape (1, n_tokens), which mask all before the answer; and
            ``interleaved``, see `INTERLEAVED`.

        Raises:
            ValueError: See `ChatReader.inputs`; or the tokens of the answer are not the last.
        """
        tensors = self.reader.inputs(ask, answer)
        end = self.reader.tokenizer.convert_tokens_to_ids(self.end)
        for name, value in (("input_ids", end), ("attention_mask", 1), ("mm_token_type_ids", 0)):
            if name in tensors:
                tensors[name] = torch.nn.functional.pad(tensors[name], (0, 1), value=value)
        tensors["labels"] = self._labels(tensors["input_ids"], answer)
        tensors[INTERLEAVED] = torch.tensor([self.reader.weaves(ask)])
        return tensors

    def _labels(self, input_ids: torch.Tensor, answer: str) -> torch.Tensor:
        """The answer and its end; everything up to the last header of an answer is masked."""
        tokenizer = self.reader.tokenizer
        ids = input_ids[0].tolist()
        header = tokenizer.encode(self.family.header, add_special_tokens=False)
        said = tokenizer.encode(answer + self.end, add_special_tokens=False)
        n = len(ids) - len(said)
        if ids[n:] != said or ids[n - len(header) : n] != header:
            raise ValueError(
                f"the answer's tokens are not the last of the conversation: got "
                f"{tokenizer.decode(ids[n - len(header) :])!r}, expected {answer + self.end!r} "
                f"after {self.family.header!r}."
            )
        labels = torch.full_like(input_ids, IGNORED)
        labels[0, n:] = input_ids[0, n:]
        return labels

    def _template(self, messages: list[dict[str, Any]], *, ask: bool) -> str:
        text: str = self.reader.processor.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=ask
        )
        return text
