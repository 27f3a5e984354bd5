"""Voices of the demo corpus without its films, which captions do not need and which take long."""

import io
from typing import Any

import datasets
import pyarrow as pa

TEST, VALIDATION = ("S03", "S07", "S11"), ("S02",)


def speak_corpus(n_clips: int, n_speakers: int) -> datasets.DatasetDict:
    """Sound, words and descriptions of the demo corpus, split as it is."""
    import numpy as np
    import soundfile

    from affecthub.datasets_scripts.demo.cues import cue_of
    from affecthub.datasets_scripts.demo.generate import plan_clips
    from affecthub.datasets_scripts.demo.voice import RATE_HZ, cast_voices, speak

    strength = {"mild": 0.55, "strong": 1.0}
    voices = cast_voices(0, 12)
    splits: dict[str, list[dict[str, Any]]] = {"train": [], "validation": [], "test": []}
    for clip in plan_clips(n_clips, n_speakers, 0):
        speaker = int(clip.speaker_id[1:]) - 1
        rng = np.random.default_rng([0, 5, speaker, int(clip.id.split("_")[1])])
        cue = cue_of(clip.emotion, "audio")
        sound = speak(voices[speaker], cue, strength[clip.intensity], clip.duration_s, rng)
        file = io.BytesIO()
        soundfile.write(file, sound, RATE_HZ, subtype="PCM_16", format="WAV")
        split = "test" if clip.speaker_id in TEST else "train"
        split = "validation" if clip.speaker_id in VALIDATION else split
        splits[split].append(
            {
                "id": clip.id,
                "audio": {"bytes": file.getvalue(), "path": None},
                "text": clip.text,
                "description": clip.description,
            }
        )
    features = datasets.Features(
        {
            "id": datasets.Value("string"),
            "audio": datasets.Audio(decode=False),
            "text": datasets.Value("string"),
            "description": datasets.Value("string"),
        }
    )
    return datasets.DatasetDict(
        {
            name: datasets.Dataset(pa.Table.from_pylist(rows, features.arrow_schema))
            for name, rows in splits.items()
        }
    )
