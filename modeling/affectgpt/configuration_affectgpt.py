"""The AffectGPT configuration: three towers, the pre-fusion, and the wording of every prompt.

Wording lives here and not in code, so a checkpoint trained with other sentences, or in another
language, is the same classes with another ``config.json``.
"""

from collections.abc import Sequence
from dataclasses import field
from os import PathLike
from string import Formatter
from typing import Any, Literal

from huggingface_hub.dataclasses import strict
from transformers import AutoConfig
from transformers.configuration_utils import PreTrainedConfig, SubConfigSpec

# Where each Auto class finds its class when the files of this folder travel with a checkpoint.
AUTO_MAP = {
    "AutoConfig": "configuration_affectgpt.AffectGPTConfig",
    "AutoModel": "modeling_affectgpt.AffectGPTModel",
    "AutoModelForMultimodalLM": "modeling_affectgpt.AffectGPTForConditionalGeneration",
    "AutoProcessor": "processing_affectgpt.AffectGPTProcessor",
}

# What a part of the prompt may name. A part is left out where a sample lacks what it names.
PROMPT_FIELDS = ("fused", "audio", "video", "text", "question")

# The order is the official one: fused, audio, video, transcript, question.
PROMPT = (
    "Voice and face taken together: {fused}\n",
    "The voice: {audio}\n",
    "The face and the scene: {video}\n",
    'What is said: "{text}"\n',
    "{question}\nAnswer:\n",
)

QUESTIONS = {
    "labels": "Which emotions does this person show? List every one that applies.",
    "description": (
        "What is this person feeling, and which signs in the voice, the face and the words tell?"
    ),
    "emotion": (
        "Which single word fits this person best: anger, disgust, fear, joy, neutral, sadness or "
        "surprise?"
    ),
    "sentiment": "Is this person's feeling positive, negative or neutral?",
    "valence": "How pleasant is this person's feeling, from -1 (unpleasant) to 1 (pleasant)?",
}

# openai/clip-vit-large-patch14, its image half.
CLIP_VIT_L14 = {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "projection_dim": 768,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "image_size": 224,
    "patch_size": 14,
}

# TencentGameMate/chinese-hubert-large.
HUBERT_LARGE = {
    "hidden_size": 1024,
    "intermediate_size": 4096,
    "num_hidden_layers": 24,
    "num_attention_heads": 16,
    "feat_extract_norm": "layer",
    "conv_bias": True,
    "do_stable_layer_norm": True,
}

# Qwen/Qwen2.5-7B-Instruct.
QWEN2_5_7B = {
    "vocab_size": 152064,
    "hidden_size": 3584,
    "intermediate_size": 18944,
    "num_hidden_layers": 28,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "max_position_embeddings": 32768,
    "rope_parameters": {"rope_type": "default", "rope_theta": 1_000_000.0},
    "tie_word_embeddings": False,
    "bos_token_id": 151643,
    "pad_token_id": 151643,
    "eos_token_id": 151645,
}

# The same classes, small enough to train from nothing on two CPU cores in minutes. Weights start
# larger than in the big models: at widths of 64 and 128 the usual 0.02 needs several times the
# epochs to learn a pitch contour or the shape of a mouth, and the wide positional convolution of
# the audio tower does as much for contours.
TINY_VISION = {
    "hidden_size": 64,
    "intermediate_size": 256,
    "projection_dim": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "image_size": 56,
    "patch_size": 14,
    "initializer_factor": 3.0,
}
TINY_AUDIO = {
    "hidden_size": 64,
    "intermediate_size": 256,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "initializer_range": 0.06,
    # 320 samples a step: 50 steps a second, as in the large model.
    "conv_dim": [32, 64, 64],
    "conv_kernel": [20, 8, 4],
    "conv_stride": [10, 8, 4],
    "conv_bias": True,
    "do_stable_layer_norm": True,
    "num_conv_pos_embeddings": 64,
    "num_conv_pos_embedding_groups": 4,
    "hidden_dropout": 0.0,
    "activation_dropout": 0.0,
    "attention_dropout": 0.0,
    "layerdrop": 0.0,
    "apply_spec_augment": False,
    "mask_time_prob": 0.0,
}
TINY_TEXT = {
    "hidden_size": 128,
    "intermediate_size": 384,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 2048,
    "initializer_range": 0.06,
    "rope_parameters": {"rope_type": "default", "rope_theta": 10_000.0},
    "tie_word_embeddings": True,
}


@strict
class AffectGPTConfig(PreTrainedConfig):
    r"""Sizes, towers, pre-fusion and wording of an AffectGPT model.

    ``AffectGPTConfig()`` is the paper's model at its real sizes: CLIP ViT-L/14, a large HuBERT and
    Qwen2.5-7B. ``AffectGPTConfig.tiny(...)`` is the same classes, small.

    > The three towers

    Args:
        vision_config: A ``clip_vision_model`` configuration or its dict.
        audio_config: A ``hubert`` configuration or its dict.
        text_config: The configuration of any causal language model, or its dict.
        freeze_towers: Whether the vision and the audio tower stay in eval mode and get no gradient.
        audio_layers: How many of the last audio layers are averaged, final norm included.

    > The pre-fusion

    Args:
        fusion: ``"attention"`` (equations 5 to 7 of the paper) or ``"none"``.
        fusion_dim: Width of the fused vector.

    > What the processor samples from a clip

    Args:
        n_frames: Video frames per sample.
        n_audio_clips: Audio clips per sample, evenly spaced.
        audio_clip_s: Length of one audio clip in seconds.
        sampling_rate: Of the waveforms, in Hz.
        audio_norm: Zero mean and unit variance over all clips of a sample (``"joint"``), clip by
            clip (``"clip"``), or not at all (``"none"``).

    > The wording

    Args:
        prompt: Parts of the prompt, in order. A part may name ``{fused}``, ``{audio}``,
            ``{video}``, ``{text}`` and ``{question}``; it is left out of a sample that lacks one of
            those it names, so a missing modality leaves no sentence and no token.
        questions: Questions by name; a processor call may also ask any other text.
        fused_token: Placeholder in the vocabulary for the fused token, and so on.
        fused_token_id: Its id. The default ids are the first three free ones of Qwen2.5.

    Raises:
        ValueError: A tower of a family that is not supported, a prompt part that names something
            else, no part that asks the question, or placeholder ids that are equal or lie outside
            the vocabulary.
        StrictDataclassFieldValidationError: A field of the wrong type, or not one of its choices.

    Source: AffectGPT (Lian et al., 2025), section 3.2 and appendix on implementation details.

    Example:
        >>> config = AffectGPTConfig()
        >>> config.vision_config.projection_dim, config.audio_config.hidden_size
        (768, 1024)
        >>> AffectGPTConfig.tiny(vocab_size=300).fused_token_id
        297
    """

    model_type = "affectgpt"
    sub_configs_defaults = {
        "vision_config": SubConfigSpec(AutoConfig, "clip_vision_model", CLIP_VIT_L14),
        "audio_config": SubConfigSpec(AutoConfig, "hubert", HUBERT_LARGE),
        "text_config": SubConfigSpec(AutoConfig, "qwen2", QWEN2_5_7B),
    }

    vision_config: Any = None
    audio_config: Any = None
    text_config: Any = None
    freeze_towers: bool = True
    audio_layers: int = 4

    fusion: Literal["attention", "none"] = "attention"
    fusion_dim: int = 1024

    n_frames: int = 8
    n_audio_clips: int = 8
    audio_clip_s: float = 2.0
    sampling_rate: int = 16000
    audio_norm: Literal["joint", "clip", "none"] = "joint"

    prompt: list[str] = field(default_factory=lambda: list(PROMPT))
    questions: dict[str, str] = field(default_factory=lambda: dict(QUESTIONS))
    fused_token: str = "<|fused|>"
    audio_token: str = "<|audio|>"
    video_token: str = "<|video|>"
    fused_token_id: int = 151665
    audio_token_id: int = 151666
    video_token_id: int = 151667

    tie_word_embeddings: bool = False

    def __post_init__(self, **kwargs: Any) -> None:
        """Fill in the towers' defaults; the language model decides on tying."""
        super().__post_init__(**kwargs)
        self.tie_word_embeddings = self.text_config.tie_word_embeddings
        self._check()

    def _check(self) -> None:
        for key, family in (("vision_config", "clip_vision_model"), ("audio_config", "hubert")):
            if (got := getattr(self, key).model_type) != family:
                raise ValueError(
                    f"`{key}` is not supported: got {got!r}, expected {family!r}. "
                    f"Pass the configuration of a {family} model."
                )
        check_prompt(self.prompt)
        vocab_size = self.text_config.vocab_size
        ids = (self.fused_token_id, self.audio_token_id, self.video_token_id)
        if len(set(ids)) < 3 or not all(0 <= i < vocab_size for i in ids):
            raise ValueError(
                f"placeholder ids do not fit: got {ids}, expected three different ids below "
                f"{vocab_size}. Set `fused_token_id`, `audio_token_id` and `video_token_id`."
            )

    @classmethod
    def tiny(cls, vocab_size: int = 512, **overrides: Any) -> "AffectGPTConfig":
        """Give a configuration of about a million parameters, for demonstrations and tests.

        Args:
            vocab_size: Size of the tokenizer with the three placeholders, which take the last ids.
            **overrides: Any field. A dict for ``vision_config``, ``audio_config`` or
                ``text_config`` changes single fields of the tiny tower.

        Example:
            >>> config = AffectGPTConfig.tiny(vocab_size=300, text_config={"hidden_size": 64})
            >>> config.text_config.hidden_size, config.text_config.num_hidden_layers
            (64, 2)
        """
        towers: dict[str, dict[str, Any]] = {
            "vision_config": TINY_VISION,
            "audio_config": TINY_AUDIO,
            "text_config": {**TINY_TEXT, "vocab_size": vocab_size},
        }
        families = {key: spec.model_type for key, spec in cls.sub_configs_defaults.items()}
        fields: dict[str, Any] = {
            key: {"model_type": families[key], **values, **overrides.pop(key, {})}
            for key, values in towers.items()
        }
        fields |= {
            "fusion_dim": 64,
            "audio_layers": 2,
            "n_audio_clips": 1,
            "fused_token_id": vocab_size - 3,
            "audio_token_id": vocab_size - 2,
            "video_token_id": vocab_size - 1,
        }
        return cls(**fields | overrides)

    @property
    def vision_dim(self) -> int:
        """Width of one frame's feature, the projected class token."""
        return int(self.vision_config.projection_dim)

    @property
    def audio_dim(self) -> int:
        """Width of one audio clip's feature."""
        return int(self.audio_config.hidden_size)

    @property
    def audio_clip_samples(self) -> int:
        """Samples in one audio clip."""
        return round(self.audio_clip_s * self.sampling_rate)

    def save_pretrained(
        self, save_directory: str | PathLike, push_to_hub: bool = False, **kwargs: Any
    ) -> None:
        """Write ``config.json`` with one entry per Auto class, and the files they need beside it.

        One class can announce itself to a single Auto class only, so the map is set here whole.
        """
        self.auto_map = dict(AUTO_MAP)
        super().save_pretrained(save_directory, push_to_hub=push_to_hub, **kwargs)


def check_prompt(prompt: Sequence[str]) -> None:
    """Refuse a prompt that names an unknown field or never asks the question.

    Raises:
        ValueError: As above.

    Example:
        >>> check_prompt(["{picture} ", "{question}"])
        Traceback (most recent call last):
        ValueError: prompt names an unknown field: got 'picture', expected one of fused, audio, ...
    """
    named = [name for part in prompt for name in fields_of(part)]
    for name in named:
        if name not in PROMPT_FIELDS:
            raise ValueError(
                f"prompt names an unknown field: got {name!r}, expected one of "
                f"{', '.join(PROMPT_FIELDS)}. Write literal braces twice: {{{{ and }}}}."
            )
    if "question" not in named:
        raise ValueError(
            f"prompt never asks: got fields {named}, expected a part with {{question}}. "
            "Add one at the end of `prompt`."
        )
    repeated = sorted({name for name in named if named.count(name) > 1})
    if repeated:
        raise ValueError(
            f"prompt names a field twice: got {', '.join(repeated)}, expected each at most once. "
            "Merge the parts that name it."
        )


def fields_of(part: str) -> list[str]:
    """Give the fields that a part of the prompt names, in order.

    Example:
        >>> fields_of("The voice: {audio} and {{braces}}")
        ['audio']
    """
    return [name for _, name, _, _ in Formatter().parse(part) if name is not None]


AffectGPTConfig.register_for_auto_class()
