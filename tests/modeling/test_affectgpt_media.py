"""Files, bytes, rows and arrays give the same pictures and sound; bad ones say what is wrong."""

import io
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest
import soundfile
import torch
from PIL import Image

from affecthub.modeling.affectgpt import media_tracks
from affecthub.modeling.affectgpt.media_tracks import (
    frame_indices,
    has_audio_track,
    has_video_track,
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
        (np.zeros(8, np.int64), r"audio\[1\] is no waveform: got int64"),
        (np.zeros((2, 8), np.float32), r"got float32 \(2, 8\)"),
        ("s3://bucket/clip.wav", "URLs are not read"),
        (b"RIFF, or so it says", r"audio\[1\] cannot be read"),
        ({"array": np.zeros(8)}, r"audio\[1\] has no sampling rate that makes sense: got None"),
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


def test_tracks_of_files(write_video, video, wav, tmp_path) -> None:
    silent = write_video(tmp_path / "silent.mp4", 3, audio_s=None)
    for path, audio, picture in ((video, True, True), (silent, False, True), (wav, True, False)):
        with path.open("rb") as file, av.open(str(path)) as container:
            row = {"bytes": path.read_bytes(), "path": None}
            for media in (path, str(path), path.read_bytes(), file, row, container):
                assert has_audio_track(media) is audio
                assert has_video_track(media) is picture
            assert not file.closed


def test_tracks_are_found_without_decoding(video) -> None:
    data = video.read_bytes()
    begin, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    assert begin < end
    hollow = data[:begin] + bytes(end - begin) + data[end:]
    assert has_video_track(hollow)
    assert has_audio_track(hollow)
    with pytest.raises(ValueError, match="video has no video: got 0 frames"):
        load_frames(hollow, 8)
    with pytest.raises(ValueError, match="audio cannot be read"):
        load_waveform(hollow, RATE)


def test_cover_art_is_no_video(tmp_path) -> None:
    path = tmp_path / "song.mka"
    cover = io.BytesIO()
    Image.new("RGB", (16, 16)).save(cover, "PNG")
    with av.open(str(path), "w") as container:
        sound = container.add_stream("aac", rate=RATE)
        sound.layout = "mono"
        container.add_attachment("cover.png", "image/png", cover.getvalue())
        frame = av.AudioFrame.from_ndarray(np.zeros((1, RATE), np.float32), "fltp", "mono")
        frame.sample_rate = RATE
        container.mux(sound.encode(frame))
        container.mux(sound.encode())
    with av.open(str(path)) as container:
        assert [stream.type for stream in container.streams] == ["audio", "video"]
    assert has_audio_track(path)
    assert not has_video_track(path)
    with pytest.raises(ValueError, match="song.mka has no video stream"):
        load_frames(path, 8)


@pytest.mark.parametrize(
    ("media", "kind"),
    [
        (np.zeros(8), "audio"),
        (np.zeros((2, 8)), "audio"),
        (torch.zeros(8), "audio"),
        ((np.zeros(8), RATE), "audio"),
        ({"array": [0.0], "sampling_rate": RATE}, "audio"),
        (SimpleNamespace(data=torch.zeros(1, 8), sample_rate=RATE), "audio"),
        (SimpleNamespace(get_all_samples=None), "audio"),
        (SimpleNamespace(get_frames_at=None), "video"),
        (np.zeros((1, 8, 8, 3), np.uint8), "video"),
        (torch.zeros((1, 3, 8, 8), dtype=torch.uint8), "video"),
        ([Image.new("RGB", (8, 8))], "video"),
    ],
)
def test_tracks_in_memory(media, kind) -> None:
    assert has_audio_track(media) is (kind == "audio")
    assert has_video_track(media) is (kind == "video")


def test_tracks_of_what_is_no_media_are_errors(tmp_path) -> None:
    for has_track in (has_audio_track, has_video_track):
        with pytest.raises(FileNotFoundError, match="gone.mp4"):
            has_track(tmp_path / "gone.mp4")
        for media, message in (
            (b"not a video at all", "media cannot be read"),
            (None, "media is no media"),
            ("https://example.org/clip.mp4", "URLs are not read"),
            (7, "media is neither sound nor video: got int"),
            (np.zeros((1, 1, 1)), "neither sound nor video: got ndarray"),
        ):
            with pytest.raises(ValueError, match=message):
                has_track(media)


def test_missing_package_is_an_error_that_says_how_to_install_it(monkeypatch, video) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(ImportError, match="`av` is not installed.* pip install av soundfile soxr"):
        load_frames(video, 8)
    assert load_frames(np.zeros((1, 8, 8, 3), np.uint8), 8).shape == (8, 8, 8, 3)


def test_importing_takes_neither_torch_nor_a_decoder() -> None:
    code = """
import sys
sys.path.insert(0, sys.argv[1])
import types
package = types.ModuleType("flat")
package.__path__ = [sys.argv[1]]
sys.modules["flat"] = package
import flat.media_tracks
print([name for name in ("torch", "av", "soundfile", "soxr", "PIL") if name in sys.modules])
"""
    folder = Path(media_tracks.__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", code, str(folder)], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
