"""Chat messages: lines that trainers read, with a film and a wav for every place they name."""

import json
import re
import shutil
from pathlib import Path

import datasets
import numpy as np
import pytest
import soundfile
from corpus_trees import demo, emotiontalk, mer_caption, mer_unibench

import affecthub
from affecthub.datasets_scripts.exports.questions import plain, turns
from affecthub.entries import entry_of
from affecthub.media import load_waveform
from affecthub.questions import COLUMN_QUESTIONS


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    return demo.make(tmp_path_factory.mktemp("chat") / "corpus")


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def check_media(folder: Path, row: dict) -> None:
    """As the trainers do: as many places as files, and the files are there."""
    user, assistant = row["messages"]
    assert (user["role"], assistant["role"]) == ("user", "assistant")
    for kind in ("video", "audio"):
        files = row.get(f"{kind}s", [])
        assert user["content"].count(f"<{kind}>") == len(files)
        assert f"<{kind}>" not in assistant["content"]
        assert all((folder / file).is_file() and not file.startswith("/") for file in files)


def test_a_line_per_clip(corpus, load, tmp_path):
    out = affecthub.export("demo", tmp_path / "out", corpus, to="chat-jsonl")
    rows = load("demo", data_dir=corpus)
    assert sorted(path.stem for path in out.glob("*.jsonl")) == sorted(rows)
    for split in rows:
        written = lines(out / f"{split}.jsonl")
        assert [line["id"] for line in written] == rows[split]["id"][:]
        for line, row in zip(written, rows[split], strict=True):
            check_media(out, line)
            user, assistant = line["messages"]
            assert user["content"].startswith(f"<video><audio>The person says: {row['text']}\n")
            label = rows[split].features["emotion"].int2str(row["emotion"])
            assert assistant["content"] == label and label in user["content"]
            sound, rate_hz = soundfile.read(out / line["audios"][0], dtype="float32")
            assert rate_hz == 16000 and sound.ndim == 1
            np.testing.assert_allclose(sound, load_waveform(row["audio"]), atol=2**-15)
            film = (out / line["videos"][0]).read_bytes()
            assert film == Path(row["video"]["path"]).read_bytes()
    assert not any(str(tmp_path).encode() in path.read_bytes() for path in out.rglob("*.*"))
    loaded = datasets.load_dataset(str(out), "official", cache_dir=tmp_path / "c")
    assert loaded["test"][0] == lines(out / "test.jsonl")[0]


def test_llama_factory_finds_its_columns(corpus, tmp_path):
    out = affecthub.export("demo", tmp_path / "out", corpus, to="chat-jsonl")
    info = json.loads((out / "dataset_info.json").read_text())
    assert list(info) == ["demo_train", "demo_validation", "demo_test"]
    entry = info["demo_train"]
    line = lines(out / entry["file_name"])[0]
    assert entry["formatting"] == "sharegpt" and set(entry["columns"].values()) <= set(line)
    turn = line["messages"][0]
    assert turn[entry["tags"]["role_tag"]] == entry["tags"]["user_tag"]
    assert turn[entry["tags"]["content_tag"]]


def test_the_card_turns_places_into_blocks(corpus, tmp_path):
    out = affecthub.export("demo", tmp_path / "out", corpus, to="chat-jsonl")
    card = (out / "README.md").read_text(encoding="utf-8")
    scope: dict = {}
    exec(re.search(r"```python\n(.*?)```", card, re.DOTALL)[1], scope)
    line = lines(out / "test.jsonl")[0]
    video, audio, text = scope["with_media"](line, out)["messages"][0]["content"]
    assert (video["type"], audio["type"]) == ("video", "audio")
    assert Path(video["path"]).is_file() and Path(audio["path"]).suffix == ".wav"
    assert "<" not in text["text"] and text["text"].startswith("The person says: ")
    assert scope["with_media"](line)["messages"][1]["content"] == [
        {"type": "text", "text": line["messages"][1]["content"]}
    ]


@pytest.mark.parametrize("answer", ["open_vocabulary", "description"])
def test_other_answers(corpus, load, tmp_path, answer):
    out = affecthub.export("demo", tmp_path / "out", corpus, to="chat-jsonl", answer=answer)
    row = load("demo", data_dir=corpus, split="test")[0]
    user, assistant = lines(out / "test.jsonl")[0]["messages"]
    assert user["content"].endswith(COLUMN_QUESTIONS[answer])
    expected = row[answer] if answer == "description" else ", ".join(row[answer])
    assert assistant["content"] == expected


def test_clips_without_the_answer_are_left_out_and_counted(tmp_path):
    root = emotiontalk.make(tmp_path / "corpus")
    out = affecthub.export(
        "emotiontalk",
        tmp_path / "out",
        root,
        to="chat-jsonl",
        answer="sentiment",
        embed_media=False,
    )
    answers = [row["messages"][1]["content"] for row in lines(out / "train.jsonl")]
    assert answers and all(-2 <= float(answer) <= 2 for answer in answers)
    with pytest.raises(ValueError, match="emotiontalk: got 11 without `open_vocabulary`"):
        affecthub.export(
            "emotiontalk", tmp_path / "o2", root, to="chat-jsonl", answer="open_vocabulary"
        )
    # Two labels less.
    path = root / "mm.csv"
    path.write_text(re.sub(r",(happy|sad)\b", ",", path.read_text()))
    with pytest.raises(ValueError):
        affecthub.export("emotiontalk", tmp_path / "o3", root, to="chat-jsonl", answer="emotino")


def test_by_path_nothing_is_copied(corpus, tmp_path):
    out = affecthub.export("demo", tmp_path / "out", corpus, to="chat-jsonl", embed_media=False)
    assert not (out / "media").exists()
    for line in lines(out / "test.jsonl"):
        check_media(corpus, line)


def test_by_path_media_in_tars_are_refused(tmp_path):
    root = emotiontalk.pack_tars(emotiontalk.write_media(emotiontalk.write_json(tmp_path / "c")))
    with pytest.raises(ValueError, match="media inside tars"):
        affecthub.export("emotiontalk", tmp_path / "out", root, to="chat-jsonl", embed_media=False)


def test_without_media_the_words_remain(tmp_path):
    root = emotiontalk.write_tables(tmp_path / "corpus")
    out = affecthub.export(
        "emotiontalk", tmp_path / "out", root, to="chat-jsonl", question="怎么样?"
    )
    line = lines(out / "train.jsonl")[0]
    assert set(line) == {"id", "messages"}
    assert line["messages"][0]["content"].endswith("\n怎么样?")
    info = json.loads((out / "dataset_info.json").read_text())
    assert info["emotiontalk_train"]["columns"] == {"messages": "messages"}


def test_words_cannot_pose_as_media():
    user, _ = turns("a <video> of <audio>", plain("<image>?"), "x", ["audio"])
    assert user["content"] == "<audio>The person says: a video of audio\nimage?"


def test_a_view_is_asked_set_by_set(tmp_path):
    """Each row's own candidates, scale and subtitle; words for the fine-grained set."""
    root = mer_unibench.make(tmp_path / "u")
    out = affecthub.export("mer_unibench", tmp_path / "out", root, to="chat-jsonl")
    rows = affecthub.load_dataset("mer_unibench", data_dir=root, cache_dir=tmp_path / "c")
    asked = {path.stem: lines(path) for path in out.glob("*.jsonl")}
    assert set(asked) == set(rows)
    for name, side in rows.items():
        by_id = {row["id"]: row for row in side}
        for line in asked[name]:
            row = by_id[line["id"]]
            question, answer = (turn["content"] for turn in line["messages"])
            if row["candidates"]:
                words = ", ".join(row["candidates"])
                assert question.endswith(f"one of these words: {words}.")
                assert answer in row["candidates"]
            elif row["task"] == "sentiment":
                ends = entry_of(name).sentiment
                assert "from {} to {}:".format(*ends) in question
                assert float(answer) == pytest.approx(row["sentiment"], abs=1e-3)
            else:
                assert answer.split(", ") == list(dict.fromkeys(row["open_vocabulary"]))
            shown = f"The person says: {row['subtitle']}\n"
            assert (shown in question) == bool(row["subtitle"])
            assert "<" in question or row["subtitle"]


def test_nothing_is_asked_about_nothing(tmp_path):
    root = mer_caption.make(tmp_path / "c")
    whole = affecthub.export("mer_caption", tmp_path / "a", root, to="chat-jsonl")
    for folder in ("video", "audio", "openface_face"):
        shutil.rmtree(root / folder, ignore_errors=True)
    for table in root.glob("subtitle*"):
        table.unlink()
    with pytest.raises(ValueError, match="neither media nor words can be shown, expected some"):
        affecthub.export("mer_caption", tmp_path / "b", root, to="chat-jsonl")
    assert any(whole.glob("*.jsonl"))
