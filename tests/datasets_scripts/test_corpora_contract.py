"""What every corpus of the catalog promises, whatever its files look like."""

import inspect
import pickle
from importlib import import_module
from pathlib import Path

import pytest

import affecthub
from affecthub.datasets_scripts import list_datasets
from affecthub.datasets_scripts.catalog import CATALOG
from affecthub.datasets_scripts.row import LEADING_COLUMNS
from affecthub.datasets_scripts.splits import shared_groups


def make(name: str, root: Path) -> Path:
    """Write a small whole corpus; one without a module in `corpus_trees` fails every test."""
    return import_module(f"corpus_trees.{name}").make(root)


@pytest.fixture(scope="module", params=list_datasets())
def corpus(request, tmp_path_factory):
    """A corpus' name and a small folder of it."""
    return request.param, make(request.param, tmp_path_factory.mktemp(request.param) / "corpus")


def test_catalog_is_complete(corpus):
    name, _ = corpus
    entry = CATALOG[name]
    builder = entry.builder_class()
    assert builder.CORPUS == name
    assert {"official", "speaker_independent"} <= set(entry.protocols)
    folder = Path(inspect.getfile(builder)).parent
    assert (folder / "README.md").is_file()
    assert {path.stem for path in (folder / "splits").glob("*.json")} == set(entry.protocols)
    for protocol in entry.protocols:
        assert {"train", "test"} <= set(builder.rule(protocol).splits)


def test_rows_have_the_leading_columns_first(corpus, load):
    name, root = corpus
    rows = load(name, data_dir=root)
    assert tuple(rows["train"].column_names[: len(LEADING_COLUMNS)]) == LEADING_COLUMNS
    ids = [clip for split in rows.values() for clip in split["id"]]
    assert len(ids) == len(set(ids)) > 0
    assert set(rows["train"]["corpus"]) == {name}
    for row in rows["train"]:
        assert row["media_issue"] is None and row["audio"]["path"] and row["video"]["path"]


def test_speaker_independent_cuts_no_group(corpus, load):
    name, root = corpus
    rows = load(name, data_dir=root, protocol="speaker_independent")
    assert shared_groups(rows) == {} and shared_groups(rows, "speaker_id") == {}
    assert None not in rows["train"]["group_id"][:]


def test_every_protocol_and_configuration_loads(corpus, load):
    name, root = corpus
    for config in CATALOG[name].configs:
        for protocol in CATALOG[name].protocols:
            assert load(name, config, data_dir=root, protocol=protocol)["train"].num_rows


@pytest.mark.slow
def test_num_proc_gives_the_same_rows(corpus, load, tmp_path):
    name, root = corpus
    alone = load(name, data_dir=root)
    together = affecthub.load_dataset(name, data_dir=root, num_proc=2, cache_dir=tmp_path / "other")
    for split in alone:
        assert alone[split][:] == together[split][:]


def test_streaming_gives_the_same_rows_in_shards(corpus, load):
    name, root = corpus
    rows = load(name, data_dir=root)
    stream = load(name, data_dir=root, streaming=True)
    assert list(stream) == list(rows)
    for split in rows:
        assert list(stream[split]) == list(rows[split])
        assert stream[split].num_shards == max(1, min(16, rows[split].num_rows))
    assert stream["train"].features == rows["train"].features


def test_split_expressions(corpus, load):
    name, root = corpus
    assert load(name, data_dir=root, split="train[:3]").num_rows == 3
    train, test = load(name, data_dir=root, split=["train", "test"])
    assert load(name, data_dir=root, split="train+test").num_rows == len(train) + len(test)


def test_map_and_filter(corpus, load):
    name, root = corpus
    train = load(name, data_dir=root, split="train")
    assert train.map(lambda row: {"n": len(row["id"])})["n"][0] == len(train[0]["id"])
    first = train[0]["speaker_id"]
    assert 0 < train.filter(lambda row: row["speaker_id"] == first).num_rows < train.num_rows


def test_builders_and_streams_pickle_small(corpus):
    name, root = corpus
    builder = CATALOG[name].builder_class()(data_dir=root)
    assert pickle.loads(pickle.dumps(builder)).tree is None
    stream = builder.as_streaming_dataset(split="train")
    assert next(iter(pickle.loads(pickle.dumps(stream))))["corpus"] == name


def test_verify_finds_nothing_wrong(corpus):
    name, root = corpus
    report = affecthub.verify(name, root)
    assert report.ok, report.problems
    assert report.media["issues"] == {}
    assert "speaker_independent" not in report.shared_groups
    assert sum(report.splits.values()) == report.rows


def test_any_two_corpora_concatenate(load, tmp_path):
    from datasets import Value, concatenate_datasets

    parts = []
    for name in list_datasets():
        root = make(name, tmp_path / name)
        rows = load(name, data_dir=root, split="train").select_columns(list(LEADING_COLUMNS))
        # `emotion` has its own label set in each corpus; as integers the columns agree.
        parts.append(rows.cast_column("emotion", Value("int64")))
    joined = concatenate_datasets(parts)
    assert joined.num_rows == sum(part.num_rows for part in parts)
    assert set(joined["corpus"]) == set(list_datasets())
