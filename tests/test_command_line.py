"""The command line as its users see it: output, JSON, and one clear line for a mistake."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from shell import affecthub, refused

from affecthub.datasets_scripts.demo.generate import generate_demo


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    folder = tmp_path_factory.mktemp("command line") / "corpus"
    return generate_demo(folder, n_clips=42, n_speakers=3, seed=1)


def test_it_is_a_program():
    """The other tests call the same function in their own process."""
    command = [sys.executable, "-m", "affecthub"]
    done = subprocess.run([*command, "doctor", "--json"], capture_output=True, text=True)
    assert done.returncode == 0 and json.loads(done.stdout)["affecthub"]
    done = subprocess.run([*command, "datta"], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: No such command 'datta'")


def test_labels_are_written_in_utf8_where_the_locale_is_ascii():
    plain = {**os.environ, "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    command = [sys.executable, "-m", "affecthub", "data", "labels", "mer2023"]
    done = subprocess.run(command, capture_output=True, env=plain)
    assert done.returncode == 0, done.stderr
    assert "担忧" in done.stdout.decode("utf-8")


def test_doctor_says_what_is_there_and_what_is_missing():
    found = json.loads(affecthub("doctor", "--json").stdout)
    assert found["extras"]["data"] is True
    assert {part["package"] for part in found["parts"]} >= {"torch", "datasets", "deepspeed"}
    assert "affecthub:" in affecthub("doctor").stdout


@pytest.mark.parametrize(
    "arguments", [(), ("data",), ("convert",), ("-h",), ("data", "show", "-h")]
)
def test_without_a_command_there_is_only_help(arguments):
    done = affecthub(*arguments)
    assert "Usage: " in done.stdout + done.stderr and "error" not in done.stderr


def test_version_and_completion():
    import affecthub as package

    assert affecthub("--version").stdout.strip() == f"affecthub {package.__version__}"
    # What a shell asks when the tab key is pressed.
    asked = {"_AFFECTHUB_COMPLETE": "complete_bash", "COMP_WORDS": "affecthub data l"}
    code = "import sys; sys.argv = ['affecthub']; from affecthub.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env=os.environ | asked | {"COMP_CWORD": "2"},
    )
    assert {"list", "labels", "leaks"} <= set(done.stdout.split()), done.stderr


def test_metrics_are_listed_and_one_shows_its_options():
    from affecthub.metrics import list_metrics

    rows = json.loads(affecthub("metrics", "--json").stdout)
    assert [row["name"] for row in rows] == list_metrics()
    assert all(row["description"] and Path(row["card"]).is_file() for row in rows)
    shown = affecthub("metrics", "set_f").stdout
    assert "zero_division" in shown and "predictions" in shown and "Card: " in shown
    for name in list_metrics():
        found = json.loads(affecthub("metrics", name, "--json").stdout)
        assert all(option["meaning"] for option in found["options"]), name
    assert "Did you mean 'set_f'" in refused("metrics", "setf")


def test_recipes_are_listed_and_one_shows_its_fields():
    rows = json.loads(affecthub("recipes", "--json").stdout)
    assert {row["name"] for row in rows} >= {"affectgpt", "demo", "emotiontalk_text"}
    assert all(row["description"] and Path(row["file"]).is_file() for row in rows)
    shown = affecthub("recipes", "demo").stdout
    for text in ("scratch.vocab_size", "600", "Longest answer.", "num_train_epochs"):
        assert text in shown
    assert json.loads(affecthub("recipes", "affectgpt", "--json").stdout)["lora"]["r"] == 16
    assert "Did you mean 'demo'" in refused("recipes", "dmo")


def test_licences_are_told_with_what_stands_in_the_way():
    shown = " ".join(affecthub("data", "show", "meld").stdout.split())
    assert "television series" in shown
    from affecthub.entries import entries

    for entry in entries().values():
        assert bool(entry.not_passed_on) != entry.may_redistribute, entry.name


def test_doctor_names_the_build_of_torch():
    from affecthub.cli.doctor import advice

    assert advice([], has_torch=True) == []
    told = advice(["model", "app"], has_torch=False)
    assert "'affecthub[model,app]'" in told[0] and "download.pytorch.org/whl/cpu" in told[1]
    assert len(advice(["model"], has_torch=True)) == len(advice(["app"], has_torch=False)) == 1


def test_warnings_are_one_line(tmp_path):
    for side, column in (("answers", "prediction"), ("references", "label")):
        (tmp_path / side).mkdir()
        (tmp_path / side / "meld.csv").write_text(f"name,{column}\na,joy\n")
    folders = ("--predictions", tmp_path / "answers", "--references", tmp_path / "references")
    command = [sys.executable, "-m", "affecthub", "score", "mer_unibench", *map(str, folders)]
    done = subprocess.run(command, capture_output=True, text=True)
    (line,) = done.stderr.splitlines()
    assert line.startswith("warning: mer_unibench is nan: missing mer2023")


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


def test_score_takes_the_options_of_any_metric(tmp_path):
    predictions, references = tmp_path / "p.csv", tmp_path / "r.csv"
    predictions.write_text("name,prediction\na,positive\nb,who knows\n")
    references.write_text("name,label\na,1.5\nb,-2\n")
    arguments = ("score", "sentiment", "--predictions", predictions, "--references", references)
    # What cannot be read counts as negative, which is right here, or by choice as wrong.
    assert json.loads(affecthub(*arguments, "--json").stdout)["sentiment"] == 1
    chosen = json.loads(affecthub(*arguments, "--set", "invalid=wrong", "--json").stdout)
    assert chosen["acc"] == 0.5 and chosen["n_invalid"] == 1
    assert "ring" in refused(*arguments, "--ring", "inner")


def test_data_show_says_how_a_corpus_is_got_and_split():
    shown = affecthub("data", "show", "emos").stdout
    for word in ("github.com/NLP2CT/EmoS", "source_independent", "ch_sims_v2", "streaming_clips"):
        assert word in shown
    for word in ("text_damaged", "emotion_basic7", "9,403", "emos/README.md"):
        assert (
            word in shown
        )  # a column of its own, one of all, what a configuration holds, its card
    found = json.loads(affecthub("data", "show", "meld", "--json").stdout)
    assert dict(found["card"]["columns"])["`season`, `episode`"] == "of the series"
    assert set(found["layouts"]) == {"clips", "csv", "processed", "packed"}
    assert "unknown: no speaker-independent" in affecthub("data", "show", "mer2023").stdout


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
    assert "Did you mean 'ring'" in refused(
        *("score", "set_f", "--predictions", labels, "--references", labels, "--set", "ringg=inner")
    )
    assert "Did you mean 'lang'" in refused(
        *("score", "speaking_style_caption", "--predictions", labels, "--references", labels),
        *("--set", "lan=en"),
    )
    assert "holds no answers" in refused(
        *("score", "mer_unibench", "--predictions", corpus, "--references", corpus)
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


def test_data_split_writes_a_file_that_loads(corpus, tmp_path):
    out = tmp_path / "splits" / "by_hand.json"
    arguments = [
        *("data", "split", "demo", "--data-dir", corpus, "--out", out),
        *("--fractions", "train=0.34,validation=0.33,test=0.33", "--seed", 3),
    ]
    made = json.loads(affecthub(*arguments, "--json").stdout)
    assert made["rows"] == {"train": 14, "validation": 14, "test": 14} and made["seed"] == 3
    assert made["largest_drift"] <= made["greedy_drift"]
    content = json.loads(out.read_text())
    assert content["protocol"] == "by_hand" and content["column"] == "group_id"
    assert content["splits"] == made["splits"] and "--seed 3" in content["note"]

    import affecthub as package

    rows = package.load_dataset("demo", data_dir=corpus, protocol=str(out), cache_dir=tmp_path)
    assert rows.num_rows == made["rows"]
    printed = affecthub(*arguments).stdout
    assert "Largest label drift" in printed and "by_hand.json" in printed
    # Labels matched within a language, and another column kept whole.
    affecthub(*arguments, "--within", "language", "--column", "speaker_id", "--tolerance", 0.05)
    assert json.loads(out.read_text())["column"] == "speaker_id"


def test_data_split_says_what_is_wrong(corpus, tmp_path):
    arguments = ["data", "split", "demo", "--data-dir", corpus, "--out", tmp_path / "a.json"]
    assert "expected SPLIT=SHARE" in refused(*arguments, "--fractions", "train:0.7")
    assert "that sum to 1" in refused(*arguments, "--fractions", "train=0.7,test=0.7")
    assert "too coarse" in refused(*arguments)
    assert "Did you mean 'group_id'" in refused(*arguments, "--column", "groupid")
    assert "known of 0 clips" in refused(*arguments, "--column", "media_issue")
    assert "of type double" in refused(*arguments, "--column", "duration_s")
    assert not (tmp_path / "a.json").exists()


def test_data_leaks_of_one_corpus_and_of_two(reference_data, corpus, tmp_path):
    talk = f"emotiontalk={reference_data / 'emotiontalk'}"
    report = json.loads(affecthub("data", "leaks", talk, "--json").stdout)
    assert report["clips"]["emotiontalk/test"] == 1929
    speakers = [leak for leak in report["leaks"] if leak["kind"] == "speakers" and leak["n_shared"]]
    assert [leak["examples"] for leak in speakers] == [["02", "13"]]
    split_file = tmp_path / "by_actor.json"
    split_file.write_text('{"column": "speaker_id", "splits": {"a": ["02"], "b": ["13"]}}')
    report = json.loads(affecthub("data", "leaks", talk, "--protocol", split_file, "--json").stdout)
    assert {leak["kind"]: leak["n_shared"] for leak in report["leaks"]} == {
        "groups": 1,
        "speakers": 0,
        "clips": 0,
        "transcripts": None,
    }
    root = reference_data / "merbench_labels"
    two = ("data", "leaks", f"ch_sims={root / 'sims'}", f"ch_sims_v2={root / 'simsv2'}")
    report = json.loads(affecthub(*two, "--json").stdout)
    clips = [leak for leak in report["leaks"] if leak["kind"] == "clips" and leak["n_shared"]]
    assert sum(leak["n_shared"] for leak in clips) == 2281
    assert "ch_sims" in affecthub(*two).stdout
    emos = f"emos:static_en={reference_data / 'emos'}"
    meld = reference_data / "meld"
    two = ("data", "leaks", f"meld={meld}", emos, "--root", f"meld={meld}", "--json")
    leaks = json.loads(affecthub(*two).stdout)["leaks"]
    assert {(k["a"], k["clips_b"]) for k in leaks if k["kind"] == "clips"} == {
        ("meld/train", 5000),
        ("meld/validation", 0),
        ("meld/test", 0),
    }
    # One split of all clips has nothing to be compared with.
    assert "expected a second set" in refused("data", "leaks", emos)


def test_data_leaks_says_what_is_wrong(corpus):
    assert "expected NAME=DIR" in refused("data", "leaks", "demo")
    assert "Did you mean 'demo'" in refused("data", "leaks", f"dmeo={corpus}")
    assert "unknown config of demo" in refused("data", "leaks", f"demo:small={corpus}")
    assert "unknown protocol" in refused("data", "leaks", f"demo={corpus}", "--protocol", "oficial")


def test_verify_takes_a_configuration_and_roots(reference_data):
    arguments = ("data", "verify", "emos", "--data-dir", reference_data / "emos", "--json")
    meld = f"meld={reference_data / 'meld'}"
    found = json.loads(affecthub(*arguments, "--config", "static_en", "--root", meld).stdout)
    assert found["config"] == "static_en" and found["rows"] == 5000
    assert "unknown root of emos" in refused(*arguments, "--root", "mled=.")
    assert "expected NAME=PATH" in refused(*arguments, "--root", "meld")


@pytest.mark.slow
def test_train_then_predict_from_the_shell(corpus, tmp_path):
    quick = ["--set", "trainer={num_train_epochs: 1, per_device_train_batch_size: 4}"]
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
def test_train_hands_the_trainers_fields_on(corpus, tmp_path):
    affecthub(
        *("train", "demo", "--data-dir", corpus, "--output-dir", tmp_path, "--json"),
        *("--set", "trainer={max_steps: 3, report_to: none}", "--set", "modalities=[text]"),
    )
    run = tmp_path / "speaker_independent" / "seed-0"
    checkpoints = run.with_name("seed-0-checkpoints")
    assert {each.name for each in checkpoints.iterdir()} == {"checkpoint-3", "started.json"}
    told = json.loads((run / "training.json").read_text())["trainer"]
    assert told["max_steps"] == 3 and told["learning_rate"] == 7e-4


def test_train_tells_mistakes_before_it_reads_a_corpus(tmp_path):
    here = ("--data-dir", tmp_path, "--output-dir", tmp_path / "out")
    assert "Did you mean 'demo'" in refused("train", "dmo", *here)
    assert "`epochs` is now trainer.num_train_epochs" in refused(
        "train", "demo", *here, "--set", "epochs=1"
    )
    absent = ("--data-dir", tmp_path / "absent")
    assert "(nothing there), expected a folder" in refused("train", "demo", *absent)
    assert "`--data-dir`: got none" in refused("train", "emotiontalk_text")


@pytest.mark.slow
def test_text_recipe_on_real_transcripts(reference_data, tmp_path):
    done = affecthub(
        *("train", "emotiontalk_text", "--data-dir", reference_data / "emotiontalk"),
        *("--output-dir", tmp_path, "--set", "max_train_clips=1000"),
        *("--set", "trainer.num_train_epochs=2", "--set", "trainer.per_device_train_batch_size=16"),
        *("--protocol", "official", "--json"),
    )
    rows = {row["name"]: row for row in json.loads(done.stdout)["scores"]}
    assert rows["official"]["n"] == 1929
    majority = rows["majority (neutral)"]
    assert round(100 * majority["accuracy"]["mean"], 2) == 44.48
    # A thousand transcripts teach the labels' names and little more: no worse than the majority
    # by more than chance (two standard errors at 1,929 clips are 2.3 points).
    assert rows["official"]["accuracy"]["mean"] > majority["accuracy"]["mean"] - 0.05
    # Neutral has a sector on every wheel, so one label a clip is hit as often as it is right.
    assert majority["hit_rate"]["mean"] == pytest.approx(majority["accuracy"]["mean"])
