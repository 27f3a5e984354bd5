"""Placeholders are inputs only, and whoever asks for one by a stock name finds it."""

import pytest
import torch
from transformers import GenerationConfig

from affecthub.modeling.affectgpt import AffectGPTConfig


def test_the_config_has_an_image_token(make_config, tmp_path) -> None:
    """trl asks for it of every model whose processing class is a processor."""
    config = make_config()
    assert config.image_token_id == config.video_token_id
    config.save_pretrained(tmp_path)
    assert AffectGPTConfig.from_pretrained(tmp_path).image_token_id == config.video_token_id


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"suppress_tokens": [7]},
        {"suppress_tokens": None},
        {"generation_config": GenerationConfig(suppress_tokens=[7], pad_token_id=0)},
        {"generation_config": GenerationConfig(do_sample=True, pad_token_id=0)},
    ],
    ids=["own", "more", "none", "trl", "config"],
)
def test_no_placeholder_is_ever_said(make_model, monkeypatch, given) -> None:
    """Not even where other tokens are suppressed in their place, as trl does."""
    model = make_model()
    placeholders = list(model.config.placeholders.values())
    head = type(model.lm_head).forward

    def loud(self, hidden):
        logits = head(self, hidden)
        logits[..., placeholders] += 1e4
        logits[..., 7] += 1e3
        return logits

    monkeypatch.setattr(type(model.lm_head), "forward", loud)
    inputs = {"input_ids": torch.tensor([[5, 6]]), "attention_mask": torch.ones(1, 2).long()}
    said = model.generate(**inputs, max_new_tokens=3, **given)[0, 2:].tolist()
    assert not set(said) & set(placeholders)
    asked = given.get("suppress_tokens") or getattr(
        given.get("generation_config"), "suppress_tokens", None
    )
    assert (7 in said) is not bool(asked)
