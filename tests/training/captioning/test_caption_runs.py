"""A captioner is trained, captions clips, is scored beside the best constant, and loaded again."""

import json

import datasets
import pytest
import torch
from speaking import speak_corpus

from affecthub.training.captioning import experiment
from affecthub.training.captioning.clips import CaptionClips, usable_clips
from affecthub.training.captioning.examples import CaptionExamples, collate
from affecthub.training.captioning.experiment import run_captioner
from affecthub.training.captioning.model import build_captioner, load_captioner
from affecthub.training.captioning.run import train_captioner
from affecthub.training.captioning.scoring import best_constant, score_captions, write_captions


@pytest.fixture
def given(monkeypatch, few_voices):
    monkeypatch.setattr(experiment, "load_corpus", lambda recipe, data_dir: few_voices)


@pytest.mark.usefixtures("given")
def test_a_run_leaves_a_model_scores_and_a_card(make_recipe, few_voices, tmp_path):
    recipe = make_recipe(metrics=["bleu_4"], scoring={"models": {}}, preset="secap")
    recipe.preset, recipe.metrics = "emer", ("cider_d",)
    table = run_captioner(recipe, data_dir="-", output_dir=tmp_path, seeds=[0], progress=False)
    ours, constant = table
    assert [row["name"] for row in table] == ["captioner", "best constant"]
    assert ours["n"] == constant["n"] == 14 and ours["seeds"] == 1
    assert {"rouge_l", "bleu_1", "cider_d"} <= ours["scores"].keys() == constant["scores"].keys()
    folder = tmp_path / "speaker_independent" / "seed-0"
    lines = (folder / "captions.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["id"] for line in lines] == few_voices["test"]["id"]
    record = json.loads((folder / "training.json").read_text())
    assert (record["n_train"], record["left_out"]) == (14, {})
    assert record["n_parameters"] == record["n_trained"] > 1000
    assert not (folder / "training_args.bin").exists()
    card = (folder / "README.md").read_text(encoding="utf-8")
    assert "# Captioner of speech trained on demo" in card and "best constant caption" in card
    # What was saved captions as what was trained, and a run at its end is read.
    model, processor = load_captioner(folder)
    clips = usable_clips(few_voices["test"], recipe, "test")
    again = write_captions(model, processor, clips, recipe, progress=False)
    assert again == [json.loads(line)["caption"] for line in lines]
    before = (folder / "model.safetensors").stat().st_mtime_ns
    args = {"data_dir": "-", "output_dir": tmp_path, "seeds": [0], "progress": False}
    assert run_captioner(recipe, **args, resume=True) == table
    assert (folder / "model.safetensors").stat().st_mtime_ns == before


def test_a_model_that_hears_nothing_reads_the_words(make_recipe, few_voices):
    recipe = make_recipe(modalities=["text"])
    clips = usable_clips(few_voices["test"], recipe, "test")
    model, processor = build_captioner(recipe, [*clips.rows["text"], *clips.rows["description"]])
    model.eval()
    examples = CaptionExamples(clips, model, processor, recipe, with_captions=True)
    batch = collate(processor, [examples[i] for i in range(3)])
    assert set(batch) == {
        "audio_frames",
        "audio_frames_mask",
        "prompt_ids",
        "prompt_mask",
        "labels",
    }
    assert torch.isfinite(model(**batch).loss)
    silent = clips.rows.remove_columns("audio")
    same = CaptionClips(silent, clips.column, clips.n_there, {})
    other = CaptionExamples(same, model, processor, recipe, with_captions=True)
    assert torch.equal(
        model(**collate(processor, [other[0]])).loss,
        model(**collate(processor, [examples[0]])).loss,
    )


def test_frames_of_a_frozen_encoder_are_kept_and_captions_expanded(make_recipe, few_voices):
    recipe = make_recipe(scratch={"config": {"freeze_encoder": True}}, prompts=["now", "then"])
    rows = few_voices["test"].select(range(4))
    several = [[text, "low", None] for text in rows["description"]]
    rows = rows.add_column("captions", several)
    recipe.caption = "captions"
    clips = usable_clips(rows, recipe, "test")
    model, processor = build_captioner(recipe, [*rows["description"], "low", "now", "then"])
    examples = CaptionExamples(clips, model.eval(), processor, recipe, with_captions=True)
    assert len(examples) == 8  # two of each clip
    kept = collate(processor, [examples[i] for i in (0, 3)])
    assert "audio_frames" in kept and "input_features" not in kept
    recipe.keep_in_memory = False
    fresh = CaptionExamples(clips, model, processor, recipe, with_captions=True)
    heard = collate(processor, [fresh[i] for i in (0, 3)])
    assert "input_features" in heard
    torch.testing.assert_close(model(**kept).logits, model(**heard).logits, atol=1e-5, rtol=1e-4)
    assert torch.equal(kept["labels"], heard["labels"])
    assert len(CaptionExamples(clips, model, processor, recipe, with_captions=False)) == 4


def test_a_first_stage_is_given_the_words(make_recipe, few_voices):
    weights = {"caption_weight": 0.0, "contrast_weight": 1.0, "content_weight": 1.0, "align_dim": 8}
    recipe = make_recipe(scratch={"config": weights})
    clips = usable_clips(few_voices["test"].select(range(3)), recipe, "test")
    texts = [*clips.rows["text"], *clips.rows["description"]]
    model, processor = build_captioner(recipe, texts)
    examples = CaptionExamples(clips, model, processor, recipe, with_captions=True)
    batch = collate(processor, [examples[i] for i in range(3)])
    said = batch["transcript_ids"][0]
    assert processor.tokenizer.decode(said[said >= 0]) == clips.rows["text"][0]
    assert set(model(**batch).losses) == {"contrast", "content", "content_net"}
    rows = clips.rows.remove_columns("text").add_column("text", [None] * 3)
    silent = CaptionClips(rows, "description", 3, {})
    with pytest.raises(ValueError, match="has no transcript: got None with content_weight 1.0"):
        CaptionExamples(silent, model, processor, recipe, with_captions=True)[0]


def test_a_clip_that_cannot_be_heard_is_named(make_recipe, few_voices):
    recipe = make_recipe()
    model, processor = build_captioner(recipe, few_voices["test"]["description"])
    broken = {"bytes": b"no sound", "path": None}
    rows = datasets.Dataset.from_list([{"id": "c7", "audio": broken, "description": "low"}])
    clips = CaptionClips(rows, "description", 1, {})
    examples = CaptionExamples(clips, model, processor, recipe, with_captions=True)
    with pytest.raises(ValueError, match="clip c7: .*cannot be read"):
        examples[0]


def test_a_corpus_without_validation_or_training_clips_is_refused(
    make_recipe, few_voices, tmp_path
):
    corpus = few_voices.copy()
    del corpus["validation"]
    recipe = make_recipe(trainer={"eval_strategy": "epoch"})
    with pytest.raises(ValueError, match="has no validation clips"):
        train_captioner(recipe, data_dir="-", output_dir=tmp_path / "r", corpus=corpus)
    del corpus["train"]
    with pytest.raises(ValueError, match="nothing to train on"):
        train_captioner(make_recipe(), data_dir="-", output_dir=tmp_path / "r", corpus=corpus)


def test_the_best_constant_is_the_best_of_those_trained_on(make_recipe):
    recipe = make_recipe(preset="emer")
    recipe.metrics = ()
    training = [["the voice is low"], ["the voice is low"], ["it is high"]]
    references = [["it is high", "it is so high"], ["it is high"], ["the voice is low"]]
    text, scores = best_constant(training, references, recipe)
    assert text == "it is high" and scores["n"] == 3
    assert scores["scores"] == score_captions([text] * 3, references, recipe)["scores"]
    assert scores["scores"]["rouge_l"] > 66
    assert scores["made"]["preset"] == "emer"


@pytest.mark.slow
def test_it_says_what_is_heard(make_recipe, tmp_path):
    """Above the best constant caption; its figures of three seeds are in the room's README."""
    corpus = speak_corpus(480, 12)
    trainer = {"num_train_epochs": 7, "per_device_train_batch_size": 16}
    recipe = make_recipe(trainer=trainer, preset="emer")
    recipe.metrics, recipe.max_new_tokens = (), 64
    result = train_captioner(
        recipe, data_dir="-", output_dir=tmp_path / "run", corpus=corpus, progress=False
    )
    clips = usable_clips(corpus["test"], recipe, "test")
    said = write_captions(result.model, result.processor, clips, recipe, progress=False)
    references = clips.captions()
    ours = score_captions(said, references, recipe)["scores"]
    constant = best_constant(result.training.captions(), references, recipe)[1]["scores"]
    assert ours["rouge_l"] > constant["rouge_l"] + 8 and ours["bleu_4"] > constant["bleu_4"] + 12
    voice = [text.partition(",")[0] for text in said]
    right = [one == refs[0].partition(",")[0] for one, refs in zip(voice, references, strict=True)]
    assert sum(right) > 0.7 * len(right)
