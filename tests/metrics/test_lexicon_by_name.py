"""Released tables by name: fetched once, checked, and without a network an error that helps."""

import shutil

import pytest

from affecthub import load_metric
from affecthub.metrics.lexicon import compiled as cache
from affecthub.metrics.lexicon import released
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.lexicon.released import RELEASES, fetch_tables


class CopyingManager:
    """Stands for the download manager: takes files from a folder by the last part of the URL."""

    def __init__(self, folder):
        self.folder = folder
        self.asked = []

    def download(self, urls):
        self.asked.append(urls)
        return {name: str(self.folder / url.rsplit("/", 1)[1]) for name, url in urls.items()}


@pytest.fixture(autouse=True)
def _cache_of_its_own(tmp_path, monkeypatch):
    monkeypatch.setenv("AFFECTHUB_CACHE", str(tmp_path / "cache"))
    cache._compiled.cache_clear()


@pytest.fixture(params=sorted(RELEASES))
def name(request):
    return request.param


@pytest.fixture
def folder(reference_data, name):
    return reference_data / "emotion_wheel" / name


@pytest.fixture
def manager(folder):
    return CopyingManager(folder)


def test_fetched_tables_are_those_of_the_folder(name, folder, manager):
    with pytest.warns(UserWarning, match=f"tables of {name} .* non-commercial research"):
        fetched = fetch_tables(name, manager)
    assert fetched.name == name
    assert sorted(path.name for path in fetched.iterdir()) == sorted(RELEASES[name].sha256)
    by_name, by_folder = load_lexicon(name), load_lexicon(folder)
    assert by_name.names == by_folder.names and by_name.identity == by_folder.identity
    # The edition is known without the pickle, which was not asked for.
    assert str(by_name.no_clips) == str(by_folder.no_clips)
    (urls,) = manager.asked
    assert all(RELEASES[name].commit in url for url in urls.values())
    assert not any(url.endswith(".npz") for url in urls.values())


@pytest.mark.filterwarnings("ignore:fetching")
def test_the_second_time_nothing_is_fetched(name, manager):
    first = fetch_tables(name, manager)
    assert fetch_tables(name, manager) == first
    assert len(manager.asked) == 1


@pytest.mark.filterwarnings("ignore:fetching")
def test_a_file_that_changed_is_refused_and_nothing_is_kept(name, folder, tmp_path):
    copy = shutil.copytree(folder, tmp_path / "copy", copy_function=shutil.copyfile)
    copy.chmod(0o755)
    with (copy / "wheel3.xlsx").open("ab") as file:
        file.write(b" ")
    with pytest.raises(ValueError, match="wheel3.xlsx is not the pinned file: got sha256"):
        fetch_tables(name, CopyingManager(copy))
    assert fetch_tables(name, CopyingManager(folder)).is_dir()


@pytest.mark.filterwarnings("ignore:fetching")
@pytest.mark.parametrize("error", [ConnectionError("offline"), FileNotFoundError("no such page")])
def test_without_network_the_error_names_the_folder_option(name, monkeypatch, error):
    class Offline:
        def __init__(self, **options): ...

        def download(self, urls):
            raise error

    monkeypatch.setattr("datasets.DownloadManager", Offline)
    with pytest.raises(ConnectionError, match="Copy that folder .* pass its path as `lexicon`"):
        load_lexicon(name)


@pytest.mark.filterwarnings("ignore:fetching")
@pytest.mark.parametrize("metric", ["set_f", "hit_rate"])
def test_configurations_use_the_tables_of_their_name(name, manager, metric, folder):
    module = load_metric(metric, name)
    module.download_and_prepare(dl_manager=manager)
    assert len(manager.asked) == 1
    scores = module.compute(predictions=["happy"], references=["joyful"])
    assert scores["lexicon"] == load_lexicon(folder).identity
    built_in = module.compute(predictions=["happy"], references=["joyful"], lexicon=load_lexicon())
    assert built_in["lexicon"]["name"] == "affecthub"


def test_other_names_are_paths(tmp_path):
    with pytest.raises(FileNotFoundError, match="or mer2025 or mer2026"):
        load_lexicon(tmp_path / "mer2027")
    with pytest.raises(ValueError, match="unknown lexicon: got 'mer2027', expected one of mer2025"):
        fetch_tables("mer2027")


def test_urls_are_pinned_and_complete(name):
    release = released.RELEASES[name]
    assert len(release.commit) == 40 and len(release.sha256) == 7
    assert all(len(digest) == 64 for digest in release.sha256.values())
