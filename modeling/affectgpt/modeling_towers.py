"""The two frozen towers: which families there are, and the feature that is taken from each.

A tower is named by the model type of its configuration alone. What follows from the family is
written here once: its class, the width of its feature, how pictures are normalised for it, which
extractor turns sound into its input.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import torch
import transformers

VisionFeature = Literal["projection", "pooled", "mean", "mean_unnormed"]
AudioFeature = Literal["layers", "mean", "pooled", "projection"]

CLIP_MEAN, CLIP_STD = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
HALF = (0.5, 0.5, 0.5)

HALF_OF_A_MODEL = {r"^(.+\.)?vision_model\.": ""}

WHISPER_STEPS_PER_S = 50


@dataclass(frozen=True)
class VisionFamily:
    """What a model type says about a vision tower.

    Args:
        model: Its class in transformers.
        feature: One vector per frame: the class token projected into the space shared with text
            (``"projection"``), the tower's own pooled output (``"pooled"``), or the mean over all
            tokens of the last layer, after the final norm (``"mean"``) or before it.
        mean: What is subtracted from the pixels, 0 to 1, in each channel.
        std: What they are divided by.
        size: Side in pixels that frames are resized to; None takes ``image_size`` of the tower.
        renamed: What the tower's weights are called inside a larger model, as patterns and what
            replaces them, where transformers does not know by itself.
    """

    model: str
    feature: VisionFeature
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    size: int | None = None
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def features(self) -> tuple[str, ...]:
        """What the tower has to offer."""
        return ("projection" if self.feature == "projection" else "pooled", "mean", "mean_unnormed")


@dataclass(frozen=True)
class AudioFamily:
    """What a model type says about an audio tower.

    Args:
        model: Its class in transformers.
        feature: One vector per piece of sound: the mean over time of the last layers (``"layers"``)
            or of the last one over the piece's own length (``"mean"``), the tower's pooled output,
            or that output projected.
        rate_hz: The rate of the sound it was trained on.
        extractor: The class in transformers that makes the tower's input.
        options: Arguments of that extractor, from the tower's configuration.
        window_s: Seconds that the extractor pads every piece to, from the tower's configuration; a
            longer one would be cut.
    """

    model: str
    feature: AudioFeature
    rate_hz: int = 16000
    extractor: str = "Wav2Vec2FeatureExtractor"
    options: Callable[[Any], dict[str, Any]] = lambda config: {}
    window_s: Callable[[Any], float] | None = None
    renamed: dict[str, str] = field(default_factory=dict)

    @property
    def features(self) -> tuple[str, ...]:
        """What the tower has to offer."""
        return ("layers", "mean") if self.feature == "layers" else (self.feature,)


# Features of CLIP, DINOv2, SigLIP and EVA-CLIP are those of the official code; EVA-CLIP is the
# vision half of BLIP-2.
VISION_FAMILIES = {
    "clip_vision_model": VisionFamily(
        "CLIPVisionModelWithProjection", "projection", CLIP_MEAN, CLIP_STD
    ),
    "metaclip_2_vision_model": VisionFamily(
        "MetaClip2VisionModelWithProjection", "projection", CLIP_MEAN, CLIP_STD
    ),
    "chinese_clip_vision_model": VisionFamily(
        "ChineseCLIPVisionModel", "pooled", CLIP_MEAN, CLIP_STD, renamed=HALF_OF_A_MODEL
    ),
    "siglip_vision_model": VisionFamily("SiglipVisionModel", "mean_unnormed", HALF, HALF),
    "aimv2_vision_model": VisionFamily(
        "Aimv2VisionModel", "mean", CLIP_MEAN, CLIP_STD, renamed=HALF_OF_A_MODEL
    ),
    "dinov2": VisionFamily("Dinov2Model", "mean_unnormed", size=224),
    "dinov2_with_registers": VisionFamily("Dinov2WithRegistersModel", "mean_unnormed", size=224),
    "dinov3_vit": VisionFamily("DINOv3ViTModel", "mean_unnormed", size=224),
    "blip_2_vision_model": VisionFamily(
        "Blip2VisionModel", "mean", CLIP_MEAN, CLIP_STD, renamed=HALF_OF_A_MODEL
    ),
    "vit": VisionFamily("ViTModel", "mean", HALF, HALF),
}

AUDIO_FAMILIES = {
    "hubert": AudioFamily("HubertModel", "layers"),
    "wav2vec2": AudioFamily("Wav2Vec2Model", "layers"),
    "wavlm": AudioFamily("WavLMModel", "layers"),
    "data2vec-audio": AudioFamily("Data2VecAudioModel", "layers"),
    "unispeech-sat": AudioFamily("UniSpeechSatModel", "layers"),
    "wav2vec2-conformer": AudioFamily("Wav2Vec2ConformerModel", "layers"),
    "whisper": AudioFamily(
        "WhisperEncoder",
        "mean",
        extractor="WhisperFeatureExtractor",
        options=lambda config: {
            "feature_size": config.num_mel_bins,
            "chunk_length": config.max_source_positions // WHISPER_STEPS_PER_S,
        },
        window_s=lambda config: config.max_source_positions / WHISPER_STEPS_PER_S,
    ),
    # Like ImageBind's audio half, a vision transformer over a spectrogram.
    "audio-spectrogram-transformer": AudioFamily(
        "ASTModel",
        "pooled",
        extractor="ASTFeatureExtractor",
        options=lambda config: {
            "num_mel_bins": config.num_mel_bins,
            "max_length": config.max_length,
        },
        window_s=lambda config: config.max_length / 100,
    ),
    "clap_audio_model": AudioFamily(
        "ClapAudioModelWithProjection",
        "projection",
        rate_hz=48000,
        extractor="ClapFeatureExtractor",
        options=lambda config: {
            "feature_size": config.num_mel_bins,
            "truncation": "fusion" if config.enable_fusion else "rand_trunc",
        },
        window_s=lambda config: 10.0,
    ),
}


def vision_family(model_type: str) -> VisionFamily:
    """The family of a vision tower.

    Raises:
        ValueError: There is no such family here.

    Example:
        >>> vision_family("dinov2").feature
        'mean_unnormed'
    """
    return _family("vision_config", model_type, VISION_FAMILIES)


def audio_family(model_type: str) -> AudioFamily:
    """The family of an audio tower.

    Raises:
        ValueError: There is no such family here.

    Example:
        >>> audio_family("wavlm").feature
        'layers'
    """
    return _family("audio_config", model_type, AUDIO_FAMILIES)


def tower_class(family: VisionFamily | AudioFamily) -> type[Any]:
    """The model class of a family."""
    if family.model == "WhisperEncoder":  # not among the names that transformers exports
        from transformers.models.whisper.modeling_whisper import WhisperEncoder

        return WhisperEncoder
    found: type[Any] = getattr(transformers, family.model)
    return found


def tower_type(name: Any) -> str:
    """The model type of the tower inside a saved model: of CLIP, that of its image half."""
    config = transformers.AutoConfig.from_pretrained(name)
    halves = [half for half in ("vision_config", "audio_config") if hasattr(config, half)]
    known = config.model_type in VISION_FAMILIES or config.model_type in AUDIO_FAMILIES
    inner = getattr(config, halves[0]) if halves and not known else config
    model_type: str = inner.model_type
    return model_type


def load_tower(
    family: VisionFamily | AudioFamily, name: Any, dtype: Any, feature: str | None = None
) -> Any:
    """Load a pretrained tower; of a larger model only the half that is needed is kept.

    Args:
        family: The tower's family.
        name: Folder or Hub name.
        dtype: Of its weights, or ``"auto"``.
        feature: What will be taken from it, if not what is usual for the family.

    Raises:
        ValueError: A weight of the tower is not there or of another shape; it would be random.
    """
    whole = family.model == "WhisperEncoder"
    kind: Any = transformers.WhisperModel if whole else tower_class(family)
    options: dict[str, Any] = {"key_mapping": family.renamed} if family.renamed else {}
    with no_load_report():
        tower, found = kind.from_pretrained(
            name, dtype=dtype, output_loading_info=True, ignore_mismatched_sizes=True, **options
        )
    missing = sorted(found["missing_keys"])
    if (feature or family.feature) != "pooled":
        # The pooler of a ViT is not there after every training.
        missing = [key for key in missing if not key.startswith("pooler.")]
    missing += [
        f"{key} {there} for {here}" for key, there, here in sorted(found["mismatched_keys"])
    ]
    if missing:
        raise ValueError(
            f"{name} does not hold the whole tower: got no {', '.join(missing)}, expected all "
            f"weights of {kind.__name__}. Take a model that was saved with them; of CLIP, one with "
            "its projection."
        )
    return tower.get_encoder() if whole else tower


@contextmanager
def no_load_report() -> Iterator[None]:
    """Leave out the list of weights that belong to the rest of a larger model."""
    before = transformers.logging.get_verbosity()
    transformers.logging.set_verbosity_error()
    try:
        yield
    finally:
        transformers.logging.set_verbosity(before)


def frame_features(tower: Any, frames: torch.Tensor, feature: str) -> torch.Tensor:
    """One vector per frame.

    Args:
        tower: A vision tower.
        frames: ``(frames, 3, height, width)``.
        feature: Which of its outputs.

    Returns:
        ``(frames, dim)``, not normalised to length 1.
    """
    output = tower(pixel_values=frames, output_hidden_states=feature == "mean_unnormed")
    if feature == "projection":
        return output.image_embeds
    if feature == "pooled":
        return output.pooler_output
    tokens = output.last_hidden_state if feature == "mean" else output.hidden_states[-1]
    return tokens.mean(dim=1)


def sound_features(
    tower: Any, pieces: torch.Tensor, feature: str, n_layers: int, piece_s: float
) -> torch.Tensor:
    """The features of pieces of sound, a vector for each.

    Args:
        tower: An audio tower.
        pieces: ``(pieces, samples)``, or ``(pieces, ...)`` as the family's extractor gives them.
        feature: Which of its outputs.
        n_layers: How many of the last layers ``"layers"`` averages.
        piece_s: Seconds of sound in a piece, for towers whose input is padded to a fixed length.

    Returns:
        ``(pieces, dim)``.
    """
    options: dict[str, Any] = {"output_hidden_states": feature == "layers"}
    if getattr(tower.config, "enable_fusion", False):
        # A CLAP that can hear more than its window must be told that no piece is longer.
        options["is_longer"] = pieces.new_zeros(len(pieces), 1, dtype=torch.bool)
    output = tower(pieces, **options)
    if feature == "projection":
        return output.audio_embeds
    if feature == "pooled":
        return output.pooler_output
    if feature == "layers":
        # The recorded last layer lacks the final norm that pretrained towers end with.
        last = [*output.hidden_states[-n_layers:-1], output.last_hidden_state]
        return torch.stack(last).mean(dim=(0, 2))
    steps = output.last_hidden_state
    if tower.config.model_type == "whisper":
        # It hears its whole window, of which the piece is the beginning.
        steps = steps[:, : max(1, round(WHISPER_STEPS_PER_S * piece_s))]
    return steps.mean(dim=1)


def _family(key: str, model_type: str, families: dict[str, Any]) -> Any:
    if model_type not in families:
        raise ValueError(
            f"`{key}` is of a family that is not known: got {model_type!r}, expected one of "
            f"{', '.join(sorted(families))}. Take a tower of one of these."
        )
    return families[model_type]
