"""Annotation files to Arrow: what is read, what is refused, and fast ways against plain ones."""

import re
from pathlib import PurePosixPath
from random import Random

import pyarrow as pa
import pytest

from affecthub.datasets_scripts.reading.layout import LEAVES, Tree
from affecthub.datasets_scripts.reading.tables import (
    read_csv,
    require_inside,
    require_unique,
    stems,
    to_numbers,
)


def column(*cells: str | None) -> pa.ChunkedArray:
    return pa.chunked_array([cells], pa.string())


def read(folder, data: bytes, *columns: str) -> pa.Table:
    (folder / "labels.csv").write_bytes(data)
    tree = Tree.scan(folder)
    return read_csv(tree, tree.named("labels.csv"), columns)


@pytest.mark.parametrize("seed", range(20))
def test_stems_and_paths_that_leave_are_found_as_by_plain_python(seed):
    rng = Random(seed)
    for _ in range(50):
        paths = ["".join(rng.choices("ab./\\:é", k=rng.randrange(7))) for _ in range(5)]
        chunks = pa.chunked_array([paths[:2], [], paths[2:]], pa.string())
        expected = [path.rpartition("/")[2] for path in paths]
        expected = [name.rpartition(".")[0] if "." in name else name for name in expected]
        assert stems(chunks).to_pylist() == expected
        assert stems(chunks.slice(1)).to_pylist() == expected[1:]
        bad = next((i for i, path in enumerate(paths) if re.search(LEAVES, path)), None)
        if bad is None:
            require_inside(chunks, "labels.csv")
        else:
            with pytest.raises(ValueError, match=f"^labels.csv, line {bad + 2}: path leaves"):
                require_inside(chunks, "labels.csv")


def test_stems_of_nothing_and_of_null():
    assert stems(column()).to_pylist() == []
    assert stems(column("", None, "a/b.c")).to_pylist() == ["", None, "b"]


def test_a_stem_is_what_a_path_library_calls_so():
    paths = ["G00001/G00001_02/clip_1.mp4", "a.tar.gz", "好/片段.wav", "no_suffix"]
    assert stems(column(*paths)).to_pylist() == [PurePosixPath(path).stem for path in paths]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "got no readable csv"),
        (b"id,label\n", "got a header without rows"),
        (b"id;label\na;x\n", r"missing column: got \['id;label'\]"),
        (b"id,label\na\n", "got no readable csv"),
        (b"id,id\na,b\n", "got column 'id' 2 times"),
        (b"name,label\na,b\n", r"missing column: got \['name', 'label'\]"),
        ("id,label\na,高兴\n".encode("gb18030"), "got no readable csv"),
        ("id,label\na,b\n".encode("utf-16"), "labels.csv: got"),
    ],
)
def test_files_that_are_refused(tmp_path, data, message):
    with pytest.raises(ValueError, match=message):
        read(tmp_path, data, "id")


def test_other_separators_are_refused_where_no_column_is_asked_for(tmp_path):
    with pytest.raises(ValueError, match="got one column 'id;label', expected columns between"):
        read(tmp_path, b"id;label\na;x\n")


def test_quoted_lines_and_huge_cells_are_read(tmp_path):
    huge = "x" * 3_000_000
    table = read(tmp_path, f'\ufeffid,text\r\na,"one\ntwo"\r\nb,{huge}\r\n'.encode(), "id", "text")
    assert table.to_pydict() == {"id": ["a", "b"], "text": ["one\ntwo", huge]}


@pytest.mark.parametrize(
    "data",
    [
        b'id,text\na,x\nb,"y\nc,z\n',  # to the end of the file
        b'id,text\na,x\nb,"y\nc,"z"\nd,w\n',  # to the next quotation mark
        b'id,text\r\na,x\r\nb,"y\r\nc,z\r\n',
    ],
)
def test_an_open_quotation_mark_swallows_no_row(tmp_path, data):
    with pytest.raises(ValueError, match=r"labels\.csv, line 3: got a quotation mark that is not"):
        read(tmp_path, data, "id")


def test_quotation_marks_that_swallow_nothing_are_read(tmp_path):
    data = b'id,text\n\na,5" wide\nb,"""so"", he\nsaid"\n'
    assert read(tmp_path, data, "id")["text"].to_pylist() == ['5" wide', '"so", he\nsaid']


def test_numbers():
    assert to_numbers(column("1", " -2.5e1 ", "", ".5"), "f.csv", "n").to_pylist() == [
        1.0,
        -25.0,
        None,
        0.5,
    ]
    for bad in ("NaN", "inf", "1e400", "9" * 400, "1,5", "x", "١"):
        with pytest.raises(ValueError, match=r"^f\.csv, line 3: got .* as `n`, expected a number"):
            to_numbers(column("1", bad), "f.csv", "n")


@pytest.mark.parametrize(
    ("ids", "message"),
    [
        (("a", "b", "a"), "clip 'a' stands 2 times"),
        (("a", None), "row 2 of 2: got a clip without an id"),
        (("", "a"), "row 1 of 2: got a clip without an id"),
    ],
)
def test_ids_must_be_there_once(ids, message):
    with pytest.raises(ValueError, match=f"^f.csv: {message}"):
        require_unique(column(*ids), "f.csv")
    require_unique(column("a", "b"), "f.csv")
    require_unique(column(), "f.csv")
