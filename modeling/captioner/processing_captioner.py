"""From sound and captions to the captioner's tensors, and from token ids back to captions."""

import re
from collections.abc import Mapping, Sequence
from os import PathLike
from typing import Any

import numpy as np
import torch
from transformers import AutoConfig, AutoFeatureExtractor, AutoTokenizer
from transformers.feature_extraction_utils import BatchFeature
from transformers.processing_utils import ProcessorMixin

from .configuration_captioner import CaptionerConfig
from .media_sound import load_waveform

# Seconds of sound that encoders with a fixed window hear, by the encoder's configuration.
WINDOWS_S = {
    "whisper": lambda config: config.max_source_positions / 50,
    "audio-spectrogram-transformer": lambda config: config.max_length / 100,
    "clap_audio_model": lambda config: 10.0,
}
# Between characters that are written without spaces; BERT's tokenizer puts some there.
_UNSPACED = r"[\u3000-\u303f\u3400-\u9fff\uff00-\uffef]"


class CaptionerProcessor(ProcessorMixin):  # type: ignore[misc]
    """Sound and captions to tensors, and token ids to captions.

    Build it with :meth:`from_config` or :meth:`from_parts`.

    Args:
        feature_extractor: The encoder's.
        tokenizer: The decoder's.
        end_token_id: What ends a caption.
        prompt: Text between the sound and the caption; empty for none.
        window_s: Seconds that the encoder hears; None where it hears any length.
    """

    def __init__(
        self,
        feature_extractor: Any,
        tokenizer: Any,
        end_token_id: int,
        prompt: str = "",
        window_s: float | None = None,
        chat_template: str | None = None,
    ) -> None:
        self.end_token_id = end_token_id
        self.prompt = prompt
        self.window_s = window_s
        super().__init__(feature_extractor, tokenizer, chat_template=chat_template)

    @classmethod
    def from_config(
        cls,
        config: CaptionerConfig,
        tokenizer: Any,
        feature_extractor: Any = None,
        *,
        prompt: str = "",
    ) -> "CaptionerProcessor":
        """Build the processor that belongs to a model.

        Args:
            config: The model's configuration.
            tokenizer: The decoder's. One without a padding token is given the model's.
            feature_extractor: The encoder's; None makes the usual one of its family.
            prompt: See above.

        Raises:
            ValueError: The tokenizer has more tokens than the decoder, or the feature extractor
                reads another rate than the configuration says.
        """
        if tokenizer.pad_token_id is None:
            pad = config.end_ids[0] if config.pad_token_id is None else config.pad_token_id
            tokenizer.pad_token = tokenizer.convert_ids_to_tokens(pad)
        if feature_extractor is None:
            feature_extractor = usual_extractor(config)
        window = WINDOWS_S.get(config.encoder_config.model_type)
        window_s = None if window is None else window(config.encoder_config)
        processor = cls(feature_extractor, tokenizer, config.end_ids[0], prompt, window_s)
        processor.require_fit(config)
        return processor

    @classmethod
    def from_parts(
        cls,
        encoder: str | PathLike,
        decoder: str | PathLike,
        *,
        prompt: str = "",
        config: CaptionerConfig | None = None,
    ) -> "CaptionerProcessor":
        """Build it from what ``CaptionerModel.from_parts`` is given.

        Args:
            encoder: Folder or Hub id with the feature extractor.
            decoder: Folder or Hub id with the tokenizer.
            prompt: See above.
            config: Of the model that was put together; None reads both configurations again.
        """
        if config is None:
            from .modeling_parts import token_ids

            tokenizer = AutoTokenizer.from_pretrained(decoder)
            mouth = AutoConfig.from_pretrained(decoder)
            config = CaptionerConfig(
                encoder_config=AutoConfig.from_pretrained(encoder),
                decoder_config=mouth,
                **token_ids(tokenizer, mouth),
            )
        return cls.from_config(
            config,
            AutoTokenizer.from_pretrained(decoder),
            AutoFeatureExtractor.from_pretrained(encoder),
            prompt=prompt,
        )

    @property
    def sampling_rate(self) -> int:
        """Of the sound, in Hz."""
        rate: int = self.feature_extractor.sampling_rate
        return rate

    @property
    def sound_name(self) -> str:
        """What the model calls the sound: ``input_values`` or ``input_features``."""
        name: str = self.feature_extractor.model_input_names[0]
        return name

    @property
    def model_input_names(self) -> list[str]:
        """Every key that a call may return and the model takes."""
        told = ["prompt_ids", "prompt_mask", "labels", "transcript_ids"]
        return [self.sound_name, "attention_mask", *told]

    def __call__(
        self,
        audio: Any = None,
        text: Any = None,
        *,
        prompt: str | Sequence[str] | None = None,
        transcripts: Any = None,
        sampling_rate: int | None = None,
        too_long: str = "refuse",
        return_tensors: str | None = "pt",
    ) -> BatchFeature:
        """Turn clips, and their captions where there are some, into a batch.

        Args:
            audio: A clip or a list of them: paths, bytes, datasets rows, arrays or tensors of mono
                samples, or pairs of such an array and its rate; see
                :func:`media_sound.load_waveform`. Other rates are resampled.
            text: A caption for each clip; then ``labels`` come out as well.
            prompt: What stands between the sound and the caption, one for all or one for each; the
                processor's own, if left out.
            transcripts: What is said in each clip, for ``transcript_ids``.
            sampling_rate: Of arrays without one, in Hz; the processor's, if left out.
            too_long: What becomes of a clip longer than the encoder's window: ``"refuse"`` raises,
                ``"cut"`` takes its beginning.
            return_tensors: ``"pt"``, ``"np"`` or None.

        Returns:
            ``input_values`` ``(batch, samples)`` or ``input_features`` ``(batch, ...)`` float32,
            and ``attention_mask``, 1 where there is sound. With captions ``labels``
            ``(batch, caption)`` int64: each caption's tokens and the end token, -100 behind. With a
            prompt ``prompt_ids`` and ``prompt_mask``, padded in front.

        Raises:
            FileNotFoundError: A file is not there.
            ValueError: No clips, a clip without sound, a caption that is empty or no text, lists of
                different length, a clip longer than the window, a rate that makes no sense, or
                sound that cannot be read (`MediaError`).
        """
        clips = _listed(audio, "audio")
        if not clips:
            raise ValueError("`audio` is empty: got 0 clips, expected at least 1.")
        if too_long not in ("refuse", "cut"):
            raise ValueError(f"unknown `too_long`: got {too_long!r}, expected 'refuse' or 'cut'")
        waves = [
            self._wave(clip, place, sampling_rate, too_long) for place, clip in enumerate(clips)
        ]
        data = self._heard(waves)
        prompts = self._prompts(prompt, len(clips))
        if text is not None:
            text = self._texts(text, "text", len(clips))
        if transcripts is not None:
            transcripts = self._texts(transcripts, "transcripts", len(clips))
        data |= self.texts(text, prompts, transcripts, return_tensors=None)
        return BatchFeature(data, tensor_type=return_tensors)

    def texts(
        self,
        captions: Sequence[str] | None,
        prompts: Sequence[str],
        transcripts: Sequence[str] | None = None,
        *,
        return_tensors: str | None = "pt",
    ) -> BatchFeature:
        """What a call gives beside the sound.

        Args:
            captions: One for each clip, or None.
            prompts: One for each clip, empty for none.
            transcripts: One for each clip, or None.
            return_tensors: As for a call.
        """
        data: dict[str, Any] = {}
        if captions is not None:
            data["labels"] = _padded([[*self._ids(each), self.end_token_id] for each in captions])
        if transcripts is not None:
            data["transcript_ids"] = _padded([self._ids(each) for each in transcripts])
        if any(prompts):
            ids = [self._ids(each) if each else [] for each in prompts]
            data |= _padded_in_front(ids, self.tokenizer.pad_token_id)
        return BatchFeature(data, tensor_type=return_tensors)

    def pad(self, samples: Sequence[Mapping[str, Any]]) -> BatchFeature:
        """Put clips that were made one by one into one batch; it can collate for a DataLoader.

        Args:
            samples: What :meth:`__call__` gives for each as ``"pt"``, with its batch axis of one.

        Returns:
            What :meth:`__call__` gives for all of them.

        Raises:
            ValueError: No samples, or keys that not all have.
        """
        if not samples or any(each.keys() != samples[0].keys() for each in samples):
            keys = [sorted(each) for each in samples]
            raise ValueError(
                f"samples do not make a batch: got keys {keys}, expected the same of each."
            )
        batch: dict[str, Any] = {}
        for name in samples[0]:
            rows = [torch.as_tensor(each[name])[0] for each in samples]
            if name in ("prompt_ids", "prompt_mask"):
                fill = 0 if name == "prompt_mask" else self.tokenizer.pad_token_id
                flipped = [row.flip(0) for row in rows]
                batch[name] = _stack(flipped, fill).flip(1)
            else:
                batch[name] = _stack(rows, -100 if name in ("labels", "transcript_ids") else 0)
        return BatchFeature(batch)

    def captions(self, tokens: Any) -> list[str]:
        """What was generated, as text on one line each; Chinese without spaces.

        Args:
            tokens: What ``generate`` returned, ``(batch, written)``.
        """
        texts = self.tokenizer.batch_decode(tokens, skip_special_tokens=True)
        return [tidied(text) for text in texts]

    def require_fit(self, config: CaptionerConfig) -> None:
        """Refuse a model that this processor was not made for.

        Raises:
            ValueError: It reads another rate, or cannot embed a token.
        """
        if self.sampling_rate != config.sampling_rate:
            raise ValueError(
                f"`sampling_rate` does not fit: got {self.sampling_rate} Hz of the feature "
                f"extractor, expected {config.sampling_rate} Hz of the configuration. Set "
                "sampling_rate there, or take the encoder's own feature extractor."
            )
        size, known = config.decoder_config.vocab_size, len(self.tokenizer)
        if known > size:
            raise ValueError(
                f"the tokenizer has tokens that the decoder does not know: got {known}, expected "
                f"{size} at most. Take the decoder's own tokenizer."
            )
        if self.prompt and config.decoder_input == "cross_attention":
            raise ValueError(
                f"`prompt` has no place: got {self.prompt!r} with a decoder that listens by "
                "cross-attention, expected ''. Leave it out, or take decoder_input='prefix'."
            )

    def _wave(self, clip: Any, place: int, rate_hz: int | None, too_long: str) -> np.ndarray:
        """One clip as samples at the processor's rate, zero or not."""
        if clip is None:
            raise ValueError(
                f"clip {place} has no sound: got None, expected a path, samples or a row. Leave "
                "the clip out."
            )
        is_bare = isinstance(clip, np.ndarray | torch.Tensor | list)
        given = (clip, rate_hz) if is_bare and rate_hz is not None else clip
        wave = load_waveform(given, self.sampling_rate, name=f"clip {place}")
        most = None if self.window_s is None else round(self.window_s * self.sampling_rate)
        if most is not None and len(wave) > most:
            if too_long == "refuse":
                raise ValueError(
                    f"clip {place} is longer than the encoder's window: got "
                    f"{len(wave) / self.sampling_rate:.2f} s, expected {self.window_s:g} s at most."
                    " Cut it, pass too_long='cut', or take an encoder without a window."
                )
            wave = wave[:most]
        return wave

    def _heard(self, waves: list[np.ndarray]) -> dict[str, Any]:
        """What the feature extractor makes of clips, and where there is sound."""
        extractor, rate = self.feature_extractor, self.sampling_rate
        options: dict[str, Any] = {"sampling_rate": rate, "return_tensors": "np"}
        if self.window_s is None:
            options |= {"padding": True}
        if "attention_mask" in extractor.model_input_names or hasattr(
            extractor, "return_attention_mask"
        ):
            options |= {"return_attention_mask": True}
        heard = extractor(waves, **options)
        names = (self.sound_name, "attention_mask")
        data = {name: np.asarray(heard[name]) for name in names if name in heard}
        data[self.sound_name] = data[self.sound_name].astype(np.float32)
        return data

    def _texts(self, texts: Any, name: str, n_clips: int) -> list[str]:
        """Texts of clips, each checked."""
        listed = _listed(texts, name)
        if len(listed) != n_clips:
            raise ValueError(
                f"`{name}` does not line up: got {len(listed)} for {n_clips} clips, expected one "
                "each."
            )
        for place, text in enumerate(listed):
            if not isinstance(text, str) or not text.strip():
                raise ValueError(
                    f"`{name}` of clip {place} is empty: got {text!r}, expected words. Leave the "
                    "clip out."
                )
        return listed

    def _prompts(self, prompt: str | Sequence[str] | None, n_clips: int) -> list[str]:
        if prompt is None or isinstance(prompt, str):
            return [self.prompt if prompt is None else prompt] * n_clips
        if len(prompt) != n_clips:
            raise ValueError(
                f"`prompt` does not line up: got {len(prompt)} for {n_clips} clips, expected one "
                "each, or one for all."
            )
        return list(prompt)

    def _ids(self, text: str) -> list[int]:
        ids: list[int] = self.tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids


def usual_extractor(config: CaptionerConfig) -> Any:
    """The feature extractor that a family of encoders is usually given."""
    from transformers import (
        ASTFeatureExtractor,
        ClapFeatureExtractor,
        Wav2Vec2FeatureExtractor,
        WhisperFeatureExtractor,
    )

    encoder, rate = config.encoder_config, config.sampling_rate
    if encoder.model_type == "whisper":
        if encoder.max_source_positions % 50:
            raise ValueError(
                "`max_source_positions` is no window of whole seconds: got "
                f"{encoder.max_source_positions}, expected a multiple of 50."
            )
        return WhisperFeatureExtractor(
            feature_size=encoder.num_mel_bins,
            sampling_rate=rate,
            chunk_length=encoder.max_source_positions // 50,
        )
    if encoder.model_type == "clap_audio_model":
        return ClapFeatureExtractor(
            feature_size=encoder.num_mel_bins,
            sampling_rate=rate,
            truncation="fusion" if encoder.enable_fusion else "rand_trunc",
        )
    if encoder.model_type == "audio-spectrogram-transformer":
        return ASTFeatureExtractor(
            num_mel_bins=encoder.num_mel_bins, max_length=encoder.max_length, sampling_rate=rate
        )
    return Wav2Vec2FeatureExtractor(
        sampling_rate=rate, do_normalize=True, return_attention_mask=True
    )


def tidied(text: str) -> str:
    """A text on one line, without the spaces that a tokenizer puts between Chinese characters.

    Example:
        >>> tidied("声 音 低 沉 ， a low voice")
        '声音低沉，a low voice'
    """
    text = " ".join(text.split())
    text = re.sub(rf"({_UNSPACED}) (?={_UNSPACED})", r"\1", text)
    return re.sub(r"(?<=[\u3000-\u303f\uff00-\uffef]) ", "", text)


def _listed(given: Any, name: str) -> list[Any]:
    """Several as a list, one as a list of one."""
    if given is None:
        raise ValueError(f"`{name}` is missing: got None, expected one for each clip.")
    if isinstance(given, list):
        numbers = given and all(isinstance(each, int | float) for each in given)
        return [given] if numbers else given
    is_pair = isinstance(given, tuple) and len(given) == 2 and np.ndim(given[1]) == 0
    return list(given) if isinstance(given, tuple) and not is_pair else [given]


def _padded(rows: Sequence[Sequence[int]]) -> np.ndarray:
    width = max(map(len, rows))
    return np.array([[*row, *[-100] * (width - len(row))] for row in rows], dtype=np.int64)


def _padded_in_front(rows: Sequence[Sequence[int]], pad: int) -> dict[str, np.ndarray]:
    width = max(map(len, rows))
    gaps = [width - len(row) for row in rows]
    ids = [[*[pad] * gap, *row] for gap, row in zip(gaps, rows, strict=True)]
    here = [[*[0] * gap, *[1] * len(row)] for gap, row in zip(gaps, rows, strict=True)]
    return {"prompt_ids": np.array(ids, np.int64), "prompt_mask": np.array(here, np.int64)}


def _stack(rows: Sequence[torch.Tensor], fill: int) -> torch.Tensor:
    """Rows of one shape, or of one axis and padded behind."""
    if all(row.shape == rows[0].shape for row in rows):
        return torch.stack(list(rows))
    return torch.nn.utils.rnn.pad_sequence(list(rows), batch_first=True, padding_value=fill)


CaptionerProcessor.register_for_auto_class()
