"""Clips that cost nothing: a prompt, words, sounds and films of a second."""

import av
import numpy as np
import soundfile

from affecthub.training.asking.prompts.registry import Prompt


def make_prompt(text: str, media=("audio", "video", "text"), **fields) -> Prompt:
    """A prompt of a test's own."""
    told = {"id": "p", "version": 1, "language": "en", "form": "text", "source": "here"}
    told |= {"purpose": "test", "text": text, "media": frozenset(media)}
    return Prompt(**(told | fields))


def write_sound(path, seconds=1.0, rate=8000):
    """Write a tone."""
    time = np.arange(round(seconds * rate)) / rate
    soundfile.write(path, 0.1 * np.sin(2 * np.pi * 440 * time), rate)
    return path


def write_film(path, n_frames=10, size=(64, 48), fps=10, rotated=False):
    """Write a film without sound whose frames grow brighter."""
    with av.open(str(path), "w") as file:
        stream = file.add_stream("libx264", rate=fps)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for i in range(n_frames):
            picture = np.full((size[1], size[0], 3), 20 * i + 20, np.uint8)
            file.mux(stream.encode(av.VideoFrame.from_ndarray(picture)))
        file.mux(stream.encode(None))
    return path
