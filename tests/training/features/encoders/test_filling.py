"""An encoder fills a cache from a corpus; the cache says what made it, and refuses another."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from shell import affecthub, refused

from affecthub.datasets_scripts import load_dataset
from affecthub.training.features.encoders.corpus import fill_encoder
from affecthub.training.features.encoders.rules import Wanted
from affecthub.training.features.found import find_caches, level_of, modality_of


@pytest.fixture(scope="module")
def rows(few_clips):
    """The clips of the demo corpus by their ids."""
    parts = load_dataset("demo", data_dir=few_clips)
    return {row["id"]: row for part in parts.values() for row in part}


@pytest.fixture(scope="module")
def fill(few_clips, encoder_folder):
    """Fill a cache of the demo corpus in a folder."""

    def fill(name, folder, root=few_clips, **options):
        wanted = {key: options.pop(key) for key in list(options) if key in Wanted.__annotations__}
        options = {"dtype": "fp32", "n_workers": 0, "progress": False} | options
        summary = fill_encoder(
            "demo", encoder_folder(name), root, folder, wanted=Wanted(**wanted), **options
        )
        return summary, find_caches(folder)[folder.name]

    return fill


@pytest.fixture
def filled(fill, tmp_path):
    """The same in a folder of the test's own."""
    return lambda name, **options: fill(name, tmp_path / "c", **options)


@pytest.fixture(scope="module")
def cache_of_hubert(fill, tmp_path_factory):
    """A cache that others are to be refused for; nothing in it changes."""
    folder = tmp_path_factory.mktemp("hubert") / "c"
    fill("hubert", folder)
    return folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "medium", "width"),
    [("hubert-large", "audio", 16), ("bert", "text", 16), ("clip", "video", 12)],
)
@pytest.mark.parametrize("level", ["utterance", "frame"])
def test_every_clip_has_what_the_encoder_says_of_it_alone(
    filled, built, rows, name, medium, width, level
):
    more = {"frames": 3} if medium == "video" else {}
    summary, cache = filled(name, level=level, batch_size=5, **more)
    assert (summary.n_clips, summary.broken) == (len(rows), {})
    modality = {"video": "vision"}.get(medium, medium)
    assert (modality_of(cache), level_of(cache)) == (modality, level)
    encoder = built(name, medium, **more)
    for clip in list(rows)[::5]:
        (steps,) = encoder.steps([encoder.reader(rows[clip])])
        found = torch.from_numpy(cache.features(clip)[f"{modality}_features"])
        expected = steps.mean(dim=0) if level == "utterance" else steps
        assert found.shape[-1] == width
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-4)
    about = cache.about
    assert (about["maker"], about["encoder"]) == ("encoder", name)
    assert (about["level"], about["style"], about["modality"]) == (level, "clean", modality)


@pytest.mark.slow
def test_workers_read_and_pooling_is_chosen(filled, built, rows):
    _, cache = filled("hubert", pooling="mean_std", n_workers=2)
    clip = next(iter(rows))
    encoder = built("hubert", "audio")
    (steps,) = encoder.steps([encoder.reader(rows[clip])])
    expected = np.concatenate([steps.mean(dim=0), steps.std(dim=0, correction=0)])
    np.testing.assert_allclose(cache.features(clip)["audio_features"], expected, atol=1e-5)


@pytest.mark.slow
def test_a_clip_that_cannot_be_read_is_named_and_read_later(filled, few_clips, tmp_path, rows):
    root = shutil.copytree(few_clips, tmp_path / "corpus")
    sounds = sorted(root.rglob("*.wav"))
    whole = sounds[0].read_bytes()
    sounds[0].write_bytes(whole[:44] + bytes(200))
    summary, cache = filled("hubert", root=root)
    ((clip, reason),) = summary.broken.items()
    assert reason.startswith(f"clip {clip!r}: the sound is too short")
    assert cache.features(clip) is None and cache.reason(clip) == reason
    sounds[0].write_bytes(whole)
    summary, cache = filled("hubert", root=root, retry=True)
    assert summary.broken == {} and len(cache) == len(rows)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"style": "merbench"}, "style is 'clean' in the cache and 'merbench' here"),
        ({"level": "frame"}, "level is 'utterance'"),
        ({"pooling": "max"}, "pooling is 'mean'"),
        ({"layers": "last"}, "layers is 'mean:4'"),
        ({"dtype": "fp16"}, "dtype is 'float32'"),
        ({"compute": "bf16"}, "weights_dtype is 'float32'"),
    ],
)
def test_another_rule_is_another_cache(fill, cache_of_hubert, change, named):
    with pytest.raises(ValueError, match=f"is another feature cache: .*{named}"):
        fill("hubert", cache_of_hubert, **change)


def test_another_encoder_another_normalisation_another_library_are_other_caches(
    fill, cache_of_hubert, encoder_folder, few_clips, tmp_path, monkeypatch
):
    fill("hubert", cache_of_hubert)  # the same goes on
    with pytest.raises(ValueError, match=r"audio_features.encoder is 'HubertModel' .*weights is"):
        fill("wavlm-large", cache_of_hubert)
    copy = shutil.copytree(encoder_folder("hubert"), tmp_path / "copy")
    settings = json.loads((copy / "preprocessor_config.json").read_text())
    (copy / "preprocessor_config.json").write_text(json.dumps(settings | {"do_normalize": True}))
    options = {"dtype": "fp32", "n_workers": 0, "progress": False}
    with pytest.raises(ValueError, match="do_normalize is False in the cache and True here"):
        fill_encoder("demo", copy, few_clips, cache_of_hubert, **options)
    from affecthub.training.features.encoders import maker

    monkeypatch.setattr(maker.transformers, "__version__", "6.0.0")
    with pytest.raises(ValueError, match="library is 'transformers 5' in the cache"):
        fill("hubert", cache_of_hubert)


def test_an_encoder_with_files_missing_says_which(encoder_folder, tmp_path, few_clips):
    options = {"n_workers": 0, "progress": False}

    def refuse(name, gone, message, **more):
        copy = shutil.copytree(encoder_folder(name), tmp_path / f"{name} without {gone}")
        (copy / gone).unlink()
        with pytest.raises((ValueError, ImportError), match=message):
            fill_encoder("demo", copy, few_clips, tmp_path / "c", **options, **more)

    refuse("hubert", "preprocessor_config.json", "cannot be loaded from .*Give the folder with all")
    refuse("hubert", "model.safetensors", "cannot be loaded from .*Give the folder with all")
    refuse("clip", "preprocessor_config.json", "cannot be loaded from")
    refuse("hubert", "config.json", "(cannot be loaded from|got no config.json)")


def test_a_weight_that_is_missing_is_not_made_up(encoder_folder, few_clips, tmp_path):
    from safetensors.torch import load_file, save_file

    copy = shutil.copytree(encoder_folder("bert"), tmp_path / "bert")
    weights = load_file(copy / "model.safetensors")
    gone = "encoder.layer.3.output.dense.bias"
    save_file({k: v for k, v in weights.items() if k != gone}, copy / "model.safetensors")
    with pytest.raises(ValueError, match=f"does not hold the whole tower: got no {gone}"):
        fill_encoder("demo", copy, few_clips, tmp_path / "c", n_workers=0, progress=False)


@pytest.mark.slow
def test_the_command(few_clips, encoder_folder, tmp_path):
    given = ["--data-dir", few_clips, "--dtype", "fp32", "--workers", "0"]
    out = tmp_path / "features" / "words"
    line = ["features", "demo", "--encoder", encoder_folder("bert"), *given]
    done = affecthub(*line, "--style", "merbench", "--level", "frame", "--out", out)
    assert "12 clips in " in done.stdout
    said = json.loads(affecthub(*line, "--out", tmp_path / "other", "--json").stdout)
    assert (said["n_clips"], said["broken"]) == (12, {})
    (cache,) = find_caches(out).values()
    assert (level_of(cache), cache.about["style"]) == ("frame", "merbench")
    assert "audio" in refused(*line, "--modality", "audio", "--out", tmp_path / "no")
    line[1] = "dmo"
    assert "Did you mean 'demo'?" in refused(*line, "--out", tmp_path / "no")


def test_mistakes_on_the_command_line(few_clips, tmp_path):
    line = ["features", "demo", "--data-dir", few_clips, "--out", tmp_path / "c"]
    assert "got neither, expected one" in refused(*line)
    assert "got both, expected one" in refused(*line, "--model", "m", "--encoder", "bert-base")
    message = refused(*line, "--encoder", "hubert-bse")
    assert "unknown encoder: got 'hubert-bse'" in message and "'chinese-hubert-base'" in message
    assert "encoder not found: ./none" in refused(*line, "--encoder", "./none")
    assert "`--style` is of encoders" in refused(*line, "--model", "m", "--style", "merbench")
    for wrong, told in {
        "--style": "unknown style of features: got 'x', expected one of clean, merbench",
        "--level": "unknown level of features: got 'x', expected one of frame, utterance",
        "--pooling": "unknown pooling: got 'x', expected one of first, last, max, mean, mean_std",
        "--layers": "`layers`: got 'x', expected `last`",
    }.items():
        assert told in refused(*line, "--encoder", "whisper-base", wrong, "x")
    message = refused(*line, "--encoder", "hubert-large")
    assert "`hf download TencentGameMate/chinese-hubert-large`" in message


def test_the_list_of_encoders():
    done = affecthub("features", "list", "--json")
    rows = json.loads(done.stdout)
    assert len(rows) == len({row["name"] for row in rows}) == 26
    counts = [sum(row["modality"] == each for row in rows) for each in ("audio", "text", "vision")]
    assert counts == [8, 10, 8]
    assert "Vicuna-7B" in affecthub("features", "list").stdout


def test_import_on_the_command_line(few_clips, tmp_path, rows):
    folder = tmp_path / "features" / "chinese-hubert-large-UTT"
    folder.mkdir(parents=True)
    for clip in list(rows)[1:]:
        np.save(folder / f"{clip}.npy", np.ones(4, np.float32))
    np.save(folder / "stranger.npy", np.ones(4, np.float32))
    line = ["features", "import", folder.parent, "--corpus", "demo", "--data-dir", few_clips]
    done = affecthub(*line, "--out", tmp_path / "caches")
    assert "chinese-hubert-large: audio, utterance, width 4; 11 clips in" in done.stdout
    assert f"1 clips of demo have no features and null in their place: {next(iter(rows))}" in (
        done.stdout
    )
    assert "1 clips with features are not in demo and are left out: stranger" in done.stdout
    (one,) = json.loads(affecthub(*line, "--out", tmp_path / "caches", "--json").stdout)
    assert (one["modality"], one["width"], one["strange"]) == ("audio", 4, ["stranger"])
    assert "features not found" in refused(
        "features", "import", tmp_path / "no", *line[3:], "--out", "x"
    )
    assert Path(one["summary"]["folder"]).is_dir()
