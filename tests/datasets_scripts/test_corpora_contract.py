"""What every corpus promises, whatever its files look like."""

import inspect
import pickle
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest
from corpus_trees.whole import Whole, collate

import affecthub
from affecthub.datasets_scripts import list_datasets
from affecthub.datasets_scripts.card import names_in, read_card
from affecthub.datasets_scripts.protocols.rules import shared_groups
from affecthub.datasets_scripts.row import LEADING_COLUMNS
from affecthub.entries import entries

# Corpora of which nobody knows the speakers or the source videos: they promise no such split.
WITH_GROUPS = [name for name in list_datasets() if entries()[name].groups]
WITHOUT_GROUPS = [name for name in list_datasets() if not entries()[name].groups]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Callable[[str], Whole]:
    """A corpus by its name, written and loaded once for all tests."""

    @cache
    def make(name: str) -> Whole:
        return Whole.make(name, tmp_path_factory.mktemp(name))

    return make


@pytest.fixture(scope="module", params=list_datasets())
def corpus(request, whole) -> Whole:
    return whole(request.param)


def test_entry_is_complete(corpus):
    entry = entries()[corpus.name]
    builder = entry.builder_class()
    assert builder.CORPUS == corpus.name
    assert ("speaker_independent" in entry.protocols) == bool(entry.groups)
    assert entry.protocols[0] == "official"
    folder = Path(inspect.getfile(builder)).parent
    assert (folder / "README.md").is_file()
    assert {path.stem for path in (folder / "splits").glob("*.json")} <= set(entry.protocols)
    opened = builder(data_dir=corpus.root, roots=corpus.roots)
    assert opened.protocols() == entry.protocols
    for protocol in entry.protocols:  # one without a split file is refused unless it makes its own
        assert opened.rule_of(protocol).protocol == protocol
    for protocol in entry.protocols[1:]:
        assert {"train", "test"} <= set(opened.rule_of(protocol).splits), protocol


def test_the_card_says_what_columns_and_configurations_mean(corpus):
    card = read_card(entries()[corpus.name])
    told = set().union(*(names_in(cell) for cell, _ in card.columns))
    if corpus.name != "folder":  # whose own columns are the user's
        assert set(corpus.rows[corpus.split].features) <= told
    configs = entries()[corpus.name].configs
    named = "".join(row[0] for row in card.configs)
    assert len(configs) == 1 or all(f"`{config}`" in named for config in configs)


def test_rows_have_the_leading_columns_first(corpus):
    ids = []
    for rows in corpus.rows.values():
        assert tuple(rows.column_names[: len(LEADING_COLUMNS)]) == LEADING_COLUMNS
        assert set(rows["corpus"]) <= {corpus.name}
        ids += rows["id"]
    assert len(ids) == len(set(ids)) > 0
    assert not {None, ""} & set(ids)


def test_media_of_a_whole_corpus_are_all_there(corpus):
    kinds = entries()[corpus.name].builder_class().MODALITIES
    assert "audio" in kinds  # one corpus has no films
    for rows in corpus.rows.values():
        assert set(rows["media_issue"]) <= {None}
        for kind in {"audio", "video"}.intersection(kinds):
            assert all(item["path"] for item in rows[kind])


def test_labels_are_those_of_the_label_set(corpus):
    rows = corpus.rows[corpus.split]
    names = rows.features["emotion"].names
    labels = [row["emotion"] for part in corpus.rows.values() for row in part]
    assert set(labels) <= {None, *range(len(names))}
    assert any(label is not None for label in labels) == bool(names)


@pytest.mark.parametrize("name", WITH_GROUPS)
def test_speaker_independent_cuts_no_group(whole, name):
    rows = whole(name).load(protocol="speaker_independent", check_media=False)
    assert sum(rows.num_rows.values()) > 0
    assert shared_groups(rows) == {} and shared_groups(rows, "speaker_id") == {}
    assert all(None not in part["group_id"][:] for part in rows.values())


@pytest.mark.parametrize("name", WITHOUT_GROUPS)
def test_speaker_independent_is_refused_where_groups_are_unknown(whole, name):
    with pytest.raises(ValueError, match=r"speaker_independent.*names neither speakers nor source"):
        whole(name).load(protocol="speaker_independent")


def test_every_protocol_and_configuration_loads(corpus):
    entry = entries()[corpus.name]
    for config in entry.configs:
        for protocol in entry.protocols:
            splits = corpus.load(config, protocol=protocol, streaming=True, check_media=False)
            assert any(row["id"] for rows in splits.values() for row in rows), (config, protocol)


@pytest.mark.slow
def test_num_proc_gives_the_same_rows(corpus, tmp_path):
    together = corpus.load(num_proc=2, cache_dir=tmp_path)
    assert {name: rows[:] for name, rows in together.items()} == {
        name: rows[:] for name, rows in corpus.rows.items()
    }


def test_streaming_gives_the_same_rows_in_shards(corpus):
    stream = corpus.load(streaming=True)
    assert list(stream) == list(corpus.rows)
    for split, rows in corpus.rows.items():
        assert list(stream[split]) == list(rows), split
        assert stream[split].num_shards == max(1, min(16, rows.num_rows))
        assert stream[split].features == rows.features


@pytest.mark.slow
def test_data_loader_workers_under_spawn(whole):
    """Both kinds of data set, as trainers read them on systems that cannot fork.

    All corpora by the same two workers, whose start takes longer than the reading.
    """
    from torch.utils.data import ChainDataset, ConcatDataset, DataLoader

    corpora = [whole(name) for name in list_datasets()]
    expected = []
    for corpus in corpora:
        rows = corpus.rows[corpus.split]
        labels = collate(rows)["emotion"].tolist()
        expected += zip(rows["corpus"], rows["id"], labels, strict=True)
    options = {"batch_size": 3, "num_workers": 2, "multiprocessing_context": "spawn"}
    streams = [c.load(split=c.split, streaming=True, check_media=False) for c in corpora]
    mapped = ConcatDataset([corpus.rows[corpus.split] for corpus in corpora])
    for kind in (mapped, ChainDataset(streams)):
        found = []
        for batch in DataLoader(kind, collate_fn=collate, **options):
            found += zip(batch["corpus"], batch["id"], batch["emotion"].tolist(), strict=True)
        assert sorted(found) == sorted(expected)


def test_split_expressions(corpus):
    split, n_rows = corpus.split, corpus.rows[corpus.split].num_rows
    assert corpus.load(split=f"{split}[:2]")["id"][:] == corpus.rows[split]["id"][:2]
    first, second = corpus.load(split=[split, f"{split}[1:]"])
    assert (first.num_rows, second.num_rows) == (n_rows, n_rows - 1)
    assert corpus.load(split="+".join(corpus.rows)).num_rows == sum(corpus.rows.num_rows.values())


def test_map_and_filter(corpus):
    rows = corpus.rows[corpus.split]
    lengths = rows.map(lambda row: {"n": len(row["id"])})
    assert lengths["n"][:] == [len(clip) for clip in rows["id"]]
    assert lengths.remove_columns("n")[:] == rows[:]
    first = rows[0]["id"]
    assert rows.filter(lambda row: row["id"] != first)["id"][:] == rows["id"][1:]


def test_builders_and_streams_pickle_small(corpus):
    builder = entries()[corpus.name].builder_class()(data_dir=corpus.root, roots=corpus.roots)
    assert pickle.loads(pickle.dumps(builder)).tree is None
    stream = builder.as_streaming_dataset(split=corpus.split)
    assert next(iter(pickle.loads(pickle.dumps(stream))))["corpus"] == corpus.name


def test_verify_finds_nothing_wrong(corpus):
    report = affecthub.verify(corpus.name, corpus.root, roots=corpus.roots)
    # The generated folders are whole but small: what is wrong is how many clips a paper counts.
    figures = [f"{c.name}: stated {c.expected}, found {c.found}" for c in report.checks if not c.ok]
    assert set(report.faults) <= set(figures)
    assert report.problems == [] and report.media["issues"] == {}
    assert "speaker_independent" not in report.shared_groups
    assert report.rows == sum(corpus.rows.num_rows.values())


def test_any_two_corpora_concatenate(corpus, whole):
    """Each with the demo corpus, so each with each: equal columns are equal to each other."""
    import affecthub

    parts = [part.rows[part.split] for part in (corpus, whole("demo"))]
    joined = affecthub.join(parts)
    assert joined["id"][:] == parts[0]["id"][:] + parts[1]["id"][:]
    names = [
        None if code is None else rows.features["emotion"].int2str(code)
        for rows in (joined, *parts)
        for code in rows["emotion"]
    ]
    assert names[: len(joined)] == names[len(joined) :]
