"""Listing a data folder: trees named, links and paths out of it refused, tars read in place."""

import gzip
import io
import tarfile

import pyarrow as pa
import pytest

from affecthub.datasets_scripts.reading.layout import (
    Layout,
    Tree,
    leaving,
    looks_like,
    recognise,
)
from affecthub.datasets_scripts.reading.tables import require_inside

NEVER = Layout("tables", "labels.csv", lambda tree: tree.named("labels.csv") is not None)


def add(archive: tarfile.TarFile, name: str, data: bytes = b"data", **fields) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    for field, value in fields.items():
        setattr(member, field, value)
    archive.addfile(member, io.BytesIO(data))


def test_a_listing_is_sorted_and_leaves_hidden_and_foreign_files_out(tmp_path):
    for name in ("b.csv", "a/x.wav", "._b.csv", ".git/c.csv", "a/notes.parquet"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("1")
    tree = Tree.scan(tmp_path)
    assert [file.path for file in tree.files] == ["a/x.wav", "b.csv"]
    assert tree.files[0].stem == "x" and tree.files[0].suffix == ".wav" and tree.files[0].size == 1
    assert tree.read(tree.files[1]) == b"1"


def test_named_takes_any_case_and_the_nearest(tmp_path):
    for name in ("deep/mm.csv", "MM.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    assert Tree.scan(tmp_path).named("mm.csv").path == "MM.csv"
    assert Tree.scan(tmp_path).named("none.csv") is None


@pytest.mark.parametrize("make", [lambda p: None, lambda p: p.write_text("")])
def test_a_missing_folder_is_named(tmp_path, make):
    make(tmp_path / "corpus")
    with pytest.raises(FileNotFoundError, match="corpus.*expected a folder"):
        Tree.scan(tmp_path / "corpus")


def test_links_out_of_the_folder_are_not_followed(tmp_path):
    (tmp_path / "secret.csv").write_text("secret")
    root = tmp_path / "corpus"
    (root / "sub").mkdir(parents=True)
    (root / "x.csv").symlink_to(tmp_path / "secret.csv")
    (root / "up").symlink_to(tmp_path, target_is_directory=True)
    (root / "sub" / "own.csv").write_text("own")
    (root / "own.csv").symlink_to(root / "sub" / "own.csv")
    tree = Tree.scan(root)
    assert [file.path for file in tree.files] == ["own.csv", "sub/own.csv"]
    assert sorted(tree.outside) == ["up", "x.csv"]


def test_tar_members_are_read_by_offset(tmp_path):
    with tarfile.open(tmp_path / "Audio.tar", "w") as archive:
        add(archive, "json", type=tarfile.DIRTYPE, data=b"")
        add(archive, "./json/a.json", b"{1}")
        add(archive, "wav/a.wav", b"sound")
        add(archive, "wav/._a.wav", b"junk")
    tree = Tree.scan(tmp_path)
    tree.open_archives()
    assert [file.path for file in tree.files] == ["Audio.tar/json/a.json", "Audio.tar/wav/a.wav"]
    assert [tree.read(file) for file in tree.files] == [b"{1}", b"sound"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["Audio.tar"]  # nothing extracted


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        ("../a.wav", {}),
        ("wav/../../a.wav", {}),
        ("/etc/a.wav", {}),
        ("C:/a.wav", {}),
        ("a.wav", {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd", "data": b""}),
        ("a.wav", {"type": tarfile.LNKTYPE, "linkname": "b.wav", "data": b""}),
    ],
)
def test_unsafe_tar_members_are_refused(tmp_path, name, fields):
    with tarfile.open(tmp_path / "Audio.tar", "w") as archive:
        add(archive, name, **fields)
    with pytest.raises(ValueError, match=r"Audio\.tar: member .* is unsafe"):
        Tree.scan(tmp_path).open_archives()


def test_a_cut_tar_gives_its_whole_members(tmp_path):
    with tarfile.open(tmp_path / "Audio.tar", "w") as archive:
        add(archive, "a.json", b"1" * 600)
        add(archive, "b.json", b"2" * 600)
    path = tmp_path / "Audio.tar"
    path.write_bytes(path.read_bytes()[: 512 + 1024 + 512 + 100])  # inside b's data
    tree = Tree.scan(tmp_path)
    tree.open_archives()
    assert [file.path for file in tree.files] == ["Audio.tar/a.json"]
    assert tree.truncated == ["Audio.tar"]


@pytest.mark.parametrize("data", [b"", b"no tar" * 200, gzip.compress(b"x" * 5000)])
def test_what_is_no_plain_tar_is_refused(tmp_path, data):
    (tmp_path / "Audio.tar").write_bytes(data)
    with pytest.raises(ValueError, match=r"Audio\.tar: got a file that is not a plain tar"):
        Tree.scan(tmp_path).open_archives()


def test_a_wrong_folder_says_what_was_found_and_what_it_looks_like(tmp_path):
    for name in ("train_sent_emo.csv", "dia0_utt1.mp4"):
        (tmp_path / name).write_text("")
    tree = Tree.scan(tmp_path)
    assert looks_like(tree) == ["meld"]
    with pytest.raises(ValueError) as error:
        recognise(tree, [NEVER], "emotiontalk")
    for part in (str(tmp_path), "emotiontalk", "dia0_utt1.mp4", "labels.csv", "looks like meld"):
        assert part in str(error.value)


def test_an_empty_folder_says_so(tmp_path):
    with pytest.raises(ValueError, match="no data files"):
        recognise(Tree.scan(tmp_path), [NEVER], "emotiontalk")


@pytest.mark.parametrize("path", ["../x", "a/../../x", "/etc/x", "\\x", "C:\\x", "a\\..\\..\\x"])
def test_paths_out_of_the_folder_are_refused(path):
    paths = [None, "a/b.wav", "a..b/x.wav", path]
    assert leaving(paths) == 3
    with pytest.raises(ValueError, match=r"labels\.csv, line 5: path leaves the data folder"):
        require_inside(pa.chunked_array([paths]), "labels.csv")
