"""Arrays out of a model file of CTranslate2, so that its weights serve where its runtime is not."""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

_VERSION = 6
# By the number in the file; bfloat16 is no type of NumPy.
_DTYPES = {0: "<f4", 1: "<i1", 2: "<i2", 3: "<i4", 4: "<f2"}


def read_model(content: bytes) -> tuple[str, dict[str, NDArray[Any]]]:
    """The kind of model and its variables by name; an alias gives the array that it stands for.

    Args:
        content: A whole ``model.bin`` of format 6, little-endian.

    Returns:
        The name of its specification, such as ``WhisperSpec``, and read-only arrays that share
        memory with `content`.

    Raises:
        ValueError: Another format, a type of number that NumPy does not have, or a file that ends
            early or goes on after its end.

    Source: CTranslate2 4.8, ``specs/model_spec.py`` (``ModelSpec._serialize``).
    """
    reader = _Reader(content)
    version = reader.number("I")
    if version != _VERSION:
        raise ValueError(
            f"the model file is of a format that is not known: got {version}, expected {_VERSION}. "
            "Convert the model with CTranslate2 4."
        )
    kind = reader.text()
    reader.number("I")  # the specification's revision
    variables = dict(reader.variable() for _ in range(reader.number("I")))
    for _ in range(reader.number("I")):
        alias, name = reader.text(), reader.text()
        variables[alias] = variables[name]
    if reader.place != len(content):
        raise ValueError(
            f"the model file does not end where it says: got {len(content)} bytes, expected "
            f"{reader.place}. Install its package again."
        )
    return kind, variables


class _Reader:
    """A place in bytes that moves on as values are taken."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.place = 0

    def take(self, n_bytes: int) -> memoryview:
        part = memoryview(self.content)[self.place : self.place + n_bytes]
        if len(part) < n_bytes:
            raise ValueError(
                f"the model file is cut off: got {len(self.content)} bytes, expected at least "
                f"{self.place + n_bytes}. Install its package again."
            )
        self.place += n_bytes
        return part

    def number(self, kind: str) -> int:
        kind = f"<{kind}"
        value: int = struct.unpack(kind, self.take(struct.calcsize(kind)))[0]
        return value

    def text(self) -> str:
        return bytes(self.take(self.number("H"))).rstrip(b"\0").decode("utf-8")

    def variable(self) -> tuple[str, NDArray[Any]]:
        name = self.text()
        shape = [self.number("I") for _ in range(self.number("B"))]
        kind = self.number("B")
        data = self.take(self.number("I"))
        if kind not in _DTYPES:
            raise ValueError(
                f"{name} is of a type that is not known: got number {kind}, expected one of "
                f"{sorted(_DTYPES)}. Convert the model to float16."
            )
        return name, np.frombuffer(data, dtype=_DTYPES[kind]).reshape(shape)
