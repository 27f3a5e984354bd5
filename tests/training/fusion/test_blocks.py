"""Features as tensors: nothing padded at rest, padding in batches, frames laid along the text."""

import numpy as np
import pytest
import torch

from affecthub.training.fusion.blocks import Steps
from affecthub.training.fusion.framing import aligned, compressed
from affecthub.training.fusion.order import Batches, batches_of
from affecthub.training.fusion.table import table_of


def steps_of(arrays) -> Steps:
    lengths = torch.tensor([0 if each is None else len(each) for each in arrays])
    ends = torch.cat([torch.zeros(1, dtype=torch.long), lengths.cumsum(0)])
    there = torch.tensor([each is not None for each in arrays])
    values = np.concatenate([each for each in arrays if each is not None])
    return Steps(torch.from_numpy(values), ends, there)


def some(lengths, width=3, dtype=np.float32):
    generator = np.random.default_rng(0)
    return [None if n is None else generator.normal(size=(n, width)).astype(dtype) for n in lengths]


def parts(block: Steps) -> list[np.ndarray]:
    ends = block.ends.tolist()
    return [block.values[a:b].numpy() for a, b in zip(ends[:-1], ends[1:], strict=True)]


def test_a_batch_is_padded_to_its_longest_clip_alone():
    arrays = some([2, 5, None, 1])
    block = steps_of(arrays)
    values, mask = block.rows(torch.tensor([3, 0, 2]))
    assert values.shape == (3, 2, 3) and values.dtype == torch.float32
    assert mask.tolist() == [[True, False], [True, True], [False, False]]
    np.testing.assert_array_equal(values[1], arrays[0])
    assert values[0, 1].eq(0).all() and values[2].eq(0).all()


def test_features_stay_as_they_were_cached():
    block = steps_of(some([2, 3], dtype=np.float16))
    assert block.values.dtype == torch.float16
    assert block.n_bytes == 5 * 3 * 2
    assert block.rows(torch.tensor([0]))[0].dtype == torch.float32


def test_the_mean_over_steps_is_each_clips_own():
    arrays = some([2, 5, None])
    means = steps_of(arrays).means()
    np.testing.assert_allclose(means.values[:2], [a.mean(0) for a in arrays[:2]], rtol=1e-6)
    assert means.there.tolist() == [True, True, False]


def test_runs_of_steps_are_averaged():
    arrays = some([7, 2, 6])
    found = parts(compressed(steps_of(arrays), 3))
    for array, got in zip(arrays, found, strict=True):
        want = [array[i : i + 3].mean(0) for i in range(0, len(array), 3)]
        np.testing.assert_allclose(got, want, rtol=1e-5, atol=1e-6)


def mapped(array: np.ndarray, n: int) -> np.ndarray:
    """A plain write-up of what the released code does with one clip."""
    if len(array) < n:
        return np.concatenate([np.zeros((n - len(array), array.shape[1])), array])
    run = -(-len(array) // n)
    padded = np.concatenate([np.zeros((n * run - len(array), array.shape[1])), array])
    return padded.reshape(n, run, -1).mean(1)


@pytest.mark.parametrize("lengths", [[7, 2, 4, 9, 1], [3, 3, 3, 3, 3]])
def test_frames_lie_along_the_text_as_released(lengths):
    arrays, to = some(lengths), [3, 4, 4, 2, 5]
    found = parts(aligned(steps_of(arrays), torch.tensor(to), official=True))
    for array, n, got in zip(arrays, to, found, strict=True):
        np.testing.assert_allclose(got, mapped(array, n), rtol=1e-5, atol=1e-6)


def test_frames_lie_along_the_text_without_zeros():
    arrays = some([7, 2, 6])
    found = parts(aligned(steps_of(arrays), torch.tensor([3, 4, 0]), official=False))
    np.testing.assert_allclose(found[0][0], arrays[0][:3].mean(0), rtol=1e-5)
    assert [len(each) for each in found] == [3, 2, 6]
    np.testing.assert_allclose(found[1], arrays[1], rtol=1e-6)  # shorter than its text: as it is
    # Every step counts once.
    assert np.isclose(sum(len(a) for a in arrays), 15)


def test_every_clip_is_in_one_batch():
    lengths = torch.tensor([5, 1, 4, 1, 5, 4, 2])
    found = batches_of(torch.arange(7), lengths, 2, seed=3, epoch=1)
    assert sorted(torch.cat(found).tolist()) == list(range(7))


def test_clips_of_like_length_meet():
    lengths = torch.randint(1, 21, (600,), generator=torch.Generator().manual_seed(0))

    def padded(by_length):
        found = batches_of(torch.arange(600), lengths if by_length else None, 8, seed=0)
        return sum(int(lengths[index].max()) * len(index) for index in found)

    assert padded(True) < 1.05 * int(lengths.sum()) < padded(False) / 1.5


def test_the_order_follows_from_seed_and_epoch(small):
    def order(seed, epoch):
        batches = Batches(small, "train", 16, seed=seed)
        batches.set_epoch(epoch)
        return torch.cat(batches.indices()).tolist()

    assert order(0, 0) == order(0, 0)
    assert len({tuple(order(*which)) for which in ((0, 0), (0, 1), (1, 0))}) == 3


def test_normalised_by_the_training_clips(small):
    made = small.normalised()
    train = made.blocks["text"].values[made.splits["train"]]
    assert train.mean(0).abs().max() < 1e-5 and (train.std(0, correction=0) - 1).abs().max() < 1e-4


def test_one_modality_three_times_is_kept_once(small):
    thrice = small.tripled("text")
    batch = thrice.batch(torch.arange(4))
    assert batch["audio"] is batch["text"] is batch["vision"]
    assert set(thrice.dims.values()) == {9}


def test_features_that_are_no_numbers_are_refused_by_name():
    values = np.ones((4, 3), np.float32)
    values[2, 1] = np.nan
    with pytest.raises(ValueError, match=r"text features of 1 clips are not finite.*: got .* c2,"):
        table_of({"text": values}, [0, 1, 0, 1], {"train": range(4)}, ids=["c0", "c1", "c2", "c3"])
