"""What transformers checks of its own models, checked of this one."""

import copy
import inspect
import pickle
from contextlib import contextmanager

import pytest
import torch
from accelerate import dispatch_model, infer_auto_device_map
from peft import LoraConfig, get_peft_model
from safetensors.torch import load_file, save_file
from torch import nn
from transformers import AutoModel, AutoModelForMultimodalLM, Trainer
from transformers.quantizers.quantizers_utils import should_convert_module
from transformers.utils import find_labels

from affecthub.modeling.affectgpt import (
    AffectGPTConfig,
    AffectGPTForConditionalGeneration,
    AffectGPTModel,
)
from affecthub.modeling.affectgpt.configuration_sizes import TINY_AUDIO
from affecthub.modeling.affectgpt.modeling_language import (
    FUSION_MODULES,
    fusion_modules,
    lora_target_modules,
    quantization_config,
)

QFORMERS = {"vision_pooling": "qformer", "audio_pooling": "qformer", "fusion": "qformer"}


@pytest.fixture(scope="module")
def batch(processor, clip, wave):
    """Four unlike samples, padded on the left."""
    return processor(
        text=["she laughs", None, "no", "a longer sentence than the others have"],
        videos=[clip, clip, None, None],
        audio=[wave, None, wave, None],
        faces=[clip[::-1].copy(), None, None, None],
    )


@pytest.fixture(scope="module")
def taught(processor, clip, wave):
    """Two samples with answers."""
    return processor(
        text=["a", "bb"], videos=[clip, None], audio=[wave, wave], answers=["joy", "fear"]
    )


@contextmanager
def unset_memory_is_nan():
    """Let memory that nothing wrote to hold NaN, in place of what happens to lie there."""
    torch.use_deterministic_algorithms(True, warn_only=True)
    before = torch.utils.deterministic.fill_uninitialized_memory
    torch.utils.deterministic.fill_uninitialized_memory = True
    try:
        assert torch.empty(3).isnan().all()
        yield
    finally:
        torch.utils.deterministic.fill_uninitialized_memory = before
        torch.use_deterministic_algorithms(False)


def is_whole(model: nn.Module) -> bool:
    values = [*model.named_parameters(), *model.named_buffers()]
    return all(
        v.isfinite().all()
        for name, v in values
        # Of a HubertModel without weights, transformers 5.23 leaves the weight-normed layer unset.
        if v.is_floating_point() and ".parametrizations." not in name
    )


def is_fusion(name: str) -> bool:
    return any(f".{module}." in f".{name}" for module in FUSION_MODULES)


# Initialisation


@pytest.mark.parametrize("parts", [{}, QFORMERS], ids=["attention", "qformer"])
def test_nothing_is_left_unset(make_config, parts, tmp_path) -> None:
    config = make_config(**parts)
    with unset_memory_is_nan():
        models = []
        for seed in (0, 0, 1):
            torch.manual_seed(seed)
            models.append(AffectGPTForConditionalGeneration(config))
        assert all(is_whole(model) for model in models)
        first, second, third = (dict(model.named_parameters()) for model in models)
        assert all(torch.equal(first[name], second[name]) for name in first)
        random = [name for name, p in first.items() if p.numel() > 1 and p.std() > 0]
        assert {name for name in random if torch.equal(first[name], third[name])} == set()

        models[0].save_pretrained(tmp_path)
        weights = load_file(tmp_path / "model.safetensors")
        for kind in ("fusion", "vision_tower", "audio_tower", "language_model"):
            kept = {
                name: value
                for name, value in weights.items()
                if not (is_fusion(name) if kind == "fusion" else f".{kind}." in name)
            }
            assert 0 < len(kept) < len(weights)
            save_file(kept, tmp_path / "model.safetensors", {"format": "pt"})
            loaded, found = AffectGPTForConditionalGeneration.from_pretrained(
                tmp_path, output_loading_info=True
            )
            assert is_whole(loaded), kind
            # A head that is tied to lost embeddings is lost with them.
            assert found["missing_keys"] - {"lm_head.weight"} == weights.keys() - kept.keys()
            values = loaded.state_dict()
            assert all(torch.equal(values[name], value) for name, value in kept.items())
            if kind == "fusion" and not parts:
                assert loaded.model.vision_pooler.score.bias.item() == pytest.approx(1 / 8)
                assert loaded.model.fusion.attention_out.bias.tolist() == [0.5, 0.5]
            # Random weights are as large as in a model from nothing.
            for name in weights.keys() - kept.keys():
                if first[name].numel() > 999 and ".parametrizations." not in name:
                    spread = first[name].std()
                    torch.testing.assert_close(values[name].std(), spread, atol=0, rtol=0.1)


def test_given_weights_are_not_touched(make_model, tmp_path) -> None:
    """Every value a constant of its own, where an initialisation would leave 0, 1 or noise."""
    model = make_model(**QFORMERS)
    with torch.no_grad():
        for index, parameter in enumerate(model.parameters()):
            parameter.fill_(index / 1000)
    model.save_pretrained(tmp_path)
    for kind in (AffectGPTForConditionalGeneration, AutoModelForMultimodalLM):
        loaded = kind.from_pretrained(tmp_path)
        for (name, value), other in zip(loaded.named_parameters(), model.parameters(), strict=True):
            assert torch.equal(value, other), name


def test_body_and_whole_load_from_each_other(make_model, batch, tmp_path) -> None:
    model = make_model()
    model.save_pretrained(tmp_path / "whole")
    body = AutoModel.from_pretrained(tmp_path / "whole")
    assert type(body) is AffectGPTModel
    expected = model.model(**batch).last_hidden_state
    torch.testing.assert_close(body(**batch).last_hidden_state, expected)
    body.save_pretrained(tmp_path / "body")
    whole = AffectGPTForConditionalGeneration.from_pretrained(tmp_path / "body")
    torch.testing.assert_close(whole(**batch).logits, model(**batch).logits)


# Kernels, checkpointing, shapes


def test_attention_kernels_agree(make_model, batch, tmp_path) -> None:
    model = make_model(**QFORMERS)
    batch = _queries(model, batch)
    model.save_pretrained(tmp_path)
    expected = model(**batch).logits[batch["attention_mask"] == 1]
    parts = {
        "vision_config": "eager",
        "audio_config": "sdpa",
        "text_config": "eager",
        "qformer_config": "eager",
    }
    for kernels in ("eager", "sdpa", parts):
        loaded = AffectGPTForConditionalGeneration.from_pretrained(
            tmp_path, attn_implementation=kernels
        )
        inner = loaded.model
        used = {
            "vision_config": inner.vision_tower,
            "audio_config": inner.audio_tower,
            "text_config": inner.language_model,
            "qformer_config": inner.fusion.reader.qformer,
        }
        for key, part in used.items():
            wanted = kernels if isinstance(kernels, str) else kernels[key]
            assert part.config._attn_implementation == wanted, key
        got = loaded(**batch).logits[batch["attention_mask"] == 1]
        torch.testing.assert_close(got, expected, atol=1e-5, rtol=1e-5)
        loaded.set_attn_implementation("eager")
        assert all(part.config._attn_implementation == "eager" for part in used.values())


def _queries(model, batch):
    """Every placeholder as many times as a model with queries expects it."""
    ids, mask = [], []
    counts = {
        model.config.placeholders[getattr(model.config, f"{kind}_token")]: n
        for kind, n in model.config.n_tokens.items()
    }
    for row, seen in zip(batch["input_ids"], batch["attention_mask"], strict=True):
        ids.append([i for i in row[seen == 1].tolist() for _ in range(counts.get(i, 1))])
    width = max(map(len, ids))
    mask = [[0] * (width - len(row)) + [1] * len(row) for row in ids]
    ids = [[0] * (width - len(row)) + row for row in ids]
    return {**batch, "input_ids": torch.tensor(ids), "attention_mask": torch.tensor(mask)}


@pytest.mark.slow
def test_flex_attention_agrees(make_model, batch) -> None:
    model = make_model()
    expected = model(**batch).logits[batch["attention_mask"] == 1]
    model.set_attn_implementation({"text_config": "flex_attention"})
    assert model.model.language_model.config._attn_implementation == "flex_attention"
    with torch.no_grad():  # on a CPU it has no backward pass
        got = model(**batch).logits[batch["attention_mask"] == 1]
    torch.testing.assert_close(got, expected, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("parts", [{}, QFORMERS, {"freeze_towers": False}], ids=str)
def test_activation_checkpointing_changes_nothing(make_model, taught, parts) -> None:
    results = []
    for checkpointing in (False, True):
        model = make_model(**parts).train()
        if checkpointing:
            model.activation_checkpointing_enable()
            assert model.is_activation_checkpointing
            assert model.model.language_model.layers[0].gradient_checkpointing
        inputs = _queries(model, taught) if parts == QFORMERS else taught
        if parts == QFORMERS:  # the answer is at the end of the row
            labels = torch.full_like(inputs["input_ids"], -100)
            labels[:, -3:] = inputs["input_ids"][:, -3:]
            inputs["labels"] = labels
        loss = model(**inputs).loss
        loss.backward()
        results.append((loss, {n: p.grad for n, p in model.named_parameters()}))
    (loss, gradients), (again, others) = results
    torch.testing.assert_close(again, loss)
    for name, gradient in gradients.items():
        torch.testing.assert_close(others[name], gradient, atol=1e-6, rtol=1e-4, msg=name)


def test_outputs_have_the_stated_shapes(make_model, batch) -> None:
    model = make_model()
    model.set_attn_implementation("eager")
    n, length = batch["input_ids"].shape
    output = model(**batch, output_hidden_states=True, output_attentions=True)
    assert [h.shape for h in output.hidden_states] == [(n, length, 128)] * 3
    assert [a.shape for a in output.attentions] == [(n, 4, length, length)] * 2
    assert output.past_key_values.get_seq_length() == length
    as_tuple = model(**batch, return_dict=False)
    torch.testing.assert_close(as_tuple[0], output.logits)
    labelled = model(**batch, labels=batch["input_ids"], return_dict=False)
    assert labelled[0].dim() == 0
    assert model(**batch, use_cache=False).past_key_values is None
    kept = model(**batch, logits_to_keep=torch.tensor([0, length - 1])).logits
    torch.testing.assert_close(kept, output.logits[:, [0, -1]])
    said = model.generate(
        **batch,
        max_new_tokens=2,
        min_new_tokens=2,
        return_dict_in_generate=True,
        output_hidden_states=True,
        output_attentions=True,
    )
    assert [len(step) for step in said.hidden_states] == [3, 3]
    assert said.hidden_states[1][0].shape == (n, 1, 128)
    assert said.attentions[1][0].shape == (n, 4, 1, length + 1)


# Embeddings


@pytest.mark.parametrize("tied", [True, False])
def test_resized_embeddings_survive_a_folder(make_model, batch, tied, tmp_path) -> None:
    model = make_model(text_config={"tie_word_embeddings": tied})
    before = model(**batch).logits
    model.resize_token_embeddings(300)
    assert (model.lm_head.out_features, model.lm_head.weight.shape) == (300, (300, 128))
    after = model(**batch).logits
    torch.testing.assert_close(after[..., :262], before)
    model.save_pretrained(tmp_path)
    loaded = AffectGPTForConditionalGeneration.from_pretrained(tmp_path)
    assert loaded.config.text_config.vocab_size == 300
    assert (loaded.lm_head.weight is loaded.get_input_embeddings().weight) is tied
    torch.testing.assert_close(loaded(**batch).logits, after)
    loaded.resize_token_embeddings(262)
    torch.testing.assert_close(loaded(**batch).logits, before)
    loss = model.train()(**batch, labels=batch["input_ids"]).loss
    assert loss.isfinite()


@pytest.mark.parametrize("tied", [True, False])
def test_tied_weights_are_declared_where_they_are(make_model, tied, tmp_path) -> None:
    model = make_model(text_config={"tie_word_embeddings": tied})
    head, body = "lm_head.weight", "model.language_model.embed_tokens.weight"
    assert model.all_tied_weights_keys == ({head: body} if tied else {})
    model.save_pretrained(tmp_path)
    saved = load_file(tmp_path / "model.safetensors")
    assert (head in saved, body in saved) == (not tied, True)
    other = nn.Embedding(262, 128)
    model.set_input_embeddings(other)
    model.tie_weights()
    assert (model.get_output_embeddings().weight is other.weight) is tied


# Precision


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("parts", [{}, QFORMERS], ids=["attention", "qformer"])
def test_half_precision_keeps_the_fusion_exact(make_model, batch, dtype, parts, tmp_path) -> None:
    model = make_model(**parts)
    inputs = _queries(model, batch)
    expected = model(**inputs).logits.softmax(-1)
    model.save_pretrained(tmp_path)
    half = AffectGPTForConditionalGeneration.from_pretrained(tmp_path, dtype=dtype)
    for name, parameter in half.named_parameters():
        wanted = torch.float32 if is_fusion(name.removeprefix("model.")) else dtype
        assert parameter.dtype == wanted, name
    output = half(**inputs)
    assert output.logits.dtype == dtype
    torch.testing.assert_close(output.logits.float().softmax(-1), expected, atol=3e-3, rtol=0)
    half.train()(**inputs, labels=inputs["input_ids"]).loss.backward()
    trained = [p for p in half.parameters() if p.requires_grad]
    assert all(p.grad.dtype == p.dtype and p.grad.isfinite().all() for p in trained)
    half.eval().save_pretrained(tmp_path / "half")
    again = AffectGPTForConditionalGeneration.from_pretrained(tmp_path / "half", dtype="auto")
    for (name, parameter), other in zip(again.named_parameters(), half.parameters(), strict=True):
        assert torch.equal(parameter, other) and parameter.dtype == other.dtype, name


@pytest.mark.parametrize("bits", [4, 8])
def test_language_model_in_few_bits(make_model, batch, bits, tmp_path) -> None:
    bnb = pytest.importorskip("bitsandbytes")
    model = make_model(text_config={"tie_word_embeddings": False})
    model.save_pretrained(tmp_path)
    small = AffectGPTForConditionalGeneration.from_pretrained(
        tmp_path, quantization_config=quantization_config(bits), dtype=torch.bfloat16
    )
    kind = bnb.nn.Linear4bit if bits == 4 else bnb.nn.Linear8bitLt
    kinds = {n: type(m) for n, m in small.named_modules() if isinstance(m, nn.Linear)}
    quantised = {name for name, found in kinds.items() if found is kind}
    assert quantised == {name for name in kinds if ".language_model." in name}
    assert len(quantised) == 14
    towers = (small.model.vision_tower, small.model.audio_tower)
    assert all(p.dtype == torch.bfloat16 for tower in towers for p in tower.parameters())
    assert small.model.vision_projector.weight.dtype == torch.float32
    lora = LoraConfig(
        target_modules=lora_target_modules(small), modules_to_save=fusion_modules(small)
    )
    trained = get_peft_model(copy.deepcopy(small), lora).train()
    trained(**batch, labels=batch["input_ids"]).loss.backward()
    assert all(p.grad is not None for p in trained.parameters() if p.requires_grad)
    expected = model(**batch).logits
    got = small(**batch).logits.float()
    # Four bits of random weights are coarse; the direction stays.
    assert torch.cosine_similarity(got.flatten(), expected.flatten(), dim=0) > 0.9
    answer = small.generate(**batch, max_new_tokens=2, do_sample=False)
    assert answer.shape[0] == 4


@pytest.mark.parametrize("bits", [4, 8])
def test_few_bits_are_for_the_language_model_only(make_model, bits) -> None:
    config = quantization_config(bits)
    assert (config.load_in_4bit, config.load_in_8bit) == (bits == 4, bits == 8)
    for name, module in make_model(**QFORMERS).named_modules():
        if isinstance(module, nn.Linear):
            converted = should_convert_module(name, config.llm_int8_skip_modules)
            assert converted is (".language_model." in name), name
    with pytest.raises(ValueError, match="`bits` is not supported: got 3, expected 4 or 8"):
        quantization_config(3)


# Devices


def test_parts_that_must_stay_together_are_declared(make_model) -> None:
    model = make_model(**QFORMERS)
    together = set(model._no_split_modules)
    assert {"QFormer", "QFormerFusion", "Qwen2DecoderLayer"} <= together
    # Layers of the towers, also those that a family does not declare, and no tower whole.
    assert {"CLIPEncoderLayer", "HubertEncoderLayerStableLayerNorm"} <= together
    assert {"ParametrizedConv1d", "HubertNoLayerNormConvLayer"} <= together
    assert not {"CLIPVisionModelWithProjection", "HubertModel"} & together
    # Whoever shards by name looks for every one.
    assert together <= {type(module).__name__ for module in model.modules()}
    assert "AttentionFusion" in AffectGPTModel._no_split_modules
    wavlm = make_model(audio_config={**TINY_AUDIO, "model_type": "wavlm"})
    assert "WavLMEncoderLayerStableLayerNorm" in wavlm._no_split_modules
    assert set(model._keep_in_fp32_modules) == set(FUSION_MODULES)


@pytest.mark.parametrize("parts", [{}, QFORMERS], ids=["attention", "qformer"])
def test_model_runs_in_pieces(make_model, batch, parts, tmp_path) -> None:
    """Every layer in a piece of its own, by the hooks that also serve several devices."""
    model = make_model(**parts)
    inputs = _queries(model, batch)
    expected = model(**inputs).logits
    answers = model.generate(**inputs, max_new_tokens=3, do_sample=False)
    size = sum(p.numel() * p.element_size() for p in model.parameters())
    places = infer_auto_device_map(
        model,
        max_memory={"cpu": size // 2, "disk": 10 * size},
        no_split_module_classes=model._no_split_modules,
    )
    assert {"cpu", "disk"} == set(places.values())
    assert len(places) > 5
    pieces = dispatch_model(model, places, offload_dir=tmp_path / "disk", main_device="cpu")
    torch.testing.assert_close(pieces(**inputs).logits, expected)
    got = pieces.generate(**inputs, max_new_tokens=3, do_sample=False)
    assert torch.equal(got, answers)


def test_model_loads_in_pieces(make_model, batch, tmp_path) -> None:
    model = make_model(text_config={"tie_word_embeddings": False})
    expected = model(**batch).logits
    model.save_pretrained(tmp_path, max_shard_size="1MB")
    assert len(list(tmp_path.glob("model-*.safetensors"))) > 2
    loaded = AffectGPTForConditionalGeneration.from_pretrained(
        tmp_path,
        device_map="auto",
        max_memory={"cpu": "3MB"},
        offload_folder=tmp_path / "disk",
    )
    assert "disk" in loaded.hf_device_map.values()
    torch.testing.assert_close(loaded(**batch).logits, expected)
    assert not any(p.requires_grad for p in loaded.model.audio_tower.parameters())


@pytest.mark.gpu
@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two CUDA devices")
@pytest.mark.parametrize("parts", [{}, QFORMERS], ids=["attention", "qformer"])
def test_model_runs_on_two_devices(make_model, batch, parts, tmp_path) -> None:
    model = make_model(**parts)
    inputs = _queries(model, batch)
    expected = model(**inputs).logits
    model.save_pretrained(tmp_path)
    size = sum(p.numel() * p.element_size() for p in model.parameters())
    split = AffectGPTForConditionalGeneration.from_pretrained(
        tmp_path, device_map="auto", max_memory={0: size * 2 // 3, 1: size}
    )
    assert set(split.hf_device_map.values()) == {0, 1}
    on_first = {name: value.to(0) for name, value in inputs.items()}
    torch.testing.assert_close(split(**on_first).logits.cpu(), expected, atol=1e-4, rtol=1e-4)
    assert split.generate(**on_first, max_new_tokens=2).shape[0] == 4


@pytest.mark.slow
def test_towers_compile_to_machine_code(make_model, batch) -> None:
    """The towers only: everything else depends on what a batch holds."""
    from torch._inductor.cpp_builder import get_cpp_compiler
    from torch._inductor.exc import InvalidCxxCompiler

    try:
        get_cpp_compiler()
    except InvalidCxxCompiler:
        pytest.skip("no C++ compiler")
    model = make_model()
    expected = model(**batch).logits
    for tower in (model.model.vision_tower, model.model.audio_tower):
        tower.compile(fullgraph=True)
    torch.testing.assert_close(model(**batch).logits, expected, atol=1e-5, rtol=1e-5)


# What Trainer, PEFT and processes ask of it


def test_config_travels(make_config, make_model, batch) -> None:
    config = make_config(**QFORMERS, fusion_input="tokens", prompt=["{fused} ", "{question}?"])
    for other in (pickle.loads(pickle.dumps(config)), copy.deepcopy(config)):
        assert isinstance(other, AffectGPTConfig)
        assert other.to_dict() == config.to_dict()
    rebuilt = AffectGPTConfig.from_dict(config.to_dict())
    assert rebuilt.to_dict() == config.to_dict()
    model = make_model()
    twin = copy.deepcopy(model)
    assert torch.equal(twin(**batch).logits, model(**batch).logits)
    assert twin.lm_head.weight is twin.get_input_embeddings().weight
    assert not any(module.training for module in twin.train().model.audio_tower.modules())


def test_forward_is_what_trainer_and_peft_expect(make_model, processor, taught) -> None:
    signature = inspect.signature(AffectGPTForConditionalGeneration.forward).parameters
    assert list(signature)[1] == AffectGPTForConditionalGeneration.main_input_name == "input_ids"
    assert find_labels(AffectGPTForConditionalGeneration) == ["labels"]
    assert any(p.kind is p.VAR_KEYWORD for p in signature.values())
    assert set(processor.model_input_names) <= signature.keys()
    assert set(taught) <= signature.keys()
    body = inspect.signature(AffectGPTModel.forward).parameters
    extra = {"labels", "logits_to_keep"}
    assert signature.keys() - body.keys() == extra
    model = make_model()
    assert Trainer(model=model, processing_class=processor).model_accepts_loss_kwargs
    counted = (taught["labels"] != -100).sum()
    loss = model(**taught).loss
    for num_items in (8, torch.tensor(8)):
        for mode in (True, False):
            got = model.train(mode)(**taught, num_items_in_batch=num_items).loss
            torch.testing.assert_close(got, loss * counted / 8)


def test_labels_without_anything_to_learn_give_no_error(make_model, taught) -> None:
    model = make_model().train()
    nothing = {**taught, "labels": torch.full_like(taught["labels"], -100)}
    model(**nothing, num_items_in_batch=1).loss.backward()
    without = [n for n, p in model.named_parameters() if p.requires_grad and p.grad is None]
    assert without == []


# Errors


@pytest.mark.parametrize("kind", ["fused", "audio", "face", "video"])
@pytest.mark.parametrize(("extra", "found"), [(1, 3), (-1, 1)])
def test_wrong_number_of_placeholders_names_sample_and_counts(
    make_model, make_processor, clip, wave, kind, extra, found
) -> None:
    sizes = {**QFORMERS, "n_vision_queries": 2, "n_audio_queries": 2, "n_fusion_queries": 2}
    model, processor = make_model(**sizes), make_processor(**sizes)
    batch = processor(text=["a", "b"], videos=[clip] * 2, audio=[wave] * 2, faces=[clip] * 2)
    token = getattr(model.config, f"{kind}_token_id")
    places = batch["input_ids"][1].eq(token).nonzero().flatten()
    if extra > 0:
        batch["input_ids"][1, -1] = token
    else:
        batch["input_ids"][1, places[0]] = 7
    message = rf"sample 1 has {found} <\|{kind}\|> placeholders but 2 feature rows"
    with pytest.raises(ValueError, match=message):
        model(**batch)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"video_mask": torch.tensor([True])},
            r"got \[2, 1\] rows of media and mask for 2 samples",
        ),
        ({"audio_mask": torch.ones(3)}, r"got \[2, 3\] rows of media and mask for 2 samples"),
        ({"face_mask": torch.ones(2, 2)}, r"got \[2, 4\] rows of media and mask for 2 samples"),
        ({"vision_features": torch.zeros(2, 8, 64)}, "`pixel_values` and `vision_features`"),
        ({"audio_features": torch.zeros(2, 1, 64)}, "`input_values` and `audio_features`"),
        ({"face_features": torch.zeros(2, 8, 64)}, "`face_pixel_values` and `face_features`"),
        (
            {"pixel_values": None, "vision_features": torch.zeros(2, 8, 63)},
            r"`vision_features` has the wrong shape: got \(2, 8, 63\), expected \(any, any, 64\)",
        ),
        (
            {"face_pixel_values": None, "face_features": torch.zeros(2, 64)},
            r"`face_features` has the wrong shape: got \(1, 64\), expected \(any, any, 64\)",
        ),
        (
            {"input_values": None, "audio_features": torch.zeros(2, 1, 65)},
            r"`audio_features` has the wrong shape: got \(2, 1, 65\), expected \(any, any, 64\)",
        ),
        ({"pixel_values": torch.zeros(2, 8, 56, 56)}, "`pixel_values` has the wrong shape"),
        (
            {"face_pixel_values": torch.zeros(2, 8, 1, 56, 56)},
            "`face_pixel_values` has the wrong shape",
        ),
        ({"input_values": torch.zeros(2, 32000)}, "`input_values` has the wrong shape"),
        (
            {"face_pixel_values": None, "face_features": torch.zeros(2, 4, 64)},
            "faces and frames do not line up: got",
        ),
    ],
    ids=lambda change: "-".join(change) if isinstance(change, dict) else "",
)
def test_media_that_do_not_fit_are_refused(
    make_model, processor, clip, wave, change, message
) -> None:
    one_face = [clip, None]  # so that a batch of faces and frames has to be put together
    batch = processor(text=["a", "b"], videos=[clip] * 2, audio=[wave] * 2, faces=one_face)
    with pytest.raises(ValueError, match=message):
        make_model()(**{**batch, **change})


def test_media_have_no_place_in_embeddings(make_model, processor, clip, wave) -> None:
    model = make_model()
    batch = processor(text="a", videos=clip, audio=wave, faces=clip)
    embeds = model.get_input_embeddings()(batch["input_ids"])
    for key in ("pixel_values", "face_pixel_values", "input_values"):
        with pytest.raises(ValueError, match="media have no place to go: got `inputs_embeds`"):
            model(inputs_embeds=embeds, **{key: batch[key]})
    text = processor(text="a")
    torch.testing.assert_close(
        model(inputs_embeds=model.get_input_embeddings()(text["input_ids"])).logits,
        model(input_ids=text["input_ids"]).logits,
    )


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"fusion": "qformer"}, "n_tokens"),
        ({"audio_norm": "clip"}, "audio_norm 'joint' and 'clip'"),
        ({"image_size": 28}, "image_size 56 and 28"),
        ({"face_channel_order": "bgr"}, "face_channel_order 'rgb' and 'bgr'"),
        ({"sampling_rate": 8000}, "16000 and 8000"),
        ({"fused_token_id": 9}, "placeholders"),
    ],
    ids=str,
)
def test_processor_of_another_model_is_refused(processor, make_config, overrides, message) -> None:
    processor.require_fit(make_config())
    with pytest.raises(ValueError, match=f"processor and model do not fit: got .*{message}"):
        processor.require_fit(make_config(**overrides))
