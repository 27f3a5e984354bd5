"""The network for expressions computes what Keras 3.15.1 computes from the same file."""

import numpy as np
import pytest
import torch

from affecthub.training.pretrained.expressions import (
    CLASSES,
    SIZE,
    Expressions,
    load_expressions,
    prepare_faces,
)

pytestmark = pytest.mark.pretrained

# Keras' probabilities, in the order of CLASSES, for two drawings that are no faces.
RAMP = (0.22350, 0.00003, 0.14589, 0.09939, 0.03528, 0.08368, 0.41222)
RINGS = (0.00353, 0.00000, 0.47942, 0.04402, 0.22071, 0.13374, 0.11858)


@pytest.fixture(scope="module")
def drawings():
    y, x = np.mgrid[0:SIZE, 0:SIZE]
    ramp = (2 * x + y).astype(np.uint8)
    rings = (127 + 120 * np.sin(np.hypot(x - 31.5, y - 31.5) / 4)).astype(np.uint8)
    return np.repeat(np.stack([ramp, rings])[..., None], 3, axis=-1)


def test_probabilities(drawings):
    network = load_expressions()
    with torch.inference_mode():
        scores, seen = network(prepare_faces(drawings))
    found = scores.softmax(dim=-1).numpy()
    assert found[0] == pytest.approx(RAMP, abs=2e-5)
    assert found[1] == pytest.approx(RINGS, abs=2e-5)
    assert seen.shape == (2, 128) and len(CLASSES) == 7


def test_every_weight_is_there():
    network, empty = load_expressions(), Expressions()
    counted = [name for name in network.state_dict() if "num_batches" not in name]
    assert sum(network.state_dict()[name].numel() for name in counted) == 58_423
    same = [
        name
        for name in counted
        if torch.equal(network.state_dict()[name], empty.state_dict()[name])
    ]
    assert same == []


def test_colours_become_grey():
    red = np.zeros((1, SIZE, SIZE, 3), np.uint8)
    red[..., 0] = 255
    # 0.299 of white, from 0..1 to -1..1.
    assert prepare_faces(red).unique().tolist() == pytest.approx([2 * 0.299 - 1])
    assert prepare_faces(red).shape == (1, 1, SIZE, SIZE)
