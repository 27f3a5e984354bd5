"""Which captions there are, SECap's form, and which clips are left out."""

import json

import datasets
import pytest

from affecthub.training.captioning.clips import load_corpus, usable_clips
from affecthub.training.captioning.kinds import COLUMNS, caption_column, references
from affecthub.training.captioning.recipe import load_caption_recipe
from affecthub.training.captioning.secap import read_secap


def test_the_four_kinds_are_columns_of_emotiontalk():
    from affecthub.datasets_scripts.emotiontalk.entry import ENTRY

    assert set(COLUMNS.values()) <= set(ENTRY.labels_without)
    assert caption_column("overall", ["id", "captions"]) == "captions"
    with pytest.raises(ValueError, match="`caption`: got 'stile'.*style"):
        caption_column("stile", ["style_cap", "emo_cap"])


def test_five_captions_are_five_references_and_empty_ones_none():
    row = {"captions": ["calm", None, " low ", ""], "emo_cap": "sad", "style_cap": None}
    assert references(row, "captions") == ["calm", "low"]
    assert references(row, "emo_cap") == ["sad"] and references(row, "style_cap") == []


def secap_folder(root, n=20):
    (root / "wav").mkdir(parents=True)
    names = [f"clip_{i:02d}" for i in range(n)]
    for name in names[1:]:
        (root / "wav" / f"{name}.wav").write_bytes(b"RIFF")
    lines = [f"{name}{' ' if i % 2 else chr(9)}第{i}句 话。 " for i, name in enumerate(names)]
    (root / "text.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    captions = {name: f"语气{i}" for i, name in enumerate(names)} | {names[2]: ["甲", "乙"]}
    (root / "fid2captions.json").write_text(json.dumps(captions), encoding="utf-8")
    return root


def test_secaps_form_is_read(tmp_path):
    corpus = read_secap(secap_folder(tmp_path / "dataset").parent)
    assert {name: len(rows) for name, rows in corpus.items()} == {
        "train": 16,
        "validation": 2,
        "test": 2,
    }
    rows = {row["id"]: row for split in corpus.values() for row in split}
    assert len(rows) == 20
    assert rows["clip_03"]["text"] == "第3句 话。" and rows["clip_04"]["text"] == "第4句 话。"
    assert rows["clip_02"]["captions"] == ["甲", "乙"] and rows["clip_05"]["captions"] == ["语气5"]
    assert rows["clip_00"]["audio"] is None
    assert rows["clip_01"]["audio"]["path"].endswith("wav/clip_01.wav")
    again = load_corpus(load_caption_recipe("secap_captions"), tmp_path)
    assert again["test"]["id"] == corpus["test"]["id"]
    assert read_secap(tmp_path, seed=1)["train"]["id"] != corpus["train"]["id"]


def test_secap_files_that_are_not_there_or_no_captions_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="text.txt is not there"):
        read_secap(tmp_path)
    folder = secap_folder(tmp_path / "a")
    (folder / "fid2captions.json").write_text("[]")
    with pytest.raises(ValueError, match="got list, expected names of clips"):
        read_secap(folder)
    (folder / "fid2captions.json").write_text("{")
    with pytest.raises(ValueError, match="is no JSON"):
        read_secap(folder)
    captions = {"../../secret": "x"}
    (folder / "fid2captions.json").write_text(json.dumps(captions))
    (tmp_path / "secret.wav").write_bytes(b"RIFF")
    assert list(read_secap(folder)["train"]["audio"]) == [None]


def test_clips_that_lack_something_are_counted_and_named(make_recipe):
    rows = datasets.Dataset.from_list(
        [
            {"id": "a", "audio": "x.wav", "text": "hm", "description": "low"},
            {"id": "b", "audio": None, "text": "hm", "description": "low"},
            {"id": "c", "audio": "x.wav", "text": None, "description": " "},
        ]
    )
    with pytest.warns(UserWarning, match="2 of 3 test clips .* 1 without audio, 1 without caption"):
        clips = usable_clips(rows, make_recipe(), "test")
    assert clips.rows["id"] == ["a"] and clips.captions() == [["low"]]
    assert clips.left_out == {"audio": 1, "caption": 1} and clips.n_there == 3
    with pytest.warns(UserWarning, match="without text and caption"):
        clips = usable_clips(rows, make_recipe(modalities=["text"]), "test")
    assert clips.rows["id"] == ["a", "b"]
    with pytest.raises(ValueError, match="no test clip of 'demo' can be used: got 1 clips"):
        usable_clips(rows.select([1]), make_recipe(), "test")
    with pytest.raises(ValueError, match="`caption`: got 'emotion'"):
        usable_clips(rows, make_recipe(caption="emotion"), "test")
