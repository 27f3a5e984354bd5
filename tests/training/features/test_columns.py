"""Numbers are kept as they were asked to be, and come back as near as their dtype goes."""

import numpy as np
import pyarrow as pa
import pytest
import torch

from affecthub.training.features.columns import Column, dtype_named
from affecthub.training.features.shards import features_of_rows


@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32"])
def test_numbers_come_back_as_torch_rounds_them(dtype):
    values = np.random.default_rng(0).normal(size=(8, 96)).astype(np.float32)
    column = Column("a", (8, 96), dtype)
    expected = torch.from_numpy(values).to(getattr(torch, dtype)).float().numpy()
    assert np.array_equal(column.decode(column.encode(values)), expected)


def test_ties_go_to_the_even_number_as_in_torch():
    values = (1 + np.arange(64, dtype=np.float32) / 256).reshape(1, -1)
    column = Column("a", (1, 64), "bfloat16")
    expected = torch.from_numpy(values).bfloat16().float().numpy()
    assert np.array_equal(column.decode(column.encode(values)), expected)


@pytest.mark.parametrize("shape", [(3,), (2, 3), (2, 2, 3)])
def test_any_number_of_sizes(shape):
    column = Column("a", shape, "float32")
    rows = [np.random.default_rng(i).random(shape, np.float32) for i in range(3)]
    kind = features_of_rows([], [column]).arrow_schema.field("a").type
    made = column.to_arrow([rows[0], None, rows[2]], kind)
    assert made.to_pylist() == [rows[0].tolist(), None, rows[2].tolist()]


def test_clips_of_unlike_length():
    column = Column("a", (None, 2), "float32")
    rows = [np.ones((3, 2), np.float32), None, np.zeros((0, 2), np.float32)]
    made = column.to_arrow(rows, pa.list_(pa.list_(pa.float32(), 2)))
    assert made.to_pylist() == [[[1, 1]] * 3, None, []]


def test_what_does_not_fit_is_refused():
    column = Column("a", (2, 3), "float16")
    with pytest.raises(ValueError, match=r"`a` has another shape: got \(3, 2\), expected \(2, 3\)"):
        column.encode(np.zeros((3, 2), np.float32))
    with pytest.raises(ValueError, match="`a` are not finite"):
        column.encode(np.full((2, 3), np.nan, np.float32))
    with pytest.raises(
        ValueError, match="unknown dtype of features: got 'fp8', expected one of bf16"
    ):
        dtype_named("fp8")
