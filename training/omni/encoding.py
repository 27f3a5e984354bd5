"""One clip with its question and answer as the tensors of a chat model's own processor."""

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import torch

from affecthub.training.asking.asks import Ask
from affecthub.training.omni.families import ChatFamily
from affecthub.training.omni.recipe import FramesRecipe
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
        processor: The model's.
        family: Of the model.
        in_video: Whether sound stands between the frames of the film it belongs to; a clip that
            has no film has it by itself.
        frames: How large frames are shown.
    """

    processor: Any
    family: ChatFamily
    in_video: bool = False
    frames: FramesRecipe = field(default_factory=FramesRecipe)

    @property
    def rate_hz(self) -> int:
        """Samples a second that the model hears."""
        return int(self.processor.feature_extractor.sampling_rate)

    @property
    def longest_s(self) -> float:
        """Seconds that the feature extractor takes; it cuts off what is longer."""
        extractor = self.processor.feature_extractor
        return float(extractor.n_samples / extractor.sampling_rate)

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
                f"{whole[len(asked) - 30 :]!r} where {asked[-30:]!r} asks, expected the answer after "
                f"{self.family.header!r}. Take a model that was tuned to instructions."
            )
        if end not in self.processor.tokenizer.all_special_tokens:
            raise ValueError(
                f"the chat template ends no answer: got {end!r} after it, expected a special token."
            )
        return end

    def asked(self, ask: Ask) -> str:
        """The conversation up to where the answer begins, with a place for each medium.

        Raises:
            ValueError: What is asked holds a special token, which would pose as a medium or a turn.
        """
        self._require_plain(ask.question + ask.system, "its question")
        content: list[dict[str, Any]] = []
        if ask.film is not None:
            content.append({"type": "video", "video": ""})
        if ask.sound is not None and not self.interleaves(ask):
            content.append({"type": "audio", "audio": ""})
        content.append({"type": "text", "text": ask.question})
        messages: list[dict[str, Any]] = [{"role": "user", "content": content}]
        if ask.system:
            said = [{"type": "text", "text": ask.system}]
            messages.insert(0, {"role": "system", "content": said})
        return self._template(messages, ask=True)

    def interleaves(self, ask: Ask) -> bool:
        """Whether the sound of a clip stands between its frames."""
        return self.in_video and ask.film is not None and ask.sound is not None

    def encode(self, ask: Ask, answer: str | None = None) -> dict[str, torch.Tensor]:
        """Tensors of one clip.

        Args:
            ask: The question and the media.
            answer: What is to be said; None where it is asked for.

        Returns:
            The processor's tensors for a batch of one, with the batch axis: ``input_ids`` and
            ``attention_mask`` of shape (1, n_tokens); of media whatever the model takes. With
            an answer ``labels``, which mask all but the answer and the token that ends it.
            ``interleaved``, see `INTERLEAVED`.

        Raises:
            ValueError: The answer or the question holds a special token, or the tokens of the
                answer are not the last.
        """
        text = self.asked(ask)
        if answer is not None:
            self._require_plain(answer, "its answer")
            text += answer + self.end
        batch = dict(self.processor(text=[text], **self._media(ask)))
        tensors = {key: torch.as_tensor(value) for key, value in batch.items()}
        tensors[INTERLEAVED] = torch.tensor([self.interleaves(ask)])
        if answer is not None:
            tensors["labels"] = self._labels(tensors["input_ids"], answer)
        return tensors

    def _media(self, ask: Ask) -> dict[str, Any]:
        """What the processor is given of sound and film."""
        given: dict[str, Any] = {"return_tensors": "pt", "padding": True}
        if ask.sound is not None:
            given["audio"] = [ask.sound.wave]
            given["sampling_rate"] = ask.sound.rate_hz
        if ask.film is not None:
            size = {"shortest_edge": self.frames.min_pixels, "longest_edge": self.frames.max_pixels}
            given |= {"videos": [ask.film.frames], "fps": ask.film.fps, "size": size}
            given["do_sample_frames"] = False
        if self.interleaves(ask):
            given |= {"load_audio_from_video": True, "audio_from_video_indices": [0]}
        return given

    def _labels(self, input_ids: torch.Tensor, answer: str) -> torch.Tensor:
        """The answer and its end; everything up to the last header of an answer is masked."""
        tokenizer = self.processor.tokenizer
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
        text: str = self.processor.apply_chat_template(
            messages, tokenize=False, add_generation_prompt=ask
        )
        return text

    @cached_property
    def _special(self) -> re.Pattern[str]:
        tokens = self.processor.tokenizer.all_special_tokens
        return re.compile("|".join(re.escape(each) for each in sorted(tokens, key=len)[::-1]))

    def _require_plain(self, text: str, what: str) -> None:
        found = self._special.search(text)
        if found:
            raise ValueError(
                f"{what} holds a special token: got {found[0]!r}, expected words alone. Take it "
                "out of the corpus' text."
            )
