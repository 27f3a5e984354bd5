"""A captioner from saved models: nothing is left at random in silence."""

import pytest
import torch
from captioner_parts import DECODERS, ENCODERS, make_config
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    HubertForCTC,
    WhisperForConditionalGeneration,
)

from affecthub.modeling.captioner import CaptionerModel, CaptionerProcessor


def config_of(table, name, **changes):
    fields = {**table[name], **changes}
    return AutoConfig.for_model(fields.pop("model_type"), **fields)


@pytest.fixture(scope="module")
def saved(tmp_path_factory, tokenizer):
    """Folders of tiny pretrained models, by name."""
    from affecthub.modeling.captioner.processing_captioner import usual_extractor

    root = tmp_path_factory.mktemp("parts")
    torch.manual_seed(3)
    HubertForCTC(config_of(ENCODERS, "hubert")).save_pretrained(root / "hubert")
    whisper = config_of(ENCODERS, "whisper", decoder_layers=1, decoder_attention_heads=2)
    WhisperForConditionalGeneration(whisper).save_pretrained(root / "whisper")
    for name in ("hubert", "whisper"):
        usual_extractor(make_config(name)).save_pretrained(root / name)
    for name, kind in (
        ("bart", AutoModelForSeq2SeqLM),
        ("t5", AutoModelForSeq2SeqLM),
        ("gpt2", AutoModelForCausalLM),
        ("qwen2", AutoModelForCausalLM),
    ):
        kind.from_config(config_of(DECODERS, name)).save_pretrained(root / name)
        tokenizer.save_pretrained(root / name)
    return root


def test_barts_shared_embeddings_reach_its_decoder(saved):
    model = CaptionerModel.from_parts(saved / "hubert", saved / "bart")
    whole = AutoModelForSeq2SeqLM.from_pretrained(saved / "bart")
    shared = whole.model.shared.weight
    assert torch.equal(model.decoder.get_input_embeddings().weight, shared)
    assert torch.equal(model.decoder.lm_head.weight, shared)
    for name, each in whole.model.decoder.state_dict().items():
        assert torch.equal(model.decoder.model.decoder.state_dict()[name], each), name
    assert model.config.decoder_input == "cross_attention"
    assert model.config.decoder_config.add_cross_attention
    assert model.config.decoder_start_token_id == 1 and model.config.eos_token_id == 2


def test_gpt2_learns_to_listen_and_forgets_nothing(saved):
    model = CaptionerModel.from_parts(
        saved / "hubert", saved / "gpt2", decoder_input="cross_attention"
    )
    before = AutoModelForCausalLM.from_pretrained(saved / "gpt2").state_dict()
    after = model.decoder.state_dict()
    new = after.keys() - before.keys()
    assert len(new) == 16 and all("cross" in name for name in new)
    assert all(torch.equal(after[name], each) for name, each in before.items())
    sound = torch.randn(2, 500)
    assert not torch.equal(
        model(input_values=sound[:1], labels=torch.tensor([[5, 2]])).logits,
        model(input_values=sound[1:], labels=torch.tensor([[5, 2]])).logits,
    )


@pytest.mark.parametrize(
    ("decoder", "told"), [("qwen2", "prefix"), ("gpt2", "prefix"), ("t5", "encoder")]
)
def test_other_decoders_are_read_whole(saved, decoder, told):
    model = CaptionerModel.from_parts(saved / "whisper", saved / decoder, bridge="linear")
    kind = AutoModelForSeq2SeqLM if told == "encoder" else AutoModelForCausalLM
    weights = kind.from_pretrained(saved / decoder).state_dict()
    assert all(torch.equal(model.decoder.state_dict()[k], each) for k, each in weights.items())
    ears = WhisperForConditionalGeneration.from_pretrained(saved / "whisper").model.encoder
    assert all(torch.equal(model.encoder.state_dict()[k], v) for k, v in ears.state_dict().items())
    assert model.config.decoder_input == told and not model.training
    assert not any(each.requires_grad for each in model.encoder.parameters())
    assert not any(each.is_meta for each in model.parameters())
    processor = CaptionerProcessor.from_parts(saved / "whisper", saved / decoder)
    said = processor.captions(
        model.generate(**processor(audio=torch.zeros(8000)), max_new_tokens=3)
    )
    assert len(said) == 1 and processor.window_s == 1.0


def test_the_tokenizer_says_where_captions_end(saved, tmp_path, tokenizer):
    config = config_of(DECODERS, "gpt2", bos_token_id=50256, eos_token_id=50256, pad_token_id=None)
    AutoModelForCausalLM.from_config(config).save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    model = CaptionerModel.from_parts(saved / "hubert", tmp_path)
    config = model.config
    assert (config.decoder_start_token_id, config.end_ids, config.pad_token_id) == (1, [2], 0)
    assert model.generation_config.eos_token_id == 2


def test_a_checkpoint_that_lacks_weights_is_refused(saved, tmp_path, tokenizer):
    from safetensors.torch import load_file, save_file

    for part, key in (
        ("hubert", "hubert.encoder.layer_norm.weight"),
        ("qwen2", "model.norm.weight"),
    ):
        folder = tmp_path / part
        AutoModel.from_config(AutoConfig.from_pretrained(saved / part)).config.save_pretrained(
            folder
        )
        weights = load_file(saved / part / "model.safetensors")
        del weights[key]
        save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
        tokenizer.save_pretrained(folder)
    with pytest.raises(
        ValueError, match=r"does not hold the whole model: got no encoder\.layer_norm"
    ):
        CaptionerModel.from_parts(tmp_path / "hubert", saved / "qwen2")
    with pytest.raises(ValueError, match=r"got no model\.norm\.weight"):
        CaptionerModel.from_parts(saved / "hubert", tmp_path / "qwen2")


def test_a_bart_that_adds_to_its_logits_is_refused(saved, tmp_path, tokenizer):
    whole = AutoModelForSeq2SeqLM.from_pretrained(saved / "bart")
    whole.final_logits_bias[0, 3] = 1.0
    whole.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    with pytest.raises(ValueError, match="adds to its logits"):
        CaptionerModel.from_parts(saved / "hubert", tmp_path)
