"""A corpus is its folder: adding one touches nothing else, ours or another package's."""

import importlib
import sys
from textwrap import dedent

import pytest

import affecthub
from affecthub import entries as module
from affecthub.entries import Entry, entries, entry_of, register_corpus
from affecthub.labels import label_table

BUILDER = """
    import pyarrow as pa
    from affecthub.datasets_scripts.builder import CorpusBuilder
    from affecthub.datasets_scripts.reading.layout import Layout
    from affecthub.datasets_scripts.reading.tables import read_csv
    {more_imports}

    def has_labels(tree):
        return tree.named("labels.csv") is not None

    class HumBuilder(CorpusBuilder):
        {names}
        LAYOUTS = (Layout("csv", "labels.csv", has_labels),)

        def read_annotations(self, tree):
            columns = ("clip", "mood", "who", "said")
            table = read_csv(tree, tree.named("labels.csv"), columns)
            rows = {{
                "id": table["clip"], "emotion": table["mood"], "speaker_id": table["who"],
                "group_id": table["who"], "text": table["said"],
                "language": pa.repeat("en", table.num_rows),
            }}
            return pa.table(rows)
"""
ENTRY = """
    Entry(
        name="{name}", title="Humming: two moods of four people",
        builder="{package}.builder:HumBuilder", languages=("en",), n_rows=8, licence="CC0-1.0",
        may_redistribute=True, how_to_get="Hum.", labels=("glad", "sad"),
    )
"""
PEOPLE = ("ann", "bob", "cem", "dee")


def write_package(folder, name, package):
    """A corpus of another package: an entry, a builder, its splits."""
    root = folder / package
    (root / "splits").mkdir(parents=True)
    (root / "__init__.py").write_text("")
    entry = dedent(ENTRY.format(name=name, package=package)).strip()
    (root / "entry.py").write_text(f"from affecthub.entries import Entry\n\nENTRY = {entry}\n")
    code = dedent(BUILDER).format(more_imports="", names=f'CORPUS = "{name}"')
    (root / "builder.py").write_text(code)
    write_splits(root)
    return root


def write_splits(root):
    for protocol in ("official", "speaker_independent"):
        (root / "splits" / f"{protocol}.json").write_text(
            '{"column": "speaker_id", "splits": {"train": ["ann", "bob"], "test": ["cem", "dee"]}}'
        )


@pytest.fixture
def data_dir(tmp_path):
    folder = tmp_path / "humming"
    folder.mkdir()
    lines = [
        f"h{i},{('glad', 'sad')[i % 2]},{PEOPLE[i // 2]},la la la number {i}" for i in range(8)
    ]
    (folder / "labels.csv").write_text("\n".join(["clip,mood,who,said", *lines]) + "\n")
    return folder


@pytest.fixture(autouse=True)
def forget(monkeypatch, tmp_path):
    """What a test registers or finds is known to it alone."""
    monkeypatch.setattr(module, "_REGISTERED", {})
    monkeypatch.syspath_prepend(tmp_path)
    yield
    for name in [name for name in sys.modules if name.startswith("hum_")]:
        del sys.modules[name]
    module._at_home.cache_clear()
    module._installed.cache_clear()


def check_everything(name, data_dir, tmp_path):
    """Whatever can be done with one of ours."""
    corpus = affecthub.load_dataset(name, data_dir=data_dir, cache_dir=tmp_path / "cache")
    assert {split: len(rows) for split, rows in corpus.items()} == {"train": 4, "test": 4}
    assert corpus["train"].features["emotion"].names == ["glad", "sad"]
    assert corpus["train"][0]["speaker_id"] == "ann"
    report = affecthub.verify(name, data_dir)
    assert report.rows == 8 and report.ok
    assert affecthub.leakage(corpus).found == []
    out = affecthub.export(name, tmp_path / "out", data_dir)
    assert (out / "README.md").is_file()
    assert name in affecthub.list_datasets()


def test_a_registered_corpus_does_all_that_ours_do(data_dir, tmp_path):
    write_package(tmp_path, "humming", "hum_package")
    entry = importlib.import_module("hum_package.entry").ENTRY
    assert affecthub.register_corpus(entry) is entry
    check_everything("humming", data_dir, tmp_path)


def test_a_builder_that_carries_its_entry_is_enough(data_dir, tmp_path):
    root = tmp_path / "hum_single"
    (root / "splits").mkdir(parents=True)
    write_splits(root)
    (root / "__init__.py").write_text("")
    entry = dedent(ENTRY.format(name="humming_alone", package="hum_single")).strip()
    names = "ENTRY = " + entry.replace("\n", "\n        ")
    code = dedent(BUILDER.replace("{names}", "@NAMES@"))
    code = code.format(more_imports="from affecthub.entries import Entry")
    (root / "builder.py").write_text(code.replace("@NAMES@", names.replace("\n    ", "\n")))
    builder = importlib.import_module("hum_single.builder").HumBuilder
    assert register_corpus(builder).name == "humming_alone" == builder.CORPUS
    check_everything("humming_alone", data_dir, tmp_path)


def test_an_installed_package_offers_its_corpus_by_an_entry_point(data_dir, tmp_path):
    write_package(tmp_path, "humming_installed", "hum_installed")
    info = tmp_path / "hum_installed-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hum_installed\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[affecthub.corpora]\n"
        "humming_installed = hum_installed.entry:ENTRY\n"
        "nowhere = hum_nowhere.entry:ENTRY\n"
    )
    module._installed.cache_clear()
    with pytest.warns(UserWarning, match="'nowhere' of hum_installed is left out: ModuleNotFound"):
        assert "humming_installed" in entries()
    check_everything("humming_installed", data_dir, tmp_path)


def test_a_folder_among_ours_is_all_it_takes(data_dir, tmp_path, monkeypatch):
    write_package(tmp_path / "hum_home", "humming_here", "humming_here")
    (tmp_path / "hum_home" / "__init__.py").write_text("")
    file = tmp_path / "hum_home" / "humming_here" / "entry.py"
    file.write_text(
        file.read_text().replace("humming_here.builder", "hum_home.humming_here.builder")
    )
    monkeypatch.setattr(module, "HOME", "hum_home")
    module._at_home.cache_clear()
    assert list(entries()) == ["humming_here"]
    check_everything("humming_here", data_dir, tmp_path)


def test_the_labels_of_an_entry_are_part_of_the_cache_key(data_dir, tmp_path):
    write_package(tmp_path, "humming", "hum_package")
    entry = importlib.import_module("hum_package.entry").ENTRY
    register_corpus(entry)
    first = entry.builder_class()(data_dir=data_dir, cache_dir=str(tmp_path)).hash
    module._REGISTERED.clear()
    changed = Entry(**{**vars(entry), "labels": ("sad", "glad")})
    register_corpus(changed)
    assert entry.builder_class()(data_dir=data_dir, cache_dir=str(tmp_path)).hash != first


def test_a_builder_finds_the_entry_of_its_package(data_dir, tmp_path):
    write_package(tmp_path, "humming", "hum_package")
    builder = importlib.import_module("hum_package.builder").HumBuilder
    assert builder.BUILDER_CONFIGS == []  # nobody has told it yet
    assert register_corpus(builder).name == "humming"
    check_everything("humming", data_dir, tmp_path)


def test_an_entry_point_may_name_a_builder(data_dir, tmp_path, recwarn):
    write_package(tmp_path, "humming_class", "hum_class")
    info = tmp_path / "hum_class-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: hum_class\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(
        "[affecthub.corpora]\nhumming_class = hum_class.builder:HumBuilder\n"
    )
    module._installed.cache_clear()
    assert "humming_class" in entries()
    assert not [warning for warning in recwarn if "left out" in str(warning.message)]
    check_everything("humming_class", data_dir, tmp_path)


def test_words_of_its_own_have_no_basic_emotion(tmp_path):
    write_package(tmp_path, "humming", "hum_package")
    register_corpus(importlib.import_module("hum_package.entry").ENTRY)
    glad, sad = label_table("humming")
    assert (glad["label"], glad["basic7"], sad["basic7"]) == ("glad", None, "sadness")


def test_emer_reads_its_labels_of_mer2023_anew_when_those_change():
    builder = entry_of("emer").builder_class()
    assert "mer2023" in builder.CODE


def test_a_name_is_given_once():
    other = Entry(**{**vars(entry_of("meld")), "title": "Another MELD"})
    with pytest.raises(ValueError, match="'meld' is there already.*Rename yours"):
        register_corpus(other)
    assert register_corpus(entry_of("meld")) is entry_of("meld")  # the same once more is no harm
    with pytest.raises(TypeError, match="expected an Entry, or a CorpusBuilder"):
        register_corpus("meld")


def test_reading_entries_imports_nothing_heavy(run_python):
    code = """
        import sys
        from affecthub.entries import entries
        assert len(entries()) > 14
        print([name for name in ("torch", "datasets", "pyarrow", "numpy") if name in sys.modules])
    """
    assert run_python(code) == "[]"


@pytest.mark.parametrize("name", sorted(entries()))
def test_an_entry_says_all_a_user_asks_for(name):
    entry = entry_of(name)
    assert entry.title and entry.how_to_get and entry.licence and entry.gets_right
    assert set(entry.shares) <= set(entries())
    assert entry.protocols[0] == "official"
    assert len(set(entry.labels)) == len(entry.labels)
