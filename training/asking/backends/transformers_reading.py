"""What a chat model is given of a question: its prompt and its clip's media, as tensors.

A clip is read by itself, so that its own frame rate and length hold and what is wrong with it is
its own; batches are put together afterwards.
"""

import logging
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import torch

from affecthub.training.asking.asks import Ask, Film, Kind
from affecthub.training.asking.backends.transformers_batches import collate, sizes
from affecthub.training.asking.backends.transformers_frames import NeedsTorchvision
from affecthub.training.asking.backends.transformers_messages import ChatTemplate, Part
from affecthub.training.asking.backends.transformers_processors import tokenizer_of
from affecthub.training.asking.backends.transformers_sounds import (
    Hearing,
    LongSound,
    feature_extractor_of,
)

SoundPlace = Literal["slot", "in_video"]
FilmForm = Literal["video", "images"]
# Pixels of a frame: a face and a body are seen in 64 tokens a pair of frames.
FRAME_PIXELS = (784 * 16, 784 * 64)
TORCHVISION = (
    "Install the torchvision that belongs to your torch (pip install torchvision --index-url "
    "https://download.pytorch.org/whl/cpu beside a torch for CPUs: PyPI's own is for CUDA, and "
    "beside another torch transformers cannot be imported)."
)
_log = logging.getLogger(__name__)


class ChatReader:
    """Questions to tensors, for one model.

    Args:
        processor: Of `load_processor`.
        sound: "slot" gives sound a place of its own beside the film; "in_video" weaves it into
            the film, second by second, in models that can.
        film: "video" hands a film over as one, "images" its frames as images, one by one; None
            takes "video" where the model has it.
        long_sound: What to do with sound that the processor would cut: "refuse" or "split".
        frame_pixels: Least and most pixels of a frame, for Qwen's processors; others' own hold.
        template: See `ChatTemplate`.

    Attributes:
        takes: The media the model can be handed.

    Raises:
        ValueError: The model cannot be asked so.
    """

    def __init__(
        self,
        processor: Any,
        *,
        sound: SoundPlace = "slot",
        film: FilmForm | None = None,
        long_sound: LongSound = "refuse",
        frame_pixels: tuple[int, int] = FRAME_PIXELS,
        template: str | None = None,
    ) -> None:
        self.processor, self.tokenizer = processor, tokenizer_of(processor)
        self.template = ChatTemplate(processor, template)
        self.sound, self.frame_pixels = sound, frame_pixels
        videos = getattr(processor, "video_processor", None)
        images = getattr(processor, "image_processor", None)
        usable = {
            "video": videos is not None and not isinstance(videos, NeedsTorchvision),
            "images": images is not None and not isinstance(images, NeedsTorchvision),
        }
        self.film: FilmForm = film or ("video" if usable["video"] else "images")
        sees = usable[self.film]
        if film and not sees:
            raise ValueError(
                f"this model cannot be handed films as {film}: {type(processor).__name__} has no "
                f"processor for them, or none without torchvision. {TORCHVISION}"
            )
        if isinstance(videos, NeedsTorchvision) and not film:
            instead = "as images, frame by frame" if sees else "not at all"
            _log.warning(
                "%s needs torchvision, which is not installed: this model is handed films %s. %s",
                *(videos.stands_for, instead, TORCHVISION),
            )
        # What processors of omni models have, and no others.
        weaves = hasattr(processor, "load_audio_from_video")
        if sound == "in_video" and not (weaves and sees):
            raise ValueError(
                'sound cannot be woven into films for this model: got `sound="in_video"` and '
                f"{type(processor).__name__}, expected an omni model's. "
                'Give it a place of its own by `sound="slot"`.'
            )
        if sound == "in_video" and self.film == "images":
            raise ValueError('sound is woven into films, not into images: pass `film="video"`.')
        taken: dict[Kind, bool] = {
            "audio": feature_extractor_of(processor) is not None,
            "video": sees,
        }
        self.takes = frozenset(kind for kind, does in taken.items() if does)
        if "audio" in self.takes:
            counted = getattr(processor, "audio_token_id", None) is not None
            self.hearing = Hearing(processor, long_sound, self._count if counted else None)

    def weaves(self, ask: Ask) -> bool:
        """Whether this question's sound is woven into its film.

        The processor lays out the tokens by it and the model their positions, by a flag of its
        own, ``use_audio_in_video``: one without the other goes wrong without an error.
        """
        return self.sound == "in_video" and ask.kinds == {"audio", "video"}

    def prompt(self, ask: Ask) -> str:
        """The words of a question, with a placeholder for each of its media."""
        return self.template.write(ask, self._media(ask)[0])

    def inputs(self, ask: Ask, answer: str = "") -> dict[str, Any]:
        """The tensors of one question, a batch of one.

        Args:
            ask: With media that the model takes.
            answer: What follows the prompt, for training; its end is the caller's to add.

        Returns:
            `input_ids` and `attention_mask` of shape (1, n_tokens), and the media's tensors.

        Raises:
            ValueError: Media the model does not take, sound that is too long, or words that would
                be taken for the chat's own marks.
        """
        if strange := ask.kinds - self.takes:
            raise ValueError(
                f"this model does not take {' and '.join(sorted(strange))}: got it with "
                f"{ask.clip_id}, expected {' and '.join(sorted(self.takes)) or 'text alone'}."
            )
        for mark in self.tokenizer.all_special_tokens:
            if mark in ask.question or mark in ask.system or mark in answer:
                raise ValueError(
                    f"the words of {ask.clip_id} hold a mark of the chat itself: got {mark!r} in "
                    "them, which the model would not read as words. Take it out of the text."
                )
        parts, media = self._media(ask)
        text = self.template.write(ask, parts) + answer
        bos = self.tokenizer.bos_token
        begun = {"add_special_tokens": not (bos and text.startswith(bos))}
        if self.processor is self.tokenizer:
            return dict(self.tokenizer([text], return_tensors="pt", **begun))
        read = self.processor(text=[text], text_kwargs=begun, return_tensors="pt", **media)
        tensors = {name: _tensor(each) for name, each in read.items() if name != "video_metadata"}
        if ask.sound is not None and self.hearing.count is not None:
            self.hearing.check(ask.sound, ask.clip_id, self._n_heard(tensors["input_ids"]))
        return tensors

    def batch_key(self, ask: Ask, tensors: dict[str, Any]) -> tuple[Any, ...]:
        """What clips of one batch have in common.

        Args:
            ask: A question.
            tensors: What `inputs` gave for it.

        Returns:
            Its kinds of media, whether sound is woven into film, and its tensors' sizes.
        """
        return (*sorted(ask.kinds), self.weaves(ask), *sizes(tensors))

    def collate(self, clips: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """One batch of clips of one `batch_key`; see `transformers_batches.collate`."""
        return collate(clips, self.tokenizer.pad_token_id or 0)

    def _media(self, ask: Ask) -> tuple[tuple[Part, ...], dict[str, Any]]:
        """The kinds of a question's media, in order, and what the processor is called with."""
        parts: list[Part] = []
        given: dict[str, Any] = {}
        if ask.film is not None:
            if self.film == "video":
                parts.append("video")
                given |= self._video(ask.film)
            else:
                parts += ["image"] * len(ask.film.frames)
                given |= {"images": [list(ask.film.frames)]}
                if "Qwen" in type(self.processor.image_processor).__name__:
                    given["images_kwargs"] = {"size": self._size(1)}
        if ask.sound is not None:
            woven = self.weaves(ask)
            waves = self.hearing.pieces(ask.sound, ask.clip_id, splits=not woven)
            settings = {"sampling_rate": self.hearing.rate_hz}
            given |= {"audio": waves, "audio_kwargs": settings}
            if woven:
                given |= {"load_audio_from_video": True, "audio_from_video_indices": [0]}
            else:
                parts += ["audio"] * len(waves)
        return tuple(parts), given

    def _video(self, film: Film) -> dict[str, Any]:
        """A film and what is to be known of its frames: those that write times read them there."""
        frames = film.frames
        if len(frames) == 1:
            # Vision towers take frames by pairs.
            frames = np.repeat(frames, 2, axis=0)
        metadata = {
            "total_num_frames": len(frames),
            "fps": film.fps,
            "duration": len(frames) / film.fps,
            "frames_indices": list(range(len(frames))),
        }
        settings = {"do_sample_frames": False, "fps": film.fps, "video_metadata": [metadata]}
        kind = type(self.processor.video_processor)
        name = getattr(self.processor.video_processor, "stands_for", kind.__name__)
        if name == "Qwen3VLVideoProcessor":
            settings["size"] = self._size(len(frames))
        elif name == "Qwen2VLVideoProcessor":
            settings["size"] = self._size(1)
        return {"videos": [frames], "videos_kwargs": settings}

    def _size(self, n_frames: int) -> dict[str, int]:
        """Bounds of pixels as Qwen's processors have them."""
        least, most = self.frame_pixels
        return {"shortest_edge": least * n_frames, "longest_edge": most * n_frames}

    def _count(self, n_samples: int) -> int:
        """Tokens that stand for so many samples of silence."""
        text = self.template.write(Ask("silence", "?"), ("audio",))
        settings = {"sampling_rate": feature_extractor_of(self.processor).sampling_rate}
        silence = [np.zeros(n_samples, np.float32)]
        read = self.processor(
            text=[text], audio=silence, audio_kwargs=settings, return_tensors="pt"
        )
        return self._n_heard(read["input_ids"])

    def _n_heard(self, ids: torch.Tensor) -> int:
        """How many tokens stand for sound."""
        return int((ids == self.processor.audio_token_id).sum())


def _tensor(value: Any) -> Any:
    """Numbers as a tensor; what is ragged stays a list."""
    if isinstance(value, torch.Tensor):
        return value
    try:
        return torch.as_tensor(np.asarray(value))
    except (TypeError, ValueError):
        return list(value)
