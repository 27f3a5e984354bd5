"""What goes in, what comes out, and that nothing leaks between samples or into frozen towers."""

import itertools

import pytest
import torch
from torch import nn

from affecthub.modeling.affectgpt import AffectGPTForConditionalGeneration, AffectGPTModel
from affecthub.modeling.affectgpt.modeling_fusion import AttentionFusion, AttentionPooler

SUBSETS = [s for s in itertools.product([True, False], repeat=3) if any(s)]


def sample(processor, clip, wave, subset=(True, True, True), **kwargs):
    """One sample with the named of text, video and audio."""
    has_text, has_video, has_audio = subset
    return processor(
        text=["she laughs" if has_text else None],
        videos=[clip if has_video else None],
        audio=[wave if has_audio else None],
        **kwargs,
    )


def test_features_have_the_stated_shapes(model, processor, clip, wave) -> None:
    batch = sample(processor, clip, wave)
    seen = model.get_video_features(batch["pixel_values"])
    heard = model.get_audio_features(batch["input_values"])
    fused = model.get_fused_features(seen.last_hidden_state, heard.last_hidden_state)
    assert seen.last_hidden_state.shape == (1, 8, 64)
    assert heard.last_hidden_state.shape == (1, 1, 64)
    assert fused.last_hidden_state.shape == (1, 1, 64)
    for features in (seen, heard, fused):
        assert features.pooler_output.shape == (1, 1, 128)
    output = model(**batch)
    assert output.logits.shape == (*batch["input_ids"].shape, 262)
    assert model(**batch, logits_to_keep=2).logits.shape == (1, 2, 262)
    assert isinstance(model.model, AffectGPTModel)


def test_pooler_is_the_unnormalised_weighted_sum() -> None:
    pooler = AttentionPooler(2, n_steps=2)
    nn.init.zeros_(pooler.score.bias)
    pooler.score.weight.data = torch.tensor([[1.0, -1.0]])
    # Scores 3 - 1 = 2 and 0 - 4 = -4; 2 * (3, 1) - 4 * (0, 4) = (6, -14). A softmax gives others.
    z = torch.tensor([[[3.0, 1.0], [0.0, 4.0]]])
    assert pooler(z).tolist() == [[[6.0, -14.0]]]


def test_untrained_pooling_and_fusion_are_near_the_mean(make_model) -> None:
    model = make_model()
    assert model.model.vision_pooler.score.bias.item() == pytest.approx(1 / 8)
    assert model.model.fusion.attention_out.bias.tolist() == [0.5, 0.5]


def test_fusion_folds_into_the_papers_matrix(make_config) -> None:
    """Two linear layers in a row are W = W_out W_in and b = W_out b_in + b_out, equation 7."""
    torch.manual_seed(0)
    config = make_config()
    fusion = AttentionFusion(config, vision_dim=64, audio_dim=64).double()
    z_video, z_audio = torch.randn(3, 8, 64).double(), torch.randn(3, 1, 64).double()
    inner, outer = fusion.attention_in, fusion.attention_out
    weight = outer.weight @ inner.weight
    bias = outer.weight @ inner.bias + outer.bias
    video = fusion.vision_proj(z_video.mean(1))
    audio = fusion.audio_proj(z_audio.mean(1))
    weights = torch.cat([video, audio], dim=-1) @ weight.T + bias
    expected = weights[:, :1] * video + weights[:, 1:] * audio
    assert weight.shape == (2, 128)
    torch.testing.assert_close(fusion(z_video, z_audio)[:, 0], expected, atol=1e-12, rtol=0)


def test_audio_feature_is_the_mean_of_the_last_layers_with_the_final_norm(
    make_model, processor, wave
) -> None:
    """Layers run by hand: the last of the averaged ones is the tower's normalised output."""
    model = make_model(audio_config={"num_hidden_layers": 5}, audio_layers=4)
    clips = processor(text="x", audio=wave)["input_values"]
    tower = model.model.audio_tower
    hidden = tower.feature_projection(tower.feature_extractor(clips[0]).transpose(1, 2))
    hidden = hidden + tower.encoder.pos_conv_embed(hidden)
    outputs = []
    for layer in tower.encoder.layers:
        hidden = layer(hidden)
        outputs.append(hidden)
    last = [*outputs[1:4], tower.encoder.layer_norm(outputs[4])]
    expected = sum(last).mean(dim=1) / 4
    got = model.get_audio_features(clips).last_hidden_state[0]
    torch.testing.assert_close(got, expected)


def test_vision_feature_is_the_projected_class_token(model, processor, clip) -> None:
    frames = processor(videos=clip)["pixel_values"]
    tower = model.model.vision_tower
    pooled = tower.vision_model(frames[0]).pooler_output
    got = model.get_video_features(frames).last_hidden_state[0]
    torch.testing.assert_close(got, tower.visual_projection(pooled))


def test_every_subset_in_one_batch_equals_the_samples_alone(model, processor, clip, wave) -> None:
    batch = processor(
        text=["she laughs" if text else None for text, _, _ in SUBSETS],
        videos=[clip if video else None for _, video, _ in SUBSETS],
        audio=[wave if audio else None for _, _, audio in SUBSETS],
        padding_side="right",
    )
    together = model(**batch).logits
    for row, subset in enumerate(SUBSETS):
        alone = sample(processor, clip, wave, subset)
        assert ("pixel_values" in alone) == subset[1]
        assert ("input_values" in alone) == subset[2]
        expected = model(**alone).logits[0]
        torch.testing.assert_close(together[row, : len(expected)], expected, atol=1e-5, rtol=1e-5)


def test_features_take_the_place_of_media(model, processor, clip, wave) -> None:
    batch = processor(text=["a", "b"], videos=[clip, None], audio=[None, wave])
    z_video = torch.zeros(2, 8, 64)
    z_video[:1] = model.get_video_features(batch["pixel_values"][:1]).last_hidden_state
    z_audio = torch.full((2, 1, 64), torch.nan)  # The absent row must never be read.
    z_audio[1:] = model.get_audio_features(batch["input_values"][1:]).last_hidden_state
    expected = model(**batch).logits
    cached = {k: v for k, v in batch.items() if k not in ("pixel_values", "input_values")}
    got = model(**cached, vision_features=z_video, audio_features=z_audio).logits
    torch.testing.assert_close(got, expected)
    with pytest.raises(ValueError, match="`pixel_values` and `vision_features`"):
        model(**batch, vision_features=z_video)
    with pytest.raises(ValueError, match=r"got \(1, 8, 63\), expected \(any, any, 64\)"):
        model(**cached, vision_features=z_video[..., 1:], audio_features=z_audio)


@pytest.mark.parametrize("token", ["fused", "audio", "video"])
def test_placeholders_without_features_are_an_error(model, processor, clip, wave, token) -> None:
    batch = processor(text=["a", "b"], videos=[clip, clip], audio=[wave, wave])
    token_id = getattr(model.config, f"{token}_token_id")
    row, column = batch["input_ids"].eq(token_id).nonzero()[1].tolist()
    assert row == 1
    batch["input_ids"][row, column] = 7
    with pytest.raises(ValueError, match=rf"sample 1 has 0 <\|{token}\|> .* but 1 feature rows"):
        model(**batch)


def test_media_left_out_are_an_error(model, processor, clip) -> None:
    batch = processor(videos=clip)
    with pytest.raises(ValueError, match=r"sample 0 has 1 <\|video\|> placeholders but 0 feature"):
        model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"])
    with pytest.raises(ValueError, match="media have no place to go"):
        embeds = model.get_input_embeddings()(batch["input_ids"])
        model(inputs_embeds=embeds, pixel_values=batch["pixel_values"])
    with pytest.raises(ValueError, match="nothing to read"):
        model()


def test_no_fusion_has_no_fused_token_and_no_fusion_layers(
    make_model, make_processor, clip, wave
) -> None:
    model = make_model(fusion="none")
    processor = make_processor(fusion="none")
    batch = processor(videos=clip, audio=wave)
    assert not batch["input_ids"].eq(model.config.fused_token_id).any()
    assert model(**batch).logits.isfinite().all()
    assert not any("fusion" in name for name, _ in model.named_parameters())
    with pytest.raises(ValueError, match="the model cannot fuse"):
        model.get_fused_features(torch.zeros(1, 8, 64), torch.zeros(1, 1, 64))


def test_loss_counts_the_answer_only(model, processor, clip, wave) -> None:
    batch = sample(processor, clip, wave, answers=["happy"])
    logits = model(**batch).logits[0].log_softmax(-1)
    # "happy" is five bytes and the end token: six predictions, each from the place before.
    targets = batch["input_ids"][0, -6:]
    expected = -logits[-7:-1].gather(1, targets[:, None]).mean()
    torch.testing.assert_close(model(**batch).loss, expected)
    total = model(**batch, num_items_in_batch=2).loss
    torch.testing.assert_close(total, expected * 6 / 2)


def test_training_loss_is_the_same_without_the_prompts_logits(
    make_model, processor, clip, wave
) -> None:
    model = make_model()
    batch = processor(
        text=["a", "bb"], videos=[clip, None], audio=[None, wave], answers=["x", "yz"]
    )
    expected = model(**batch)
    trained = model.train()(**batch)
    assert trained.logits is None
    torch.testing.assert_close(trained.loss, expected.loss)


def test_frozen_towers_stay_in_eval_and_get_no_gradient(make_model, processor, clip, wave) -> None:
    model = make_model().train()
    towers = (model.model.vision_tower, model.model.audio_tower)
    assert not any(module.training for tower in towers for module in tower.modules())
    assert model.model.language_model.training
    model(**sample(processor, clip, wave, answers=["x"])).loss.backward()
    for name, parameter in model.named_parameters():
        frozen = "_tower." in name
        assert parameter.requires_grad is not frozen, name
        assert (parameter.grad is None) is frozen, name


@pytest.mark.parametrize("subset", SUBSETS)
def test_every_trained_parameter_gets_a_gradient_from_any_batch(
    make_model, processor, clip, wave, subset
) -> None:
    model = make_model().train()
    model(**sample(processor, clip, wave, subset, answers=["x"])).loss.backward()
    without = [n for n, p in model.named_parameters() if p.requires_grad and p.grad is None]
    assert without == []


def test_thawed_towers_are_trained(make_model, processor, clip, wave) -> None:
    model = make_model(freeze_towers=False).train()
    model(**sample(processor, clip, wave, answers=["x"])).loss.backward()
    assert model.model.audio_tower.training
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
    for tower in (model.model.vision_tower, model.model.audio_tower):
        assert any(p.grad.abs().max() > 0 for p in tower.parameters())


@pytest.mark.parametrize("fusion", ["attention", "none"])
def test_saved_and_loaded_model_gives_equal_logits(
    make_model, make_processor, clip, wave, tmp_path, fusion
) -> None:
    model = make_model(fusion=fusion)
    batch = sample(make_processor(fusion=fusion), clip, wave)
    model.save_pretrained(tmp_path)
    assert (tmp_path / "model.safetensors").is_file()
    loaded = AffectGPTForConditionalGeneration.from_pretrained(tmp_path)
    for name, value in model.state_dict().items():
        assert torch.equal(loaded.state_dict()[name], value), name
    # Weights that lie elsewhere in memory are added up in another order: the last bit may differ.
    torch.testing.assert_close(loaded(**batch).logits, model(**batch).logits, atol=2e-6, rtol=1e-6)
    towers = (loaded.model.vision_tower, loaded.model.audio_tower)
    assert not any(p.requires_grad for tower in towers for p in tower.parameters())
    thawed = AffectGPTForConditionalGeneration.from_pretrained(tmp_path, freeze_towers=False)
    assert all(p.requires_grad for p in thawed.parameters())
