"""AffectGPT asked as any other model, against what `affecthub predict` says."""

from dataclasses import replace

import numpy as np
import pytest
from asked_clips import make_prompt

from affecthub.datasets_scripts import load_dataset
from affecthub.training.asking.ask import ask_rows
from affecthub.training.asking.asks import Ask, Film, Sound
from affecthub.training.asking.backends.affectgpt import AffectGPTBackend
from affecthub.training.asking.backends.choosing import backend_of
from affecthub.training.asking.media import Shown
from affecthub.training.predict import predict

QUESTION = "How does this person feel, and why?"


@pytest.fixture(scope="module")
def rows(small_corpus):
    return load_dataset("demo", data_dir=small_corpus, split="test")


@pytest.fixture(scope="module")
def backend(trained):
    return AffectGPTBackend(
        trained.model, processor=trained.processor, batch_size=6, max_new_tokens=8
    )


def test_its_answers_are_those_of_predict(trained, small_recipe, rows, backend, tmp_path):
    recipe = replace(small_recipe, modalities=("audio", "video"), max_new_tokens=8)
    recipe = replace(recipe, question=QUESTION, predict_batch_size=6, cache_media=False)
    expected = predict(trained.model, trained.processor, rows, recipe, progress=False)
    assert backend.takes == {"audio", "video"}
    prompt = make_prompt(QUESTION, media=("audio", "video"))
    answers = ask_rows(backend, rows, prompt, journal=tmp_path / "j.jsonl")
    assert dict(answers) == expected and list(answers) == list(rows["id"])
    assert answers.n_out == expected.n_tokens and sorted(answers.cut) == sorted(expected.cut)
    assert {*map(answers.line(rows["id"][0]).get, ["media", "prompt"])} == {"av", "p@1"}
    # One by one, as batches; and they depend on what is heard and seen.
    assert dict(ask_rows(backend, rows, prompt, batch_size=1)) == expected
    assert len({*expected.values()}) > 1


def test_a_saved_one_is_known_by_its_configuration(trained, rows, backend):
    saved = backend_of(str(trained.output_dir), batch_size=6, max_new_tokens=8)
    assert isinstance(saved, AffectGPTBackend) and saved.reads == backend.reads
    assert backend_of(str(trained.output_dir), max_new_tokens=8).name == saved.name
    assert backend_of(str(trained.output_dir), max_new_tokens=9).name != saved.name
    with pytest.raises(ValueError, match="always reads 8 frames in its own size"):
        ask_rows(saved, rows, make_prompt(QUESTION), shown=Shown(4))


def test_what_it_cannot_be_asked_is_told(backend):
    sound = Sound(np.zeros(16000, np.float32), 16000)
    film = Film(np.zeros((2, 32, 32, 3), np.uint8), 2.0)
    torn = Sound(np.full(16000, np.nan, np.float32), 16000)
    asks = [Ask("a", QUESTION, sound=sound, film=film), Ask("b", QUESTION, sound=torn, film=film)]
    replies = backend.answer(asks)
    assert replies[0].error == "" and replies[0].n_in > 0
    assert "clip 'b'" in replies[1].error and "not finite" in replies[1].error
    with pytest.raises(ValueError, match="takes no system message"):
        backend.answer([Ask("a", QUESTION, system="Be brief.", sound=sound)])
    assert backend.answer([]) == []
