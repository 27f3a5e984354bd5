"""What the towers made of a clip before, in place of the clip: checked, and put where media go."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

# Argument of a call -> the argument whose media it stands for.
FEATURES = {"vision_features": "videos", "face_features": "faces", "audio_features": "audio"}


@dataclass(frozen=True)
class TowerOutput:
    """A tower's output for one sample; in a batch it stands where the media would.

    Args:
        rows: float32 ``(steps, dim)``.
    """

    rows: np.ndarray


def replace_media(
    batch: dict[str, list],
    steps: Mapping[str, int],
    widths: Mapping[str, int | None],
) -> None:
    """Take the columns of features out of a batch and put them where their media would be.

    Args:
        batch: See :func:`processing_batch.align`; it is changed.
        steps: By name of the features, how many rows a sample has.
        widths: How wide they are; None is not checked.

    Raises:
        ValueError: A modality comes as media and as features, in one sample or in one batch, or
            features are none, or of another shape.
    """
    for name, media in FEATURES.items():
        column = batch.pop(name)
        kept = [i for i, rows in enumerate(column) if rows is not None]
        seen = [i for i, clip in enumerate(batch[media]) if clip is not None]
        if kept and seen:
            both = sorted({*kept} & {*seen})
            where = f"both for sample {both[0]}" if both else f"samples {seen} and {kept}"
            raise ValueError(
                f"a modality comes as media and as features: got `{media}` and `{name}`, {where}, "
                "expected one kind in a batch. Leave one out, or batch them apart."
            )
        for index in kept:
            rows = as_float32(column[index], f"`{name}` of sample {index}")
            _require_shape(rows, steps[name], widths[name], f"`{name}` of sample {index}")
            batch[media][index] = TowerOutput(rows)


def split_features(**media: Any) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Tell, of one sample, the features from the media.

    Args:
        **media: ``videos``, ``faces`` and ``audio`` of the sample, or None.

    Returns:
        Features by the names that the model takes, and the media, None where features stand.
    """
    kept = {
        name: media[where].rows
        for name, where in FEATURES.items()
        if isinstance(media[where], TowerOutput)
    }
    return kept, {
        name: None if isinstance(value, TowerOutput) else value for name, value in media.items()
    }


def as_float32(rows: Any, name: str) -> np.ndarray:
    """Features as float32, whatever holds them: what was kept in half precision is exact.

    Args:
        rows: An array, or a tensor on any device, of any floating type, bfloat16 too; or lists.
        name: For errors.

    Raises:
        ValueError: They are no numbers with a fraction, not finite, or rows of unlike length.
    """
    if hasattr(rows, "detach"):
        rows = rows.detach().cpu()
        rows = rows.float().numpy() if rows.is_floating_point() else rows.numpy()
    try:
        values = np.asarray(rows)
    except ValueError as error:
        raise ValueError(
            f"{name} are no rectangle: got {error}, expected rows of one length. Make them with "
            "the towers of the model."
        ) from error
    # NumPy has no bfloat16 of its own; those who add one give it this name.
    if not (np.issubdtype(values.dtype, np.floating) or values.dtype.name == "bfloat16"):
        raise ValueError(
            f"{name} are of another type: got {values.dtype}, expected floats. Pass what "
            "`get_video_features` and `get_audio_features` give as `last_hidden_state`."
        )
    values = values.astype(np.float32)
    if not np.isfinite(values).all():
        raise ValueError(
            f"{name} are broken: got {(~np.isfinite(values)).sum()} values that are NaN or "
            "infinite, expected none. Make them again, in bfloat16 or float32."
        )
    return values


def _require_shape(rows: np.ndarray, n_steps: int, width: int | None, name: str) -> None:
    expected = (n_steps, rows.shape[-1] if width is None and rows.ndim else width)
    if rows.shape != expected:
        wanted = ", ".join("any" if size is None else str(size) for size in expected)
        raise ValueError(
            f"{name} have the wrong shape: got {rows.shape}, expected ({wanted}). Pass one "
            "sample's rows, a list of them for a batch, made with this model's towers and as many "
            "frames and pieces of sound."
        )
