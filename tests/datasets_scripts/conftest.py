"""Generated folders for tests, and a cache of their own."""

from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from corpus_trees import emotiontalk


@pytest.fixture(scope="session")
def trees() -> ModuleType:
    """The EmotionTalk functions, for tests to compose."""
    return emotiontalk


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Any]:
    """`affecthub.load_dataset` with a cache of its own."""
    import affecthub

    def load(name: str, *args: Any, **kwargs: Any) -> Any:
        return affecthub.load_dataset(name, *args, cache_dir=tmp_path / "cache", **kwargs)

    return load
