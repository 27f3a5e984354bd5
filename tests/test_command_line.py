"""The command line as its users see it: output, JSON, and one clear line for a mistake."""

import json
import subprocess
import sys

import pytest

from affecthub.datasets_scripts.demo.generate import generate_demo


def affecthub(*arguments, cwd=None, ok=True):
    done = subprocess.run(
        [sys.executable, "-m", "affecthub", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert (done.returncode == 0) is ok, done.stderr
    return done


def refused(*arguments):
    done = affecthub(*arguments, ok=False)
    assert done.returncode == 1
    (line,) = done.stderr.strip().splitlines()[-1:]
    assert line.startswith("error: ")
    return line


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("command line") / "corpus"
    return generate_demo(folder, n_clips=42, n_speakers=3, seed=1)


def test_doctor_says_what_is_there_and_what_is_missing():
    found = json.loads(affecthub("doctor", "--json").stdout)
    assert found["extras"]["data"] is True
    assert {part["package"] for part in found["parts"]} >= {"torch", "datasets", "deepspeed"}
    assert "affecthub:" in affecthub("doctor").stdout


def test_data_list():
    rows = json.loads(affecthub("data", "list", "--json").stdout)
    assert {"demo", "emotiontalk"} <= {row["name"] for row in rows}
    assert "emotiontalk" in affecthub("data", "list").stdout


def test_data_labels():
    found = json.loads(affecthub("data", "labels", "--json").stdout)
    assert {"emotiontalk", "iemocap", "mer2023", "cmu_mosi", "goemotions"} <= set(found)
    worried = found["mer2023"]["labels"][4]
    assert (worried["label"], worried["basic7"], worried["polarity"]) == ("worried", None, -1)
    assert "担心" in worried["words"] and worried["note"]
    assert found["cmu_mosi"] == {"labels": [], "sentiment": [-3, 3], "note": ""}
    one = affecthub("data", "labels", "iemocap").stdout
    assert "frustration" in one and "Configuration four" in one and "mer2023" not in one
    caring = json.loads(affecthub("data", "labels", "goemotions", "--json").stdout)["goemotions"]
    caring = {row["label"]: row for row in caring["labels"]}["caring"]
    assert (caring["mass"], caring["vote"]) == ("neutral", "joy")
    assert "no set of emotion labels" in affecthub("data", "labels", "cmu_mosi").stdout
    assert "Did you mean 'mer2023'" in refused("data", "labels", "mer2033")


def test_emotiontalk_verifies_with_the_known_figures(reference_data):
    done = affecthub(
        "data", "verify", "emotiontalk", "--data-dir", reference_data / "emotiontalk", "--json"
    )
    found = json.loads(done.stdout)
    assert found["rows"] == 19250
    assert found["splits"] == {"train": 15413, "validation": 1908, "test": 1929}
    assert found["dialogues"] == 742
    assert found["shared_speakers"] == ["02", "13"]
    cells = [check for check in found["checks"] if check["name"].startswith("Table 8")]
    assert len(cells) == 24 and all(check["ok"] for check in cells)
    assert not {c["name"]: c["ok"] for c in found["checks"]}["dialogues"]


def test_demo_verifies_and_exports_to_plain_datasets(corpus, tmp_path):
    assert json.loads(affecthub("data", "verify", "demo", "--data-dir", corpus, "--json").stdout)[
        "ok"
    ]
    out = tmp_path / "out"
    affecthub("data", "export", "demo", out, "--data-dir", corpus, "--json")
    code = (
        "import sys; sys.modules['affecthub'] = None; import datasets;"
        f"rows = datasets.load_dataset({str(out)!r}, 'speaker_independent');"
        "print({name: len(split) for name, split in rows.items()})"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "{'train': 14, 'validation': 14, 'test': 14}", done.stderr


def test_score_gives_the_known_figure(reference_data):
    arguments = [
        *("score", "set_f", "--predictions", reference_data / "ov_store/predict-openset.csv"),
        *("--references", reference_data / "ov_store/check-openset.csv"),
        *("--lexicon", reference_data / "emotion_wheel/mer2025"),
    ]
    found = json.loads(affecthub(*arguments, "--json").stdout)
    assert round(100 * found["set_f"], 2) == 55.37
    assert "0.5537" in affecthub(*arguments).stdout


def test_mistakes_are_one_line(corpus, tmp_path):
    assert "unknown corpus: got 'demmo'" in refused(
        "data", "verify", "demmo", "--data-dir", tmp_path
    )
    assert "Did you mean 'demo'" in refused("data", "verify", "demmo", "--data-dir", tmp_path)
    assert "nothing there" in refused("data", "verify", "demo", "--data-dir", tmp_path / "absent")
    assert "No such command 'datta'" in refused("datta")
    assert "Missing option '--data-dir'" in refused("data", "verify", "demo")
    labels = tmp_path / "labels.csv"
    labels.write_text("id,labels\na,joy\n")
    assert "Did you mean 'set_f'" in refused(
        "score", "setf", "--predictions", labels, "--references", labels
    )
    assert "labels.json" in refused(
        *("score", "set_f", "--predictions", labels),
        *("--references", tmp_path / "labels.json"),
    )
    assert "expected KEY=VALUE" in refused(
        *("train", "demo", "--data-dir", corpus, "--output-dir", tmp_path, "--set", "seed")
    )
    assert "StrictDataclass" not in (
        line := refused(
            *("train", "demo", "--data-dir", corpus, "--output-dir", tmp_path / "run"),
            *("--set", "scratch={config: {fusion: glue}}"),
        )
    )
    assert "fusion" in line and "glue" in line
    assert "give clips, or --corpus" in refused("predict", "--model", tmp_path)


def test_a_folder_of_another_corpus_is_named(corpus):
    line = refused("data", "verify", "emotiontalk", "--data-dir", corpus)
    assert "demo" in line and "expected" in line


@pytest.mark.slow
def test_train_then_predict_from_the_shell(corpus, tmp_path):
    quick = ["--set", "epochs=1", "--set", "batch_size=4"]
    done = affecthub(
        *("train", "demo", "--data-dir", corpus, "--output-dir", tmp_path, "--json"),
        *("--seed", 0, "--seed", 1, *quick),
    )
    found = json.loads(done.stdout)
    assert [row["seeds"] for row in found["scores"]] == [2, 1]
    model = tmp_path / "speaker_independent" / "seed-0"
    assert (tmp_path / "report.html").is_file() and (model / "config.json").is_file()

    clip = next((corpus / "video").rglob("*.mp4"))
    answers = json.loads(affecthub("predict", clip, "--model", model, "--json").stdout)
    assert [row["id"] for row in answers] == [str(clip)]

    out = tmp_path / "answers.jsonl"
    affecthub(
        *("predict", "--model", model, "--corpus", "demo", "--data-dir", corpus),
        *("--output", out, "--json"),
    )
    references = tmp_path / "references.jsonl"
    with references.open("w") as file:
        for line in out.read_text().splitlines():
            file.write(json.dumps({"id": json.loads(line)["id"], "labels": ["joy"]}) + "\n")
    scored = affecthub(
        "score", "hit_rate", "--predictions", out, "--references", references, "--json"
    )
    assert 0 <= json.loads(scored.stdout)["hit_rate"] <= 1


@pytest.mark.slow
def test_text_recipe_on_real_transcripts(reference_data, tmp_path):
    done = affecthub(
        *("train", "emotiontalk_text", "--data-dir", reference_data / "emotiontalk"),
        *("--output-dir", tmp_path, "--set", "max_train_clips=1000", "--set", "epochs=2"),
        *("--set", "batch_size=16", "--protocol", "official", "--json"),
        *("--protocol", "speaker_independent"),
    )
    rows = {row["name"]: row for row in json.loads(done.stdout)["scores"]}
    assert rows["official"]["n"] == 1929 and rows["speaker_independent"]["n"] == 1136
    majority = rows["official, majority (neutral)"]
    assert round(100 * majority["accuracy"]["mean"], 2) == 44.48
    # A thousand transcripts teach the labels' names and little more: no worse than the majority
    # by more than chance (two standard errors at 1,929 clips are 2.3 points).
    assert rows["official"]["accuracy"]["mean"] > majority["accuracy"]["mean"] - 0.05
    # Neutral has a sector on every wheel, so one label a clip is hit as often as it is right.
    assert majority["hit_rate"]["mean"] == pytest.approx(majority["accuracy"]["mean"])
