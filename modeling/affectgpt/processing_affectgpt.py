"""From clips, transcripts and questions to the tensors AffectGPT takes, and back to answers."""

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

from transformers.feature_extraction_utils import BatchFeature
from transformers.processing_utils import ProcessorMixin

from .configuration_affectgpt import AffectGPTConfig
from .configuration_prompt import read_prompt, shown_fields
from .media_tracks import Media, opened_once
from .processing_answers import cut_answer, stopping
from .processing_batch import MASKS, pad_samples, pad_tokens, stack_media
from .processing_call import read_call
from .processing_chat import ChatReader
from .processing_clip import arguments_of
from .processing_fit import fit_tokenizer, require_fit
from .processing_inputs import make_feature_extractor, make_image_processor
from .processing_keywords import read_form
from .processing_modalities import drop_modalities
from .processing_packing import pack_samples
from .processing_samples import read_media, write_samples

# Arguments of the processor that are no fields of the configuration.
OWN_PARTS = {"image_processor", "feature_extractor", "tokenizer", "chat_template"}


class AffectGPTProcessor(ChatReader, ProcessorMixin):  # type: ignore[misc]
    """Media, transcripts and questions to tensors, and token ids back to text.

    Build it with :meth:`from_config`; ``save_pretrained`` and ``from_pretrained`` do the rest.

    Args:
        image_processor: Resizes and normalises frames.
        feature_extractor: Turns waveforms at its ``sampling_rate`` into the audio tower's input.
        tokenizer: The language model's, with the placeholders.
        prompt: This and what follows is what :class:`AffectGPTConfig` says of the same names; a
            width that is None, as in folders saved before there were any, is not checked.
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
        audio_spacing: str = "to_end",
        empty_text: str = "drop",
        fused_picture: str = "frames",
        vision_dim: int | None = None,
        audio_dim: int | None = None,
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
        self.audio_spacing = audio_spacing
        self.empty_text = empty_text
        self.fused_picture = fused_picture
        self.vision_dim = vision_dim
        self.audio_dim = audio_dim
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
        media = {name: mask for name, mask in MASKS.items() if mask is not None}
        return ["input_ids", "attention_mask", *media, *dict.fromkeys(media.values())]

    def __call__(
        self,
        text: Any = None,
        videos: Media | None = None,
        audio: Media | None = None,
        faces: Any = None,
        question: Any = None,
        options: Sequence[str] | None = None,
        answers: Any = None,
        answer_start: Any = None,
        modality_dropout: float = 0.0,
        seed: int | None = None,
        padding: bool | str = True,
        return_face_found: bool = False,
        return_tensors: str | None = "pt",
        vision_features: Any = None,
        face_features: Any = None,
        audio_features: Any = None,
        **kwargs: Any,
    ) -> BatchFeature:
        """Turn samples into one batch.

        A list, a tuple or a column of a dataset is a batch, anything else is one sample; None
        stands for what a sample lacks.

        Args:
            text: Transcripts. None and ``""`` leave no sentence in the prompt, unless the
                configuration's ``empty_text`` is ``"keep"``.
            videos: Paths, bytes, datasets rows ``{"bytes", "path"}``, decoders of PyAV and
                torchcodec, or uint8 arrays or tensors of RGB frames; see
                :func:`media_tracks.load_frames`. URLs are refused.
            audio: The same, or float arrays or tensors at the processor's rate, rows ``{"array",
                "sampling_rate"}``, or pairs of an array and its rate in Hz; see
                :func:`media_tracks.load_waveform`. ``"from_video"`` takes each video's own track.
            faces: Cut-out faces: uint8 arrays ``(frames, height, width, 3)`` in RGB, a
                :class:`FaceCropper` that finds them in the videos, or a :class:`FaceFolder` with a
                file for each video's name. None leaves faces out, and the frames serve; where the
                prompt names ``{face}`` and not ``{video}``, they are cut out all the same.
            question: Name of a question in the configuration, or any other text; one for all or one
                per sample. A single ASCII word is always taken for a name. The configuration's
                ``default_question``, if left out.
            options: What a question that names ``{options}`` chooses from, the same for all.
            answers: What the model should say; then ``labels`` come out as well.
            answer_start: What its answer begins with, where it is to go on from there.
            modality_dropout: For training: the chance, 0 to 1, with which each modality of a sample
                is left out, text included. One is always kept.
            seed: Of that chance.
            padding: True or ``"longest"``, ``"max_length"``, or False.
            return_face_found: Whether to add ``face_found`` ``(batch, n_frames)`` bool: False where
                no face was found in a frame and the whole frame stands in. For you, not the model.
            return_tensors: ``"pt"``, ``"np"`` or None.
            vision_features: What :meth:`AffectGPTModel.get_video_features` gave for the frames, in
                place of ``videos``: ``(n_frames, vision_dim)`` a sample, arrays or tensors of any
                floating type. The prompt is written as if the video were there.
            face_features: The same of faces, in place of ``faces``. Frames' features stand for no
                faces: where the prompt shows faces alone, these are needed.
            audio_features: ``(n_audio_clips, audio_dim)`` of sound, in place of ``audio``.
            **kwargs: ``padding_side``, ``max_length``, ``truncation``, ``pad_to_multiple_of``,
                ``num_frames`` and ``sampling_rate``, as :class:`processing_keywords.Form` says, in
                ``text_kwargs`` and the like or not; and others of transformers' keywords at the
                values at which they change nothing.

        Returns:
            ``input_ids`` and ``attention_mask`` ``(batch, sequence)`` int64. With video,
            ``pixel_values`` ``(batch, n_frames, 3, height, width)`` float32 and ``video_mask``
            ``(batch,)`` bool; with faces, ``face_pixel_values`` and ``face_mask`` in the same form;
            with audio, ``input_values`` ``(batch, n_audio_clips, samples)`` float32, or what the
            audio tower's own extractor gives for each piece, and ``audio_mask``. Features come out
            as float32 under their own names, ``(batch, steps, dim)``, with the same masks. A
            modality that no sample has gives no key; a sample that lacks it gets zeros and False.
            With answers, ``labels`` ``(batch, sequence)``: the answer's tokens and the end token,
            -100 elsewhere.

        Raises:
            FileNotFoundError: A media file is not there.
            TypeError: An argument that is none; the right one is named.
            ValueError: Nothing to look at in a sample, lists of different length, texts that are
                none, an unknown question name, faces that the prompt has no place for (other media
                without one are not used), a sample longer than ``max_length`` (nothing is cut but
                transcripts, and those if ``truncation`` is set), unusable media, features of
                another shape, or a modality as media and as features in one batch.

        Differs: audio is normalised over the pieces of one sample; the official training normalises
        over the whole batch, so that a sample's features depend on its neighbours.
        """
        form = read_form(kwargs, _ARGUMENTS, padding=padding, return_tensors=return_tensors)
        if options is not None and not isinstance(options, str):
            options = list(options)
        prompt = read_prompt(self.prompt)
        batch, cutters = read_call(
            self,
            prompt,
            form.num_frames,
            text=text,
            videos=videos,
            audio=audio,
            faces=faces,
            features={
                "vision_features": vision_features,
                "face_features": face_features,
                "audio_features": audio_features,
            },
            answers=answers,
            answer_start=answer_start,
            question=question,
        )
        if modality_dropout:
            drop_modalities(batch, modality_dropout, seed)
        cut_to = form.limit(self.tokenizer) if form.truncation else None
        learning = answers is not None
        samples = write_samples(self, prompt, batch, options, learning=learning, cut_to=cut_to)
        # A sample that is too long is refused before any media are read.
        data = pad_tokens(samples, self.tokenizer, form)
        media = read_media(
            self,
            batch,
            cutters,
            return_face_found=return_face_found,
            n_frames=form.num_frames,
            rate_hz=form.sampling_rate,
        )
        return BatchFeature(data | stack_media(media), tensor_type=form.return_tensors)

    def pad(
        self,
        samples: Sequence[Mapping[str, Any]],
        padding: bool | str = True,
        return_tensors: str | None = "pt",
        **kwargs: Any,
    ) -> BatchFeature:
        """Put samples that were made one by one into one batch; it can collate for a DataLoader.

        Args:
            samples: What :meth:`__call__` returns for each, without the batch axis: tensors on the
                CPU, arrays or lists. ``input_ids`` ``(tokens,)``, and ``labels`` of all or none;
                of the rest, what a sample has. A sample's own ``video_mask``, ``face_mask`` and
                ``audio_mask`` may be there or not; where one says False, that media is left out.
            padding: See :meth:`__call__`, as what follows.
            return_tensors: ``"pt"``, ``"np"`` or None.
            **kwargs: ``padding_side``, ``max_length`` and ``pad_to_multiple_of``.

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
        form = read_form(kwargs, {"samples"}, padding=padding, return_tensors=return_tensors)
        batch = pad_samples(samples, self.tokenizer, form)
        return BatchFeature(batch, tensor_type=form.return_tensors)

    def pack(
        self, samples: Sequence[Mapping[str, Any]], return_tensors: str | None = "pt"
    ) -> BatchFeature:
        """Put samples into one row without padding, in which none sees another.

        Args:
            samples: As for :meth:`pad`; padding in them is left out.
            return_tensors: ``"pt"``, ``"np"`` or None.

        Returns:
            ``input_ids``, ``position_ids``, which begin at 0 with each sample and tell them apart,
            and ``labels`` ``(1, tokens)``, the first of each sample -100; media and their masks as
            :meth:`pad`, one row a sample. No ``attention_mask``: the model refuses one.

        Raises:
            ValueError: As :meth:`pad`, or a sample has no tokens.
        """
        return BatchFeature(pack_samples(samples), tensor_type=return_tensors)

    def read(
        self,
        clip: Any = None,
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
                None where there is text alone.
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
            shown = shown_fields(read_prompt(self.prompt), self.fused_picture)
            given = arguments_of(clip, shown, self.n_frames, text=text, faces=faces)
            return self(**given, question=[question], options=options)

    def answers(self, tokens: Any, input_ids: Any) -> list[str]:
        """What was generated, without the prompt and what ends an answer.

        Args:
            tokens: What ``generate`` returned, ``(batch, sequence)``.
            input_ids: What it was given.
        """
        said = tokens[:, input_ids.shape[1] :]
        texts = self.tokenizer.batch_decode(said, skip_special_tokens=True)
        return [cut_answer(text, self.answer_end) for text in texts]

    def stopping(self, settings: Any = None) -> dict[str, Any]:
        """The arguments with which ``generate`` stops where an answer ends.

        Args:
            settings: The model's ``generation_config``, for its end tokens and the padding; left
                out, the arguments are those for the configuration's ``answer_end`` alone.
        """
        return stopping(self.tokenizer, self.answer_end, settings)

    def require_fit(self, config: AffectGPTConfig) -> None:
        """Refuse a model that this processor was not made for.

        Wording, and how many frames and pieces of sound are sampled, may differ.

        Raises:
            ValueError: Names every field that differs, with both values.
        """
        require_fit(self, config)


_ARGUMENTS = inspect.signature(AffectGPTProcessor.__call__).parameters.keys() - {"self", "kwargs"}

AffectGPTProcessor.register_for_auto_class()
