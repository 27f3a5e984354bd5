"""What is played to annotators: a clip's sound, its pictures alone, and both together."""

import io
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import numpy as np

from affecthub.datasets_scripts.rows.decoding import read_audio
from affecthub.media import cut_video, video_cut, wav

# Every browser plays AAC at this rate; it is far above what a judgement of speech needs.
RATE_HZ = 44_100
_BITS_PER_S = 128_000


def sound_of(row: Mapping[str, Any]) -> bytes:
    """A row's sound as a mono 16-bit wav of ``RATE_HZ``: no picture comes with it.

    Raises:
        ValueError: The row has no sound, or it cannot be read.
    """
    return wav(_wave(row), RATE_HZ)


def silent_film_of(row: Mapping[str, Any]) -> bytes:
    """A row's pictures as an mp4 without a sound track.

    Raises:
        ValueError: The row has no film, or it cannot be read.
    """
    if row.get("video") is None:
        raise ValueError(f"clip {row.get('id')}: got no film, expected one")
    return cut_video(row["video"], **video_cut(row))


def film_of(row: Mapping[str, Any]) -> bytes:
    """A row's pictures and sound as an mp4: the same pictures as in `silent_film_of`, and AAC.

    Raises:
        ValueError: The row lacks one of them, or one cannot be read.
    """
    import av

    wave = _wave(row)
    film = io.BytesIO()
    silent: Any
    with (
        av.open(io.BytesIO(silent_film_of(row))) as silent,
        av.open(film, "w", format="mp4") as out,
    ):
        pictures = silent.streams.video[0]
        copied = out.add_stream_from_template(pictures)
        sound = out.add_stream("aac", rate=RATE_HZ, layout="mono", bit_rate=_BITS_PER_S)
        for packet in silent.demux(pictures):
            if packet.dts is not None:
                packet.stream = copied
                out.mux(packet)
        frame = av.AudioFrame.from_ndarray(
            np.ascontiguousarray(wave[None, :]), format="fltp", layout="mono"
        )
        frame.sample_rate, frame.pts, frame.time_base = RATE_HZ, 0, Fraction(1, RATE_HZ)
        out.mux(sound.encode(frame))
        out.mux(sound.encode(None))
    return film.getvalue()


def _wave(row: Mapping[str, Any]) -> np.ndarray:
    wave = read_audio(row, RATE_HZ) if "audio" in row else None
    if wave is None or not len(wave):
        raise ValueError(f"clip {row.get('id')}: got no sound, expected some")
    return wave
