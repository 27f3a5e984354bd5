"""Decoding: the right samples and the right frames, and one clear error for every broken file."""

import io
import re
from fractions import Fraction

import av
import numpy as np
import pytest
import soundfile

from affecthub.media import (
    MediaError,
    check_media,
    load_frames,
    load_waveform,
    probe,
    video_end_s,
)


def tone(rate_hz: int, seconds: float = 0.5, channels: int = 1) -> np.ndarray:
    wave = 0.5 * np.sin(2 * np.pi * 440 * np.arange(int(rate_hz * seconds)) / rate_hz)
    return np.repeat(wave[:, None], channels, axis=1).astype(np.float32)


def write_av(path, n_frames=25, seconds=1.0):
    """An mp4 with picture and sound."""
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = container.add_stream("aac", rate=44100, layout="stereo")
        for i in range(n_frames):
            frame = av.VideoFrame.from_ndarray(
                np.full((48, 64, 3), 5 * i, np.uint8), format="rgb24"
            )
            container.mux(video.encode(frame))
        container.mux(video.encode())
        samples = tone(44100, seconds, 2).T
        for start in range(0, samples.shape[1], 1024):
            part = np.ascontiguousarray(samples[:, start : start + 1024])
            frame = av.AudioFrame.from_ndarray(part, format="fltp", layout="stereo")
            frame.sample_rate, frame.pts = 44100, start
            container.mux(audio.encode(frame))
        container.mux(audio.encode())
    return path


@pytest.mark.parametrize("suffix", ["wav", "flac"])
@pytest.mark.parametrize("channels", [1, 2])
def test_audio_is_exact_where_nothing_is_resampled(tmp_path, suffix, channels):
    path = tmp_path / f"a.{suffix}"
    soundfile.write(path, tone(16000, channels=channels), 16000)
    got = load_waveform(path)
    assert got.dtype == np.float32 and got.shape == (8000,)
    np.testing.assert_allclose(got, tone(16000)[:, 0], atol=1 / 32768)


def test_audio_is_resampled_and_channels_averaged(tmp_path):
    left_only = tone(44100, channels=2) * [1.0, 0.0]
    soundfile.write(tmp_path / "a.wav", left_only, 44100)
    got = load_waveform(tmp_path / "a.wav")
    assert got.shape == (8000,)  # 0.5 s
    # Half of a sine of amplitude 0.5; the ends ring, so look at the middle.
    assert np.abs(got[2000:6000]).max() == pytest.approx(0.25, abs=0.005)
    spectrum = np.abs(np.fft.rfft(got[2000:6000]))
    assert spectrum.argmax() == 110  # 440 Hz in 4 Hz bins


def test_every_kind_of_source_gives_the_same(tmp_path):
    path = tmp_path / "a.wav"
    soundfile.write(path, tone(16000), 16000)
    data = path.read_bytes()
    sources = [
        str(path),
        data,
        {"bytes": data, "path": "a.wav"},
        {"bytes": None, "path": str(path)},
    ]
    for source in sources:
        np.testing.assert_array_equal(load_waveform(source), load_waveform(path))


def test_audio_track_of_a_video(tmp_path):
    path = write_av(tmp_path / "a.mp4")
    got = load_waveform(path)
    assert abs(len(got) - 16000) < 800  # the codec pads by at most a frame or two
    assert np.abs(np.fft.rfft(got[4000:8000])).argmax() == 110
    info = probe(path)
    assert (info.has_audio, info.has_video, info.n_frames) == (True, True, 25)
    assert (info.rate_hz, info.n_channels, info.width, info.height) == (44100, 2, 64, 48)
    assert info.fps == 25 and info.duration_s == pytest.approx(1.0, abs=0.06)
    np.testing.assert_array_equal(load_waveform(path.read_bytes()), got)


def test_probe_of_a_wav(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(44100, 0.5, 2), 44100)
    info = probe(tmp_path / "a.wav")
    assert (info.duration_s, info.rate_hz, info.n_channels) == (0.5, 44100, 2)
    assert info.has_audio and not info.has_video and info.fps is None


@pytest.mark.parametrize("name", ["a.mp4", "a.mkv", "a.avi"])
@pytest.mark.parametrize("gop", [1, 5, 100])
def test_frames_are_those_of_a_full_decode(tmp_path, trees, name, gop):
    codec = "mpeg4" if name == "a.avi" else "libx264"
    path = trees.write_video(tmp_path / name, n_frames=60, gop=gop, codec=codec)
    with av.open(str(path)) as container:
        every = [f.to_ndarray(format="rgb24") for f in container.decode(video=0)]
    assert len(every) == 60
    got = load_frames(path, 8)
    # floor(i * 60 / 8)
    assert got.shape == (8, 48, 64, 3) and got.dtype == np.uint8
    for frame, index in zip(got, [0, 7, 15, 22, 30, 37, 45, 52], strict=True):
        np.testing.assert_array_equal(frame, every[index])
    np.testing.assert_array_equal(load_frames(path.read_bytes(), 8), got)


def test_short_clip_repeats_its_last_frame(tmp_path, trees):
    path = trees.write_video(tmp_path / "a.mp4", n_frames=3)
    got = load_frames(path, 5)
    assert [int(frame[0, 0, 0]) // 15 for frame in got] == [0, 1, 2, 2, 2]
    assert load_frames(path, 1).shape[0] == 1


def test_frames_are_brought_to_size(tmp_path, trees):
    path = trees.write_video(tmp_path / "a.mp4")
    assert load_frames(path, 2, size=32).shape == (2, 32, 32, 3)


def test_frames_wanted_must_be_positive(tmp_path):
    with pytest.raises(ValueError, match="got 0 frames of size"):
        load_frames(tmp_path / "a.mp4", 0)


def no_samples(path):
    soundfile.write(path, np.zeros((0, 1)), 16000)


def nan(path):
    wave = tone(16000)
    wave[7] = np.nan
    soundfile.write(path, wave, 16000, subtype="FLOAT")


def cut_mp4(path):
    write_av(path)
    path.write_bytes(path.read_bytes()[:2000])


BROKEN = {
    "empty.wav": (lambda p: p.write_bytes(b""), "an empty file"),
    "noise.wav": (lambda p: p.write_bytes(bytes(range(256)) * 4), "first bytes"),
    "text.mp4": (lambda p: p.write_text("<html>not found</html>"), "first bytes"),
    "cut.mp4": (cut_mp4, "first bytes"),
    "none.wav": (no_samples, "has no audio: got 0 samples"),
    "nan.wav": (nan, "got 1 samples that are not finite"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_files_are_named(tmp_path, name):
    write, message = BROKEN[name]
    path = tmp_path / name
    write(path)
    with pytest.raises(MediaError, match=rf"{name} .*{message}"):
        load_waveform(path)
    assert check_media(path, None).startswith("audio: ")


def test_wrong_stream_is_said(tmp_path, trees):
    soundfile.write(tmp_path / "a.wav", tone(16000), 16000)
    with pytest.raises(MediaError, match=r"a\.wav has no video stream"):
        load_frames(tmp_path / "a.wav")
    silent_film = trees.write_video(tmp_path / "a.mp4")
    with pytest.raises(MediaError, match=r"a\.mp4 has no audio stream"):
        load_waveform(silent_film)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.avi", "has no video: got 0 frames"),
        ("a.mp4", "has no video stream"),  # the muxer drops a track without frames
        ("a.mkv", "cannot be read"),  # nothing follows the header
    ],
)
def test_video_of_zero_frames(tmp_path, name, reason):
    with av.open(str(tmp_path / name), "w") as container:
        stream = container.add_stream("mpeg4" if name == "a.avi" else "libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()
    with pytest.raises(MediaError, match=rf"{name} {reason}"):
        load_frames(tmp_path / name)
    assert check_media(None, tmp_path / name).startswith(f"video: {reason}")


def test_swapped_suffix_is_read_by_content(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(16000), 16000)
    (tmp_path / "a.wav").rename(tmp_path / "a.mp4")
    assert load_waveform(tmp_path / "a.mp4").shape == (8000,)


def test_missing_file_is_not_a_media_error(tmp_path):
    for read in (load_waveform, load_frames, probe):
        with pytest.raises(FileNotFoundError):
            read(tmp_path / "none.mp4")


def test_silence_is_legal_but_reported(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(1600), 16000)
    assert not load_waveform(tmp_path / "a.wav").any()
    assert check_media(tmp_path / "a.wav", None) == "silent audio"
    soundfile.write(tmp_path / "b.wav", tone(16000), 16000)
    assert check_media(tmp_path / "b.wav", None) is None


def test_both_modalities_are_reported(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.zeros(1600), 16000)
    (tmp_path / "a.mp4").write_bytes(b"")
    issue = check_media(tmp_path / "a.wav", tmp_path / "a.mp4")
    assert issue.startswith("silent audio; video: cannot be read")


def test_errors_of_bytes_have_a_name():
    with pytest.raises(MediaError, match="audio cannot be read"):
        load_waveform(b"no audio at all")
    with pytest.raises(MediaError, match=r"clip\.wav"):
        load_waveform({"bytes": b"no audio at all", "path": "clip.wav"})


def test_wav_in_memory_matches_soundfile():
    file = io.BytesIO()
    soundfile.write(file, tone(16000), 16000, format="WAV")
    got = load_waveform(file.getvalue())
    file.seek(0)
    np.testing.assert_array_equal(got, soundfile.read(file, dtype="float32")[0])


def test_a_rate_that_makes_no_sense_is_said_and_stops_nothing(tmp_path):
    soundfile.write(tmp_path / "a.wav", tone(16000), 500)
    with pytest.raises(MediaError, match="no sampling rate that makes sense: got 500"):
        load_waveform(tmp_path / "a.wav")
    issue = check_media(tmp_path / "a.wav", None)
    assert issue.startswith("audio: has no sampling rate") and "Pass" not in issue


def test_of_sound_shorter_than_a_sample_one_is_left(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.full(2, 0.5), 192000)
    assert load_waveform(tmp_path / "a.wav").shape == (1,)
    assert check_media(tmp_path / "a.wav", None) is None


def write_late(path, container, begin_s):
    """Two seconds of picture and sound whose first timestamp is not 0: a cut of a longer film."""
    with av.open(str(path), "w", format=container) as file:
        video = file.add_stream("mpeg4", rate=25)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        audio = file.add_stream("mp2", rate=16000, layout="mono")
        for i in range(50):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 5 * i, np.uint8), "rgb24")
            frame.pts, frame.time_base = i + round(25 * begin_s), Fraction(1, 25)
            file.mux(video.encode(frame))
        file.mux(video.encode())
        sound = (tone(16000, 2.0).T * 32767).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(sound), "s16", "mono")
        frame.sample_rate, frame.pts = 16000, round(16000 * begin_s)
        file.mux(audio.encode(frame))
        file.mux(audio.encode())
    return path


@pytest.mark.parametrize("container", ["matroska", "mp4", "mpegts", "nut"])
def test_the_length_counts_from_the_first_timestamp(tmp_path, container):
    lengths = [
        probe(write_late(tmp_path / f"{begin_s}", container, begin_s)).duration_s
        for begin_s in (0, 3, 100.5)
    ]
    assert lengths == pytest.approx([2.0] * 3, abs=0.1)
    late = tmp_path / "100.5"
    assert len(load_waveform(late)) / 16000 == pytest.approx(lengths[2], abs=0.1)
    assert video_end_s(late) == pytest.approx(2.0, abs=0.1)


def test_a_pointer_says_how_its_file_is_fetched(tmp_path):
    for head, message in (
        (b"version https://git-lfs.github.com/spec/v1\nsize 43000\n", "Git LFS .*`git lfs pull`"),
        (b"/annex/objects/MD5E-s43000--0.wav\n", "git-annex .*`git annex get`"),
    ):
        (tmp_path / "a.wav").write_bytes(head)
        with pytest.raises(MediaError, match=message):
            load_waveform(tmp_path / "a.wav")
        assert re.search(message, check_media(tmp_path / "a.wav", None))
