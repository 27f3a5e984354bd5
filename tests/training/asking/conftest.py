"""A prompt that says the words of a clip, and clips of words alone."""

import pytest
from asked_clips import make_prompt

from affecthub.training.asking.prompts.registry import Prompt


@pytest.fixture
def said() -> Prompt:
    """A prompt that says the words of a clip."""
    return make_prompt("They say: {subtitle}. How do they feel?")


@pytest.fixture
def rows() -> list[dict]:
    """Clips of words alone."""
    return [{"id": f"c{i}", "text": f"words {i} 语", "language": "en"} for i in range(12)]
