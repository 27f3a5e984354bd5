"""What every backend is handed of a clip."""

import numpy as np
import pytest
from asked_clips import write_film, write_sound

from affecthub.media import MediaError
from affecthub.training.asking.media import Shown, read_media

BOTH = frozenset({"audio", "video"})


def test_sound_is_mono_at_16_khz_and_frames_are_spread_over_the_clip(tmp_path):
    row = {
        "audio": str(write_sound(tmp_path / "a.wav")),
        "video": str(write_film(tmp_path / "a.mp4")),
    }
    sound, film = read_media(row, BOTH, Shown(n_frames=5))
    assert (sound.rate_hz, sound.wave.dtype, sound.wave.shape) == (16000, np.float32, (16000,))
    assert sound.seconds == 1.0
    assert film.frames.shape == (5, 48, 64, 3) and film.frames.dtype == np.uint8
    # 5 of 10 frames that last a second.
    assert film.fps == 5.0
    levels = film.frames.mean(axis=(1, 2, 3))
    assert np.abs(levels - [20, 60, 100, 140, 180]).max() < 12


def test_a_short_film_is_shown_as_it_is(tmp_path):
    film = read_media({"video": str(write_film(tmp_path / "a.mp4", 3))}, BOTH, Shown())[1]
    assert len(film.frames) == 3 and film.fps == pytest.approx(10)


def test_a_large_film_is_made_smaller_in_its_proportions(tmp_path):
    path = write_film(tmp_path / "a.mp4", size=(128, 72))
    for side, shape in ((64, (36, 64)), (128, (72, 128)), (500, (72, 128))):
        film = read_media({"video": str(path)}, BOTH, Shown(2, side))[1]
        assert film.frames.shape[1:3] == shape


def test_only_the_clips_part_of_a_longer_film_is_shown(tmp_path):
    row = {"video": str(write_film(tmp_path / "a.mp4", size=(128, 64)))}
    cut = {"video_start_s": 0.5, "video_end_s": 0.9, "video_crop": [0.5, 0.0, 1.0, 1.0]}
    film = read_media(row | cut, BOTH, Shown(2, 32))[1]
    assert film.frames.shape == (2, 32, 32, 3)  # of 64 x 64
    assert film.fps == pytest.approx(5)  # 2 in 0.4 s
    assert np.abs(film.frames.mean(axis=(1, 2, 3)) - [120, 160]).max() < 12


def test_what_is_not_there_is_none_and_what_is_broken_an_error(tmp_path):
    film, sound = write_film(tmp_path / "a.mp4"), write_sound(tmp_path / "a.wav")
    assert read_media({"audio": None}, BOTH, Shown()) == (None, None)
    # Asked for is not there: a film without sound, a sound without pictures.
    assert read_media({"audio": str(film), "video": str(sound)}, BOTH, Shown()) == (None, None)
    only = read_media({"audio": str(sound), "video": str(film)}, frozenset({"audio"}), Shown())
    assert only[0] is not None and only[1] is None
    (tmp_path / "torn.mp4").write_bytes(b"no film")
    with pytest.raises(MediaError, match="torn.mp4"):
        read_media({"video": str(tmp_path / "torn.mp4")}, BOTH, Shown())
    with pytest.raises(FileNotFoundError, match="gone.wav"):
        read_media({"audio": str(tmp_path / "gone.wav")}, BOTH, Shown())
    with pytest.raises(ValueError, match="nothing to show: got 0 frames"):
        Shown(0)
