"""What is played: a sound without pictures, pictures without a sound, and both in step."""

import io

import av
import numpy as np
import pytest
from corpus_trees.media import clip_video, clip_wav

from affecthub.media import load_frames, load_waveform
from affecthub.training.platform.films import RATE_HZ, film_of, silent_film_of, sound_of


def kinds(content: bytes) -> list[str]:
    with av.open(io.BytesIO(content)) as container:
        return sorted(stream.type for stream in container.streams)


def times(content: bytes) -> list[float]:
    with av.open(io.BytesIO(content)) as container:
        return [frame.time for frame in container.decode(video=0)]


def row_of(**more):
    film = {"bytes": clip_video(1), "path": "c1.mp4"}
    return {"id": "c1", "audio": film, "video": film, **more}


def test_each_modality_holds_itself_and_nothing_else():
    row = row_of()
    assert kinds(sound_of(row)) == ["audio"]
    assert kinds(silent_film_of(row)) == ["video"]
    assert kinds(film_of(row)) == ["audio", "video"]


def test_the_film_is_the_silent_one_with_its_sound_in_step():
    row = row_of(audio={"bytes": clip_wav(1), "path": "c1.wav"})
    film = film_of(row)
    assert times(film) == times(silent_film_of(row))
    np.testing.assert_array_equal(load_frames(film, 6), load_frames(silent_film_of(row), 6))
    played = load_waveform(film, RATE_HZ)
    source = load_waveform(row["audio"], RATE_HZ)
    n = min(len(played), len(source))
    spectrum = np.fft.rfft(played[:n], 2 * n) * np.fft.rfft(source[:n], 2 * n).conj()
    delay = int(np.fft.irfft(spectrum).argmax())
    assert min(delay, 2 * n - delay) / RATE_HZ < 0.03, "less than a frame of film"


def test_a_part_of_a_longer_film_is_no_more_than_the_part():
    row = row_of(video_start_s=0.24, video_end_s=0.64, video_crop=None)
    assert load_waveform(sound_of(row), RATE_HZ).shape == (pytest.approx(0.4 * RATE_HZ, abs=2),)
    for content in (silent_film_of(row), film_of(row)):
        with av.open(io.BytesIO(content)) as container:
            assert sum(1 for _ in container.decode(video=0)) == 5  # 12.5 frames a second
    whole, part = load_frames(clip_video(1), 10), load_frames(silent_film_of(row), 5)
    near = [np.abs(whole.astype(int) - part[0].astype(int)).mean(axis=(1, 2, 3)).argmin()]
    assert near == [3]


@pytest.mark.parametrize(
    ("make", "row"),
    [
        (sound_of, row_of(audio=None)),
        (silent_film_of, row_of(video=None)),
        (film_of, row_of(audio=None)),
        (film_of, row_of(video=None)),
        (sound_of, {"id": "c1"}),
        (sound_of, row_of(audio={"bytes": b"no sound at all", "path": "c1.wav"})),
    ],
)
def test_what_is_not_there_is_named(make, row):
    with pytest.raises(ValueError, match=r"c1"):
        make(row)
