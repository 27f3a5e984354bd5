"""Annotation files to Arrow: what is read, what is refused, and fast ways against plain ones."""

import csv
import re
from io import StringIO
from pathlib import PurePosixPath
from random import Random

import pyarrow as pa
import pytest

from affecthub.datasets_scripts.reading.decoding import decode
from affecthub.datasets_scripts.reading.layout import LEAVES, Tree
from affecthub.datasets_scripts.reading.separators import NAMES
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
        (b"name;label\na;x\n", r"missing column: got none called 'id', expected it\. Use"),
        (b"id,label\na\n", "got no readable csv"),
        (b"id,id\na,b\n", "got column 'id' 2 times"),
        (b"name,label\na,b\n", r"missing column: got none called 'id', expected it\. Use"),
        (b" ID,label\na,b\n", r"missing column: got none called 'id', expected it\. Is it ' ID'\?"),
        (b"id;label\na;x\nb;y;z\n", r"line 3: 3 cells between semicolons in 'b;y;z', the header"),
        (b"id,label\na,b\nc\n", r"line 3: 1 cells between commas in 'c', the header has 2"),
        ("id,label\na,радость\n".encode("cp1251"), "got text that is not UTF-8"),
        ("id,label\na,喜び、悲しみ\n".encode("shift-jis"), "got text that is not UTF-8"),
        ("id,label\na,b\n".encode("utf-16")[:-1], "got text that is not utf-16"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "got a Git LFS pointer"),
        (b"/annex/objects/MD5E-s3--0.csv\n", "got a git-annex pointer in place of the file"),
    ],
)
def test_files_that_are_refused(tmp_path, data, message):
    with pytest.raises(ValueError, match=message):
        read(tmp_path, data, "id")


@pytest.mark.parametrize("columns", [(), ("id",), ("id", "text")])
@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_another_separator_is_read_and_told(tmp_path, separator, columns):
    text = 'id,text\na,"one, two"\nb,x\n'.replace(",", separator, 1)
    text = text.replace("a,", f"a{separator}").replace("b,", f"b{separator}")
    table = read(tmp_path, text.encode(), *columns)
    assert table.to_pydict() == {"id": ["a", "b"], "text": ["one, two", "x"]}
    tree = Tree.scan(tmp_path)
    read_csv(tree, tree.named("labels.csv"), columns)
    assert tree.read_as == {"labels.csv": f"{NAMES[separator]} between columns"}


def test_decimal_commas_of_a_file_with_semicolons(tmp_path):
    data = b"id;label;said;row\na;-0,6666667;1,5;1\nb;1;so,so;2\nc;;;3\n"
    table = read(tmp_path, data, "id")
    assert table["label"].to_pylist() == ["-0.6666667", "1", ""]
    assert table["said"].to_pylist() == ["1,5", "so,so", ""]  # some of it is text
    assert table["row"].to_pylist() == ["1", "2", "3"]
    tree = Tree.scan(tmp_path)
    read_csv(tree, tree.named("labels.csv"), ["id"])
    how = "semicolons between columns, decimal commas in label"
    assert tree.read_as == {"labels.csv": how}


def test_a_comma_in_a_header_of_semicolons(tmp_path):
    table = read(tmp_path, b"id;text, as heard\na;b\n", "id")
    assert table.column_names == ["id", "text, as heard"]
    # Without a column to look for, a header that commas divide is divided by them.
    assert read(tmp_path, b"id;text, as heard\na;b,c\n").column_names == ["id;text", " as heard"]


WESTERN = "It’s “fine” – a café, déjà vu… and so on and on\n"


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("id,text\na,b\n", "utf-16"),
        ("id,text\na,高兴\n", "utf-16-le"),
        ("id,text\na,高兴\n", "utf-16-be"),
        ("id,text\na,我们今天很高兴，你好吗？\n", "gbk"),
        ('id,text\na,"“It’s fine”, he said — and left…"\n', "gbk"),
        (f'id,text\na,"{WESTERN.strip()}"\n', "cp1252"),
    ],
)
def test_another_encoding_is_read_where_it_is_certain_and_told(tmp_path, text, encoding):
    (tmp_path / "labels.csv").write_bytes(text.encode(encoding))
    tree = Tree.scan(tmp_path)
    table = read_csv(tree, tree.named("labels.csv"), ["id", "text"])
    assert table["text"].to_pylist() == [next(csv.DictReader(StringIO(text)))["text"]]
    assert tree.read_as == {"labels.csv": f"text of {encoding}"}


def test_western_text_is_no_text_of_other_scripts():
    for text, encoding in (
        ("id,text\na,zażółć gęślą jaźń i tak dalej, i tak dalej\n", "cp1250"),
        ("id,text\na,příliš žluťoučký kůň\n", "cp1250"),
        ("id,text\na,η χαρά\n", "cp1253"),
        ("id,text\na,Ä" + "\xff\n", "latin-1"),
    ):
        with pytest.raises(ValueError, match="is not UTF-8"):
            decode(text.encode(encoding), "a.csv")


def test_control_characters_that_were_quotation_marks(tmp_path):
    """As MELD's files had them until 2020: Windows-1252 read as Latin-1 and saved as UTF-8."""
    text = WESTERN.strip()
    spoilt = text.encode("cp1252").decode("latin-1").encode()
    (tmp_path / "labels.csv").write_bytes(b'id,text\na,"' + spoilt + b'"\nb,\xc2\x81\n')
    tree = Tree.scan(tmp_path)
    table = read_csv(tree, tree.named("labels.csv"), ["id"])
    assert table["text"].to_pylist() == [text, "\x81"]  # which stands for nothing in Windows-1252
    # The apostrophe, two quotation marks, the dash and the dots; é and à are the same in both.
    how = "5 control characters as the quotation marks and dashes they were"
    assert tree.read_as == {"labels.csv": how}


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
