"""What a chat model is given of a question: its prompt and its clip's media, as tensors.

A clip is read by itself, so that its own frame rate and length hold and what is wrong with it is
its own; batches are put together afterwards.
"""

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import torch
from transformers.processing_utils import OmniModalProcessorMixin

from affecthub.training.asking.asks import Ask, Film, Kind, Sound
from affecthub.training.asking.backends.transformers_frames import NoFilms
from affecthub.training.asking.backends.transformers_messages import ChatTemplate, Part
from affecthub.training.asking.backends.transformers_processors import tokenizer_of
from affecthub.training.asking.backends.transformers_sounds import LongSound, heard, hearing_of

SoundPlace = Literal["slot", "in_video"]
FilmForm = Literal["video", "images"]
# Pixels of a frame: a face and a body are seen in 64 tokens a pair of frames.
FRAME_PIXELS = (784 * 16, 784 * 64)
_PER_TOKEN = ("input_ids", "attention_mask", "mm_token_type_ids", "token_type_ids")
# How many tokens of sound a piece may differ from its length.
_ROUNDING = 3


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
        self.sound, self.long_sound, self.frame_pixels = sound, long_sound, frame_pixels
        videos = getattr(processor, "video_processor", None)
        images = getattr(processor, "image_processor", None)
        has_videos = videos is not None and not isinstance(videos, NoFilms)
        self.film: FilmForm = film or ("video" if has_videos or images is None else "images")
        sees = has_videos if self.film == "video" else images is not None
        if film and not sees:
            why = f": {videos.stands_for} needs torchvision" if isinstance(videos, NoFilms) else ""
            raise ValueError(
                f"this model cannot be handed films as {film}: got "
                f"{type(processor).__name__} without a processor for them{why}."
            )
        if sound == "in_video" and not (isinstance(processor, OmniModalProcessorMixin) and sees):
            raise ValueError(
                'sound cannot be woven into films for this model: got `sound="in_video"` and '
                f"{type(processor).__name__}, expected an omni model's. "
                'Give it a place of its own by `sound="slot"`.'
            )
        if sound == "in_video" and self.film == "images":
            raise ValueError('sound is woven into films, not into images: pass `film="video"`.')
        self.takes: frozenset[Kind] = frozenset(
            ({"audio"} if hearing_of(processor) is not None else set())
            | ({"video"} if sees else set())
        )
        self._tokens_per_s: float | None = None

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
        if ask.sound is not None:
            self._check_sound(ask, tensors["input_ids"])
        return tensors

    def collate(self, clips: Sequence[dict[str, Any]]) -> dict[str, Any]:
        """One batch of clips of the same media, padded on the left.

        Args:
            clips: What `inputs` gave, in order.

        Raises:
            ValueError: They are not of the same media.
        """
        names = {tuple(sorted(clip)) for clip in clips}
        if len(names) != 1:
            raise ValueError(
                f"clips of different media do not go in one batch: got {sorted(names)}. Group them."
            )
        fill = {"input_ids": self.tokenizer.pad_token_id or 0}
        batch = {}
        for name in clips[0]:
            values = [clip[name] for clip in clips]
            if name in _PER_TOKEN:
                batch[name] = _left_padded(values, fill.get(name, 0))
            elif isinstance(values[0], torch.Tensor):
                batch[name] = _stacked(values)
            else:
                batch[name] = [each for value in values for each in value]
        return batch

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
            waves = heard(
                ask.sound,
                self.processor,
                long_sound=self.long_sound,
                name=ask.clip_id,
                splits=not woven,
            )
            given |= {
                "audio": waves,
                "audio_kwargs": {"sampling_rate": hearing_of(self.processor).sampling_rate},
            }
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

    def _check_sound(self, ask: Ask, ids: torch.Tensor) -> None:
        """Whether as many tokens stand for a sound as its length makes."""
        token = getattr(self.processor, "audio_token_id", None)
        if token is None or ask.sound is None:
            return
        if self._tokens_per_s is None:
            self._tokens_per_s = self._measured(token)
        n_tokens = int((ids == token).sum())
        expected = self._tokens_per_s * ask.sound.seconds
        if n_tokens < 0.98 * expected - _ROUNDING:
            raise ValueError(
                f"the sound of {ask.clip_id} was cut: got {n_tokens} tokens of "
                f"{ask.sound.seconds:.1f} s, expected about {expected:.0f}."
            )

    def _measured(self, token: int) -> float:
        """Tokens that a second of sound makes; 0 where their number does not grow with it."""
        rate = hearing_of(self.processor).sampling_rate
        counts = []
        for seconds in (2, 4):
            silence = Sound(np.zeros(seconds * rate, np.float32), rate)
            parts, media = self._media(Ask("silence", "?", sound=silence))
            text = self.template.write(Ask("silence", "?"), parts)
            read = self.processor(text=[text], return_tensors="pt", **media)
            counts.append(int((read["input_ids"] == token).sum()))
        return (counts[1] - counts[0]) / 2


def _tensor(value: Any) -> Any:
    """Numbers as a tensor; what is ragged stays a list."""
    if isinstance(value, torch.Tensor):
        return value
    try:
        return torch.as_tensor(np.asarray(value))
    except (TypeError, ValueError):
        return list(value)


def _left_padded(rows: Sequence[torch.Tensor], fill: int) -> torch.Tensor:
    """Rows of tokens, each ending where the longest does."""
    longest = max(row.shape[1] for row in rows)
    padded = rows[0].new_full((len(rows), longest), fill)
    for place, row in enumerate(rows):
        padded[place, longest - row.shape[1] :] = row[0]
    return padded


def _stacked(parts: Sequence[torch.Tensor]) -> torch.Tensor:
    """Media one after the other; where they are of different length, zeros follow the shorter."""
    if len({part.shape[1:] for part in parts}) == 1:
        return torch.cat(list(parts))
    shape = [max(sizes) for sizes in zip(*(part.shape[1:] for part in parts), strict=True)]
    whole = parts[0].new_zeros((sum(len(part) for part in parts), *shape))
    start = 0
    for part in parts:
        place = tuple(slice(size) for size in part.shape[1:])
        whole[(slice(start, start + len(part)), *place)] = part
        start += len(part)
    return whole
