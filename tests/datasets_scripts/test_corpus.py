"""A corpus opened once: every method equals its door, and no file is listed or read twice."""

import copy
import json
import pickle
from collections import Counter
from pathlib import Path

import datasets
import pytest
from corpus_trees import demo, emos, emotiontalk
from corpus_trees.whole import Whole

import affecthub
from affecthub import Corpus
from affecthub.datasets_scripts.demo.builder import DemoBuilder
from affecthub.datasets_scripts.reading.layout import Tree

# Two sides that two clips a speaker can make.
SIDES = {"fractions": {"train": 0.5, "test": 0.5}, "tolerance": 0.2}


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """The demo corpus: two clips of each of twelve speakers."""
    return demo.make(tmp_path_factory.mktemp("corpus") / "demo")


@pytest.fixture(scope="module")
def cache(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def calls(monkeypatch) -> Counter:
    """How often a folder was listed and the demo's annotations were read."""
    calls: Counter[str] = Counter()
    scan, read = Tree.scan.__func__, DemoBuilder.read_annotations

    def counted_scan(cls, folder):
        calls["scan"] += 1
        return scan(cls, folder)

    def counted_read(self, tree):
        calls["read"] += 1
        return read(self, tree)

    monkeypatch.setattr(Tree, "scan", classmethod(counted_scan))
    monkeypatch.setattr(DemoBuilder, "read_annotations", counted_read)
    return calls


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


# Opened once.


def test_listed_when_opened_and_read_when_asked(root, calls):
    corpus = Corpus("demo", root)
    assert calls == {"scan": 1}
    assert corpus.splits == ["train", "validation", "test"] and corpus.layout == "generated"
    assert calls == {"scan": 1}  # neither takes the annotations
    assert corpus.annotations() is corpus.annotations()
    assert calls == {"scan": 1, "read": 1}


def test_whatever_is_asked_the_files_are_listed_and_read_once(root, tmp_path, calls):
    corpus = Corpus("demo", root)
    assert repr(corpus) == repr(corpus.describe())
    corpus.annotations(), corpus.sides(), corpus.problems
    corpus.verify()
    corpus.load(cache_dir=tmp_path / "cache")
    corpus.load("train", streaming=True)
    corpus.rows(cache_dir=tmp_path / "other_cache")
    corpus.export(tmp_path / "parquet")
    corpus.export(tmp_path / "chat", to="chat-jsonl")
    corpus.split(tmp_path / "mine.json", **SIDES)
    corpus.leaks()
    corpus.leaks(corpus)
    assert calls == {"scan": 1, "read": 1}


def test_asking_leaves_no_trace(root, tmp_path, cache):
    """What was asked before changes no answer."""
    corpus = Corpus("demo", root)
    before = corpus.annotations(), corpus.verify().to_dict(), repr(corpus)
    corpus.load(on_missing_media="error", check_media=False, cache_dir=tmp_path)
    corpus.split(tmp_path / "mine.json", **SIDES)
    assert corpus.annotations().equals(before[0])
    assert (corpus.verify().to_dict(), repr(corpus)) == before[1:]
    assert (
        corpus.load("test", cache_dir=cache)[:]
        == Corpus("demo", root).load("test", cache_dir=cache)[:]
    )


# Each method is its door.


@pytest.mark.parametrize(
    "split", [None, "test", "train[:3]", "train+test[50%:]", "all", ["validation", "test[:1]"]]
)
@pytest.mark.parametrize("protocol", ["official", "speaker_independent"])
def test_load_is_load_dataset(root, cache, split, protocol):
    ours = Corpus("demo", root, protocol=protocol).load(split, cache_dir=cache / "a")
    door = affecthub.load_dataset(
        "demo", data_dir=root, protocol=protocol, split=split, cache_dir=cache / "b"
    )
    assert type(ours) is type(door)
    if split is None:
        assert list(ours) == list(door)
        ours, door = list(ours.values()), list(door.values())
    elif isinstance(split, str):
        ours, door = [ours], [door]
    for one, other in zip(ours, door, strict=True):
        assert one.features == other.features and one[:] == other[:]
        assert len(one) or split is None


def test_load_streams_the_same_rows(root, cache):
    corpus = Corpus("demo", root)
    stored, stream = corpus.load(cache_dir=cache), corpus.load(streaming=True)
    assert isinstance(stream, datasets.IterableDatasetDict) and list(stream) == list(stored)
    for name in stored:
        assert list(stream[name]) == list(stored[name])
    assert list(corpus.load("test", streaming=True)) == list(stored["test"])
    with pytest.raises(ValueError, match="`num_proc` with `streaming`: got num_proc=2"):
        corpus.load(streaming=True, num_proc=2)


def test_rows_are_the_clips_of_all_splits_or_of_one(root, cache):
    corpus = Corpus("demo", root)
    loaded, rows = corpus.load(cache_dir=cache), corpus.rows(cache_dir=cache)
    assert isinstance(rows, datasets.Dataset)
    assert rows["id"][:] == [clip for part in loaded.values() for clip in part["id"]]
    assert sorted(rows["id"]) == sorted(corpus.annotations()["id"].to_pylist())
    assert corpus.rows("test", cache_dir=cache)[:] == loaded["test"][:]
    assert len(corpus.rows("train[:3]", cache_dir=cache)) == 3
    stream = corpus.rows(streaming=True)
    assert isinstance(stream, datasets.IterableDataset) and list(stream) == list(rows)


def test_annotations_are_the_rows_without_media_labels_by_name(root, cache):
    corpus = Corpus("demo", root)
    rows, table = corpus.rows(cache_dir=cache), corpus.annotations()
    kept = [name for name in rows.column_names if name not in ("audio", "video", "face")]
    assert set(table.column_names) == set(kept)
    by_id = {row["id"]: row for row in rows.select_columns(kept)}
    assert len(by_id) == table.num_rows
    labels = {k: f for k, f in rows.features.items() if isinstance(f, datasets.ClassLabel)}
    assert set(labels) == {"emotion", "emotion_basic7", "intensity"}
    for row in table.to_pylist():
        found = by_id[row["id"]]
        assert row == {**found, **{k: f.int2str(found[k]) for k, f in labels.items()}}
    sides = corpus.sides()
    assert list(sides) == corpus.splits
    for name, side in sides.items():
        assert side["id"].to_pylist() == corpus.load(name, cache_dir=cache)["id"][:]


def test_verify_is_its_door(root):
    report = Corpus("demo", root).verify()
    assert report.to_dict() == affecthub.verify("demo", root).to_dict()
    assert report.ok and report.rows == 24


@pytest.mark.parametrize("to", ["parquet", "webdataset", "chat-jsonl"])
@pytest.mark.parametrize("protocol", [None, "speaker_independent"])
def test_export_writes_the_files_of_its_door(root, tmp_path, to, protocol):
    done = Corpus("demo", root, protocol=protocol).export(tmp_path / "a", to=to)
    affecthub.export("demo", tmp_path / "b", root, protocol=protocol, to=to)
    ours, door = files(tmp_path / "a"), files(tmp_path / "b")
    assert ours == door and "README.md" in ours
    assert Path(done) == tmp_path / "a"


def test_a_split_is_a_file_that_loads(root, tmp_path, cache):
    made = Corpus("demo", root).split(tmp_path / "mine.json", **SIDES)
    mine = Corpus("demo", root, protocol=str(tmp_path / "mine.json"))
    assert mine.splits == ["train", "test"]
    loaded = mine.load(cache_dir=cache)
    assert {name: len(rows) for name, rows in loaded.items()} == made.rows
    assert sum(made.rows.values()) == 24
    for name, rows in loaded.items():
        assert set(rows["group_id"]) == set(made.splits[name])
    assert not mine.leaks().found
    # Its path may be cut where the screen ends.
    assert Path(mine.protocol).name == "mine.json" and "train 14, test 10" in repr(mine)
    as_path = Corpus("demo", root, protocol=tmp_path / "mine.json")
    assert as_path.protocol == mine.protocol and as_path.splits == mine.splits


def test_leaks_with_nothing_a_corpus_or_rows(tmp_path, cache):
    root = emotiontalk.make(tmp_path / "talk")
    corpus = Corpus("emotiontalk", root)
    within = corpus.leaks()
    assert within.clips == {
        f"emotiontalk/{name}": len(rows) for name, rows in corpus.sides().items()
    }
    by_hand = affecthub.leakage(corpus.load(cache_dir=cache))
    assert [(leak.kind, leak.n_shared) for leak in within.leaks] == [
        (leak.kind, leak.n_shared) for leak in by_hand.leaks
    ]
    other = Corpus("emotiontalk", root, protocol="speaker_independent")
    both = corpus.leaks(other)
    assert set(both.clips) == {
        f"{side}/emotiontalk/{name}" for side in "ab" for name in corpus.splits
    }
    clips = [leak for leak in both.found if leak.kind == "clips"]
    assert sum(leak.n_shared for leak in clips) == 11  # each clip stands once on either side
    rows = corpus.leaks(other.load(cache_dir=cache))
    assert list(rows.clips) == [*within.clips, "train", "validation", "test"]
    assert [(leak.kind, leak.n_shared) for leak in rows.leaks] == [
        (leak.kind, leak.n_shared) for leak in both.leaks
    ]
    table = corpus.leaks(other.annotations())
    assert set(table.clips) == {*within.clips, "b"}


def test_one_split_has_nothing_to_leak_to(root, tmp_path):
    whole = {"column": "corpus", "splits": {"everything": ["demo"]}}
    (tmp_path / "one.json").write_text(json.dumps(whole))
    corpus = Corpus("demo", root, protocol=str(tmp_path / "one.json"))
    with pytest.raises(ValueError, match="`b`: got None beside one set.*demo/everything"):
        corpus.leaks()
    assert corpus.leaks(Corpus("demo", root)).found


# What is chosen.


def test_defaults_and_choices(root, tmp_path):
    corpus = Corpus("demo", root)
    assert (corpus.name, corpus.config, corpus.protocol) == ("demo", "default", "official")
    assert corpus.data_dir == str(root) and corpus.problems == []
    talk = emotiontalk.make(tmp_path / "talk")
    four = Corpus("emotiontalk", talk, "four", protocol="speaker_independent")
    assert (four.config, four.protocol) == ("four", "speaker_independent")
    seven = Corpus("emotiontalk", talk)
    assert set(four.annotations()["emotion"].to_pylist()) < set(
        seven.annotations()["emotion"].to_pylist()
    )
    assert {name: len(rows) for name, rows in four.sides().items()} != {
        name: len(rows) for name, rows in Corpus("emotiontalk", talk, "four").sides().items()
    }


def test_open_corpus_opens_a_corpus(root, tmp_path):
    opened = affecthub.open_corpus("demo", root, "default", protocol="speaker_independent")
    assert type(opened) is Corpus
    corpus = Corpus("demo", root, "default", protocol="speaker_independent")
    assert repr(opened) == repr(corpus) and opened.annotations().equals(corpus.annotations())
    folder = emotiontalk.make(tmp_path / "talk")
    with pytest.raises(ValueError, match="unknown option of emotiontalk: got 'columns'"):
        affecthub.open_corpus("emotiontalk", folder, columns={})


def test_other_folders_complete_a_corpus(tmp_path):
    root, roots = emos.make(tmp_path / "emos"), emos.roots(tmp_path / "roots")
    alone, whole = Corpus("emos", root), Corpus("emos", root, roots=roots)
    assert all(f"{name}: not given" in alone.describe().facts["roots"] for name in roots)
    found = [f"{name}: {folder}" for name, folder in roots.items()]
    assert sorted(whole.describe().facts["roots"].splitlines()) == sorted(found)
    assert whole.verify().to_dict() == affecthub.verify("emos", root, roots=roots).to_dict()
    with pytest.raises(ValueError, match="unknown root of emos: got 'melt'.*'meld'"):
        Corpus("emos", root, roots={"melt": roots["meld"]})


def test_home_is_understood(root, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(root.parent))
    corpus = Corpus("demo", f"~/{root.name}")
    assert corpus.data_dir == str(root) and corpus.annotations().num_rows == 24
    monkeypatch.setenv("HOME", str(tmp_path))
    corpus.split("~/mine.json", **SIDES)
    assert (tmp_path / "mine.json").is_file()
    assert Corpus("demo", root, protocol="~/mine.json").splits == ["train", "test"]
    assert Path(corpus.export("~/out", embed_media=False)) == tmp_path / "out"
    assert (tmp_path / "out" / "README.md").is_file()


# What is refused.


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"name": "dmeo"}, "unknown corpus: got 'dmeo'.*Did you mean 'demo'"),
        ({"config": "defualt"}, "unknown config of demo: got 'defualt'.*'default'"),
        ({"protocol": "oficial"}, "unknown protocol of demo: got 'oficial'.*'official'"),
        ({"colums": {}}, "unknown option of demo: got 'colums'"),
        ({"roots": {"meld": "."}}, "unknown root of demo: got 'meld'"),
        ({"data_dir": None}, "`data_dir`: got None, expected a folder"),
    ],
)
def test_names_it_does_not_know(root, arguments, message):
    with pytest.raises(ValueError, match=message):
        Corpus(**{"name": "demo", "data_dir": root, **arguments})


def test_folders_that_are_not_the_corpus(root, tmp_path):
    with pytest.raises(FileNotFoundError, match="nothing there.*of demo"):
        Corpus("demo", tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="a file.*expected a folder"):
        Corpus("demo", root / "annotations.jsonl")
    with pytest.raises(ValueError, match="meld"):
        Corpus("meld", root)
    with pytest.raises(FileNotFoundError, match="split file .*mine.json: got nothing there"):
        Corpus("demo", root, protocol=str(tmp_path / "mine.json"))


@pytest.mark.parametrize("split", ["tets", "train+tets", "tets[:3]", ["train", "tets"]])
def test_a_split_it_does_not_have_is_refused_before_anything_is_prepared(root, tmp_path, split):
    corpus = Corpus("demo", root)
    for ask in (corpus.load, corpus.rows):
        with pytest.raises(ValueError, match="unknown split of demo: got 'tets'.*'test'"):
            ask(split, cache_dir=tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_options_it_does_not_have(root, tmp_path):
    corpus = Corpus("demo", root)
    with pytest.raises(ValueError, match="unknown `on_missing_media`: got 'skip'"):
        corpus.load(on_missing_media="skip")
    with pytest.raises(ValueError, match="unknown option of demo: got 'chek_media'"):
        corpus.load(chek_media=False)
    with pytest.raises(ValueError, match="unknown `to`: got 'parket'"):
        corpus.export(tmp_path / "out", to="parket")
    with pytest.raises(ValueError, match="unknown column of demo: got 'speaker'"):
        corpus.split(tmp_path / "mine.json", column="speaker")
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def generated(tmp_path_factory):
    """Small trees of corpora with labels, sentiment or descriptions."""
    return {
        name: Whole.make(name, tmp_path_factory.mktemp(name))
        for name in ("folder", "ch_sims", "mer_caption", "iemocap")
    }


@pytest.mark.parametrize("name", ["folder", "ch_sims", "mer_caption", "iemocap"])
def test_every_kind_of_corpus_equals_its_doors(generated, name):
    whole = generated[name]
    corpus = Corpus(name, whole.root, roots=whole.roots)
    assert (
        corpus.verify().to_dict() == affecthub.verify(name, whole.root, roots=whole.roots).to_dict()
    )
    loaded = corpus.load(cache_dir=whole.cache)
    assert {key: len(rows) for key, rows in loaded.items()} == {
        key: len(rows) for key, rows in corpus.sides().items()
    }
    assert {key: rows[:] for key, rows in loaded.items()} == {
        key: rows[:] for key, rows in whole.rows.items()
    }
    assert f"{corpus.annotations().num_rows:,}" in repr(corpus)


def test_a_copy_opens_the_folder_anew(tmp_path):
    root = affecthub.make_demo(tmp_path / "demo", n_clips=42, n_speakers=3)
    corpus = affecthub.Corpus("demo", root, protocol="speaker_independent")
    for copied in (pickle.loads(pickle.dumps(corpus)), copy.deepcopy(corpus)):
        assert (copied.layout, copied.protocol) == (corpus.layout, "speaker_independent")
        assert copied.annotations().equals(corpus.annotations())
        assert copied.splits == corpus.splits
    assert len(pickle.dumps(corpus)) < 1000
