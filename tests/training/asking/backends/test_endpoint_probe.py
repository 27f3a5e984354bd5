"""The probe passes a server that hears and sees, and refuses one that drops what it is sent."""

import doctest
import json

import httpx
import pytest
from chat_server import ChatServer, Fault, count_beeps, count_squares

from affecthub.media import wav
from affecthub.training.asking.asks import Reply
from affecthub.training.asking.backends import meter, probe
from affecthub.training.asking.backends.endpoint import EndpointBackend
from affecthub.training.asking.backends.probe import (
    COUNTS,
    ProbeError,
    beeps,
    number_in,
    probe_backend,
    squares,
)


@pytest.mark.parametrize("count", range(6))
def test_the_media_hold_what_they_are_said_to(count):
    assert count_beeps(wav(beeps(count).wave, beeps(count).rate_hz)) == count
    film = squares(count)
    assert [count_squares(frame) for frame in film.frames] == [count] * 8
    assert film.fps * beeps(count).seconds == len(film.frames)


@pytest.mark.parametrize("video", ["frames", "mp4"])
@pytest.mark.parametrize("audio", ["input_audio", "audio_url"])
def test_a_server_that_hears_and_sees_passes(video, audio):
    with (
        ChatServer() as server,
        EndpointBackend(server.url, "small", video=video, audio=audio) as backend,
    ):
        report = backend.probe()
        assert backend.meter.n_answered == 12
    assert str(report).splitlines() == [
        "audio came through: counted 0, 2, 5 and 0, 2, 5 beeps of 0, 2, 5",
        "video came through: counted 0, 2, 5 and 0, 2, 5 squares of 0, 2, 5",
    ]
    assert all(each.is_exact for each in report.probed)
    assert json.loads(json.dumps(report.as_dict()))["audio"]["counted"] == [[0, 2, 5]] * 2
    # Sound and pictures are in every request, as in those that will follow.
    assert all(asked.media(audio) for asked in server.asked)


@pytest.mark.parametrize(
    ("lacks", "kind"), [({"hears": False}, "audio"), ({"sees": False}, "video")]
)
def test_a_server_that_drops_media_is_refused(lacks, kind):
    with ChatServer(**lacks) as server, EndpointBackend(server.url, "small") as backend:
        with pytest.raises(ProbeError, match=f"{kind} did not come through.*the same answer '2'"):
            backend.probe()
        other = "video" if kind == "audio" else "audio"
        assert backend.probe([other]).probed[0].came_through


def test_sound_that_is_dropped_beside_a_film_is_missed():
    """Such servers exist: each kind alone comes through."""

    class DropsSound(ChatServer):
        def begin(self, asked):
            self.hears = not asked.media("video_url")
            return super().begin(asked)

    with (
        DropsSound() as server,
        EndpointBackend(server.url, "small", video="mp4", concurrency=1) as backend,
    ):
        assert backend.probe(["audio"]).probed[0].is_exact
        with pytest.raises(ProbeError, match="audio did not come through"):
            backend.probe()


class Says:
    """Answers in turn, whatever it is handed."""

    name, takes, batch_size = "says", frozenset({"audio"}), 4

    def __init__(self, *texts):
        self.texts = list(texts)

    def answer(self, asks):
        return [Reply(self.texts.pop(0)) for _ in asks]


@pytest.mark.parametrize(
    ("texts", "passes"),
    [
        (["0", "2", "5"] * 2, True),
        (["None.", "Three", "four beeps"] * 2, True),
        (["0", "0", "1"] * 2, True),
        (["0", "2", "5", "2", "2", "2"], False),  # once by chance
        (["5", "2", "0"] * 2, False),  # differs, and follows nothing that was sent
        (["I cannot listen.", "I hear nothing!", "Sorry?"] * 2, False),
        (["", "", ""] * 2, False),
    ],
)
def test_what_counts_as_heard(texts, passes):
    if passes:
        assert probe_backend(Says(*texts)).probed[0].came_through
    else:
        with pytest.raises(ProbeError, match="expected more for five than for none"):
            probe_backend(Says(*texts))


@pytest.mark.parametrize(
    ("answer", "number"),
    [
        ("5", 5),
        ("There are **2** beeps.", 2),
        ("<think>Is it 7?</think>\nThree", 3),
        ("No beeps", 0),
        ("Only one, no more", 1),
        ("nobody knows", None),
        ("", None),
        ("9" * 5000, 999999999),
    ],
)
def test_numbers_are_read(answer, number):
    assert number_in(answer) == number


def test_a_server_that_takes_no_sound_says_so():
    with ChatServer() as server, EndpointBackend(server.url, "small") as backend:
        server.fail(Fault(400), when="beeps", times=6)
        with pytest.raises(ProbeError, match="did not answer about audio: .*got status 400"):
            backend.probe()
        server.fail(Fault(401), when="beeps", times=6)
        with pytest.raises(ConnectionError, match="got status 401"):
            backend.probe()


def test_only_what_is_taken_is_asked_about():
    with ChatServer() as server, EndpointBackend(server.url, "small", takes=["video"]) as backend:
        assert [each.kind for each in backend.probe().probed] == ["video"]
        assert not any(asked.media("input_audio") for asked in server.asked)
        with pytest.raises(ProbeError, match="got audio, expected some of what it takes, video"):
            backend.probe(["audio"])
        with pytest.raises(ProbeError, match="got nothing, expected"):
            backend.probe([])


def test_a_text_model_behind_the_interface_is_refused():
    """It answers every question alike, in good form."""
    reply = httpx.Response(200, json={"choices": [{"message": {"content": "3"}}]})
    with (
        EndpointBackend(
            "http://chat.test/v1", "text", transport=httpx.MockTransport(lambda request: reply)
        ) as backend,
        pytest.raises(ProbeError, match=r"counted 3, 3, 3 and 3, 3, 3 beeps of 0, 2, 5"),
    ):
        backend.probe()


def test_the_counts_start_with_nothing():
    assert COUNTS[0] == 0 and COUNTS == tuple(sorted(COUNTS))


@pytest.mark.parametrize("module", [meter, probe])
def test_examples_run(module):
    result = doctest.testmod(module)
    assert result.attempted and not result.failed
