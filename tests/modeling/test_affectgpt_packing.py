"""Samples in one row learn what they learn apart, and none sees another."""

import pytest
import torch
from peft import LoraConfig, get_peft_model
from transformers import DataCollatorWithFlattening

from affecthub.modeling.affectgpt import modeling_packing
from affecthub.modeling.affectgpt.modeling_language import fusion_modules, lora_target_modules

TIGHT = {"atol": 1e-6, "rtol": 1e-6}


@pytest.fixture(scope="module")
def samples(processor, clip, wave) -> list[dict]:
    """Unlike lengths and modalities, the first of them without media."""
    rows = [
        {"text": "words alone, and rather more of them than the others have"},
        {"text": "Hm.", "videos": clip, "audio": wave},
        {"audio": wave[:16000]},
        {"videos": clip[::-1].copy(), "faces": clip[:, 10:30, 10:30].copy(), "text": "No."},
    ]
    batches = [processor(**row, answers="joy" * (i + 1)) for i, row in enumerate(rows)]
    return [{name: value[0] for name, value in batch.items()} for batch in batches]


def gradients(model, batch, **options) -> tuple[torch.Tensor, dict[str, torch.Tensor]]:
    model.zero_grad()
    loss = model(**batch, **options).loss
    loss.backward()
    named = model.named_parameters()
    return loss.detach(), {name: p.grad.clone() for name, p in named if p.grad is not None}


def compare(model, processor, samples, **options) -> None:
    expected, apart = gradients(model, processor.pad(samples), **options)
    loss, packed = gradients(model, processor.pack(samples), **options)
    torch.testing.assert_close(loss, expected, **TIGHT)
    assert packed.keys() == apart.keys() and len(packed) > 20
    for name, gradient in apart.items():
        torch.testing.assert_close(packed[name], gradient, **TIGHT, msg=name)


def test_a_packed_row(processor, samples) -> None:
    batch, apart = processor.pack(samples), processor.pad(samples)
    lengths = [len(sample["input_ids"]) for sample in samples]
    assert batch["input_ids"].tolist() == [sum((s["input_ids"].tolist() for s in samples), [])]
    assert batch["position_ids"].tolist() == [[i for n in lengths for i in range(n)]]
    assert batch["labels"].shape == batch["input_ids"].shape == (1, sum(lengths))
    assert (batch["labels"] != -100).sum() == (apart["labels"] != -100).sum()
    assert "attention_mask" not in batch
    for name in apart.keys() - {"input_ids", "attention_mask", "labels"}:
        assert torch.equal(batch[name], apart[name]), name
    # A sample is its first token's neighbour, not its teacher; padding in a sample is left out.
    taught = [{"input_ids": [5, 6], "labels": [5, 6]}, {"input_ids": [7, 0], "labels": [7, 0]}]
    taught[1]["attention_mask"] = [1, 0]
    small = processor.pack(taught, return_tensors="np")
    assert small["labels"].tolist() == [[-100, 6, -100]]
    assert small["position_ids"].tolist() == [[0, 1, 0]]
    assert "labels" not in processor.pack([{"input_ids": [5]}])


@pytest.mark.parametrize("attention", ["eager", "sdpa"])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_packed_samples_learn_as_padded_ones(
    make_model, processor, samples, attention, dtype
) -> None:
    model = make_model().to(dtype).train()
    model.set_attn_implementation(attention)
    compare(model, processor, samples)
    compare(model, processor, samples, num_items_in_batch=torch.tensor(50))
    # Whoever evaluates gets the logits that each sample gets alone.
    model.eval()
    with torch.no_grad():
        logits = model(**processor.pack(samples)).logits[0]
        for sample, rows in zip(
            samples, logits.split([len(s["input_ids"]) for s in samples]), strict=True
        ):
            alone = model(**processor.pad([sample])).logits[0]
            torch.testing.assert_close(rows, alone, atol=1e-5, rtol=1e-5)


def test_with_adapters_with_features_and_recomputed(make_model, processor, samples, model) -> None:
    """LoRA around the model, cached features in place of media, checkpointed activations."""
    lora = LoraConfig(
        r=4,
        init_lora_weights=False,
        target_modules=lora_target_modules(model),
        modules_to_save=fusion_modules(model),
    )
    kept = []
    for sample in samples:
        row = {name: sample[name] for name in ("input_ids", "labels")}
        with torch.no_grad():
            for media, name in (
                ("pixel_values", "vision_features"),
                ("face_pixel_values", "face_features"),
            ):
                if media in sample:
                    row[name] = model.get_video_features(sample[media][None]).last_hidden_state[0]
            if "input_values" in sample:
                values = sample["input_values"][None]
                row["audio_features"] = model.get_audio_features(values).last_hidden_state[0]
        kept.append(row)
    adapted = get_peft_model(make_model(), lora).double().train()
    compare(adapted, processor, samples)
    compare(adapted, processor, kept)
    adapted.gradient_checkpointing_enable({"use_reentrant": False})
    compare(adapted, processor, samples)


def test_without_the_guard_samples_see_each_other(
    make_model, processor, samples, monkeypatch
) -> None:
    """What the language model is told keeps them apart: untold they leak, in training too."""
    model = make_model().double().train()
    # What Trainer sets does not reach the language model.
    model.config.use_cache = False
    apart = model(**processor.pad(samples)).loss
    torch.testing.assert_close(model(**processor.pack(samples)).loss, apart, **TIGHT)
    monkeypatch.setitem(modeling_packing.APART, "use_cache", None)
    assert abs(model(**processor.pack(samples)).loss - apart) > 1e-4
    # A model that has not been tried out is found out.
    with pytest.raises(ValueError, match="see each other: got Qwen2Model"):
        make_model()(**processor.pack(samples))


def test_no_sample_changes_when_another_does(make_model, processor, samples) -> None:
    model = make_model()
    other = {**samples[1], "pixel_values": -samples[1]["pixel_values"]}
    n_first = len(samples[0]["input_ids"]) + len(samples[1]["input_ids"])
    with torch.no_grad():
        before = model(**processor.pack(samples)).logits[0]
        after = model(**processor.pack([samples[0], other, *samples[2:]])).logits[0]
    moved = (before != after).any(-1)
    assert moved[len(samples[0]["input_ids"]) : n_first].any()
    assert not moved[n_first:].any() and not moved[: len(samples[0]["input_ids"])].any()


def test_rows_of_others_and_several_rows(make_model, processor) -> None:
    """What transformers' own collator makes is packed too, and so are several rows of a length."""
    model = make_model().train()
    texts = [processor(text=t, answers="joy") for t in ("one", "two or more")]
    ones = [{k: one[k][0].tolist() for k in ("input_ids", "labels")} for one in texts]
    flat = DataCollatorWithFlattening(return_tensors="pt")(ones)
    torch.testing.assert_close(model(**flat).loss, model(**processor.pad(ones)).loss, **TIGHT)
    rows = [processor.pack(order) for order in (ones, ones[::-1])]
    both = {name: torch.cat([row[name] for row in rows]) for name in rows[0]}
    torch.testing.assert_close(model(**both).loss, model(**rows[0]).loss, **TIGHT)
    # By embeddings, too.
    embeds = model.get_input_embeddings()(flat["input_ids"])
    loss = model(
        inputs_embeds=embeds, position_ids=flat["position_ids"], labels=flat["labels"]
    ).loss
    torch.testing.assert_close(loss, model(**flat).loss, **TIGHT)


def test_padding_is_no_packing(model, processor, clip) -> None:
    """One padded sample has positions that begin anew, and generates as ever."""
    options = {"max_new_tokens": 4, "do_sample": False, "min_new_tokens": 4}
    inputs = processor(videos=clip, text="a")
    wide = processor(videos=clip, text="a", padding="max_length", max_length=300)
    assert model.generate(**wide, **options)[0, 300:].tolist() == (
        model.generate(**inputs, **options)[0, inputs["input_ids"].shape[1] :].tolist()
    )
    at = (wide["attention_mask"].cumsum(-1) - 1).clamp(min=0)
    expected = model(**inputs).logits[0, -1]
    torch.testing.assert_close(model(**wide, position_ids=at).logits[0, -1], expected)


def test_what_would_let_them_see_each_other_is_refused(make_model, processor, samples) -> None:
    model, batch = make_model(), processor.pack(samples)
    ones = torch.ones_like(batch["input_ids"])
    for given in ({"attention_mask": ones}, {"use_cache": True}):
        with pytest.raises(ValueError, match=f"would see each other: got .*`{next(iter(given))}"):
            model(**batch, **given)
    batch["video_mask"] = batch["video_mask"].flip(0)
    with pytest.raises(ValueError, match="sample 1 has 1 .* placeholders but 0 feature"):
        model(**batch)
    del batch["video_mask"]
    batch["pixel_values"] = batch["pixel_values"][:3]
    with pytest.raises(ValueError, match=r"got \[3\] rows .* for 4 samples"):
        model(**batch)


SMALL = {"vocab_size": 262, "hidden_size": 32, "num_attention_heads": 4, "num_hidden_layers": 2}
STATE = {"mamba_d_ssm": 32, "mamba_n_heads": 4, "mamba_d_head": 8, "mamba_d_state": 8}


@pytest.mark.parametrize(
    ("model_type", "sizes", "name"),
    [
        ("opt", {"ffn_dim": 48, "word_embed_proj_dim": 32}, "OPTModel"),
        ("falcon_h1", {**STATE, "mamba_n_groups": 1, "num_key_value_heads": 2}, "FalconH1Model"),
    ],
)
def test_language_models_that_mix_samples_are_refused(
    make_model, processor, samples, model_type, sizes, name
) -> None:
    """Some never look at positions when they mask, some carry a state from token to token."""
    text = {"model_type": model_type, **SMALL, **sizes}
    model = make_model(text_config=text).train()
    model.model.language_model.get_input_embeddings().eval()
    seed = torch.get_rng_state()
    with pytest.raises(ValueError, match=f"see each other: got {name}, which masks without"):
        model(**processor.pack(samples))
    # The trial leaves everything as it was, and what is not packed is trained as ever.
    assert torch.equal(torch.get_rng_state(), seed)
    assert not model.model.language_model.get_input_embeddings().training
    assert model.model.language_model.training
    assert model(**processor.pack(samples[:1])).loss.isfinite()


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "batch is empty"),
        ([{"input_ids": [5], "position_ids": [0]}], "keys that no batch holds: got position_ids"),
        ([{"input_ids": [5], "labels": [5]}, {"input_ids": [5]}], "got 1 of 2, expected all or"),
        ([{"input_ids": [5, 6], "labels": [5]}], "sample 0 has no row of tokens"),
        (
            [{"input_ids": [5], "attention_mask": [1]}, {"input_ids": [0], "attention_mask": [0]}],
            "sample 1 has no tokens: got 1 of padding",
        ),
    ],
)
def test_what_cannot_be_packed_is_refused(processor, rows, message) -> None:
    with pytest.raises(ValueError, match=message):
        processor.pack(rows)
