"""How many clips a core prepares per second, and where the time goes, against plain code.

    python benchmarks/processor.py

Clips of five seconds with sound are made in a temporary folder; the sizes are those of
``AffectGPTConfig()``. Nothing is timed before both sides are checked to give the same values.
Figures and what they mean: ``results/processor.md``.
"""

import argparse
import json
import os
import platform
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

# One thread on both sides; these are read when NumPy and torch are imported.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ["OPENBLAS_NUM_THREADS"] = "1"
os.environ["HF_HUB_OFFLINE"] = "1"

import av
import cv2
import numpy as np
import PIL
import scipy
import soxr
import torch
import transformers
from PIL import Image
from scipy.signal import resample_poly
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

import affecthub
from affecthub.datasets_scripts.demo.face import act, cast_faces
from affecthub.modeling.affectgpt import AffectGPTConfig, AffectGPTProcessor
from affecthub.modeling.affectgpt.face_cropping import FaceCropper

FPS, SECONDS, SOUND_HZ = 25, 5, 48000
TRANSCRIPT = "I did not think you would come all the way out here."
# Width, height, frames from one key frame to the next: every two seconds, and as x264 does where
# nobody asks.
FILMS = ((640, 480, 50), (640, 480, 250), (1920, 1080, 50))
# Stage -> the functions of the processor's modules that do it. What a function's own callees in
# this table take is theirs, not its.
STAGES = {
    "open and decode frames": [("media_frames", "_decode")],
    "scale frames": [("media_frames._ToRgb", "__call__")],
    "decode sound": [("media_sound", "_decode")],
    "resample": [("media_sound", "_at_rate")],
    "find and cut faces": [("face_cropping.FaceCropper", "__call__")],
    "normalise pictures": [("processing_inputs.CLIPImageProcessorPil", "__call__")],
    "normalise sound": [("processing_inputs.Wav2Vec2FeatureExtractor", "__call__")],
}


def write_film(path: Path, width: int, height: int, gop: int) -> None:
    """Write a drawn face that acts before a wall that drifts, H.264, and a voice-like tone, AAC."""
    rng = np.random.default_rng(0)
    n_frames = FPS * SECONDS
    coarse = rng.integers(60, 200, (height // 40 + 2, width // 40 + 8, 3), np.uint8)
    wall = np.asarray(Image.fromarray(coarse).resize((width + 4 * n_frames, height + 80), 3))
    grain = rng.integers(0, 6, wall.shape, np.uint8)
    wall = wall + grain
    face = act(cast_faces(0, 1)[0], "soft", 1.0, n_frames, rng)
    side = height // 2
    with av.open(str(path), "w") as container:
        video = container.add_stream("libx264", rate=FPS)
        video.width, video.height, video.pix_fmt, video.gop_size = width, height, "yuv420p", gop
        sound = container.add_stream("aac", rate=SOUND_HZ)
        sound.layout = "stereo"
        for i in range(n_frames):
            image = wall[40 : 40 + height, 2 * i : 2 * i + width].copy()
            left = (width - side) // 2 + i // 4
            image[side // 2 : side // 2 + side, left : left + side] = np.asarray(
                Image.fromarray(face[i]).resize((side, side), 3)
            )
            container.mux(video.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
        container.mux(video.encode())
        times = np.arange(SECONDS * SOUND_HZ) / SOUND_HZ
        voice = sum(np.sin(2 * np.pi * 140 * k * times) / k for k in range(1, 20))
        voice = voice * 0.1 * np.sin(2 * np.pi * 2 * times) ** 2 + rng.normal(0, 0.005, len(times))
        frame = av.AudioFrame.from_ndarray(
            np.stack([voice, voice]).astype(np.float32), "fltp", "stereo"
        )
        frame.sample_rate, frame.pts = SOUND_HZ, 0
        container.mux(sound.encode(frame))
        container.mux(sound.encode())


def make_processor() -> AffectGPTProcessor:
    """The paper's sizes with a tokenizer of bytes, made here."""
    symbols = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocab = {symbol: index for index, symbol in enumerate(["<pad>", "<eos>", *symbols])}
    tokenizer = Tokenizer(models.BPE(vocab=vocab, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    ids = {
        f"{kind}_token_id": 258 + i for i, kind in enumerate(("fused", "audio", "face", "video"))
    }
    config = AffectGPTConfig(text_config={"pad_token_id": 0, "eos_token_id": 1}, **ids)
    return AffectGPTProcessor.from_config(
        config,
        PreTrainedTokenizerFast(
            tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>", model_max_length=4096
        ),
    )


def plain(
    path: Path, processor: AffectGPTProcessor, resample: Callable[[np.ndarray], np.ndarray]
) -> dict[str, np.ndarray]:
    """Do what one would write without this package: decode all, take eight, resize by Pillow."""
    processor(text=TRANSCRIPT)  # the same prompt, but for the placeholders
    with av.open(str(path)) as container:
        frames = list(container.decode(video=0))
    taken = [frames[int(i * len(frames) / 8)].to_image() for i in range(8)]
    side = processor.image_processor.size["height"]
    images = [image.resize((side, side), Image.Resampling.BICUBIC) for image in taken]
    with av.open(str(path)) as container:
        sound = [frame.to_ndarray() for frame in container.decode(audio=0)]
    wave = resample(np.concatenate(sound, axis=1).mean(axis=0))
    starts = np.linspace(0, len(wave) - 32000, 8).astype(int)
    clips = np.stack([wave[start : start + 32000] for start in starts])
    clips = clips - clips.mean(axis=1, keepdims=True)
    extracted = processor.feature_extractor(clips.reshape(-1), sampling_rate=16000)
    return {
        "pixel_values": np.stack(processor.image_processor(images)["pixel_values"])[None],
        "input_values": extracted["input_values"][0].reshape(1, 8, 32000),
    }


def check(ours: Any, other: dict[str, np.ndarray]) -> None:
    """Raise where the two sides differ by more than two scaling filters do."""
    np.testing.assert_allclose(ours["input_values"], other["input_values"], atol=1e-3)
    difference = np.abs(ours["pixel_values"].numpy() - other["pixel_values"])
    # A grey level is 0.015 on this scale. Scaled while it is decoded, a film keeps coarser colours.
    assert difference.mean() < 0.08, difference.mean()


@contextmanager
def watched() -> Iterator[Counter]:
    """Count the processor time that each stage takes for itself, in seconds."""
    spent: Counter = Counter()
    within: list[float] = []  # time of the stages inside of the one that runs, level by level

    def timed(stage: str, call: Callable) -> Callable:
        def run(*args: Any, **kwargs: Any) -> Any:
            within.append(0.0)
            start = time.process_time()
            try:
                return call(*args, **kwargs)
            finally:
                taken = time.process_time() - start
                spent[stage] += taken - within.pop()
                if within:
                    within[-1] += taken

        return run

    replaced = []
    for stage, functions in STAGES.items():
        for where, name in functions:
            module, _, kind = where.partition(".")
            owner = import_module(f"affecthub.modeling.affectgpt.{module}")
            owner = getattr(owner, kind) if kind else owner
            replaced.append((owner, name, getattr(owner, name)))
            setattr(owner, name, timed(stage, getattr(owner, name)))
    try:
        yield spent
    finally:
        for owner, name, call in replaced:
            setattr(owner, name, call)


def medians(repeats: int, **runs: Callable[[], Any]) -> dict[str, float]:
    """Measure calls in turn; give the median processor time of each, in seconds."""
    times: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            start = time.process_time()
            run()
            times[name].append(time.process_time() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def shares(run: Callable[[], Any], repeats: int) -> dict[str, float]:
    """The share of each stage in the time of a call, in percent."""
    with watched() as spent:
        start = time.process_time()
        for _ in range(repeats):
            run()
        whole = time.process_time() - start
    found = {stage: 100 * spent[stage] / whole for stage in STAGES}
    return found | {"the rest": 100 - sum(found.values())}


def measure(path: Path, processor: AffectGPTProcessor, faces: Any, repeats: int) -> Iterator[tuple]:
    """Yield for a film, without faces and with them: a name, times and shares."""

    def ours(**more: Any) -> Any:
        return processor(text=TRANSCRIPT, videos=str(path), audio="from_video", **more)

    def with_faces() -> Any:
        return ours(faces=faces)

    def by_soxr() -> Any:
        return plain(path, processor, lambda mono: soxr.resample(mono, SOUND_HZ, 16000))

    def by_scipy() -> Any:
        return plain(path, processor, lambda mono: resample_poly(mono, 1, 3))

    check(ours(), by_soxr())
    assert with_faces()["face_mask"].all()
    by_scipy()  # imports
    found = medians(repeats, ours=ours, faces=with_faces, soxr=by_soxr, scipy=by_scipy)
    yield "", found["ours"], found, shares(ours, repeats)
    yield ", faces cut out", found["faces"], {}, shares(with_faces, repeats)


def main() -> None:
    """Measure, print two tables and one line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repeats", type=int, default=15)
    repeats = parser.parse_args().repeats
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    processor, faces = make_processor(), FaceCropper()
    result: dict[str, Any] = {}
    columns: dict[str, dict[str, float]] = {}
    print(f"{'':52}{'ms':>7}{'clips/s':>9}  plain, soxr  plain, scipy")
    with tempfile.TemporaryDirectory() as folder:
        for width, height, gop in FILMS:
            path = Path(folder) / f"{width}_{gop}.mp4"
            write_film(path, width, height, gop)
            film = f"{width} x {height}, key frame every {gop // FPS} s"
            for kind, took, others, parts in measure(path, processor, faces, repeats):
                print(f"{film + kind:52}{1e3 * took:7.1f}{1 / took:9.2f}", end="")
                for name in ("soxr", "scipy"):
                    if name in others:
                        result[f"plain with {name} / ours, {film}"] = others[name] / took
                        print(f"{others[name] / took:13.2f}", end="")
                print()
                result[f"clips per second, {film}{kind}"] = 1 / took
                columns[film + kind] = parts
    print("\nshare of each stage in percent, in the order of the lines above")
    for stage in columns[film]:
        print(f"{stage:28}" + "".join(f"{parts[stage]:7.1f}" for parts in columns.values()))
    result = {name: round(value, 2) for name, value in result.items()}
    modules = (affecthub, av, cv2, np, PIL, scipy, soxr, torch, transformers)
    result |= {module.__name__: module.__version__ for module in modules}
    print(json.dumps(result | {"python": platform.python_version(), "machine": platform.machine()}))


if __name__ == "__main__":
    main()
