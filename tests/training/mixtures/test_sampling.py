"""The order of draws: a function of seed and epoch, in shares, by weight, and in packed batches."""

from collections import Counter

import numpy as np
import pytest
import torch
from accelerate.data_loader import BatchSamplerShard
from torch.utils.data import BatchSampler

from affecthub.training.mixtures.packing import PackedBatches
from affecthub.training.mixtures.sampling import DrawSampler, systematic


def epochs(sampler, numbers):
    drawn = []
    for number in numbers:
        sampler.set_epoch(number)
        drawn.append(list(sampler))
    return drawn


def test_one_corpus_is_shuffled_as_the_trainer_shuffles():
    (drawn,) = epochs(DrawSampler([7], seed=3), [2])
    expected = torch.randperm(7, generator=torch.Generator().manual_seed(3 + 2)).tolist()
    assert [index for index, _ in drawn] == expected
    assert [number for _, number in drawn] == list(range(14, 21))


def test_without_weights_every_clip_of_all_comes_once_an_epoch():
    first, second = epochs(DrawSampler([3, 5], seed=0), [0, 1])
    for drawn in (first, second):
        assert sorted(index for index, _ in drawn) == list(range(8))
    assert [index for index, _ in first] != [index for index, _ in second]


def test_corpora_have_their_shares_and_no_clip_comes_twice_before_all_came_once():
    # 12 draws an epoch, 3 to 1: nine of the four clips, three of the eight.
    drawn = epochs(DrawSampler([4, 8], seed=1, shares=[3.0, 1.0]), range(8))
    for epoch in drawn:
        assert len(epoch) == 12 and sum(index < 4 for index, _ in epoch) == 9
    counts = Counter(index for epoch in drawn for index, _ in epoch)
    # 72 draws of four clips, 24 of eight.
    assert [counts[index] for index in range(12)] == [18] * 4 + [3] * 8


def test_weights_are_followed_up_or_down_to_a_whole_number():
    weights = np.array([0.5, 0.26, 0.24, 0.0])
    for seed in range(20):
        counts = np.bincount(systematic(weights, 10, np.random.default_rng(seed)), minlength=4)
        assert counts[0] == 5 and counts[3] == 0
        assert counts[1] in (2, 3) and counts[2] in (2, 3)
    one, two = epochs(DrawSampler([4], 0, weights=[weights]), [0, 1])
    assert Counter(index for index, _ in one)[3] == 0 and one != two


def test_a_sampler_that_begins_late_goes_on_the_same():
    def made():
        return DrawSampler([4, 8], 5, shares=[1, 1], weights=[np.full(4, 0.25), None])

    assert epochs(made(), [0, 1, 2])[2] == epochs(made(), [2])[0]


def test_processes_share_one_order():
    drawn = epochs(DrawSampler([8], seed=0, weights=[np.arange(8) / 28]), [0])[0]
    shards = [
        list(BatchSamplerShard(BatchSampler(drawn, 2, drop_last=False), 2, rank))
        for rank in range(2)
    ]
    assert [draw for pair in zip(*shards, strict=True) for batch in pair for draw in batch] == drawn


class TestPackedBatches:
    LENGTHS = (5, 3, 9, 2, 7, 4, 6, 1, 8, 3, 5)

    def made(self, n_processes=1, budget=12):
        return PackedBatches(
            DrawSampler([11], 0), lambda draw: self.LENGTHS[draw[0]], budget, n_processes
        )

    def test_rows_are_filled_to_the_budget_and_every_draw_comes_once_in_order(self):
        batches = [batch for epoch in epochs(self.made(), range(6)) for batch in epoch]
        numbers = [number for batch in batches for _, number in batch]
        assert numbers == list(range(len(numbers))) and len(numbers) >= 55
        totals = [sum(self.LENGTHS[index] for index, _ in batch) for batch in batches]
        assert max(totals) <= 12
        # None could have taken the first clip of the next.
        for total, after in zip(totals, batches[1:], strict=False):
            assert total + self.LENGTHS[after[0][0]] > 12

    @pytest.mark.parametrize("n_processes", [1, 2, 3])
    def test_epochs_are_equally_long_and_shared_evenly(self, n_processes):
        lengths = {len(epoch) for epoch in epochs(self.made(n_processes), range(4))}
        assert lengths == {len(self.made(n_processes))}
        assert len(self.made(n_processes)) % n_processes == 0

    def test_one_that_begins_late_goes_on_the_same(self):
        assert epochs(self.made(), [3])[0] == epochs(self.made(), range(4))[3]

    def test_a_clip_longer_than_a_row_is_told_at_once(self):
        with pytest.raises(ValueError, match="is 8: got a clip of 9 tokens.*Set it to 9 or more"):
            self.made(budget=8)
