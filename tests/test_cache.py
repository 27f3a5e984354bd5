"""The cache: its folder, keys of contents, and files and folders that are whole or not there."""

import doctest
import hashlib
import os

import pytest

from affecthub import cache
from affecthub.cache import cache_root, content_key, whole_folder, write_whole


def test_doctests():
    result = doctest.testmod(cache)
    assert result.attempted and not result.failed


def test_the_folder_is_the_one_that_was_named(tmp_path, monkeypatch):
    monkeypatch.setenv("AFFECTHUB_CACHE", str(tmp_path))
    assert cache_root() == tmp_path
    monkeypatch.delenv("AFFECTHUB_CACHE")
    assert cache_root().name == "affecthub"


def test_keys_are_of_the_content():
    assert content_key("快乐") == hashlib.sha256("快乐".encode()).hexdigest()
    assert content_key("\ud800") != content_key("\ud801")


def test_a_file_is_written_whole(tmp_path):
    path = tmp_path / "new" / "file.txt"
    write_whole(path, "first")
    write_whole(path, "second")
    plain = tmp_path / "plain"
    plain.write_text("as others write it")
    assert path.stat().st_mode == plain.stat().st_mode
    assert path.read_text() == "second"
    assert os.listdir(path.parent) == ["file.txt"]


def test_a_file_that_cannot_be_written_leaves_the_old_one_alone(tmp_path):
    path = tmp_path / "file.txt"
    write_whole(path, "first")
    with pytest.raises(UnicodeEncodeError):
        write_whole(path, "\ud800")
    assert path.read_text() == "first"
    assert os.listdir(tmp_path) == ["file.txt"]


def test_a_folder_appears_when_it_is_full(tmp_path):
    folder = tmp_path / "tables" / "one"
    with whole_folder(folder) as scratch:
        (scratch / "a").write_text("a")
        assert not folder.exists()
    assert (folder / "a").read_text() == "a"
    assert os.listdir(folder.parent) == ["one"]


def test_a_folder_that_fails_is_not_there(tmp_path):
    with pytest.raises(ZeroDivisionError), whole_folder(tmp_path / "one") as scratch:
        (scratch / "a").write_text("a")
        raise ZeroDivisionError
    assert os.listdir(tmp_path) == []


def test_the_folder_of_whoever_was_first_stays(tmp_path):
    folder = tmp_path / "one"
    with whole_folder(folder) as scratch:
        (scratch / "a").write_text("mine")
        folder.mkdir()
        (folder / "a").write_text("theirs")
    assert (folder / "a").read_text() == "theirs"
