"""From clips, transcripts and questions to the tensors AffectGPT takes, and back to answers."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from transformers.feature_extraction_utils import BatchFeature
from transformers.processing_utils import ProcessorMixin

from .configuration_affectgpt import AffectGPTConfig
from .configuration_prompt import read_prompt
from .face_cropping import FaceCropper
from .face_folder import FaceFolder, faces_of_row
from .media_tracks import Media, opened_once, rereadable, tracks_of
from .processing_batch import align, pad_samples, pad_tokens, stack_media
from .processing_fit import fit_tokenizer, require_fit
from .processing_inputs import make_feature_extractor, make_image_processor
from .processing_messages import read_conversations
from .processing_modalities import choose_cutter, drop_modalities, keep_shown
from .processing_samples import read_media, write_samples

FROM_VIDEO = "from_video"
# Arguments of the processor that are no fields of the configuration.
OWN_PARTS = {"image_processor", "feature_extractor", "tokenizer", "chat_template"}


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
        read_prompt(prompt)
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
        fit_tokenizer(tokenizer, config)
        fields = inspect.signature(cls).parameters.keys() - OWN_PARTS
        kept = {name: getattr(config, name) for name in fields}
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
            audio tower's own extractor gives for each piece, and ``audio_mask``. A modality that no
            sample has gives no key; a sample that lacks it gets zeros and False. With answers,
            ``labels`` ``(batch, sequence)``: the answer's tokens and the end token, -100 elsewhere.

        Raises:
            FileNotFoundError: A media file is not there.
            ValueError: Nothing to look at in a sample, lists of different length, texts that are
                none, an unknown question name, faces that the prompt has no place for (other media
                without one are not used), a sample longer than ``max_length`` (nothing is ever
                cut), or unusable media.

        Differs: audio is normalised over the pieces of one sample; the official training normalises
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
        prompt, side = read_prompt(self.prompt), self.image_processor.size["height"]
        cutter = choose_cutter(prompt, faces, videos, side)
        batch = align(
            text=text,
            videos=videos,
            audio=audio,
            faces=videos if cutter is not None else faces,
            answers=answers,
            question=question,
        )
        cutters = keep_shown(batch, prompt, cutter, side)
        if modality_dropout:
            drop_modalities(batch, modality_dropout, seed)
        learning = answers is not None
        samples = write_samples(self, prompt, batch, options, learning=learning)
        # A sample that is too long is refused before any media are read.
        data = pad_tokens(samples, self.tokenizer, padding, padding_side, max_length)
        data |= stack_media(read_media(self, batch, cutters, return_face_found=return_face_found))
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
        batch = pad_samples(samples, self.tokenizer, padding, padding_side, max_length)
        return BatchFeature(batch, tensor_type=return_tensors)

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
        with opened_once():
            if isinstance(clip, Mapping):
                row = clip
            else:
                clip = rereadable(clip)
                tracks = tracks_of(clip)
                row = {kind: clip if kind in tracks else None for kind in ("video", "audio")}
            faces = row.get("faces") if faces is None else faces
            has_array = faces is None and row.get("face") is not None
            if has_array and "face" in read_prompt(self.prompt).fields:
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

        Wording, and how many frames and pieces of sound are sampled, may differ.

        Raises:
            ValueError: Names every field that differs, with both values.
        """
        require_fit(self, config)


AffectGPTProcessor.register_for_auto_class()
