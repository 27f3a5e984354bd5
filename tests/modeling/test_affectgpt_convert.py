"""Official checkpoints: every key has its place, and the converted model says the same."""

import json
import sys
from dataclasses import replace
from inspect import signature

import numpy as np
import official_forward as official
import pytest
import torch
import yaml
from official_checkpoints import (
    Sizes,
    official_settings,
    official_shapes,
    random_weights,
    write_checkpoint,
)
from safetensors import safe_open
from safetensors.torch import load_file
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForMultimodalLM,
    CLIPConfig,
    CLIPModel,
    CLIPVisionModelWithProjection,
    HubertConfig,
    HubertModel,
    PreTrainedTokenizerFast,
    Qwen2Config,
    Qwen2ForCausalLM,
)

from affecthub.__main__ import main
from affecthub.model_commands import convert_affectgpt
from affecthub.modeling.affectgpt import (
    AffectGPTConfig,
    AffectGPTForConditionalGeneration,
    AffectGPTProcessor,
)
from affecthub.modeling.affectgpt.adapters_affectgpt import attach_adapter, load_adapter
from affecthub.modeling.affectgpt.convert_affectgpt import convert_checkpoint, read_wording
from affecthub.modeling.affectgpt.official_affectgpt import (
    Checkpoint,
    describe_fusion,
    place,
    places,
)
from affecthub.training.model import load_model

SMALL = Sizes(hidden=64, ffn=96, kv=32, layers=2, vision=24, audio=32, rank=4, bert=48, bert_ffn=40)
SIDE = 28

# Wording of our own, in the shape of the official one: plain tags around every placeholder.
PARTS = {
    "start": "###Person: ",
    "fused": "Taken together: <Both>{fused}</Both>. ",
    "audio": "The voice: <Voice>{audio}</Voice>. ",
    "face": "The cut-out face: <See>{face}</See>. ",
    "video": "The scene: <See>{video}</See>. ",
    "text": "The words: <Said>{text}</Said>. ",
    "question": "{question} ###Helper: ",
}
QUESTION = "How does this person feel?"
# Mode of the training configuration -> parts of its prompt.
MODES = {
    "multiface_audio_face_text": ("start", "fused", "audio", "face", "text", "question"),
    "multiframe_audio_frame_text": ("start", "fused", "audio", "video", "text", "question"),
    "face": ("start", "audio", "face", "text", "question"),
}


def parts_of(mode: str) -> list[str]:
    return [PARTS[name] for name in MODES[mode]]


def make_tokenizer() -> PreTrainedTokenizerFast:
    """Byte-level BPE with merges learned here, control tokens as Qwen2.5 has them."""
    tokenizer = Tokenizer(models.BPE())
    words = r"'s|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(words), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=420,
        special_tokens=["<|endoftext|>", "<|im_start|>", "<|im_end|>"],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(
        [*PARTS.values(), QUESTION, "she is happy, 她很开心。"] * 3, trainer
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token="<|im_end|>",
        pad_token="<|endoftext|>",
        additional_special_tokens=["<|im_start|>"],
        model_max_length=2048,
    )


def make_text(folder, layers: int = SMALL.layers, hidden: int = SMALL.hidden, vocab: int = 512):
    torch.manual_seed(layers)
    config = Qwen2Config(
        vocab_size=vocab,
        hidden_size=hidden,
        intermediate_size=SMALL.ffn,
        num_hidden_layers=layers,
        num_attention_heads=4,
        num_key_value_heads=2,
        eos_token_id=2,
        pad_token_id=0,
        bos_token_id=0,
        initializer_range=0.02,
        tie_word_embeddings=False,
    )
    model = Qwen2ForCausalLM(config).eval()
    model.generation_config.update(
        do_sample=True, top_k=20, top_p=0.8, repetition_penalty=1.05, eos_token_id=[2, 0]
    )
    model.save_pretrained(folder)
    make_tokenizer().save_pretrained(folder)
    return str(folder)


@pytest.fixture(scope="module")
def bases(tmp_path_factory) -> dict[str, str]:
    """The three models on disk: a whole CLIP, a HuBERT of four layers, a Qwen2."""
    root = tmp_path_factory.mktemp("bases")
    torch.manual_seed(0)
    tower = {"num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    clip = CLIPConfig(
        vision_config={**tower, "hidden_size": 16, "image_size": SIDE, "patch_size": 14}
        | {"projection_dim": SMALL.vision, "initializer_factor": 3.0},
        text_config={**tower, "hidden_size": 16, "vocab_size": 99, "projection_dim": SMALL.vision},
        projection_dim=SMALL.vision,
    )
    CLIPModel(clip).save_pretrained(root / "vision")
    hubert = HubertConfig(
        hidden_size=SMALL.audio,
        intermediate_size=48,
        num_hidden_layers=4,
        num_attention_heads=4,
        conv_dim=[16, 16, 16],
        conv_kernel=[20, 8, 4],
        conv_stride=[20, 8, 4],
        conv_bias=True,
        feat_extract_norm="layer",
        do_stable_layer_norm=True,
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
        initializer_range=0.1,
    )
    HubertModel(hubert).save_pretrained(root / "audio")
    make_text(root / "text")
    return {name: str(root / name) for name in ("vision", "audio", "text")}


@pytest.fixture
def prompt_file(tmp_path):
    def write(mode: str = "multiface_audio_face_text", **more):
        path = tmp_path / f"{mode}.yaml"
        wording = {"prompt": parts_of(mode), "questions": {"feeling": QUESTION}, **more}
        path.write_text(yaml.safe_dump(wording, allow_unicode=True), encoding="utf-8")
        return path

    return write


@pytest.fixture
def checkpoint(tmp_path):
    """Write an attention checkpoint, its tensors changed first."""

    def write(change=lambda weights: None, name="checkpoint_000030_loss_1.234.pth", **settings):
        weights = random_weights(official_shapes(SMALL))
        change(weights)
        return write_checkpoint(tmp_path / name, weights, official_settings(**settings))

    return write


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
]


@pytest.mark.parametrize(("pooling", "fusion", "mode"), CASES)
def test_logits_are_those_of_the_official_forward(
    bases, tmp_path, prompt_file, pooling, fusion, mode
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
    inputs = processor(text="she is happy", audio=wave, question=QUESTION, **given)
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
    n_tokens = {name: 0 for name in ("fused", "audio", "face", "video")}
    n_tokens |= {name: tokens.shape[1] for name, tokens in soft.items()}
    tokenizer = make_tokenizer()
    ids = official_ids(tokenizer, mode, "she is happy", n_tokens)
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
    torch.testing.assert_close(
        merged(**inputs).logits, adapter(**inputs).logits, atol=1e-5, rtol=1e-5
    )
    answers = [
        model.generate(**inputs, do_sample=False, max_new_tokens=5) for model in (adapter, merged)
    ]
    assert torch.equal(*answers)
    # PEFT's own merge agrees.
    torch.testing.assert_close(
        adapter.merge_and_unload()(**inputs).logits, merged(**inputs).logits, atol=1e-5, rtol=1e-5
    )
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
    "text", ["she is happy", "她很开心, isn't she?", "42 times:  two  blanks\nand a line", "'s"]
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
    whole = official_ids(tokenizer, "multiface_audio_face_text", text, n_tokens)
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


# What does not fit is named.


def refusal(bases, tmp_path, prompt, *paths, error=ValueError, **options) -> str:
    with pytest.raises(error) as caught:
        convert_checkpoint(paths, tmp_path / "refused", prompt_file=prompt, **{**bases, **options})
    assert not (tmp_path / "refused").exists()
    return str(caught.value)


Q_PROJ = "llama_model.base_model.model.model.layers.1.self_attn.q_proj.lora_A.default.weight"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda w: w.pop("fc_att.bias"), "missing: fc_att.bias"),
        (lambda w: w.pop(Q_PROJ), f"missing: {Q_PROJ}"),
        (lambda w: w.update({"face_proj.weight": torch.ones(2)}), "unexpected: face_proj.weight"),
        (
            lambda w: w.update({"affectgpt_proj.weight": torch.ones(64, 23)}),
            "of another shape: affectgpt_proj.weight (64, 23) (expected (64, 24))",
        ),
        (
            lambda w: w.update({"multi_llama_proj.bias": torch.full((64,), torch.nan)}),
            "model.fusion_projector.bias that are not finite",
        ),
    ],
)
def test_a_key_that_does_not_fit_is_named(
    bases, tmp_path, prompt_file, checkpoint, change, said
) -> None:
    assert said in refusal(bases, tmp_path, prompt_file(), checkpoint(change))


def test_a_checkpoint_of_another_language_model(bases, tmp_path, prompt_file, checkpoint) -> None:
    deeper = make_text(tmp_path / "deeper", layers=3)
    said = refusal(bases, tmp_path, prompt_file(), checkpoint(), text=deeper)
    assert "missing: llama_model.base_model.model.model.layers.2." in said and "6 more" in said
    wider = make_text(tmp_path / "wider", hidden=72)
    said = refusal(bases, tmp_path, prompt_file(), checkpoint(), text=wider)
    assert "affectgpt_proj.weight (64, 24) (expected (72, 24))" in said


class Bomb:
    def __reduce__(self):
        return (print, ("boom",))


def test_files_that_are_refused(bases, tmp_path, prompt_file, capsys) -> None:
    weights = random_weights(official_shapes(SMALL))
    torch.save({"model": weights, "config": Bomb()}, tmp_path / "bomb.pth")
    said = refusal(bases, tmp_path, prompt_file(), tmp_path / "bomb.pth")
    assert "asks for" in said and "print" in said
    assert "boom" not in capsys.readouterr().out
    (tmp_path / "text.pth").write_text("not a checkpoint")
    assert "is broken" in refusal(bases, tmp_path, prompt_file(), tmp_path / "text.pth")
    cut = write_checkpoint(tmp_path / "cut.pth", weights, {})
    cut.write_bytes(cut.read_bytes()[:5000])
    assert "is broken" in refusal(bases, tmp_path, prompt_file(), cut)
    torch.save(weights, tmp_path / "bare.pth")
    assert "under 'model'" in refusal(bases, tmp_path, prompt_file(), tmp_path / "bare.pth")
    assert "0 checkpoints" in refusal(bases, tmp_path, prompt_file())
    absent = refusal(
        bases, tmp_path, prompt_file(), tmp_path / "absent.pth", error=FileNotFoundError
    )
    assert "checkpoint not found" in absent


def test_kinds_that_are_not_known(bases, tmp_path, prompt_file) -> None:
    weights = random_weights(official_shapes(SMALL))

    def written(section: str, **settings):
        config = official_settings()
        part = config["datasets"]["mercaptionplus"] if section == "data" else config["model"]
        part.update(settings)
        return write_checkpoint(tmp_path / "a.pth", weights, config)

    prompt = prompt_file()
    said = refusal(bases, tmp_path, prompt, written("model", multi_fusion_type="experts"))
    assert "multi_fusion_type 'experts'" in said
    said = refusal(bases, tmp_path, prompt, written("model", num_video_query_token=4))
    assert "num_video_query_token 4" in said
    # Recorded as one kind, saved as another: the keys tell.
    said = refusal(bases, tmp_path, prompt, written("model", audio_fusion_type="qformer"))
    assert "missing: audio_pooler" not in said and "audio_query_tokens" in said
    assert "unexpected: audio_attention_mlp.weight" in said
    said = refusal(bases, tmp_path, prompt, written("data", face_or_frame="image"))
    assert "'image'" in said and "multiface_audio_face_text" in said


def test_prompt_shows_what_was_trained_on(bases, tmp_path, prompt_file, checkpoint) -> None:
    frames = prompt_file("multiframe_audio_frame_text")
    said = refusal(bases, tmp_path, frames, checkpoint())
    assert "names {audio}, {fused}, {text}, {video}" in said
    assert "expected {audio}, {face}, {fused}, {text}" in said
    said = refusal(bases, tmp_path, frames, checkpoint(), pictures="faces")
    assert "multiface_audio_face_text" in said
    # A model of faces can be shown frames, if one insists.
    done = convert_checkpoint(
        [checkpoint()], tmp_path / "frames", prompt_file=frames, pictures="frames", **bases
    )
    assert done.notes[0] == "Trained on faces."


def test_what_was_not_trained_is_left_out_or_kept(bases, tmp_path, prompt_file, checkpoint) -> None:
    done = convert_checkpoint(
        [checkpoint(mode="face")],
        tmp_path / "out",
        prompt_file=prompt_file("face"),
        keep_unused=True,
        **bases,
    )
    assert "attention_mlp, fc_att, image_llama_proj, multi_audio_embs" in done.notes[-1]
    kept = load_file(tmp_path / "out" / "unused.safetensors")
    assert set(kept) == set(done.unused) and len(kept) == 12
    assert AffectGPTConfig.from_pretrained(tmp_path / "out").fusion == "none"


def test_later_files_override_earlier_ones(bases, tmp_path, prompt_file) -> None:
    """`ckpt`, then `ckpt_2`, then `ckpt_3`: whatever their names say of epochs and losses."""
    weights = random_weights(official_shapes(SMALL))
    config = official_settings()
    first = {key: value + 1 for key, value in weights.items() if "lora" not in key}
    lora = {key: value for key, value in weights.items() if "lora" in key}
    second = lora | {"fc_att.bias": torch.tensor([5.0, 6.0])}
    third = {"fc_att.bias": torch.tensor([7.0, 8.0])}
    paths = [
        write_checkpoint(tmp_path / "checkpoint_000099_loss_0.1.pth", first, config),
        write_checkpoint(tmp_path / "checkpoint_000001_loss_9.9.pth", second, {}),
    ]
    torch.save({"model": third}, tmp_path / "b.pth", _use_new_zipfile_serialization=False)
    convert_checkpoint(
        [*paths, tmp_path / "b.pth"], tmp_path / "out", prompt_file=prompt_file(), **bases
    )
    found = load_file(tmp_path / "out" / "adapter_model.safetensors")
    prefix = "base_model.model.model"
    assert found[f"{prefix}.fusion.attention_out.bias"].tolist() == [7, 8]
    assert torch.equal(found[f"{prefix}.fusion.attention_out.weight"], weights["fc_att.weight"] + 1)
    q_proj = found[f"{prefix}.language_model.layers.1.self_attn.q_proj.lora_A.weight"]
    assert torch.equal(q_proj, weights[Q_PROJ])


def test_half_precision_tensors_and_silent_configuration(bases, tmp_path, prompt_file) -> None:
    """A file that records nothing is taken at its tensors' word."""
    weights = random_weights(official_shapes(SMALL, "mean", "attention"))
    halves = {key: value.half() for key, value in weights.items()}
    torch.save({"model": halves, "epoch": 3}, tmp_path / "a.pth")
    done = convert_checkpoint(
        [tmp_path / "a.pth"], tmp_path / "out", prompt_file=prompt_file(), **bases
    )
    assert done.fields["vision_pooling"] == done.fields["audio_pooling"] == "mean"
    assert "does not record" in done.notes[0]
    found = load_file(tmp_path / "out" / "adapter_model.safetensors")
    assert {tensor.dtype for tensor in found.values()} == {torch.float32}


# Adapters on another base.


def test_adapters_refuse_another_base(bases, tmp_path, prompt_file, checkpoint) -> None:
    folder = tmp_path / "out"
    convert_checkpoint([checkpoint()], folder, prompt_file=prompt_file(), **bases)
    others = {
        "deeper": make_text(tmp_path / "deeper", layers=3),
        "wider": make_text(tmp_path / "wider", hidden=72),
        "longer": make_text(tmp_path / "longer", vocab=640),
    }
    for name, what in (
        ("deeper", ("num_hidden_layers 3", "num_hidden_layers 2")),
        ("wider", ("hidden_size 72", "hidden_size 64")),
        ("longer", ("vocab_size 640", "vocab_size 512")),
    ):
        with pytest.raises(ValueError, match="for another text base") as caught:
            load_adapter(folder, text=others[name])
        for part in (others[name], bases["text"], str(folder), *what):
            assert part in str(caught.value)
    other = tmp_path / "audio"
    config = HubertConfig.from_pretrained(bases["audio"])
    config.num_attention_heads = 2
    HubertModel(config).save_pretrained(other)
    with pytest.raises(ValueError, match="another audio base: .*num_attention_heads 2, expected"):
        load_adapter(folder, audio=other)
    # The same model from another place is the same base.
    moved = HubertModel.from_pretrained(bases["audio"])
    moved.save_pretrained(tmp_path / "moved")
    assert load_adapter(folder, audio=tmp_path / "moved").config.fusion == "attention"


def test_adapters_refuse_a_model_that_they_do_not_fit(
    bases, tmp_path, prompt_file, checkpoint
) -> None:
    folder = tmp_path / "out"
    convert_checkpoint([checkpoint()], folder, prompt_file=prompt_file(), **bases)
    config = AffectGPTConfig.from_pretrained(folder)
    for field, value, said in (
        ("num_hidden_layers", 3, "none for model.language_model.layers.2.self_attn.q_proj"),
        ("num_hidden_layers", 1, "layers.1.mlp.down_proj.lora_A.weight (4, 96) (expected no such"),
        ("intermediate_size", 80, "down_proj.lora_A.weight (4, 96) (expected (4, 80))"),
    ):
        text_config = config.text_config.to_dict() | {"layer_types": None, field: value}
        fields = config.to_dict() | {"text_config": text_config}
        with torch.device("meta"):
            model = AffectGPTForConditionalGeneration(AffectGPTConfig.from_dict(fields))
        with pytest.raises(ValueError, match="do not fit the model") as caught:
            attach_adapter(model, folder)
        assert said in str(caught.value)
    fields = config.to_dict() | {"vision_pooling": "mean"}
    with torch.device("meta"):
        model = AffectGPTForConditionalGeneration(AffectGPTConfig.from_dict(fields))
    with pytest.raises(ValueError, match=r"vision_pooler\.score\.bias \(1,\) \(expected no such"):
        attach_adapter(model, folder)


# The wording.


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("- '{audio} {question}'\n- 3", "expected a list of texts"),
        ("just words", "is no prompt: got str"),
        ("prompt: ['{question}']\nanswers: {}", "is no prompt"),
        ("['{smell} {question}']", "unknown field: got 'smell'"),
        ("['{audio}']", "never asks"),
        ("'unclosed", "is no YAML"),
        ("{prompt: ['{question}'], questions: {a: b}, default_question: c}", "expected one of a"),
        ("{prompt: ['{question}'], questions: [a]}", "expected texts by name"),
    ],
)
def test_a_prompt_file_that_is_none(tmp_path, content, said) -> None:
    (tmp_path / "prompt.yaml").write_text(content)
    with pytest.raises(ValueError) as caught:
        read_wording(tmp_path / "prompt.yaml")
    assert said in str(caught.value) and "prompt.yaml" in str(caught.value)


def test_a_prompt_file_may_be_a_list(tmp_path) -> None:
    (tmp_path / "p.yaml").write_text('- "Sound: {audio}\\n"\n- "{question} "\n')
    assert read_wording(tmp_path / "p.yaml") == {"prompt": ["Sound: {audio}\n", "{question} "]}


# The command.


def run(monkeypatch, capsys, *arguments) -> tuple[int, str, str]:
    monkeypatch.setattr(sys, "argv", ["affecthub", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        main()
    printed = capsys.readouterr()
    return stopped.value.code or 0, printed.out, printed.err


def test_command_converts_and_predicts(
    bases, tmp_path, prompt_file, checkpoint, write_video, monkeypatch, capsys
) -> None:
    arguments = (
        *("convert", "affectgpt", checkpoint(mode="multiframe_audio_frame_text")),
        *("--prompt", prompt_file("multiframe_audio_frame_text"), "--base", bases["text"]),
        *("--vision", bases["vision"], "--audio", bases["audio"]),
    )
    code, out, _ = run(monkeypatch, capsys, *arguments, "--out", tmp_path / "a", "--json")
    done = json.loads(out)
    assert code == 0 and done["form"] == "adapter" and done["parameters"] > 0
    assert (done["fusion"], done["rank"], done["alpha"]) == ("attention", 4, 32)
    more = ("--out", tmp_path / "m", "--form", "merged", "--dtype", "float32")
    code, out, _ = run(monkeypatch, capsys, *arguments, *more)
    assert code == 0 and "Written to" in out and "image_llama_proj" in out
    clip = write_video(tmp_path / "clip.mp4", 12)
    for folder in ("a", "m"):
        asked = ("predict", clip, "--model", tmp_path / folder, "--json")
        code, out, err = run(monkeypatch, capsys, *asked, "--text", "she laughs")
        assert code == 0, err
        assert [row["id"] for row in json.loads(out)] == [str(clip)]


def test_command_says_what_is_wrong_in_one_line(
    bases, tmp_path, prompt_file, checkpoint, monkeypatch, capsys
) -> None:
    models = ("--base", bases["text"], "--vision", bases["vision"], "--audio", bases["audio"])
    out = ("--out", tmp_path / "out")

    def refused(*arguments) -> str:
        code, _, err = run(monkeypatch, capsys, "convert", "affectgpt", *arguments, *models)
        (line,) = err.strip().splitlines()[-1:]
        assert code == 1 and line.startswith("error: ")
        return line

    path, prompt = checkpoint(lambda w: w.pop("fc_att.bias")), ("--prompt", prompt_file())
    assert "missing: fc_att.bias" in refused(path, *prompt, *out)
    assert "Missing option '--prompt'" in refused(path, *out)
    assert "checkpoint not found" in refused(tmp_path / "no.pth", *prompt, *out)
    assert "prompt file not found" in refused(path, "--prompt", tmp_path / "no.yaml", *out)
    assert "'adapter', 'merged'" in refused(path, *prompt, *out, "--form", "whole")
    assert "no effect" in refused(path, *prompt, *out, "--dtype", "float16")
    assert "Change the prompt" in refused(checkpoint(), *prompt, *out, "--frames")
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").touch()
    assert "not empty" in refused(checkpoint(), *prompt, *out)
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["mine.txt"]


def test_command_and_function_share_their_defaults() -> None:
    command, function = signature(convert_affectgpt), signature(convert_checkpoint)
    for theirs, ours in (("base", "text"), ("vision", "vision"), ("audio", "audio")):
        assert command.parameters[theirs].default == function.parameters[ours].default


def test_rank_is_what_the_tensors_say(bases, tmp_path, prompt_file) -> None:
    weights = random_weights(official_shapes(replace(SMALL, rank=8)))
    path = write_checkpoint(tmp_path / "a.pth", weights, official_settings())
    done = convert_checkpoint([path], tmp_path / "out", prompt_file=prompt_file(), **bases)
    settings = json.loads((tmp_path / "out" / "adapter_config.json").read_text())
    assert (done.rank, settings["r"], settings["lora_alpha"]) == (8, 8, 32)
