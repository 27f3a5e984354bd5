"""Padding a batch never changes an answer, whatever hears, bridges and writes."""

import numpy as np
import pytest
import torch
from captioner_parts import DECODERS, ENCODERS, LENGTHS, make_config
from transformers import AutoConfig

from affecthub.modeling.captioner import CaptionerModel, CaptionerProcessor

PROMPT = {
    "prompt_ids": torch.tensor([[3, 4], [0, 4], [3, 5]]),
    "prompt_mask": torch.tensor([[1, 1], [0, 1], [1, 1]]),
}
BRIDGES = ("linear", "qformer")
PARTS = [("hubert", decoder, bridge) for decoder in DECODERS for bridge in BRIDGES]
PARTS += [(encoder, "qwen2", "linear") for encoder in ENCODERS if encoder != "hubert"]


def spectrogram(lengths=LENGTHS):
    frames = torch.tensor([length // 10 for length in lengths])
    mask = (torch.arange(100) < frames[:, None]).long()
    return torch.randn(3, 20, 100) * mask[:, None], mask


@pytest.mark.parametrize(("encoder", "decoder", "bridge"), PARTS)
def test_a_clip_in_a_batch_is_written_as_alone(make_captioner, batch, encoder, decoder, bridge):
    model = make_captioner(encoder, decoder, bridge=bridge)
    listens = model.config.decoder_input == "cross_attention"
    prompt = {} if listens else PROMPT
    if encoder == "whisper":
        sound, mask = spectrogram()
        heard = {"input_features": sound, "attention_mask": mask}
    else:
        heard = {name: batch[name] for name in ("input_values", "attention_mask")}
    labels = batch["labels"]
    logits = model(**heard, **prompt, labels=labels).logits
    said = model.generate(**heard, **prompt, max_new_tokens=3, num_beams=2).tolist()
    for clip, length in enumerate(LENGTHS):
        alone = {name: each[clip : clip + 1] for name, each in heard.items()}
        if encoder != "whisper":
            alone = {"input_values": heard["input_values"][clip : clip + 1, :length]}
        own = {}
        if prompt:
            own = {"prompt_ids": PROMPT["prompt_ids"][clip, PROMPT["prompt_mask"][clip] == 1][None]}
        n = int((labels[clip] != -100).sum())
        mine = model(**alone, **own, labels=labels[clip : clip + 1, :n]).logits[0]
        torch.testing.assert_close(mine, logits[clip, :n], atol=1e-4, rtol=1e-4)
        one = model.generate(**alone, **own, max_new_tokens=3, num_beams=2)[0].tolist()
        assert without_end(one) == without_end(said[clip])


def without_end(tokens):
    """A caption up to its end token; what fills it up differs between one and several."""
    tokens = tokens[1:] if tokens and tokens[0] in (0, 1) else tokens
    return tokens[: tokens.index(2)] if 2 in tokens else tokens


def test_what_lies_in_the_padding_is_not_heard(make_captioner, batch):
    model = make_captioner("hubert", "qwen2", frames_per_token=3)
    before = model(**batch).logits
    noise = batch["input_values"] + torch.randn(3, 900) * (1 - batch["attention_mask"])
    after = model(**{**batch, "input_values": noise}).logits
    torch.testing.assert_close(after, before, atol=1e-4, rtol=1e-4)


def test_kept_frames_stand_for_the_sound(make_captioner, batch):
    model = make_captioner("hubert", "bart")
    frames, mask = model.get_audio_frames(batch["input_values"], batch["attention_mask"])
    kept = model(audio_frames=frames, audio_frames_mask=mask, labels=batch["labels"])
    torch.testing.assert_close(kept.logits, model(**batch).logits)
    assert mask.sum(dim=1).tolist() == [45, 20, 30] and frames[~mask].abs().max() == 0


def test_masks_and_sounds_that_make_no_sense_are_refused(make_captioner, batch):
    model = make_captioner("hubert", "qwen2")
    sound, mask, labels = (batch[name] for name in ("input_values", "attention_mask", "labels"))
    with pytest.raises(ValueError, match="padding before or within a clip"):
        model(input_values=sound, attention_mask=mask.flip(1), labels=labels)
    with pytest.raises(ValueError, match="clip 1 has no sound"):
        model(
            input_values=sound, attention_mask=mask * torch.tensor([[1], [0], [1]]), labels=labels
        )
    with pytest.raises(ValueError, match="too short to be heard: got 5 steps"):
        model(input_values=sound[:, :5], labels=labels)
    with pytest.raises(ValueError, match="given 0 times: got none"):
        model(labels=labels)
    with pytest.raises(ValueError, match="given 2 times: got input_values and audio_frames"):
        model(input_values=sound, audio_frames=torch.zeros(3, 2, 32), labels=labels)
    with pytest.raises(ValueError, match="nothing to write"):
        model(input_values=sound)


@pytest.mark.parametrize("family", ["audio-spectrogram-transformer", "clap_audio_model"])
def test_encoders_of_a_fixed_window_are_heard_whole(tokenizer, family):
    if family == "clap_audio_model":
        sizes = {"patch_embeds_hidden_size": 8, "depths": [1] * 4, "num_attention_heads": [1] * 4}
        ears = {"hidden_size": 64, **sizes}
    else:
        ears = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
        ears |= {"intermediate_size": 16, "max_length": 100, "num_mel_bins": 16, "patch_size": 8}
    config = make_config(encoder_config=AutoConfig.for_model(family, **ears))
    model = CaptionerModel(config).eval()
    processor = CaptionerProcessor.from_config(config, tokenizer)
    waves = [np.random.default_rng(n).normal(size=n).astype(np.float32) for n in (7000, 3000)]
    both = processor(audio=waves)
    said = model.generate(**both, max_new_tokens=3, min_new_tokens=3)
    alone = model.generate(**processor(audio=waves[1]), max_new_tokens=3, min_new_tokens=3)
    assert said[1].tolist() == alone[0].tolist()
    with pytest.raises(ValueError, match="clip 0 is longer than the encoder's window"):
        processor(audio=np.zeros(11 * config.sampling_rate, np.float32))
