"""Samples made one by one become the batch that the processor makes of them at once."""

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

FACES = np.full((20, 30, 30, 3), 90, np.uint8)
PROMPT = ["{fused}", "{audio}", "{face}", "{video}", " {text}", " {question}"]


def ones(processor, samples: list[dict], **options) -> list[dict]:
    """Each sample of a batch in a call of its own, without the batch axis."""
    return [
        {
            name: value[0]
            for name, value in processor(
                **{key: [value] for key, value in sample.items()}, **options
            ).items()
        }
        for sample in samples
    ]


def at_once(processor, samples: list[dict], **options):
    keys = {key for sample in samples for key in sample}
    return processor(
        **{key: [sample.get(key) for sample in samples] for key in keys},
        **options,
    )


def same(batch, expected) -> None:
    assert batch.keys() == expected.keys()
    for name, value in expected.items():
        assert batch[name].dtype == value.dtype, name
        assert torch.equal(batch[name], value), name


@pytest.fixture(scope="module")
def seer(make_processor):
    """A processor whose prompt has a place for everything."""
    return make_processor(prompt=PROMPT)


@pytest.fixture(scope="module")
def mixed(clip, wave) -> list[dict]:
    """Every modality somewhere, and no two samples alike."""
    return [
        {"text": "All of it, and said at some length.", "videos": clip, "audio": wave},
        {"videos": clip, "faces": FACES},
        {"audio": wave[:16000], "text": "Hm."},
        {"text": "Words alone"},
        {"videos": clip, "audio": wave, "faces": FACES, "text": "No."},
    ]


def test_asked_one_by_one_is_asked_at_once(seer, mixed) -> None:
    batch = seer.pad(ones(seer, mixed))
    same(batch, at_once(seer, mixed))
    assert batch["video_mask"].tolist() == [True, True, False, False, True]
    assert batch["face_mask"].tolist() == [False, True, False, False, True]
    assert batch["audio_mask"].tolist() == [True, False, True, False, True]
    assert batch["attention_mask"][3, 0] == 0 and batch["attention_mask"][3, -1] == 1


def test_taught_one_by_one_is_taught_at_once(seer, mixed) -> None:
    taught = [{**sample, "answers": "joy" * (i + 1)} for i, sample in enumerate(mixed)]
    batch = seer.pad(ones(seer, taught))
    same(batch, at_once(seer, taught))
    # The end token is taught with each answer, and nothing else is.
    assert (batch["labels"] != -100).sum(1).tolist() == [3 * (i + 1) + 1 for i in range(5)]
    assert batch["attention_mask"][3, 0] == 1 and batch["attention_mask"][3, -1] == 0


def test_found_faces_are_padded_too(seer, mixed) -> None:
    options = {"return_face_found": True}
    same(seer.pad(ones(seer, mixed, **options)), at_once(seer, mixed, **options))


def test_numpy_rows_lists_and_samples_of_a_batch_are_samples(seer, mixed) -> None:
    expected = at_once(seer, mixed, return_tensors="np")
    arrays = ones(seer, mixed, return_tensors="np")
    lists = [{**sample, "input_ids": sample["input_ids"].tolist()} for sample in arrays]
    # Of a batch's rows those that lack a modality hold zeros, and say so in their mask.
    rows = [{name: value[i] for name, value in expected.items()} for i in range(len(mixed))]
    for samples in (arrays, lists, rows):
        batch = seer.pad(samples, return_tensors="np")
        assert batch.keys() == expected.keys()
        for name, value in expected.items():
            np.testing.assert_array_equal(batch[name], value, name)
    # No picture in either: no key for it.
    assert seer.pad(rows[2:4]).keys() == {
        "input_ids",
        "attention_mask",
        "input_values",
        "audio_mask",
    }


def test_what_towers_made_goes_as_media_do(seer) -> None:
    samples = [
        {"input_ids": [5], "vision_features": torch.ones(8, 64)},
        {"input_ids": [5, 6], "audio_features": torch.ones(1, 64)},
    ]
    batch = seer.pad(samples)
    assert batch["vision_features"].sum((1, 2)).tolist() == [512, 0]
    assert batch["video_mask"].tolist() == [True, False]
    assert batch["audio_mask"].tolist() == [False, True]


def test_side_and_width_can_be_said(seer) -> None:
    pad = seer.tokenizer.pad_token_id
    samples = [{"input_ids": torch.tensor([5, 6, 7])}, {"input_ids": torch.tensor([8])}]
    left, right = seer.pad(samples), seer.pad(samples, padding_side="right")
    assert left["input_ids"].tolist() == [[5, 6, 7], [pad, pad, 8]]
    assert left["attention_mask"].tolist() == [[1, 1, 1], [0, 0, 1]]
    assert right["input_ids"].tolist() == [[5, 6, 7], [8, pad, pad]]
    wide = seer.pad(samples, padding="max_length", max_length=4)
    assert wide["input_ids"].tolist() == [[pad, 5, 6, 7], [pad, pad, pad, 8]]
    assert seer.pad(samples, max_length=3)["input_ids"].tolist() == left["input_ids"].tolist()
    taught = [{**sample, "labels": sample["input_ids"]} for sample in samples]
    assert seer.pad(taught)["labels"].tolist() == [[5, 6, 7], [8, -100, -100]]


def test_it_collates_for_a_loader_and_the_model_takes_it(make_model, seer, mixed) -> None:
    taught = ones(seer, [{**sample, "answers": "joy"} for sample in mixed])
    batch = next(iter(DataLoader(taught, batch_size=5, collate_fn=seer.pad)))
    assert make_model(prompt=PROMPT).train()(**batch).loss.isfinite()


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        ([], "batch is empty: got 0 samples"),
        ([{"input_ids": [5], "id": "a"}], "keys that no batch holds: got id, expected some of"),
        ([{"input_ids": [5], "labels": [5]}, {"input_ids": [5]}], "got 1 of 2, expected all or"),
        ([{"input_ids": [5, 6], "labels": [5]}], r"sample 0 has no row of tokens: got shapes .*2,"),
        ([{"input_ids": [[5, 6]]}], r"got shapes .*\(1, 2\).*without the batch axis"),
        ([{"input_ids": [5]}, {"labels": [5]}], "some samples have `labels`"),
        ([{"labels": [5]}], r"sample 0 has no row of tokens: got shapes {'labels': \(1,\)}"),
        (
            [{"input_ids": [5], "pixel_values": np.zeros(n)} for n in (2, 3)],
            r"`pixel_values` of several shapes: got \[\(2,\), \(3,\)\]",
        ),
        (
            [{"input_ids": range(9), "labels": [-100] * 6 + [1] * 3}],
            "sample 0 is too long: got 6 tokens of prompt and 3 of answer, expected 8 at most",
        ),
    ],
)
def test_what_is_no_batch_is_refused(seer, samples, message) -> None:
    with pytest.raises(ValueError, match=message):
        seer.pad(samples, max_length=8)
