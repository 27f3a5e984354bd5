"""Films: the numbers of transformers' own processors, times, limits, and frames as images."""

import re

import numpy as np
import pytest
from chat_asks import ask, film

from affecthub.training.asking.asks import Film
from affecthub.training.asking.backends.transformers_frames import QwenFrames


def _frames(n: int, height: int, width: int) -> np.ndarray:
    """A picture that differs from pixel to pixel, and from frame to frame."""
    n, y, x, c = np.meshgrid(
        *(np.arange(size) for size in (n, height, width, 3)), indexing="ij", sparse=True
    )
    return ((7 * x + 13 * y + 31 * n + 57 * c + x * y // 3) % 256).astype(np.uint8)


# What transformers 5.23.0 makes of these frames with torchvision 0.28.0 (imported beside torch
# 2.13.0+cpu with its compiled operators declared only), by `processor([frames], size=...,
# do_sample_frames=False)`: the grid, the mean of all numbers, and five of them, the k-th at
# n * k // 5 + 7 * k.
RELEASED = [
    (
        *("Qwen2VLVideoProcessor", 14, (5, 90, 70), (784 * 4, 784 * 16)),
        *([3, 6, 4], 0.18598, [-1.76307, -0.71656, 0.18353, -0.5076, 0.91929]),
    ),
    (
        *("Qwen2VLVideoProcessor", 16, (2, 20, 300), (784 * 16, 784 * 64)),
        *([1, 2, 28], 0.18732, [-1.79226, -0.77037, 1.42955, -0.23631, 0.61013]),
    ),
    (
        *("Qwen3VLVideoProcessor", 16, (4, 130, 97), (784 * 16 * 4, 784 * 64 * 4)),
        *([2, 10, 8], -0.000058, [-1.0, -0.74902, -0.01176, 0.66275, -0.18431]),
    ),
    (
        *("Qwen3VLVideoProcessor", 16, (6, 400, 300), (784 * 4 * 6, 784 * 16 * 6)),
        *([3, 8, 6], 0.000046, [-0.81961, -0.04314, 0.01176, 0.09804, -0.05882]),
    ),
]


@pytest.mark.parametrize(
    ("stands_for", "patch", "shape", "bounds", "grid", "mean", "numbers"), RELEASED
)
def test_numbers_are_those_of_the_processors_it_stands_for(
    stands_for, patch, shape, bounds, grid, mean, numbers
):
    frames = QwenFrames({"patch_size": patch}, stands_for)
    size = dict(zip(("shortest_edge", "longest_edge"), bounds, strict=True))
    made = frames([_frames(*shape)], size=size)
    patches = made["pixel_values_videos"]
    assert made["video_grid_thw"].tolist() == [grid]
    assert patches.shape == (np.prod(grid), 3 * 2 * patch * patch)
    assert patches.double().mean().item() == pytest.approx(mean, abs=2e-4)
    flat = patches.flatten()
    some = [flat[len(flat) * k // 5 + 7 * k].item() for k in range(5)]
    # A processor without the instructions of this one's may round a pixel otherwise: 1 of 255.
    assert some == pytest.approx(numbers, abs=0.02)


@pytest.mark.parametrize("n_frames", [1, 2, 5])
def test_times_are_those_of_the_frames(chat, n_frames):
    """At half a frame a second, pairs of frames lie around 1 s, 5 s and, the last alone, 8 s."""
    reader = chat("qwen3_vl").reader
    clip = ask("c", film=Film(_frames(n_frames, 64, 64), 0.5))
    text = reader.tokenizer.decode(reader.inputs(clip)["input_ids"][0])
    assert re.findall(r"<([\d.]+) seconds>", text) == ["1.0", "5.0", "8.0"][: (n_frames + 1) // 2]


@pytest.mark.parametrize("kind", ["qwen2_5_omni_thinker", "qwen2_5_vl"])
def test_each_film_has_its_own_rate_in_a_batch(chat, kind):
    reader = chat(kind).reader
    batch = reader.collate([reader.inputs(ask("c", film=film(4, fps))) for fps in (2.0, 0.5)])
    name = "second_per_grid_ts" if kind == "qwen2_5_vl" else "video_second_per_grid"
    assert batch[name].tolist() == [1.0, 4.0]


@pytest.mark.parametrize("kind", ["qwen2_5_vl", "qwen3_vl"])
@pytest.mark.parametrize("n_frames", [2, 8])
def test_frames_are_of_few_pixels_however_large_they_come(chat, kind, n_frames):
    """784 * 64 pixels a frame at most, which are 64 tokens of 28 x 28, or 49 of 32 x 32."""
    reader = chat(kind).reader
    grid = reader.inputs(ask("c", film=film(n_frames, size=(720, 1280))))["video_grid_thw"][0]
    side = 14 if kind == "qwen2_5_vl" else 16
    assert 784 * 16 <= int(grid[1] * grid[2]) * side**2 <= 784 * 64
    assert int(grid[0]) == n_frames // 2


def test_frames_go_as_images_where_that_is_asked_for(chat):
    backend = chat("qwen3_vl", film="images")
    tensors = backend.reader.inputs(ask("c", film=film(3)))
    assert tensors["image_grid_thw"].shape == (3, 3)
    assert "pixel_values_videos" not in tensors
    asks = [ask("c", film=film(3)), ask("d", film=film(2, seed=1))]
    assert backend.answer(asks) == [backend.answer([each])[0] for each in asks]
    assert backend.name != chat("qwen3_vl").name


def test_a_film_that_is_too_long_one_way_is_its_own_error(chat):
    (reply,) = chat("qwen3_vl").answer([ask("c", film=film(2, size=(2, 500)))])
    assert "too long for a vision tower: got 2 x 500 pixels" in reply.error


def test_a_film_needs_colour():
    with pytest.raises(ValueError, match=r"expected \(n_frames, height, width, 3\)"):
        QwenFrames({}, "Qwen2VLVideoProcessor")([np.zeros((2, 30, 30, 1), np.uint8)])
