"""Whisper as converted here computes what CTranslate2 4.8.5 computes from the same file."""

import numpy as np
import pytest
import torch

from affecthub.training.pretrained.whisper import renamed, sizes, whisper_folder

pytestmark = [pytest.mark.pretrained, pytest.mark.slow]

# Encoder outputs of CTranslate2, float32, for `tone` below: time step -> its first four values.
ENCODED = {
    0: (-0.9808, -0.2656, -0.3803, -0.4910),
    70: (-0.3517, -1.9572, 0.2363, 1.1822),
    149: (-1.1871, -0.5045, -0.3188, -0.9347),
    1499: (-1.1414, -1.0346, 0.7684, -0.0201),
}
MEAN, SPREAD = -0.0195, 1.4315
# What its `detect_language` gives for it.
LANGUAGES = {"<|en|>": 0.2958, "<|nn|>": 0.1031, "<|ro|>": 0.0675}


@pytest.fixture(scope="module")
def model():
    from transformers import WhisperForConditionalGeneration

    return WhisperForConditionalGeneration.from_pretrained(
        whisper_folder(), dtype=torch.float32
    ).eval()


@pytest.fixture(scope="module")
def processor():
    from transformers import AutoProcessor

    return AutoProcessor.from_pretrained(whisper_folder())


@pytest.fixture(scope="module")
def encoded(model, processor):
    time = np.arange(3 * 16000) / 16000
    tone = 0.3 * np.sin(2 * np.pi * (200 * time + 150 * time**2))
    tone = (tone * (np.sin(2 * np.pi * 3 * time) > 0)).astype(np.float32)
    mel = processor(tone, sampling_rate=16000, return_tensors="pt").input_features
    with torch.inference_mode():
        return model.model.encoder(mel)


def test_encoder(encoded):
    steps = encoded.last_hidden_state[0]
    assert steps.shape == (1500, 512)
    for step, values in ENCODED.items():
        assert steps[step, :4].tolist() == pytest.approx(values, abs=2e-3)
    assert (steps.mean().item(), steps.std().item()) == pytest.approx((MEAN, SPREAD), abs=1e-3)


def test_decoder(model, processor, encoded):
    ids = {name: model.generation_config.lang_to_id[name] for name in LANGUAGES}
    start = torch.tensor([[model.config.decoder_start_token_id]])
    with torch.inference_mode():
        logits = model(encoder_outputs=encoded, decoder_input_ids=start).logits[0, -1]
    shares = logits[list(model.generation_config.lang_to_id.values())].softmax(0)
    places = list(model.generation_config.lang_to_id)
    found = {name: shares[places.index(name)].item() for name in ids}
    assert found == pytest.approx(LANGUAGES, abs=2e-3)
    assert processor.tokenizer.convert_ids_to_tokens(ids["<|en|>"]) == "<|en|>"


def test_every_weight_is_there(model):
    assert sum(weight.numel() for weight in model.parameters()) == 72_593_920
    assert model.proj_out.weight is model.model.decoder.embed_tokens.weight
    assert model.config.encoder_layers == model.config.decoder_layers == 6


def test_it_is_made_once(monkeypatch):
    from affecthub.training.pretrained import whisper

    before = whisper_folder()
    monkeypatch.setattr(whisper, "convert", None)
    assert whisper_folder() == before


def test_what_is_no_whisper_is_refused():
    array = np.zeros((2, 2))
    with pytest.raises(ValueError, match="no Whisper: got an array lm_head/weight"):
        list(renamed({"lm_head/weight": array}))
    with pytest.raises(KeyError):
        sizes({"encoder/conv1/weight": array})
