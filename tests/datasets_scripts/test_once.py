"""Tables that are read by a clip's name, with names that stand several times."""

import pyarrow as pa
import pytest
from hangs import ends

from affecthub.datasets_scripts.reading.layout import Tree
from affecthub.datasets_scripts.reading.once import once_each
from affecthub.datasets_scripts.reading.tables import read_csv


def read(folder, text, ids=None, values=None):
    """The rows that are left, and what is said of them."""
    (folder / "t.csv").write_text(text)
    tree = Tree.scan(folder)
    file = tree.named("t.csv")
    table = read_csv(tree, file, ["name"])
    ids = None if ids is None else pa.array(ids, pa.string())
    rows = once_each(tree, file, table, "name", ids=ids, values=values)
    return [tuple(row.values()) for row in rows.to_pylist()], tree.remarks


DIFFER = "t.csv: 1 clips stand several times with different contents, first 'a' (lines 2, 4); the"
DIFFER += " first row of each is used"


@pytest.mark.parametrize(
    ("text", "ids", "rows", "remarks"),
    [
        ("name,x\na,1\nb,2\n", None, [("a", "1"), ("b", "2")], []),
        ("name,x\na,1\nb,2\na,1\n", None, [("a", "1"), ("b", "2")], []),
        ("name,x\na,1\nb,2\na,3\n", None, [("a", "1"), ("b", "2")], [DIFFER]),
        ("name,x\na,1\nb,2\na,3\n", ["a"], [("a", "1"), ("b", "2")], [DIFFER]),
        # Nobody asks for this clip.
        ("name,x\na,1\nb,2\na,3\n", ["b"], [("a", "1"), ("b", "2")], []),
        ("name,x\na,1\na,1\n", [], [("a", "1")], []),
        (
            "name,x\na,1\n,2\n,3\n",
            ["a"],
            [("a", "1")],
            ["t.csv: 2 rows name no clip, first line 3; they are left out"],
        ),
    ],
)
def test_each_name_once(tmp_path, text, ids, rows, remarks):
    assert read(tmp_path, text, ids) == (rows, remarks)


def test_columns_that_do_not_matter_may_differ(tmp_path):
    text = "name,x,row\na,1,0\na,1,1\n"
    assert read(tmp_path, text, values=["x"]) == ([("a", "1", "0")], [])
    assert len(read(tmp_path, text)[1]) == 1


def test_a_table_of_clips_must_name_each(tmp_path):
    with pytest.raises(ValueError, match=r"t\.csv: row 2 of 2: got a clip without an id"):
        read(tmp_path, "name,x\na,1\n,2\n")


def test_the_subtitles_of_mer2025_are_many(tmp_path):
    """132,171 rows, of which two stand twice."""
    names = [f"samplenew3_{i:08d}" for i in range(132_169)] + ["samplenew3_00000000"] * 2
    table = pa.table({"name": names, "text": ["好的"] * len(names)})
    (tmp_path / "t.csv").write_text("")
    tree = Tree.scan(tmp_path)
    with ends("finding two names among 132,171"):
        rows = once_each(tree, tree.named("t.csv"), table, "name", ids=table["name"])
    assert rows.num_rows == 132_169 and tree.remarks == []
