"""Conversion of official checkpoints: what is refused, what adapters fit, and the command."""

import json
import sys
from dataclasses import replace
from inspect import signature

import pytest
import torch
from official_bases import SMALL, make_text
from official_checkpoints import (
    official_settings,
    official_shapes,
    random_weights,
    write_checkpoint,
)
from safetensors.torch import load_file
from transformers import (
    HubertConfig,
    HubertModel,
)

from affecthub.cli.convert import convert_affectgpt
from affecthub.cli.main import main
from affecthub.modeling.affectgpt import (
    AffectGPTConfig,
    AffectGPTForConditionalGeneration,
    AffectGPTProcessor,
)
from affecthub.modeling.affectgpt.convert_adapters import attach_adapter
from affecthub.modeling.affectgpt.convert_affectgpt import convert_checkpoint, read_wording
from affecthub.modeling.affectgpt.convert_loading import load_adapter

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
        card = (tmp_path / folder / "README.md").read_text()
        assert "converted from a released checkpoint" in card and str(tmp_path) not in card
        assert f"library_name: {'peft' if folder == 'a' else 'transformers'}" in card


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


def test_alpha_is_what_the_training_recorded(bases, tmp_path, prompt_file) -> None:
    settings = official_settings()
    settings["model"]["lora_alpha"] = 8
    path = write_checkpoint(tmp_path / "a.pth", random_weights(official_shapes(SMALL)), settings)
    convert_checkpoint([path], tmp_path / "out", prompt_file=prompt_file(), **bases)
    written = json.loads((tmp_path / "out" / "adapter_config.json").read_text())
    assert (written["r"], written["lora_alpha"]) == (SMALL.rank, 8)


def test_the_example_prompt_trains_a_model_from_scratch(make_tokenizer):
    """The wording that ships is read, asked and learnt in one step of a tiny model."""
    from pathlib import Path

    import affecthub.modeling.affectgpt as room

    wording = read_wording(Path(room.__file__).with_name("prompt_example.yaml"))
    tokenizer = make_tokenizer()
    config = AffectGPTConfig.tiny(
        vocab_size=262, text_config={"pad_token_id": 0, "eos_token_id": 1}, **wording
    )
    processor = AffectGPTProcessor.from_config(config, tokenizer)
    torch.manual_seed(0)
    model = AffectGPTForConditionalGeneration(config).train()
    batch = processor(text=["Oh no.", "Great!"], answers=["sad", "happy"])
    asked = tokenizer.decode(batch["input_ids"][0])
    assert "The words that are spoken: Oh no.. Name every emotion" in asked
    assert processor.default_question == "labels" and "{options}" in config.questions["one_of"]
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
    losses = []
    for _ in range(5):
        loss = model(**batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
    assert losses[-1] < losses[0]
