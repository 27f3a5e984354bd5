"""``affecthub score --journal`` on the demo corpus: tables, reports, and what is mistyped."""

import json

import pytest
from shell import affecthub, refused


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    from affecthub.datasets_scripts.demo.generate import generate_demo

    return generate_demo(
        tmp_path_factory.mktemp("asked") / "corpus", n_clips=42, n_speakers=3, seed=1
    )


@pytest.fixture(scope="module")
def rows(corpus):
    return [json.loads(line) for line in (corpus / "annotations.jsonl").read_text().splitlines()]


@pytest.fixture
def journals(rows, tmp_path):
    """One journal that is right, one that knows one word and breaks on a clip; of one speaker."""
    clips = [row for row in rows if row["speaker_id"] == "S03"]
    paths = []
    for name, says in (("right", lambda row: row["emotion"]), ("dull", lambda row: "joy")):
        paths.append(tmp_path / f"{name}.jsonl")
        with paths[-1].open("w") as file:
            for i, row in enumerate(clips):
                line = {"id": row["id"], "prediction": says(row), "model": name, "clip": "1"}
                line |= {"prompt": "one_of@1", "media": "av", "n_in": 90 + i, "n_out": 2}
                if name == "dull" and i == 0:
                    line |= {"prediction": "", "error": "HTTP 500"}
                file.write(json.dumps(line) + "\n")
    return paths


def score(corpus, *journals, more=()):
    named = [word for path in journals for word in ("--journal", path)]
    protocol = ("--protocol", "speaker_independent")
    return ("score", *named, "--corpus", "demo", "--data-dir", corpus, *protocol, *more)


def test_two_journals_beside_each_other(corpus, journals, tmp_path):
    more = ("--resamples", "50", "--json", "--out", tmp_path / "report.json")
    found = json.loads(affecthub(*score(corpus, *journals, more=more)).stdout)
    right, dull = found["journals"]
    assert (right["name"], right["split"], right["n_clips"]) == ("right", "test", 14)
    assert right["scores"]["emotion_classification"]["scores"]["accuracy"]["value"] == 1.0
    assert right["parsing"]["plain"] == 1.0 and right["tokens"]["n_out"] == 2.0
    assert dull["n_errors"] == 1 and dull["errors"] == {"HTTP 500": 1}
    assert dull["coverage"] == pytest.approx(13 / 14)
    (pair,) = found["comparisons"]
    entry = pair["metrics"]["emotion_classification"]
    assert entry["n"] == 14 and entry["scores"]["accuracy"]["difference"]["value"] > 0.5
    assert entry["mcnemar"]["n_second_alone"] == 0
    assert json.loads((tmp_path / "report.json").read_text())["comparisons"] == [pair]


def test_tables_and_reports(corpus, journals, tmp_path):
    shown = affecthub(
        *score(corpus, *journals, more=("--resamples", "20", "--out", tmp_path / "r.html"))
    ).stdout
    for text in (
        "100.00",
        "There are no intervals: all clips are of one group",
        "McNemar",
        "right against dull",
        "HTTP 500 1",
        "one_of",
    ):
        assert text in shown
    page = (tmp_path / "r.html").read_text()
    assert "<h1>demo, test: right, dull</h1>" in page
    assert "<h2>Labels of dull: emotion_classification</h2>" in page
    affecthub(*score(corpus, *journals, more=("--resamples", "0", "--out", tmp_path / "r.md")))
    assert "| dull | accuracy |" in (tmp_path / "r.md").read_text()
    assert (
        "[" not in (tmp_path / "r.md").read_text().split("How answers were read")[0].split("##")[1]
    )


def test_what_is_mistyped_is_told(corpus, journals, rows, tmp_path):
    path = journals[0]
    assert "needs --corpus and --data-dir: got no corpus" in refused("score", "--journal", path)
    assert "takes no --predictions" in refused(*score(corpus, path, more=("--predictions", path)))
    assert "no metric, expected a metric" in refused("score", "--predictions", path)
    assert "no --predictions" in refused("score", "set_f")
    files = ("score", "set_f", "--predictions", path, "--references", path)
    assert "--asked-only, --out speak of journals" in refused(
        *files, "--out", "r.html", "--asked-only"
    )
    assert "got the suffix '.pdf'" in refused(*score(corpus, path, more=("--out", "r.pdf")))
    assert "names a file twice" in refused(*score(corpus, path, path))
    assert "another split" in refused(*score(corpus, path, more=("--split", "train")))
    assert "nothing there" in refused(*score(corpus, tmp_path / "none.jsonl"))
    assert "prompt file not found" in refused(
        *score(corpus, path, more=("--prompt", tmp_path / "mine.yaml"))
    )
    assert "unknown protocol" in refused(*score(corpus, path), "--protocol", "offical")
    everyone = tmp_path / "everyone.jsonl"
    with everyone.open("w") as file:
        for row in rows:
            line = {"id": row["id"], "prediction": "joy", "prompt": "one_of@1"}
            file.write(json.dumps(line) + "\n")
    assert "several splits" in refused(*score(corpus, everyone))
    # Of the split that is named the rest is left out, and said to be.
    shown = affecthub(*score(corpus, everyone, more=("--split", "test", "--resamples", "0")))
    assert "28 lines are about other clips" in shown.stdout


def test_what_ask_wrote_is_scored(corpus, rows, tmp_path):
    script = tmp_path / "script.jsonl"
    with script.open("w") as file:
        for row in rows:
            said = "joy" if row["speaker_id"] == "S03" else row["emotion"]
            file.write(json.dumps({"id": row["id"], "prediction": said}) + "\n")
    journal = tmp_path / "asked.jsonl"
    place = ("--data-dir", corpus, "--protocol", "speaker_independent", "--split", "test")
    affecthub(
        *("ask", "demo", "--model", f"script:{script}", "--prompt", "one_of_words"),
        *("--media", "t", "--out", journal, *place),
    )
    found = json.loads(affecthub(*score(corpus, journal, more=("--json",))).stdout)
    (asked,) = found["journals"]
    assert (asked["n_answered"], asked["prompt"], asked["media"]) == (14, "one_of_words@1", "t")
    of_joy = sum(row["emotion"] == "joy" for row in rows if row["speaker_id"] == "S03")
    scores = asked["scores"]["emotion_classification"]["scores"]
    assert scores["accuracy"]["value"] == pytest.approx(of_joy / 14)
    assert asked["tokens"]["n_told"] == 14 and asked["tokens"]["n_out"] == 1.0


def test_a_folder_is_scored_by_the_options_it_was_asked_with(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "words.csv").write_text(
        "id,transcript,mood,feeling\n"
        "c1,so glad,calm,joy\nc2,go away,calm,anger\nc3,oh no,calm,fear\n"
    )
    script = tmp_path / "script.jsonl"
    with script.open("w") as file:
        for clip, said in (("c1", "joy"), ("c2", "anger"), ("c3", "joy")):
            file.write(json.dumps({"id": clip, "prediction": said}) + "\n")
    journal = tmp_path / "asked.jsonl"
    place = ("--data-dir", folder, "--split", "train")
    affecthub(
        *("ask", "folder", "--model", f"script:{script}", "--prompt", "one_of_words"),
        *("--media", "t", "--out", journal, "--set", "columns.label=feeling", *place),
    )
    asked = ("score", "--journal", journal, "--corpus", "folder", *place, "--resamples", "0")
    own = ("--corpus-set", "columns.label=feeling")
    found = json.loads(affecthub(*asked, *own, "--json").stdout)
    scores = found["journals"][0]["scores"]["emotion_classification"]["scores"]
    assert scores["accuracy"]["value"] == pytest.approx(2 / 3)
    by_file = ("score", "emotion_classification", "--predictions", script)
    by_name = (*by_file, "--corpus", "folder", *place, "--protocol", "official", *own, "--json")
    whole = json.loads(affecthub(*by_name).stdout)
    assert (whole["column"], whole["uar"]) == ("emotion", pytest.approx(2 / 3))
    assert "`--corpus-set`: got 'label', expected OPTION" in refused(
        *asked, "--corpus-set", "label"
    )
    assert "about a corpus: got no --corpus" in refused(*by_file, "--references", script, *own)
    assert "unknown" in refused(*asked, "--root", f"elsewhere={folder}")
