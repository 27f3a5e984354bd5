"""The paper's sizes, the wording's rules, and the number of trained parameters."""

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import AutoConfig

from affecthub.modeling.affectgpt import AffectGPTConfig, AffectGPTForConditionalGeneration
from affecthub.modeling.affectgpt.configuration_prompt import read_prompt
from affecthub.modeling.affectgpt.modeling_language import fusion_modules, lora_target_modules


def test_default_is_the_papers_model() -> None:
    config = AffectGPTConfig()
    vision, audio, text = config.vision_config, config.audio_config, config.text_config
    assert (vision.image_size, vision.patch_size, vision.num_hidden_layers) == (224, 14, 24)
    assert (audio.num_hidden_layers, audio.hidden_size, audio.do_stable_layer_norm) == (
        24,
        1024,
        True,
    )
    assert (text.hidden_size, text.num_hidden_layers, text.intermediate_size) == (3584, 28, 18944)
    assert (text.num_attention_heads, text.num_key_value_heads, text.vocab_size) == (28, 4, 152064)
    assert (config.n_frames, config.n_audio_clips, config.audio_clip_samples) == (8, 8, 32000)
    assert (config.vision_dim, config.audio_dim, config.fusion_dim) == (768, 1024, 1024)
    assert config.freeze_towers
    assert not config.tie_word_embeddings


@pytest.mark.parametrize("make", [AffectGPTConfig, AffectGPTConfig.tiny])
def test_config_survives_a_folder(make, tmp_path) -> None:
    config = make(questions={"labels": "What is felt?"}, n_frames=3)
    config.save_pretrained(tmp_path)
    loaded = AutoConfig.from_pretrained(tmp_path)
    assert isinstance(loaded, AffectGPTConfig)
    expected, got = config.to_dict(), loaded.to_dict()
    assert expected.pop("_name_or_path", "") != got.pop("_name_or_path")
    assert got == expected


def test_tiny_takes_single_fields_and_the_last_ids() -> None:
    config = AffectGPTConfig.tiny(vocab_size=100, audio_config={"num_hidden_layers": 1}, n_frames=2)
    assert config.audio_config.num_hidden_layers == 1
    assert config.audio_config.hidden_size == 64
    assert config.n_frames == 2
    assert list(config.placeholders.values()) == [96, 97, 98, 99]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"fused_token_id": 5, "audio_token_id": 5}, "four different ids below 512"),
        ({"video_token_id": 512}, "below 512"),
        ({"prompt": ["{picture}", "{question}"]}, "unknown field: got 'picture'"),
        ({"prompt": ["{text}"]}, "never asks"),
        ({"prompt": ["{question}", "a { b"]}, "cannot be read: got 'a { b'"),
        ({"prompt": ["{text}{text}{question}"]}, "twice: got text"),
        ({"vision_config": {"model_type": "resnet"}}, "`vision_config` .* got 'resnet', expected"),
        ({"vision_pooling": "qformer", "n_frames": 33}, "got 32 positions for 33 steps"),
        ({"fusion": "qformer", "n_fusion_positions": 8}, "got 8 positions for 9 steps"),
        ({"n_frames": 0}, "`n_frames` is too small: got 0, expected more than 0"),
        ({"audio_clip_s": 0.0}, "`audio_clip_s` is too small: got 0.0"),
        ({"audio_layers": 0}, "`audio_layers` is too small: got 0"),
        # Two layers, and what goes into the first.
        ({"audio_layers": 4}, "`audio_layers` is too many: got 4, expected 3 at most"),
    ],
)
def test_config_refuses(overrides, message) -> None:
    with pytest.raises(ValueError, match=message):
        AffectGPTConfig.tiny(**overrides)


def test_literal_braces_are_no_field() -> None:
    prompt = read_prompt(["{{audio}} {question}"])
    assert prompt.fields == {"question"}
    assert prompt.parts[0].pieces[0][0] == "{"
    assert "".join(wording for wording, _ in prompt.parts[0].pieces) == "{audio} "


def test_trained_parameters_are_the_papers() -> None:
    """On the meta device, so that eight billion weights cost nothing.

    LoRA of rank 16 on one layer of Qwen2.5-7B: 16 * (in + out) for q (3584, 3584), k and v
    (3584, 512), o (3584, 3584), gate and up (3584, 18944), down (18944, 3584)
    = 16 * (7168 + 2 * 4096 + 7168 + 3 * 22528) = 1,441,792; times 28 layers = 40,370,176.

    Fusion, projectors and poolers:
    vision_projector 768 * 3584 + 3584 = 2,756,096   audio_projector 1024 * 3584 + 3584 = 3,673,600
    fusion_projector 1024 * 3584 + 3584 = 3,673,600  attention_in 2048 * 1024 + 1024 = 2,098,176
    audio_proj 1024 * 1024 + 1024 = 1,049,600        vision_proj 768 * 1024 + 1024 = 787,456
    attention_out 1024 * 2 + 2 = 2,050               poolers 768 + 1 + 1024 + 1 = 1,794
    sum 14,042,372; the official 16,798,468 holds an unused image projector of 2,756,096 more.
    """
    with torch.device("meta"):
        model = AffectGPTForConditionalGeneration(AffectGPTConfig())
    peft = get_peft_model(
        model,
        LoraConfig(
            r=16,
            lora_alpha=32,
            target_modules=lora_target_modules(model),
            modules_to_save=fusion_modules(model),
        ),
    )
    trained = {name: p.numel() for name, p in peft.named_parameters() if p.requires_grad}
    assert sum(n for name, n in trained.items() if "lora_" in name) == 40_370_176
    assert sum(n for name, n in trained.items() if "lora_" not in name) == 16_798_468 - 2_756_096
