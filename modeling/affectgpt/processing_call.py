"""What a call of the processor was given, as one batch of columns, each sample's media settled."""

from collections.abc import Mapping
from typing import Any

from .configuration_prompt import Prompt, shown_fields
from .media_tracks import rereadable
from .processing_batch import align
from .processing_columns import as_column
from .processing_features import replace_media
from .processing_modalities import Cutter, choose_cutter, keep_shown

FROM_VIDEO = "from_video"


def read_call(
    processor: Any,
    prompt: Prompt,
    n_frames: int | None,
    *,
    videos: Any,
    audio: Any,
    faces: Any,
    features: Mapping[str, Any],
    **texts: Any,
) -> tuple[dict[str, list], list[Cutter | None]]:
    """Line up the samples of a call.

    Args:
        processor: Says what features look like, and how large a face is cut out.
        prompt: Its prompt, read.
        n_frames: Of each clip; None is the processor's own number.
        videos: See :meth:`AffectGPTProcessor.__call__`, as what follows.
        audio: The same.
        faces: The same.
        features: ``vision_features``, ``face_features`` and ``audio_features``.
        **texts: ``text``, ``question``, ``answers`` and ``answer_start``.

    Returns:
        A list for ``videos``, ``audio``, ``faces`` and each text, features where media would be and
        None for what is not shown; and what finds the faces of each sample, or None.

    Raises:
        ValueError: What a call was given does not line up, or cannot be used.
    """
    videos, faces = as_column("videos", videos), as_column("faces", faces)
    if isinstance(audio, str) and audio == FROM_VIDEO:
        if videos is None:
            raise ValueError(
                f"there is nothing to hear: got `audio={FROM_VIDEO!r}` without `videos`, "
                "expected both. Pass the videos, or the sound itself."
            )
        videos = [rereadable(v) for v in videos] if isinstance(videos, list) else rereadable(videos)
        audio = videos
    if texts["answers"] is not None and texts["answer_start"] is not None:
        raise ValueError(
            "an answer is begun and given: got `answers` and `answer_start`, expected one of "
            "them. Give `answers` to learn from, `answer_start` to go on from."
        )
    side = processor.image_processor.size["height"]
    shown = shown_fields(prompt, processor.fused_picture)
    features = {name: None if _is_blank(rows) else rows for name, rows in features.items()}
    given_faces = features["face_features"] if faces is None else faces
    cutter = choose_cutter(shown, given_faces, videos, side)
    batch = align(
        videos=videos,
        audio=audio,
        faces=videos if cutter is not None else faces,
        **features,
        **texts,
    )
    n_frames = n_frames or processor.n_frames
    replace_media(
        batch,
        {
            "vision_features": n_frames,
            "face_features": n_frames,
            "audio_features": processor.n_audio_clips,
        },
        {
            "vision_features": processor.vision_dim,
            "face_features": processor.vision_dim,
            "audio_features": processor.audio_dim,
        },
    )
    return batch, keep_shown(batch, shown, cutter, side)


def _is_blank(column: Any) -> bool:
    """Whether a batch brings none of something: then it has no place to be asked for."""
    return isinstance(column, list | tuple) and all(one is None for one in column)
