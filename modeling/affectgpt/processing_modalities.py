"""Which media of a batch are used: what the prompt has a place for, and what chance leaves in."""

from collections.abc import Set
from typing import Any

import numpy as np

from .face_cropping import FaceCropper
from .face_folder import FaceFolder
from .processing_features import TowerOutput

Cutter = FaceCropper | FaceFolder


def choose_cutter(shown: Set[str], faces: Any, videos: Any, side: int) -> Cutter | None:
    """What finds the faces of the videos.

    Args:
        shown: What has a place, of faces and frames too; see
            :func:`configuration_prompt.shown_fields`.
        faces: The argument of a call.
        videos: The same.
        side: Of the square that faces are cut out to, in pixels.

    Returns:
        The cutter that was passed, or one where the prompt names faces alone and none came. None
        where faces are given or not wanted.

    Raises:
        ValueError: Faces have no place in the prompt, or there is no video to find them in.
    """
    if faces is None and videos is not None and _shows_faces_alone(shown):
        return FaceCropper(side)
    if faces is not None and "face" not in shown:
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


def keep_shown(
    batch: dict[str, list], shown: Set[str], cutter: Cutter | None, side: int
) -> list[Cutter | None]:
    """Leave out, in place, what the prompt does not show; let videos stand in for faces.

    Args:
        batch: See :func:`processing_batch.align`.
        shown: What has a place.
        cutter: Finds the faces of every sample, or None.
        side: As for :func:`choose_cutter`.

    Returns:
        What finds the faces of each sample, or None where they are given or not wanted.

    Raises:
        ValueError: Features of frames came where faces are shown alone.
    """
    size = len(batch["videos"])
    cutters = [cutter] * size
    if cutter is None and _shows_faces_alone(shown):
        own = FaceCropper(side)
        for i, (video, face) in enumerate(zip(batch["videos"], batch["faces"], strict=True)):
            if face is None and isinstance(video, TowerOutput):
                raise ValueError(
                    f"sample {i} has no face: got `vision_features` for a prompt that shows faces "
                    "alone, expected `face_features`. Make features of the faces."
                )
            if face is None and video is not None:
                batch["faces"][i], cutters[i] = video, own
    # Frames and voice serve their own tokens and the fused one, frames only where no face does.
    if not ("video" in shown or ("fused" in shown and "face" not in shown)):
        batch["videos"] = [None] * size
    if not shown & {"audio", "fused"}:
        batch["audio"] = [None] * size
    return cutters


def drop_modalities(batch: dict[str, list], chance: float, seed: int | None) -> None:
    """Leave modalities out at random, in place; a sample keeps at least one of what it has."""
    if not 0 <= chance <= 1:
        raise ValueError(
            f"`modality_dropout` is no chance: got {chance}, expected 0 to 1. Try 0.1."
        )
    rng = np.random.default_rng(seed)
    for index in range(len(batch["text"])):
        here = [
            key
            for key in ("audio", "faces", "videos", "text")
            if batch[key][index] is not None and not (key == "text" and batch[key][index] == "")
        ]
        dropped = rng.random(len(here)) < chance
        if here and dropped.all():
            dropped[rng.integers(len(here))] = False
        for key, drop in zip(here, dropped, strict=True):
            if drop:
                batch[key][index] = None


def present_fields(
    batch: dict[str, list], index: int, *, can_fuse: bool, keep_text: bool = False
) -> set[str]:
    """The fields of the prompt that a sample can fill.

    Args:
        batch: As for :func:`keep_shown`.
        index: Of the sample.
        can_fuse: Whether the model has a fused token for voice and picture.
        keep_text: Whether a sample without words has an empty transcript, and not none.

    Returns:
        Names of fields, the question among them.

    Raises:
        ValueError: The sample has nothing but the question.
    """
    fields = {"audio": "audio", "face": "faces", "video": "videos"}
    present = {name for name, key in fields.items() if batch[key][index] is not None}
    words = batch["text"][index]
    if words or (keep_text and (present or words is not None)):
        present.add("text")
    if not present:
        raise ValueError(
            f"sample {index} is empty: got no text, no video and no audio, expected at least "
            "one of them. Leave the sample out."
        )
    if can_fuse and "audio" in present and present & {"face", "video"}:
        present.add("fused")
    return present | {"question"}


def _shows_faces_alone(shown: Set[str]) -> bool:
    """Whether a video without faces is of no use."""
    return "face" in shown and "video" not in shown
