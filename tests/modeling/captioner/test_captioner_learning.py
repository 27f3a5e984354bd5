"""What is learnt: every token of a caption, by what is not frozen; and the two losses of ours."""

import pytest
import torch
from captioner_parts import make_config
from torch.nn.functional import cross_entropy

from affecthub.modeling.captioner import CaptionerModel, lora_target_modules, new_modules
from affecthub.modeling.captioner.modeling_aligning import Aligner

KINDS = ["bart", "gpt2_listening", "gpt2", "qwen2", "t5"]


@pytest.mark.parametrize("decoder", KINDS)
def test_the_loss_is_of_all_tokens_the_first_too(make_captioner, batch, decoder):
    model = make_captioner("hubert", decoder)
    output = model(**batch)
    labels = batch["labels"]
    by_hand = [
        cross_entropy(output.logits[clip, place], labels[clip, place])
        for clip in range(3)
        for place in range(4)
        if labels[clip, place] != -100
    ]
    assert len(by_hand) == 9
    torch.testing.assert_close(output.loss, torch.stack(by_hand).mean())
    torch.testing.assert_close(model(**batch, num_items_in_batch=18).loss, output.loss / 2)
    # A place knows what was written before it, and nothing of what it is to write.
    other = labels.clone()
    other[0, 0] = 11
    changed = model(**{**batch, "labels": other}).logits
    torch.testing.assert_close(changed[0, 0], output.logits[0, 0])
    assert (changed[0, 1] - output.logits[0, 1]).abs().max() > 1e-3


@pytest.mark.parametrize("decoder", KINDS)
def test_greedy_captions_are_what_the_logits_say(make_captioner, batch, decoder):
    model = make_captioner("hubert", decoder)
    sound = batch["input_values"][:1]
    said = model.generate(input_values=sound, num_beams=1, max_new_tokens=6, min_new_tokens=6)
    said = said[:, -6:]
    logits = model(input_values=sound, labels=said).logits
    logits[..., 2] = float("-inf")  # the end was not to be written
    assert logits.argmax(dim=-1).tolist() == said.tolist()


def test_captions_are_searched_by_five_beams_and_end(make_captioner, batch):
    model = make_captioner("hubert", "bart")
    settings = model.generation_config
    assert (settings.num_beams, settings.max_new_tokens, settings.eos_token_id) == (5, 64, 2)
    said = model.generate(batch["input_values"][:1, :400], min_new_tokens=64)
    assert said.shape == (1, 65)  # the start, and as many as there may be
    said = model.generate(batch["input_values"], max_new_tokens=2, num_beams=1)
    assert said.shape[0] == 3 and said.shape[1] <= 3


def test_what_is_frozen_gets_no_gradient_and_no_dropout(make_captioner, batch):
    model = make_captioner("hubert", "qwen2", freeze_decoder=True).train()
    assert not model.encoder.training and not model.decoder.training and model.bridge.training
    model(**batch).loss.backward()
    with_gradient = {name for name, each in model.named_parameters() if each.grad is not None}
    assert with_gradient == {"bridge.projection.weight", "bridge.projection.bias"}
    model = make_captioner("hubert", "qwen2", freeze_encoder=False).train()
    model(**batch).loss.backward()
    assert model.encoder.training and model.decoder.training
    convolution = model.encoder.feature_extractor.conv_layers[0].conv.weight
    assert convolution.grad is not None and convolution.grad.abs().max() > 0


def test_adapters_sit_on_the_decoder_and_the_bridge_is_trained_in_full(make_captioner, batch):
    from peft import LoraConfig, get_peft_model

    model = make_captioner("hubert", "qwen2", bridge="qformer")
    adapters = LoraConfig(
        r=2, target_modules=lora_target_modules(model), modules_to_save=new_modules(model)
    )
    tuned = get_peft_model(model, adapters)
    trained = {name for name, each in tuned.named_parameters() if each.requires_grad}
    assert all(".decoder." in name or ".bridge." in name for name in trained)
    assert sum("lora_A" in name for name in trained) == 7 * 2
    tuned(**batch).loss.backward()
    assert tuned.generate(input_values=batch["input_values"], max_new_tokens=2).shape[0] == 3


def test_the_qformer_is_of_secaps_size():
    """Source: counted in SECap's released form; benchmarks of its parts."""
    secap = {"hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12}
    secap |= {"intermediate_size": 3072, "encoder_hidden_size": 768, "cross_attention_frequency": 2}
    config = make_config(qformer_config=secap, bridge="qformer", n_queries=32)
    config.encoder_config.hidden_size, config.decoder_config.hidden_size = 1024, 4096
    from affecthub.modeling.captioner.modeling_listening import make_bridge

    with torch.device("meta"):
        bridge = make_bridge(config)
    assert sum(each.numel() for each in bridge.parameters()) == 103_201_024
    assert sum(each.numel() for each in bridge.qformer.parameters()) == 99_239_424


def test_contrast_favours_own_captions_and_spares_those_alike():
    torch.manual_seed(0)
    aligner = Aligner(8, 8)
    with torch.no_grad():
        for each in (aligner.heard, aligner.captioned):
            each.weight.copy_(torch.eye(8))
            each.bias.zero_()
    heard = torch.eye(8)[:3]
    assert (
        aligner.contrast(heard, heard).item()
        < 1e-4
        < aligner.contrast(heard, heard.roll(1, 0)).item()
    )
    doubled = heard[[0, 0, 1]]  # the first two are the same sound and caption
    one_of_two = aligner.contrast(doubled, doubled).item()
    alike = torch.tensor([5, 5, 6])
    assert one_of_two > 0.4 and aligner.contrast(doubled, doubled, alike).item() < 1e-4
    assert aligner.contrast(heard[:1], heard[:1]).item() == 0


def test_the_content_bound_moves_what_is_heard_and_its_net_apart():
    torch.manual_seed(0)
    aligner = Aligner(6, 6)
    said = torch.randn(64, 6)
    optimizer = torch.optim.Adam(aligner.said.parameters(), lr=3e-2)
    told = said + 0.1 * torch.randn(64, 6)  # what is heard tells what is said
    for _ in range(60):
        optimizer.zero_grad()
        aligner.content(told, said)[1].backward()
        optimizer.step()
    bound = aligner.content(told, said)[0].item()
    assert bound > 0.3
    assert abs(aligner.content(told[torch.randperm(64)], said)[0].item()) < 0.3 * bound
    heard = told.clone().requires_grad_()
    aligner.zero_grad()
    aligner.content(heard, said)[0].backward()
    assert heard.grad.abs().max() > 0
    assert all(each.grad is None for each in aligner.said.parameters())
    aligner.zero_grad()
    aligner.content(heard.detach(), said)[1].backward()
    assert aligner.heard.weight.grad is None


def test_the_losses_of_ours_are_off_until_they_are_weighed(make_captioner, batch):
    assert make_captioner("hubert", "qwen2").aligner is None
    torch.manual_seed(0)
    first_stage = {"caption_weight": 0.0, "contrast_weight": 1.0, "content_weight": 0.5}
    model = CaptionerModel(make_config(bridge="qformer", align_dim=8, **first_stage))
    words = {"transcript_ids": torch.tensor([[4, 5], [6, -100], [7, 8]])}
    output = model(**batch, **words)
    assert output.logits is None and set(output.losses) == {"contrast", "content", "content_net"}
    total = output.losses["contrast"] + 0.5 * output.losses["content"]
    torch.testing.assert_close(output.loss, total + 0.5 * output.losses["content_net"])
    with pytest.raises(ValueError, match="`transcript_ids` are missing"):
        model(**batch)
