"""A captioner is pushed with its code; its card sets its scores beside the best constant's."""

import pytest
import torch
from model_folders import records

from affecthub.hub_cards.cards import card_mistakes, empty_sections, split_card
from affecthub.hub_cards.models import model_card, stage_model
from affecthub.hub_cards.models.known import read_known
from affecthub.intended_use import INTENDED_USE, LEGAL_LIMITS

RECIPE = {"kind": "captioner", "corpus": "demo", "caption": "description", "modalities": ["audio"]}
RECIPE |= {"protocol": "speaker_independent", "scratch": {"vocab_size": 30}, "seed": 1}
MADE = {"preset": "emotiontalk", "tokenizer": "ptb"}
CAPTIONS = {
    "captioner": {
        "scores": {"rouge_l": 0.8841, "bleu_4": 0.81},
        "unavailable": {"fense": "no weights."},
        "n": 120,
        "made": MADE,
    },
    "best constant": {"scores": {"rouge_l": 0.7276}, "n": 120, "made": MADE},
}
RECORD = {"n_train": 320, "n_there": 320, "n_parameters": 1234, "captions": CAPTIONS}
CONFIG = {
    "model_type": "captioner",
    "encoder_config": {"model_type": "hubert"},
    "decoder_config": {"model_type": "qwen2"},
    "bridge": "qformer",
    "n_queries": 32,
    "decoder_input": "prefix",
    "freeze_encoder": True,
}


def test_the_card_says_what_hears_and_what_was_scored(tmp_path):
    folder = records(tmp_path / "x", config=CONFIG, recipe=RECIPE, record=RECORD)
    text = model_card(read_known(folder))
    head, body = split_card(text)
    assert empty_sections(text) == [] and card_mistakes(text, "model") == []
    assert body.partition("# ")[2].startswith("Captioner of speech trained on demo\n")
    assert "(hubert), which stays as it was" in body and "32 queries of a Q-Former" in body
    assert "| rouge_l | 0.884 | 0.728 |" in body and "| bleu_4 | 0.810 | - |" in body
    assert (
        "120 clips, preset `emotiontalk`" in body and "fense was not computed: no weights." in body
    )
    assert "It has 1,234 parameters." in body and INTENDED_USE in body and LEGAL_LIMITS in body
    assert "AffectGPT" not in body and head["license"] == "apache-2.0"
    assert head["pipeline_tag"] == "audio-text-to-text"


def test_a_card_of_adapters_names_the_two_models(tmp_path):
    parts = {"encoder": "org/hubert", "decoder": "org/qwen"}
    recipe = {**RECIPE, "corpus": "emotiontalk", "caption": "style", "parts": parts}
    recipe.pop("scratch")
    bases = {"audio": "org/hubert", "text": "org/qwen", "config": {}}
    adapter = {"peft_type": "LORA", "base_model_name_or_path": ""}
    folder = records(tmp_path / "x", config=CONFIG, adapter=adapter, bases=bases, recipe=recipe)
    body = split_card(model_card(read_known(folder), licence="mit"))[1]
    assert "`org/qwen` and `org/hubert`" in body and "Captioner adapters trained on" in body
    assert "the way of speaking" in body and "load_captioner" in body


def test_what_is_staged(tmp_path):
    from captioner_parts import make_config

    from affecthub.modeling.captioner import CaptionerModel

    torch.manual_seed(0)
    folder = tmp_path / "x"
    CaptionerModel(make_config()).save_pretrained(folder)
    records(folder, recipe=RECIPE, record=RECORD)
    (folder / "optimizer.pt").write_bytes(b"\x80\x04")
    (folder / "captions.jsonl").write_text("{}\n")
    with pytest.raises(ValueError, match="got no processing_captioner.py"):
        stage_model(folder, tmp_path / "none", name="org/cap")
    from tokenizers import Tokenizer, models
    from transformers import PreTrainedTokenizerFast

    from affecthub.modeling.captioner import CaptionerProcessor

    words = Tokenizer(models.WordLevel({"<pad>": 0, "<s>": 1, "</s>": 2, "low": 3}, "low"))
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, pad_token="<pad>")
    CaptionerProcessor.from_config(make_config(), tokenizer).save_pretrained(folder)
    staged = stage_model(folder, tmp_path / "out", name="org/cap")
    sent = {path.name for path in staged.folder.rglob("*") if path.is_file()}
    code = {name for name in sent if name.endswith(".py")}
    assert {"modeling_captioner.py", "processing_captioner.py", "modeling_parts.py"} <= code
    assert {"media_sound.py", "media_sources.py", "modeling_sounds.py"} <= code
    assert {"model.safetensors", "processor_config.json", "tokenizer.json", "README.md"} <= sent
    assert not {"optimizer.pt", "captions.jsonl"} & sent
    card = (staged.folder / "README.md").read_text()
    assert 'CaptionerModel.from_pretrained("org/cap")' in card
