"""What the towers are given of one sample: frames, faces and pieces of sound, as arrays."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import transformers
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil
from transformers.models.wav2vec2.feature_extraction_wav2vec2 import Wav2Vec2FeatureExtractor

from .configuration_affectgpt import AffectGPTConfig
from .face_cropping import FaceCropper
from .face_folder import FaceFolder
from .media_tracks import Media, load_frames, load_frames_in_sizes, load_pieces


def make_image_processor(config: AffectGPTConfig) -> CLIPImageProcessorPil:
    """Make what resizes frames to the vision tower's square and normalises them for its family."""
    side, family = config.image_size, config.vision_family
    assert side is not None  # the configuration fills it in
    square = {"height": side, "width": side}
    return CLIPImageProcessorPil(
        size=square,
        crop_size=square,
        do_center_crop=False,
        image_mean=list(family.mean),
        image_std=list(family.std),
    )


def make_feature_extractor(config: AffectGPTConfig) -> Any:
    """Make what turns waveforms into the audio tower's input."""
    family = config.audio_family
    options = family.options(config.audio_config)
    if family.extractor == "Wav2Vec2FeatureExtractor":
        options["do_normalize"] = config.audio_norm != "none"
    return getattr(transformers, family.extractor)(sampling_rate=config.sampling_rate, **options)


@dataclass
class Pictures:
    """What is seen of one sample; None for what is not.

    Args:
        frames: float32 ``(n_frames, 3, height, width)``, normalised.
        faces: The same of faces.
        found: ``(n_frames,)`` bool, whether a face was found.
    """

    frames: np.ndarray | None = None
    faces: np.ndarray | None = None
    found: np.ndarray | None = None


def see(
    video: Media | None,
    face: Any,
    cutter: FaceCropper | FaceFolder | None,
    n_frames: int,
    image_processor: Any,
    face_channel_order: str,
    index: int,
) -> Pictures:
    """Read the frames and the faces of one sample.

    Args:
        video: What its frames are read from, or None.
        face: What its faces are read from, or None: the faces themselves, or the video in which
            ``cutter`` finds them.
        cutter: A cropper, a folder of faces by the names of videos, or None.
        n_frames: Of each.
        image_processor: Resizes and normalises them.
        face_channel_order: ``"bgr"`` swaps the colours of faces.
        index: Of the sample, for errors.
    """
    side = image_processor.size["height"]
    seen = Pictures()
    small = None
    if face is not None:
        if isinstance(cutter, FaceCropper):
            # Faces are looked for in full size; one decoding serves for both.
            whole, small = load_frames_in_sizes(face, n_frames, [None, side], f"videos[{index}]")
            crops = cutter(whole)
            faces, seen.found = crops.frames, crops.found
        else:
            faces = cutter(face, n_frames) if cutter else face
            faces = load_frames(faces, n_frames, f"faces[{index}]", size=side)
            seen.found = np.ones(len(faces), dtype=bool)
        if face_channel_order == "bgr":
            faces = np.ascontiguousarray(faces[..., ::-1])
        seen.faces = np.stack(image_processor(list(faces))["pixel_values"])
    if video is not None:
        if small is None:
            small = load_frames(video, n_frames, f"videos[{index}]", size=side)
        seen.frames = np.stack(image_processor(list(small))["pixel_values"])
    return seen


def hear(
    audio: Media,
    n_pieces: int,
    piece_samples: int,
    audio_norm: str,
    audio_spacing: str,
    feature_extractor: Any,
    index: int,
) -> np.ndarray:
    """Read the audio pieces of one sample.

    Args:
        audio: What they are cut from.
        n_pieces: How many, evenly spaced.
        piece_samples: Samples in each.
        audio_norm: See :class:`AffectGPTConfig`; has an effect on waveforms only.
        audio_spacing: See :class:`AffectGPTConfig`.
        feature_extractor: Makes the audio tower's input of them.
        index: Of the sample, for errors.

    Returns:
        float32 ``(n_pieces, piece_samples)``, or ``(n_pieces, ...)`` as the extractor gives them.
    """
    rate_hz = feature_extractor.sampling_rate
    form = (rate_hz, n_pieces, piece_samples, f"audio[{index}]")
    pieces = load_pieces(audio, *form, to_end=audio_spacing == "to_end")
    takes_waves = isinstance(feature_extractor, Wav2Vec2FeatureExtractor)
    # One long utterance is how the extractor takes its statistics over all pieces at once.
    together = takes_waves and audio_norm == "joint"
    utterances = [pieces.reshape(-1)] if together else list(pieces)
    heard = feature_extractor(utterances, sampling_rate=rate_hz)
    values = np.stack([np.asarray(one, np.float32) for one in next(iter(heard.values()))])
    return values.reshape(pieces.shape) if takes_waves else values
