"""What the towers made before goes in where the clip would, and nothing else changes."""

import numpy as np
import pytest
import torch

FACES = np.full((20, 30, 30, 3), 90, np.uint8)
EVERYTHING = ["{fused}", "{audio}", "{face}", "{video}", " {text}", " {question}"]
FACES_ALONE = ["{fused}", "{audio}", "{face}", " {text}", " {question}"]
KINDS = {"videos": "vision_features", "faces": "face_features", "audio": "audio_features"}


@pytest.fixture(scope="module")
def samples(clip, wave) -> list[dict]:
    """No two alike in what they bring."""
    return [
        {"text": "All of it", "videos": clip, "faces": FACES, "audio": wave},
        {"text": None, "videos": None, "faces": FACES, "audio": None},
        {"text": "Hm.", "videos": None, "faces": None, "audio": wave[:16000]},
        {"text": "Words alone", "videos": None, "faces": None, "audio": None},
        {"text": "", "videos": clip[::-1].copy(), "faces": FACES, "audio": wave},
    ]


def cached(processor, model, samples: list[dict], to=lambda z: z.numpy()) -> list[dict]:
    """The samples with what the towers make of their media in the media's place."""
    rows = []
    for sample in samples:
        row = dict(sample)
        for name, features in KINDS.items():
            value = row.pop(name, None)
            row[features] = None
            if value is None:
                continue
            face = {"faces": value} if name == "faces" else {name: value}
            media = processor(**face, text="-")
            encode = model.get_audio_features if name == "audio" else model.get_video_features
            key = {"audio": "input_values", "faces": "face_pixel_values"}.get(name, "pixel_values")
            with torch.no_grad():
                row[features] = to(encode(media[key]).last_hidden_state[0])
        rows.append(row)
    return rows


def columns(samples: list[dict]) -> dict[str, list]:
    lists = {name: [sample[name] for sample in samples] for name in samples[0]}
    return {k: values for k, values in lists.items() if any(v is not None for v in values)}


@pytest.fixture
def pair(make_processor, make_model):
    return make_processor(prompt=EVERYTHING), make_model(prompt=EVERYTHING)


def test_features_make_the_batch_and_the_logits_that_media_make(pair, samples) -> None:
    processor, model = pair
    answers = ["joy"] * len(samples)
    media = processor(**columns(samples), answers=answers)
    batch = processor(**columns(cached(processor, model, samples)), answers=answers)
    for name in ("input_ids", "attention_mask", "labels", "video_mask", "face_mask", "audio_mask"):
        assert torch.equal(batch[name], media[name]), name
    for name, size in (("vision_features", 8), ("face_features", 8), ("audio_features", 1)):
        assert batch[name].shape == (5, size, 64) and batch[name].dtype == torch.float32
        assert name in processor.model_input_names
    assert batch.keys() <= set(processor.model_input_names) | {"labels"}
    with torch.no_grad():
        expected, got = model(**media), model(**batch)
    torch.testing.assert_close(got.logits, expected.logits, atol=1e-5, rtol=0)
    torch.testing.assert_close(got.loss, expected.loss)
    # One by one, and put together by `pad`, they are the same.
    ones = cached(processor, model, samples)
    single = [processor(**{**one, "answers": "joy"}) for one in ones]
    padded = processor.pad([{k: v[0] for k, v in one.items()} for one in single])
    assert padded.keys() == batch.keys()
    assert all(torch.equal(padded[name], batch[name]) for name in batch)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_half_precision_is_exact_but_for_its_rounding(pair, samples, dtype) -> None:
    """Towers in half precision, kept as they come, are what the model would have made."""
    processor, model = pair
    model.model.vision_tower.to(dtype)
    model.model.audio_tower.to(dtype)
    media = processor(**columns(samples))
    kept = cached(processor, model, samples, to=lambda z: z)
    assert kept[0]["vision_features"].dtype == dtype
    batch = processor(**columns(kept))
    assert batch["vision_features"].dtype == batch["audio_features"].dtype == torch.float32
    padded = processor.pad(
        [{"input_ids": [5], "vision_features": kept[0]["vision_features"]}], return_tensors="np"
    )
    assert padded["vision_features"].dtype == np.float32
    with torch.no_grad():
        expected, got = model(**media).logits, model(**batch).logits
    torch.testing.assert_close(got, expected, atol=1e-3, rtol=0)
    assert model.generate(**batch, max_new_tokens=3).tolist() == (
        model.generate(**media, max_new_tokens=3).tolist()
    )


@pytest.mark.parametrize(
    "wording",
    [
        {"prompt": EVERYTHING, "empty_text": "keep"},
        {"prompt": FACES_ALONE},
        {"prompt": ["{fused}", " {text}", " {question}"], "fused_picture": "faces"},
        {"prompt": ["{audio}", " {text}", " {question}"]},
    ],
    ids=["keep", "faces", "fused", "voice"],
)
def test_what_is_shown_and_dropped_is_the_same(make_processor, samples, wording) -> None:
    """Whatever rules say of media they say of features, chance included."""
    processor = make_processor(**wording)
    if "{audio}" == wording["prompt"][0]:
        samples = [{**s, "faces": None, "text": s["text"] or "-"} for s in samples]
    known = {"videos": np.ones((8, 64)), "faces": np.ones((8, 64)), "audio": np.ones((1, 64))}
    kept = [
        {
            "text": sample["text"],
            **{KINDS[k]: None if sample[k] is None else known[k] for k in KINDS},
        }
        for sample in samples
    ]
    for chance in (0.0, 0.5):
        media = processor(**columns(samples), modality_dropout=chance, seed=3)
        batch = processor(**columns(kept), modality_dropout=chance, seed=3)
        assert torch.equal(batch["input_ids"], media["input_ids"])
        masks = {name for name in media if name.endswith("_mask")}
        assert masks == {name for name in batch if name.endswith("_mask")}
        assert all(torch.equal(batch[name], media[name]) for name in masks)


def test_one_modality_may_be_kept_and_another_not(processor, clip, wave) -> None:
    batch = processor(videos=clip, audio_features=torch.ones(1, 64), text="a")
    assert batch["pixel_values"].shape[0] == 1 and "input_values" not in batch
    assert batch["audio_features"].tolist() == torch.ones(1, 1, 64).tolist()
    # A column of nothing is none, also of what the prompt has no place for.
    assert "face_features" not in processor(text=["a", "b"], face_features=[None, None])
    # An array is one sample, a tuple or a list are several; frames as many as are asked for.
    many = processor(vision_features=(np.ones((3, 64), "f2"), None), text=["a", "b"], num_frames=3)
    assert many["video_mask"].tolist() == [True, False]
    talk = [{"role": "user", "content": "What does she feel?"}]
    told = processor.apply_chat_template(talk, vision_features=[np.ones((8, 64), "f4")])
    assert told["vision_features"].shape == (1, 8, 64)


FRAMES = np.ones((8, 64), np.float32)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"videos": "clip", "vision_features": FRAMES},
            "got `videos` and `vision_features`, both for sample 0, expected one kind",
        ),
        (
            {"videos": ["clip", None], "vision_features": [None, FRAMES]},
            r"got `videos` and `vision_features`, samples \[0\] and \[1\]",
        ),
        ({"audio": "wave", "audio_features": np.ones((1, 64))}, "`audio` and `audio_features`"),
        ({"vision_features": np.ones((8, 63))}, r"sample 0 .*got \(8, 63\), expected \(8, 64\)"),
        ({"vision_features": [None, np.ones((7, 64))]}, r"sample 1 .*got \(7, 64\), expected \(8"),
        ({"audio_features": np.ones((2, 64))}, r"got \(2, 64\), expected \(1, 64\)"),
        ({"vision_features": np.ones((2, 8, 64))}, r"got \(2, 8, 64\).*a list of them"),
        ({"vision_features": FRAMES.astype(int)}, "got int64, expected floats"),
        ({"vision_features": torch.ones(8, 64).int()}, "got int32, expected floats"),
        ({"vision_features": FRAMES * np.nan}, "got 512 values that are NaN"),
        ({"vision_features": [[[1.0], [1.0, 2.0]]]}, "are no rectangle"),
    ],
)
def test_what_cannot_stand_for_media_is_refused(processor, clip, wave, given, message) -> None:
    media = {"clip": clip, "wave": wave}

    def find(value):
        if isinstance(value, list):
            return [find(one) for one in value]
        return media[value] if isinstance(value, str) else value

    given = {name: find(value) for name, value in given.items()}
    with pytest.raises(ValueError, match=message):
        processor(**given)


def test_frames_stand_for_no_faces(make_processor) -> None:
    faces = make_processor(prompt=FACES_ALONE)
    with pytest.raises(ValueError, match="faces have no place: .* without a part that names {face"):
        make_processor(prompt=["{video}{question}"])(face_features=FRAMES)
    with pytest.raises(ValueError, match=r"sample 1 has no face: got `vision_features`"):
        faces(vision_features=[FRAMES] * 2, face_features=[FRAMES, None])


def test_samples_of_both_kinds_make_no_batch(processor, clip) -> None:
    seen, kept = processor(videos=clip), processor(vision_features=FRAMES)
    with pytest.raises(ValueError, match="samples mix media and features: got `pixel_values` in"):
        processor.pad([{k: v[0] for k, v in one.items()} for one in (seen, kept)])
    # Where the mask says that there are none, features of nobody are in nobody's way.
    blank = {"input_ids": [5], "vision_features": FRAMES, "video_mask": False}
    assert "vision_features" not in processor.pad([{k: v[0] for k, v in seen.items()}, blank])


def test_widths_belong_to_the_model(make_processor, make_config, tmp_path) -> None:
    processor = make_processor()
    assert (processor.vision_dim, processor.audio_dim) == (64, 64)
    with pytest.raises(ValueError, match="vision_dim 64 and 32"):
        processor.require_fit(make_config(vision_config={"projection_dim": 32}))
    processor.save_pretrained(tmp_path)
    assert type(processor).from_pretrained(tmp_path).vision_dim == 64
    # A folder from before says nothing of widths, and asks nothing of them.
    processor.vision_dim = None
    processor.require_fit(make_config(vision_config={"projection_dim": 32}))
    assert processor(vision_features=np.ones((8, 5)))["vision_features"].shape == (1, 8, 5)
