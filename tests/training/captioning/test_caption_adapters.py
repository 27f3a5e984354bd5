"""Adapters on a decoder: trained, saved beside the names of two models, loaded onto them."""

import json

import pytest
import torch
from captioner_parts import DECODERS, ENCODERS, make_config
from transformers import AutoConfig, AutoModelForCausalLM, HubertModel

from affecthub.modeling.captioner.processing_inputs import usual_extractor
from affecthub.training.captioning.clips import usable_clips
from affecthub.training.captioning.model import load_captioner
from affecthub.training.captioning.recipe import load_caption_recipe
from affecthub.training.captioning.run import train_captioner
from affecthub.training.captioning.scoring import write_captions
from affecthub.training.model import train_tokenizer


def saved_parts(root, texts):
    """A tiny HuBERT and a tiny Qwen2 as the Hub would hold them."""
    torch.manual_seed(0)
    ears, mouth = dict(ENCODERS["hubert"]), dict(DECODERS["qwen2"])
    waves = AutoConfig.for_model(ears.pop("model_type"), **ears)
    HubertModel(waves).save_pretrained(root / "ears")
    usual_extractor(make_config()).save_pretrained(root / "ears")
    tokenizer = train_tokenizer(texts, 40)
    ids = {"pad_token_id": 0, "eos_token_id": 2, "bos_token_id": None}
    words = AutoConfig.for_model(mouth.pop("model_type"), **mouth | ids)
    AutoModelForCausalLM.from_config(words).save_pretrained(root / "mouth")
    tokenizer.save_pretrained(root / "mouth")
    return {"encoder": str(root / "ears"), "decoder": str(root / "mouth")}


def test_adapters_are_trained_saved_and_loaded(few_voices, tmp_path):
    parts = saved_parts(tmp_path, few_voices["train"]["description"])
    trainer = {"max_steps": 2, "per_device_train_batch_size": 4, "eval_strategy": "no"}
    trainer |= {"save_strategy": "no", "learning_rate": 0.05, "warmup_steps": 0}
    recipe = load_caption_recipe(
        "emotiontalk_captions_qwen2",
        corpus="demo",
        caption="description",
        dtype="float32",
        parts=parts | {"config": {"bridge": "linear", "n_queries": 32, "frames_per_token": 40}},
        trainer=trainer | {"bf16": False, "num_train_epochs": 1},
        max_new_tokens=4,
        num_beams=1,
    )
    folder = tmp_path / "run"
    result = train_captioner(
        recipe, data_dir="-", output_dir=folder, corpus=few_voices, progress=False
    )
    told = json.loads((folder / "bases.json").read_text())
    assert told["audio"] == parts["encoder"] and told["config"]["frames_per_token"] == 40
    assert (folder / "adapter_model.safetensors").is_file()
    assert not (folder / "model.safetensors").exists()
    model, processor = load_captioner(folder)
    clips = usable_clips(few_voices["test"].select(range(3)), recipe, "test")
    before = write_captions(result.model, result.processor, clips, recipe, progress=False)
    assert write_captions(model, processor, clips, recipe, progress=False) == before
    batch = processor(audio=torch.randn(4000), text="The voice")
    torch.testing.assert_close(model(**batch).loss, result.model(**batch).loss)
    with pytest.raises(FileNotFoundError, match="model folder not found"):
        load_captioner(tmp_path / "nowhere")
