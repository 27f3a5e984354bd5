"""Any causal language model by its configuration: the same logits, adapters, and answers."""

import pytest
import torch
from peft import LoraConfig, get_peft_model
from torch import nn
from transformers import AutoModelForCausalLM

from affecthub.modeling.affectgpt import AffectGPTForConditionalGeneration
from affecthub.modeling.affectgpt.modeling_language import (
    LORA_PROJECTIONS,
    finish_logits,
    fusion_modules,
    lora_target_modules,
    take_apart,
)

SIZES = {
    "vocab_size": 262,
    "hidden_size": 32,
    "intermediate_size": 48,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "max_position_embeddings": 512,
    "bos_token_id": None,
}
GEMMA = {**SIZES, "head_dim": 8, "sliding_window": 16}
NEOX = {"dense", "dense_4h_to_h", "dense_h_to_4h", "query_key_value"}
# Sizes of each family, with whatever it does to its logits turned up, and where LoRA goes.
FAMILIES = {
    "qwen2": (SIZES, LORA_PROJECTIONS),
    "qwen3": ({**SIZES, "head_dim": 8}, LORA_PROJECTIONS),
    "llama": (SIZES, LORA_PROJECTIONS),
    "mistral": (SIZES, LORA_PROJECTIONS),
    "gemma2": ({**GEMMA, "final_logit_softcapping": 0.5}, LORA_PROJECTIONS),
    "gemma3_text": (GEMMA, LORA_PROJECTIONS),
    "phi3": (SIZES, {"down_proj", "gate_up_proj", "o_proj", "qkv_proj"}),
    "phi": (SIZES, {"dense", "fc1", "fc2", "k_proj", "q_proj", "v_proj"}),
    "gpt_neox": (SIZES, NEOX),
    "granite": ({**SIZES, "logits_scaling": 4.0, "embedding_multiplier": 3.0}, LORA_PROJECTIONS),
    "hyperclovax": ({**SIZES, "logits_scaling": 4.0}, LORA_PROJECTIONS),
    "falcon_h1": (
        {
            **SIZES,
            "lm_head_multiplier": 3.0,
            "mamba_d_ssm": 32,
            "mamba_n_heads": 4,
            "mamba_d_head": 8,
            "mamba_d_state": 8,
            "mamba_n_groups": 1,
        },
        LORA_PROJECTIONS,
    ),
    "cohere": ({**SIZES, "logit_scale": 0.25}, LORA_PROJECTIONS),
    "olmo2": (SIZES, LORA_PROJECTIONS),
    "glm": (
        {**SIZES, "head_dim": 8},
        {"down_proj", "gate_up_proj", "k_proj", "o_proj", "q_proj", "v_proj"},
    ),
    "llama4_text": (
        {**SIZES, "head_dim": 8, "intermediate_size_mlp": 48, "num_local_experts": 2},
        LORA_PROJECTIONS,
    ),
    "qwen3_5_text": (
        {
            **SIZES,
            "head_dim": 8,
            "num_hidden_layers": 4,  # linear attention in three, then full attention
            "linear_num_key_heads": 2,
            "linear_num_value_heads": 2,
            "linear_key_head_dim": 8,
            "linear_value_head_dim": 8,
        },
        LORA_PROJECTIONS,
    ),
    "gpt2": (
        {
            "vocab_size": 262,
            "n_embd": 32,
            "n_layer": 2,
            "n_head": 4,
            "n_positions": 512,
            "bos_token_id": None,
        },
        {"c_attn", "c_fc", "c_proj"},
    ),
}


@pytest.fixture(scope="module")
def pair(make_config):
    """An AffectGPT and a bare language model of the same weights."""

    def make(model_type: str, tied: bool):
        text = {**FAMILIES[model_type][0], "model_type": model_type, "tie_word_embeddings": tied}
        config = make_config(text_config=text)
        torch.manual_seed(0)
        model = AffectGPTForConditionalGeneration(config).eval()
        bare = AutoModelForCausalLM.from_config(config.text_config).eval()
        body, head = take_apart(bare)
        body.load_state_dict(model.model.language_model.state_dict())
        head.load_state_dict(model.lm_head.state_dict())
        return model, bare

    return make


@pytest.mark.parametrize("tied", [False, True])
@pytest.mark.parametrize("model_type", FAMILIES)
def test_text_alone_is_the_language_model_itself(pair, model_type, tied) -> None:
    model, bare = pair(model_type, tied)
    assert (model.lm_head.weight is model.get_input_embeddings().weight) is tied
    ids = torch.randint(2, 250, (2, 9), generator=torch.Generator().manual_seed(0))
    assert torch.equal(model(input_ids=ids).logits, bare(input_ids=ids).logits)
    options = {"max_new_tokens": 3, "do_sample": False, "attention_mask": torch.ones_like(ids)}
    expected = bare.generate(ids, suppress_tokens=[258, 259, 260, 261], **options)
    assert torch.equal(model.generate(ids, **options), expected)


@pytest.mark.parametrize("model_type", FAMILIES)
def test_any_language_model_answers_about_a_clip(
    pair, processor, clip, wave, model_type, tmp_path
) -> None:
    model, _ = pair(model_type, tied=True)
    batch = processor(text=["a", "longer"], videos=[clip, None], audio=[None, wave])
    logits = model(**batch).logits
    assert logits.isfinite().all()
    assert model.generate(**batch, max_new_tokens=2).shape[0] == 2
    model.save_pretrained(tmp_path)
    again = AffectGPTForConditionalGeneration.from_pretrained(tmp_path)
    torch.testing.assert_close(again(**batch).logits, logits)
    assert again.lm_head.weight is again.get_input_embeddings().weight


@pytest.mark.filterwarnings("ignore:fan_in_fan_out is set to False")
@pytest.mark.parametrize("model_type", FAMILIES)
def test_adapters_go_where_the_family_has_its_projections(pair, model_type) -> None:
    model, _ = pair(model_type, tied=False)
    target, saved = lora_target_modules(model), fusion_modules(model)
    wrapped = get_peft_model(model, LoraConfig(r=2, target_modules=target, modules_to_save=saved))
    adapted = [n.split(".lora_A")[0] for n, _ in wrapped.named_parameters() if ".lora_A" in n]
    assert {name.rpartition(".")[2] for name in adapted} == set(FAMILIES[model_type][1])
    assert all(".language_model." in name for name in adapted)
    ids = torch.tensor([[5, 6, 7]])
    wrapped(input_ids=ids, labels=ids).loss.backward()
    assert all(p.grad is not None for n, p in wrapped.named_parameters() if ".lora_B" in n)


def test_logits_are_scaled_then_capped() -> None:
    """2 * 3 / 4 = 1.5, and 0.5 * tanh(1.5 / 0.5) = 0.49753."""

    class Config:
        model_type = "made_up"
        logit_scale = 3.0
        logits_scaling = 4.0
        final_logit_softcapping = 0.5

    assert finish_logits(torch.tensor(2.0), Config).item() == pytest.approx(0.49753, abs=1e-5)
    Config.model_type = "hyperclovax"  # 2 * 3 * 4 = 24 is far beyond the cap
    assert finish_logits(torch.tensor(2.0), Config).item() == pytest.approx(0.5)


@pytest.mark.parametrize("model_type", ["bert", "roberta", "bart", "mamba", "xlm"])
def test_language_models_that_cannot_be_taken_apart_are_refused(make_config, model_type) -> None:
    config = make_config(text_config={**SIZES, "model_type": model_type})
    with pytest.raises(ValueError, match="`text_config` is of a family that cannot be used: got"):
        AffectGPTForConditionalGeneration(config)


def test_output_bias_is_kept(pair) -> None:
    model, bare = pair("phi", tied=False)
    assert isinstance(model.lm_head, nn.Linear)
    for head in (model.lm_head, bare.get_output_embeddings()):
        nn.init.constant_(head.bias, 2.0)
    ids = torch.tensor([[5, 6, 7]])
    assert torch.equal(model(input_ids=ids).logits, bare(input_ids=ids).logits)
