"""From clips, transcripts and questions to the tensors AffectGPT takes.

The prompt is put together part by part. Only the wording of the configuration can write control
tokens; what users say is tokenised as plain text, so a transcript that spells a placeholder stays a
transcript.
"""

from collections.abc import Sequence
from difflib import get_close_matches
from string import Formatter
from typing import Any

import numpy as np
from transformers.feature_extraction_utils import BatchFeature
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.wav2vec2.feature_extraction_wav2vec2 import Wav2Vec2FeatureExtractor
from transformers.processing_utils import ProcessorMixin

from .configuration_affectgpt import AffectGPTConfig, check_prompt, fields_of
from .media_affectgpt import Media, cut_clips, load_frames, load_waveform

FROM_VIDEO = "from_video"


class AffectGPTProcessor(ProcessorMixin):
    """Media, transcripts and questions to tensors, and token ids back to text.

    Build it with :meth:`from_config`; ``save_pretrained`` and ``from_pretrained`` do the rest.

    Args:
        image_processor: Resizes and normalises frames.
        feature_extractor: Normalises waveforms at its ``sampling_rate``.
        tokenizer: The language model's, with the three placeholders.
        prompt: This and what follows is what :class:`AffectGPTConfig` says of the same names.
    """

    def __init__(
        self,
        image_processor: Any,
        feature_extractor: Any,
        tokenizer: Any,
        prompt: Sequence[str],
        questions: dict[str, str],
        fusion: str,
        n_frames: int,
        n_audio_clips: int,
        audio_clip_samples: int,
        audio_norm: str,
        fused_token: str,
        audio_token: str,
        video_token: str,
        chat_template: str | None = None,
    ) -> None:
        check_prompt(prompt)
        self.prompt = list(prompt)
        self.questions = dict(questions)
        self.fusion = fusion
        self.n_frames = n_frames
        self.n_audio_clips = n_audio_clips
        self.audio_clip_samples = audio_clip_samples
        self.audio_norm = audio_norm
        self.fused_token = fused_token
        self.audio_token = audio_token
        self.video_token = video_token
        super().__init__(image_processor, feature_extractor, tokenizer, chat_template=chat_template)

    @classmethod
    def from_config(cls, config: AffectGPTConfig, tokenizer: Any) -> "AffectGPTProcessor":
        """Build the processor that belongs to a model.

        Args:
            config: The model's configuration.
            tokenizer: The language model's tokenizer. The three placeholders are added to it, at
                its end, unless it has them.

        Raises:
            ValueError: The placeholders get other ids than the configuration has, or the tokenizer
                ends its answers with another token than the language model.

        Differs: frames are resized straight to the vision tower's square, as the official decoder
        does, and not cropped to it.
        """
        tokens = {
            config.fused_token: config.fused_token_id,
            config.audio_token: config.audio_token_id,
            config.video_token: config.video_token_id,
        }
        tokenizer.add_tokens(list(tokens), special_tokens=True)
        got = {token: tokenizer.convert_tokens_to_ids(token) for token in tokens}
        if got != tokens:
            raise ValueError(
                f"tokenizer and configuration disagree on the placeholders: got {got}, "
                f"expected {tokens}. Set `fused_token_id`, `audio_token_id` and `video_token_id`."
            )
        ends = config.text_config.eos_token_id
        if tokenizer.eos_token_id not in (ends if isinstance(ends, list) else [ends]):
            raise ValueError(
                f"tokenizer and language model end differently: got eos {tokenizer.eos_token_id}, "
                f"expected {ends}. Set `text_config.eos_token_id` or the tokenizer's `eos_token`."
            )
        side = config.vision_config.image_size
        square = {"height": side, "width": side}
        return cls(
            CLIPImageProcessorPil(size=square, crop_size=square, do_center_crop=False),
            Wav2Vec2FeatureExtractor(
                sampling_rate=config.sampling_rate, do_normalize=config.audio_norm != "none"
            ),
            tokenizer,
            prompt=config.prompt,
            questions=config.questions,
            fusion=config.fusion,
            n_frames=config.n_frames,
            n_audio_clips=config.n_audio_clips,
            audio_clip_samples=config.audio_clip_samples,
            audio_norm=config.audio_norm,
            fused_token=config.fused_token,
            audio_token=config.audio_token,
            video_token=config.video_token,
        )

    @property
    def model_input_names(self) -> list[str]:
        """Every key that a call may return."""
        return [
            "input_ids",
            "attention_mask",
            "pixel_values",
            "video_mask",
            "input_values",
            "audio_mask",
        ]

    def __call__(
        self,
        text: str | None | Sequence[str | None] = None,
        videos: Media | None | list[Media | None] = None,
        audio: Media | None | list[Media | None] = None,
        question: str | Sequence[str] = "labels",
        answers: str | Sequence[str] | None = None,
        padding: str = "longest",
        padding_side: str | None = None,
        max_length: int | None = None,
        return_tensors: str | None = "pt",
    ) -> BatchFeature:
        """Turn samples into one batch.

        A list is a batch, anything else is one sample; None stands for what a sample lacks.

        Args:
            text: Transcripts. None and ``""`` leave no sentence in the prompt.
            videos: Paths, bytes, datasets rows ``{"bytes", "path"}``, or uint8 arrays
                ``(frames, height, width, 3)`` in RGB. URLs are refused.
            audio: The same, or float arrays ``(samples,)`` at the processor's rate, or pairs of an
                array and its rate in Hz. ``"from_video"`` takes each video's own audio track.
            question: Name of a question in the configuration, or any other text; one for all or one
                per sample. A single ASCII word is always taken for a name.
            answers: What the model should say; then ``labels`` come out as well.
            padding: ``"longest"`` or ``"max_length"``.
            padding_side: ``"right"`` with answers and ``"left"`` without, if left out.
            max_length: Tokens allowed in a sample; the tokenizer's own limit, if left out.
            return_tensors: ``"pt"`` or ``"np"``.

        Returns:
            ``input_ids`` and ``attention_mask`` ``(batch, sequence)`` int64. With video,
            ``pixel_values`` ``(batch, n_frames, 3, height, width)`` float32 and ``video_mask``
            ``(batch,)`` bool; with audio, ``input_values`` ``(batch, n_audio_clips, samples)``
            float32 and ``audio_mask``. A modality that no sample has gives no key; a sample that
            lacks it gets zeros and False. With answers, ``labels`` ``(batch, sequence)``: the
            answer's tokens and the end token, -100 elsewhere.

        Raises:
            FileNotFoundError: A media file is not there.
            ValueError: Nothing to look at in a sample, lists of different length, an unknown
                question name, a sample longer than ``max_length`` (nothing is ever cut), or
                unusable media.

        Differs: audio is normalised over the clips of one sample; the official training normalises
        over the whole batch, so that a sample's features depend on its neighbours.
        """
        if isinstance(audio, str) and audio == FROM_VIDEO:
            audio = videos
        batch = _align(text=text, videos=videos, audio=audio, answers=answers, question=question)
        data: dict[str, Any] = {}
        has_video = np.array([item is not None for item in batch["videos"]])
        has_audio = np.array([item is not None for item in batch["audio"]])
        prompts = [
            self._prompt_ids(index, *sample)
            for index, sample in enumerate(
                zip(batch["text"], batch["question"], has_video, has_audio, strict=True)
            )
        ]
        targets = None
        if answers is not None:
            targets = [self._answer_ids(answer) for answer in batch["answers"]]
        side = padding_side or ("left" if targets is None else "right")
        data |= self._pad(prompts, targets, padding, side, max_length)
        if has_video.any():
            data["pixel_values"] = _stack(self._pixels(batch["videos"]))
            data["video_mask"] = has_video
        if has_audio.any():
            data["input_values"] = _stack(self._clips(batch["audio"]))
            data["audio_mask"] = has_audio
        return BatchFeature(data, tensor_type=return_tensors)

    def _prompt_ids(
        self, index: int, text: str | None, question: str, has_video: bool, has_audio: bool
    ) -> list[int]:
        if not (text or has_video or has_audio):
            raise ValueError(
                f"sample {index} is empty: got no text, no video and no audio, expected at least "
                "one of them. Leave the sample out."
            )
        has = {
            "fused": has_video and has_audio and self.fusion != "none",
            "audio": has_audio,
            "video": has_video,
            "text": bool(text),
            "question": True,
        }
        placeholders = {
            "fused": self.fused_token,
            "audio": self.audio_token,
            "video": self.video_token,
        }
        spoken = {"text": text or "", "question": self._question(question)}
        ids: list[int] = []
        for part in self.prompt:
            if not all(has[name] for name in fields_of(part)):
                continue
            for literal, name, _, _ in Formatter().parse(part):
                ids += self._encode(literal + placeholders.get(name or "", ""))
                ids += self._encode_plain(spoken.get(name or "", ""))
        return ids

    def _question(self, question: str) -> str:
        if question in self.questions:
            return self.questions[question]
        if question.isascii() and question.isidentifier():
            close = get_close_matches(question, self.questions, n=1)
            hint = f" Did you mean {close[0]!r}?" if close else ""
            raise ValueError(
                f"unknown question: got {question!r}, expected one of "
                f"{', '.join(sorted(self.questions))}, or a question in full.{hint}"
            )
        return question

    def _encode(self, text: str) -> list[int]:
        return self.tokenizer(text, add_special_tokens=False)["input_ids"] if text else []

    def _encode_plain(self, text: str) -> list[int]:
        """Tokenise what a user wrote; no control token can come out of it."""
        if not text:
            return []
        ids = self.tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
        # A vocabulary may hold its control tokens as ordinary words too; those are dropped.
        known = self.tokenizer.added_tokens_decoder
        return [i for i in ids if i == self.tokenizer.unk_token_id or not _is_control(known.get(i))]

    def _answer_ids(self, answer: str) -> list[int]:
        return [*self._encode_plain(answer), self.tokenizer.eos_token_id]

    def _pad(
        self,
        prompts: list[list[int]],
        targets: list[list[int]] | None,
        padding: str,
        side: str,
        max_length: int | None,
    ) -> dict[str, np.ndarray]:
        if padding not in ("longest", "max_length"):
            raise ValueError(
                f"unknown padding: got {padding!r}, expected 'longest' or 'max_length'."
            )
        answers = targets or [[] for _ in prompts]
        limit = self.tokenizer.model_max_length if max_length is None else max_length
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
            "input_ids": _fill(rows, self.tokenizer.pad_token_id, width, side),
            "attention_mask": _fill([[1] * len(row) for row in rows], 0, width, side),
        }
        if targets is not None:
            labels = [
                [-100] * len(prompt) + answer
                for prompt, answer in zip(prompts, targets, strict=True)
            ]
            result["labels"] = _fill(labels, -100, width, side)
        return result

    def _pixels(self, videos: list[Media | None]) -> list[np.ndarray | None]:
        return [
            None
            if video is None
            else np.stack(
                self.image_processor(list(load_frames(video, self.n_frames, f"videos[{index}]")))[
                    "pixel_values"
                ]
            )
            for index, video in enumerate(videos)
        ]

    def _clips(self, audio: list[Media | None]) -> list[np.ndarray | None]:
        rate_hz = self.feature_extractor.sampling_rate
        return [
            None
            if item is None
            else self._normalise(load_waveform(item, rate_hz, f"audio[{index}]"))
            for index, item in enumerate(audio)
        ]

    def _normalise(self, wave: np.ndarray) -> np.ndarray:
        clips = cut_clips(wave, self.n_audio_clips, self.audio_clip_samples)
        # One long utterance is how the extractor takes its statistics over all clips at once.
        utterances = list(clips) if self.audio_norm == "clip" else [clips.reshape(-1)]
        values = self.feature_extractor(
            utterances, sampling_rate=self.feature_extractor.sampling_rate
        )["input_values"]
        return np.stack(values).reshape(clips.shape).astype(np.float32)


def _is_control(added_token: Any) -> bool:
    return added_token is not None and added_token.special


def _align(question: Any, **samples: Any) -> dict[str, list]:
    """Give every argument as a list of the same length."""
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
    return {
        name: value if isinstance(value, list) else [value] * size
        for name, value in {**samples, "question": question}.items()
    }


def _fill(rows: list[list[int]], value: int, width: int, side: str) -> np.ndarray:
    out = np.full((len(rows), width), value, dtype=np.int64)
    for target, row in zip(out, rows, strict=True):
        if side == "right":
            target[: len(row)] = row
        else:
            target[width - len(row) :] = row
    return out


def _stack(rows: list[np.ndarray | None]) -> np.ndarray:
    shape = next(row.shape for row in rows if row is not None)
    return np.stack([np.zeros(shape, np.float32) if row is None else row for row in rows])


AffectGPTProcessor.register_for_auto_class()
