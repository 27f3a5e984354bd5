"""Recipes of chat models: appendix B's figures, what they refuse, the plan, and other trainers."""

import json
import shutil
from pathlib import Path

import pytest
import yaml
from shell import affecthub as command

from affecthub.training.omni.exporting import RecipeWording
from affecthub.training.omni.exporting import command as command_of
from affecthub.training.omni.plan import plan_omni
from affecthub.training.omni.recipe import ChatLoraRecipe, FramesRecipe, load_omni_recipe
from affecthub.training.omni.run import require_shuffled, require_unsplit, require_words
from affecthub.training.recipe_kinds import installed, kind_of

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("name", installed("omni"))
def test_every_recipe_reads_has_a_line_and_follows_appendix_b(name):
    recipe = load_omni_recipe(name)
    assert kind_of(name) == "omni" and load_omni_recipe(name, seed=3).seed == 3
    lines = (ROOT / "training" / "recipes" / "README.md").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith(f"| `{name}` |"))
    assert f"affecthub train {name} --" in line
    # EmoS, appendix B: rank 16, alpha 32, no dropout; batch 1 times 8, 3 epochs, cosine, 10 %.
    assert (recipe.lora.r, recipe.lora.alpha, recipe.lora.dropout) == (16, 32, 0.0)
    said = recipe.trainer
    assert said["per_device_train_batch_size"] == 1 and said["gradient_accumulation_steps"] == 8
    assert (said["num_train_epochs"], said["warmup_steps"]) == (3, 0.1)
    assert said["lr_scheduler_type"] == "cosine" and said["bf16"] is True


def test_a_recipe_survives_its_file(tmp_path):
    recipe = load_omni_recipe("emos_basic7_omni")
    (tmp_path / "recipe.yaml").write_text(yaml.safe_dump(recipe.to_dict()))
    assert load_omni_recipe(tmp_path / "recipe.yaml") == recipe
    less = load_omni_recipe("emos_basic7_omni", answer={"model_confidence": None})
    assert less.answer == {"predicted_emotion": "emotion"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"modalities": ["audio", "face"]}, "unknown modality: got 'face'"),
        ({"modalities": []}, "`modalities` is empty"),
        ({"answer": {"predicted_emotion": None, "model_confidence": None}}, "`answer` is empty"),
        ({"sound": "in_video", "modalities": ["audio", "text"]}, "expected audio and video among"),
        ({"sound": "beside"}, "sound"),
        ({"dtype": "float8"}, "unknown `dtype`: got 'float8'"),
        ({"save_dtype": "auto"}, "unknown `save_dtype`: got 'auto'"),
        ({"max_new_tokens": 0}, "`max_new_tokens` is 0: expected a positive number"),
        ({"evaluate": {}}, "`evaluate` is of AffectGPT"),
        ({"trainer": {"learning_rat": 1}}, "unknown field of `trainer`: got 'learning_rat'"),
        ({"lora": {"rank": 4}}, "rank"),
        ({"modle": "x"}, "modle"),
        ({"global_batch_size": 8}, "the clips of a step are said twice"),
    ],
)
def test_mistakes_are_told(changes, message):
    with pytest.raises(ValueError, match=message):
        load_omni_recipe("emos_basic7_omni", **changes)


def test_mistakes_in_parts_are_told():
    for make, message in (
        (lambda: ChatLoraRecipe(r=0), "`lora.r` is 0"),
        (lambda: ChatLoraRecipe(dropout=1.0), "`lora.dropout` is 1.0"),
        (lambda: FramesRecipe(n_frames=0), "`frames.n_frames` is 0"),
        (lambda: FramesRecipe(min_pixels=9, max_pixels=8), "are 9 and 8"),
    ):
        with pytest.raises(ValueError, match=message):
            make()
    with pytest.raises(ValueError, match="is none of chat models: got one of the kind 'sft'"):
        load_omni_recipe("emos_basic7")


def test_runs_that_would_go_wrong_are_refused(make_recipe):
    from affecthub.training.asking.prompts.registry import load_prompt

    for kind in ("fsdp2", "zero3"):
        with pytest.raises(ValueError, match=f"not split over processes: got {kind}"):
            require_unsplit(kind)
    require_unsplit("zero2")
    grouped = make_recipe(trainer={"train_sampling_strategy": "group_by_length"})
    with pytest.raises(ValueError, match="grouped by their media"):
        require_shuffled(grouped)
    deaf = make_recipe(modalities=("audio",))
    with pytest.raises(ValueError, match=r"says what is said in a clip: got modalities audio"):
        require_words(load_prompt(deaf.prompt), deaf)


def test_the_plan_says_what_is_published_and_what_it_counts(
    make_recipe, small_corpus, tmp_path, monkeypatch
):
    # A disk of a known size: what this machine has free is not what is asked here.
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10**12))
    recipe = load_omni_recipe("emos_basic7_omni", trainer={"bf16": False})
    plan = plan_omni(recipe, data_dir=None, output_dir=tmp_path / "run")
    assert plan.adapters == 642_514_944 and not plan.ok
    problems = [check for check in plan.checks if not check.ok]
    assert [check.what for check in problems] == ["corpus emos"]
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10**10))
    full = plan_omni(recipe, data_dir=None, output_dir=tmp_path / "run")
    lacking = [check.what for check in full.checks if not check.ok]
    assert lacking == ["corpus emos", "disk", "disk of the cache"]
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=10**12))
    told = repr(plan)
    for figure in ("78.85 GB", "144.81 GB", "2 x 48 GB", "2 x 60 GB", "not measured here"):
        assert figure in told
    # 9,403 clips on paper, by 8 over 3 epochs.
    assert plan.steps == 3 * -(-9403 // 8) == 3528
    less = load_omni_recipe("emos_basic7_omni", lora={"experts": False}, trainer={"bf16": False})
    assert plan_omni(less, data_dir=None, output_dir=tmp_path).adapters == 13_369_344
    # A model on this disk is read, and a corpus counted.
    here = plan_omni(make_recipe(), data_dir=small_corpus, output_dir=tmp_path / "run")
    assert here.ok and here.steps == 2 and here.memory == ()
    assert "no figure of this model is known" in repr(here)
    unknown = make_recipe(model="some/model")
    assert plan_omni(unknown, data_dir=small_corpus, output_dir=tmp_path / "run").adapters is None
    for changes, message in (
        ({"model": str(tmp_path / "none")}, "model folder not found"),
        ({"modalities": ("video", "text")}, "takes no video"),
        ({"prompt": "nothing_like_it"}, "unknown prompt"),
    ):
        wrong = make_recipe(**changes)
        found = plan_omni(wrong, data_dir=small_corpus, output_dir=tmp_path / "run")
        assert not found.ok and message in repr(found)


def test_the_command_plans_and_trains(make_recipe, small_corpus, tmp_path):
    recipe = make_recipe(modalities=("text",), trainer={"max_steps": 1})
    path = tmp_path / "small.yaml"
    path.write_text(yaml.safe_dump(recipe.to_dict()))
    told = ["train", str(path), "--data-dir", str(small_corpus), "--json"]
    assert json.loads(command(*told, "--plan").stdout)["ok"] is True
    command(*told, "--plan", "--set", "corpus=emos", ok=False)
    done = command(*told, "--output-dir", str(tmp_path / "run"))
    scores = json.loads(done.stdout)["scores"]
    assert [row["name"] for row in scores] == ["fine-tuned", "majority"]
    again = command(*told, "--output-dir", str(tmp_path / "run"), ok=False)
    assert "an earlier run" in again.stderr


def test_what_other_trainers_read_is_what_is_trained(make_recipe, small_corpus, clips, tmp_path):
    recipe = make_recipe("qwen2_5_omni_thinker")
    path = tmp_path / "small.yaml"
    path.write_text(yaml.safe_dump(recipe.to_dict()))
    out = tmp_path / "out"
    told = ["data", "export", "demo", str(out), "--data-dir", str(small_corpus)]
    told += ["--protocol", "official", "--to", "chat-jsonl", "--recipe", str(path)]
    done = command(*told, "--for", "ms-swift")
    assert f"cd {out}; sh ms_swift.sh" in done.stdout.replace("\n", "")
    names = clips["train"].features["emotion"].names
    lines = [json.loads(line) for line in (out / "train.jsonl").read_text().splitlines()]
    assert len(lines) == len(clips["train"])
    for line, row in zip(lines, clips["train"], strict=True):
        user, assistant = line["messages"]
        asked = f"<video><audio>{row['text']} Choose of {', '.join(names)}."
        assert (user["role"], user["content"]) == ("user", asked)
        said = {"predicted_emotion": names[row["emotion"]]}
        assert (assistant["role"], json.loads(assistant["content"])) == ("assistant", said)
        assert [len(line[kind]) for kind in ("videos", "audios")] == [1, 1]
        assert all((out / file).is_file() for file in line["videos"] + line["audios"])
    script = (out / "ms_swift.sh").read_text()
    for part in (
        "export ROOT_IMAGE_DIR=.",
        "export USE_AUDIO_IN_VIDEO=false",
        "export VIDEO_MAX_PIXELS=12544",
        "swift sft \\\n    --model ",
        "--dataset train.jsonl \\\n    --val_dataset validation.jsonl",
        "--lora_rank 16 \\\n    --lora_alpha 32 \\\n    --lora_dropout 0.0",
        "--freeze_vit true",
        "--num_train_epochs 1",
    ):
        assert part in script, part
    info = json.loads((out / "dataset_info.json").read_text())
    assert info["demo_train"]["columns"] == {
        "messages": "messages",
        "videos": "videos",
        "audios": "audios",
    }
    assert info["demo_train"]["tags"]["system_tag"] == "system"


def test_prompts_with_labels_of_their_own_are_asked_too(make_recipe, clips, built):
    wording = RecipeWording(make_recipe("qwen2_5_omni_thinker", prompt="emos_basic7"))
    row = clips["train"][0]
    said = wording.said(row, clips["train"].features)
    assert ", ".join(wording.prompt.labels) in said.asked and row["text"] in said.asked
    assert json.loads(said.answer)["predicted_emotion"] in wording.prompt.labels
    assert wording.media == {"audio", "video"} and said.is_shown
    empty = row | {"emotion": None}
    assert wording.said(empty, clips["train"].features) == "emotion"
    _, examples = built("qwen2_audio", prompt="emos_basic7")
    assert examples.ask(row).question == said.asked


def test_llama_factory_s_settings_follow_the_recipe():
    recipe = load_omni_recipe("emos_basic7_omni")
    text = command_of(recipe, "llama-factory", ["train", "validation", "test"], "emos", ".")
    values = yaml.safe_load(text)
    assert values["template"] == "qwen3_omni_nothink" and values["lora_target"] == "all"
    assert (values["dataset"], values["eval_dataset"]) == ("emos_train", "emos_validation")
    assert (values["media_dir"], values["dataset_dir"]) == (".", ".")
    assert (values["lora_rank"], values["lora_alpha"], values["learning_rate"]) == (16, 32, 1e-4)
    assert (values["warmup_ratio"], values["lr_scheduler_type"]) == (0.1, "cosine")
    assert values["use_audio_in_video"] is False and values["video_max_pixels"] == 50176
    by_path = yaml.safe_load(command_of(recipe, "llama-factory", ["train"], "emos", "$CORPUS"))
    assert "media_dir" not in by_path and "eval_dataset" not in by_path
    deaf = load_omni_recipe("emos_basic7_qwen2_audio")
    assert "template: qwen2_audio" in command_of(deaf, "llama-factory", ["train"], "emos", ".")
    with pytest.raises(ValueError, match="unknown trainer: got 'axolotl'"):
        command_of(recipe, "axolotl", ["train"], "emos", ".")


def test_exports_that_would_differ_are_refused(make_recipe, small_corpus, tmp_path):
    with pytest.raises(ValueError, match="an export has the sound beside the film"):
        RecipeWording(make_recipe("qwen2_5_omni_thinker", sound="in_video"))
    told = ["data", "export", "demo", str(tmp_path / "o"), "--data-dir", str(small_corpus)]
    for more, message in (
        (["--to", "chat-jsonl", "--for", "ms-swift"], "without --recipe"),
        (["--to", "chat-jsonl", "--recipe", "emos_basic7_omni"], "of another corpus"),
    ):
        done = command(*told, *more, ok=False)
        assert message in " ".join(done.stderr.split())
    path = tmp_path / "r.yaml"
    path.write_text(yaml.safe_dump(make_recipe().to_dict()))
    for more, message in (
        (["--to", "parquet"], "expected 'chat-jsonl'"),
        (["--to", "chat-jsonl", "--question", "?"], "says what is asked and answered"),
        (["--to", "chat-jsonl", "--for", "axolotl"], "unknown `--for`"),
    ):
        done = command(*told, *more, "--recipe", str(path), ok=False)
        assert message in " ".join(done.stderr.split())
