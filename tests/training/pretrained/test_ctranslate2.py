"""Model files of CTranslate2, written here byte by byte."""

import struct

import numpy as np
import pytest

from affecthub.training.pretrained.ctranslate2 import read_model


def text(value):
    return struct.pack("<H", len(value) + 1) + value.encode() + b"\0"


def variable(name, array, kind):
    shape = struct.pack(f"<B{array.ndim}I", array.ndim, *array.shape)
    return text(name) + shape + struct.pack("<BI", kind, array.nbytes) + array.tobytes()


ARRAY = np.arange(6, dtype="<f2").reshape(2, 3)
HEADER = struct.pack("<I", 6) + text("SomeSpec") + struct.pack("<I", 3)
ONE = struct.pack("<I", 1)
WHOLE = HEADER + ONE + variable("a/weight", ARRAY, 4) + ONE + text("b/weight") + text("a/weight")


def test_arrays_and_aliases():
    kind, variables = read_model(WHOLE)
    assert kind == "SomeSpec" and list(variables) == ["a/weight", "b/weight"]
    assert variables["a/weight"].dtype == np.float16
    assert variables["a/weight"].tolist() == [[0, 1, 2], [3, 4, 5]]
    assert variables["b/weight"] is variables["a/weight"]


def test_scalars_have_no_shape():
    number = np.array(8, dtype="<i2")
    _, variables = read_model(HEADER + ONE + variable("n", number, 2) + struct.pack("<I", 0))
    assert variables["n"].shape == () and int(variables["n"]) == 8


def test_a_file_that_is_cut_says_so():
    for length in range(len(WHOLE)):
        with pytest.raises(ValueError, match="cut off"):
            read_model(WHOLE[:length])


def test_what_is_not_read():
    with pytest.raises(ValueError, match="got 5, expected 6"):
        read_model(struct.pack("<I", 5) + WHOLE[4:])
    with pytest.raises(ValueError, match="number 5"):
        read_model(HEADER + ONE + variable("a", ARRAY, 5) + struct.pack("<I", 0))
    with pytest.raises(ValueError, match="does not end where it says"):
        read_model(WHOLE + b"more")
