"""Answers on a disk: whose they are, and that none is taken for another's."""

import copy
import json
from dataclasses import replace

import datasets
import numpy as np
import pyarrow as pa
import pytest
import torch

from affecthub.datasets_scripts import load_dataset
from affecthub.modeling.affectgpt import AffectGPTForConditionalGeneration, AffectGPTProcessor
from affecthub.training.answer_keys import model_key
from affecthub.training.clip_keys import clip_key
from affecthub.training.journal import Journal, first_key
from affecthub.training.predict import predict
from affecthub.training.shares import Share


@pytest.fixture(scope="module")
def text_recipe(small_recipe):
    return replace(small_recipe, modalities=("text",), max_new_tokens=3, cache_media=False)


@pytest.fixture(scope="module")
def test_rows(small_corpus):
    return load_dataset("demo", data_dir=small_corpus, split="test").select(range(4))


@pytest.fixture
def other_model(trained):
    """The trained model with one weight moved by the least step."""
    other = copy.deepcopy(trained.model)
    with torch.no_grad():
        weight = other.state_dict()["lm_head.weight"]
        weight[0, 0] = torch.nextafter(weight[0, 0], torch.tensor(9.0))
    return other


def test_the_key_is_that_of_weights_prompt_and_settings(trained, text_recipe, other_model):
    key = model_key(trained.model, trained.processor, text_recipe)
    assert key == model_key(copy.deepcopy(trained.model), trained.processor, text_recipe)
    assert key == model_key(
        trained.model, trained.processor, replace(text_recipe, predict_batch_size=1, label="x")
    )
    processor = copy.deepcopy(trained.processor)
    processor.questions["labels"] = "what?"
    others = [
        model_key(other_model, trained.processor, text_recipe),
        model_key(trained.model, processor, text_recipe),
        model_key(trained.model, trained.processor, replace(text_recipe, max_new_tokens=4)),
        model_key(trained.model, trained.processor, replace(text_recipe, modalities=("audio",))),
        model_key(trained.model, trained.processor, replace(text_recipe, question="why?")),
    ]
    assert len({key, *others}) == 6


def test_what_was_trained_and_what_is_loaded_have_one_key(trained, text_recipe, tmp_path):
    for each in (trained.model, trained.processor):
        each.save_pretrained(tmp_path)
    loaded = AffectGPTForConditionalGeneration.from_pretrained(tmp_path)
    processor = AffectGPTProcessor.from_pretrained(tmp_path)
    assert model_key(loaded, processor, text_recipe) == model_key(
        trained.model, trained.processor, text_recipe
    )


def test_another_models_answers_are_refused_or_asked_again(
    trained, other_model, text_recipe, test_rows, tmp_path
):
    file = tmp_path / "answers.jsonl"
    first = predict(
        trained.model, trained.processor, test_rows, text_recipe, output_file=file, progress=False
    )
    text = file.read_text()
    # A false answer under the right key shows that answers of this model are kept ...
    file.write_text(text.replace(json.dumps(first[test_rows["id"][0]]), '"kept"', 1))
    again = predict(
        trained.model, trained.processor, test_rows, text_recipe, output_file=file, progress=False
    )
    assert "kept" in again.values()
    # ... and never another's.
    before = file.read_text()
    with pytest.raises(ValueError, match="holds 4 answers of another model, question or setting"):
        predict(other_model, trained.processor, test_rows, text_recipe, output_file=file)
    assert file.read_text() == before
    new = predict(
        other_model,
        trained.processor,
        test_rows,
        text_recipe,
        output_file=file,
        replace_answers=True,
        progress=False,
    )
    assert new == first
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line["id"] for line in lines] == list(test_rows["id"])
    assert len({line["model"] for line in lines}) == 1 and "kept" not in file.read_text()


def test_answers_without_a_key_are_nobodys(tmp_path):
    file = tmp_path / "answers.jsonl"
    file.write_text('{"id": "a", "prediction": "joy"}\n')
    with pytest.raises(ValueError, match="of another model"):
        Journal(file, "k" * 64)


def test_a_clip_that_has_changed_is_asked_again(tmp_path):
    film = tmp_path / "a.mp4"
    film.write_bytes(b"one")
    row = {"text": "hello", "video": {"path": str(film), "bytes": None}}
    key = clip_key(row, ("text", "video"))
    held = {"text": "hello", "video": {"path": "elsewhere", "bytes": b"one"}}
    assert clip_key(held, ("video", "text")) == key
    assert clip_key(row | {"text": "bye"}, ("text", "video")) != key
    assert clip_key(row | {"video_start_s": 1.0}, ("text", "video")) != key
    film.write_bytes(b"two, a longer film")
    changed = clip_key(row, ("text", "video"))
    assert changed != key and clip_key(row, ("text",)) == clip_key(held, ("text",))

    # Features stand for the media, which may be gone.
    seen = {"vision_features": np.ones((2, 3), np.float32)}
    film.unlink()
    key_of_features = clip_key(row, ("text", "video"), seen)
    assert key_of_features not in (key, clip_key(row | {"text": "bye"}, ("text", "video"), seen))
    assert key_of_features != clip_key(row, ("text", "video"), {"vision_features": np.ones((3, 2))})

    journal = Journal(None, "m")
    journal.add([{"id": name, "prediction": "joy", "clip": key} for name in "ab"])
    assert journal.changed({"a": changed, "b": key, "c": key}) == ["a"]


def answered(*names: str, **more: str) -> list[dict[str, str]]:
    return [{"id": name, "prediction": f"{name}!", "clip": "c", **more} for name in names]


def ids(file) -> list[str]:
    return [json.loads(line)["id"] for line in file.read_text(encoding="utf-8").splitlines()]


def test_parts_become_one_file_in_the_order_of_the_clips(tmp_path):
    file = tmp_path / "new" / "j.jsonl"
    first, second = (Journal(file, "m", process=Share(i, 2)) for i in range(2))
    for journal in (first, second):
        journal.begin()
        journal.open()
    first.add(answered("c", "a"))
    second.add(answered("b", "语", error="why", cut=""))
    assert not file.exists() and ids(file.with_name("j.jsonl.part-1-of-2")) == ["c", "a"]
    for journal in (first, second):
        journal.close()
    # Both are killed here. One process goes on from both parts, and finds a torn line in neither.
    with file.with_name("j.jsonl.part-2-of-2").open("ab") as torn:
        torn.write('{"id": "d语'.encode()[:-1])
    alone = Journal(file, "m")
    assert [*alone.lines] == ["c", "a", "b", "语"] and alone.lines["语"]["error"] == "why"
    alone.begin()
    alone.open()
    assert [each.name for each in file.parent.glob("*part*")] == ["j.jsonl.part-1-of-1"]
    alone.add(answered("d"))
    alone.finish("abcd")
    alone.close()
    assert ids(file) == ["a", "b", "c", "d", "语"]
    assert [each.name for each in file.parent.iterdir()] == ["j.jsonl"]
    # A kill after the file was written and before the parts were removed changes nothing.
    whole = file.read_bytes()
    file.with_name("j.jsonl.part-1-of-3").write_bytes(whole[: len(whole) // 2])
    with Journal(file, "m") as again:
        again.finish("abcd")
    assert file.read_bytes() == whole
    assert [each.name for each in file.parent.iterdir()] == ["j.jsonl"]


def test_an_answer_that_was_asked_for_again_replaces_the_old_one(tmp_path):
    file = tmp_path / "j.jsonl"
    with Journal(file, "m") as journal:
        journal.begin()
        journal.open()
        journal.add(answered("a", "b", error="torn"))
        journal.finish("ab")
    with Journal(file, "m") as again:
        again.forget("a")
        again.begin()
        again.open()
        again.add(answered("a"))
        # Killed here, the next run knows the new answer although the old one is in the file.
        again.close()
        assert Journal(file, "m").lines["a"].get("error") is None
    with Journal(file, "m") as last:
        last.finish("ab")
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    assert [line.get("error") for line in lines] == [None, "torn"]


def test_a_batch_is_on_the_disk_before_the_next_one(tmp_path, monkeypatch):
    journal = Journal(tmp_path / "j.jsonl", "m")
    journal.begin()
    journal.open()
    synced = []
    part = tmp_path / "j.jsonl.part-1-of-1"
    monkeypatch.setattr("os.fsync", lambda handle: synced.append(ids(part)))
    journal.add(answered("a", "b"))
    journal.add([])
    journal.add(answered("c"))
    assert synced == [["a", "b"], ["a", "b", "c"]]
    journal.close()


def test_one_job_at_a_time_writes_a_file(tmp_path):
    file = tmp_path / "j.jsonl"
    with Journal(file, "m", process=Share(0, 2)), Journal(file, "m", process=Share(1, 2)):
        with pytest.raises(ValueError, match=r"j.jsonl is being written by another process"):
            Journal(file, "m")
        with pytest.raises(ValueError, match="is being written by another"):
            Journal(file, "m", shard=Share(0, 2))
    # Shards share the file, and not their parts.
    with Journal(file, "m", shard=Share(0, 2)), Journal(file, "m", shard=Share(1, 2)):
        with pytest.raises(ValueError, match=r"j.jsonl.part-1-of-2 is being written"):
            Journal(file, "m", shard=Share(0, 2))
        with pytest.raises(ValueError, match=r"j.jsonl is being written"):
            Journal(file, "m")
    assert list(tmp_path.iterdir()) == []


def test_a_shard_leaves_the_others_parts_alone(tmp_path):
    file = tmp_path / "j.jsonl"
    for index, names in enumerate(("ac", "b")):
        with Journal(file, "m", shard=Share(index, 2)) as journal:
            journal.begin()
            journal.open()
            journal.add(answered(*names))
    assert sorted(each.name[-11:] for each in tmp_path.iterdir()) == ["part-1-of-2", "part-2-of-2"]
    with (tmp_path / "j.jsonl.part-2-of-2").open("ab") as torn:
        torn.write(b'{"id"')
    with Journal(file, "m", shard=Share(1, 2)) as journal:
        journal.open()
        journal.add(answered("d"))
    assert ids(tmp_path / "j.jsonl.part-2-of-2") == ["b", "d"]
    assert ids(tmp_path / "j.jsonl.part-1-of-2") == ["a", "c"]
    with Journal(file, first_key(file)) as journal:
        journal.finish("abcd")
    assert ids(file) == ["a", "b", "c", "d"]
    with pytest.raises(FileNotFoundError, match=r"got neither .*other.jsonl nor parts of it"):
        first_key(tmp_path / "other.jsonl")


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError, match="file"):
        Journal(tmp_path / "file" / "j.jsonl", "m")
    with pytest.raises(IsADirectoryError, match="is a folder: expected a file of answers"):
        Journal(tmp_path, "m")


def test_a_clip_that_cannot_be_asked_counts_as_unanswered(trained, test_rows, tmp_path):
    from affecthub.training.recipe import load_recipe

    recipe = load_recipe("demo", modalities=["video"], cache_media=False, max_new_tokens=3)
    (tmp_path / "torn.mp4").write_bytes(b"no film")
    torn = {"path": str(tmp_path / "torn.mp4"), "bytes": None}
    features = test_rows.features
    clips = [dict(row) for row in test_rows]
    clips[1] |= {"video": None, "media_issue": "video file missing"}
    clips[2] |= {"video": torn}
    rows = datasets.Dataset(pa.Table.from_pylist(clips, schema=features.arrow_schema))
    file = tmp_path / "answers.jsonl"
    with pytest.warns(UserWarning, match="2 of 4 clips could not be asked.*has none of video"):
        answers = predict(
            trained.model, trained.processor, rows, recipe, output_file=file, progress=False
        )
    assert list(answers) == test_rows["id"]
    assert [answers[clip] for clip in test_rows["id"][1:3]] == ["", ""]
    errors = {
        line["id"]: line.get("error") for line in map(json.loads, file.read_text().splitlines())
    }
    assert [bool(errors[clip]) for clip in test_rows["id"]] == [False, True, True, False]
    assert "torn.mp4" in errors[test_rows["id"][2]]
    # Written down, it is not asked again; and where nothing can be asked, that is the error.
    assert answers == predict(
        trained.model, trained.processor, rows, recipe, output_file=file, progress=False
    )
    with pytest.raises(ValueError, match="has none of video"):
        predict(trained.model, trained.processor, rows.select([1]), recipe, progress=False)
