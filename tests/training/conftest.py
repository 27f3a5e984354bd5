"""A demo corpus of three speakers and a model trained on it for one epoch, made once."""

from dataclasses import replace
from pathlib import Path

import pytest

from affecthub.training.recipe import Recipe, load_recipe


@pytest.fixture(scope="session")
def small_corpus(tmp_path_factory) -> Path:
    from affecthub.datasets_scripts.demo.generate import generate_demo

    return generate_demo(
        tmp_path_factory.mktemp("demo") / "corpus", n_clips=42, n_speakers=3, seed=1
    )


@pytest.fixture(scope="session")
def small_recipe() -> Recipe:
    recipe = load_recipe("demo", trainer={"num_train_epochs": 1, "per_device_train_batch_size": 4})
    recipe.scratch.vocab_size = 200
    recipe.scratch.config |= {"text_config": {"hidden_size": 64, "intermediate_size": 128}}
    return recipe


@pytest.fixture(scope="session")
def trained(small_corpus, small_recipe, tmp_path_factory):
    from affecthub.training.sft import train

    return train(
        replace(small_recipe),
        data_dir=small_corpus,
        output_dir=tmp_path_factory.mktemp("trained"),
        progress=False,
    )
