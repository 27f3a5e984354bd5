"""Media in a request: film, then sound, then words, and what comes out is what went in."""

import io

import av
import numpy as np
import pytest
import soundfile
from chat_server import ChatServer, first_picture, opened

from affecthub.media import load_waveform, mp4
from affecthub.training.asking.asks import Ask, Film, Sound
from affecthub.training.asking.backends.chat_request import jpeg, messages_of
from affecthub.training.asking.backends.endpoint import EndpointBackend


def noise(seconds=0.5, rate_hz=16000):
    rng = np.random.default_rng(0)
    return Sound(rng.uniform(-0.5, 0.5, int(seconds * rate_hz)).astype(np.float32), rate_hz)


def film(n_frames=3, height=48, width=64, fps=2.0):
    """Frames of one colour each, so that encoders keep them."""
    colours = [(200, 40, 40), (40, 160, 60), (50, 60, 210), (230, 200, 40)]
    frames = np.empty((n_frames, height, width, 3), np.uint8)
    for number in range(n_frames):
        frames[number] = colours[number % 4]
    return Film(frames, fps)


@pytest.fixture
def asked_for():
    """Send one question with media and give the request back."""

    def send(ask, **settings):
        with ChatServer() as server, EndpointBackend(server.url, "small", **settings) as backend:
            (reply,) = backend.answer([ask])
            assert reply.error == ""
            return server.asked[0]

    return send


def test_the_order_is_film_sound_words(asked_for):
    asked = asked_for(Ask("a", "Say sad", sound=noise(), film=film()))
    kinds = [part["type"] for part in asked.parts]
    assert kinds == ["image_url"] * 3 + ["input_audio", "text"]
    asked = asked_for(
        Ask("a", "Say sad", sound=noise(), film=film()), video="mp4", audio="audio_url"
    )
    assert [part["type"] for part in asked.parts] == ["video_url", "audio_url", "text"]


def test_frames_arrive_as_they_are(asked_for):
    sent = film(4, 47, 65)
    files = asked_for(Ask("a", "Say sad", film=sent)).media("image_url")
    got = np.stack([opened(file) for file in files])
    assert got.shape == (4, 47, 65, 3)
    assert np.abs(got.astype(int) - sent.frames).max() <= 4


def test_a_detailed_picture_stays_detailed():
    """Colour is not averaged over neighbours, and noise is not smoothed away."""
    rng = np.random.default_rng(0)
    picture = rng.integers(0, 256, (96, 128, 3), np.uint8)
    error = np.abs(opened(jpeg(picture)).astype(int) - picture)
    assert error.mean() < 5
    assert jpeg(picture) == jpeg(picture)


def test_the_film_has_its_frames_and_their_times(asked_for):
    sent = film(4, 48, 64, fps=2.0)
    (file,) = asked_for(Ask("a", "Say sad", film=sent), video="mp4").media("video_url")
    assert np.abs(first_picture(file).astype(int) - sent.frames[0]).mean() < 4
    with av.open(io.BytesIO(file)) as container:
        frames = list(container.decode(video=0))
    assert [round(frame.time, 3) for frame in frames] == [0.0, 0.5, 1.0, 1.5]
    for frame, wanted in zip(frames, sent.frames, strict=True):
        assert np.abs(frame.to_ndarray(format="rgb24").astype(int) - wanted).mean() < 4


def test_odd_sides_lose_a_pixel_in_a_film():
    assert first_picture(mp4(film(1, 33, 51).frames, 25)).shape == (32, 50, 3)


@pytest.mark.parametrize("audio", ["input_audio", "audio_url"])
def test_sound_arrives_as_a_wav_of_16_khz(asked_for, audio):
    sent = noise(0.5, 16000)
    (file,) = asked_for(Ask("a", "Say sad", sound=sent), audio=audio).media(audio)
    wave, rate_hz = soundfile.read(io.BytesIO(file), dtype="float32")
    assert rate_hz == 16000 and np.abs(wave - sent.wave).max() <= 1 / 32768
    (file,) = asked_for(Ask("a", "Say sad", sound=noise(0.5, 48000)), audio=audio).media(audio)
    assert len(load_waveform(file)) == 8000


def test_silence_is_sound(asked_for):
    (file,) = asked_for(Ask("a", "Say sad", sound=Sound(np.zeros(1600, np.float32), 16000))).media(
        "input_audio"
    )
    assert not load_waveform(file).any() and len(load_waveform(file)) == 1600


@pytest.mark.parametrize(
    ("media", "settings", "problem"),
    [
        ({"sound": Sound(np.zeros(0, np.float32), 16000)}, {}, "the sound has no audio"),
        ({"sound": Sound(np.full(9, np.nan, np.float32), 16000)}, {}, "9 samples that are not"),
        ({"film": film(0)}, {}, "the film is empty: got 0 frames"),
        ({"film": film(0)}, {"video": "mp4"}, "`frames` are no film: got uint8 (0, 48, 64, 3)"),
        ({"film": film(fps=0)}, {"video": "mp4"}, "`fps` is no rate: got 0"),
        ({"film": Film(np.zeros((2, 8, 8), np.uint8), 2)}, {}, "a frame is no picture"),
    ],
)
def test_media_that_cannot_be_sent_are_that_clips_error(media, settings, problem):
    with ChatServer() as server, EndpointBackend(server.url, "small", **settings) as backend:
        bad, good = backend.answer([Ask("a", "Say sad", **media), Ask("b", "Say glad")])
        assert problem in bad.error and good.text == "glad"
        assert len(server.asked) == 1 and backend.meter.n_requests == 1


def test_no_system_message_unless_there_is_one():
    (message,) = messages_of(Ask("a", "Say sad"), "frames", "input_audio")
    assert message == {"role": "user", "content": [{"type": "text", "text": "Say sad"}]}
