"""What a model is asked about a clip, with which media."""

import datasets
import pytest
from corpus_trees.media import clip_wav

from affecthub.hub_cards.lmms_eval.questions import (
    doc_to_messages,
    doc_to_text,
    doc_to_visual,
    process_docs,
)
from affecthub.hub_cards.lmms_eval.writing import packaged_prompt
from affecthub.training.asking.prompts.registry import load_prompt


def rows_of(folder, split="meld"):
    files = str(folder / "data" / split / "*.parquet")
    loaded = datasets.load_dataset("parquet", data_files={"test": files}, cache_dir=str(folder))
    return process_docs(loaded["test"])


def test_media_become_files_when_a_row_is_read(write_export, clip, cache_of_its_own):
    sound = {"bytes": clip_wav(0), "path": None}
    folder = write_export("export", {"meld": [clip, {**clip, "id": "b", "audio": sound}]})
    rows = rows_of(folder)
    assert not cache_of_its_own.exists()
    row = rows[1]
    assert row["emotion_name"] == "joy" and rows["emotion_name"][:] == ["joy", "joy"]
    found = {path.suffix: path.read_bytes() for path in cache_of_its_own.iterdir()}
    assert found == {".mp4": b"not really a film", ".wav": sound["bytes"]}
    asked = doc_to_messages(row, {"question": "How?"})
    assert [(part["type"], part.get("url")) for part in asked[0]["content"]] == [
        ("video", row["video"]),
        ("audio", row["audio"]),
        ("text", None),
    ]
    # No bytes are left for a log, and a clip without sound is asked about without it.
    assert "bytes" not in str(row) and rows[0]["audio"] is None
    assert [part["type"] for part in doc_to_messages(rows[0])[0]["content"]] == ["video", "text"]
    film, heard = doc_to_visual(row)
    assert film == row["video"] and heard["sampling_rate"] == 16_000 and heard["array"].ndim == 1


def test_rows_keep_their_files_without_columns_of_sound(write_export, clip):
    """lmms-eval drops columns of sound from the rows that it scores and logs."""
    rows = rows_of(write_export("export", {"meld": [clip]})).remove_columns("audio")
    assert rows[0]["video"].endswith(".mp4") and rows[0]["emotion_name"] == "joy"


@pytest.mark.parametrize("media, kinds", [("a", []), ("v", ["video"]), ("av", ["video"])])
def test_media_that_are_asked_for(write_export, clip, media, kinds):
    row = rows_of(write_export("export", {"meld": [clip]}))[0]
    parts = doc_to_messages(row, {"question": "How?", "media": media})[0]["content"]
    assert [part["type"] for part in parts] == [*kinds, "text"]


@pytest.mark.parametrize("name", ["unibench_description", "emos_basic7"])
def test_questions_are_those_of_the_registry(name, clip):
    prompt, kept = load_prompt(name), packaged_prompt(name)
    assert kept["question"] == prompt.text and kept["system"] == prompt.system
    assert kept["key"] == prompt.key and kept["labels"] == list(prompt.labels), "make copies"
    values = {"subtitle": clip["subtitle"], "language": "English"}
    filled = prompt.fill(**{key: values[key] for key in prompt.placeholders & values.keys()})
    assert doc_to_text(clip, kept) == filled and "Well, {labels}!" in filled


def test_a_system_message_comes_first(clip):
    asked = doc_to_messages({**clip, "video": None}, {"question": "?", "system": "Of {labels}."})
    assert [message["role"] for message in asked] == ["system", "user"]
    assert asked[0]["content"] == [{"type": "text", "text": "Of anger, joy."}]
    assert asked[1]["content"] == [{"type": "text", "text": "?"}]


def test_mistakes_are_named(write_export, clip):
    bare = {**clip, "video": "videos/a.mp4"}
    row = rows_of(write_export("bare", {"meld": [bare]}))[0]
    with pytest.raises(ValueError, match=r"meld/dia0_utt0.*'videos/a.mp4'.*--embed-media"):
        doc_to_messages(row, {"question": "?"})
    assert doc_to_messages(row, {"question": "?", "media": "t"})[0]["content"][0]["text"] == "?"
    with pytest.raises(ValueError, match="'x', expected letters of a, v and t"):
        doc_to_messages(clip, {"media": "x"})
    with pytest.raises(ValueError, match=r"nothing for \{mood\}: expected some of subtitle"):
        doc_to_text(clip, {"question": 'Is it {mood}? {"json": 1}'})
