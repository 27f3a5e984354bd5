"""Official checkpoints: every key has its place, and the converted model says the same."""

import json

import numpy as np
import official_forward as official
import pytest
import torch
from official_bases import QUESTION, SIDE, SMALL, make_tokenizer, parts_of
from official_checkpoints import (
    official_settings,
    official_shapes,
    random_weights,
    write_checkpoint,
)
from safetensors import safe_open
from transformers import (
    AutoModelForMultimodalLM,
    CLIPVisionModelWithProjection,
    HubertModel,
    Qwen2ForCausalLM,
)

from affecthub.modeling.affectgpt import (
    AffectGPTConfig,
    AffectGPTForConditionalGeneration,
    AffectGPTProcessor,
)
from affecthub.modeling.affectgpt.convert_affectgpt import convert_checkpoint
from affecthub.modeling.affectgpt.convert_loading import load_adapter
from affecthub.modeling.affectgpt.convert_official import (
    Checkpoint,
    describe_fusion,
    place,
    places,
)
from affecthub.training.model import load_model

# Key by key, on the real sizes.


def meta(shapes) -> dict[str, torch.Tensor]:
    return {key: torch.empty(shape, device="meta") for key, shape in shapes.items()}


@pytest.mark.parametrize(
    ("pooling", "fusion", "n_parameters"),
    # LoRA 40,370,176 and 16,798,468 beside it; with Q-Formers 71,500,032 (spec: 71.50 M).
    [("attention", "attention", 57_168_644), ("qformer", "qformer", None)],
)
def test_every_real_key_has_its_place(pooling, fusion, n_parameters) -> None:
    shapes = official_shapes(pooling=pooling, fusion=fusion)
    weights = meta(shapes)
    assert sum(".lora_" in key for key in shapes) == 392
    lora = sum(w.numel() for key, w in weights.items() if ".lora_" in key)
    assert lora == 40_370_176
    total = sum(w.numel() for key, w in weights.items() if "position_ids" not in key)
    if n_parameters:
        assert total == n_parameters
    else:
        assert (total - lora) / 1e6 == pytest.approx(71.50, abs=0.005)
    fields = {"vision_pooling": pooling, "audio_pooling": pooling, "fusion": fusion}
    with torch.device("meta"):
        model = AffectGPTForConditionalGeneration(AffectGPTConfig(**fields))
    found, unused = place(weights, places(model, 16), is_fused=True)
    assert {key.partition(".")[2] for key in unused} <= {
        "weight",
        "bias",
        "bert.embeddings.position_ids",
    }
    assert len(found) + len(unused) == len(weights)
    trained = {f"model.{name}" for name in ("vision_projector.weight", "fusion_projector.bias")}
    assert trained <= set(found)
    for name, tensor in found.items():
        if not name.endswith(("lora_A", "lora_B")):
            assert model.get_parameter(name).shape == tensor.shape


def test_real_sizes_are_read_off_the_tensors() -> None:
    shapes = official_shapes(pooling="qformer", fusion="qformer")
    read = Checkpoint(meta(shapes))
    fields = describe_fusion(read, is_fused=True)
    assert fields == {
        "vision_pooling": "qformer",
        "audio_pooling": "qformer",
        "fusion": "qformer",
        "n_vision_queries": 32,
        "n_audio_queries": 8,
        "n_fusion_queries": 16,
        "qformer_config": {
            "num_hidden_layers": 2,
            "cross_attention_frequency": 1,
            "hidden_size": 768,
            "intermediate_size": 3072,
            "num_attention_heads": 12,
        },
    }
    assert describe_fusion(read, is_fused=False)["fusion"] == "none"


# The same words, the same numbers.


def official_ids(tokenizer, mode: str, text: str, n_tokens: dict[str, int]) -> list[int]:
    """Token ids of the whole prompt as one string, with the official placeholders added."""
    spelled = {"audio": "<AudioHere>", "video": "<FrameHere>", "face": "<FaceHere>"}
    spelled["fused"] = "<MultiHere>"
    order = ("<ImageHere>", "<AudioHere>", "<FrameHere>", "<FaceHere>", "<MultiHere>")
    for token in order:
        tokenizer.add_tokens([token], special_tokens=True)
    said = {name: token * n_tokens[name] for name, token in spelled.items()}
    prompt = "".join(parts_of(mode)).format(text=text, question=QUESTION, **said)
    return tokenizer(prompt, add_special_tokens=False)["input_ids"]


def official_places(tokenizer) -> dict[str, int]:
    """Ids of the official placeholders; the last four, after that of images."""
    names = ("audio", "video", "face", "fused")
    return {name: len(tokenizer) - 4 + i for i, name in enumerate(names)}


def to_kinds(ids, placeholders: dict[str, int]) -> list:
    names = {i: name for name, i in placeholders.items()}
    return [names.get(i, i) for i in ids]


CASES = [
    ("attention", "attention", "multiface_audio_face_text"),
    ("attention", "attention", "multiframe_audio_frame_text"),
    ("qformer", "qformer", "multiface_audio_face_text"),
    ("qformer", "attention", "multiframe_audio_frame_text"),
    ("mean", "qformer", "multiframe_audio_frame_text"),
    ("attention", "attention", "face"),  # no fusion
    ("attention", "attention", "multiface_text"),  # fused, and nothing else of face and voice
]


@pytest.mark.parametrize(
    ("pooling", "fusion", "mode", "said"),
    [*((*case, "she is happy") for case in CASES), (*CASES[0], ""), (*CASES[1], "")],
)
def test_logits_are_those_of_the_official_forward(
    bases, tmp_path, prompt_file, pooling, fusion, mode, said
) -> None:
    weights = random_weights(official_shapes(SMALL, pooling, fusion))
    path = write_checkpoint(tmp_path / "a.pth", weights, official_settings(pooling, fusion, mode))
    convert_checkpoint([path], tmp_path / "out", prompt_file=prompt_file(mode), **bases)
    model, processor = load_model(tmp_path / "out")
    config = model.config
    is_fused, shows = mode.startswith("multi"), "face" if "face" in mode else "video"
    assert config.fusion == (fusion if is_fused else "none")

    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (8, SIDE, SIDE, 3), dtype=np.uint8)
    wave = rng.normal(0, 0.1, 32000 + 7 * 2000).astype(np.float32)
    given = {"faces": pictures} if shows == "face" else {"videos": pictures}
    inputs = processor(text=said, audio=wave, question=QUESTION, **given)
    ours = model(**inputs).logits[0]

    llm = Qwen2ForCausalLM.from_pretrained(bases["text"]).eval()
    vision = CLIPVisionModelWithProjection.from_pretrained(bases["vision"]).eval()
    hubert = HubertModel.from_pretrained(bases["audio"]).eval()
    with torch.no_grad():
        # Cut-out faces lie on the disk as OpenCV read them, and are taken so.
        stored = pictures[..., ::-1].copy() if shows == "face" else pictures
        z_video = official.see(vision, stored)
        z_audio = official.hear(
            hubert, np.stack([wave[i * 2000 : i * 2000 + 32000] for i in range(8)])
        )
        soft = {
            "audio": official.pool(weights, "audio", z_audio, pooling),
            shows: official.pool(weights, "video", z_video, pooling),
        }
        if is_fused:
            soft["fused"] = official.fuse(weights, z_video, z_audio, fusion)
    soft = {
        name: tokens for name, tokens in soft.items() if f"{{{name}}}" in "".join(parts_of(mode))
    }
    n_tokens = {name: 0 for name in ("fused", "audio", "face", "video")}
    n_tokens |= {name: tokens.shape[1] for name, tokens in soft.items()}
    tokenizer = make_tokenizer()
    ids = official_ids(tokenizer, mode, said, n_tokens)
    at = official_places(tokenizer)
    theirs = official.official_logits(
        weights, llm, ids, {at[name]: tokens for name, tokens in soft.items()}
    )

    placeholders = {
        name: getattr(config, f"{name}_token_id") for name in ("fused", "audio", "face", "video")
    }
    assert to_kinds(inputs["input_ids"][0].tolist(), placeholders) == to_kinds(ids, at)
    assert theirs.std() > 0.1
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)
    # Without adapters the answer is another one: they count.
    with model.disable_adapter():
        assert (model(**inputs).logits[0] - theirs).abs().max() > 1e-2


def test_each_parity_switch_shows(bases, tmp_path, prompt_file, checkpoint) -> None:
    """Each moves the logits by more than ten times the tolerance of the comparison above."""
    convert_checkpoint([checkpoint()], tmp_path / "out", prompt_file=prompt_file(), **bases)
    model, processor = load_model(tmp_path / "out")
    rng = np.random.default_rng(0)
    # Loud at one end, so that clips differ; red, so that channels do.
    wave = np.linspace(0, 1, 64000) * rng.normal(size=64000)
    faces = rng.integers(0, 256, (8, SIDE, SIDE, 3), dtype=np.uint8) // [1, 2, 4]
    given = {"audio": wave.astype(np.float32), "faces": faces.astype(np.uint8)}

    def logits() -> torch.Tensor:
        with torch.no_grad():
            return model(**processor(text="a", question=QUESTION, **given)).logits

    parity = logits()
    for name, other in (("audio_norm", "clip"), ("face_channel_order", "rgb")):
        official_value = getattr(processor, name)
        setattr(processor, name, other)
        assert (logits() - parity).abs().max() > 1e-4, name
        setattr(processor, name, official_value)
    fusion = model.base_model.model.model.fusion.modules_to_save["default"]
    first, second = fusion.vision_proj, fusion.audio_proj
    weight = fusion.attention_in.weight
    swapped = torch.cat([weight[:, SMALL.fused :], weight[:, : SMALL.fused]], dim=1)
    assert first.weight.shape != second.weight.shape  # they cannot be swapped unnoticed
    fusion.attention_in.weight = torch.nn.Parameter(swapped)
    assert (logits() - parity).abs().max() > 1e-4


def test_merged_is_the_same_model(bases, tmp_path, prompt_file, checkpoint) -> None:
    path = checkpoint()
    for form in ("adapter", "merged"):
        convert_checkpoint([path], tmp_path / form, prompt_file=prompt_file(), form=form, **bases)
    adapter, processor = load_model(tmp_path / "adapter")
    merged, other = load_model(tmp_path / "merged")
    assert isinstance(merged, AffectGPTForConditionalGeneration)
    wave = np.random.default_rng(0).normal(size=40000).astype(np.float32)
    faces = np.random.default_rng(1).integers(0, 256, (9, 40, 30, 3), dtype=np.uint8)
    inputs = processor(text=["a", None], audio=[wave, None], faces=[faces, faces])
    again = other(text=["a", None], audio=[wave, None], faces=[faces, faces])
    assert all(torch.equal(inputs[key], again[key]) for key in inputs)
    # Weights that are added before they are used are rounded once more: up to 1.1e-5, by processor.
    rounding = {"atol": 2e-5, "rtol": 1e-5}
    torch.testing.assert_close(merged(**inputs).logits, adapter(**inputs).logits, **rounding)
    answers = [
        model.generate(**inputs, do_sample=False, max_new_tokens=5) for model in (adapter, merged)
    ]
    assert torch.equal(*answers)
    # PEFT's own merge agrees.
    own_merge = adapter.merge_and_unload()
    torch.testing.assert_close(own_merge(**inputs).logits, merged(**inputs).logits, **rounding)
    half = convert_checkpoint(
        [path],
        tmp_path / "half",
        prompt_file=prompt_file(),
        form="merged",
        dtype=torch.bfloat16,
        **bases,
    )
    loaded = AutoModelForMultimodalLM.from_pretrained(half.out_dir, dtype="auto")
    assert loaded.lm_head.weight.dtype == torch.bfloat16
    assert loaded.model.fusion.vision_proj.weight.dtype == torch.float32


def test_folder_of_adapters_is_pefts_own(bases, tmp_path, prompt_file, checkpoint) -> None:
    done = convert_checkpoint([checkpoint()], tmp_path / "out", prompt_file=prompt_file(), **bases)
    # 2 layers of 7 projections of 2 halves, and 9 linear layers; the picture's projector is left.
    assert (done.n_tensors, done.rank, done.alpha) == (2 * 7 * 2 + 9 * 2, 4, 32)
    assert done.unused == ["image_llama_proj.weight", "image_llama_proj.bias"]
    assert "image_llama_proj" in done.notes[-1]
    folder = tmp_path / "out"
    written = {path.name for path in folder.iterdir()}
    assert written >= {"config.json", "adapter_config.json", "bases.json", "tokenizer.json"}
    assert not list(folder.glob("*.bin")) and "unused.safetensors" not in written
    model = load_adapter(folder)
    model.save_pretrained(tmp_path / "again")
    with (
        safe_open(folder / "adapter_model.safetensors", "pt") as ours,
        safe_open(tmp_path / "again" / "adapter_model.safetensors", "pt") as pefts,
    ):
        assert set(ours.keys()) == set(pefts.keys())
        assert all(torch.equal(ours.get_tensor(k), pefts.get_tensor(k)) for k in ours.keys())
    assert not any(p.requires_grad for p in model.parameters())
    trained = load_adapter(folder, is_trainable=True)
    n_trained = sum(p.numel() for p in trained.parameters() if p.requires_grad)
    assert n_trained == done.n_parameters


def test_configuration_says_how_the_official_model_is_asked(
    bases, tmp_path, prompt_file, checkpoint
) -> None:
    convert_checkpoint([checkpoint()], tmp_path / "out", prompt_file=prompt_file(), **bases)
    config = AffectGPTConfig.from_pretrained(tmp_path / "out")
    assert (config.audio_norm, config.face_channel_order) == ("joint", "bgr")
    assert (config.training_prefix, config.answer_end) == ("<|im_start|>", "###")
    assert (config.n_frames, config.n_audio_clips, config.audio_clip_s) == (8, 8, 2.0)
    assert (config.audio_layers, config.fusion_dim) == (4, SMALL.fused)
    assert (config.empty_text, config.audio_spacing) == ("keep", "to_end")
    assert config.prompt == parts_of("multiface_audio_face_text")
    assert (config.questions, config.default_question) == ({"feeling": QUESTION}, "feeling")
    settings = json.loads((tmp_path / "out" / "generation_config.json").read_text())
    expected = {"do_sample": True, "top_p": 0.9, "top_k": 20, "max_new_tokens": 1200}
    assert expected.items() <= settings.items() and settings["eos_token_id"] == [2, 0]
    assert settings.get("repetition_penalty", 1.0) == settings.get("temperature", 1.0) == 1.0
    assert settings["suppress_tokens"] == list(config.placeholders.values())
    model = load_adapter(tmp_path / "out")
    assert model.generation_config.top_k == 20
    # The processor is found beside the adapters.
    wave = np.random.default_rng(0).normal(size=40000).astype(np.float32)
    answer = model.describe({"audio": wave, "text": "so"}, do_sample=False, max_new_tokens=4)
    assert isinstance(answer, str) and "###" not in answer


@pytest.mark.parametrize(
    "text",
    ["she is happy", "她很开心, isn't she?", "42 times:  two  blanks\nand a line", "'s", "", None],
)
def test_token_ids_are_those_of_the_whole_string(
    bases, tmp_path, prompt_file, checkpoint, text
) -> None:
    convert_checkpoint([checkpoint()], tmp_path / "out", prompt_file=prompt_file(), **bases)
    processor = AffectGPTProcessor.from_pretrained(tmp_path / "out")
    wave, faces = np.ones(16000, np.float32), np.zeros((8, SIDE, SIDE, 3), np.uint8)
    given = {"text": text, "audio": wave, "faces": faces, "question": QUESTION}
    tokenizer = make_tokenizer()
    n_tokens = dict.fromkeys(("fused", "audio", "face", "video"), 1)
    # A transcript that is not there was read as an empty one.
    whole = official_ids(tokenizer, "multiface_audio_face_text", text or "", n_tokens)
    assert len(whole) < len("".join(parts_of("multiface_audio_face_text")))  # merges do their work
    at = official_places(tokenizer)
    kinds = {
        name: processor.tokenizer.convert_tokens_to_ids(getattr(processor, f"{name}_token"))
        for name in at
    }
    asked = processor(**given)["input_ids"][0].tolist()
    assert to_kinds(asked, kinds) == to_kinds(whole, at)
    # In training: begin, prompt, answer with its end, eos; the loss is on the last three.
    taught = processor(**given, answers="happy, 开心")
    answer = tokenizer("happy, 开心###", add_special_tokens=False)["input_ids"] + [2]
    assert taught["input_ids"][0].tolist() == [1, *asked, *answer]
    assert taught["labels"][0].tolist() == [-100] * (1 + len(asked)) + answer
