"""``affecthub bench emotiontalk`` from end to end, on features that were drawn."""

import copy
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from affecthub.cli.main import app
from affecthub.training.bench.emotiontalk.benchmark import run_benchmark
from affecthub.training.bench.emotiontalk.encoders import find_sources
from affecthub.training.bench.emotiontalk.fusing import Plan
from affecthub.training.bench.emotiontalk.report import EmotionTalkReport, _floor_lines
from affecthub.training.bench.rendering import numeric_columns

SHORT = ("--draws", 1, "--runs", 1, "--epochs", 1)


def run(*arguments, exit_code=0):
    result = CliRunner().invoke(app, ["bench", "emotiontalk", *map(str, arguments)])
    assert result.exit_code == exit_code, result.output
    return result


def fails(*arguments):
    return str(run(*arguments, exit_code=1).exception)


def rows_of(result, number):
    return {(row["group"], row["name"]): row for row in result["tables"][str(number)]["rows"]}


@pytest.fixture(scope="module")
def of_encoders(corpus, features, tmp_path_factory):
    """Table 12: no row of the paper, and one of what is at hand."""
    out = tmp_path_factory.mktemp("out")
    shared = ("--data-dir", corpus, "--features", features, "--output-dir", out, *SHORT)
    done = run(*shared, "--tables", 12, "--json")
    return json.loads(done.stdout), out, shared


def test_a_table_beside_the_papers(of_encoders):
    result, out, _ = of_encoders
    rows = rows_of(result, 12)
    paper = rows["utterance", "Hubert-Base + Baichuan-7B + CLIP-Large"]
    assert paper["cells"]["multimodal_four"]["paper"] == {"acc": 81.31}
    assert paper["reason"] == "no features of Hubert-Base, Baichuan-7B and CLIP-Large"
    ours = rows["utterance", "chinese-hubert-large-UTT + bert-base-chinese-UTT + CLIP-Base"]
    assert not ours["in_paper"]
    here = ours["cells"]["multimodal_seven"]["here"]
    assert here["n"] == 56 and here["n_runs"] == 1 and here["acc"]["sd"] is None
    assert {name: part["n"] for name, part in here["parts"].items()} == {"G3": 28, "G15": 28}
    weighted = sum(part["n"] * part["acc"]["mean"] for part in here["parts"].values()) / 56
    assert here["acc"]["mean"] == pytest.approx(weighted)
    assert here["draw"]["rank"] in (3, 4, 5, 6)
    assert ours["cells"]["continuous"]["reason"].startswith("no labels")
    assert result["corpus"]["shared_speakers"] == ["02", "13"]
    assert result["not_run"][0]["table"] == 12
    page = (out / "emotiontalk.html").read_text("utf-8")
    assert "81.31" in page and "share the speakers 02 and 13" in page
    markdown = (out / "emotiontalk.md").read_text("utf-8")
    assert "## Text alone: TF-IDF of the training split and logistic regression" in markdown
    assert sorted(result["files"]) == ["html", "json", "md", "tex"]


def test_figures_that_a_constant_reaches_have_a_star(of_encoders):
    result = copy.deepcopy(of_encoders[0])
    row = rows_of(result, 12)["utterance", "Hubert-Base + Baichuan-7B + CLIP-Large"]
    row["cells"]["multimodal_four"]["reached"] = ["acc"]
    tables = [s for s in EmotionTalkReport(result).sections() if s.title.startswith("Table 12")]
    assert tables[0].columns[:3] == ["ACC", "four: paper", "four: here"]
    assert tables[0].rows[0][:5] == [row["name"], "81.31*", "–", "69.10", "–"]
    assert numeric_columns(tables[0])[1:] == [True] * 8


def test_the_same_command_goes_on_and_prints(of_encoders, monkeypatch):
    before, _, shared = of_encoders
    monkeypatch.setattr("affecthub.training.bench.emotiontalk.fusing.search", None)
    shown = run(*shared, "--tables", 12).output
    assert "Table 12: LMF over encoders" in shown and "What was not run" in shown
    assert "chinese-hubert-large-UTT is not compared with Hubert-Large: got vectors of 8" in shown
    again = json.loads(run(*shared, "--tables", "12", "--json").stdout)
    assert again["tables"] == before["tables"] and again["text"] == before["text"]


def test_what_a_stopped_run_made_is_kept(corpus, tmp_path):
    class StopError(Exception):
        pass

    told, aside = [], (" ", "text alone")  # lines of no cell

    def stop(line):
        if not line.startswith(aside):
            told.append(line)
        if len(told) == 3:
            raise StopError

    plan = Plan(draws=1, seeds=(0,), epochs=1)
    with pytest.raises(StopError):
        run_benchmark(corpus, tmp_path, tables=[3], plan=plan, tell=stop)
    again = []
    result = run_benchmark(corpus, tmp_path, tables=[3], plan=plan, tell=again.append)
    named = [line for line in again if not line.startswith(aside)]
    assert told[2] == named[0] and len(named) == 2  # of four cells two were made before
    row = rows_of(result, 3)["text", "TF-IDF by SVD (ours)"]
    assert all(row["cells"][column]["here"] for column in row["cells"])
    means = [row["cells"][c]["here"]["acc"]["mean"] for c in list(row["cells"])[:-1]]
    assert row["cells"]["mean"]["here"]["acc"]["mean"] == pytest.approx(sum(means) / 4)
    assert len(result["not_run"]) == 26  # without features no encoder of the paper is run


@pytest.mark.slow
def test_ten_fusions(corpus, features, small_spaces, tmp_path, monkeypatch):
    from affecthub.training.bench.emotiontalk import trained

    # One set of labels is enough: Table 12 is run on both.
    half = trained.paper_table(4)._replace(columns=("multimodal_four",))
    monkeypatch.setattr(trained, "paper_table", {4: half}.__getitem__)
    done = run(
        *("--data-dir", corpus, "--features", features, "--output-dir", tmp_path),
        *("--tables", "4", "--protocol", "speaker_independent", *SHORT, "--json"),
    )
    result = json.loads(done.stdout)
    rows = rows_of(result, 4)
    assert len(rows) == 10
    for (level, _), row in rows.items():
        here = row["cells"]["multimodal_four"]["here"]
        assert here["level"] == level and list(here["parts"]) == ["G15"]
        steps = level == "frame"
        assert all(
            name.endswith("-FRA") == steps for name in here["inputs"].values() if "-" in name[-4:]
        )
    assert result["corpus"]["shared_speakers"] == []
    said = " ".join(result["notes"])
    assert "which are not the paper's encoders" in said and "do not compare" in said


@pytest.mark.slow
def test_features_of_one_modality(corpus, features, small_spaces, tmp_path):
    only = tmp_path / "only"
    only.mkdir()
    name = "clip-vit-base-patch32-UTT"
    (only / name).symlink_to(features / name)
    done = run(
        *("--data-dir", corpus, "--features", only, "--output-dir", tmp_path / "out"),
        *("--tables", "3,4", "--fidelity", "official", *SHORT, "--json"),
    )
    result = json.loads(done.stdout)
    row = rows_of(result, 3)["vision", "CLIP-Base"]
    assert row["in_paper"] and "reason" not in row
    assert row["cells"]["own_four"]["paper"] == {"acc": 69.07, "waf": 69.17}
    # Whose label it is decides which clips are scored.
    n = {c: row["cells"][c]["here"]["n"] for c in ("own_four", "multimodal_four", "own_seven")}
    assert n["own_seven"] == 56 and n["own_four"] != n["multimodal_four"]
    reasons = {each["reason"] for each in result["not_run"] if each["table"] == 4}
    assert "no features of audio" in reasons  # words stand in for text
    assert any("steps" in reason for reason in reasons)


def test_mistakes_are_told_before_anything_is_trained(corpus, features, tmp_path, monkeypatch):
    monkeypatch.setattr("affecthub.training.bench.emotiontalk.text_baselines.BASELINES", ())
    given = ("--data-dir", corpus, "--output-dir", tmp_path / "out")
    assert "got '8', expected one of 12, 13, 14, 3, 4, 5" in fails(*given, "--tables", "3,8")
    assert "`--tables`: got 'three'" in fails(*given, "--tables", "three")
    assert "unknown protocol: got 'speaker'" in fails(*given, "--protocol", "speaker")
    assert "unknown fidelity" in fails(*given, "--fidelity", "shipped")
    assert "got 2 runs and 3 seeds" in fails(*given, "--runs", 2, "--seeds", "0,1,2")
    empty = tmp_path / "empty"
    empty.mkdir()
    assert "holds no features of emotiontalk: got no feature cache" in fails(
        *given, "--features", empty
    )
    assert "(nothing there), expected a folder" in fails(*given, "--features", tmp_path / "no")
    assert "is no emotiontalk folder: found 0 files" in fails(
        "--data-dir", empty, "--output-dir", tmp_path / "out"
    )
    wrong = fails(*given, "--features", features, "--encoders", "hubert")
    assert "unknown encoder of the features at hand" in wrong
    two = ("--encoders", "chinese-hubert-large-UTT,chinese-hubert-large-FRA")
    assert "name two of audio" in fails(*given, "--features", features, *two)


def test_features_of_another_corpus_are_refused(features, tmp_path):
    folder = tmp_path / "theirs"
    for path in (features / "clip-vit-base-patch32-UTT").iterdir():
        (folder / "CLIP").mkdir(parents=True, exist_ok=True)
        (folder / "CLIP" / path.name).write_bytes(path.read_bytes())
    about = folder / "CLIP" / "features.json"
    about.write_text(about.read_text().replace('"emotiontalk"', '"meld"'))
    with pytest.raises(ValueError, match="holds no features of emotiontalk: got CLIP of meld"):
        find_sources(folder)


def test_caches_go_by_the_names_of_the_paper(features):
    sources = find_sources(features)
    assert sources.titles("vision") == ("clip-vit-base-patch32-FRA", "CLIP-Base")
    found = sources.get("vision", "CLIP-Base")
    assert (found.level, found.width, found.note) == ("utterance", 512, "")
    assert sources.get("vision", "CLIP-Base", "frame") is None
    # Steps stand in for vectors, of which they are averaged.
    assert sources.get("audio", "chinese-hubert-large-FRA").level == "frame"
    assert sum("is not compared with" in note for note in sources.notes) == 5
    assert find_sources(None).found == ()


def test_labels_must_be_there(corpus, tmp_path):
    for name in ("mm.csv", "audio.csv", "video.csv", "transcription.csv"):
        kept = [line for line in (corpus / name).open(encoding="utf-8") if "G00015" not in line]
        kept = [line for line in kept if "G00003" not in line]
        (tmp_path / name).write_text("".join(kept), encoding="utf-8")
    message = fails("--data-dir", tmp_path, "--output-dir", Path(tmp_path) / "out")
    assert "got no clip of test under 'official'" in message


@pytest.mark.slow
def test_tables_that_other_rooms_run(corpus, features, tmp_path):
    """Conversations on text of a cache; captions need what label files do not have."""
    done = run(
        *("--data-dir", corpus, "--features", features, "--output-dir", tmp_path),
        *("--tables", "5,14", "--encoders", "bert-base-chinese-UTT", "--quick", "--json"),
    )
    # Bars and warnings go elsewhere; what is printed is the result alone.
    result = json.loads(done.stdout[done.stdout.index("{") :])
    rows = rows_of(result, 14)
    here = rows["text", "bigru"]["cells"]["own_four"]["here"]
    assert rows["text", "bigru"]["in_paper"] and 0 <= here["acc"]["mean"] <= 1
    # What is scored is what the constant answer is scored on.
    assert here["n"] == result["constants"]["text_four/next"]["n"]
    majority = rows["text", "majority"]
    assert majority["kind"] == "baseline" and not majority["oracle"]
    floor = result["constants"]["text_four/next"]
    for name in ("acc", "uar", "macro_f1"):
        assert majority["cells"]["own_four"]["here"][name]["mean"] == pytest.approx(floor[name])
    assert rows["text", "same as before"]["oracle"]
    assert list(here["parts"]) == ["G3", "G15"]
    assert rows_of(result, 5)["style", "GPT-2"]["reason"].startswith("no sound with captions")
    page = (tmp_path / "emotiontalk.md").read_text("utf-8")
    assert "(knows earlier labels)" in page


def test_a_constant_of_other_clips_says_of_how_many():
    known = {"text_four/next": {"n": 1404, "uar": 0.25, "acc": 0.5783, "macro_f1": 0.1832}}
    metrics = ("uar", "acc", "macro_f1")
    for n, told in ((1424, "constant answer, of 1,404"), (1404, "constant answer")):
        rows = [
            {"group": "text", "cells": {"own_four": {"here": here}}} for here in (None, {"n": n})
        ]
        floor, clips = _floor_lines(14, rows, ["own_four"], metrics, known)
        assert floor == [told, "", "25.00 / 57.83 / 18.32"]
        assert clips == ["test clips", "", f"{n:,}"]
    floor, clips = _floor_lines(14, rows[:1], ["own_four"], metrics, known)
    assert (floor[0], clips[-1]) == ("constant answer", "1,404")
