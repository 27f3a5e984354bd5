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
def mer_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the sets of MER2023 and the test sets of MER2024 be those of the generated trees."""
    from corpus_trees import mer2023, mer2024

    from affecthub.datasets_scripts.families import mer2023_clips, mer2024_clips
    from affecthub.datasets_scripts.families.digests import Digests, digest

    def known(clips: list[str]) -> Digests:
        return Digests(b"".join(map(digest, clips)))

    sets = {ours: known(mer2023.CLIPS[name]) for name, ours in mer2023.OURS.items()}
    monkeypatch.setattr(mer2023_clips, "_sets", lambda: sets)
    tests = {
        "test_semi": known(mer2024.CLIPS["test1"]),
        "test_noise": known(mer2024.CLIPS["test2"]),
    }
    monkeypatch.setattr(mer2024_clips, "_sets", lambda: tests)


@pytest.fixture
def load(tmp_path: Path) -> Callable[..., Any]:
    """`affecthub.load_dataset` with a cache of its own."""
    import affecthub

    def load(name: str, *args: Any, **kwargs: Any) -> Any:
        return affecthub.load_dataset(name, *args, cache_dir=tmp_path / "cache", **kwargs)

    return load
