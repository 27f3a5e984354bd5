"""A few voices, and a small recipe of captions."""

from collections.abc import Callable
from typing import Any

import datasets
import pytest
import torch
from speaking import speak_corpus

from affecthub.training.captioning.recipe import CaptionRecipe, load_caption_recipe


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def few_voices() -> datasets.DatasetDict:
    """Fourteen clips each to train, validate and test."""
    return speak_corpus(42, 3)


@pytest.fixture
def make_recipe() -> Callable[..., CaptionRecipe]:
    def make(**fields: Any) -> CaptionRecipe:
        trainer = {"num_train_epochs": 1, "per_device_train_batch_size": 7}
        trainer |= fields.pop("trainer", {})
        return load_caption_recipe("demo_captions", trainer=trainer, max_new_tokens=4, **fields)

    return make
