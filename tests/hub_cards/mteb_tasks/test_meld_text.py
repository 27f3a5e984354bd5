"""MELD's transcripts in the real MTEB, with an encoder that counts letters."""

import importlib
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from corpus_trees import ravdess

import affecthub
from affecthub.hub_cards.mteb.meld_text import NAME, meld_text

# `make install` puts it beside our packages: it would bring a torch of its own.
PROGRAM = Path(sys.prefix) / "mteb"
HEAD = (
    "Sr No.,Utterance,Speaker,Emotion,Sentiment,Dialogue_ID,Utterance_ID,"
    "Season,Episode,StartTime,EndTime"
)
EMOTIONS = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")


@pytest.fixture(scope="module")
def mteb():
    if not PROGRAM.is_dir():
        reason = f"mteb is not in {PROGRAM}; `make install` brings it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    sys.path.append(str(PROGRAM))
    yield importlib.import_module("mteb")
    sys.path.remove(str(PROGRAM))


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """Utterances that begin with another letter for each emotion, as an export."""
    root, out = tmp_path_factory.mktemp("meld"), tmp_path_factory.mktemp("export") / "meld"
    for side, n_clips in {"train": 84, "dev": 7, "test": 21}.items():
        lines = [HEAD]
        for i in range(n_clips):
            emotion = EMOTIONS[i % 7]
            text = "abcdefg"[i % 7] * (3 + i // 7)
            lines.append(
                f'{i},{text},Joey,{emotion},neutral,{i},0,1,1,"00:00:0{1},000","00:00:02,000"'
            )
        (root / f"{side}_sent_emo.csv").write_text("\n".join(lines) + "\n")
    affecthub.export("meld", out, root, embed_media=False)
    return out


class Letters:
    """Counts letters."""

    mteb_model_meta = None

    def __init__(self, mteb):
        from mteb.models import ModelMeta

        self.mteb_model_meta = ModelMeta.create_empty({"name": "tests/letters", "revision": "1"})

    def encode(self, inputs, **told):
        texts = [text for batch in inputs for text in batch["text"]]
        return np.array([[text.count(letter) for letter in "abcdefg"] for text in texts], float)

    def similarity(self, one, other):
        return one @ other.T

    similarity_pairwise = similarity


@pytest.mark.slow
def test_the_real_program_scores_an_encoder(mteb, export):
    task = meld_text(export)
    assert task.metadata.name == NAME
    task.load_data()
    assert {name: len(rows) for name, rows in task.dataset.items()} == {"train": 84, "test": 21}
    result = mteb.evaluate(Letters(mteb), task, cache=None, show_progress_bar=False)
    (scores,) = result.task_results
    assert scores.task_name == NAME and scores.get_score() == 1.0


@pytest.mark.slow
def test_another_corpus_is_refused(mteb, tmp_path):
    ravdess.make(tmp_path / "ravdess")
    other = affecthub.export("ravdess", tmp_path / "x", tmp_path / "ravdess", embed_media=False)
    with pytest.raises(ValueError, match="export of another corpus: got ravdess, expected meld"):
        meld_text(other)
    with pytest.raises(FileNotFoundError, match="no export in"):
        meld_text(tmp_path / "none")
