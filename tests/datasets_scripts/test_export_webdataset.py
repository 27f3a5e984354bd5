"""WebDataset: tars that tarfile, `webdataset` and plain `datasets` read, one sample per clip."""

import json
import tarfile
from pathlib import Path

import datasets
import numpy as np
import pytest
import yaml
from corpus_trees import demo

import affecthub
from affecthub.media import load_waveform


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    return demo.make(tmp_path_factory.mktemp("webdataset") / "corpus")


def samples(folder: Path, split: str) -> dict[str, dict[str, bytes]]:
    """Read a split's tars as a WebDataset reader does: what shares a key is a sample."""
    found: dict[str, dict[str, bytes]] = {}
    last = None
    for path in sorted((folder / "data").glob(f"{split}-*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                key, _, suffix = member.name.partition(".")
                assert key == last or key not in found, "the files of a sample follow each other"
                last = key
                found.setdefault(key, {})[suffix] = tar.extractfile(member).read()
    return found


def named(row: dict, features: datasets.Features) -> dict:
    """A loaded row as the json has it: without media, labels by name."""
    return {
        name: features[name].int2str(value)
        if isinstance(features[name], datasets.ClassLabel) and value is not None
        else value
        for name, value in row.items()
        if name not in ("audio", "video")
    }


def test_samples_hold_the_rows(corpus, load, tmp_path):
    out = affecthub.export("demo", tmp_path / "out", corpus, to="webdataset")
    rows = load("demo", data_dir=corpus)
    for split in rows:
        found = samples(out, split)
        assert list(found) == rows[split]["id"][:]
        for row in rows[split]:
            sample = found[row["id"]]
            assert sorted(sample) == ["json", "mp4", "wav"]
            assert json.loads(sample["json"]) == named(row, rows[split].features)
            assert sample["wav"] == Path(row["audio"]["path"]).read_bytes()
            assert sample["mp4"] == Path(row["video"]["path"]).read_bytes()
    assert not any(str(tmp_path).encode() in path.read_bytes() for path in out.rglob("*.*"))


def test_plain_datasets_reads_it(corpus, load, tmp_path):
    out = affecthub.export(
        "demo", tmp_path / "out", corpus, to="webdataset", protocol="speaker_independent"
    )
    ours = load("demo", data_dir=corpus, protocol="speaker_independent")
    theirs = datasets.load_dataset(str(out), "speaker_independent", cache_dir=tmp_path / "c")
    assert theirs.num_rows == ours.num_rows
    row, same = ours["test"][0], theirs["test"][0]
    assert same["json"] == named(row, ours["test"].features)
    np.testing.assert_array_equal(load_waveform(same["wav"]), load_waveform(row["audio"]))
    # By the tars alone, with the types of the card.
    features = theirs["test"].features
    files = {"test": str(out / "data" / "test-*.tar")}
    bare = datasets.load_dataset(
        "webdataset", data_files=files, features=features, cache_dir=tmp_path / "c"
    )
    assert bare["test"]["json"][:] == theirs["test"]["json"][:]
    stream = datasets.load_dataset(str(out), split="test", streaming=True)
    assert [item["json"] for item in stream] == bare["test"]["json"][:]


def test_by_path_the_json_has_the_paths(corpus, load, tmp_path):
    out = affecthub.export("demo", tmp_path / "out", corpus, to="webdataset", embed_media=False)
    clip, sample = next(iter(samples(out, "test").items()))
    assert list(sample) == ["json"]
    row = json.loads(sample["json"])
    assert (corpus / row["video"]).is_file() and row["audio"] == f"audio/{clip[:3]}/{clip}.wav"
    assert datasets.load_dataset(str(out), cache_dir=tmp_path / "c")["test"][0]["json"] == row


def test_shards_are_as_large_as_asked(corpus, tmp_path, monkeypatch):
    from affecthub.datasets_scripts.exports import export as exporting
    from affecthub.datasets_scripts.exports import webdataset

    def small(*arguments):
        return webdataset.write_webdataset(*arguments[:-1], file_bytes=100_000)

    monkeypatch.setattr(exporting, "write_webdataset", small)
    out = affecthub.export("demo", tmp_path / "out", corpus, to="webdataset")
    shards = sorted(path.name for path in (out / "data").glob("train-*"))
    assert len(shards) > 2 and shards[1] == "train-000001.tar"
    assert f"`data/train-{{000000..{len(shards) - 1:06d}}}.tar`" in (out / "README.md").read_text()
    assert len(samples(out, "train")) == 16


def test_a_clip_without_its_media_is_still_a_sample(corpus, load, tmp_path):
    root = demo.make(tmp_path / "broken")
    clips = sorted((root / "video").rglob("*.mp4"))
    clips[0].unlink()
    clips[1].write_bytes(b"no film")
    out = affecthub.export("demo", tmp_path / "out", root, to="webdataset")
    found = {
        key: value
        for split in ("train", "validation", "test")
        for key, value in samples(out, split).items()
    }
    for path, issue in ((clips[0], "video file missing"), (clips[1], "cannot be read")):
        sample = found[path.stem]
        assert "mp4" not in sample and "wav" in sample
        assert issue in json.loads(sample["json"])["media_issue"]
    rows = datasets.load_dataset(str(out), cache_dir=tmp_path / "c")
    films = [film for split in rows.values() for film in split["mp4"]]
    assert films.count(None) == 2
    assert "- 2 clips have media that are missing" in (out / "README.md").read_text()


def test_head_of_the_card_has_the_types(corpus, tmp_path):
    out = affecthub.export("demo", tmp_path / "out", corpus, to="webdataset")
    head = yaml.safe_load((out / "README.md").read_text(encoding="utf-8").split("---")[1])
    assert head["configs"][0]["config_name"] == head["dataset_info"]["config_name"] == "official"
    columns = {part["name"]: part for part in head["dataset_info"]["features"]}
    assert set(columns) == {"__key__", "__url__", "json", "wav", "mp4"}
    assert {"name": "emotion", "dtype": "string"} in columns["json"]["struct"]
