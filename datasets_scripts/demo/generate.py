"""Write the demo corpus: annotations, sound files and video files, all from one seed."""

import hashlib
import json
import os
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from affecthub.datasets_scripts.demo.cues import CUES, INTENSITIES, cue_of
from affecthub.datasets_scripts.demo.face import SIZE, act, cast_faces
from affecthub.datasets_scripts.demo.script import OPEN_VOCABULARY, describe, sentences
from affecthub.datasets_scripts.demo.voice import RATE_HZ, cast_voices, speak
from affecthub.errors import require
from affecthub.labels import BASIC7
from affecthub.media import loudness

ANNOTATIONS = "annotations.jsonl"
MANIFEST = "manifest.json"
CAST_SIZE = 12
FRAME_RATE = Fraction(25, 2)  # drawn "on twos", as cartoons are: half of 25 per second

_ENTRIES = {ANNOTATIONS, MANIFEST, "audio", "video"}
# What the lips do: move at their own pace, follow the clip's sound, or follow somebody else's.
Lips = Literal["own", "follow", "other"]
_STRENGTH = {"mild": 0.55, "strong": 1.0}


@dataclass(frozen=True)
class Clip:
    """One line of ``annotations.jsonl``. Paths are relative to the corpus folder."""

    id: str
    speaker_id: str
    text: str
    emotion: str
    intensity: str
    open_vocabulary: tuple[str, ...]
    description: str
    duration_s: float
    audio: str
    video: str


def generate_demo(
    out_dir: str | Path,
    *,
    n_clips: int = 480,
    n_speakers: int = 12,
    seed: int = 0,
    num_proc: int | None = None,
    lips: Lips = "own",
) -> Path:
    """Write the corpus to a folder, or keep the one that is already there and complete.

    The folder appears under its name only when it is finished. One made with other parameters, or
    by another version of the generator, is replaced.

    Args:
        out_dir: Folder to write; its parents are made.
        n_clips: Clips in all, a multiple of ``n_speakers``. Emotions are balanced within one clip
            per speaker and overall.
        n_speakers: 1 to 12. A smaller corpus has the first speakers of the full cast.
        seed: Same seed, same bytes (of the mp4 files: on the same version of PyAV).
        num_proc: Clips drawn at the same time; None is one per processor.
        lips: ``"own"`` moves them at a pace of their own, whatever is heard, so that a face tells
            nothing of a voice. ``"follow"`` opens them as the clip's sound is loud, ``"other"`` as
            another sound is: the one seen is then not the one heard. With these two a check of who
            speaks can be measured; the bounds of `cues` hold for ``"own"`` alone.

    Returns:
        ``out_dir`` as an absolute path. It holds ``annotations.jsonl``, ``manifest.json``,
        ``audio/<speaker>/<id>.wav`` (16 kHz mono, 16 bit) and ``video/<speaker>/<id>.mp4``
        (112 x 112, 12.5 frames per second, H.264, and the same sound as AAC).

    Raises:
        ValueError: A number is out of range.
        FileExistsError: ``out_dir`` is something other than a demo corpus; it is left as it is.
        ImportError: A package that writes media is not installed; nothing is made.
    """
    for package in ("soundfile", "av"):
        require(package, "data", "make the demo corpus")
    if not 1 <= n_speakers <= CAST_SIZE:
        raise ValueError(
            f"`n_speakers` is out of range: got {n_speakers}, expected 1 to {CAST_SIZE}. "
            "Choose a number of speakers that the cast has."
        )
    if n_clips < 1 or n_clips % n_speakers:
        raise ValueError(
            f"`n_clips` cannot be shared evenly: got {n_clips} clips, expected a positive multiple "
            f"of `n_speakers` = {n_speakers}. Choose another number of clips."
        )
    if lips not in get_args(Lips):
        raise ValueError(f"`lips`: got {lips!r}, expected one of {', '.join(get_args(Lips))}.")
    out_dir = Path(out_dir).expanduser().resolve()
    _refuse_foreign(out_dir)
    clips = plan_clips(n_clips, n_speakers, seed)
    annotations = "".join(json.dumps(asdict(clip)) + "\n" for clip in clips)
    manifest = {
        "corpus": "demo",
        "synthetic": True,
        "n_clips": n_clips,
        "n_speakers": n_speakers,
        "seed": seed,
        "generator_sha256": _generator_digest(),
        "annotations_sha256": hashlib.sha256(annotations.encode()).hexdigest(),
    }
    if lips != "own":
        manifest["lips"] = lips
    if _is_complete(out_dir, manifest, clips):
        return out_dir

    partial = out_dir.with_name(f".{out_dir.name}.partial-{os.getpid()}")
    try:
        for speaker in {clip.speaker_id for clip in clips}:
            for kind in ("audio", "video"):
                (partial / kind / speaker).mkdir(parents=True)
        # Threads, not processes: drawing and encoding run outside the interpreter lock, and a
        # caller's script needs no `if __name__ == "__main__"`.
        with ThreadPoolExecutor(num_proc or os.cpu_count()) as pool:
            list(pool.map(lambda clip: render_clip(clip, seed, partial, lips), clips))
        (partial / ANNOTATIONS).write_text(annotations, encoding="utf-8", newline="\n")
        (partial / MANIFEST).write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf-8")
        if out_dir.is_dir():
            old = out_dir.with_name(f".{out_dir.name}.old-{os.getpid()}")
            out_dir.rename(old)
            partial.rename(out_dir)
            shutil.rmtree(old)
        else:
            partial.rename(out_dir)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return out_dir


def plan_clips(n_clips: int, n_speakers: int, seed: int) -> list[Clip]:
    """Decide who says what in which emotion, without drawing anything.

    Clip i has emotion i mod 7 and intensity i mod 2, so any run of 14 clips holds every
    combination once; each speaker has a run of their own, in shuffled order.
    """
    per_speaker = n_clips // n_speakers
    emotions = [BASIC7[i % len(BASIC7)] for i in range(n_clips)]
    lines = {
        cue: iter(sentences(cue, n_clips, np.random.default_rng([seed, 3, i])))
        for i, cue in enumerate(CUES["text"])
    }
    clips = []
    for i in range(n_speakers):
        speaker = f"S{i + 1:02d}"
        rng = np.random.default_rng([seed, 4, i])
        for turn, j in enumerate(rng.permutation(per_speaker) + i * per_speaker, start=1):
            emotion, intensity = emotions[j], INTENSITIES[j % 2]
            name = f"{speaker}_{turn:03d}"
            clips.append(
                Clip(
                    id=name,
                    speaker_id=speaker,
                    text=next(lines[cue_of(emotion, "text")]),
                    emotion=emotion,
                    intensity=intensity,
                    open_vocabulary=OPEN_VOCABULARY[emotion][intensity],
                    description=describe(emotion, intensity),
                    duration_s=int(rng.integers(23, 28)) / float(FRAME_RATE),
                    audio=f"audio/{speaker}/{name}.wav",
                    video=f"video/{speaker}/{name}.mp4",
                )
            )
    return clips


def render_clip(clip: Clip, seed: int, folder: Path, lips: Lips = "own") -> None:
    """Draw and write the two media files of one clip, in folders that exist."""
    import soundfile

    speaker = int(clip.speaker_id[1:]) - 1
    rng = np.random.default_rng([seed, 5, speaker, int(clip.id.split("_")[1])])
    strength = _STRENGTH[clip.intensity]
    sound = speak(
        cast_voices(seed, CAST_SIZE)[speaker],
        cue_of(clip.emotion, "audio"),
        strength,
        clip.duration_s,
        rng,
    )
    n_frames = round(clip.duration_s * FRAME_RATE)
    frames = act(
        cast_faces(seed, CAST_SIZE)[speaker],
        cue_of(clip.emotion, "video"),
        strength,
        n_frames,
        rng,
        None if lips == "own" else _followed(clip, seed, sound, lips, n_frames),
    )
    soundfile.write(folder / clip.audio, sound, RATE_HZ, subtype="PCM_16")
    write_mp4(folder / clip.video, frames, sound)


def _followed(
    clip: Clip, seed: int, sound: NDArray[np.float32], lips: Lips, n_frames: int
) -> NDArray[np.float64]:
    """The loudness that a clip's lips follow: of its sound, or of one by another voice."""
    if lips == "other":
        speaker, turn = int(clip.speaker_id[1:]) - 1, int(clip.id.split("_")[1])
        rng = np.random.default_rng([seed, 6, speaker, turn])
        another = (speaker + int(rng.integers(1, CAST_SIZE))) % CAST_SIZE
        voice = cast_voices(seed, CAST_SIZE)[another]
        cue = list(CUES["audio"])[int(rng.integers(len(CUES["audio"])))]
        sound = speak(voice, cue, _STRENGTH[clip.intensity], clip.duration_s, rng)
    return loudness(sound, n_frames)


def write_mp4(path: Path, frames: NDArray[np.uint8], sound: NDArray[np.float32]) -> None:
    """Write frames ``(n, 112, 112, 3)`` and 16 kHz samples ``(m,)``, for any browser."""
    import av

    with av.open(str(path), "w", options={"movflags": "+faststart"}) as file:
        video = file.add_stream("libx264", rate=FRAME_RATE)
        video.width, video.height, video.pix_fmt = SIZE, SIZE, "yuv420p"
        video.options = {"profile": "baseline", "preset": "veryfast", "crf": "22"}
        video.codec_context.thread_count = 1  # the number of threads changes the bytes
        audio = file.add_stream("aac", rate=RATE_HZ, layout="mono", bit_rate=32_000)
        audio.options = {"aac_coder": "fast"}
        for image in frames:
            file.mux(video.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        file.mux(video.encode(None))
        samples = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
        samples.sample_rate = RATE_HZ
        file.mux(audio.encode(samples))
        file.mux(audio.encode(None))


def _refuse_foreign(folder: Path) -> None:
    """Raise unless the folder is missing, empty, or a demo corpus with nothing else in it."""
    if not folder.exists():
        return
    found = {entry.name for entry in folder.iterdir()} if folder.is_dir() else {"a file"}
    if found and (MANIFEST not in found or not found <= _ENTRIES):
        strange = ", ".join(sorted(found - _ENTRIES)[:3]) or f"no {MANIFEST}"
        raise FileExistsError(
            f"{folder} is not a demo corpus: got {strange}, expected a missing or empty folder or "
            "one that generate_demo wrote. Choose another folder."
        )


def _is_complete(folder: Path, manifest: dict[str, object], clips: Sequence[Clip]) -> bool:
    """Whether the folder was written with this manifest and every file is still there."""
    try:
        same = json.loads((folder / MANIFEST).read_text(encoding="utf-8")) == manifest
    except (FileNotFoundError, json.JSONDecodeError):
        return False
    digest = manifest["annotations_sha256"]
    return (
        same
        and (folder / ANNOTATIONS).is_file()
        and hashlib.sha256((folder / ANNOTATIONS).read_bytes()).hexdigest() == digest
        and all((folder / path).is_file() for clip in clips for path in (clip.audio, clip.video))
    )


def _generator_digest() -> str:
    """Hash the files that decide what is drawn, so that a corpus of older code is not kept."""
    here = Path(__file__).parent
    names = ("cues.py", "face.py", "generate.py", "script.py", "voice.py")
    return hashlib.sha256(b"".join((here / name).read_bytes() for name in names)).hexdigest()
