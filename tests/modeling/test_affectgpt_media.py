"""Files, bytes, rows and arrays give the same pictures and sound; bad ones say what is wrong."""

from pathlib import Path

import numpy as np
import pytest
import soundfile

from affecthub.modeling.affectgpt.media_affectgpt import (
    cut_clips,
    frame_indices,
    load_frames,
    load_waveform,
)

RATE = 16000


@pytest.fixture(scope="module")
def video(write_video, tmp_path_factory) -> Path:
    return write_video(tmp_path_factory.mktemp("media") / "clip.mp4", 20)


@pytest.fixture(scope="module")
def wav(tmp_path_factory) -> Path:
    """Left channel a tone, right channel silence, 8 kHz."""
    path = tmp_path_factory.mktemp("media") / "clip.wav"
    tone = np.sin(2 * np.pi * 100 * np.arange(8000) / 8000)
    soundfile.write(path, np.stack([tone, np.zeros(8000)], axis=1), 8000, subtype="FLOAT")
    return path


@pytest.mark.parametrize("n_available", range(1, 60))
def test_frame_indices_follow_the_rule(n_available) -> None:
    expected = [int(i * n_available / 8) for i in range(8)] if n_available >= 8 else None
    if expected is None:
        expected = [*range(n_available), *[n_available - 1] * (8 - n_available)]
    assert frame_indices(n_available, 8).tolist() == expected


def test_video_file_gives_the_right_frames(video) -> None:
    frames = load_frames(video, 8)
    assert frames.shape == (8, 32, 32, 3)
    assert frames.dtype == np.uint8
    # floor(i * 20 / 8) = 0 2 5 7 10 12 15 17, and frame i has grey 10 * i.
    greys = frames.mean(axis=(1, 2, 3))
    np.testing.assert_allclose(greys, [0, 20, 50, 70, 100, 120, 150, 170], atol=4)


def test_every_kind_of_input_gives_the_same(video, wav) -> None:
    for path, load in (
        (video, lambda x: load_frames(x, 4)),
        (wav, lambda x: load_waveform(x, RATE)),
    ):
        data = path.read_bytes()
        expected = load(path)
        rows = ({"bytes": None, "path": str(path)}, {"bytes": data, "path": "gone.xyz"})
        for item in (str(path), data, *rows):
            np.testing.assert_array_equal(load(item), expected)


def test_short_video_repeats_its_last_frame(write_video, tmp_path) -> None:
    frames = load_frames(write_video(tmp_path / "one.mp4", 1), 8)
    assert (frames == frames[:1]).all()
    greys = load_frames(write_video(tmp_path / "three.mp4", 3), 5).mean(axis=(1, 2, 3))
    np.testing.assert_allclose(greys, [0, 10, 20, 20, 20], atol=4)


def test_waveform_is_mono_at_the_asked_rate(wav) -> None:
    wave = load_waveform(wav, RATE)
    assert wave.shape == (16000,)
    assert wave.dtype == np.float32
    # The tone in one of two channels: half its amplitude, its 100 cycles kept.
    expected = 0.5 * np.sin(2 * np.pi * 100 * np.arange(16000) / 16000)
    np.testing.assert_allclose(wave[500:-500], expected[500:-500], atol=1e-3)


def test_video_file_gives_its_audio_track(video, processor) -> None:
    wave = load_waveform(video, RATE)
    assert abs(len(wave) - RATE) < 1500  # The encoder pads its frames.
    spectrum = np.abs(np.fft.rfft(wave[2000:12000]))
    assert spectrum.argmax() * RATE / 10000 == pytest.approx(440, abs=2)
    by_path = processor(videos=[str(video)], audio=[str(video)])
    from_video = processor(videos=[str(video)], audio="from_video")
    assert set(from_video) == set(by_path)
    assert from_video["input_values"].equal(by_path["input_values"])


@pytest.mark.parametrize("rate", [8000, 22050, 44100, 48000, 192000])
def test_array_and_rate_are_resampled(rate) -> None:
    wave = np.zeros(rate, np.float64)
    assert load_waveform((wave, rate), RATE).shape == (RATE,)
    assert load_waveform({"array": wave, "sampling_rate": rate}, RATE).shape == (RATE,)


def test_clips_are_evenly_spaced_zero_mean_and_padded() -> None:
    wave = np.arange(10, dtype=np.float32)
    # Starts 0, 3 and 6 of clips of 4 samples; every clip of a ramp is the same without its mean.
    assert cut_clips(wave, 3, 4).tolist() == [[-1.5, -0.5, 0.5, 1.5]] * 3
    steps = np.repeat(np.array([0, 1], np.float32), 3)
    assert cut_clips(steps, 2, 4).tolist() == [
        [-0.25, -0.25, -0.25, 0.75],
        [-0.75, 0.25, 0.25, 0.25],
    ]
    assert cut_clips(np.array([2, 2], np.float32), 1, 4).tolist() == [[1, 1, -1, -1]]


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (np.zeros((0, 8, 8, 3), np.uint8), r"videos\[1\] has no video: got 0 frames"),
        (np.zeros((4, 8, 8, 3), np.float32), r"videos\[1\] is no RGB video: got float32"),
        (np.zeros((4, 8, 8), np.uint8), r"got uint8 \(4, 8, 8\)"),
        ("https://example.org/clip.mp4", "URLs are not read"),
        (b"not a video at all", r"videos\[1\] cannot be read"),
        ({"bytes": None, "path": None}, "without `bytes` and `path`"),
        ({"bytes": b"", "path": "clip.mp4"}, "clip.mp4 cannot be read"),
    ],
)
def test_bad_video_is_an_error_that_names_it(processor, clip, item, message) -> None:
    with pytest.raises(ValueError, match=message):
        processor(videos=[clip, item])


@pytest.mark.parametrize(
    ("item", "message"),
    [
        (np.zeros(0, np.float32), r"audio\[1\] has no audio: got 0 samples"),
        (np.array([0, np.nan, np.inf], np.float32), "got 2 samples that are not finite"),
        (np.zeros(8, np.int16), r"audio\[1\] is no mono waveform: got int16"),
        (np.zeros((2, 8), np.float32), r"got float32 \(2, 8\)"),
        ("s3://bucket/clip.wav", "URLs are not read"),
        (b"RIFF, or so it says", r"audio\[1\] cannot be read"),
    ],
)
def test_bad_audio_is_an_error_that_names_it(processor, wave, item, message) -> None:
    with pytest.raises(ValueError, match=message):
        processor(audio=[wave, item])


def test_bad_files_are_errors_that_name_them(write_video, tmp_path, wav) -> None:
    with pytest.raises(FileNotFoundError, match="gone.mp4"):
        load_frames(tmp_path / "gone.mp4", 8)
    with pytest.raises(FileNotFoundError, match="expected a file"):
        load_waveform(tmp_path, RATE)
    silent = write_video(tmp_path / "silent.mp4", 3, audio_s=None)
    with pytest.raises(ValueError, match="silent.mp4 has no audio stream"):
        load_waveform(silent, RATE)
    with pytest.raises(ValueError, match="clip.wav has no video stream"):
        load_frames(wav, 8)
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(bytes(1000))
    with pytest.raises(ValueError, match="broken.mp4 cannot be read"):
        load_frames(broken, 8)
    empty = tmp_path / "empty.wav"
    soundfile.write(empty, np.zeros(0), 16000)
    with pytest.raises(ValueError, match="empty.wav has no audio: got 0 samples"):
        load_waveform(empty, RATE)
