"""From predictions to a score: columns, ids, corpora, and results that people and programs read."""

import csv
import json
import math

import pytest
from shell import affecthub, refused

from affecthub.cli.printing import print_json, score_sections
from affecthub.cli.references import of_corpus, of_files
from affecthub.datasets_scripts.demo.generate import generate_demo
from affecthub.metrics.answers.joining import join_labels


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scored") / "corpus"
    return generate_demo(folder, n_clips=42, n_speakers=3, seed=1)


@pytest.fixture
def answers(corpus, tmp_path):
    """What `predict --output` writes of the test speaker: all answers are the right label."""
    rows = map(json.loads, (corpus / "annotations.jsonl").read_text().splitlines())
    path = tmp_path / "pred.jsonl"
    with path.open("w") as file:
        for row in rows:
            if row["speaker_id"] == "S03":
                line = {"id": row["id"], "prediction": row["emotion"], "model": "0", "clip": "1"}
                file.write(json.dumps(line) + "\n")
    return path


def test_the_steps_of_a_user(corpus, answers):
    annotations = corpus / "annotations.jsonl"
    score = ("score", "set_f", "--predictions", answers, "--references", annotations)
    # Two columns could be meant; the way out that is named is one.
    assert "--reference-column" in refused(*score)
    with pytest.warns(UserWarning, match="scored 14 of 42 clips: the other 28 have no prediction"):
        done = affecthub(*score, "--reference-column", "open_vocabulary", "--json")
    found = json.loads(done.stdout)
    assert 0 < found["set_f"] <= 1 and found["n_clips"] == 14
    assert found["n_unanswered"] == 28
    # Or without the file, by the name of the corpus.
    by_name = ("score", "set_f", "--predictions", answers, "--corpus", "demo", "--data-dir", corpus)
    same = json.loads(affecthub(*by_name, "--json").stdout)
    assert same["set_f"] == found["set_f"] and same["column"] == "open_vocabulary"
    assert "n_unanswered" not in same
    # The label's name is the answer, so the label's column gives the full score.
    whole = affecthub(*by_name, "--reference-column", "Emotion", "--column", "prediction", "--json")
    assert json.loads(whole.stdout)["column"] == "emotion"
    shown = affecthub(
        *("score", "emotion_classification", "--predictions", answers),
        *("--corpus", "demo", "--data-dir", corpus, "--split", "test"),
    ).stdout
    for text in ("1.0000", "majority", "per_class", "references in rows", "surprise"):
        assert text in shown
    assert "{'" not in shown


def test_what_is_mistyped_is_told(corpus, answers):
    score = ("score", "set_f", "--predictions", answers)
    assert "--corpus with --data-dir" in refused(*score)
    both = ("--references", answers, "--corpus", "demo", "--data-dir", corpus)
    assert "not both" in refused(*score, *both)
    assert "without `--data-dir`" in refused(*score, "--corpus", "demo")
    of_demo = (*score, "--corpus", "demo", "--data-dir", corpus)
    assert "Did you mean 'emotion'" in refused(*of_demo, "--reference-column", "emotoin")
    assert "has no reference for set_f: got no value in sentiment" in refused(
        *of_demo, "--reference-column", "sentiment"
    )
    assert "share no clip: got ids such as S03" in refused(*of_demo, "--split", "train")
    annotations = corpus / "annotations.jsonl"
    assert "no id column 'clip'" in refused(
        *(*score, "--references", annotations, "--reference-column", "emotion"),
        *("--id-column", "clip"),
    )


def test_melds_own_file_is_a_reference_file(reference_data, tmp_path):
    with (reference_data / "meld" / "test_sent_emo.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    predictions = tmp_path / "p.jsonl"
    lines = [
        {
            "id": f"test_dia{row['Dialogue_ID']}_utt{row['Utterance_ID']}",
            "prediction": row["Emotion"],
        }
        for row in reversed(rows)
    ]
    predictions.write_text("".join(json.dumps(line) + "\n" for line in lines))
    meld = reference_data / "meld"
    clips = of_files(predictions, meld / "test_sent_emo.csv", None, None, None)
    assert len(clips.predictions) == 2610 and clips.predictions == clips.references
    assert clips.counts == {}
    sentiment = of_files(
        predictions,
        meld / "test_sent_emo.csv",
        None,
        "sentiment",
        "test_dia{dialogue_id}_utt{Utterance_ID}",
    )
    assert sentiment.references[-1] == rows[-1]["Sentiment"]
    # Dialogues are numbered anew in each split: another split's file is another set of clips.
    with pytest.raises(ValueError, match="share no clip"):
        of_files(predictions, meld / "train_sent_emo.csv", None, None, None)
    by_name = of_corpus(
        predictions,
        None,
        metric="emotion_classification",
        reference_column=None,
        corpus=("meld", None, meld, "official", "test"),
    )
    assert sorted(by_name.references) == sorted(clips.references)
    assert len(by_name.labels) == 7


def test_emotiontalks_file_names_are_ids(reference_data, tmp_path):
    references = reference_data / "emotiontalk" / "mm.csv"
    with references.open() as file:
        names = [row["file_name"] for row in csv.DictReader(file)]
    ids = [name.rpartition("/")[2].removesuffix(".mp4") for name in names[:5]]
    predictions = tmp_path / "p.csv"
    predictions.write_text("id,prediction\n" + "".join(f"{clip},neutral\n" for clip in ids))
    with pytest.warns(UserWarning) as told:
        clips = of_files(predictions, references, None, None, None)
    assert len(clips.references) == 5 and clips.counts == {"n_unanswered": len(names) - 5}
    assert "clips were matched by file names" in " ".join(str(each.message) for each in told)


def test_semicolons_of_a_spreadsheet_are_read(tmp_path):
    (tmp_path / "p.csv").write_text("ID;Prediction\na;joy, glad\nb;sad\n")
    (tmp_path / "r.csv").write_text("Name\tLabel\nb\tsadness\na\tjoy\n")
    clips = of_files(tmp_path / "p.csv", tmp_path / "r.csv", None, None, None)
    assert (clips.predictions, clips.references) == (["sad", "joy, glad"], ["sadness", "joy"])


def test_ids_are_compared_as_they_stand_first():
    joined = join_labels({"v/a.mp4": 1, "b": 2, "c": 3}, {"b": 20, "v/a.mp4": 10})
    assert (joined.predictions, joined.references, joined.how) == ([2, 1], [20, 10], "")
    assert (joined.n_unanswered, joined.n_unknown) == (0, 1)
    # Two clips of one name in two folders are not one.
    with pytest.raises(ValueError, match="share no clip"):
        join_labels({"a": 1}, {"x/a.wav": 1, "y/a.wav": 2})
    # A split's name is left out, or spelled another way, but never exchanged.
    assert join_labels({"test_dia0": 1}, {"dia0": 2}).references == [2]
    assert join_labels({"val_dia0": 1}, {"dev_dia0": 2}).references == [2]
    with pytest.raises(ValueError, match="share no clip"):
        join_labels({"test_dia0": 1}, {"train_dia0": 2})


def test_json_has_no_word_that_json_does_not_know(capsys):
    print_json({"a": math.nan, "b": [1.5, {"c": -math.inf}], "d": {None: 1}})
    printed = capsys.readouterr().out

    def refuse(word):
        raise AssertionError(word)

    found = json.loads(printed, parse_constant=refuse)
    assert found == {"a": None, "b": [1.5, {"c": None}], "d": {"None": 1}}


def test_results_are_tables():
    sections = score_sections(
        "m",
        {
            "n": 3,
            "m": 0.59999,
            "baselines": {"majority": {"label": "joy", "m": 0.5}, "persistence": None},
            "confusion": [[1, 0, 0], [0, 1, 1]],
            "labels": ["a", "b"],
            "coverage": {"predictions": 1.0},
        },
    )
    first, baselines, confusion = sections
    assert first.rows[0] == ["m", 0.59999] and ["coverage.predictions", 1.0] in first.rows
    assert (baselines.columns, baselines.rows) == (
        ["baselines", "label", "m"],
        [["majority", "joy", 0.5]],
    )
    assert confusion.columns == ["", "a", "b", "(none)"]
    assert confusion.rows == [["a", 1, 0, 0], ["b", 0, 1, 1]]
