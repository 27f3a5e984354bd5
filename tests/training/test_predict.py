"""Answers in batches: order, resuming, and files straight from a disk."""

import copy
import json
from collections import Counter
from dataclasses import replace

import pytest
import soundfile
import torch

from affecthub.datasets_scripts import load_dataset
from affecthub.training.predict import predict, predict_corpus, predict_files


@pytest.fixture(scope="module")
def test_rows(small_corpus):
    return load_dataset("demo", data_dir=small_corpus, split="test")


def test_answers_keep_the_order_of_the_rows_whatever_the_batch(trained, test_rows, small_recipe):
    by_size = [
        predict(
            trained.model,
            trained.processor,
            test_rows,
            replace(small_recipe, predict_batch_size=size),
            progress=False,
        )
        for size in (1, 3, 16)
    ]
    assert list(by_size[0]) == list(test_rows["id"])
    assert by_size[0] == by_size[1] == by_size[2]


def test_padding_counts_as_nothing_that_was_said(trained, test_rows, small_recipe):
    """A model that penalises repeating, and ends answers by the token that prompts are padded with.

    Qwen2.5 is one.
    """
    tokenizer = trained.processor.tokenizer
    model = copy.deepcopy(trained.model)
    model.generation_config.repetition_penalty = 1.3
    model.generation_config.eos_token_id = [tokenizer.eos_token_id, tokenizer.pad_token_id]
    recipe = replace(small_recipe, modalities=("text",), max_new_tokens=6)

    def answers(size):
        asked = replace(recipe, predict_batch_size=size)
        return predict(model, trained.processor, test_rows, asked, progress=False)

    # The model would rather say the end than what it says most, unless the end is penalised.
    said = answers(16)
    tokens = tokenizer(" ".join(said.values()), add_special_tokens=False)["input_ids"]
    most = Counter(token for token in tokens if tokenizer.decode([token]).strip()).most_common(1)
    with torch.no_grad():
        weight = model.get_input_embeddings().weight
        weight[tokenizer.pad_token_id] = 1.01 * weight[most[0][0]]
    ended = answers(16)
    assert ended == answers(1) != said


def test_a_killed_run_goes_on_and_asks_nothing_twice(trained, test_rows, small_recipe, tmp_path):
    file = tmp_path / "answers.jsonl"
    whole = predict(
        trained.model, trained.processor, test_rows, small_recipe, output_file=file, progress=False
    )
    first = test_rows["id"][0]
    # What a kill leaves: one whole line, one cut off. A marked answer shows that it is kept.
    # Its line separator is none of the file's lines, and the cut goes through a character.
    answer = "kept\u2028whole"
    before = json.loads(file.read_text(encoding="utf-8").split("\n")[0])
    assert before["id"] == first
    kept = json.dumps(before | {"prediction": answer}, ensure_ascii=False)
    file.write_bytes(f'{kept}\n{{"id": "语'.encode()[:-1])
    resumed = predict(
        trained.model, trained.processor, test_rows, small_recipe, output_file=file, progress=False
    )
    assert resumed == whole | {first: answer}
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n")[:-1]]
    assert {line["id"]: line["prediction"] for line in lines} == resumed
    assert len(lines) == len(resumed)


def test_a_file_of_something_else_is_refused(trained, test_rows, small_recipe, tmp_path):
    file = tmp_path / "notes.txt"
    file.write_text("not answers\n")
    with pytest.raises(ValueError, match=r"notes.txt, line 1: got 'not answers'"):
        predict(trained.model, trained.processor, test_rows, small_recipe, output_file=file)


def test_no_rows_no_answers(trained, test_rows, small_recipe):
    assert predict(trained.model, trained.processor, test_rows.select([]), small_recipe) == {}


def test_saved_model_answers_a_split_like_the_live_one(
    trained, test_rows, small_recipe, small_corpus
):
    live = predict(trained.model, trained.processor, test_rows, small_recipe, progress=False)
    saved = predict_corpus(
        trained.output_dir, "demo", small_corpus, max_new_tokens=16, progress=False
    )
    assert saved == live


def test_files_are_answered_under_their_paths(trained, test_rows):
    row = test_rows[0]
    answers = predict_files(
        trained.output_dir, [row["video"]["path"]], text=row["text"], max_new_tokens=8
    )
    assert list(answers) == [row["video"]["path"]]
    sound = predict_files(trained.output_dir, [row["audio"]["path"]], max_new_tokens=8)
    assert isinstance(sound[row["audio"]["path"]], str)


def test_files_that_cannot_be_answered_are_named(trained, tmp_path):
    with pytest.raises(FileNotFoundError, match="clip not found: .*absent.mp4"):
        predict_files(trained.output_dir, [tmp_path / "absent.mp4"])
    (tmp_path / "broken.mp4").write_bytes(b"not a video")
    with pytest.raises(ValueError, match=r"broken.mp4"):
        predict_files(trained.output_dir, [tmp_path / "broken.mp4"])
    soundfile.write(tmp_path / "empty.wav", [], 16000)
    with pytest.raises(ValueError, match=r"empty.wav"):
        predict_files(trained.output_dir, [tmp_path / "empty.wav"])
    with pytest.raises(ValueError, match="transcript of one clip: got 2"):
        predict_files(trained.output_dir, ["a.mp4", "b.mp4"], text="hello")
