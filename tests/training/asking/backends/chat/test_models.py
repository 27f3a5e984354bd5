"""Loading: thinkers out of whole checkpoints, adapters, saved again, and what is refused."""

import json
import shutil

import pytest
import torch
from chat_asks import ask, film, sound
from safetensors.torch import load_file, save_file

from affecthub.training.asking.backends import transformers_chat, transformers_names
from affecthub.training.asking.backends.transformers_chat import TransformersBackend
from affecthub.training.asking.backends.transformers_models import load_chat_model
from affecthub.training.asking.backends.transformers_names import identity
from affecthub.training.asking.backends.transformers_processors import load_processor


def _asks():
    return [ask("a", sound=sound(1.0), film=film(4)), ask("b", sound=sound(2.0, 1))]


def test_the_thinker_is_taken_out_of_a_whole_checkpoint(tiny, chat):
    """The same weights, and the same answers as the thinker saved by itself."""
    whole = TransformersBackend(tiny("qwen2_5_omni"), max_new_tokens=5)
    assert type(whole.writer.model).__name__ == "Qwen2_5OmniThinkerForConditionalGeneration"
    thinker = chat("qwen2_5_omni_thinker")
    theirs = thinker.writer.model.state_dict()
    for name, weights in whole.writer.model.state_dict().items():
        assert torch.equal(weights, theirs[name]), name
    assert whole.answer(_asks()) == thinker.answer(_asks())
    assert whole.takes == {"audio", "video"}


@pytest.mark.parametrize("kind", ["qwen2_5_omni_thinker", "qwen3_vl"])
def test_saved_and_loaded_again_it_is_the_same(chat, kind, tmp_path):
    backend = chat(kind)
    folder = tmp_path / backend.name.split("@")[0]
    backend.writer.model.save_pretrained(folder)
    backend.reader.processor.save_pretrained(folder)
    again = TransformersBackend(folder, max_new_tokens=5)
    asks = [each for each in _asks() if each.kinds <= backend.takes] or [ask("a", film=film(4))]
    assert again.answer(asks) == backend.answer(asks)
    assert again.name == backend.name
    stated = json.loads((folder / "processor_config.json").read_text())
    wanted = "Qwen3VLVideoProcessor" if kind == "qwen3_vl" else "Qwen2VLVideoProcessor"
    assert stated["video_processor"]["video_processor_type"] == wanted


def test_the_name_says_what_answers_depend_on_and_no_path(tiny, chat):
    backend = chat("qwen2_5_omni_thinker")
    first, _, settings = backend.name.partition(" ")
    assert first.startswith("qwen2_5_omni_thinker@whole:")
    said = json.loads(settings)
    assert said["dtype"] == "float32"
    assert (said["sound"], said["film"], said["long_sound"]) == ("slot", "video", "refuse")
    assert said["max_new_tokens"] == 5
    assert "/" not in backend.name
    others = [
        {"sound": "in_video"},
        {"long_sound": "split"},
        {"max_new_tokens": 6},
        {"frame_pixels": (784 * 4, 784 * 16)},
        {"template": "plain"},
    ]
    names = {chat("qwen2_5_omni_thinker", **each).name for each in others} | {backend.name}
    assert len(names) == len(others) + 1
    assert chat("qwen2_5_omni_thinker", batch_size=7).name == backend.name


def test_the_digest_is_of_the_weights(tiny, tmp_path, monkeypatch):
    folder = shutil.copytree(tiny("llama"), tmp_path / "llama")
    model, _ = load_chat_model(folder)
    first = identity(folder, model)
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"transformers_version": "9"}))
    assert identity(folder, model) == first
    monkeypatch.setattr(transformers_names, "_WHOLE_BYTES", 0)
    monkeypatch.setattr(transformers_names, "_PART_BYTES", 64)
    parts = identity(folder, model)
    assert "@parts:" in parts
    weights = load_file(folder / "model.safetensors")
    weights = {name: each + 1e-3 for name, each in weights.items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert identity(folder, model) != parts
    monkeypatch.undo()
    assert identity(folder, model) != first


def test_adapters_are_laid_on_the_model_they_name(tiny, chat, tmp_path):
    from peft import LoraConfig, get_peft_model

    base, _ = load_chat_model(tiny("qwen2_audio"))
    adapted = get_peft_model(base, LoraConfig(r=2, target_modules=r".*language_model.*q_proj"))
    with torch.no_grad():
        for name, weights in adapted.named_parameters():
            if "lora_B" in name:
                weights.fill_(0.5)
    adapted.save_pretrained(tmp_path / "adapted")
    backend = TransformersBackend(tmp_path / "adapted", max_new_tokens=5)
    plain = chat("qwen2_audio")
    one = ask("a", sound=sound(1.0))
    inputs = plain.reader.inputs(one)
    with torch.inference_mode():
        logits = backend.writer.model(**inputs).logits
        assert torch.allclose(logits, adapted.eval()(**inputs).logits, atol=1e-6)
        assert not torch.allclose(logits, plain.writer.model(**inputs).logits, atol=1e-3)
    assert not backend.answer([one])[0].error
    assert backend.name.startswith("adapted@whole:")
    assert f" on {plain.name.split()[0]} " in backend.name
    shutil.copytree(tiny("qwen2_audio"), tmp_path / "adapted" / "base")
    stated = tmp_path / "adapted" / "adapter_config.json"
    settings = json.loads(stated.read_text())
    stated.write_text(json.dumps(settings | {"base_model_name_or_path": "base"}))
    near = TransformersBackend(tmp_path / "adapted", max_new_tokens=5)
    assert near.answer([one]) == backend.answer([one])
    stated.write_text(json.dumps(json.loads(stated.read_text()) | {"base_model_name_or_path": ""}))
    with pytest.raises(ValueError, match="names no model that the adapters are for"):
        load_chat_model(tmp_path / "adapted")


def test_what_is_no_model_is_refused(tmp_path, tiny):
    with pytest.raises(ValueError, match="no model to be asked at"):
        load_chat_model(tmp_path)
    whisper = tmp_path / "encoder"
    whisper.mkdir()
    (whisper / "config.json").write_text('{"model_type": "hubert"}')
    with pytest.raises(ValueError, match="a model of this kind cannot be asked: got 'hubert'"):
        load_chat_model(whisper)


def test_weights_that_are_pickles_are_refused(tiny, tmp_path):
    folder = shutil.copytree(tiny("llama"), tmp_path / "pickled")
    weights = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    with pytest.raises(ValueError, match="cannot be loaded"):
        load_chat_model(folder)


def test_a_torchvision_of_another_torch_is_told_of(monkeypatch):
    def broken(name):
        raise RuntimeError("operator torchvision::nms does not exist")

    monkeypatch.setattr(transformers_chat, "find_spec", lambda name: object())
    monkeypatch.setattr(transformers_chat, "import_module", broken)
    with pytest.raises(ImportError, match=r"does not fit the torch .*pip uninstall torchvision"):
        TransformersBackend("anything")


def test_without_torchvision_other_models_films_are_told_of(tiny, chat, caplog):
    """Gemma's processors of images are torchvision's, too: sound and text are left."""
    backend = chat("gemma4_unified")
    if backend.reader.processor.video_processor.__class__.__name__ == "NeedsTorchvision":
        assert "is handed films not at all. Install the torchvision" in caplog.text
        assert backend.takes == {"audio"}
        with pytest.raises(ValueError, match="or none without torchvision"):
            chat("gemma4_unified", film="video")


def test_a_hub_models_films_are_read_by_what_its_files_say(tiny, tmp_path):
    """As Qwen2.5-Omni is released: one file of settings for images, films and sound."""
    folder = shutil.copytree(tiny("qwen2_5_omni_thinker"), tmp_path / "released")
    (folder / "processor_config.json").unlink()
    released = {
        "processor_class": "Qwen2_5OmniProcessor",
        "image_processor_type": "Qwen2VLImageProcessor",
        "feature_extractor_type": "WhisperFeatureExtractor",
        "feature_size": 128,
        "chunk_length": 300,
        "n_samples": 4800000,
        **{"patch_size": 14, "temporal_patch_size": 2, "merge_size": 2},
        **{"min_pixels": 3136, "max_pixels": 12845056},
    }
    (folder / "preprocessor_config.json").write_text(json.dumps(released))
    from transformers import AutoConfig

    processor = load_processor(folder, AutoConfig.from_pretrained(folder))
    assert processor.video_processor.size == {"shortest_edge": 3136, "longest_edge": 12845056}
    backend = TransformersBackend(folder, max_new_tokens=3)
    assert not backend.answer([ask("long", sound=sound(31.0), film=film(2))])[0].error
    assert backend.reader.hearing.tokens_per_s == 25
