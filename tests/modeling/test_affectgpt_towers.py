"""Every family of towers by its configuration alone, and out of models that others saved."""

import re

import numpy as np
import pytest
import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from affecthub.modeling.affectgpt import (
    AffectGPTConfig,
    AffectGPTForConditionalGeneration,
    AffectGPTProcessor,
)
from affecthub.modeling.affectgpt.modeling_towers import (
    AUDIO_FAMILIES,
    VISION_FAMILIES,
    frame_features,
    load_tower,
    sound_features,
    tower_class,
    tower_type,
)

SIZES = {
    "hidden_size": 16,
    "intermediate_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
}
PICTURE = {**SIZES, "image_size": 28, "patch_size": 14}
WAVES = {
    **SIZES,
    "conv_dim": [8, 8, 8],
    "conv_kernel": [20, 8, 4],
    "conv_stride": [10, 8, 4],
    "num_conv_pos_embeddings": 8,
    "num_conv_pos_embedding_groups": 2,
}
VISION = {
    "clip_vision_model": {**PICTURE, "projection_dim": 24},
    "metaclip_2_vision_model": {**PICTURE, "projection_dim": 24},
    "chinese_clip_vision_model": {**PICTURE, "projection_dim": 24},
    "siglip_vision_model": PICTURE,
    "aimv2_vision_model": PICTURE,
    "dinov2": {**PICTURE, "mlp_ratio": 2},
    "dinov2_with_registers": {**PICTURE, "mlp_ratio": 2},
    "dinov3_vit": {**PICTURE, "image_size": 32, "patch_size": 16},
    "blip_2_vision_model": PICTURE,
    "vit": PICTURE,
}
AUDIO = {
    "hubert": {**WAVES, "feat_extract_norm": "layer", "do_stable_layer_norm": True},
    "wav2vec2": WAVES,
    "wavlm": WAVES,
    "data2vec-audio": {**WAVES, "conv_pos_kernel_size": 3, "num_conv_pos_embeddings": 2},
    "unispeech-sat": WAVES,
    "wav2vec2-conformer": WAVES,
    # Three seconds, so that a clip of two is not the whole window.
    "whisper": {
        "d_model": 16,
        "encoder_layers": 2,
        "encoder_attention_heads": 2,
        "encoder_ffn_dim": 32,
        "decoder_layers": 1,
        "decoder_attention_heads": 2,
        "decoder_ffn_dim": 16,
        "num_mel_bins": 16,
        "max_source_positions": 150,
        "vocab_size": 20,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 2,
        "decoder_start_token_id": 1,
    },
    "audio-spectrogram-transformer": {**SIZES, "max_length": 200, "num_mel_bins": 16},
    # Width doubles in each of the four stages.
    "clap_audio_model": {
        "patch_embeds_hidden_size": 8,
        "hidden_size": 64,
        "projection_dim": 24,
        "depths": [1, 1, 1, 1],
        "num_attention_heads": [1, 1, 2, 2],
    },
}
TEXT = {
    "vocab_size": 20,
    "hidden_size": 16,
    "intermediate_size": 16,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "max_position_embeddings": 8,
}


@pytest.fixture(scope="module")
def build(make_config, make_tokenizer):
    """A model with one tower replaced, and its processor."""

    def make(**overrides):
        side = overrides.get("vision_config", {}).get("image_size", 56)
        config = make_config(**{"image_size": side, "n_frames": 2, **overrides})
        torch.manual_seed(0)
        model = AffectGPTForConditionalGeneration(config).eval()
        return model, AffectGPTProcessor.from_config(config, make_tokenizer())

    return make


def tower_of(model_type: str, sizes: dict, seed: int = 0):
    families = VISION_FAMILIES | AUDIO_FAMILIES
    torch.manual_seed(seed)
    return tower_class(families[model_type])(AutoConfig.for_model(model_type, **sizes)).eval()


def run_and_watch(tower, inputs) -> list[torch.Tensor]:
    """What comes out of each layer of the encoder, in a run that records nothing itself."""
    outputs, hooks = [], []

    def keep(module, args, output):
        outputs.append(output[0] if isinstance(output, tuple) else output)

    for name, module in tower.named_modules():
        if re.fullmatch(r"(.*\.)?layers?\.\d+", name) and "conv" not in name:
            hooks.append(module.register_forward_hook(keep))
    tower(inputs)
    for hook in hooks:
        hook.remove()
    return outputs


def test_every_family_is_tested() -> None:
    assert VISION.keys() == VISION_FAMILIES.keys()
    assert AUDIO.keys() == AUDIO_FAMILIES.keys()


@pytest.mark.parametrize("model_type", VISION)
def test_vision_tower_by_configuration_alone(build, model_type, clip, wave, tmp_path) -> None:
    sizes = {"model_type": model_type, **VISION[model_type]}
    model, processor = build(vision_config=sizes)
    family = VISION_FAMILIES[model_type]
    assert type(model.model.vision_tower).__name__ == family.model
    batch = processor(text="a", videos=clip, audio=wave)
    # Frame 0 of a picture that is all white is (1 - mean) / std.
    white = processor(videos=np.full((1, 9, 9, 3), 255, np.uint8))["pixel_values"]
    expected = (1 - torch.tensor(family.mean)) / torch.tensor(family.std)
    torch.testing.assert_close(white[0, 0, :, 0, 0], expected)
    logits = model(**batch).logits
    assert logits.isfinite().all()
    model.save_pretrained(tmp_path)
    again = AffectGPTForConditionalGeneration.from_pretrained(tmp_path)
    torch.testing.assert_close(again(**batch).logits, logits)


@pytest.mark.parametrize("model_type", AUDIO)
def test_audio_tower_by_configuration_alone(build, model_type, clip, wave, tmp_path) -> None:
    sizes = {"model_type": model_type, **AUDIO[model_type]}
    model, processor = build(audio_config=sizes, n_audio_clips=2)
    family = AUDIO_FAMILIES[model_type]
    assert type(model.model.audio_tower).__name__ == family.model
    assert processor.feature_extractor.sampling_rate == family.rate_hz
    batch = processor(text="a", videos=clip, audio=(wave, 16000))
    assert batch["input_values"].shape[:2] == (1, 2)
    logits = model(**batch).logits
    assert logits.isfinite().all()
    model.save_pretrained(tmp_path / "model")
    processor.save_pretrained(tmp_path / "model")
    again = AffectGPTForConditionalGeneration.from_pretrained(tmp_path / "model")
    torch.testing.assert_close(again(**batch).logits, logits)
    extractor = type(processor).from_pretrained(tmp_path / "model").feature_extractor
    assert extractor.to_dict() == processor.feature_extractor.to_dict()


@pytest.mark.parametrize("model_type", ["clip_vision_model", "metaclip_2_vision_model"])
def test_clip_gives_the_projected_class_token(model_type) -> None:
    tower = tower_of(model_type, VISION[model_type])
    frames = torch.randn(2, 3, 28, 28)
    class_token = run_and_watch(tower, frames)[-1][:, 0]
    expected = tower.visual_projection(tower.vision_model.post_layernorm(class_token))
    torch.testing.assert_close(frame_features(tower, frames, "projection"), expected)


def test_chinese_clip_gives_the_class_token(build) -> None:
    tower = tower_of("chinese_clip_vision_model", VISION["chinese_clip_vision_model"])
    frames = torch.randn(2, 3, 28, 28)
    expected = tower.post_layernorm(run_and_watch(tower, frames)[-1][:, 0])
    torch.testing.assert_close(frame_features(tower, frames, "pooled"), expected)


@pytest.mark.parametrize(
    "model_type", [k for k, v in VISION_FAMILIES.items() if "mean" in v.feature]
)
def test_other_vision_towers_give_the_mean_of_their_tokens(model_type) -> None:
    """Before the final norm as the official code does for SigLIP and DINO, after it for EVA."""
    tower = tower_of(model_type, VISION[model_type])
    side = VISION[model_type]["image_size"]
    frames = torch.randn(2, 3, side, side)
    tokens = run_and_watch(tower, frames)[-1]
    norms = ("post_layernorm", "layernorm", "norm", "rms_norm")
    norm = next(getattr(tower, name) for name in norms if hasattr(tower, name))
    torch.nn.init.normal_(norm.weight)
    feature = VISION_FAMILIES[model_type].feature
    expected = (norm(tokens) if feature == "mean" else tokens).mean(dim=1)
    torch.testing.assert_close(frame_features(tower, frames, feature), expected)
    assert not torch.allclose(norm(tokens), tokens)


@pytest.mark.parametrize(
    "model_type", [k for k, v in AUDIO_FAMILIES.items() if v.feature == "layers"]
)
def test_speech_towers_give_the_mean_of_their_last_layers(model_type) -> None:
    tower = tower_of(model_type, AUDIO[model_type])
    waves = torch.randn(2, 4000)
    outputs = run_and_watch(tower, waves)
    if model_type in ("hubert", "wav2vec2-conformer"):  # their final norm is after the last layer
        torch.nn.init.normal_(tower.encoder.layer_norm.weight)
        outputs[-1] = tower.encoder.layer_norm(outputs[-1])
    assert len(outputs) == 3
    got = sound_features(tower, waves, "layers", 2, 0.25)
    torch.testing.assert_close(got, (outputs[-2] + outputs[-1]).mean(dim=1) / 2)
    last = sound_features(tower, waves, "mean", 2, 0.25)
    torch.testing.assert_close(last, outputs[-1].mean(dim=1))


def test_whisper_gives_the_mean_over_the_clip_and_not_the_padding() -> None:
    tower = tower_of("whisper", AUDIO["whisper"])
    mel = torch.randn(2, 16, 300)
    steps = tower.layer_norm(run_and_watch(tower, mel)[-1])
    assert steps.shape == (2, 150, 16)
    got = sound_features(tower, mel, "mean", 1, 2.0)
    torch.testing.assert_close(got, steps[:, :100].mean(dim=1))


def test_spectrogram_towers_give_their_pooled_output() -> None:
    tower = tower_of("audio-spectrogram-transformer", AUDIO["audio-spectrogram-transformer"])
    mel = torch.randn(2, 200, 16)
    # Class and distillation token, normalised, half of each.
    tokens = tower.layernorm(run_and_watch(tower, mel)[-1])
    got = sound_features(tower, mel, "pooled", 1, 2.0)
    torch.testing.assert_close(got, (tokens[:, 0] + tokens[:, 1]) / 2)


@pytest.mark.parametrize("enable_fusion", [False, True])
def test_clap_gives_its_projection(build, wave, enable_fusion) -> None:
    """A CLAP of the fused kind takes four spectrograms, and must hear that no clip is longer."""
    sizes = {"model_type": "clap_audio_model", "enable_fusion": enable_fusion}
    model, processor = build(audio_config={**AUDIO["clap_audio_model"], **sizes})
    batch = processor(audio=(wave, 16000))
    assert batch["input_values"].shape == (1, 1, 4 if enable_fusion else 1, 1001, 64)
    tower = model.model.audio_tower
    longer = torch.zeros(1, 1, dtype=torch.bool)
    pooled = tower.audio_model(batch["input_values"][0], is_longer=longer).pooler_output
    got = model.get_audio_features(batch["input_values"]).last_hidden_state
    torch.testing.assert_close(got[0], tower.audio_projection(pooled))
    assert got.shape == (1, 1, 24)


def test_frozen_speech_towers_are_not_augmented(build, wave) -> None:
    noisy = {"apply_spec_augment": True, "mask_time_prob": 0.9, "mask_time_length": 2}
    noisy |= {"layerdrop": 0.5, "hidden_dropout": 0.5, "model_type": "hubert"}
    frozen, processor = build(audio_config={**AUDIO["hubert"], **noisy})
    clips = processor(audio=wave)["input_values"]
    expected = frozen.get_audio_features(clips).last_hidden_state
    heard = frozen.train().get_audio_features(clips).last_hidden_state
    assert torch.equal(heard, expected)
    assert not heard.requires_grad
    thawed, _ = build(audio_config={**AUDIO["hubert"], **noisy}, freeze_towers=False)
    assert not torch.equal(thawed.train().get_audio_features(clips).last_hidden_state, expected)
    assert torch.equal(thawed.eval().get_audio_features(clips).last_hidden_state, expected)


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"vision_config": {"model_type": "resnet"}}, "`vision_config` .* got 'resnet', expected"),
        ({"audio_config": {"model_type": "encodec"}}, "`audio_config` .* got 'encodec', expected"),
        (
            {"vision_config": {"model_type": "dinov2"}, "vision_feature": "projection"},
            "`vision_feature` does not fit 'dinov2': got 'projection', expected one of pooled",
        ),
        ({"vision_feature": "pooled"}, "does not fit 'clip_vision_model': got 'pooled'"),
        (
            {"audio_config": {"model_type": "whisper"}, "audio_feature": "layers"},
            "`audio_feature` does not fit 'whisper': got 'layers', expected one of mean",
        ),
        (
            {"audio_config": {"model_type": "whisper"}, "audio_clip_s": 31.0},
            "too long for 'whisper': got 31.0 s, expected 30 s at most",
        ),
    ],
)
def test_towers_that_do_not_fit_are_refused(overrides, message) -> None:
    with pytest.raises(ValueError, match=message):
        AffectGPTConfig.tiny(**overrides)


def whole_models() -> dict:
    """Larger models that hold a tower, by what they are."""
    t, projected = transformers, {**TEXT, "projection_dim": 24}

    def of(model_type):
        return AutoConfig.for_model(model_type, **(VISION | AUDIO)[model_type])

    def halves(config, **fields):
        return lambda model: getattr(t, model)(getattr(t, config)(**fields))

    blip = {
        "vision_config": PICTURE,
        "qformer_config": {**SIZES, "encoder_hidden_size": 16},
        "text_config": {
            "model_type": "opt",
            "vocab_size": 20,
            "hidden_size": 16,
            "ffn_dim": 16,
            "num_hidden_layers": 1,
            "num_attention_heads": 2,
            "word_embed_proj_dim": 16,
        },
    }
    clip = {"vision_config": VISION["clip_vision_model"], "text_config": projected}
    clip["projection_dim"] = 24
    chinese = {**clip, "text_config": TEXT}
    clap = {"audio_config": AUDIO["clap_audio_model"], "text_config": projected}
    clap["projection_dim"] = 24
    siglip = {"vision_config": PICTURE, "text_config": TEXT}
    return {
        "CLIPModel": halves("CLIPConfig", **clip),
        "MetaClip2Model": halves("MetaClip2Config", **clip),
        "ChineseCLIPModel": halves("ChineseCLIPConfig", **chinese),
        "SiglipModel": halves("SiglipConfig", **siglip),
        "SiglipForImageClassification": halves("SiglipConfig", **siglip),
        "Aimv2Model": halves("Aimv2Config", **{**chinese, "vision_config": PICTURE}),
        "Blip2Model": halves("Blip2Config", **blip),
        "Blip2ForConditionalGeneration": halves("Blip2Config", **blip),
        "Dinov2ForImageClassification": lambda m: getattr(t, m)(of("dinov2")),
        "ViTForImageClassification": lambda m: getattr(t, m)(of("vit")),
        "HubertForCTC": lambda m: getattr(t, m)(of("hubert")),
        "Wav2Vec2ForPreTraining": lambda m: getattr(t, m)(of("wav2vec2")),
        "WavLMForXVector": lambda m: getattr(t, m)(of("wavlm")),
        "Data2VecAudioForCTC": lambda m: getattr(t, m)(of("data2vec-audio")),
        "WhisperModel": lambda m: getattr(t, m)(of("whisper")),
        "WhisperForConditionalGeneration": lambda m: getattr(t, m)(of("whisper")),
        "ASTForAudioClassification": lambda m: getattr(t, m)(of("audio-spectrogram-transformer")),
        "ClapModel": halves("ClapConfig", **clap),
    }


WHOLE = whole_models()
# Whisper's encoder is never saved alone.
ALONE = [name for name in VISION | AUDIO if name != "whisper"]


@pytest.mark.parametrize("saved", [*ALONE, *WHOLE])
def test_tower_out_of_a_saved_model(saved, tmp_path) -> None:
    torch.manual_seed(0)
    whole = WHOLE[saved](saved) if saved in WHOLE else tower_of(saved, (VISION | AUDIO)[saved])
    whole.save_pretrained(tmp_path)
    family = (VISION_FAMILIES | AUDIO_FAMILIES)[tower_type(tmp_path)]
    torch.manual_seed(1)
    tower = load_tower(family, tmp_path, "auto")
    assert type(tower).__name__ == family.model
    weights = whole.state_dict()
    for name, value in tower.state_dict().items():
        if saved == "ViTForImageClassification" and name.startswith("pooler."):
            continue  # not used
        homes = [key for key in weights if key == name or key.endswith(f".{name}")]
        assert any(torch.equal(weights[key], value) for key in homes), name


@pytest.mark.parametrize(
    ("vision", "audio"),
    [("Blip2Model", "WhisperForConditionalGeneration"), ("SiglipModel", "ClapModel")],
)
def test_model_out_of_whole_models(
    make_config, make_tokenizer, clip, wave, tmp_path, vision, audio
) -> None:
    for name in (vision, audio):
        WHOLE[name](name).save_pretrained(tmp_path / name)
    AutoModelForCausalLM.from_config(make_config().text_config).save_pretrained(tmp_path / "text")
    make_tokenizer().save_pretrained(tmp_path / "text")
    model = AffectGPTForConditionalGeneration.from_towers(
        tmp_path / vision, tmp_path / audio, tmp_path / "text", n_audio_clips=2, fusion_dim=16
    )
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "text")
    processor = AffectGPTProcessor.from_config(model.config, tokenizer)
    batch = processor(text="a", videos=clip, audio=(wave, 16000))
    logits = model(**batch).logits
    assert logits.isfinite().all()
    model.save_pretrained(tmp_path / "model")
    again = AffectGPTForConditionalGeneration.from_pretrained(tmp_path / "model")
    torch.testing.assert_close(again(**batch).logits, logits)


def test_tower_without_all_its_weights_is_refused(tmp_path) -> None:
    config = AutoConfig.for_model("clip_vision_model", **VISION["clip_vision_model"])
    transformers.CLIPVisionModel(config).save_pretrained(tmp_path / "clip")
    with pytest.raises(ValueError, match="got no visual_projection.weight, expected all weights"):
        load_tower(VISION_FAMILIES["clip_vision_model"], tmp_path / "clip", "auto")
    whole = WHOLE["CLIPModel"]("CLIPModel")
    whole.config.vision_config.projection_dim = 8
    whole.save_pretrained(tmp_path / "other")
    with pytest.raises(ValueError, match=r"visual_projection.weight .*24, 16.* for .*8, 16"):
        load_tower(VISION_FAMILIES["clip_vision_model"], tmp_path / "other", "auto")
    WHOLE["ViTForImageClassification"]("ViTForImageClassification").save_pretrained(tmp_path / "v")
    with pytest.raises(ValueError, match=r"got no pooler.dense.bias, pooler.dense.weight"):
        load_tower(VISION_FAMILIES["vit"], tmp_path / "v", "auto", feature="pooled")


OFFICIAL = ("clip_vision_model", "hubert")


@pytest.mark.parametrize(
    "model_type",
    [
        name if name in OFFICIAL else pytest.param(name, marks=pytest.mark.slow)
        for name in [*VISION, *AUDIO]
    ],
)
def test_tower_compiles_in_one_graph(build, processor, model_type, clip, wave) -> None:
    side = "vision" if model_type in VISION else "audio"
    sizes = {"model_type": model_type, **(VISION | AUDIO)[model_type]}
    model, processor = build(**{f"{side}_config": sizes})
    batch = processor(videos=clip, audio=(wave, 16000))
    expected = model(**batch).logits
    torch.compiler.reset()
    getattr(model.model, f"{side}_tower").compile(backend="eager", fullgraph=True)
    torch.testing.assert_close(model(**batch).logits, expected)
