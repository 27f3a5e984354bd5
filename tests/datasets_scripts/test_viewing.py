"""The page of clips: what it knows, what it links to, and that no word of a corpus runs in it."""

import json
import re
from pathlib import Path

import pytest
from corpus_trees import demo, iemocap

import affecthub
from affecthub.media import probe


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    root = demo.make(tmp_path_factory.mktemp("view") / "corpus")
    path = root / "annotations.jsonl"
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    lines[0]["text"] = "</script><script>alert(1)</script> 你好"
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    path.write_text(text, encoding="utf-8")
    return root


def told(page: Path) -> dict:
    """What the page's script was given."""
    text = page.read_text(encoding="utf-8")
    return json.loads(re.search(r"^const data = (.*);$", text, re.MULTILINE)[1])


def test_a_page_of_all_clips(folder, tmp_path):
    corpus = affecthub.Corpus("demo", folder)
    page = corpus.view(tmp_path / "demo.html", limit=10_000)
    data, rows = told(page), corpus.sides()
    assert {clip["id"] for clip in data["clips"]} == {
        clip for side in rows.values() for clip in side["id"].to_pylist()
    }
    for split, side in rows.items():
        labels = side["emotion"].to_pylist()
        assert sum(data["counts"][split].values()) == side.num_rows
        assert data["counts"][split]["anger"] == labels.count("anger")
    for clip in data["clips"]:
        for kind in ("audio", "video"):
            assert (tmp_path / clip[kind]).is_file()
    row = next(row for row in rows["test"].to_pylist())
    clip = next(clip for clip in data["clips"] if clip["id"] == row["id"])
    assert (clip["emotion"], clip["text"], clip["split"]) == (row["emotion"], row["text"], "test")
    assert clip["more"]["emotion_basic7"] == row["emotion_basic7"]
    # Words of a corpus are data: the page has the one script that is ours.
    text = page.read_text(encoding="utf-8")
    assert text.count("<script>") == text.count("</script>") == 1
    assert any("alert(1)" in (clip["text"] or "") for clip in data["clips"])


def test_some_clips_of_every_split_in_one_file(folder, tmp_path):
    page = affecthub.Corpus("demo", folder).view(tmp_path / "p.html", limit=4, embed=True)
    data = told(page)
    assert {clip["split"] for clip in data["clips"]} == set(data["counts"])
    assert len(data["clips"]) <= 4 + len(data["counts"])
    assert all(clip["video"].startswith("data:video/mp4;base64,") for clip in data["clips"])
    assert list(tmp_path.iterdir()) == [page]


def test_turns_of_a_longer_film_are_cut_out_of_it(tmp_path):
    root = iemocap.make(tmp_path / "corpus")
    corpus = affecthub.Corpus("iemocap", root)
    page = corpus.view(tmp_path / "p.html", limit=2)
    clip = next(clip for clip in told(page)["clips"] if clip.get("video"))
    row = next(row for row in corpus.rows(check_media=False) if row["id"] == clip["id"])
    assert clip["video"].endswith(".mp4")  # browsers play no avi
    length_s = row["video_end_s"] - row["video_start_s"]
    assert probe(tmp_path / clip["video"]).duration_s == pytest.approx(length_s, abs=0.2)


def test_mistakes(folder, tmp_path):
    corpus = affecthub.Corpus("demo", folder)
    with pytest.raises(ValueError, match="ends in .html"):
        corpus.view(tmp_path / "page")
    with pytest.raises(ValueError, match="inside the corpus"):
        corpus.view(folder / "page.html")
    with pytest.raises(ValueError, match="`limit`: got 0"):
        corpus.view(tmp_path / "p.html", limit=0)
