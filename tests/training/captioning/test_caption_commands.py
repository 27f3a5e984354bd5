"""The command line with recipes of captions."""

import json

from shell import affecthub, refused


def test_the_command_runs_a_recipe_of_captions(few_voices, tmp_path, monkeypatch):
    from affecthub.training.captioning import experiment

    monkeypatch.setattr(experiment, "load_corpus", lambda recipe, data_dir: few_voices)
    tiny = ["--set", "trainer.max_steps=1", "--set", "trainer.num_train_epochs=1"]
    tiny += ["--set", "max_new_tokens=2", "--set", "preset=emer", "--set", "metrics=[]"]
    place = ["--data-dir", str(tmp_path), "--output-dir", str(tmp_path / "run")]
    done = affecthub("train", "demo_captions", *place, *tiny)
    assert "captions, higher is better" in done.stdout
    assert "captioner" in done.stdout and "best constant" in done.stdout
    (row, _) = json.loads((tmp_path / "run" / "scores.json").read_text())
    assert row["n"] == 14


def test_the_command_says_what_is_missing(tmp_path):
    place = ["--output-dir", str(tmp_path / "run")]
    told = refused("train", "emotiontalk_captions_gpt2", *place)
    assert "`--data-dir`: got none, expected a folder of emotiontalk" in told
    told = refused("train", "secap_captions", *place)
    assert "expected a folder of secap" in told
    told = refused("train", "demo_captions", *place, "--features", str(tmp_path))
    assert "is not of captioners" in told
    told = refused("train", "demo_captions", *place, "--protocol", "oficial")
    assert "official" in told


def test_recipes_of_captions_are_listed_with_their_fields():
    listed = {row["name"]: row["kind"] for row in json.loads(affecthub("recipes", "--json").stdout)}
    assert listed["secap_captions"] == listed["demo_captions"] == "captioner"
    fields = json.loads(affecthub("recipes", "emotiontalk_captions_gpt2", "--json").stdout)
    assert fields["parts"]["decoder"].startswith("uer/gpt2")
