"""A base model as a backend, on tiny random models of real classes."""

import json

import numpy as np
import pytest
import torch

from affecthub.training.asking.ask import ask_rows
from affecthub.training.asking.asks import Ask, Sound
from affecthub.training.asking.backends.choosing import backend_of
from affecthub.training.asking.backends.completion import CompletionBackend
from affecthub.training.asking.prompts.registry import load_prompt
from affecthub.training.pretrained.sound import SpeechFinder

LABELS = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")
SECOND = Sound(np.sin(np.arange(16_000) / 9).astype(np.float32), 16_000)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A tiny language model whose layers look back eight tokens, shorter than any prompt."""
    from transformers import AutoModelForCausalLM, Qwen2Config, Qwen2Tokenizer

    folder = tmp_path_factory.mktemp("tiny")
    texts = [load_prompt("few_shot_said").text, *(f" {label}" * 3 for label in LABELS)]
    tokenizer = Qwen2Tokenizer().train_new_from_iterator(texts * 3, 400, show_progress=False)
    config = Qwen2Config(
        vocab_size=len(tokenizer),
        hidden_size=16,
        intermediate_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        use_sliding_window=True,
        sliding_window=8,
        max_window_layers=1,
        eos_token_id=tokenizer.eos_token_id,
        initializer_range=0.5,
    )
    torch.manual_seed(0)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def whisper(tmp_path_factory):
    """A tiny Whisper that hears noise in everything."""
    from transformers import (
        Qwen2Tokenizer,
        WhisperConfig,
        WhisperFeatureExtractor,
        WhisperForConditionalGeneration,
        WhisperProcessor,
        WhisperTokenizer,
    )

    folder = tmp_path_factory.mktemp("whisper")
    trained = Qwen2Tokenizer().train_new_from_iterator(["some words"], 300, show_progress=False)
    trained.save_pretrained(folder)
    spelled = json.loads((folder / "tokenizer.json").read_text())["model"]
    special = ["<|endoftext|>", "<|startoftranscript|>"]
    vocabulary = spelled["vocab"] | {
        word: len(spelled["vocab"]) + n
        for n, word in enumerate(special)
        if word not in spelled["vocab"]
    }
    tokenizer = WhisperTokenizer(vocab=vocabulary, merges=[tuple(m) for m in spelled["merges"]])
    end, start = tokenizer.convert_tokens_to_ids(special)
    config = WhisperConfig(
        vocab_size=len(tokenizer) + 8,
        d_model=8,
        encoder_layers=1,
        decoder_layers=1,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        encoder_ffn_dim=8,
        decoder_ffn_dim=8,
        max_target_positions=16,
        decoder_start_token_id=start,
        eos_token_id=end,
        pad_token_id=end,
        bos_token_id=end,
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )
    torch.manual_seed(0)
    model = WhisperForConditionalGeneration(config)
    model.generation_config.max_length = 16
    model.save_pretrained(folder)
    WhisperProcessor(WhisperFeatureExtractor(feature_size=80), tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture
def backend(folder, whisper):
    return CompletionBackend(str(folder), max_new_tokens=5, whisper=whisper)


def question(words):
    return load_prompt("few_shot_said").fill(subtitle=words)


def test_answers_are_what_the_model_itself_writes(backend, folder):
    """The examples are read once, and nothing changes by that."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for words in ("You again?", "Well, fine", "You again?"):
        asked = question(words)
        head, gap, tail = asked.rpartition("\n\n")
        ids = tokenizer(head + gap)["input_ids"] + tokenizer(tail)["input_ids"]
        with torch.inference_mode():
            written = model.generate(torch.tensor([ids]), max_new_tokens=5, do_sample=False)
            logits = model(torch.tensor([ids])).logits[0, -1].double()
        said = tokenizer.decode(written[0, len(ids) :], skip_special_tokens=True)
        (reply,) = backend.answer([Ask("a", asked)])
        assert reply.text == said.partition("\n")[0].strip() and reply.n_in == len(ids)
        assert 1 <= reply.n_out <= 5 and not reply.error
        firsts = [tokenizer(f" {label}")["input_ids"][0] for label in LABELS]
        wanted = torch.log_softmax(logits, dim=-1)[firsts].numpy()
        np.testing.assert_allclose(backend.first_token_logs(asked, LABELS), wanted, atol=1e-4)


def test_batch_equals_single(backend):
    asks = [Ask(f"c{i}", question(f"words {i}")) for i in range(4)]
    together = backend.answer(asks)
    assert [backend.answer([ask])[0] for ask in asks[::-1]] == together[::-1]


def test_sound_without_speech_is_an_empty_line(backend):
    (reply,) = backend.answer([Ask("a", load_prompt("few_shot_heard").fill(), sound=SECOND)])
    assert reply == backend.answer([Ask("b", question(""))])[0]


def test_sound_is_told_of_in_words(backend, monkeypatch):
    monkeypatch.setattr(SpeechFinder, "__call__", lambda finder, wave: [(0.0, 1.0)])
    heard = load_prompt("few_shot_heard").fill()
    (reply,) = backend.answer([Ask("a", heard, sound=SECOND)])
    said = backend._ear(SECOND.wave)
    assert said and reply == backend.answer([Ask("b", question(said))])[0]
    assert len(backend._ear(np.tile(SECOND.wave, 40)).split()) >= len(said.split())
    (without,) = backend.answer([Ask("a", heard)])
    assert without.error == "clip 'a' has no sound to be transcribed"
    with pytest.raises(ValueError, match=r"no place for what is heard: expected \[heard\]"):
        backend.answer([Ask("a", question("x"), sound=SECOND)])
    with pytest.raises(ValueError, match="got 8000, expected 16000"):
        backend._ear(SECOND.wave, 8000)


def test_mistakes_are_named(backend, folder, tmp_path):
    with pytest.raises(ValueError, match="takes no system message"):
        backend.answer([Ask("a", "How?", system="Be brief.")])
    with pytest.raises(ValueError, match="words begin alike for this model: got joy, joy"):
        backend.first_token_logs("How?", ["joy", "joy"])
    with pytest.raises(FileNotFoundError, match="expected gemma3-270m, or the folder"):
        backend_of(f"pretrained:{tmp_path}")
    other = backend_of(f"pretrained:{folder}", max_new_tokens=6, batch_size=3)
    assert other.name != backend.name and other.takes == {"audio"}


def test_rows_are_asked(backend, tmp_path):
    rows = [{"id": f"c{i}", "text": f"words {i}", "language": "en"} for i in range(3)]
    prompt = load_prompt("few_shot_said")
    answers = ask_rows(backend, rows, prompt, media="t", journal=tmp_path / "j.jsonl")
    assert list(answers) == ["c0", "c1", "c2"] and not answers.errors
    assert (
        answers.n_in > 300
        and answers["c0"] == backend.answer([Ask("x", question("words 0"))])[0].text
    )
