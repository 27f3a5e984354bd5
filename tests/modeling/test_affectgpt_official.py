"""What converted checkpoints say of themselves, and how they are loaded, moved and stopped."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
import torch
import yaml
from official_bases import QUESTION, SMALL, make_tokenizer, parts_of
from official_checkpoints import (
    official_settings,
    official_shapes,
    random_weights,
    write_checkpoint,
)
from transformers import (
    AutoModelForMultimodalLM,
    GenerationConfig,
    Qwen2ForCausalLM,
    WavLMConfig,
    WavLMModel,
)

from affecthub.modeling.affectgpt import (
    AffectGPTConfig,
    AffectGPTForConditionalGeneration,
    AffectGPTProcessor,
    load_adapter,
)
from affecthub.modeling.affectgpt.convert_affectgpt import convert_checkpoint
from affecthub.modeling.affectgpt.convert_towers import require_recorded
from affecthub.modeling.affectgpt.media_tracks import cut_pieces, load_pieces
from affecthub.modeling.affectgpt.processing_answers import AnswerEnd, stopping


@pytest.fixture(scope="module")
def converted(bases, tmp_path_factory):
    """Adapters beside copies of their bases, all of which may be moved."""
    root = tmp_path_factory.mktemp("converted")
    copies = {kind: str(shutil.copytree(folder, root / kind)) for kind, folder in bases.items()}
    prompt = {"prompt": parts_of("multiface_audio_face_text"), "questions": {"feeling": QUESTION}}
    (root / "prompt.yaml").write_text(yaml.safe_dump(prompt))
    path = write_checkpoint(
        root / "a.pth", random_weights(official_shapes(SMALL)), official_settings()
    )
    convert_checkpoint([path], root / "adapter", prompt_file=root / "prompt.yaml", **copies)
    return root


def inputs_of(processor):
    wave = np.random.default_rng(0).normal(size=40000).astype(np.float32)
    return processor(text="she is happy", audio=wave)


# The towers that were recorded.


def towers(**model_types) -> dict:
    found = {"vision": "clip_vision_model", "audio": "hubert", "text": "qwen2", **model_types}
    return {f"{kind}_config": type("C", (), {"model_type": name}) for kind, name in found.items()}


NAMES = {"vision": "a/clip", "audio": "a/hubert", "text": "Qwen/Qwen2.5-7B-Instruct"}


def test_what_was_recorded_is_compared() -> None:
    recorded = {
        "visual_encoder": "CLIP_VIT_LARGE",
        "acoustic_encoder": "HUBERT_LARGE",
        "llama_model": "Qwen25",
    }
    assert require_recorded(recorded, towers(), NAMES) == []
    assert require_recorded({}, towers(audio="wavlm"), NAMES) == []
    assert require_recorded({"llama_model": "models/Qwen2.5-7B-Instruct/"}, towers(), NAMES) == []
    with pytest.raises(
        ValueError, match=r"another audio model: got a/hubert \(hubert\), expected .*'WAVLM_LARGE'"
    ):
        require_recorded({"acoustic_encoder": "WAVLM_LARGE"}, towers(), NAMES)
    with pytest.raises(ValueError, match=r"another text model: .*'Vicuna' \(llama\)"):
        require_recorded({"llama_model": "Vicuna"}, towers(), NAMES)
    with pytest.raises(ValueError, match="no counterpart here: got visual_encoder 'EVA_CLIP_G'"):
        require_recorded({"visual_encoder": "EVA_CLIP_G"}, towers(), NAMES)
    with pytest.raises(ValueError, match="no counterpart here: got acoustic_encoder 'IMAGEBIND'"):
        require_recorded({"acoustic_encoder": "IMAGEBIND"}, towers(), NAMES)
    (note,) = require_recorded({"visual_encoder": "RESNET"}, towers(), NAMES)
    assert "'RESNET', which is not known here; a/clip is trusted" in note
    (note,) = require_recorded({"llama_model": "Qwen2"}, towers(), NAMES)
    assert "Trained on 'Qwen2'; make sure that Qwen/Qwen2.5-7B-Instruct" in note


def test_towers_of_one_width_are_told_apart(bases, tmp_path, prompt_file) -> None:
    """A WavLM of HuBERT's width takes every tensor, and hears another way."""
    wavlm = WavLMConfig(
        hidden_size=SMALL.audio,
        intermediate_size=48,
        num_hidden_layers=4,
        num_attention_heads=4,
        conv_dim=[16, 16, 16],
        conv_kernel=[20, 8, 4],
        conv_stride=[20, 8, 4],
        num_conv_pos_embeddings=16,
        num_conv_pos_embedding_groups=4,
    )
    WavLMModel(wavlm).save_pretrained(tmp_path / "wavlm")
    given = {**bases, "audio": str(tmp_path / "wavlm")}
    weights = random_weights(official_shapes(SMALL))
    settings = official_settings()
    path = write_checkpoint(tmp_path / "a.pth", weights, settings)
    with pytest.raises(ValueError, match="trained with another audio model"):
        convert_checkpoint([path], tmp_path / "out", prompt_file=prompt_file(), **given)
    settings["model"]["acoustic_encoder"] = "WAVLM_LARGE"
    path = write_checkpoint(tmp_path / "b.pth", weights, settings)
    done = convert_checkpoint([path], tmp_path / "out", prompt_file=prompt_file(), **given)
    assert not any("Trained with" in note for note in done.notes)


def test_a_prompt_of_what_is_fused_alone(bases, tmp_path, prompt_file, checkpoint) -> None:
    prompt = prompt_file("multiface_text")
    path = checkpoint(mode="multiface_text")
    done = convert_checkpoint([path], tmp_path / "faces", prompt_file=prompt, **bases)
    assert AffectGPTConfig.from_pretrained(done.out_dir).fused_picture == "faces"
    processor = AffectGPTProcessor.from_pretrained(done.out_dir)
    faces = np.zeros((8, 30, 30, 3), np.uint8)
    wave = np.ones(40000, np.float32)
    fused = processor(text="a", faces=faces, audio=wave)
    assert "face_pixel_values" in fused and "pixel_values" not in fused
    again = convert_checkpoint(
        [path], tmp_path / "frames", prompt_file=prompt, pictures="frames", **bases
    )
    assert again.notes[0] == "Trained on faces."
    processor = AffectGPTProcessor.from_pretrained(again.out_dir)
    assert "pixel_values" in processor(text="a", videos=faces, audio=wave)
    with pytest.raises(ValueError, match="faces have no place"):
        processor(text="a", faces=faces, audio=wave)


# Where they are loaded from.


def test_adapters_load_as_whole_models_do(converted) -> None:
    folder = converted / "adapter"
    processor = AffectGPTProcessor.from_pretrained(folder)
    expected = load_adapter(folder)(**inputs_of(processor)).logits
    model = AutoModelForMultimodalLM.from_pretrained(folder, dtype=torch.float32)
    assert type(model) is AffectGPTForConditionalGeneration and not model.training
    torch.testing.assert_close(model(**inputs_of(processor)).logits, expected, atol=1e-5, rtol=0)
    assert model.generation_config.top_k == 20
    assert isinstance(model.describe(text="so", do_sample=False, max_new_tokens=2), str)
    with pytest.raises(ValueError, match="got quantization_config, expected `dtype` and the name"):
        AutoModelForMultimodalLM.from_pretrained(folder, quantization_config={"load_in_4bit": True})
    with pytest.raises(ValueError, match="got device_map, expected"):
        AffectGPTForConditionalGeneration.from_pretrained(folder, device_map="auto")


def test_adapters_and_their_bases_may_be_moved(converted, tmp_path) -> None:
    bases = json.loads((converted / "adapter" / "bases.json").read_text())
    assert bases == {kind: f"../{kind}" for kind in ("vision", "audio", "text")}
    settings = json.loads((converted / "adapter" / "adapter_config.json").read_text())
    assert settings["base_model_name_or_path"] == "../text"
    processor = AffectGPTProcessor.from_pretrained(converted / "adapter")
    expected = load_adapter(converted / "adapter")(**inputs_of(processor)).logits
    moved = shutil.copytree(converted, tmp_path / "elsewhere")
    # They do not find the way back.
    for kind in bases:
        shutil.rmtree(tmp_path / "elsewhere" / kind)
    with pytest.raises(OSError):
        load_adapter(moved / "adapter")
    for kind in bases:
        shutil.copytree(converted / kind, moved / kind)
    got = load_adapter(moved / "adapter")
    assert torch.equal(got(**inputs_of(processor)).logits, expected)
    assert got.peft_config["default"].base_model_name_or_path == str(moved / "text")


LOAD = """
import sys
sys.modules["affecthub"] = None
import numpy as np, torch
from transformers import AutoModelForMultimodalLM, AutoProcessor
torch.set_num_threads(1)
processor = AutoProcessor.from_pretrained(sys.argv[1], trust_remote_code=True)
model = AutoModelForMultimodalLM.from_pretrained(sys.argv[1], trust_remote_code=True)
wave = np.random.default_rng(0).normal(size=40000).astype(np.float32)
with torch.no_grad():
    print(model(**processor(text="she is happy", audio=wave)).logits[0, -1].tolist())
"""


@pytest.mark.slow
def test_adapters_load_without_affecthub(converted, tmp_path) -> None:
    folder = converted / "adapter"
    environment = {**os.environ, "HF_MODULES_CACHE": str(tmp_path), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder)],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    got = torch.tensor(json.loads(done.stdout.splitlines()[-1]))
    processor = AffectGPTProcessor.from_pretrained(folder)
    expected = load_adapter(folder)(**inputs_of(processor)).logits[0, -1]
    torch.testing.assert_close(got, expected, atol=1e-5, rtol=0)


# How answers end, and where pieces of sound lie.


def test_an_answer_ends_at_the_tokens_that_spell_its_end() -> None:
    """As officially: a token that holds more than the end does not stop it."""
    tokenizer = make_tokenizer()
    tokenizer.add_tokens(["########", "###"])
    end = AnswerEnd(tokenizer, "###")
    one, more = tokenizer.convert_tokens_to_ids(["###", "########"])
    sharp, word = tokenizer.convert_tokens_to_ids(["#", "s"])
    rows = [
        [word, word, one],
        [word, word, more],
        [sharp, sharp, sharp],
        [word, sharp, sharp],
        [one, sharp, sharp],
        [sharp, sharp, word],
    ]
    expected = [True, False, True, False, False, False]
    assert end(torch.tensor(rows), None).tolist() == expected


def test_both_end_tokens_stop(bases, converted) -> None:
    """Qwen's configuration has two, and its tokenizer one of them."""
    tokenizer = make_tokenizer()
    known = GenerationConfig.from_pretrained(bases["text"])
    assert stopping(tokenizer, "", known) == {"eos_token_id": [2, 0], "pad_token_id": 0}
    known.eos_token_id = None
    assert stopping(tokenizer, "", known)["eos_token_id"] == [2]
    model = load_adapter(converted / "adapter")
    for token in (2, 0):
        handle = model.base_model.model.lm_head.register_forward_hook(
            lambda module, args, logits, token=token: logits.index_fill(
                -1, torch.tensor([token]), 1e3
            )
        )
        processor = AffectGPTProcessor.from_pretrained(converted / "adapter")
        asked = inputs_of(processor)
        ends = processor.stopping(model.generation_config)
        tokens = model.generate(**asked, **ends, do_sample=False, max_new_tokens=5)
        assert tokens.shape[1] == asked["input_ids"].shape[1] + 1
        handle.remove()


def test_a_model_from_towers_generates_as_its_language_model(bases) -> None:
    model = AffectGPTForConditionalGeneration.from_towers(**bases)
    own = Qwen2ForCausalLM.from_pretrained(bases["text"]).generation_config
    got = model.generation_config
    for name in ("eos_token_id", "pad_token_id", "do_sample", "top_k", "top_p"):
        assert getattr(got, name) == getattr(own, name), name
    assert got.eos_token_id == [2, 0]
    assert got.suppress_tokens == list(model.config.placeholders.values())


def test_pieces_lie_as_either_sampler_has_them(make_processor, tmp_path) -> None:
    """Five seconds, eight pieces of two: the last begins at 3 s, or at 3 * 7 / 8 s."""
    rate = 1000
    wave = np.arange(5 * rate, dtype=np.float32)
    for to_end, last in ((True, 3000), (False, 2625)):
        pieces = cut_pieces(wave, 8, 2 * rate, to_end=to_end)
        np.testing.assert_allclose(pieces[-1] + wave[last : last + 2000].mean(), wave[last:][:2000])
        np.testing.assert_array_equal(pieces[0] + wave[:2000].mean(), wave[:2000])
        given = load_pieces(wave, rate, 8, 2 * rate, to_end=to_end)
        np.testing.assert_array_equal(given, pieces)
    sound = np.random.default_rng(0).normal(size=80000).astype(np.float32)
    kinds = [
        make_processor(n_audio_clips=4, audio_spacing=spacing)(audio=sound)["input_values"]
        for spacing in ("to_end", "before_end")
    ]
    assert not torch.equal(*kinds)


# Weights that are brought in layer by layer.


@pytest.mark.parametrize("kinds", [{"text": "a"}, {"videos": True}, {"audio": True}])
def test_offloaded_towers_answer_where_a_kind_is_missing(
    model, processor, clip, wave, kinds
) -> None:
    from accelerate import cpu_offload

    media = {"videos": clip, "audio": wave}
    inputs = processor(**{name: media.get(name, value) for name, value in kinds.items()})
    expected = model(**inputs).logits
    cpu_offload(model, execution_device=torch.device("cpu"))
    torch.testing.assert_close(model(**inputs).logits, expected)
