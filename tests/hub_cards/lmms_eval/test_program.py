"""The tasks in the real lmms-eval, on exports of small corpora, with a scripted model."""

import json
import os
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest
from corpus_trees import emos, mer_unibench

import affecthub
from affecthub.hub_cards.lmms_eval.writing import write_tasks
from affecthub.unibench import SETS

HERE = Path(__file__).resolve().parent
# `make install` puts it beside our packages, because its pins contradict ours.
PROGRAM = Path(sys.prefix) / "lmms-eval"
SENTENCES = (
    "She laughs out loud; we can infer that she is delighted.",
    "angry, disappointed",
    "The voice is flat and the face still.",
    "He sobs. He must be sad, and a little afraid.",
)
EMOTIONS = ("Joy", "Anger", "Neutral", "Sadness", "Surprise")


def answer(task, number):
    """What the model is made to say."""
    if not task.startswith("emos"):
        return SENTENCES[number % len(SENTENCES)]
    emotion = EMOTIONS[number % len(EMOTIONS)]
    fine = [{"label": emotion.lower(), "confidence": 0.7}]
    said = {"predicted_emotion": emotion, "model_confidence": 0.6, "goemotions_labels": fine}
    return f"```json\n{json.dumps(said)}\n```" if number else "I cannot tell."


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """Exports, the tasks over them, a model that lmms-eval finds, and what it says."""
    if not PROGRAM.is_dir():
        reason = f"lmms-eval is not in {PROGRAM}; `make install` brings it"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    place = tmp_path_factory.mktemp("lmms")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AFFECTHUB_CACHE", str(place / "cache"))
        mer_unibench.make(place / "nine")
        affecthub.export("mer_unibench", place / "nine_x", place / "nine")
        emos.make(place / "emos")
        for config in ("static", "goemotions"):
            affecthub.export("emos", place / config, place / "emos", config)
    write_tasks(
        place / "tasks",
        mer_unibench=place / "nine_x",
        emos=[place / "static", place / "goemotions"],
    )
    rows = affecthub.load_dataset("mer_unibench", data_dir=place / "nine")
    ids = {f"mer_unibench_{name}": list(split["id"]) for name, split in rows.items()}
    clips = affecthub.load_dataset(
        "emos", data_dir=place / "emos", protocol="speaker_independent", split="test"
    )
    ids |= dict.fromkeys(("emos_basic7", "emos_goemotions"), list(clips["id"]))
    said = {task: {i: answer(task, n) for n, i in enumerate(each)} for task, each in ids.items()}
    (place / "answers.json").write_text(json.dumps(said))
    found = place / "found" / "scripted-0.dist-info"
    found.mkdir(parents=True)
    (found / "METADATA").write_text("Metadata-Version: 2.1\nName: scripted\nVersion: 0\n")
    (found / "entry_points.txt").write_text("[lmms_eval.models]\nscripted=scripted_lmms:MANIFEST\n")
    return place, rows, said


def evaluate(place, tasks):
    """Run `python -m lmms_eval`; its results, and what the model was asked."""
    asked, out = place / "asked.jsonl", place / "out"
    asked.unlink(missing_ok=True)
    paths = (PROGRAM, Path(affecthub.__file__).parents[1], HERE.parent, place / "found")
    environment = os.environ | {
        "PYTHONPATH": os.pathsep.join(map(str, paths)),
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(place / "hf"),
        "AFFECTHUB_CACHE": str(place / "cache"),
    }
    done = subprocess.run(
        [
            *(sys.executable, "-m", "lmms_eval", "eval", "--model", "scripted"),
            *("--model_args", f"answers={place / 'answers.json'},asked={asked}"),
            *("--include_path", str(place / "tasks"), "--tasks", tasks),
            *("--output_path", str(out), "--log_samples"),
        ],
        cwd=place,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
    )
    (results,) = sorted(out.glob("*_results.json"))[-1:] or [None]
    assert results, done.stdout[-3000:] + done.stderr[-3000:]
    lines = [json.loads(line) for line in asked.read_text().splitlines()]
    return json.loads(results.read_text()), lines


@pytest.mark.slow
def test_the_real_program_scores_as_our_metrics_do(place):
    place, rows, said = place
    found, asked = evaluate(place, "mer_unibench,emos_basic7,emos_goemotions")
    scores = {
        task: {name.removesuffix(",none"): value for name, value in result.items()}
        for task, result in found["results"].items()
    }
    # The nine sets, and their mean, are what the metric gives for the same answers.
    predictions, references = [], []
    for test_set in SETS:
        column = {"basic": "emotion", "sentiment": "sentiment"}.get(
            test_set.task, "open_vocabulary"
        )
        split = rows[test_set.name]
        names = split.features["emotion"].names
        for row_id, label in zip(split["id"], split[column], strict=True):
            label = names[label] if column == "emotion" else label
            text = said[f"mer_unibench_{test_set.name}"][row_id]
            labels = text.split(", ") if text == SENTENCES[1] else None
            answered = {"labels": labels} if labels else {"answer": text}
            predictions.append({"set": test_set.name, **answered})
            references.append({"set": test_set.name, "labels": label})
    ours = affecthub.load_metric("mer_unibench").compute(
        predictions=predictions, references=references
    )
    for name, entry in ours["sets"].items():
        assert scores[f"mer_unibench_{name}"]["score"] == pytest.approx(entry["score"]), name
    assert scores["mer_unibench"]["score"] == pytest.approx(ours["mer_unibench"])
    assert 0 < ours["mer_unibench"] < 1
    n_clips = len(said["emos_basic7"])
    assert scores["emos_basic7"]["invalid_rate"] == pytest.approx(1 / n_clips)
    assert scores["emos_basic7"]["mean_confidence"] == pytest.approx(0.6)
    assert 0 <= scores["emos_basic7"]["accuracy"] < 1 and scores["emos_goemotions"]["jsd"] > 0

    # Every clip was asked once, sound as a part of its own, and paragraphs do not end an answer.
    by_task = defaultdict(list)
    for line in asked:
        by_task[line["task"]].append(line)
    assert {task: len(lines) for task, lines in by_task.items()} == {
        task: len(answers) for task, answers in said.items()
    }
    assert all(line["kinds"] == ["video", "audio", "text"] for line in by_task["mer_unibench_meld"])
    assert all(line["settings"]["until"] == [] for line in asked)
    assert all(line["visual"] == ["str", "dict"] for line in by_task["mer_unibench_meld"])
    assert all(line["context"] == line["text"] for line in asked)
    assert "predicted_emotion" in by_task["emos_basic7"][0]["text"]
    # What is logged beside the answers holds none of the films.
    logs = "".join(path.read_text() for path in (place / "out").glob("*_samples_*.jsonl"))
    assert "delighted" in logs and "base64" not in logs and "input_media" not in logs
