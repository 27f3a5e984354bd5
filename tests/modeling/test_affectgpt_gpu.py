"""On an accelerator: the same answers as on the CPU, compiled, quantised and in half precision."""

import numpy as np
import pytest
import torch

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs an accelerator"),
]

SETTINGS = {"max_new_tokens": 8, "do_sample": False, "pad_token_id": 0}


@pytest.fixture
def clip() -> np.ndarray:
    """Frames of the tower's own size, so that nothing has to be scaled."""
    return np.random.default_rng(0).integers(0, 256, (20, 56, 56, 3), dtype=np.uint8)


@pytest.fixture
def batch(processor, clip, wave):
    return processor(
        text=["she laughs", "no", None], videos=[clip, None, clip], audio=[wave, wave, None]
    )


def on_device(batch) -> dict:
    return {name: value.cuda() for name, value in batch.items()}


def test_the_device_gives_what_the_cpu_gives(make_model, batch) -> None:
    model = make_model()
    expected = model(**batch).logits
    answers = model.generate(**batch, **SETTINGS)
    model = model.cuda()
    got = model(**on_device(batch)).logits.cpu()
    keep = batch["attention_mask"].bool()
    torch.testing.assert_close(got[keep], expected[keep], atol=1e-3, rtol=1e-3)
    assert torch.equal(model.generate(**on_device(batch), **SETTINGS).cpu(), answers)


@pytest.mark.parametrize("kernel", ["eager", "flex_attention"])
def test_kernels_agree(make_model, batch, kernel) -> None:
    keep = batch["attention_mask"].bool()
    model = make_model().cuda()
    expected = model(**on_device(batch)).logits.cpu()
    model.set_attn_implementation({"text_config": kernel})
    got = model(**on_device(batch)).logits.cpu()
    torch.testing.assert_close(got[keep], expected[keep], atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_half_precision_stays_close(make_model, batch, dtype, tmp_path) -> None:
    model = make_model()
    keep = batch["attention_mask"].bool()
    expected = model(**batch).logits.softmax(-1)[keep]
    model.save_pretrained(tmp_path)
    half = type(model).from_pretrained(tmp_path, dtype=dtype, device_map={"": 0})
    assert half.model.fusion.vision_proj.weight.dtype == torch.float32
    got = half(**on_device(batch)).logits.float().softmax(-1).cpu()[keep]
    torch.testing.assert_close(got, expected, atol=5e-3, rtol=0)


def test_compiled_towers_and_a_static_cache_change_nothing(make_model, batch) -> None:
    model = make_model().cuda()
    expected = model.generate(**on_device(batch), **SETTINGS)
    model.model.vision_tower.compile()
    model.model.audio_tower.compile()
    assert torch.equal(model.generate(**on_device(batch), **SETTINGS), expected)
    static = model.generate(**on_device(batch), **SETTINGS, cache_implementation="static")
    assert torch.equal(static, expected)


@pytest.mark.parametrize("bits", [4, 8])
def test_a_quantised_language_model_answers_and_learns(
    make_model, make_processor, clip, wave, bits, tmp_path
) -> None:
    pytest.importorskip("bitsandbytes")
    from peft import LoraConfig, get_peft_model

    from affecthub.modeling.affectgpt.modeling_language import (
        fusion_modules,
        lora_target_modules,
        quantization_config,
    )

    model = make_model(text_config={"tie_word_embeddings": False})
    model.save_pretrained(tmp_path)
    few = type(model).from_pretrained(
        tmp_path,
        dtype=torch.bfloat16,
        device_map={"": 0},
        quantization_config=quantization_config(bits),
    )
    layer = few.model.language_model.layers[0].mlp.up_proj
    assert f"{bits}bit" in type(layer).__name__.lower()
    assert type(few.model.vision_projector) is torch.nn.Linear
    assert type(few.model.vision_tower.visual_projection) is torch.nn.Linear
    batch = on_device(make_processor()(text="a", videos=clip, audio=wave, answers="joy"))
    lora = LoraConfig(
        r=4, target_modules=lora_target_modules(few), modules_to_save=fusion_modules(few)
    )
    trained = get_peft_model(few, lora).train()
    with torch.autocast("cuda", torch.bfloat16):
        trained(**batch).loss.backward()
    grads = [p.grad for p in trained.parameters() if p.requires_grad]
    assert all(grad is not None and grad.isfinite().all() for grad in grads)
    batch.pop("labels")
    assert trained.eval().generate(**batch, **SETTINGS).shape[0] == 1
