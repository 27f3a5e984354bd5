"""What the towers made is what the model would make of the media: key, logits, loss."""

import copy
import json
import shutil
from dataclasses import replace
from pathlib import Path

import datasets
import numpy as np
import pytest
import torch
import yaml
from official_bases import (
    SMALL,
    bases,  # noqa: F401 - a fixture
    parts_of,
)
from official_checkpoints import (
    official_settings,
    official_shapes,
    random_weights,
    write_checkpoint,
)

from affecthub.datasets_scripts import load_dataset
from affecthub.datasets_scripts.reading.faces import FACE
from affecthub.modeling.affectgpt.convert_affectgpt import convert_checkpoint
from affecthub.training.examples import Examples, UnusableClipError, usable
from affecthub.training.features import FeatureCache, fill, fill_corpus
from affecthub.training.features.loading import load_towers
from affecthub.training.features.towers import TowerMaker, tower_key, towers_of
from affecthub.training.model import add_lora, from_scratch, load_model
from affecthub.training.recipe import LoraRecipe, Recipe, load_recipe

RECIPE = Recipe(corpus="demo", model="m", answer=("emotion",), question="labels")


@pytest.fixture(scope="module")
def clips(few_clips):
    return load_dataset("demo", data_dir=few_clips, split="train")


def logits(loaded, rows, recipe=RECIPE, features=None) -> torch.Tensor:
    model, processor = loaded
    examples = Examples(rows, processor, recipe, with_answer=True, features=features)
    with torch.no_grad():
        return model(**processor.pad([examples[i] for i in range(len(rows))])).logits


def test_logits_are_those_of_the_media(loaded, clips, full):
    cache = FeatureCache.open(full)
    cache.require_fit(*loaded)
    assert cache.features(clips[0])["vision_features"].shape == (8, 64)
    assert cache.features(clips[0])["audio_features"].shape == (2, 64)
    expected, got = logits(loaded, clips), logits(loaded, clips, features=cache)
    torch.testing.assert_close(got, expected, rtol=0, atol=1e-5)
    alone = replace(RECIPE, modalities=("audio", "text"))
    expected, got = (logits(loaded, clips, alone, each) for each in (None, cache))
    torch.testing.assert_close(got, expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(("dtype", "near"), [("fp16", 1e-3), ("bf16", 1e-2)])
def test_half_precision_is_near(loaded, clips, full, saved, tmp_path, few_clips, dtype, near):
    fill_corpus("demo", saved, few_clips, tmp_path / "c", dtype=dtype, progress=False)
    cache, exact = FeatureCache.open(tmp_path / "c"), FeatureCache.open(full)
    for row in clips:
        for name, kept in cache.features(row).items():
            whole = torch.from_numpy(exact.features(row)[name])
            rounded = whole.to({"fp16": torch.float16, "bf16": torch.bfloat16}[dtype]).float()
            np.testing.assert_array_equal(kept, rounded)
    expected, got = logits(loaded, clips), logits(loaded, clips, features=cache)
    assert (got - expected).abs().max() < near * expected.std()


def test_modalities_are_left_out_alike(loaded, clips, full):
    recipe = replace(RECIPE, modality_dropout=0.5)
    keys = []
    for cache in (None, FeatureCache.open(full)):
        examples = Examples(
            clips, loaded[1], recipe, with_answer=True, training=True, features=cache
        )
        torch.manual_seed(0)
        drawn = [examples[i % len(clips)] for i in range(12)]
        keys.append([(len(each["input_ids"]), "audio_mask" in each) for each in drawn])
    assert keys[0] == keys[1] and len({*keys[0]}) > 2


def test_clips_whose_media_are_elsewhere_are_trained_on(loaded, clips, full):
    cache = FeatureCache.open(full)
    bare = clips.map(lambda row: {"audio": None, "video": None}, features=clips.features)
    assert len(usable(bare, replace(RECIPE, modalities=("audio", "video")), cache)) == len(clips)
    torch.testing.assert_close(
        logits(loaded, bare, features=cache), logits(loaded, clips), rtol=0, atol=1e-5
    )


def test_a_broken_clip_is_left_out_and_named(loaded, few_clips, tmp_path):
    model, processor = loaded
    root = shutil.copytree(few_clips, tmp_path / "corpus")
    rows = load_dataset("demo", data_dir=root, split="train", cache_dir=tmp_path / "hf")
    Path(rows[1]["video"]["path"]).write_bytes(b"no film")
    maker = TowerMaker(towers_of(model), processor, ("audio", "video"), "float32")
    summary = fill(maker, rows, tmp_path / "c", corpus="demo", progress=False)
    assert list(summary.broken) == [rows[1]["id"]]
    cache = FeatureCache.open(tmp_path / "c")
    cache.require_clips(rows, RECIPE.modalities, "demo")
    assert usable(rows, RECIPE, cache)["id"] == [i for i in rows["id"] if i != rows[1]["id"]]
    examples = Examples(rows, processor, RECIPE, with_answer=False, features=cache)
    with pytest.raises(UnusableClipError, match=f"clip '{rows[1]['id']}': .*mp4"):
        examples[1]


def changed(processor, **fields):
    other = copy.copy(processor)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"n_frames": 4}, "vision_features.n_frames is 8 in the cache and 4 here"),
        ({"n_audio_clips": 1}, r"audio_features.shape is \[2, 64\] in the cache and \[1, 64\]"),
        ({"audio_clip_samples": 16000}, "audio_features.clip_samples is 32000 in"),
        ({"audio_norm": "clip"}, "audio_features.norm is 'joint' in the cache and 'clip' here"),
        ({"audio_spacing": "before_end"}, "audio_features.spacing is 'to_end' in"),
        ({"prompt": ["{face}", "{question}"]}, "face_features.shape is None in the cache"),
    ],
)
def test_another_processor_is_refused(loaded, full, fields, told):
    model, processor = loaded
    with pytest.raises(ValueError, match=f"is the feature cache of another model: .*{told}"):
        FeatureCache.open(full).require_fit(model, changed(processor, **fields))


def test_another_model_is_refused(loaded, full, saved):
    cache, (_, processor) = FeatureCache.open(full), loaded
    other, _ = load_model(saved)
    other.model.config.audio_layers = 1
    with pytest.raises(ValueError, match="audio_features.layers is 2 in the cache and 1 here"):
        cache.require_fit(other, processor)
    other, _ = load_model(saved)
    with torch.no_grad():
        next(other.model.vision_tower.parameters()).flatten()[0] += 1e-3
    with pytest.raises(ValueError, match=r"vision_features.weights is '\w+' in the cache and '"):
        cache.require_fit(other, processor)
    with pytest.raises(ValueError, match="weights_dtype is 'float32' in the cache and 'bfloat16'"):
        cache.require_fit(load_model(saved, dtype=torch.bfloat16)[0], processor)


def test_what_does_not_touch_the_towers_may_differ(loaded, full, saved, tmp_path):
    cache, (_, processor) = FeatureCache.open(full), loaded
    other, _ = load_model(saved)
    with torch.no_grad():
        for name, weight in other.named_parameters():
            if "tower" not in name:
                weight += 1
    cache.require_fit(add_lora(other, LoraRecipe(r=2)), processor)


def test_towers_are_loaded_without_the_language_model(saved, loaded, tmp_path):
    model, processor = loaded
    expected = tower_key(model, processor)
    towers, again, source = load_towers(saved)
    assert tower_key(towers, again) == expected
    assert source == {"model": "tiny", "revision": None}
    adapted = add_lora(load_model(saved)[0], LoraRecipe(r=2))
    adapted.save_pretrained(tmp_path / "adapters")
    processor.save_pretrained(tmp_path / "adapters")
    config = tmp_path / "adapters" / "adapter_config.json"
    config.write_text(
        json.dumps(json.loads(config.read_text()) | {"base_model_name_or_path": str(saved)})
    )
    towers, again, _ = load_towers(tmp_path / "adapters")
    assert tower_key(towers, again) == expected


def test_towers_of_converted_adapters(bases, tmp_path):  # noqa: F811 - the fixture
    prompt = {"prompt": parts_of("multiface_audio_face_text"), "questions": {"feeling": "How?"}}
    (tmp_path / "prompt.yaml").write_text(yaml.safe_dump(prompt))
    weights = random_weights(official_shapes(SMALL))
    path = write_checkpoint(tmp_path / "a.pth", weights, official_settings())
    convert_checkpoint([path], tmp_path / "adapter", prompt_file=tmp_path / "prompt.yaml", **bases)
    model, processor = load_model(tmp_path / "adapter")
    towers, again, source = load_towers(tmp_path / "adapter")
    key = tower_key(towers, again)
    assert key == tower_key(model, processor)
    assert set(key) == {"face_features", "audio_features"}
    assert (source["vision"], source["audio"]) == ("vision", "audio")


FEATURES = datasets.Features(
    {
        "id": datasets.Value("string"),
        "text": datasets.Value("string"),
        "video": {"bytes": datasets.Value("binary"), "path": datasets.Value("string")},
        "face": FACE,
        "emotion": datasets.ClassLabel(names=["anger", "joy"]),
        "media_issue": datasets.Value("string"),
    }
)


def test_faces_of_a_corpus(tmp_path):
    scratch = load_recipe("demo").scratch
    scratch.vocab_size = 200
    scratch.config |= {
        "prompt": ["{face}", " {text}", " {question}"],
        "face_channel_order": "bgr",
        "fusion": "none",
    }
    model, processor = from_scratch(scratch, ["hello you"] * 5, freeze_towers=False)
    model.eval()
    clips = []
    for name in ("a", "b"):
        rng = np.random.default_rng(ord(name))
        np.save(tmp_path / f"{name}.npy", rng.integers(0, 255, (6, 30, 30, 3), dtype=np.uint8))
        clips.append({"id": name, "text": "hello", "emotion": 1})
        clips[-1]["face"] = {"bytes": None, "path": str(tmp_path / f"{name}.npy")}
    clips.append({"id": "c", "text": "you", "emotion": 0})
    blank = dict.fromkeys(FEATURES)
    rows = datasets.Dataset.from_list([blank | clip for clip in clips], features=FEATURES)
    maker = TowerMaker(towers_of(model), processor, ("face",), "float32")
    summary = fill(maker, rows, tmp_path / "c", corpus="faces", progress=False)
    assert summary.lacking == {"face_features": 1}
    cache = FeatureCache.open(tmp_path / "c")
    assert cache.key["face_features"]["channel_order"] == "bgr"
    recipe = replace(RECIPE, corpus="faces", modalities=("face", "text"))
    expected, got = (logits((model, processor), rows, recipe, each) for each in (None, cache))
    torch.testing.assert_close(got, expected, rtol=0, atol=1e-5)
    # From films the processor would cut faces out by itself: these are not those.
    from_films = replace(recipe, modalities=("video", "text"))
    with pytest.raises(ValueError, match="were made of face: expected video, as `modalities` say"):
        logits((model, processor), rows, from_films, cache)


def test_towers_that_are_trained_have_no_features():
    with pytest.raises(ValueError, match="`features` stand for towers that never change: got 'c'"):
        Recipe(corpus="demo", model="m", features="c", freeze_towers=False)
