"""Real features of clips: shapes, what is missing, what is cached, what changes them."""

from types import SimpleNamespace

import numpy as np
import pytest

from affecthub.datasets_scripts import load_dataset
from affecthub.training.pretrained import features
from affecthub.training.pretrained.features import FACE, SOUND, TEXT, features_of

pytestmark = [pytest.mark.pretrained, pytest.mark.slow]


@pytest.fixture(scope="module")
def rows(small_corpus):
    loaded = load_dataset("demo", data_dir=small_corpus, protocol="speaker_independent")
    return loaded["train"].select(range(4)).to_list()


@pytest.fixture
def never(monkeypatch):
    """Whatever would be computed anew is an error."""
    monkeypatch.setattr(features, "_texts", None)
    monkeypatch.setattr(features, "_encoder", None)


@pytest.mark.parametrize("kind", [TEXT, SOUND, FACE], ids=lambda kind: kind.name)
def test_a_vector_for_each_clip(rows, kind, request):
    lacking = {**rows[1], **dict.fromkeys(kind.columns)}
    found = features_of(kind, [rows[0], lacking, *rows[2:]], progress=False)
    assert found.shape == (4, kind.width) and found.dtype == np.float32
    assert np.isnan(found).any(axis=1).tolist() == [False, True, False, False]
    assert np.isnan(found[1]).all()
    assert len(np.unique(found[[0, 2, 3]], axis=0)) == 3
    request.getfixturevalue("never")
    again = features_of(kind, [rows[0], lacking, *rows[2:]], progress=False)
    assert np.array_equal(found, again, equal_nan=True)
    with pytest.raises(TypeError):  # other clips are computed
        features_of(kind, rows[:1] * 2, progress=False)


def test_other_words_and_other_files_are_other_features(rows, tmp_path):
    text = features_of(TEXT, [rows[0] | {"text": "Leave me alone."}], progress=False)
    near = features_of(TEXT, [rows[0] | {"text": "Go away and leave me."}], progress=False)
    far = features_of(TEXT, [rows[0] | {"text": "The train is at nine."}], progress=False)
    assert float(text[0] @ near[0]) > 0.5 > 0.3 > float(text[0] @ far[0])
    copy = tmp_path / "clip.wav"
    copy.write_bytes(open(rows[0]["audio"]["path"], "rb").read())
    row = rows[0] | {"audio": {"bytes": None, "path": str(copy)}}
    before = features_of(SOUND, [row], progress=False)
    copy.write_bytes(open(rows[1]["audio"]["path"], "rb").read())
    after = features_of(SOUND, [row], progress=False)
    assert np.abs(before - after).max() > 0.1


def test_broken_sound_names_its_clip(rows, tmp_path):
    broken = tmp_path / "broken.wav"
    broken.write_bytes(b"RIFF and nothing more")
    row = rows[0] | {"audio": {"bytes": None, "path": str(broken)}}
    with pytest.raises(ValueError, match=f"clip '{rows[0]['id']}': .*broken.wav"):
        features_of(SOUND, [row], progress=False)


def test_long_sound_is_heard_to_its_end():
    from affecthub.training.pretrained.sound import RATE_HZ, SoundEncoder

    encoder = SoundEncoder()
    rng = np.random.default_rng(0)
    wave = rng.normal(0, 0.1, 31 * RATE_HZ).astype(np.float32)
    steps = encoder.steps(wave)
    assert steps.shape == (7, 31 * 50, 512)
    # The last second is a window of its own.
    assert np.abs(steps[:, 1500:] - encoder.steps(wave[30 * RATE_HZ :])).max() < 1e-4


def test_speech_is_told_from_silence():
    """A voice is in speech spans, and what is described are the steps inside of them."""
    from affecthub.training.pretrained.sound import SoundEncoder, _within

    assert _within([(0.02, 0.05)], 5).tolist() == [False, True, True, False, False]
    encoder = SoundEncoder()
    encoder.steps = lambda wave: np.arange(14, dtype=np.float32).reshape(7, 2, 1)
    encoder._speech = lambda wave: [(0.02, 0.04)]
    row = {"audio": np.zeros(640, np.float32)}
    # Steps 1, 3, ... 13 alone: their mean over layers is 7; one step spreads by nothing.
    assert encoder(row).tolist() == [7, 0]
    encoder._speech = lambda wave: []
    assert encoder(row).tolist() == [6.5, 0.5]


def test_faces_of_the_corpus_come_first(tmp_path):
    from affecthub.training.pretrained.faces import FaceEncoder, own_answer

    grey = np.full((3, 112, 112, 3), 128, np.uint8)
    np.save(tmp_path / "clip.npy", grey)
    np.save(tmp_path / "none.npy", grey[:0])
    encoder = FaceEncoder()
    encoder._crop = SimpleNamespace()  # must not be asked
    found = encoder({"face": {"bytes": None, "path": str(tmp_path / "clip.npy")}})
    assert found.shape == (149,) and own_answer(found) is not None
    assert encoder({"face": {"bytes": None, "path": str(tmp_path / "none.npy")}}) is None
    assert own_answer(np.full(149, np.nan, np.float32)) is None
