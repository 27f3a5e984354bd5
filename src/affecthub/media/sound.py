"""Encoded media to a waveform: wav and flac by soundfile, all else by PyAV, a span by seeking."""

import numpy as np

from affecthub.media.sources import (
    MediaError,
    Source,
    beginning_s,
    decodable,
    for_soundfile,
    name_of,
    open_container,
    readable,
    require_reached,
    require_span,
    stream_of,
)

# Compressed sound needs some packets before the wanted ones to decode as it would in full.
_PREROLL_S = 0.5


def read_audio(
    source: Source,
    rate_hz: int = 16000,
    *,
    start_s: float | None = None,
    end_s: float | None = None,
) -> np.ndarray:
    """Decode the sound of a file, or of a video's audio track.

    Args:
        source: Path, encoded bytes, or a row's ``audio`` or ``video``.
        rate_hz: Sampling rate of the result.
        start_s: Where the wanted span begins, in seconds; None is the beginning.
        end_s: Where it ends, exclusive; None is the end of the file.

    Returns:
        float32, shape ``(samples,)``, channels averaged; full scale is 1. A silent clip is zeros.

    Raises:
        MediaError: Unreadable, no audio stream, no samples, not-a-number among them, or a span that
            lies past the end of the file.
        ValueError: The span is empty.
        FileNotFoundError: There is no such file.
    """
    require_span(start_s, end_s)
    decode = _read_soundfile if for_soundfile(source) else _decode_track
    mono, native = decode(source, start_s, end_s)
    if not mono.size:
        raise MediaError(f"{name_of(source)}: got 0 audio samples, expected some")
    # The energy is finite only where all samples are, and much cheaper than a look at each.
    if not np.isfinite(np.dot(mono, mono)) and not np.isfinite(mono).all():
        raise MediaError(f"{name_of(source)}: got NaN or infinity in the audio, expected numbers")
    if native != rate_hz:
        import soxr

        mono = soxr.resample(mono, native, rate_hz)
    return np.ascontiguousarray(mono, dtype=np.float32)


def _read_soundfile(
    source: Source, start_s: float | None, end_s: float | None
) -> tuple[np.ndarray, int]:
    """Read mono float32 samples and their rate."""
    import soundfile

    with readable(source, "audio"), soundfile.SoundFile(stream_of(source)) as file:
        rate = file.samplerate
        count = -1
        if start_s is not None or end_s is not None:
            require_reached(source, start_s, end_s, file.frames / rate)
            begin = file.seek(round((start_s or 0.0) * rate))
            count = -1 if end_s is None else round(end_s * rate) - begin
        samples = file.read(count, dtype="float32")
    # (samples, channels) -> (samples,)
    return samples if samples.ndim == 1 else samples.mean(axis=1), rate


def _decode_track(
    source: Source, start_s: float | None, end_s: float | None
) -> tuple[np.ndarray, int]:
    """Decode the first audio stream: mono float32 samples and their rate."""
    import av

    with open_container(source) as container:
        stream = decodable(container, "audio")
        if stream is None:
            raise MediaError(f"{name_of(source)}: got no audio stream, expected one")
        zero_s = beginning_s(container)
        if start_s:
            at_s = zero_s + max(0.0, start_s - _PREROLL_S)
            container.seek(round(at_s / stream.time_base), stream=stream)
        planar = av.AudioResampler(format="fltp")  # same rate and layout, float samples
        parts: list[np.ndarray] = []
        rate, first_s, complete = stream.rate, 0.0, True
        for frame in container.decode(stream):
            time_s = (frame.time or 0.0) - zero_s
            first_s = first_s if parts else time_s
            if end_s is not None and time_s >= end_s:
                complete = False
                break
            parts += [f.to_ndarray().mean(axis=0) for f in planar.resample(frame)]
        parts += [f.to_ndarray().mean(axis=0) for f in planar.resample(None)] if parts else []
    mono = np.concatenate(parts) if parts else np.empty(0, np.float32)
    if start_s is None and end_s is None:
        return mono, rate
    if complete:
        require_reached(source, start_s, end_s, first_s + len(mono) / rate)
    begin = max(0, round(((start_s or 0.0) - first_s) * rate))
    return mono[begin : None if end_s is None else round((end_s - first_s) * rate)], rate
