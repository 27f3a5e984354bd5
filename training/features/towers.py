"""AffectGPT's towers: what their features are called, what they depend on, how they are made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch.utils.data import Dataset

from affecthub.modeling.affectgpt.configuration_prompt import read_prompt, shown_fields
from affecthub.modeling.affectgpt.modeling_backbone import AffectGPTModel
from affecthub.modeling.affectgpt.modeling_towers import frame_features, sound_features
from affecthub.training.examples import Examples
from affecthub.training.features.columns import Column
from affecthub.training.features.key import weights_digest
from affecthub.training.recipe import Recipe

# What a processor gives the towers -> what they make of it.
MADE_OF = {
    "pixel_values": "vision_features",
    "face_pixel_values": "face_features",
    "input_values": "audio_features",
}
_OF_PICTURES = ("do_resize", "do_rescale", "rescale_factor", "do_normalize", "do_center_crop")


@dataclass
class Towers:
    """Both towers of a model, and what its configuration says of them.

    Args:
        vision: The vision tower.
        audio: The audio tower.
        config: The model's configuration.
    """

    vision: Any
    audio: Any
    config: Any

    @torch.inference_mode()
    def __call__(self, name: str, values: torch.Tensor) -> torch.Tensor:
        """Z of a batch, as ``model.get_video_features`` and ``get_audio_features`` give it.

        Args:
            name: Of `MADE_OF`.
            values: ``(batch, steps, ...)``, as the processor gives it.

        Returns:
            float32 ``(batch, steps, dim)`` on the CPU.
        """
        tower = self.audio if name == "input_values" else self.vision
        steps = values.flatten(0, 1).to(tower.device, tower.dtype)
        config = self.config
        if name == "input_values":
            z = sound_features(
                tower, steps, config.audio_feature, config.audio_layers, config.audio_clip_s
            )
        else:
            z = frame_features(tower, steps, config.vision_feature)
        return z.unflatten(0, values.shape[:2]).float().cpu()

    def to(self, device: torch.device) -> "Towers":
        """Move both, and see that nothing in them is left to chance."""
        for tower in (self.vision, self.audio):
            tower.to(device).eval()
        return self


def towers_of(model: Any) -> Towers:
    """The towers of an AffectGPT, with adapters around it or not."""
    for module in model.modules():
        if isinstance(module, AffectGPTModel):
            return Towers(module.vision_tower, module.audio_tower, module.config)
    raise ValueError(f"{type(model).__name__} has no towers: expected an AffectGPT.")


def tower_key(model: Any, processor: Any) -> dict[str, Any]:
    """What the features of a model depend on, by the column that they stand in.

    Args:
        model: An AffectGPT, with adapters or without, or its `Towers`.
        processor: Its processor.

    Returns:
        Of each column that the prompt has a use for, plain values.
    """
    towers = model if isinstance(model, Towers) else towers_of(model)
    wanted = wanted_columns(processor)
    key: dict[str, Any] = {}
    if wanted & {"vision_features", "face_features"}:
        seen = _seeing(towers, processor)
        if "vision_features" in wanted:
            key["vision_features"] = {**seen, "picture": "frames"}
        if "face_features" in wanted:
            order = processor.face_channel_order
            faces = {"picture": "faces", "channel_order": order, "cut_out": cuts_faces(processor)}
            key["face_features"] = {**seen, **faces}
    if "audio_features" in wanted:
        key["audio_features"] = _hearing(towers, processor)
    return key


def wanted_columns(processor: Any) -> set[str]:
    """The columns that a prompt has a use for."""
    shown = _shown(processor)
    wanted = {"audio_features"} if shown & {"audio", "fused"} else set()
    if "face" in shown:
        wanted.add("face_features")
    if "video" in shown or ("fused" in shown and "face" not in shown):
        wanted.add("vision_features")
    return wanted


def cuts_faces(processor: Any) -> bool:
    """Whether the processor cuts faces out of films, where none are given."""
    shown = _shown(processor)
    return "face" in shown and "video" not in shown


def usual_media(processor: Any, there: Mapping[str, Any] | list[str]) -> tuple[str, ...]:
    """What the towers are given of a corpus, where nobody says otherwise.

    Args:
        processor: The model's.
        there: Columns of the corpus.
    """
    wanted = wanted_columns(processor)
    use = {
        "audio": "audio_features" in wanted,
        "face": "face_features" in wanted,
        "video": "vision_features" in wanted
        or ("face_features" in wanted and "face" not in there and cuts_faces(processor)),
    }
    return tuple(name for name, used in use.items() if used and name in there)


class TowerMaker:
    """Makes a cache's features by the towers of an AffectGPT.

    Args:
        towers: The towers.
        processor: The model's processor.
        media: Columns of the corpus that are used, of ``audio``, ``face`` and ``video``.
        dtype: To keep features in.
        source: Where the towers come from, for readers of the cache.
    """

    name = "affectgpt"

    def __init__(
        self, towers: Towers, processor: Any, media: tuple[str, ...], dtype: str, source: Any = None
    ) -> None:
        self.towers = towers
        self.processor = processor
        self.media = media
        self.source = source
        self.key = tower_key(towers, processor)
        self.made_of = {
            "vision_features": ("video",),
            "face_features": ("face", "video") if cuts_faces(processor) else ("face",),
            "audio_features": ("audio",),
        }
        self.columns = [
            Column(name, tuple(fields["shape"]), dtype) for name, fields in self.key.items()
        ]

    def inputs(self, rows: Any) -> "TowerInputs":
        """Clips as the towers' inputs."""
        return TowerInputs(rows, self.processor, self.media)

    def make(self, column: str, values: torch.Tensor) -> torch.Tensor:
        """Features of a batch of such inputs, float32 on the CPU."""
        (name,) = (name for name, made in MADE_OF.items() if made == column)
        return self.towers(name, values)


class TowerInputs(Dataset):
    """Clips as the towers' inputs, read by the code that training reads them with.

    Args:
        rows: Clips of a corpus.
        processor: The model's.
        media: Columns that are used.
    """

    def __init__(self, rows: Any, processor: Any, media: tuple[str, ...]) -> None:
        # The question goes nowhere: any text will do.
        recipe = Recipe(corpus="", model="", modalities=media, question="Which features?")
        self.examples = Examples(rows, processor, recipe, with_answer=False)

    def __len__(self) -> int:
        """Number of clips."""
        return len(self.examples)

    def __getitem__(self, number: int) -> dict[str, torch.Tensor]:
        """A clip's inputs, by the column that they make.

        Raises:
            UnusableClipError: Its media cannot be read.
        """
        example = self.examples[number]
        return {made: example[name] for name, made in MADE_OF.items() if name in example}


def _shown(processor: Any) -> frozenset[str]:
    return shown_fields(read_prompt(processor.prompt), processor.fused_picture)


def _seeing(towers: Towers, processor: Any) -> dict[str, Any]:
    pictures, config = processor.image_processor, towers.config
    return {
        "shape": [processor.n_frames, config.vision_dim],
        "tower": config.vision_config.model_type,
        "weights": weights_digest(towers.vision),
        "weights_dtype": str(towers.vision.dtype).removeprefix("torch."),
        "feature": config.vision_feature,
        "n_frames": processor.n_frames,
        "image_size": pictures.size["height"],
        "image_mean": [float(value) for value in pictures.image_mean],
        "image_std": [float(value) for value in pictures.image_std],
        "resample": int(pictures.resample),
        **{name: getattr(pictures, name) for name in _OF_PICTURES},
    }


def _hearing(towers: Towers, processor: Any) -> dict[str, Any]:
    config = towers.config
    return {
        "shape": [processor.n_audio_clips, config.audio_dim],
        "tower": config.audio_config.model_type,
        "weights": weights_digest(towers.audio),
        "weights_dtype": str(towers.audio.dtype).removeprefix("torch."),
        "feature": config.audio_feature,
        "layers": config.audio_layers if config.audio_feature == "layers" else None,
        "extractor": type(processor.feature_extractor).__name__,
        "n_clips": processor.n_audio_clips,
        "clip_samples": processor.audio_clip_samples,
        "spacing": processor.audio_spacing,
        "norm": processor.audio_norm,
        "sampling_rate": processor.feature_extractor.sampling_rate,
    }
