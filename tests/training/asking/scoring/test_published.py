"""The published scores, from a model that answers as the released one did, asked clip by clip."""

import json

import pytest
from shell import affecthub

from affecthub.metrics.answers.files import read_labels
from affecthub.training.asking.ask import ask_rows
from affecthub.training.asking.backends.scripted import ScriptedBackend
from affecthub.training.asking.prompts.registry import prompt_from
from affecthub.training.asking.scoring.clips import open_splits
from affecthub.training.asking.scoring.journals import read_journal
from affecthub.training.asking.scoring.scored import Scoring, score_journal
from affecthub.training.bench.benchmark import Scoring as Tools
from affecthub.training.bench.references import References

# Set -> the epoch that the paper took, what was released of it, the form, and the paper's Table 2.
PUBLISHED = {
    "mer2023": ("mer2023/checkpoint_000050_loss_0.527-openset", "labels", "hit_rate", 78.54),
    "meld": ("meld/checkpoint_000030_loss_0.602-openset", "labels", "hit_rate", 55.65),
    "cmu_mosi": (
        *("cmumosi/checkpoint_000040_loss_0.569-openset-sentiment", "sentiment"),
        *("sentiment", 81.30),
    ),
}
PROMPT = """
id: {form}_of_text
version: 1
language: en
media: [text]
form: {form}
placeholders: [subtitle]
source: these tests
purpose: to ask for {form}
text: "What emotions do these words tell of? {{subtitle}}"
"""


@pytest.fixture(scope="module")
def splits(reference_data):
    return open_splits("mer_unibench", reference_data / "merbench_labels")


@pytest.fixture(scope="module")
def prompts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("prompts")
    for form in ("labels", "sentiment"):
        (folder / f"{form}.yaml").write_text(PROMPT.format(form=form))
    return folder


@pytest.fixture(scope="module")
def asked(reference_data, splits, prompts, tmp_path_factory):
    """A journal of each set, written by asking the scripted model about every clip."""
    folder = tmp_path_factory.mktemp("journals")
    for name, (file, form, *_) in PUBLISHED.items():
        answers = read_labels(reference_data / "affectgpt_outputs" / f"{file}.npz")
        script = {f"{name}/{clip}": str(answer) for clip, answer in answers.items()}
        prompt = prompt_from((prompts / f"{form}.yaml").read_text(), form)
        path = folder / f"{name}.jsonl"
        ask_rows(
            ScriptedBackend(script, batch_size=64),
            spoken(splits[name].rows),
            prompt,
            media="t",
            journal=path,
        )
    return folder


def spoken(rows):
    """Rows without a clip that says nothing: media, which the released model saw, are not here."""
    words = [text or "(nothing is said)" for text in rows["text"]]
    return rows.remove_columns("text").add_column("text", words)


@pytest.mark.parametrize("name", PUBLISHED)
def test_asking_and_scoring_gives_the_papers_table(reference_data, asked, splits, prompts, name):
    _, form, metric, published = PUBLISHED[name]
    tools = Tools(reference_data / "emotion_wheel" / "mer2025", n_resamples=100)
    scoring = Scoring(prompt=str(prompts / f"{form}.yaml"), tools=tools)
    found = score_journal(read_journal(asked / f"{name}.jsonl"), splits, scoring).result
    score = next(iter(found["scores"][metric]["scores"].values()))
    assert round(100 * score["value"], 2) == published
    assert score["low"] < score["value"] < score["high"]
    assert found["coverage"] == 1 and found["n_errors"] == 0
    assert (found["split"], found["form"], found["media"]) == (name, form, "t")


def test_the_benchmark_takes_the_folder_of_journals(reference_data, asked, tmp_path):
    # The journals were asked by prompts of these tests' own, which say their names in every line.
    for name, (_, form, *_) in PUBLISHED.items():
        own = {"labels": "unibench_labels@1", "sentiment": "sentiment@1"}[form]
        with (tmp_path / f"{name}.jsonl").open("w") as file:
            for line in read_journal(asked / f"{name}.jsonl").lines.values():
                file.write(json.dumps(line | {"prompt": own}) + "\n")
    done = affecthub(
        *("bench", "mer-unibench", "--answers", tmp_path, "--resamples", "20", "--json"),
        *("--data-root", reference_data / "merbench_labels", "--output-dir", tmp_path / "out"),
        *("--lexicon", reference_data / "emotion_wheel" / "mer2025"),
    )
    found = json.loads(done.stdout)
    got = {
        name: round(100 * entry["scores"][entry["primary"]]["value"], 2)
        for name, entry in found["sets"].items()
    }
    assert got == {name: published for name, (*_, published) in PUBLISHED.items()}
    assert found["parsing"]["meld"]["n"] == 2610 and found["parsing"]["meld"]["invalid"] == 0
    assert any(note.startswith("cmu_mosi: 686 answers were read") for note in found["notes"])


def test_errors_and_forms_that_are_none_of_the_benchmark(tmp_path):
    from affecthub.training.asking.scoring.unibench import AnswerReader
    from affecthub.unibench import SETS

    wanted = References(SETS[2], ["a", "b", "c"], ["joy", "anger", "joy"], [None] * 3)
    lines = [
        {"id": "a", "prediction": "Joy", "prompt": "one_of@1"},
        {"id": "b", "prediction": "", "error": "HTTP 500", "prompt": "one_of@1"},
        {"id": "c", "prediction": "no idea", "prompt": "one_of@1"},
    ]
    path = tmp_path / "meld.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    read = AnswerReader()
    assert read(path, wanted) == {"a": ["joy"], "b": None, "c": None}
    assert read.parsing["meld"]["n_errors"] == 1 and "invalid 50.00%" in read.notes()[0]
    # A prompt of one's own is found by the name that the journal gives it.
    (tmp_path / "mine.yaml").write_text(
        "id: mine\nversion: 1\nlanguage: en\nmedia: [text]\nform: labels\nsource: me\n"
        "purpose: to try\ntext: Which?\n"
    )
    path.write_text('{"id": "a", "prediction": "[glad, calm]", "prompt": "mine@1"}\n')
    with pytest.raises(ValueError, match=r"unknown prompt: got 'mine'.*--prompt"):
        read(path, wanted)
    assert AnswerReader([str(tmp_path / "mine.yaml")])(path, wanted) == {"a": ["glad", "calm"]}
    # A file that says no prompt is read as it is.
    path.write_text('{"id": "a", "prediction": "joy, calm"}\n')
    assert read(path, wanted) == {"a": "joy, calm"}


def test_the_released_streams_are_read_and_right(reference_data, tmp_path):
    # 401 pairs of consecutive utterances, of which 233 change the emotion: see the corpus' card.
    streams = reference_data / "emos" / "datasets" / "streaming-finalsplit"
    splits = open_splits("emos", reference_data / "emos", "streaming_clips")
    path = tmp_path / "streams.jsonl"
    with path.open("w", encoding="utf-8") as file:
        for clip in next(iter(splits.values())).ids:
            said = (streams / clip / f"{clip}.emotion.json").read_text("utf-8")
            file.write(json.dumps({"id": clip, "prediction": said}) + "\n")
    scoring = Scoring(form="stream", tools=Tools(n_resamples=0))
    found = score_journal(read_journal(path), splits, scoring).result
    entry = found["scores"]["turning_points"]
    assert {score["value"] for score in entry["scores"].values()} == {1.0}
    details = entry["details"]
    assert (entry["n"], details["n_pairs"], details["n_changes"]) == (46, 401, 233)
    assert details["n_untimed"] == 0 and found["parsing"]["invalid"] == 0
