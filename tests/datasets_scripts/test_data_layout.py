"""Listing a data folder: trees named, links followed, paths out refused, tars read in place."""

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


def paths(tree: Tree) -> list[str]:
    return [file.path for file in tree.files]


def test_links_are_followed_wherever_they_lead(tmp_path):
    """What the keeper of a folder linked into it belongs to it, on whatever disk it lies."""
    elsewhere = tmp_path / "disk2" / "clips"
    (elsewhere / "deep").mkdir(parents=True)
    (elsewhere / "deep" / "c1.wav").write_bytes(b"12345")
    (tmp_path / "disk2" / "labels.csv").write_text("id\nc1\n")
    root = tmp_path / "corpus"
    root.mkdir()
    (root / "labels.csv").symlink_to("../disk2/labels.csv")
    (root / "wav").symlink_to(elsewhere, target_is_directory=True)
    tree = Tree.scan(root)
    assert paths(tree) == ["labels.csv", "wav/deep/c1.wav"] and tree.files[1].size == 5
    assert tree.read(tree.files[0]) == b"id\nc1\n" and tree.troubles() == []
    before = tree.stamps
    (elsewhere / "deep" / "c1.wav").write_bytes(b"123456")  # which a cache must notice
    assert Tree.scan(root).stamps != before


def test_a_download_of_the_hub(tmp_path):
    """``snapshots/<revision>/file -> ../../blobs/<hash>``: the snapshot, or the whole."""
    repo = tmp_path / "datasets--lab--corpus"
    snapshot = repo / "snapshots" / "0a1b"
    (repo / "blobs").mkdir(parents=True)
    for name, blob in (("mm.csv", "b10b"), ("audio/G1/c1.wav", "c0de")):
        (repo / "blobs" / blob).write_text(name)
        path = snapshot / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to("/".join([".."] * (2 + name.count("/")) + ["blobs", blob]))
    tree = Tree.scan(snapshot)
    assert paths(tree) == ["audio/G1/c1.wav", "mm.csv"]
    assert [tree.read(file).decode() for file in tree.files] == paths(tree)
    assert paths(Tree.scan(repo)) == [f"snapshots/0a1b/{path}" for path in paths(tree)]
    (repo / "blobs" / "c0de").unlink()
    assert Tree.scan(snapshot).troubles() == [
        "audio/G1/c1.wav: a link to nothing; the file behind it is gone"
    ]


def test_links_that_never_end_or_lead_nowhere_are_named(tmp_path):
    (tmp_path / "beside.csv").write_text("not of the corpus")
    root = tmp_path / "corpus"
    (root / "sub" / "deep").mkdir(parents=True)
    (root / "sub" / "own.csv").write_text("own")
    (root / "up").symlink_to(tmp_path, target_is_directory=True)
    (root / "sub" / "deep" / "root").symlink_to(root, target_is_directory=True)
    (root / "self").symlink_to("self")
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a")
    (root / "gone.wav").symlink_to(tmp_path / "gone.wav")
    tree = Tree.scan(root)
    assert paths(tree) == ["sub/own.csv"]
    assert tree.above == ["sub/deep/root", "up"]
    assert tree.dangling == ["a", "b", "gone.wav", "self"]
    assert tree.troubles() == [
        "sub/deep/root: a link to a folder that holds it; not followed",
        "up: a link to a folder that holds it; not followed",
        "a and 3 more: links to nothing; the files behind are gone",
    ]
    with pytest.raises(ValueError, match="a and 3 more: links to nothing"):
        recognise(tree, [NEVER], "emos")


def test_folders_that_link_to_each_other_are_listed_once(tmp_path):
    """Twelve folders, each with links to all others: a listing that followed each would not end."""
    folders = [tmp_path / "elsewhere" / f"f{i}" for i in range(12)]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / "x.csv").write_text("1")
        (folder / "y.wav").write_text("1")
    for one in folders:
        for other in folders:
            (one / f"to_{other.name}").symlink_to(other, target_is_directory=True)
    root = tmp_path / "corpus"
    root.mkdir()
    (root / "in").symlink_to(folders[0], target_is_directory=True)
    found = paths(Tree.scan(root))
    assert sum(path.endswith("x.csv") for path in found) == 12
    assert len(found) < 200


def test_a_link_to_a_folder_that_is_listed_gives_its_media_another_path(tmp_path):
    (tmp_path / "raw").mkdir()
    for name in ("label.csv", "c1.mp4"):
        (tmp_path / "raw" / name).write_text("1")
    (tmp_path / "train").symlink_to("raw", target_is_directory=True)
    (tmp_path / ".hidden").mkdir()
    (tmp_path / ".hidden" / "c2.mp4").write_text("1")
    (tmp_path / "more").symlink_to(".hidden", target_is_directory=True)
    found = paths(Tree.scan(tmp_path))
    assert found == ["more/c2.mp4", "raw/c1.mp4", "raw/label.csv", "train/c1.mp4"]


def test_pointers_are_counted_once(tmp_path):
    stub = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 43000\n"
    for name in ("a.wav", "b.wav", "d/c.mp4", "labels.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(stub)
    (tmp_path / "whole.wav").write_bytes(b"RIFF" + bytes(40))
    tree = Tree.scan(tmp_path)
    assert tree.troubles() == [
        "a.wav and 2 more: a Git LFS pointer in place of the file (fetch it with `git lfs pull`)"
    ]
    with pytest.raises(ValueError, match=r"labels\.csv: got a Git LFS pointer"):
        tree.read(tree.named("labels.csv"))
    (tmp_path / "Audio.tar").write_bytes(stub)
    with pytest.raises(ValueError, match=r"Audio\.tar: got a Git LFS pointer .* the tar itself"):
        Tree.scan(tmp_path).open_archives()


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
