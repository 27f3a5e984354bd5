"""The AffectGPT configuration: the towers, the pre-fusion, and the wording of every prompt.

Wording lives here and not in code, so a checkpoint trained with other sentences, or in another
language, is the same classes with another ``config.json``.
"""

from dataclasses import field
from os import PathLike
from typing import Any, Literal

from huggingface_hub.dataclasses import strict
from transformers import AutoConfig, Blip2QFormerConfig
from transformers.configuration_utils import PreTrainedConfig, SubConfigSpec

from .configuration_prompt import PROMPT, read_prompt
from .configuration_questions import QUESTIONS
from .configuration_sizes import (
    CLIP_VIT_L14,
    HUBERT_LARGE,
    QFORMER,
    QWEN2_5_7B,
    TINY_AUDIO,
    TINY_QFORMER,
    TINY_TEXT,
    TINY_VISION,
)
from .modeling_towers import AudioFamily, VisionFamily, audio_family, vision_family

# Where each Auto class finds its class when the files of this folder travel with a checkpoint.
AUTO_MAP = {
    "AutoConfig": "configuration_affectgpt.AffectGPTConfig",
    "AutoModel": "modeling_backbone.AffectGPTModel",
    "AutoModelForMultimodalLM": "modeling_affectgpt.AffectGPTForConditionalGeneration",
    "AutoProcessor": "processing_affectgpt.AffectGPTProcessor",
}

# Sizes of which there must be some.
_COUNTS = (
    "audio_layers",
    "n_vision_queries",
    "n_audio_queries",
    "n_vision_positions",
    "n_audio_positions",
    "fusion_dim",
    "n_fusion_queries",
    "n_fusion_positions",
    "n_frames",
    "image_size",
    "n_audio_clips",
    "audio_clip_s",
    "sampling_rate",
)


@strict
class AffectGPTConfig(PreTrainedConfig):
    r"""Sizes, towers, pre-fusion and wording of an AffectGPT model.

    ``AffectGPTConfig()`` is the paper's model at its real sizes: CLIP ViT-L/14, a large HuBERT and
    Qwen2.5-7B. ``AffectGPTConfig.tiny(...)`` is the same classes, small.

    > The towers and the language model

    Args:
        vision_config: A configuration of one of ``VISION_FAMILIES``, or its dict.
        audio_config: A configuration of one of ``AUDIO_FAMILIES``, or its dict.
        text_config: The configuration of any causal language model, or its dict.
        qformer_config: Sizes of the Q-Formers, where there are any.
        freeze_towers: Whether the vision and the audio tower stay in eval mode and get no gradient.
        vision_feature: What is taken from the vision tower: ``"projection"``, ``"pooled"``,
            ``"mean"`` or ``"mean_unnormed"``; None takes what fits the family.
        audio_feature: What is taken from the audio tower: ``"layers"``, ``"mean"``, ``"pooled"`` or
            ``"projection"``; None takes what fits the family.
        audio_layers: How many of the last audio layers ``"layers"`` averages, final norm included.

    > Tokens of one modality

    Args:
        vision_pooling: From frames to tokens: ``"attention"`` (one token, learned weights that no
            softmax normalises), ``"mean"`` (one token), or ``"qformer"``.
        audio_pooling: The same, from pieces of sound to tokens.
        n_vision_queries: Tokens that ``"qformer"`` makes of a video.
        n_audio_queries: Tokens that it makes of a sound.
        n_vision_positions: Most frames that it reads.
        n_audio_positions: Most pieces of sound that it reads.

    > The pre-fusion

    Args:
        fusion: ``"attention"`` (equations 5 to 7 of the paper), ``"qformer"`` (equations 3 and 4)
            or ``"none"``.
        fusion_input: ``"features"`` fuses the towers' outputs Z, ``"tokens"`` the projected tokens
            H, which the paper found worse.
        fusion_dim: Width in which face and voice are fused.
        n_fusion_queries: Tokens that ``"qformer"`` makes; ``"attention"`` makes one.
        n_fusion_positions: Most steps of face and voice together that it reads.

    > What the processor samples from a clip

    Args:
        n_frames: Video frames per sample.
        image_size: Side in pixels that frames are resized to; None takes what fits the family.
        n_audio_clips: Pieces of sound per sample, evenly spaced.
        audio_clip_s: Length of one piece in seconds.
        audio_spacing: Where the pieces lie: ``"to_end"``, the last one ending with the sound, or
            ``"before_end"``, spaced as if there were one more; see :func:`media_sound.cut_pieces`.
        sampling_rate: Of the waveforms, in Hz; None takes what fits the family, mostly 16,000.
        audio_norm: Zero mean and unit variance over all pieces of a sample (``"joint"``), piece by
            piece (``"clip"``), or not at all (``"none"``). Towers that hear a spectrogram are given
            what their own extractor makes.
        face_channel_order: Order of the colours in which the tower sees faces. The official models
            were trained with ``"bgr"``.

    > The wording

    Args:
        prompt: Parts of the prompt, in order. A part may name ``{fused}``, ``{audio}``,
            ``{face}``, ``{video}``, ``{text}`` and ``{question}``; it is left out of a sample that
            lacks one of those it names, so a missing modality leaves no sentence and no token. A
            modality that no part names is not used.
        empty_text: What becomes of the part that names ``{text}`` where nothing is said:
            ``"drop"`` leaves it out, ``"keep"`` writes it around an empty transcript, as the
            official code does.
        fused_picture: What a prompt that names ``{fused}`` without ``{face}`` and ``{video}`` fuses
            the voice with: ``"faces"``, or ``"frames"``.
        questions: Questions by name; a processor call may also ask any other text. A question may
            name ``{options}``, which the call then gives.
        default_question: Name of the one that is asked where none is named.
        training_prefix: What precedes the prompt where there is an answer to learn, and only there.
            The official models were trained with ``"<|im_start|>"`` and asked without.
        answer_end: What follows an answer before the end token, and ends a generated one. The
            official models say ``"###"``.
        fused_token: Placeholder in the vocabulary for a fused token, and so on.
        fused_token_id: Its id. The default ids are the first four free ones of Qwen2.5.

    Raises:
        ValueError: A tower of a family that is not known, or a feature or so many layers as it does
            not have, pieces of sound longer than it hears, a size of 0 or less, more frames or
            pieces than there are positions, a prompt part that names something else, no part that
            asks the question, or placeholder ids that are equal or lie outside the vocabulary.
        StrictDataclassFieldValidationError: A field of the wrong type, or not one of its choices.

    Source: AffectGPT (Lian et al., 2025), section 3.2 and appendix on implementation details.

    Example:
        >>> config = AffectGPTConfig()
        >>> config.vision_config.projection_dim, config.audio_config.hidden_size
        (768, 1024)
        >>> AffectGPTConfig.tiny(vocab_size=300).fused_token_id
        296
    """

    model_type = "affectgpt"
    sub_configs_defaults = {
        "vision_config": SubConfigSpec(AutoConfig, "clip_vision_model", CLIP_VIT_L14),
        "audio_config": SubConfigSpec(AutoConfig, "hubert", HUBERT_LARGE),
        "text_config": SubConfigSpec(AutoConfig, "qwen2", QWEN2_5_7B),
        "qformer_config": SubConfigSpec(Blip2QFormerConfig, init_kwargs=QFORMER),
    }

    vision_config: Any = None
    audio_config: Any = None
    text_config: Any = None
    qformer_config: Any = None
    freeze_towers: bool = True
    vision_feature: Literal["projection", "pooled", "mean", "mean_unnormed"] | None = None
    audio_feature: Literal["layers", "mean", "pooled", "projection"] | None = None
    audio_layers: int = 4

    vision_pooling: Literal["attention", "qformer", "mean"] = "attention"
    audio_pooling: Literal["attention", "qformer", "mean"] = "attention"
    n_vision_queries: int = 32
    n_audio_queries: int = 8
    n_vision_positions: int = 32
    n_audio_positions: int = 8

    fusion: Literal["attention", "qformer", "none"] = "attention"
    fusion_input: Literal["features", "tokens"] = "features"
    fusion_dim: int = 1024
    n_fusion_queries: int = 16
    n_fusion_positions: int = 264

    n_frames: int = 8
    image_size: int | None = None
    n_audio_clips: int = 8
    audio_clip_s: float = 2.0
    audio_spacing: Literal["to_end", "before_end"] = "to_end"
    sampling_rate: int | None = None
    audio_norm: Literal["joint", "clip", "none"] = "joint"
    face_channel_order: Literal["rgb", "bgr"] = "rgb"

    prompt: list[str] = field(default_factory=lambda: list(PROMPT))
    empty_text: Literal["drop", "keep"] = "drop"
    fused_picture: Literal["frames", "faces"] = "frames"
    questions: dict[str, str] = field(default_factory=lambda: dict(QUESTIONS))
    default_question: str = "labels"
    training_prefix: str = ""
    answer_end: str = ""
    fused_token: str = "<|fused|>"
    audio_token: str = "<|audio|>"
    face_token: str = "<|face|>"
    video_token: str = "<|video|>"
    fused_token_id: int = 151665
    audio_token_id: int = 151666
    face_token_id: int = 151667
    video_token_id: int = 151668

    tie_word_embeddings: bool = False

    def __post_init__(self, **kwargs: Any) -> None:
        """Fill in what follows from the towers; the language model decides on tying."""
        super().__post_init__(**kwargs)
        self.tie_word_embeddings = getattr(self.text_config, "tie_word_embeddings", False)
        self._check_counts()
        self._check_reach()
        read_prompt(self.prompt)
        self._check_placeholders()
        # Names of families are checked, and unknown ones refused, where their features are asked.
        self.vision_feature = self.vision_feature or self.vision_family.feature
        self.audio_feature = self.audio_feature or self.audio_family.feature
        if self.image_size is None:
            self.image_size = self.vision_family.size or self.vision_config.image_size
        if self.sampling_rate is None:
            self.sampling_rate = self.audio_family.rate_hz
        self._check_features()

    def _check_counts(self) -> None:
        """Refuse sizes of which there must be some."""
        for name in _COUNTS:
            if getattr(self, name) is not None and getattr(self, name) <= 0:
                raise ValueError(
                    f"`{name}` is too small: got {getattr(self, name)}, expected more than 0. "
                    "Leave it out for what is usual."
                )

    def _check_reach(self) -> None:
        """Refuse more frames or pieces of sound than the Q-Formers can read."""
        both = self.n_frames + self.n_audio_clips
        for name, kind, steps in (
            ("n_vision_positions", self.vision_pooling, self.n_frames),
            ("n_audio_positions", self.audio_pooling, self.n_audio_clips),
            ("n_fusion_positions", self.fusion, both if self.fusion_input == "features" else 0),
        ):
            if kind == "qformer" and steps > getattr(self, name):
                raise ValueError(
                    f"`{name}` is too small: got {getattr(self, name)} positions for {steps} "
                    f"steps, expected at least {steps}. Raise `{name}` or sample less."
                )

    def _check_features(self) -> None:
        """Refuse a feature that a tower does not have, and pieces that it cannot hear whole."""
        for name, model_type, features in (
            ("vision_feature", self.vision_config.model_type, self.vision_family.features),
            ("audio_feature", self.audio_config.model_type, self.audio_family.features),
        ):
            if getattr(self, name) not in features:
                raise ValueError(
                    f"`{name}` does not fit {model_type!r}: got {getattr(self, name)!r}, expected "
                    f"one of {', '.join(features)}. Leave it out for what is usual."
                )
        # What goes into the first layer counts as one.
        n_layers = getattr(self.audio_config, "num_hidden_layers", 0) + 1
        if self.audio_feature == "layers" and self.audio_layers > n_layers:
            raise ValueError(
                f"`audio_layers` is too many: got {self.audio_layers}, expected {n_layers} at "
                "most, which is all that the audio tower has. Average fewer."
            )
        window_s = self.audio_family.window_s
        if window_s is not None and self.audio_clip_s > window_s(self.audio_config):
            raise ValueError(
                f"`audio_clip_s` is too long for {self.audio_config.model_type!r}: got "
                f"{self.audio_clip_s} s, expected {window_s(self.audio_config):g} s at most. Take "
                "more and shorter pieces."
            )

    def _check_placeholders(self) -> None:
        vocab_size = self.text_config.vocab_size
        ids = tuple(self.placeholders.values())
        if (
            len(self.placeholders) < 4
            or len(set(ids)) < 4
            or not all(0 <= i < vocab_size for i in ids)
        ):
            raise ValueError(
                f"placeholder ids do not fit: got {ids}, expected four different ids below "
                f"{vocab_size}. Set `fused_token_id`, `audio_token_id`, `face_token_id` and "
                "`video_token_id`."
            )

    @classmethod
    def tiny(cls, vocab_size: int = 512, **overrides: Any) -> "AffectGPTConfig":
        """A configuration of about a million parameters, for demonstrations and tests.

        Args:
            vocab_size: Size of the tokenizer with the four placeholders, which take the last ids.
            **overrides: Any field. A dict for ``vision_config``, ``audio_config``,
                ``text_config`` or ``qformer_config`` changes single fields of the tiny one, or is
                taken as it is where it names another ``model_type``.

        Example:
            >>> config = AffectGPTConfig.tiny(vocab_size=300, text_config={"hidden_size": 64})
            >>> config.text_config.hidden_size, config.text_config.num_hidden_layers
            (64, 2)
        """
        parts: dict[str, dict[str, Any]] = {
            "vision_config": {"model_type": "clip_vision_model", **TINY_VISION},
            "audio_config": {"model_type": "hubert", **TINY_AUDIO},
            "text_config": {"model_type": "qwen2", **TINY_TEXT, "vocab_size": vocab_size},
            "qformer_config": {"model_type": "blip_2_qformer", **TINY_QFORMER},
        }
        for name, values in parts.items():
            given = overrides.pop(name, {})
            other = given.get("model_type", values["model_type"]) != values["model_type"]
            parts[name] = dict(given) if other else {**values, **given}
        fields: dict[str, Any] = {
            **parts,
            "fusion_dim": 64,
            "audio_layers": 2,
            "n_audio_clips": 1,
            "n_vision_queries": 4,
            "n_audio_queries": 2,
            "n_fusion_queries": 3,
            "fused_token_id": vocab_size - 4,
            "audio_token_id": vocab_size - 3,
            "face_token_id": vocab_size - 2,
            "video_token_id": vocab_size - 1,
        }
        return cls(**fields | overrides)

    @property
    def vision_family(self) -> VisionFamily:
        """What the vision tower's model type says about it."""
        return vision_family(self.vision_config.model_type)

    @property
    def audio_family(self) -> AudioFamily:
        """What the audio tower's model type says about it."""
        return audio_family(self.audio_config.model_type)

    @property
    def vision_dim(self) -> int:
        """Width of one frame's feature."""
        return _feature_width(self.vision_config, self.vision_feature)

    @property
    def audio_dim(self) -> int:
        """Width of the feature of one piece of sound."""
        return _feature_width(self.audio_config, self.audio_feature)

    @property
    def audio_clip_samples(self) -> int:
        """Samples in one piece of sound."""
        return round(self.audio_clip_s * (self.sampling_rate or self.audio_family.rate_hz))

    @property
    def placeholders(self) -> dict[str, int]:
        """Id of each placeholder by its token."""
        return {
            self.fused_token: self.fused_token_id,
            self.audio_token: self.audio_token_id,
            self.face_token: self.face_token_id,
            self.video_token: self.video_token_id,
        }

    @property
    def image_token_id(self) -> int:
        """What trl asks of a model with pictures, so as never to sample it."""
        return self.video_token_id

    @property
    def named(self) -> dict[str, bool]:
        """Whether the prompt names each kind of soft token; what it does not name is not used."""
        fields = read_prompt(self.prompt).fields
        return {kind: kind in fields for kind in ("fused", "audio", "face", "video")}

    @property
    def n_tokens(self) -> dict[str, int]:
        """Soft tokens that a sample has of each kind, if it has the kind."""
        n_vision = self.n_vision_queries if self.vision_pooling == "qformer" else 1
        n_audio = self.n_audio_queries if self.audio_pooling == "qformer" else 1
        fused = {"attention": 1, "qformer": self.n_fusion_queries, "none": 0}[self.fusion]
        return {"fused": fused, "audio": n_audio, "face": n_vision, "video": n_vision}

    def save_pretrained(
        self, save_directory: str | PathLike, push_to_hub: bool = False, **kwargs: Any
    ) -> None:
        """Write ``config.json`` with one entry per Auto class, and the files they need beside it.

        One class can announce itself to a single Auto class only, so the map is set here whole.
        """
        self.auto_map = dict(AUTO_MAP)
        super().save_pretrained(save_directory, push_to_hub=push_to_hub, **kwargs)


def _feature_width(tower: Any, feature: str | None) -> int:
    width: int = tower.projection_dim if feature == "projection" else tower.hidden_size
    return width


AffectGPTConfig.register_for_auto_class()
