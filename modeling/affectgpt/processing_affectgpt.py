"""From clips, transcripts and questions to the tensors AffectGPT takes, and back to answers."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from transformers.feature_extraction_utils import BatchFeature
from transformers.processing_utils import ProcessorMixin

from .configuration_affectgpt import AffectGPTConfig, check_prompt, fields_of
from .face_cropping import FaceCropper
from .face_folder import FaceFolder, faces_of_row
from .media_tracks import Media, has_audio_track, has_video_track, rereadable
from .processing_batch import align, drop_modalities, pad, pad_tokens, stack_media
from .processing_inputs import hear, make_feature_extractor, make_image_processor, see
from .processing_messages import read_conversations
from .processing_prompt import PromptWriter, spell_question

FROM_VIDEO = "from_video"


class AffectGPTProcessor(ProcessorMixin):
    """Media, transcripts and questions to tensors, and token ids back to text.

    Build it with :meth:`from_config`; ``save_pretrained`` and ``from_pretrained`` do the rest.

    Args:
        image_processor: Resizes and normalises frames.
        feature_extractor: Turns waveforms at its ``sampling_rate`` into the audio tower's input.
        tokenizer: The language model's, with the placeholders.
        prompt: This and what follows is what :class:`AffectGPTConfig` says of the same names.
    """

    def __init__(
        self,
        image_processor: Any,
        feature_extractor: Any,
        tokenizer: Any,
        prompt: Sequence[str],
        questions: dict[str, str],
        default_question: str,
        n_tokens: dict[str, int],
        n_frames: int,
        n_audio_clips: int,
        audio_clip_samples: int,
        audio_norm: str,
        face_channel_order: str,
        training_prefix: str,
        answer_end: str,
        fused_token: str,
        audio_token: str,
        face_token: str,
        video_token: str,
        chat_template: str | None = None,
    ) -> None:
        check_prompt(prompt)
        self.prompt = list(prompt)
        self.questions = dict(questions)
        self.default_question = default_question
        self.n_tokens = dict(n_tokens)
        self.n_frames = n_frames
        self.n_audio_clips = n_audio_clips
        self.audio_clip_samples = audio_clip_samples
        self.audio_norm = audio_norm
        self.face_channel_order = face_channel_order
        self.training_prefix = training_prefix
        self.answer_end = answer_end
        self.fused_token = fused_token
        self.audio_token = audio_token
        self.face_token = face_token
        self.video_token = video_token
        super().__init__(image_processor, feature_extractor, tokenizer, chat_template=chat_template)

    @classmethod
    def from_config(cls, config: AffectGPTConfig, tokenizer: Any) -> "AffectGPTProcessor":
        """Build the processor that belongs to a model.

        Args:
            config: The model's configuration.
            tokenizer: The language model's tokenizer. The placeholders are added to it, at its end,
                unless it has them. One that has no padding token, as Llama's, pads with its end
                token from then on; what is padding, the attention mask tells.

        Raises:
            ValueError: The placeholders get other ids than the configuration has, or the tokenizer
                ends its answers with another token than the language model, or with none.

        Differs: frames are resized straight to the vision tower's square, as the official decoder
        does, and not cropped to it.
        """
        tokenizer.add_tokens(list(config.placeholders), special_tokens=True)
        got = {token: tokenizer.convert_tokens_to_ids(token) for token in config.placeholders}
        if got != config.placeholders:
            raise ValueError(
                f"tokenizer and configuration disagree on the placeholders: got {got}, "
                f"expected {config.placeholders}. Set `fused_token_id`, `audio_token_id`, "
                "`face_token_id` and `video_token_id`."
            )
        ends = config.text_config.eos_token_id
        known = ends if isinstance(ends, list) else [ends]
        if tokenizer.eos_token_id is None or tokenizer.eos_token_id not in known:
            raise ValueError(
                f"tokenizer and language model end differently: got eos {tokenizer.eos_token_id}, "
                f"expected {ends}. Set `text_config.eos_token_id` or the tokenizer's `eos_token`."
            )
        if tokenizer.pad_token is None:
            tokenizer.pad_token = tokenizer.eos_token
        kept = {name: getattr(config, name) for name in _FROM_CONFIG}
        return cls(make_image_processor(config), make_feature_extractor(config), tokenizer, **kept)

    @property
    def model_input_names(self) -> list[str]:
        """Every key that a call may return and the model takes."""
        return [
            "input_ids",
            "attention_mask",
            "pixel_values",
            "video_mask",
            "face_pixel_values",
            "face_mask",
            "input_values",
            "audio_mask",
        ]

    def __call__(
        self,
        text: str | None | Sequence[str | None] = None,
        videos: Media | None | list[Media | None] = None,
        audio: Media | None | list[Media | None] = None,
        faces: Any = None,
        question: str | None | Sequence[str | None] = None,
        options: Sequence[str] | None = None,
        answers: str | Sequence[str] | None = None,
        modality_dropout: float = 0.0,
        seed: int | None = None,
        padding: str = "longest",
        padding_side: str | None = None,
        max_length: int | None = None,
        return_face_found: bool = False,
        return_tensors: str | None = "pt",
    ) -> BatchFeature:
        """Turn samples into one batch.

        A list is a batch, anything else is one sample; None stands for what a sample lacks.

        Args:
            text: Transcripts. None and ``""`` leave no sentence in the prompt.
            videos: Paths, bytes, datasets rows ``{"bytes", "path"}``, decoders of PyAV and
                torchcodec, or uint8 arrays or tensors of RGB frames; see
                :func:`media_tracks.load_frames`. URLs are refused.
            audio: The same, or float arrays or tensors at the processor's rate, or pairs of one and
                its rate in Hz; see :func:`media_tracks.load_waveform`. ``"from_video"`` takes
                each video's own audio track.
            faces: Cut-out faces: uint8 arrays ``(frames, height, width, 3)`` in RGB, a
                :class:`FaceCropper` that finds them in the videos, or a :class:`FaceFolder` that
                holds a file for each video's name. None leaves faces out, and the frames serve;
                where the prompt names ``{face}`` and not ``{video}``, they are cut out all the
                same, of a list where it holds None.
            question: Name of a question in the configuration, or any other text; one for all or one
                per sample. A single ASCII word is always taken for a name. The configuration's
                ``default_question``, if left out.
            options: What a question that names ``{options}`` chooses from, the same for all.
            answers: What the model should say; then ``labels`` come out as well.
            modality_dropout: For training: the chance, 0 to 1, with which each modality of a sample
                is left out, text included. One is always kept.
            seed: Of that chance.
            padding: ``"longest"`` or ``"max_length"``.
            padding_side: ``"right"`` with answers and ``"left"`` without, if left out.
            max_length: Tokens allowed in a sample; the tokenizer's own limit, if left out.
            return_face_found: Whether to add ``face_found`` ``(batch, n_frames)`` bool: False where
                no face was found in a frame and the whole frame stands in. For you, not the model.
            return_tensors: ``"pt"`` or ``"np"``.

        Returns:
            ``input_ids`` and ``attention_mask`` ``(batch, sequence)`` int64. With video,
            ``pixel_values`` ``(batch, n_frames, 3, height, width)`` float32 and ``video_mask``
            ``(batch,)`` bool; with faces, ``face_pixel_values`` and ``face_mask`` in the same form;
            with audio, ``input_values`` ``(batch, n_audio_clips, samples)`` float32, or what the
            audio tower's own extractor gives for each clip, and ``audio_mask``. A modality that no
            sample has gives no key; a sample that lacks it gets zeros and False. With answers,
            ``labels`` ``(batch, sequence)``: the answer's tokens and the end token, -100 elsewhere.

        Raises:
            FileNotFoundError: A media file is not there.
            ValueError: Nothing to look at in a sample, lists of different length, texts that are
                none, an unknown question name, faces that the prompt has no place for (other media
                without one are not used), a sample longer than ``max_length`` (nothing is ever
                cut), or unusable media.

        Differs: audio is normalised over the clips of one sample; the official training normalises
        over the whole batch, so that a sample's features depend on its neighbours.
        """
        if isinstance(audio, str) and audio == FROM_VIDEO:
            if videos is None:
                raise ValueError(
                    f"there is nothing to hear: got `audio={FROM_VIDEO!r}` without `videos`, "
                    "expected both. Pass the videos, or the sound itself."
                )
            videos = (
                [rereadable(v) for v in videos] if isinstance(videos, list) else rereadable(videos)
            )
            audio = videos
        if options is not None and not isinstance(options, str):
            options = list(options)
        cutter = self._cutter(faces, videos)
        batch = align(
            text=text,
            videos=videos,
            audio=audio,
            faces=videos if cutter is not None else faces,
            answers=answers,
            question=question,
        )
        cutters = [cutter] * len(batch["text"])
        if cutter is None and self._cuts_by_itself():
            for i, (video, face) in enumerate(zip(batch["videos"], batch["faces"], strict=True)):
                if face is None and video is not None:
                    batch["faces"][i], cutters[i] = video, self._own_cutter()
        # Frames and voice serve their own tokens and the fused one, frames only where no face does.
        if not (self._shows("video") or (self._shows("fused") and not self._shows("face"))):
            batch["videos"] = [None] * len(batch["text"])
        if not (self._shows("audio") or self._shows("fused")):
            batch["audio"] = [None] * len(batch["text"])
        if modality_dropout:
            drop_modalities(batch, modality_dropout, seed)
        has = {
            name: np.array([item is not None for item in batch[key]])
            for name, key in (("audio", "audio"), ("face", "faces"), ("video", "videos"))
        }
        writer = self._writer()
        prompts = [
            self._prompt_ids(
                writer,
                index,
                batch["text"][index],
                spell_question(
                    batch["question"][index] or self.default_question, self.questions, options
                ),
                {name for name, there in has.items() if there[index]},
                learning=answers is not None,
            )
            for index in range(len(batch["text"]))
        ]
        samples: list[dict[str, Any]] = [{"input_ids": ids} for ids in prompts]
        if answers is not None:
            for sample, words in zip(samples, batch["answers"], strict=True):
                asked, answer = sample["input_ids"], writer.answer_ids(words, self.answer_end)
                sample["input_ids"] = [*asked, *answer]
                sample["labels"] = [-100] * len(asked) + answer
        data = pad_tokens(samples, **self._padding(samples, padding, padding_side, max_length))
        for i, (video, face) in enumerate(zip(batch["videos"], batch["faces"], strict=True)):
            seen = see(
                video,
                face,
                cutters[i],
                self.n_frames,
                self.image_processor,
                self.face_channel_order,
                i,
            )
            if video is not None:
                samples[i]["pixel_values"] = seen.frames
            if face is not None:
                samples[i]["face_pixel_values"] = seen.faces
                if return_face_found:
                    samples[i]["face_found"] = seen.found
        sizes = (self.n_audio_clips, self.audio_clip_samples, self.audio_norm)
        for i, sound in enumerate(batch["audio"]):
            if sound is not None:
                samples[i]["input_values"] = hear(sound, *sizes, self.feature_extractor, i)
        data |= stack_media(samples)
        return BatchFeature(data, tensor_type=return_tensors)

    def pad(
        self,
        samples: Sequence[Mapping[str, Any]],
        padding: str = "longest",
        padding_side: str | None = None,
        max_length: int | None = None,
        return_tensors: str | None = "pt",
    ) -> BatchFeature:
        """Put samples that were made one by one into one batch; it can collate for a DataLoader.

        Args:
            samples: What :meth:`__call__` returns for each, without the batch axis: tensors on the
                CPU, arrays or lists. ``input_ids`` ``(tokens,)``, and ``labels`` of all or none;
                of the rest, what a sample has. A sample's own ``video_mask``, ``face_mask`` and
                ``audio_mask`` may be there or not; where one says False, that media is left out.
            padding: See :meth:`__call__`, as what follows.
            padding_side: ``"right"`` with labels and ``"left"`` without, if left out.
            max_length: Tokens allowed in a sample; the tokenizer's own limit, if left out.
            return_tensors: ``"pt"`` or ``"np"``.

        Returns:
            What :meth:`__call__` returns for all of them at once: short samples filled with the
            padding token, 0 in the ``attention_mask`` and -100 in the ``labels``; zeros and False
            in its mask for media that a sample lacks.

        Raises:
            ValueError: No sample, keys that are not of a batch, labels or columns that do not line
                up, media of several shapes, or a sample longer than ``max_length``.

        Example:
            DataLoader(examples, batch_size=8, collate_fn=processor.pad)
        """
        options = self._padding(samples, padding, padding_side, max_length)
        return BatchFeature(pad(samples, **options), tensor_type=return_tensors)

    def apply_chat_template(  # type: ignore[override]
        self,
        conversation: Sequence[Any],
        chat_template: str | None = None,
        *,
        tokenize: bool = True,
        return_dict: bool = True,
        load_audio_from_video: bool = False,
        add_generation_prompt: bool = True,
        **kwargs: Any,
    ) -> Any:
        """Turn chat messages into one batch; the wording stays that of the configuration.

        Args:
            conversation: Messages of one conversation, or a list of conversations; see
                :func:`processing_messages.read_conversation`.
            chat_template: Not supported: the prompt is the configuration's.
            tokenize: False gives the prompts as text.
            return_dict: False gives ``input_ids`` alone.
            load_audio_from_video: See :func:`processing_messages.read_conversations`.
            add_generation_prompt: Has no effect: a prompt ends where the answer begins.
            **kwargs: Handed to :meth:`__call__`.

        Raises:
            ValueError: As :func:`processing_messages.read_conversation` and :meth:`__call__`.

        Example:
            processor.apply_chat_template(
                [{"role": "user", "content": [
                    {"type": "video", "path": "clip.mp4"},
                    {"type": "text", "text": "What does she feel?"},
                ]}]
            )
        """
        if chat_template is not None:
            raise ValueError(
                "a chat template has no effect here: got one, expected None. Set `prompt` in the "
                "configuration."
            )
        many = bool(conversation) and not isinstance(conversation[0], Mapping)
        talks = conversation if many else [conversation]
        inputs = self(**read_conversations(talks, load_audio_from_video), **kwargs)
        if not tokenize:
            texts = [
                self.tokenizer.decode(ids[mask == 1])
                for ids, mask in zip(inputs["input_ids"], inputs["attention_mask"], strict=True)
            ]
            return texts if many else texts[0]
        return inputs if return_dict else inputs["input_ids"]

    def read(
        self,
        clip: Any,
        question: str | None = None,
        *,
        text: str | None = None,
        faces: Any = None,
        options: Sequence[str] | None = None,
    ) -> BatchFeature:
        """Read one clip, by whatever there is of it.

        Args:
            clip: Path of a video or sound file, or a row with any of ``video``, ``audio``,
                ``faces`` and ``text``; of a corpus also ``face``, an undecoded npy in OpenCV's
                colour order. Of a file, its pictures and its sound are used where it has them.
            question: See :meth:`__call__`, as what follows.
            text: What is said in the clip; of a row, its ``text``, if left out.
            faces: Cut-out faces, or where they come from.
            options: What the question chooses from.

        Returns:
            A batch of one.

        Raises:
            FileNotFoundError: There is no such file.
            ValueError: The clip has nothing to look at, or has it in an unusable form.
        """
        if isinstance(clip, Mapping):
            row = clip
        else:
            clip = rereadable(clip)
            row = {
                "video": clip if has_video_track(clip) else None,
                "audio": clip if has_audio_track(clip) else None,
            }
        faces = row.get("faces") if faces is None else faces
        if faces is None and row.get("face") is not None and self._shows("face"):
            faces = faces_of_row(row["face"], self.n_frames)
        is_given = faces is not None and not isinstance(faces, FaceCropper | FaceFolder)
        return self(
            text=[text if text is not None else row.get("text")],
            videos=[row.get("video")],
            audio=[row.get("audio")],
            faces=[faces] if is_given else faces,
            question=[question],
            options=options,
        )

    def answers(self, tokens: Any, input_ids: Any) -> list[str]:
        """What was generated, without the prompt and what ends an answer.

        Args:
            tokens: What ``generate`` returned, ``(batch, sequence)``.
            input_ids: What it was given.
        """
        texts = self.tokenizer.batch_decode(
            tokens[:, input_ids.shape[1] :], skip_special_tokens=True
        )
        if self.answer_end:
            texts = [text.partition(self.answer_end)[0] for text in texts]
        return [text.strip() for text in texts]

    def stopping(self) -> dict[str, Any]:
        """The arguments with which ``generate`` stops at the configuration's answer end."""
        if not self.answer_end:
            return {}
        return {"stop_strings": [self.answer_end], "tokenizer": self.tokenizer}

    def require_fit(self, config: AffectGPTConfig) -> None:
        """Refuse a model that this processor was not made for.

        Wording, and how many frames and clips are sampled, may differ.

        Raises:
            ValueError: Names every field that differs, with both values.
        """
        names = ("n_tokens", "audio_clip_samples", "audio_norm", "face_channel_order", "answer_end")
        mine = {name: getattr(self, name) for name in names}
        mine["image_size"] = self.image_processor.size["height"]
        mine["sampling_rate"] = self.feature_extractor.sampling_rate
        ids = {t: self.tokenizer.convert_tokens_to_ids(t) for t in config.placeholders}
        differ = [
            f"{name} {value!r} and {getattr(config, name)!r}"
            for name, value in {**mine, "placeholders": ids}.items()
            if value != getattr(config, name)
        ]
        if differ:
            raise ValueError(
                f"processor and model do not fit: got {'; '.join(differ)}, expected the same. "
                "Load both from one folder, or make the processor from the model's configuration."
            )

    def _padding(
        self,
        samples: Sequence[Mapping[str, Any]],
        padding: str,
        side: str | None,
        max_length: int | None,
    ) -> dict[str, Any]:
        """How samples are padded, with what is left open filled in."""
        learning = any("labels" in sample for sample in samples)
        return {
            "pad_token_id": self.tokenizer.pad_token_id,
            "padding": padding,
            "side": side or ("right" if learning else "left"),
            "limit": self.tokenizer.model_max_length if max_length is None else max_length,
        }

    def _writer(self) -> PromptWriter:
        placeholders = {
            kind: getattr(self, f"{kind}_token") * count for kind, count in self.n_tokens.items()
        }
        return PromptWriter(self.tokenizer, self.prompt, placeholders)

    def _shows(self, name: str) -> bool:
        return any(name in fields_of(part) for part in self.prompt)

    def _cuts_by_itself(self) -> bool:
        """Whether a video without faces is of no use, for the prompt names faces alone."""
        return self._shows("face") and not self._shows("video")

    def _own_cutter(self) -> FaceCropper:
        return FaceCropper(self.image_processor.size["height"])

    def _cutter(self, faces: Any, videos: Any) -> FaceCropper | FaceFolder | None:
        """What finds the faces of a video, or None where they are given or not wanted."""
        if faces is None and videos is not None and self._cuts_by_itself():
            return self._own_cutter()
        if faces is not None and not self._shows("face"):
            raise ValueError(
                "faces have no place: got `faces` for a prompt without a part that names {face}. "
                "Leave them out, or set `prompt` in the configuration."
            )
        if not isinstance(faces, FaceCropper | FaceFolder):
            return None
        if videos is None:
            raise ValueError(
                f"there is nothing to find faces in: got {type(faces).__name__} without `videos`, "
                "expected both. Pass the videos, or the faces themselves."
            )
        return faces

    def _prompt_ids(
        self,
        writer: PromptWriter,
        index: int,
        text: str | None,
        question: str,
        has: set[str],
        *,
        learning: bool,
    ) -> list[int]:
        if not (text or has):
            raise ValueError(
                f"sample {index} is empty: got no text, no video and no audio, expected at least "
                "one of them. Leave the sample out."
            )
        present = {*has, "question", *(["text"] if text else [])}
        if "audio" in has and has & {"face", "video"} and self.n_tokens["fused"]:
            present.add("fused")
        said = {"text": text or "", "question": question}
        return writer.prompt_ids(present, said, self.training_prefix if learning else "")


# Fields of the configuration that the processor keeps, under the same names.
_FROM_CONFIG = (
    "prompt",
    "questions",
    "default_question",
    "n_tokens",
    "n_frames",
    "n_audio_clips",
    "audio_clip_samples",
    "audio_norm",
    "face_channel_order",
    "training_prefix",
    "answer_end",
    "fused_token",
    "audio_token",
    "face_token",
    "video_token",
)


AffectGPTProcessor.register_for_auto_class()
