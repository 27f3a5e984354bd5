"""Tiny chat models of the real classes, each made and loaded once."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Callable[[str], Path]:
    """The folder of a tiny model by its kind."""
    from tiny_chat_models import make_chat_model

    made: dict[str, Path] = {}

    def folder(kind: str) -> Path:
        if kind not in made:
            made[kind] = make_chat_model(kind, tmp_path_factory.mktemp("chat") / kind)
        return made[kind]

    return folder


@pytest.fixture(scope="session")
def chat(tiny) -> Callable[..., Any]:
    """A backend of a tiny model by its kind and settings; the model is loaded once."""
    from affecthub.training.asking.backends.transformers_chat import TransformersBackend
    from affecthub.training.asking.backends.transformers_models import load_chat_model

    loaded: dict[str, Any] = {}

    def backend(kind: str, **settings: Any) -> TransformersBackend:
        if kind not in loaded:
            loaded[kind] = load_chat_model(tiny(kind))
        model, processor = loaded[kind]
        settings = {"max_new_tokens": 5} | settings
        return TransformersBackend(tiny(kind), model=model, processor=processor, **settings)

    return backend
