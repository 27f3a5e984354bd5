"""Sound and captions in, tensors out; and what is no sound or no caption is refused by name."""

import numpy as np
import pytest
import torch
from captioner_parts import make_config

from affecthub.modeling.captioner import CaptionerConfig, CaptionerProcessor
from affecthub.modeling.captioner.media_sources import MediaError


@pytest.fixture
def waves():
    rng = np.random.default_rng(0)
    return [rng.normal(size=n).astype(np.float32) for n in (8000, 5000)]


def test_a_call_gives_what_the_model_takes(make_processor, waves):
    processor = make_processor(prompt="the voice")
    batch = processor(audio=waves, text=["the voice is low", "high"], prompt=["the voice", "is"])
    assert batch["input_values"].shape == (2, 8000) == tuple(batch["attention_mask"].shape)
    assert batch["attention_mask"].sum(dim=1).tolist() == [8000, 5000]
    assert batch["labels"].tolist() == [[4, 5, 6, 7, 2], [8, 2, -100, -100, -100]]
    assert batch["prompt_ids"].tolist() == [[4, 5], [0, 6]]
    assert batch["prompt_mask"].tolist() == [[1, 1], [0, 1]]
    assert processor(audio=waves)["prompt_ids"].tolist() == [[4, 5], [4, 5]]


@pytest.mark.parametrize("encoder", ["hubert", "whisper"])
def test_clips_made_one_by_one_pad_to_the_same_batch(make_processor, waves, encoder):
    processor = make_processor(encoder)
    texts, prompts = ["the voice is low", "high"], ["the", "the voice"]
    whole = processor(audio=waves, text=texts, prompt=prompts, transcripts=["low", "is high"])
    one = [
        processor(audio=wave, text=text, prompt=prompt, transcripts=[said])
        for wave, text, prompt, said in zip(waves, texts, prompts, ["low", "is high"], strict=True)
    ]
    padded = processor.pad(one)
    assert padded.keys() == whole.keys()
    for name in whole:
        torch.testing.assert_close(padded[name].float(), whole[name].float(), msg=name)


def test_other_rates_are_resampled(make_processor, waves):
    processor = make_processor()
    both = processor(audio=[(waves[0], 8000)])
    assert both["input_values"].shape == (1, 16000)
    assert processor(audio=waves[0], sampling_rate=8000)["input_values"].shape == (1, 16000)
    with pytest.raises(MediaError, match="no sampling rate that makes sense: got 0"):
        processor(audio=waves[0], sampling_rate=0)


def test_mistakes_are_named(make_processor, waves):
    processor = make_processor()
    with pytest.raises(ValueError, match="clip 1 has no sound: got None"):
        processor(audio=[waves[0], None])
    with pytest.raises(ValueError, match="`text` of clip 1 is empty: got ' '"):
        processor(audio=waves, text=["low", " "])
    with pytest.raises(ValueError, match="`text` does not line up: got 1 for 2 clips"):
        processor(audio=waves, text=["low"])
    with pytest.raises(ValueError, match="`prompt` does not line up: got 1 for 2"):
        processor(audio=waves, prompt=["low"])
    with pytest.raises(ValueError, match="`audio` is empty: got 0 clips"):
        processor(audio=[])
    with pytest.raises(ValueError, match="unknown `too_long`: got 'split'"):
        processor(audio=waves, too_long="split")
    with pytest.raises(MediaError, match="not finite"):
        processor(audio=np.full(500, np.nan, np.float32))
    with pytest.raises(ValueError, match="samples do not make a batch"):
        processor.pad([processor(audio=waves[0]), processor(audio=waves[1], text="low")])


def test_a_clip_longer_than_the_window_is_refused_or_cut(make_processor):
    processor = make_processor("whisper")
    long = np.random.default_rng(0).normal(size=24000).astype(np.float32)
    with pytest.raises(ValueError, match=r"got 1\.50 s, expected 1 s at most"):
        processor(audio=long)
    cut = processor(audio=long, too_long="cut")
    torch.testing.assert_close(
        cut["input_features"], processor(audio=long[:16000])["input_features"]
    )


def test_a_processor_that_does_not_fit_is_refused(tokenizer):
    small = make_config()
    small.decoder_config.vocab_size = 10
    with pytest.raises(ValueError, match="got 11, expected 10 at most"):
        CaptionerProcessor.from_config(small, tokenizer)
    with pytest.raises(ValueError, match="`prompt` has no place"):
        CaptionerProcessor.from_config(make_config("hubert", "bart"), tokenizer, prompt="the")
    extractor = CaptionerProcessor.from_config(make_config(), tokenizer).feature_extractor
    with pytest.raises(ValueError, match="got 16000 Hz of the feature extractor, expected 8000"):
        CaptionerProcessor.from_config(make_config(sampling_rate=8000), tokenizer, extractor)


def test_chinese_captions_have_no_spaces(make_processor):
    processor = make_processor()
    assert processor.captions(torch.tensor([[9, 10, 2, 0], [4, 5, 2, 0]])) == ["声音", "the voice"]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"decoder": "qwen2", "decoder_input": "cross_attention"}, "family 'qwen2'"),
        ({"decoder": "bart", "decoder_input": "prefix"}, "got 'prefix' with a decoder"),
        ({"n_queries": 0}, "`n_queries` is too small: got 0"),
        ({"caption_weight": 0.0}, "none below 0 and one above it"),
        ({"contrast_weight": -1.0}, "none below 0 and one above it"),
        ({"eos_token_id": 40}, r"`eos_token_id\[0\]` lies outside the vocabulary: got 40"),
    ],
)
def test_a_configuration_that_does_not_fit_is_refused(fields, message):
    with pytest.raises(ValueError, match=message):
        make_config("hubert", fields.pop("decoder", "qwen2"), **fields)


def test_the_default_is_the_papers_form():
    config = CaptionerConfig()
    assert config.encoder_config.hidden_size == 1024 and config.decoder_config.d_model == 768
    assert (config.decoder_input, config.bridge, config.freeze_encoder) == (
        "cross_attention",
        "linear",
        True,
    )
