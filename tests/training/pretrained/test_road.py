"""The whole pretrained road on a small corpus: heads, scores, an answer, a page, the command."""

import json

import pytest
from typer.testing import CliRunner

from affecthub.cli.main import app
from affecthub.training.pretrained import answer, corpora, demo
from affecthub.training.pretrained.corpora import CHARACTERS, run_corpus
from affecthub.training.pretrained.features import FACE, SOUND, TEXT
from affecthub.training.pretrained.report import Report

pytestmark = [pytest.mark.pretrained, pytest.mark.slow]


@pytest.fixture(scope="module")
def report(small_corpus, tmp_path_factory):
    """A run on 42 clips of three speakers."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(demo, "generate_demo", lambda folder: small_corpus)
        out = tmp_path_factory.mktemp("out")
        report = demo.run_pretrained(out, progress=False, say=lambda step: None)
    return report, out / "pretrained"


def test_every_modality_has_a_head(report):
    (result,) = report[0].results
    assert [(row.given, row.model) for row in result.rows] == [
        ("nothing", f"majority: {result.majority}"),
        ("text", TEXT.model),
        ("sound", SOUND.model),
        ("face", f"{FACE.model}, as it is"),
        ("face", FACE.model),
        ("text + sound + face", "product of the heads"),
    ]
    assert sum(result.clips.values()) == 42 and result.drawn == "clips"
    for row in result.rows:
        for score in ("accuracy", "weighted_f1", "macro_f1"):
            found = row.scores[score]
            assert 0 <= found["low"] <= found["value"] <= found["high"] <= 1
        assert row.scores["n"] == result.clips["test"]
    assert result.rows[0].scores["accuracy"]["above_majority"]["value"] == 0


def test_the_answer_is_called_what_it_is(report):
    found = report[0].answer
    assert found.n_weights > 20e6  # Whisper's encoder is in it
    assert found.clip.endswith(".mp4") and found.language == answer.TINY
    shown = repr(report[0])
    assert "proof of the road, not of skill" in " ".join(shown.split())


def test_the_tiny_language_model_keeps_words_apart(tmp_path):
    from transformers import AutoTokenizer

    answer._write_language(tmp_path, ["hello there, my friend"] * 9)
    tokenizer = AutoTokenizer.from_pretrained(tmp_path)
    ids = tokenizer("hello there, my friend 你好")["input_ids"]
    assert tokenizer.decode(ids) == "hello there, my friend 你好"


def test_what_is_written(report):
    found, folder = report
    values = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    assert values["results"][0]["rows"][-1]["given"] == "text + sound + face"
    assert values["answer"]["note"] == answer.NOTE
    assert {"torch", "fer", "silero-vad", "scikit-learn", "python"} <= set(values["versions"])
    page = (folder / "report.html").read_text(encoding="utf-8")
    assert "Whisper base, encoder" in page and "synthetic" in page
    assert page.count("<table") == 3


def test_the_same_corpus_gives_the_same_scores(report, small_corpus):
    (result,) = report[0].results
    again = run_corpus("demo", small_corpus, protocol="speaker_independent", progress=False)
    assert again == result


def test_corpora_without_media_are_read(reference_data, monkeypatch):
    """Chinese text is described by its characters: MiniLM does not know them."""
    whole = corpora.load_dataset("emotiontalk", data_dir=reference_data / "emotiontalk")
    some = {name: rows.select(range(0, len(rows), 8)) for name, rows in whole.items()}
    monkeypatch.setattr(corpora, "load_dataset", lambda *a, **k: some)
    result = run_corpus("emotiontalk", reference_data / "emotiontalk", progress=False)
    assert [(row.given, row.model) for row in result.rows] == [
        ("nothing", "majority: neutral"),
        ("text", CHARACTERS),
    ]
    above = result.rows[1].scores["weighted_f1"]["above_majority"]
    assert above["low"] > 0.02  # text tells something
    assert result.drawn == "dialogues"
    assert result.rows[1].scores["n_groups"] == len(set(some["test"]["dialogue_id"]))


def test_a_split_that_is_missing_is_told(small_corpus, monkeypatch):
    whole = corpora.load_dataset("demo", data_dir=small_corpus)
    monkeypatch.setattr(corpora, "load_dataset", lambda *a, **k: {"train": whole["train"]})
    with pytest.raises(ValueError, match="no validation and no test clips"):
        run_corpus("demo", small_corpus)


def test_a_label_that_is_no_class_is_told(small_corpus):
    with pytest.raises(ValueError, match="names 'text'.*expected a ClassLabel"):
        run_corpus("demo", small_corpus, label="text")


def test_command(report, monkeypatch, tmp_path):
    asked = {}

    def run(output_dir, **options) -> Report:
        asked.update(options, output_dir=output_dir)
        return report[0]

    monkeypatch.setattr(demo, "run_pretrained", run)
    out = ["--output-dir", str(tmp_path)]
    done = CliRunner().invoke(app, ["demo", "--pretrained", *out, "--corpus", f"meld={tmp_path}"])
    assert done.exit_code == 0, done.output
    assert asked["corpora"] == {"meld": tmp_path} and asked["language_model"] is None
    assert "over majority" in done.stdout and "all-MiniLM-L6-v2" in done.stdout
    done = CliRunner().invoke(app, ["demo", "--pretrained", *out, "--json"])
    assert json.loads(done.stdout)["results"][0]["corpus"] == "demo"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--corpus", "meld=."], "--pretrained"),
        (["--pretrained", "--corpus", "meld"], "NAME=FOLDER"),
        (["--pretrained", "--corpus", "meld=nowhere"], "expected a folder"),
        (["--pretrained", "--corpus", "meldd=."], "Did you mean 'meld'"),
        (["--pretrained", "--seed", "1"], "--seed"),
    ],
)
def test_mistyped_commands(arguments, message):
    done = CliRunner().invoke(app, ["demo", *arguments])
    assert done.exit_code == 1 and message in str(done.exception)
