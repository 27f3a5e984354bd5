"""Tiny captioners of every kind, made here from code and a seed."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from captioner_parts import LENGTHS, make_config
from transformers import PreTrainedTokenizerFast

from affecthub.modeling.captioner import CaptionerModel, CaptionerProcessor


@pytest.fixture(scope="session")
def make_captioner() -> Callable[..., CaptionerModel]:
    def make(*names: str, **fields: Any) -> CaptionerModel:
        torch.manual_seed(0)
        return CaptionerModel(make_config(*names, **fields)).eval()

    return make


@pytest.fixture(scope="session")
def tokenizer() -> PreTrainedTokenizerFast:
    """Words of a small vocabulary, and an unknown one."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    words = ["<pad>", "<bos>", "<eos>", "<unk>", "the", "voice", "is", "low", "high", "声", "音"]
    inner = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, "<unk>"))
    inner.pre_tokenizer = pre_tokenizers.Whitespace()
    return PreTrainedTokenizerFast(
        tokenizer_object=inner,
        pad_token="<pad>",
        bos_token="<bos>",
        eos_token="<eos>",
        unk_token="<unk>",
    )


@pytest.fixture(scope="session")
def make_processor(tokenizer) -> Callable[..., CaptionerProcessor]:
    def make(*names: str, prompt: str = "", **fields: Any) -> CaptionerProcessor:
        return CaptionerProcessor.from_config(
            make_config(*names, **fields), tokenizer, prompt=prompt
        )

    return make


@pytest.fixture
def batch() -> dict[str, torch.Tensor]:
    """Three clips of unequal length and captions of unequal length."""
    generator = torch.Generator().manual_seed(1)
    mask = (torch.arange(max(LENGTHS)) < torch.tensor(LENGTHS)[:, None]).long()
    sound = torch.randn(3, max(LENGTHS), generator=generator) * mask
    labels = torch.tensor([[5, 6, 7, 2], [8, 2, -100, -100], [9, 10, 2, -100]])
    return {"input_values": sound, "attention_mask": mask, "labels": labels}
