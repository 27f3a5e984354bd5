"""The same sound however it is given: any rate, any number of channels, in a file or in memory."""

import io
import math
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
import soundfile
import torch

from affecthub.modeling.affectgpt import media_sound
from affecthub.modeling.affectgpt.media_tracks import cut_pieces, load_pieces, load_waveform

RATE = 16000


def tone(rate_hz: int, duration_s: float = 1.0, frequency_hz: float = 100) -> np.ndarray:
    return 0.5 * np.sin(2 * np.pi * frequency_hz * np.arange(int(rate_hz * duration_s)) / rate_hz)


def written(
    samples: np.ndarray, rate_hz: int, format: str = "WAV", subtype: str = "FLOAT"
) -> bytes:
    """Encode ``(samples,)`` or ``(samples, channels)``."""
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format=format, subtype=subtype)
    return file.getvalue()


def write_track(
    path: Path,
    samples: np.ndarray,
    rate_hz: int,
    codec: str = "aac",
    sample_format: str = "fltp",
    layout: str = "mono",
    start_s: float = 0.0,
    file_format: str | None = None,
) -> Path:
    """Encode ``(channels, samples)``."""
    with av.open(str(path), "w", format=file_format) as container:
        stream = container.add_stream(codec, rate=rate_hz)
        stream.layout, stream.format = layout, sample_format
        if not sample_format.endswith("p"):
            samples = samples.T.reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples), sample_format, layout)
        frame.sample_rate, frame.pts = rate_hz, round(start_s * rate_hz)
        for part in (frame, None):
            for packet in stream.encode(part):
                container.mux(packet)
    return path


# The odd ones are a tape recorder's and a film's that was slowed down for television.
@pytest.mark.parametrize("rate", [8000, 11025, 22050, 44056, 44100, 47952, 48000, 96000, 192000])
def test_any_rate_is_brought_to_the_asked_one(rate) -> None:
    for audio in (written(tone(rate), rate), (tone(rate), rate)):
        wave = load_waveform(audio, RATE)
        assert wave.shape == (RATE,)
        assert wave.dtype == np.float32
        np.testing.assert_allclose(wave[800:-800], tone(RATE)[800:-800], atol=1e-3)


@pytest.mark.parametrize("rate", [0, 999, 768001, -16000, 44100.5, math.nan, True, "16000", None])
def test_rate_that_makes_no_sense_is_an_error(rate) -> None:
    with pytest.raises(ValueError, match="clip 7 has no sampling rate that makes sense: got"):
        load_waveform((tone(RATE), rate), RATE, "clip 7")
    assert load_waveform((tone(RATE), np.int64(8000)), RATE).shape == (2 * RATE,)


def test_rate_of_a_file_is_checked_too(tmp_path) -> None:
    path = tmp_path / "slow.wav"
    path.write_bytes(written(tone(100), 100))
    with pytest.raises(ValueError, match="slow.wav has no sampling rate that makes sense: got 100"):
        load_waveform(path, RATE)
    with pytest.raises(ValueError, match="slow.wav has no sampling rate that makes sense"):
        load_pieces(path, RATE, 8, 100)


@pytest.mark.parametrize("n_channels", range(1, 9))
def test_channels_are_averaged(n_channels, tmp_path) -> None:
    rng = np.random.default_rng(n_channels)
    samples = rng.uniform(-1, 1, (n_channels, 3000)).astype(np.float32)
    layout = {1: "mono", 2: "stereo", 3: "2.1", 4: "4.0", 5: "5.0", 6: "5.1", 7: "6.1", 8: "7.1"}
    wav = written(samples.T, RATE)
    track = write_track(
        tmp_path / "sound.mkv", samples, RATE, "pcm_f32le", "flt", layout[n_channels]
    )
    decoded = SimpleNamespace(data=torch.from_numpy(samples), sample_rate=RATE)
    forms = {
        "wav": wav,
        "track": track,
        "tensor": torch.from_numpy(samples),
        "array": samples,
        "array, channels last": samples.T,
        "pair": (samples, RATE),
        "row": {"array": samples, "sampling_rate": RATE},
        "samples of torchcodec": decoded,
        "decoder of torchcodec": SimpleNamespace(get_all_samples=lambda: decoded),
    }
    for form, audio in forms.items():
        wave = load_waveform(audio, RATE)
        np.testing.assert_allclose(wave, samples.mean(axis=0), atol=1e-6, err_msg=form)


@pytest.mark.parametrize("audio", [torch.zeros(9, 100), np.zeros((9, 100)), np.zeros((100, 9))])
def test_more_than_eight_channels_in_memory_are_an_error(audio) -> None:
    with pytest.raises(ValueError, match="with up to 8 channels"):
        load_waveform(audio, RATE)


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (np.array([-128, 0, 64], np.int8), [-1, 0, 0.5]),
        (np.array([0, 128, 192], np.uint8), [-1, 0, 0.5]),
        (np.array([-(2**15), 0, 2**14], np.int16), [-1, 0, 0.5]),
        (np.array([-(2**31), 0, 2**30], np.int32), [-1, 0, 0.5]),
        (torch.tensor([-(2**15), 0, 2**14], dtype=torch.int16), [-1, 0, 0.5]),
        (torch.tensor([-1, 0, 0.5], dtype=torch.bfloat16), [-1, 0, 0.5]),
        (np.array([-1, 0, 0.5], np.float16), [-1, 0, 0.5]),
        ([-1.0, 0.0, 0.5], [-1, 0, 0.5]),
        (np.array([-3, 0, 1.5]), [-3, 0, 1.5]),  # Floats are never scaled.
    ],
)
def test_integers_are_divided_by_their_range(samples, expected) -> None:
    assert load_waveform(samples, RATE).tolist() == expected


@pytest.mark.parametrize(
    ("codec", "sample_format", "dtype"),
    [
        ("pcm_u8", "u8", np.uint8),
        ("pcm_s16le", "s16", np.int16),
        ("pcm_s32le", "s32", np.int32),
        ("pcm_f64le", "dbl", np.float64),
        ("flac", "s16", np.int16),
    ],
)
def test_formats_of_samples_in_a_file(codec, sample_format, dtype, tmp_path) -> None:
    wave = tone(RATE)
    stereo = np.stack([wave, np.zeros_like(wave)])
    scale = 1 if dtype == np.float64 else 2 ** (8 * dtype().itemsize - 1)
    coded = (stereo * scale + (scale if dtype == np.uint8 else 0)).astype(dtype)
    path = write_track(tmp_path / "sound.mkv", coded, RATE, codec, sample_format, "stereo")
    step = 2.0**-20 if dtype == np.float64 else max(1 / scale, 2.0**-20)
    np.testing.assert_allclose(load_waveform(path, RATE), wave / 2, atol=step)


@pytest.mark.parametrize(
    ("file", "codec", "sample_format"),
    [("a.mp4", "aac", "fltp"), ("a.mp3", "libmp3lame", "fltp"), ("a.ogg", "libopus", "flt")],
)
def test_compressed_sound(file, codec, sample_format, tmp_path) -> None:
    rate = 48000
    samples = tone(rate)[None].astype(np.float32)
    path = write_track(tmp_path / file, samples, rate, codec, sample_format)
    expected = load_waveform(path, RATE)
    assert len(expected) == pytest.approx(RATE, abs=1500)  # Encoders pad their frames.
    np.testing.assert_allclose(np.abs(expected[4000:12000]).max(), 0.5, atol=0.1)
    with path.open("rb") as opened, av.open(str(path)) as container:
        next(container.decode(audio=0))
        for audio in (path.read_bytes(), opened, container, container):
            np.testing.assert_array_equal(load_waveform(audio, RATE), expected)
        assert not opened.closed


@pytest.mark.parametrize(
    ("format", "subtype"),
    [("WAV", "PCM_24"), ("FLAC", "PCM_16"), ("AIFF", "PCM_16"), ("RF64", "PCM_16")],
)
def test_files_of_soundfile(format, subtype, tmp_path) -> None:
    data = written(np.stack([tone(RATE), tone(RATE)], axis=1), RATE, format, subtype)
    path = tmp_path / "sound"
    path.write_bytes(data)
    pipe = SimpleNamespace(read=io.BytesIO(data).read)
    row = {"bytes": data, "path": None}
    for audio in (path, data, io.BytesIO(data), pipe, row):
        np.testing.assert_allclose(load_waveform(audio, RATE), tone(RATE), atol=1e-4)
    with path.open("rb") as opened:
        np.testing.assert_allclose(load_waveform(opened, RATE), tone(RATE), atol=1e-4)
        assert not opened.closed


def test_wav_in_a_codec_that_soundfile_lacks(tmp_path) -> None:
    samples = (2**15 * tone(RATE)[None]).astype(np.int16)
    path = write_track(tmp_path / "a.wav", samples, RATE, "adpcm_yamaha", "s16")
    assert path.read_bytes()[:4] == b"RIFF"
    with pytest.raises(soundfile.LibsndfileError):
        soundfile.info(path)
    np.testing.assert_allclose(load_waveform(path, RATE)[:RATE], tone(RATE), atol=0.05)


def test_long_files_are_read_in_blocks(monkeypatch) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, (1000, 2))
    whole = load_waveform(written(samples, RATE), RATE)
    monkeypatch.setattr(media_sound, "_BLOCK", 77)
    np.testing.assert_array_equal(load_waveform(written(samples, RATE), RATE), whole)


def test_sound_that_begins_late_begins_at_once(tmp_path) -> None:
    samples = tone(RATE)[None].astype(np.float32)
    path = write_track(tmp_path / "late.mkv", samples, RATE, "pcm_f32le", "flt", start_s=3.0)
    np.testing.assert_array_equal(load_waveform(path, RATE), samples[0])


def test_rate_may_change_inside_of_a_file(tmp_path) -> None:
    parts = [
        write_track(
            tmp_path / f"{rate}.aac", tone(rate)[None].astype(np.float32), rate, file_format="adts"
        )
        for rate in (44100, 22050)
    ]
    both = tmp_path / "both.aac"
    both.write_bytes(b"".join(part.read_bytes() for part in parts))
    wave = load_waveform(both, RATE)
    assert len(wave) == pytest.approx(2 * RATE, abs=5000)
    for second in (0, 1):
        middle = wave[second * RATE + 4000 :][:8000]
        # Half a second holds 50 cycles of the tone.
        assert np.abs(np.fft.rfft(middle)).argmax() == 50


def test_silence_stays_silence() -> None:
    silence = np.zeros(RATE, np.float32)
    for audio in (silence, written(silence, 44100), torch.zeros(2, 44100)):
        wave = load_waveform(audio, RATE)
        assert not wave.any()
        assert not cut_pieces(wave, 8, 100).any()
    assert not cut_pieces(np.full(RATE, 0.25, np.float32), 8, 100).any()


def test_file_that_is_cut_off_gives_what_is_there(tmp_path) -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, RATE).astype(np.float32)
    data = written(samples, RATE)
    half = load_waveform(data[: len(data) // 2], RATE)
    np.testing.assert_array_equal(half, samples[: len(half)])
    assert len(half) == pytest.approx(RATE / 2, abs=50)
    path = write_track(tmp_path / "a.mkv", samples[None], RATE)
    data = path.read_bytes()
    assert 0.3 * RATE < len(load_waveform(data[: len(data) // 2], RATE)) < 0.7 * RATE


def test_of_sound_shorter_than_a_sample_one_is_left() -> None:
    """A quarter of a sample at 16 kHz is still sound, as it is in a corpus' row."""
    assert load_waveform((np.full(3, 0.5), 192000), RATE).tolist() == [0.5]


def test_broken_sound_is_an_error() -> None:
    samples = np.random.default_rng(0).normal(0, 0.1, 4 * RATE).astype(np.float32)
    flac = bytearray(written(samples, RATE, "FLAC", "PCM_16"))
    flac[len(flac) // 2 : len(flac) // 2 + 4000] = bytes(4000)
    with pytest.raises(ValueError, match="clip 7 cannot be read: got LibsndfileError"):
        load_waveform(bytes(flac), RATE, "clip 7")


@pytest.mark.parametrize(
    ("audio", "message"),
    [
        (np.zeros((2, 0), np.float32), "clip 7 has no audio: got 0 samples"),
        (torch.zeros(0), "clip 7 has no audio: got 0 samples"),
        (np.array([1e300, 0]), "got 1 samples that are not finite"),
        (torch.tensor([0, float("nan")]), "got 1 samples that are not finite"),
        (written(np.array([0, np.nan, -np.inf]), RATE), "got 2 samples that are not finite"),
        (np.zeros(8, np.int64), r"no waveform: got int64 \(8,\)"),
        (np.zeros(8, bool), r"no waveform: got bool \(8,\)"),
        (np.zeros((2, 3, 8)), r"no waveform: got float64 \(2, 3, 8\)"),
        (torch.zeros(100, 2), r"no waveform: got float32 \(100, 2\)"),
        (np.array(["a"]), "no waveform: got <U1"),
        ((RATE, np.zeros(8)), r"no waveform: got \(int, ndarray\)"),
        ((np.zeros(8), RATE, 1), r"no waveform: got \(ndarray, int, int\)"),
        (7, "no waveform: got"),
        (object(), "no waveform: got"),
        (None, "clip 7 is no media: got NoneType"),
        ({"array": None, "bytes": None}, "without `bytes` and `path`"),
    ],
)
def test_bad_sound_is_an_error(audio, message) -> None:
    with pytest.raises(ValueError, match=message):
        load_waveform(audio, RATE, "clip 7")


def test_clips_are_evenly_spaced_zero_mean_and_padded() -> None:
    wave = np.arange(10, dtype=np.float32)
    # Starts 0, 3 and 6 of clips of 4 samples; every clip of a ramp is the same without its mean.
    assert cut_pieces(wave, 3, 4).tolist() == [[-1.5, -0.5, 0.5, 1.5]] * 3
    steps = np.repeat(np.array([0, 1], np.float32), 3)
    assert cut_pieces(steps, 2, 4).tolist() == [
        [-0.25, -0.25, -0.25, 0.75],
        [-0.75, 0.25, 0.25, 0.25],
    ]
    assert cut_pieces(np.array([2, 2], np.float32), 1, 4).tolist() == [[1, 1, -1, -1]]


def test_clips_of_short_sound_are_those_of_its_waveform(tmp_path) -> None:
    samples = tone(44100, 2.5)
    for audio in (written(samples, 44100), (samples, 44100)):
        expected = cut_pieces(load_waveform(audio, RATE), 8, RATE)
        np.testing.assert_array_equal(load_pieces(audio, RATE, 8, RATE), expected)


@pytest.mark.parametrize("format", ["WAV", "FLAC"])
@pytest.mark.parametrize("rate", [8000, 11025, 16000, 44100])
def test_of_long_sound_no_more_is_read_than_its_clips(rate, format, monkeypatch) -> None:
    rng = np.random.default_rng(rate)
    samples = rng.uniform(-0.9, 0.9, int(61.37 * rate))
    data = written(samples, rate, format, "PCM_16")
    expected = cut_pieces(load_waveform(data, RATE), 8, 2 * RATE)

    def refuse(*_: object) -> None:
        raise AssertionError("the whole file was read")

    monkeypatch.setattr(media_sound, "load_waveform", refuse)
    clips = load_pieces(data, RATE, 8, 2 * RATE)
    assert clips.dtype == np.float32
    np.testing.assert_allclose(clips, expected, atol=1e-5)


def test_clips_longer_than_a_long_sound_are_padded() -> None:
    data = written(tone(1000, 61), 1000, subtype="PCM_16")
    assert load_pieces(data, 1000, 2, 90_000).shape == (2, 90_000)
