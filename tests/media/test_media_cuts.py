"""Spans and parts of a picture: the frames and samples that a decode of the whole film gives."""

import io
import os
import subprocess
import sys
from fractions import Fraction

import av
import numpy as np
import pytest
import soundfile
from corpus_trees.media import clip_video

from affecthub.media import (
    MediaError,
    load_frames,
    load_waveform,
    mp4,
    spans,
    video_cut,
    video_end_s,
)

FPS = 25


def film(
    container: str, codec: str, gop: int = 12, b_frames: int = 0, n_frames: int = 100
) -> bytes:
    """Noise that drifts: every frame differs from every other."""
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 255, (48, 64 + n_frames, 3), np.uint8)
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as file:
        video = file.add_stream(codec, rate=FPS)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        video.codec_context.gop_size, video.codec_context.max_b_frames = gop, b_frames
        for i in range(n_frames):
            picture = np.ascontiguousarray(noise[:, i : i + 64])
            file.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        file.mux(video.encode())
    return stream.getvalue()


FILMS = {
    "mp4": ("mp4", "libx264", 12, 3),
    "mp4, one key frame": ("mp4", "libx264", 250, 3),
    "mp4 of MPEG-4": ("mp4", "mpeg4", 12, 2),
    "mkv": ("matroska", "libx264", 12, 2),
    "avi": ("avi", "mpeg4", 12, 0),
    "avi, one key frame": ("avi", "mpeg4", 250, 0),
    "avi with reordered frames": ("avi", "mpeg4", 12, 2),
}


@pytest.fixture(scope="module", params=FILMS)
def movie(request):
    """A film, and all its frames with the times they are shown at."""
    data = film(*FILMS[request.param])
    with av.open(io.BytesIO(data)) as container:
        zero = container.start_time / 1e6
        frames = [(f.time - zero, f.to_ndarray(format="rgb24")) for f in container.decode(video=0)]
    assert len(frames) == 100
    return data, [time for time, _ in frames], [picture for _, picture in frames]


@pytest.mark.parametrize(("start", "end"), [(0, 4), (0.5, 1.3), (1.2, 3.72), (3.5, 4), (2, None)])
def test_frames_of_a_span_are_those_of_a_full_decode(movie, start, end):
    data, times, every = movie
    first = max(i for i, time in enumerate(times) if time <= start + 1e-6 or i == 0)
    stop = sum(time < (end or 9) - 1e-6 for time in times)
    for n in (1, 3, 8):
        got = load_frames(data, n, start_s=start, end_s=end)
        for i, frame in enumerate(got):
            np.testing.assert_array_equal(frame, every[first + i * (stop - first) // n])


def test_the_whole_film_as_a_span_is_the_whole_film(movie):
    data, times, _ = movie
    whole = load_frames(data, 8)
    np.testing.assert_array_equal(load_frames(data, 8, start_s=0.0), whole)
    assert video_end_s(data) == pytest.approx(times[-1] + 1 / FPS, abs=1e-3)


def test_a_span_between_two_frames_shows_the_earlier():
    data = film("mp4", "libx264")
    with av.open(io.BytesIO(data)) as container:
        every = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    got = load_frames(data, 3, start_s=1.005, end_s=1.01)  # frame 25 is on screen until 1.04
    assert got.shape[0] == 3
    for frame in got:
        np.testing.assert_array_equal(frame, every[25])


def test_little_of_a_long_film_is_decoded(monkeypatch):
    """Of 1500 frames with a key frame every 50, a span of 10 frames costs at most 60."""
    data = film("avi", "mpeg4", gop=50, n_frames=1500)
    decoded = 0
    inner = spans._decode

    def counting(*args):
        nonlocal decoded
        for frame in inner(*args):
            decoded += 1
            yield frame

    monkeypatch.setattr(spans, "_decode", counting)
    load_frames(data, 10, start_s=50.0, end_s=50.4)
    assert 10 <= decoded <= 60


def test_crop_is_cut_before_it_is_resized():
    data = film("mp4", "libx264")
    whole = load_frames(data, 2)
    part = load_frames(data, 2, crop=(0.5, 0.25, 1.0, 0.75))
    np.testing.assert_array_equal(part, whole[:, 12:36, 32:64])
    assert load_frames(data, 2, size=16, crop=(0.5, 0.25, 1.0, 0.75)).shape == (2, 16, 16, 3)
    np.testing.assert_array_equal(load_frames(data, 2, crop=[0.0, 0.0, 1.0, 1.0]), whole)
    assert load_frames(data, 1, crop=(0.5, 0.5, 0.501, 0.501)).shape == (1, 1, 1, 3)


@pytest.mark.parametrize(
    "crop",
    [(0.5, 0, 0.5, 1), (0, 0, 1.2, 1), (-0.1, 0, 1, 1), (0, 0, 1), (0, 1, 1, 0), (0, 0, np.nan, 1)],
)
def test_crops_that_are_no_box(crop):
    with pytest.raises(ValueError, match="`crop`: got"):
        load_frames(film("mp4", "libx264", n_frames=3), crop=crop)


@pytest.mark.parametrize("span", [(1.0, 1.0), (2.0, 1.0), (-1.0, 1.0), (float("nan"), 1.0)])
@pytest.mark.parametrize("read", [load_frames, load_waveform])
def test_empty_spans(read, span):
    with pytest.raises(ValueError, match="expected 0 <= start_s < end_s"):
        read(clip_video(0), start_s=span[0], end_s=span[1])


@pytest.mark.parametrize("container", ["mp4", "avi"])
@pytest.mark.parametrize("span", [(9.0, 10.0), (0.2, 9.0), (900.0, None)])
@pytest.mark.parametrize("read", [load_frames, load_waveform])
def test_spans_past_the_end(container, read, span):
    with pytest.raises(MediaError, match="the span lies past the end: got"):
        read(clip_video(0, container), start_s=span[0], end_s=span[1])


def test_spans_past_the_end_of_a_wav(tmp_path):
    soundfile.write(tmp_path / "a.wav", np.full(8000, 0.5), 16000)
    with pytest.raises(MediaError, match=r"a\.wav: the span lies past the end: got 0\.5 to None s"):
        load_waveform(tmp_path / "a.wav", start_s=0.5)
    # Half a second over the end is forgiven.
    assert load_waveform(tmp_path / "a.wav", start_s=0.25, end_s=0.9).shape == (4000,)
    assert len(load_frames(clip_video(0), 2, start_s=0.4, end_s=1.2)) == 2  # it ends at 0.8


def test_samples_of_a_span_are_exact(tmp_path):
    wave = np.random.default_rng(0).normal(0, 0.1, (44100, 2)).astype(np.float32)
    soundfile.write(tmp_path / "a.wav", wave, 44100, subtype="FLOAT")
    got = load_waveform(tmp_path / "a.wav", 44100, start_s=0.25, end_s=0.5)
    # round(0.25 * 44100) = 11025, round(0.5 * 44100) = 22050
    np.testing.assert_allclose(got, wave[11025:22050].mean(axis=1), atol=1e-6)
    np.testing.assert_array_equal(load_waveform(tmp_path / "a.wav", 44100, end_s=0.5)[11025:], got)


@pytest.mark.parametrize("container", ["mp4", "avi"])
def test_sound_of_a_span_of_a_film(container):
    data = clip_video(1, container)
    whole = load_waveform(data)
    got = load_waveform(data, start_s=0.3, end_s=0.6)
    assert got.shape == (4800,)
    # Compressed sound: the same but for what the codec's blocks leave at the edges.
    middle = slice(1000, 3800)
    offset = np.argmax(np.correlate(whole[3800:9800], got[middle])) + 3800 - 1000
    assert abs(offset - 4800) <= 32
    assert np.abs(got[middle] - whole[offset:][middle]).max() < 0.02


def test_a_film_cut_short_ends_earlier():
    data = film("avi", "mpeg4")
    short = data[: len(data) * 6 // 10]
    with av.open(io.BytesIO(short)) as container:
        n_left = sum(1 for packet in container.demux(video=0) if packet.size)
    assert 20 < n_left < 60  # of 100
    assert video_end_s(short) == pytest.approx(n_left / FPS, abs=1.5 / FPS)
    with pytest.raises(MediaError, match="past the end"):
        load_frames(short, 2, start_s=3.0, end_s=3.9)


def test_rows_say_what_of_a_film_is_theirs():
    row = {"video_start_s": 0.0, "video_end_s": 0.4, "video_crop": [0.0, 0.0, 0.5, 1.0]}
    cut = video_cut(row)
    assert cut == {"start_s": 0.0, "end_s": 0.4, "crop": [0.0, 0.0, 0.5, 1.0]}
    assert load_frames(clip_video(0), 2, **cut).shape == (2, 112, 56, 3)
    assert video_cut({"id": "a"}) == {}


def test_a_film_that_changes_its_size_gives_frames_of_one_size():
    parts = []
    for width in (64, 96):
        stream = io.BytesIO()
        with av.open(stream, "w", format="h264") as file:
            video = file.add_stream("libx264", rate=FPS)
            video.width, video.height, video.pix_fmt = width, 48, "yuv420p"
            video.codec_context.max_b_frames = 0
            for i in range(10):
                grey = np.full((48, width, 3), 20 * i, np.uint8)
                file.mux(video.encode(av.VideoFrame.from_ndarray(grey, format="rgb24")))
            file.mux(video.encode())
        parts.append(stream.getvalue())
    with av.open(io.BytesIO(b"".join(parts))) as container:
        sizes = {frame.width for frame in container.decode(video=0)}
    assert sizes == {64, 96}
    # Raw H.264 has no times; in mkv it gets some.
    film = io.BytesIO()
    with av.open(io.BytesIO(b"".join(parts))) as raw, av.open(film, "w", format="matroska") as out:
        stream = out.add_stream_from_template(raw.streams.video[0])
        for i, packet in enumerate(p for p in raw.demux(video=0) if p.size):
            packet.stream, packet.pts, packet.dts = stream, 40 * i, 40 * i
            packet.time_base = Fraction(1, 1000)
            out.mux(packet)
    assert load_frames(film.getvalue(), 8).shape == (8, 48, 64, 3)
    assert load_frames(film.getvalue(), 8, crop=(0, 0, 0.5, 1)).shape == (8, 48, 32, 3)


@pytest.mark.parametrize("fps", [0.5, 2.0, 29.97])
def test_frames_in_memory_become_a_film(fps):
    """Every frame at its time, and no sound."""
    levels = np.arange(40, 240, 20, dtype=np.uint8)
    frames = np.broadcast_to(levels[:, None, None, None], (10, 34, 51, 3)).copy()
    with av.open(io.BytesIO(mp4(frames, fps))) as container:
        assert [stream.type for stream in container.streams] == ["video"]
        shown = list(container.decode(video=0))
    assert np.allclose([frame.time for frame in shown], np.arange(10) / fps, atol=1e-4)
    for frame, level in zip(shown, levels, strict=True):
        picture = frame.to_ndarray(format="rgb24")
        assert picture.shape == (34, 50, 3) and abs(picture.mean() - level) < 3


@pytest.mark.parametrize(
    ("frames", "fps", "problem"),
    [
        (np.zeros((0, 8, 8, 3), np.uint8), 2, r"got uint8 \(0, 8, 8, 3\)"),
        (np.zeros((2, 8, 8), np.uint8), 2, r"got uint8 \(2, 8, 8\)"),
        (np.zeros((2, 1, 8, 3), np.uint8), 2, "two pixels a side"),
        (np.zeros((2, 8, 8, 3), np.float32), 2, "got float32"),
        ([], 2, "got list"),
        (np.zeros((2, 8, 8, 3), np.uint8), 0, "`fps` is no rate: got 0"),
        (np.zeros((2, 8, 8, 3), np.uint8), float("nan"), "`fps` is no rate: got nan"),
    ],
)
def test_what_is_no_film_is_refused(frames, fps, problem):
    with pytest.raises(ValueError, match=problem):
        mp4(frames, fps)


WRITES = """
import hashlib, numpy as np
from affecthub.media import mp4
rng = np.random.default_rng(0)
scene = rng.integers(0, 255, (6, 8, 3), np.uint8).repeat(20, 0).repeat(20, 1)
moving = np.stack([np.roll(scene, 3 * i, 1) for i in range(25)])
grainy = np.clip(moving + rng.normal(0, 6, moving.shape), 0, 255).astype(np.uint8)
print(hashlib.sha256(mp4(grainy, 25)).hexdigest())
"""


def test_a_film_is_the_same_bytes_at_every_writing():
    # What memory holds before it is written into (glibc fills it with this) must not show.
    written = {
        subprocess.run(
            [sys.executable, "-c", WRITES],
            env={**os.environ, "MALLOC_PERTURB_": filled},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for filled in ("1", "170")
    }
    assert len(written) == 1 and len(written.pop()) == 65
