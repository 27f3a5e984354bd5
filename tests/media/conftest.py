"""Fixtures of the media tests: the makers of small films."""

from types import ModuleType

import pytest
from corpus_trees import emotiontalk


@pytest.fixture(scope="session")
def trees() -> ModuleType:
    """Functions that write small films and sounds."""
    return emotiontalk
