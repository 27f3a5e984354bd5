"""What a push of a model sends: what loads it and nothing more, or a refusal before any file."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from model_folders import benched, tiny_adapter, tiny_model
from safetensors.torch import load_file, save_file

from affecthub.hub_cards.cards import check_metadata, split_card
from affecthub.hub_cards.models import RESULTS_FILE, stage_model


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    return tiny_model(tmp_path_factory.mktemp("models") / "base")


@pytest.fixture(scope="module")
def adapters(saved):
    return tiny_adapter(saved.parent / "adapter", saved)


@pytest.fixture
def model(saved, tmp_path):
    """A copy to spoil."""
    return Path(shutil.copytree(saved, tmp_path / "model"))


def names(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_nothing_but_what_is_needed_is_sent(model, tmp_path):
    for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth", "training_args.bin", "old.ckpt"):
        (model / name).write_bytes(b"\x80\x04pickled")
    for name in ("trainer_state.json", "predictions.jsonl", "notes.py", "report.html"):
        (model / name).write_text("{}")
    (model / "checkpoint-3").mkdir()
    (model / "checkpoint-3" / "config.json").write_text("{}")
    staged = stage_model(model, tmp_path / "out", name="org/model")
    sent = names(staged.folder)
    assert (
        staged.repo_type == "model"
        and staged.message == "AffectGPT fine-tuned on demo, by affecthub"
    )
    code = {name for name in sent if name.endswith(".py")}
    assert "modeling_affectgpt.py" in code and "notes.py" not in code
    assert code == {path.name for path in model.glob("*.py")} - {"notes.py"}
    assert sent - code == {
        "README.md",
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "processor_config.json",
        "recipe.yaml",
        "scores.json",
        "tokenizer.json",
        "tokenizer_config.json",
        "training.json",
    }
    assert any("left out: checkpoint-3/config.json, notes.py" in note for note in staged.notes)
    card = (staged.folder / "README.md").read_text()
    assert check_metadata(split_card(card)[0], "model") == []
    assert 'from_pretrained("org/model", trust_remote_code=True)' in card


def test_no_path_of_this_machine_is_sent(adapters, tmp_path):
    staged = stage_model(adapters, tmp_path / "out", base="org/base", licence="apache-2.0")
    here = str(adapters.parent)
    for name in names(staged.folder):
        assert here.encode() not in (staged.folder / name).read_bytes(), name
    settings = json.loads((staged.folder / "adapter_config.json").read_text())
    assert settings["base_model_name_or_path"] == "org/base"
    head, body = split_card((staged.folder / "README.md").read_text())
    assert head["base_model"] == "org/base" and head["base_model_relation"] == "adapter"
    assert 'from_pretrained("org/base", trust_remote_code=True)' in body
    assert "model: base\n" in (staged.folder / "recipe.yaml").read_text()
    assert load_file(staged.folder / "adapter_model.safetensors").keys()


def test_merged_adapters_say_what_they_said_on_their_base(adapters, tmp_path):
    from affecthub.training.model import load_model

    staged = stage_model(adapters, tmp_path / "out", merge=True, licence="apache-2.0")
    assert "adapter_config.json" not in names(staged.folder)
    whole, processor = load_model(staged.folder)
    apart, _ = load_model(adapters)
    batch = processor(text="joy", audio=torch.linspace(-1, 1, 16000).numpy())
    with torch.no_grad():
        expected = apart(**batch).logits
        torch.testing.assert_close(whole(**batch).logits, expected)
        with apart.disable_adapter():
            assert not torch.allclose(apart(**batch).logits, expected)
    head, _ = split_card((staged.folder / "README.md").read_text())
    assert head["library_name"] == "transformers"
    assert not list(tmp_path.glob(".out*"))


def test_results_of_the_benchmark_are_beside_the_card(model, tmp_path):
    (tmp_path / "bench.json").write_text(json.dumps(benched()))
    staged = stage_model(model, tmp_path / "out", bench=tmp_path / "bench.json")
    assert "task_id: mer2023" in (staged.folder / RESULTS_FILE).read_text()
    assert not any("no scores" in note for note in staged.notes)


def test_own_card_is_sent_as_it_is(model, tmp_path):
    head = "license: mit\nlibrary_name: transformers\npipeline_tag: any-to-any"
    own = f"---\n{head}\n---\n\n# Mine\n\nText.\n"
    (model / "README.md").write_text(own)
    staged = stage_model(model, tmp_path / "out")
    assert (staged.folder / "README.md").read_text() == own and staged.message.startswith("Mine")
    (model / "README.md").write_text("# Mine\n\n## Limits\n")
    refused(model, tmp_path, "`license`: got nothing.*`library_name`.*'Limits': got nothing below")


def refused(folder, tmp_path, said, error=ValueError, **options):
    with pytest.raises(error, match=said) as told:
        stage_model(folder, tmp_path / "refused", **options)
    assert "\n" not in str(told.value)
    assert not [path for path in tmp_path.iterdir() if "refused" in path.name]


def change_json(path, **fields):
    path.write_text(json.dumps(json.loads(path.read_text()) | fields))


def test_folders_that_are_no_model(model, tmp_path):
    refused(tmp_path / "nowhere", tmp_path, "nothing there", FileNotFoundError)
    refused(model / "config.json", tmp_path, "a file", FileNotFoundError)
    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", tmp_path, "is no model: got no config.json and no adapter_config")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("mine")
    with pytest.raises(ValueError, match="not empty"):
        stage_model(model, tmp_path / "full")
    refused(model, tmp_path, "a whole model, expected adapters", merge=True)


def test_models_that_lack_something(model, tmp_path):
    (model / "tokenizer.json").rename(tmp_path / "t")
    refused(model, tmp_path, "got no a tokenizer|got no tokenizer")
    (tmp_path / "t").rename(model / "tokenizer.json")
    (model / "modeling_towers.py").rename(tmp_path / "m")
    refused(model, tmp_path, "got no modeling_towers.py, expected the code")
    (tmp_path / "m").rename(model / "modeling_towers.py")
    maps = json.loads((model / "config.json").read_text())["auto_map"]
    del maps["AutoModelForMultimodalLM"]
    change_json(model / "config.json", auto_map=maps)
    refused(model, tmp_path, "no `auto_map` entry for AutoModelForMultimodalLM")


def test_weights_that_cannot_be_shown(model, tmp_path):
    path = model / "model.safetensors"
    weights = load_file(path)
    name = next(name for name, value in weights.items() if value.is_floating_point())
    spoiled = weights | {name: weights[name] * float("nan")}
    save_file(spoiled, path, {"format": "pt"})
    refused(model, tmp_path, f"got values of {name} that are not finite")
    path.write_bytes(path.read_bytes()[:1000])
    refused(model, tmp_path, "model.safetensors is broken: got .*, expected safetensors")
    path.unlink()
    (model / "pytorch_model.bin").write_bytes(b"pickled")
    refused(model, tmp_path, "got pytorch_model.bin, expected model.safetensors. Pickled")


def test_shards_are_sent_whole(model, tmp_path):
    path = model / "model.safetensors"
    weights = load_file(path)
    half = len(weights) // 2
    parts = dict(enumerate([list(weights)[:half], list(weights)[half:]], start=1))
    index = {}
    for number, part in parts.items():
        file = f"model-{number:05}-of-00002.safetensors"
        save_file({name: weights[name] for name in part}, model / file, {"format": "pt"})
        index |= dict.fromkeys(part, file)
    path.unlink()
    size = sum(value.nbytes for value in weights.values())
    told = {"metadata": {"total_size": size}, "weight_map": index}
    index_path = model / "model.safetensors.index.json"
    index_path.write_text(json.dumps(told))
    staged = stage_model(model, tmp_path / "out")
    assert {"model-00001-of-00002.safetensors", index_path.name} < names(staged.folder)
    change_json(index_path, metadata={"total_size": 5})
    refused(model, tmp_path, "a total size of 5 bytes")
    moved = index | {next(iter(index)): "model-00002-of-00002.safetensors"}
    change_json(index_path, weight_map=moved, metadata={})
    refused(model, tmp_path, "does not fit the files: got 1 tensors elsewhere")
    (model / "model-00002-of-00002.safetensors").unlink()
    refused(model, tmp_path, "got none of model-00002-of-00002.safetensors")


def test_a_link_out_of_the_folder_is_not_followed(model, tmp_path):
    secret = tmp_path / "secret.json"
    (model / "generation_config.json").rename(secret)
    (model / "generation_config.json").symlink_to(secret)
    refused(model, tmp_path, "got the link generation_config.json, which leads out of the folder")


def test_a_licence_that_does_not_follow_must_be_told(adapters, tmp_path):
    refused(adapters, tmp_path, "got the folder base as their base, .*--base OWNER/NAME")
    refused(adapters, tmp_path, "`base`: got '/x/y'", base="/x/y")
    refused(adapters, tmp_path, "`license`: got nothing.*--licence", base="org/base")
    refused(adapters, tmp_path, "`license`: got 'free'", base="org/base", licence="free")


def test_a_full_disk_is_told_before_it_is_filled(model, tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10))
    refused(model, tmp_path, "no room for the folder to push: got 0.0 GB free", OSError)
