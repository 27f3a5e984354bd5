"""RAVDESS, small: unzipped folders of three actors, spoken and sung."""

from pathlib import Path

from corpus_trees.media import clip_video, clip_wav, put

# An actor of each side of the speaker-independent split.
ACTORS = ("01", "15", "18")
# Emotion, intensity, statement, repetition: neutral is never strong.
SPOKEN = ("01-01-01-01", "02-02-01-02", "05-02-02-01", "07-01-02-02", "08-01-01-01")
SUNG = ("01-01-02-01", "06-02-01-01")
SPEECH = tuple(f"01-{clip}-{actor}" for actor in ACTORS for clip in SPOKEN)
# Actor 18 does not sing.
SONG = tuple(f"02-{clip}-{actor}" for actor in ACTORS[:2] for clip in SUNG)


def write_sound(root: Path) -> Path:
    """The two archives of sound."""
    for i, clip in enumerate((*SPEECH, *SONG)):
        kind = "Speech" if clip in SPEECH else "Song"
        folder = root / f"Audio_{kind}_Actors_01-24" / f"Actor_{clip[-2:]}"
        put(folder / f"03-{clip}.wav", clip_wav(i))
    return root


def write_films(root: Path, *, sound: bool = True) -> Path:
    """An archive of films for each actor, with sound (01) and without (02)."""
    for i, clip in enumerate((*SPEECH, *SONG)):
        kind = "Speech" if clip in SPEECH else "Song"
        folder = root / f"Video_{kind}_Actor_{clip[-2:]}" / f"Actor_{clip[-2:]}"
        if sound:
            put(folder / f"01-{clip}.mp4", clip_video(i))
        put(folder / f"02-{clip}.mp4", clip_video(i, sound=False))
    return root


def make(root: Path) -> Path:
    """All of it."""
    return write_films(write_sound(root))
