"""Rows become tensors, and clips of any mixture of modalities become one batch."""

from dataclasses import replace

import datasets
import pytest
import torch
from corpus_trees import iemocap

from affecthub.datasets_scripts import load_dataset
from affecthub.media import load_frames, video_cut
from affecthub.training.examples import Examples, usable
from affecthub.training.recipe import Recipe

FEATURES = datasets.Features(
    {
        "id": datasets.Value("string"),
        "text": datasets.Value("string"),
        "audio": datasets.Value("string"),
        "video": datasets.Value("string"),
        "emotion": datasets.ClassLabel(names=["anger", "joy"]),
        "open_vocabulary": datasets.List(datasets.Value("string")),
        "media_issue": datasets.Value("string"),
    }
)


def rows(*clips):
    blank = dict.fromkeys(FEATURES)
    return datasets.Dataset.from_list([blank | clip for clip in clips], features=FEATURES)


def test_a_clip_without_an_answer_to_train_on_is_refused(trained):
    recipe = Recipe(corpus="demo", model="m", modalities=("text",))
    clips = rows({"id": "a", "text": "hello", "open_vocabulary": []})
    examples = Examples(clips, trained.processor, recipe, with_answer=True)
    with pytest.raises(ValueError, match="clip 'a' has no open_vocabulary: expected an answer"):
        examples[0]


def test_usable_keeps_clips_with_a_modality_and_a_full_answer():
    clips = rows(
        {"id": "a", "text": "hello", "emotion": 0},
        {"id": "b", "text": "", "emotion": 0},  # nothing to look at
        {"id": "c", "text": "hello", "emotion": None},  # nothing to answer
        {"id": "d", "text": "bye", "emotion": 1},
    )
    recipe = Recipe(corpus="demo", model="m", modalities=("text",), answer=("emotion",))
    assert usable(clips, recipe)["id"] == ["a", "d"]


def test_missing_column_names_what_is_there(trained):
    recipe = Recipe(corpus="demo", model="m", answer=("mood",))
    with pytest.raises(ValueError, match=r"'demo' has no column 'mood': expected one of id, text"):
        Examples(rows({"id": "a"}), trained.processor, recipe, with_answer=True)


def test_clip_without_any_modality_is_named(trained):
    clips = rows({"id": "a", "media_issue": "audio file missing"})
    recipe = Recipe(corpus="demo", model="m")
    examples = Examples(clips, trained.processor, recipe, with_answer=False)
    with pytest.raises(ValueError, match=r"clip 'a' has none of audio, video, text.*file missing"):
        examples[0]


def test_media_are_decoded_once_where_the_recipe_says_so(trained, small_recipe, small_corpus):
    test = load_dataset("demo", data_dir=small_corpus, split="test")
    kept = Examples(test, trained.processor, small_recipe, with_answer=True)
    assert kept[0] is kept[0]


def test_modalities_are_dropped_where_it_is_trained_and_nowhere_else(
    trained, small_recipe, small_corpus
):
    clips = load_dataset("demo", data_dir=small_corpus, split="validation").select(range(6))
    recipe = replace(small_recipe, modality_dropout=0.9, cache_media=False)
    held_out = Examples(clips, trained.processor, recipe, with_answer=True)
    torch.manual_seed(0)
    for i in range(6):
        assert {"input_values", "pixel_values"} <= held_out[i].keys()
        torch.testing.assert_close(held_out[i], held_out[i], rtol=0, atol=0)
    trained_on = Examples(clips, trained.processor, recipe, with_answer=True, training=True)
    drawn = [trained_on[i] for i in range(6)]
    assert not all({"input_values", "pixel_values"} <= each.keys() for each in drawn)


@pytest.mark.parametrize("n_workers", [0, 2])
def test_workers_decode_once_for_the_process_that_trains(
    trained, small_recipe, small_corpus, monkeypatch, n_workers
):
    clips = load_dataset("demo", data_dir=small_corpus, split="test").select(range(3))
    examples = Examples(clips, trained.processor, small_recipe, with_answer=True)
    expected = [examples[i] for i in range(3)]
    filled = Examples(clips, trained.processor, small_recipe, with_answer=True)
    filled.fill(n_workers)
    monkeypatch.setattr(Examples, "_encode", lambda *_: pytest.fail("decoded again"))
    for i in range(3):
        torch.testing.assert_close(filled[i], expected[i], rtol=0, atol=0)


def test_lengths_are_those_of_words_and_answers_and_open_no_media(
    trained, small_recipe, small_corpus, monkeypatch
):
    clips = load_dataset("demo", data_dir=small_corpus, split="test")
    whole = Examples(clips, trained.processor, small_recipe, with_answer=True)
    tokens = [len(whole[i]["input_ids"]) for i in range(len(clips))]
    monkeypatch.setattr(Examples, "_encode", lambda *_: pytest.fail("media opened"))
    lengths = whole.lengths()
    # Every clip has all media: the same number of tokens for them and the question.
    assert len({n - length for n, length in zip(tokens, lengths, strict=True)}) == 1
    assert len(set(lengths)) > 1


def test_a_clip_is_cut_out_of_a_film_that_others_share(trained, tmp_path):
    root = iemocap.make(tmp_path / "corpus")
    turns = load_dataset("iemocap", "full", data_dir=root, split="train", cache_dir=tmp_path / "c")
    recipe = Recipe(corpus="iemocap", model="m", modalities=("video",))
    examples = Examples(turns, trained.processor, recipe, with_answer=False)
    # The first two turns of one dialogue: two speakers, two halves of the picture, two times.
    for i in range(2):
        frames = load_frames(turns[i]["video"], trained.processor.n_frames, **video_cut(turns[i]))
        expected = trained.processor(videos=[frames])["pixel_values"][0]
        assert torch.equal(examples[i]["pixel_values"], expected)
    assert turns[0]["video"] == turns[1]["video"]
    assert not torch.equal(examples[0]["pixel_values"], examples[1]["pixel_values"])


def test_a_span_past_the_end_of_its_film_names_the_clip(trained, tmp_path):
    root = iemocap.make(tmp_path / "corpus")
    turns = load_dataset("iemocap", "full", data_dir=root, split="train", cache_dir=tmp_path / "c")
    late = turns.select([0]).map(lambda row: {"video_start_s": 70.0, "video_end_s": 71.0})
    recipe = Recipe(corpus="iemocap", model="m", modalities=("video",))
    with pytest.raises(ValueError, match=r"clip 'Ses01F_impro01_F000': .*avi: the span lies past"):
        Examples(late, trained.processor, recipe, with_answer=False)[0]
