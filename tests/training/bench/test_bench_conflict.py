"""Clips whose modalities disagree: which they are, and the scores of both parts side by side."""

import json

import pytest
from corpus_trees import emotiontalk
from typer.testing import CliRunner

from affecthub.cli.main import app
from affecthub.training.bench.conflict import by_part, corpus_parts, parts_of, set_parts


def run(*arguments, exit_code=0):
    result = CliRunner().invoke(app, ["bench", *map(str, arguments)])
    assert result.exit_code == exit_code, result.output
    return result


@pytest.mark.parametrize(
    ("whole", "text", "audio", "video", "parts"),
    [
        ("sad", "sad", "sad", "sad", ("consistent",)),
        # All modalities agree; that the whole is another thing is no conflict between them.
        ("sad", "happy", "happy", "happy", ("consistent",)),
        ("sad", "happy", "sad", "angry", ("conflict", "audio-aligned")),
        ("sad", "sad", "sad", "angry", ("conflict",)),
        ("sad", "happy", "happy", "angry", ("conflict",)),
        ("sad", None, "sad", "sad", ()),
        (0.4, 0.2, 1.0, 0.6, ("consistent",)),
        (-0.4, 0.2, 0.0, -0.8, ("conflict", "video-aligned")),
        (None, 0.2, 0.2, 0.2, ()),
        (0.2, float("nan"), 0.2, 0.2, ()),
    ],
)
def test_a_clip_and_its_parts(whole, text, audio, video, parts):
    (found,) = parts_of([whole], {"text": [text], "audio": [audio], "video": [video]})
    assert found == parts


def test_places_of_parts():
    parts = {"a": ("conflict", "text-aligned"), "b": ("consistent",), "c": ()}
    assert by_part(parts, ["c", "b", "a", "d"]) == {
        "consistent": [1], "conflict": [2], "text-aligned": [2],
    }  # fmt: skip


def test_released_emotiontalk_labels_conflict_in_most_clips(reference_data):
    from affecthub.datasets_scripts import load_dataset

    rows = load_dataset(
        "emotiontalk",
        data_dir=reference_data / "emotiontalk",
        protocol="speaker_independent",
        split="test",
    )
    found = by_part(corpus_parts(rows, "emotiontalk"), rows["id"])
    assert {name: len(places) for name, places in found.items()} == {
        "consistent": 326,
        "conflict": 810,
        "audio-aligned": 104,
        "text-aligned": 39,
        "video-aligned": 129,
    }


def test_both_parts_of_ch_sims_side_by_side(nine, right_answers, tmp_path):
    found = json.loads(
        run(
            "mer-unibench", "--answers", right_answers, "--data-root", nine, "--sets", "sims,meld",
            "--subset", "conflict", "--resamples", 20, "--output-dir", tmp_path, "--json",
        ).stdout
    )  # fmt: skip
    assert list(found["subsets"]) == ["ch_sims"]
    parts = found["subsets"]["ch_sims"]
    assert parts["all"]["n_clips"] == 6
    assert parts["conflict"]["n_clips"] + parts.get("consistent", {"n_clips": 0})["n_clips"] == 6
    whole = found["sets"]["ch_sims"]["scores"]
    assert {key: score["value"] for key, score in parts["all"]["scores"].items()} == {
        key: score["value"] for key, score in whole.items()
    }
    assert "modalities disagree" in (tmp_path / "bench.md").read_text("utf-8")
    assert set_parts(nine, "meld") == {} and len(set_parts(nine, "ch_sims")) == 6


def test_sets_without_labels_of_modalities_have_no_parts(nine, right_answers, tmp_path):
    result = run(
        "mer-unibench", "--answers", right_answers, "--data-root", nine, "--sets", "meld",
        "--subset", "conflict", "--resamples", 0, "--output-dir", tmp_path, exit_code=1,
    )  # fmt: skip
    assert "no set has labels of each modality: got meld" in str(result.exception)


def test_emotiontalk_part_by_part(tmp_path, write_journal):
    from affecthub.datasets_scripts import load_dataset

    folder = emotiontalk.write_tables(tmp_path / "emotiontalk")
    rows = load_dataset(
        "emotiontalk", data_dir=folder, protocol="speaker_independent", split="test"
    )
    names = rows.features["emotion"].names
    said = {row["id"]: names[row["emotion"]] for row in rows}
    write_journal(tmp_path / "answers.jsonl", said)
    arguments = ["conflict", "emotiontalk", "--data-dir", folder, "--resamples", 20]
    arguments += ["--protocol", "speaker_independent"]
    found = json.loads(run(*arguments, "--answers", tmp_path / "answers.jsonl", "--json").stdout)
    parts = found["emotiontalk"]
    assert parts["all"]["n_clips"] == len(said)
    assert parts["all"]["n_clips"] == parts["conflict"]["n_clips"] + parts["consistent"]["n_clips"]
    assert parts["conflict"]["scores"]["hit_rate"]["value"] == 1
    table = run(*arguments, "--answers", tmp_path / "answers.jsonl").output
    assert "consistent" in table and "conflict" in table
    arguments[1] = "meld"
    result = run(*arguments, "--answers", tmp_path / "answers.jsonl", exit_code=1)
    assert "unknown corpus with a label for each modality: got 'meld'" in str(result.exception)
