"""The order of clips: by seed and epoch alone, each once; what fills it up weighs nothing."""

import torch
from torch.utils.data import BatchSampler

from affecthub.training.evaluation.readable import Fetched
from affecthub.training.order import EvenOrder, Filled, by_length, n_answered, shuffled


def test_every_clip_once_and_the_rest_beyond_them():
    order = EvenOrder(shuffled(14, seed=3), 14, multiple=8, beyond=14)
    drawn = list(order)
    assert len(drawn) == len(order) == 16
    clips, numbers = zip(*drawn, strict=True)
    assert sorted(clips[:14]) == list(range(14)) and numbers == tuple(range(16))
    assert clips[14:] == (14 + clips[0], 14 + clips[1])
    # Two processes with batches of four have the clips of one with batches of eight.
    fours = list(BatchSampler(drawn, 4, drop_last=False))
    assert [i for batch in fours[:2] for i in batch] == drawn[:8]
    order.set_epoch(1)
    clips, numbers = zip(*order, strict=True)
    assert sorted(clips[:14]) == list(range(14)) and numbers == tuple(range(14, 30))
    assert clips != tuple(clip for clip, _ in drawn)
    order.set_epoch(0)
    assert list(order) == drawn


def test_more_processes_than_clips():
    order = EvenOrder(lambda epoch: range(2), 2, multiple=5, beyond=2)
    assert [clip for clip, _ in order] == [0, 1, 2, 3, 2]
    assert list(EvenOrder(lambda epoch: [], 0, multiple=5, beyond=0)) == []


def test_clips_beyond_the_last_have_no_answer():
    examples = [{"input_ids": torch.tensor([1, 2]), "labels": torch.tensor([-100, 2])}]
    filled = Filled(examples)
    assert len(filled) == 1 and filled[0] is examples[0]
    assert filled[1]["labels"].tolist() == [-100, -100] and examples[0]["labels"][1] == 2
    assert filled[1]["input_ids"].tolist() == [1, 2]
    fetched = Filled([Fetched("a", examples[0])])[1]
    assert fetched.clip_id == "a" and fetched.tensors["labels"].tolist() == [-100, -100]


def test_clips_of_like_length_share_a_step():
    lengths = [5, 1, 9, 1, 5, 9]
    drawn = list(by_length(lengths, 2, seed=0)(0))
    assert sorted(drawn) == list(range(6))
    assert list(by_length(lengths, 2, seed=0)(0)) == drawn


def test_clips_with_an_answer_are_counted_in_rows_and_in_packed_rows():
    labels = torch.tensor([[-100, 7, 8], [-100, -100, -100], [9, -100, -100]])
    # The first label is never predicted.
    assert int(n_answered({"labels": labels, "attention_mask": labels})) == 1
    packed = {
        "labels": torch.tensor([[-100, 7, 8, -100, 5, -100, -100]]),
        "position_ids": torch.tensor([[0, 1, 2, 0, 1, 0, 1]]),
    }
    assert int(n_answered(packed)) == 2
