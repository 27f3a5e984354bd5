"""Tiny chat models of the real classes, a short prompt, and a small recipe for them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tiny_chat_models import make_chat_model

from affecthub.training.asking.backends.transformers_reading import ChatReader
from affecthub.training.asking.prompts.registry import load_prompt
from affecthub.training.omni.collating import collate
from affecthub.training.omni.encoding import Encoder
from affecthub.training.omni.examples import ChatExamples
from affecthub.training.omni.model import build_omni
from affecthub.training.omni.recipe import FramesRecipe, OmniRecipe
from affecthub.training.omni.run import reading

_KINDS = ("qwen2_5_omni_thinker", "qwen3_omni_moe_thinker", "qwen2_audio")
PROMPT = """\
id: short
version: 1
language: en
media: [audio, video, text]
form: basic7
placeholders: [labels, subtitle]
purpose: A test.
source: ours
text: "{subtitle} Choose of {labels}."
"""


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def chat_models(tmp_path_factory) -> dict[str, Path]:
    """A folder of each kind."""
    root = tmp_path_factory.mktemp("chat_models")
    return {kind: make_chat_model(kind, root / kind) for kind in _KINDS}


@pytest.fixture(scope="session")
def short_prompt(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("prompts") / "short.yaml"
    path.write_text(PROMPT)
    return str(path)


@pytest.fixture(scope="session")
def clips(small_corpus):
    """The demo corpus under its official protocol: 14 clips in each split."""
    from affecthub.datasets_scripts import load_dataset

    return load_dataset("demo", data_dir=small_corpus, protocol="official")


@pytest.fixture(scope="session")
def make_recipe(chat_models, short_prompt) -> Callable[..., OmniRecipe]:
    def make(kind: str = "qwen2_audio", **fields: Any) -> OmniRecipe:
        given = ("audio", "text") if kind == "qwen2_audio" else ("audio", "video", "text")
        trainer = {
            "num_train_epochs": 1,
            "per_device_train_batch_size": 2,
            "learning_rate": 1e-3,
            "weight_decay": 0.0,
            "eval_strategy": "no",
            "logging_steps": 1,
        }
        trainer |= fields.pop("trainer", {})
        told: dict[str, Any] = {"modalities": given, "prompt": short_prompt, "max_train_clips": 4}
        told |= {"frames": {"n_frames": 2, "max_pixels": 28 * 28 * 16}, "max_new_tokens": 4}
        told |= {"corpus": "demo", "protocol": "official", "model": str(chat_models[kind])}
        told |= fields
        if isinstance(told["frames"], dict):
            told["frames"] = FramesRecipe(**told["frames"])
        return OmniRecipe(trainer=trainer, **told)

    return make


@pytest.fixture(scope="session")
def built(make_recipe, clips) -> Callable[..., tuple[Any, ChatExamples]]:
    """A model with new adapters in eval mode, and the training clips as its tensors."""

    def build(kind: str, rows: Any = None, **fields: Any) -> tuple[Any, ChatExamples]:
        recipe = make_recipe(kind, **fields)
        model, processor, family = build_omni(recipe)
        encoder = Encoder(ChatReader(processor, **reading(recipe)), family)
        rows = clips["train"] if rows is None else rows
        return model.eval(), ChatExamples(rows, encoder, recipe, load_prompt(recipe.prompt))

    return build


@pytest.fixture(scope="session")
def batch_of() -> Callable[..., dict[str, Any]]:
    """A batch of some examples by their places."""

    def batch(examples: ChatExamples, *places: int) -> dict[str, Any]:
        encoder = examples.encoder
        clips = [examples[place] for place in places]
        pad = encoder.reader.tokenizer.pad_token_id
        return collate(clips, family=encoder.family, pad_token_id=pad)

    return batch
