"""Moods as it lies on a disk: one csv, and a sound for each clip."""

import math
import struct
import wave
from pathlib import Path

RATE_HZ = 16000
PEOPLE = ("ann", "ann", "bob", "bob", "cem", "cem", "dee", "dee")


def make(root: Path) -> Path:
    """Write the eight clips; sounds are tones, higher where the mood is glad."""
    root.mkdir(parents=True)
    lines = ["clip,mood,who,said"]
    for i, who in enumerate(PEOPLE):
        lines.append(f"m{i},{('glad', 'sad')[i % 2]},{who},this is sentence number {i}")
        tone(root / f"m{i}.wav", 440 if i % 2 == 0 else 220)
    (root / "moods.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


def tone(path: Path, hertz: float, seconds: float = 0.5) -> None:
    """Write a tone as 16 bit mono."""
    values = [math.sin(2 * math.pi * hertz * i / RATE_HZ) for i in range(int(seconds * RATE_HZ))]
    with wave.open(str(path), "wb") as file:
        file.setparams((1, 2, RATE_HZ, 0, "NONE", "not compressed"))
        file.writeframes(b"".join(struct.pack("<h", int(9000 * value)) for value in values))
