"""Adapters lie on the language model alone, are as many as the plan counts, and load again."""

import pytest
import torch
from peft import get_peft_model
from tiny_chat_models import make_chat_model
from transformers import AutoConfig

from affecthub.training.asking.backends.transformers_models import load_chat_model
from affecthub.training.omni.families import chat_family
from affecthub.training.omni.loss import answer_loss
from affecthub.training.omni.model import build_omni, lora_config
from affecthub.training.omni.published import PUBLISHED
from affecthub.training.omni.recipe import ChatLoraRecipe
from affecthub.training.omni.sizes import TextSizes, adapter_parameters

KINDS = ("qwen2_5_omni_thinker", "qwen3_omni_moe_thinker", "qwen2_audio")


def trained(model):
    return {name: each for name, each in model.named_parameters() if each.requires_grad}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("experts", [True, False])
def test_towers_stay_as_they_are(make_recipe, kind, experts):
    model, _, family = build_omni(make_recipe(kind, lora=ChatLoraRecipe(r=4, experts=experts)))
    names = trained(model)
    assert names and all(".language_model.layers." in name for name in names)
    assert all("lora_" in name for name in names)
    # Every layer has the same ones.
    reached = {name.split(".layers.")[1].partition(".")[2] for name in names}
    assert len(names) == 2 * len(reached)
    parts = {name.partition(".lora_")[0] for name in reached}
    attention = {f"self_attn.{name}_proj" for name in "qkvo"}
    if kind != "qwen3_omni_moe_thinker":
        assert parts == attention | {f"mlp.{name}_proj" for name in ("gate", "up", "down")}
    elif experts:
        # Two fused weights, one wrapped around the other.
        assert parts == attention | {"mlp.experts", "mlp.experts.base_layer"}
    else:
        assert parts == attention
    # And they are as many as the plan says before anything is loaded.
    sizes = TextSizes.of(model.config)
    n = sum(each.numel() for each in names.values())
    assert adapter_parameters(sizes, ChatLoraRecipe(r=4, experts=experts)) == n
    assert family is chat_family(model.config.model_type)


def test_without_the_exclusion_a_mixture_would_get_adapters_on_its_ears(chat_models):
    # PEFT 0.21 makes bare names of a pattern for mixtures, whatever the pattern's anchor. Should
    # it stop doing so this fails, and the exclusion can go.
    model, _ = load_chat_model(chat_models["qwen3_omni_moe_thinker"], device="cpu")
    config = lora_config(ChatLoraRecipe(), chat_family("qwen3_omni_moe_thinker"))
    config.exclude_modules = None
    names = trained(get_peft_model(model, config))
    assert any(".audio_tower." in name for name in names)


def test_published_sizes_give_the_paper_s_count():
    seven = PUBLISHED["Qwen/Qwen2.5-Omni-7B"].sizes
    # AffectGPT, Table 8: rank 16 on Qwen2.5-7B, whose language model this is.
    assert adapter_parameters(seven, ChatLoraRecipe()) == 40_370_176
    thirty = PUBLISHED["Qwen/Qwen3-Omni-30B-A3B-Instruct"].sizes
    # By hand: 48 layers of rank 16; q and o join 2048 and 4096 numbers, k and v 2048 and 512.
    attention = 48 * 16 * (2 * (2048 + 4096) + 2 * (2048 + 512))
    # 128 experts: gate and up as one weight from 2048 to 2 * 768, down from 768 to 2048.
    experts = 48 * 16 * 128 * ((2048 + 1536) + (768 + 2048))
    assert adapter_parameters(thirty, ChatLoraRecipe(experts=False)) == attention == 13_369_344
    assert adapter_parameters(thirty, ChatLoraRecipe()) == attention + experts == 642_514_944


def test_sizes_of_a_whole_checkpoint_are_its_thinker_s(tmp_path):
    whole = AutoConfig.from_pretrained(make_chat_model("qwen2_5_omni", tmp_path / "whole"))
    assert TextSizes.of(whole) == TextSizes(32, 64, 2, 4, 2, 8)


@pytest.mark.parametrize("kind", ["qwen2_5_omni_thinker", "qwen3_omni_moe_thinker"])
def test_checkpointing_changes_neither_loss_nor_gradients(built, batch_of, kind):
    model, examples = built(kind)
    with torch.no_grad():
        for name, each in trained(model).items():
            if "lora_B" in name:
                each.normal_(std=0.1)
    batch = batch_of(examples, 0, 1)
    labels = batch.pop("labels")
    found = []
    for spares in (False, True):
        model.train()
        if spares:
            model.gradient_checkpointing_enable({"use_reentrant": False})
        model.zero_grad()
        loss = answer_loss(model(**batch), labels)
        loss.backward()
        gradients = {name: each.grad.clone() for name, each in trained(model).items()}
        found.append((float(loss), gradients))
    (loss, gradients), (other, others) = found
    assert loss == pytest.approx(other, rel=1e-6)
    assert all(each.abs().sum() > 0 for each in gradients.values()), "every adapter learns"
    for name, each in gradients.items():
        torch.testing.assert_close(each, others[name], rtol=1e-4, atol=1e-6)


def test_adapters_are_trained_in_float32_whatever_the_weights(make_recipe):
    for kind in ("qwen2_audio", "qwen3_omni_moe_thinker"):
        model, _, _ = build_omni(make_recipe(kind, dtype="bfloat16"))
        assert {each.dtype for each in trained(model).values()} == {torch.float32}
        others = {e.dtype for e in model.parameters() if not e.requires_grad}
        assert torch.bfloat16 in others and torch.float32 not in others


def test_what_cannot_be_trained_is_refused(make_recipe, tmp_path):
    lora = ChatLoraRecipe(dropout=0.1)
    with pytest.raises(ValueError, match=r"fused experts have no dropout: got lora.dropout=0.1"):
        build_omni(make_recipe("qwen3_omni_moe_thinker", lora=lora))
    build_omni(make_recipe("qwen2_audio", lora=lora))
    with pytest.raises(ValueError, match=r"takes no video: got modalities video, text"):
        build_omni(make_recipe("qwen2_audio", modalities=("video", "text")))
    with pytest.raises(FileNotFoundError, match="model folder not found"):
        build_omni(make_recipe(model=str(tmp_path / "none")))
    other = make_chat_model("qwen3_vl", tmp_path / "vl")
    with pytest.raises(ValueError, match=r"unknown `model_type` of a chat model.*got 'qwen3_vl'"):
        build_omni(make_recipe(model=str(other)))
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "adapter_config.json").write_text("{}")
    with pytest.raises(ValueError, match="holds adapters: expected a whole model"):
        build_omni(make_recipe(model=str(tmp_path / "run")))
