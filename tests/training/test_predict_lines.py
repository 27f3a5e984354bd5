"""What is to be known of single answers: cut ones, clips that cannot be asked, parts, streams."""

import copy
import io
import json
from dataclasses import replace

import pytest

from affecthub.datasets_scripts import load_dataset
from affecthub.training.predict import merge_answers, predict, predict_corpus, predict_files
from affecthub.training.prediction.answers import Answers
from affecthub.training.prediction.batches import batches_by_length, prompt_lengths
from affecthub.training.prediction.streaming import AnswerStreamer
from affecthub.training.shares import Share


@pytest.fixture(scope="module")
def rows(small_corpus):
    return load_dataset("demo", data_dir=small_corpus, split="test").select(range(6))


@pytest.fixture(scope="module")
def recipe(small_recipe):
    return replace(
        small_recipe,
        modalities=("text",),
        max_new_tokens=3,
        cache_media=False,
        predict_batch_size=2,
    )


def lines_of(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def test_batches_are_of_like_lengths_and_hold_every_clip_once(trained, rows, recipe):
    lengths = prompt_lengths(rows, trained.processor, recipe)
    tokens = trained.processor.tokenizer(list(rows["text"]))["input_ids"]
    assert lengths == [len(each) for each in tokens] and len({*lengths}) > 2
    batches = batches_by_length(lengths, 4)
    assert [len(batch) for batch in batches] == [4, 2]
    assert sorted(sum(batches, [])) == [0, 1, 2, 3, 4, 5]
    assert min(lengths[i] for i in batches[0]) >= max(lengths[i] for i in batches[1])
    assert (
        prompt_lengths(rows, trained.processor, replace(recipe, modalities=("audio",))) == [0] * 6
    )


def test_shares_are_apart_and_whole():
    clips = range(11)
    shares = [Share(0, 2).within(Share(i, 3)) for i in range(3)]
    shares += [Share(1, 2).within(Share(i, 3)) for i in range(3)]
    assert sorted(i for share in shares for i in share.of(clips)) == list(clips)
    inner = [Share(i, 3).of(Share(1, 2).of(clips)) for i in range(3)]
    assert inner == [share.of(clips) for share in shares[3:]]
    assert len({share.name for share in shares}) == 6 and Share(1, 4).name == "part-2-of-4"
    for wrong, said in {
        "3/2": "expected the first number to be 1 to 2",
        "0/2": "expected the first number to be 1 to 2",
        "2": "expected k/n",
        "-1/2": "expected k/n",
    }.items():
        with pytest.raises(ValueError, match=f"shard: got '{wrong}', {said}"):
            Share.parse(wrong)


def test_an_answer_without_an_end_is_marked(trained, rows, recipe, tmp_path):
    file = tmp_path / "a.jsonl"
    model = copy.deepcopy(trained.model)
    cut = predict(model, trained.processor, rows, recipe, output_file=file, progress=False)
    assert cut.cut == list(cut) == [line["id"] for line in lines_of(file) if line["cut"]]
    assert (cut.n_asked, cut.n_tokens) == (6, 18)
    assert "6 answers, 6 cut at the longest answer; 6 asked in" in cut.closing_line()
    # The same answers, with an end at the last token.
    model.generation_config.forced_eos_token_id = trained.processor.tokenizer.eos_token_id
    whole = predict(model, trained.processor, rows, recipe, progress=False)
    assert whole.cut == [] and whole.n_tokens == 12
    again = predict(trained.model, trained.processor, rows, recipe, output_file=file)
    assert again == cut and again.cut == cut.cut and again.n_asked == 0
    assert again.closing_line().endswith("; none had to be asked")


def test_a_prompt_that_is_too_long_is_an_error_of_its_clip(trained, rows, recipe, tmp_path):
    processor = copy.deepcopy(trained.processor)
    lengths = prompt_lengths(rows, processor, recipe)
    longest = rows["id"][lengths.index(max(lengths))]
    whole = predict(trained.model, processor, rows, recipe, progress=False)
    example = processor(text=[rows[lengths.index(max(lengths))]["text"]], question="labels")
    processor.tokenizer.model_max_length = example["input_ids"].shape[1] - 1
    file = tmp_path / "a.jsonl"

    def answers(**more):
        return predict(
            trained.model, processor, rows, recipe, output_file=file, progress=False, **more
        )

    with pytest.warns(UserWarning, match=f"1 of 6 clips could not be asked.*{longest}"):
        found = answers()
    assert found == whole | {longest: ""} and list(found) == list(rows["id"])
    assert "too long" in found.errors[longest] and "too long" in file.read_text()
    assert "1 could not be asked" in found.closing_line()
    # It stays so, until it is asked for again.
    processor.tokenizer.model_max_length = 10_000
    assert answers().n_asked == 0
    mended = answers(retry=True)
    assert mended == whole and mended.errors == {} and mended.n_asked == 1
    assert [line["id"] for line in lines_of(file)] == list(rows["id"])
    # Where nothing can be asked that is the error, and nothing is left that would be kept.
    processor.tokenizer.model_max_length = 2
    hopeless = tmp_path / "b.jsonl"
    with pytest.raises(ValueError, match="too long"):
        predict(trained.model, processor, rows, recipe, output_file=hopeless, progress=False)
    assert list(tmp_path.iterdir()) == [file]


def test_a_question_nobody_knows_is_told_before_a_clip_is_read(trained, rows, recipe):
    with pytest.raises(ValueError, match="unknown question: got 'labells'.*Did you mean 'labels'"):
        predict(trained.model, trained.processor, rows, replace(recipe, question="labells"))


def test_shards_are_merged_into_what_one_run_writes(trained, small_corpus, tmp_path):
    def answers(file, **more):
        return predict_corpus(
            *(trained.output_dir, "demo", small_corpus),
            output_file=tmp_path / file,
            max_new_tokens=4,
            limit=5,
            batch_size=2,
            progress=False,
            **more,
        )

    whole = answers("whole.jsonl")
    assert len(whole) == 5
    first = answers("parts.jsonl", shard=Share(0, 2))
    with pytest.raises(ValueError, match=r"no answer to 2 of 5 clips \(S"):
        merge_answers(tmp_path / "parts.jsonl", "demo", small_corpus, limit=5)
    second = answers("parts.jsonl", shard=Share(1, 2))
    assert len(first) == 3 and first | second == whole and not first.keys() & second.keys()
    assert not (tmp_path / "parts.jsonl").exists()
    merged = merge_answers(tmp_path / "parts.jsonl", "demo", small_corpus, limit=5)
    assert list(merged.items()) == list(whole.items())
    assert (tmp_path / "parts.jsonl").read_bytes() == (tmp_path / "whole.jsonl").read_bytes()
    assert len(list(tmp_path.iterdir())) == 2


def test_one_answer_is_streamed_as_it_would_be_printed(trained, rows, capsys):
    clip, text = rows[0]["video"]["path"], rows[0]["text"]
    capsys.readouterr()
    found = predict_files(trained.output_dir, [clip], text=text, max_new_tokens=6, stream=True)
    assert capsys.readouterr().out == " ".join(found[clip].split()) + "\n"
    with pytest.raises(ValueError, match="one answer is streamed at a time: got 2 clips"):
        predict_files(trained.output_dir, [clip, clip], stream=True)


@pytest.mark.parametrize(
    ("pieces", "shown"),
    [
        (["joy ", "and\n", " fear"], "joy and fear"),
        (["joy#", "#", "# "], "joy"),
        (["joy ###", " or so", "###"], "joy ### or so"),
        (["a # ", "b ##", " c"], "a # b ## c"),
        (["###"], ""),
    ],
)
def test_a_stream_ends_where_the_answer_does(trained, pieces, shown):
    processor = copy.copy(trained.processor)
    processor.answer_end = "###"
    screen = io.StringIO()
    streamer = AnswerStreamer(processor, screen)
    for piece in pieces:
        streamer.on_finalized_text(piece)
        assert shown.startswith(screen.getvalue())
    streamer.on_finalized_text("", stream_end=True)
    assert screen.getvalue() == shown + "\n"


def test_the_closing_line_counts():
    lines = [
        {"id": "a", "prediction": "joy", "cut": True},
        {"id": "b", "prediction": "", "error": "torn"},
        {"id": "c", "prediction": ""},
    ]
    answers = Answers(lines, n_asked=2, n_tokens=30)
    answers.seconds = 0.5
    assert answers.closing_line() == (
        "3 answers, 1 could not be asked, 1 cut at the longest answer, 1 empty; "
        "2 asked in 0.5 s: 4 clips/s, 60 tokens/s"
    )
