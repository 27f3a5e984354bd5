"""Questions about clips of noise, to ask chat models in tests."""

from typing import Any

import numpy as np

from affecthub.training.asking.asks import Ask, Film, Sound

RATE = 16000


def sound(seconds: float, seed: int = 0) -> Sound:
    """Noise."""
    noise = np.random.default_rng(seed).normal(size=int(seconds * RATE))
    return Sound((0.1 * noise).astype(np.float32), RATE)


def film(n_frames: int, fps: float = 2.0, seed: int = 0, size: tuple[int, int] = (60, 80)) -> Film:
    """Noise, too."""
    frames = np.random.default_rng(seed).integers(0, 256, (n_frames, *size, 3), dtype=np.uint8)
    return Film(frames, fps)


def ask(clip_id: str, question: str = "What does the person feel?", **media: Any) -> Ask:
    """A question about a clip."""
    return Ask(clip_id, question, **media)
