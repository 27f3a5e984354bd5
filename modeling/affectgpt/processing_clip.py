"""One clip, by whatever there is of it, as the arguments of a call."""

from collections.abc import Mapping, Set
from typing import Any

from .face_cropping import FaceCropper
from .face_folder import FaceFolder, faces_of_row
from .media_tracks import rereadable, tracks_of


def arguments_of(
    clip: Any, shown: Set[str], n_frames: int, *, text: str | None, faces: Any
) -> dict[str, Any]:
    """Read one clip; see :meth:`AffectGPTProcessor.read`.

    Args:
        clip: A path, a row, or None.
        shown: Fields of the prompt that are used; says whether faces have a place.
        n_frames: Faces to read of a corpus' undecoded ones.
        text: What is said in the clip, or None.
        faces: Cut-out faces, where they come from, or None.

    Returns:
        ``text``, ``videos``, ``audio`` and ``faces`` for a batch of one.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: It is a batch, or unusable.
    """
    _require_one(clip)
    if clip is None or isinstance(clip, Mapping):
        row: Mapping[str, Any] = clip or {}
    else:
        clip = rereadable(clip)
        tracks = tracks_of(clip)
        row = {kind: clip if kind in tracks else None for kind in ("video", "audio")}
    faces = row.get("faces") if faces is None else faces
    has_array = faces is None and row.get("face") is not None
    if has_array and "face" in shown:
        faces = faces_of_row(row["face"], n_frames)
    is_given = faces is not None and not isinstance(faces, FaceCropper | FaceFolder)
    return {
        "text": [text if text is not None else row.get("text")],
        "videos": [row.get("video")],
        "audio": [row.get("audio")],
        "faces": [faces] if is_given else faces,
    }


def _require_one(clip: Any) -> None:
    """Refuse a batch where one clip is described; pictures in a list are one clip."""
    is_batch = isinstance(clip, list | tuple) and any(
        isinstance(one, str | bytes | Mapping) or hasattr(one, "__fspath__") for one in clip
    )
    if is_batch:
        raise ValueError(
            f"one clip is described at a time: got {len(clip)}, expected one. Describe each, or "
            "batch them: processor.answers(model.generate(**inputs), inputs['input_ids']) of "
            "inputs = processor(videos=[...], audio=[...], text=[...])."
        )
