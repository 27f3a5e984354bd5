import csv

import pytest

from affecthub.training.annotating.people import COLUMNS, Checked, check_round


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def fill(path, **changes):
    rows = rows_of(path)
    for row in rows:
        row.update(changes.get(row["id"], {}))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def test_a_table_goes_out_and_comes_back(tmp_path):
    table = tmp_path / "people" / "seen.csv"
    texts = {"a": "He smiles,\nthen nods.", "b": "一笑"}
    assert check_round(table, texts, {"a": "Hello"}) == {}
    first = rows_of(table)
    assert [row["after"] for row in first] == ["He smiles,\nthen nods.", "一笑"]
    assert first[0]["subtitle"] == "Hello"
    fill(table, a={"after": "He nods.", "checker": "one", "note": "no smile"})
    assert check_round(table, texts, {}) == {
        "a": Checked("He smiles,\nthen nods.", "He nods.", "one", "no smile")
    }
    assert check_round(table, texts | {"c": "new"}, {})["a"].after == "He nods."
    assert [row["id"] for row in rows_of(table)] == ["a", "b", "c"]
    assert rows_of(table)[0]["note"] == "no smile"


@pytest.mark.parametrize("text", ["- He smiles", "=1+1", "'-'", "@home", "'=x", "''-", "'tis"])
def test_a_text_is_no_formula_and_comes_back_as_it_was(tmp_path, text):
    table = tmp_path / "t.csv"
    check_round(table, {"a": text}, {"a": text})
    assert not rows_of(table)[0]["before"].startswith(("=", "-", "+", "@"))
    assert check_round(table, {"a": text}, {}) == {}
    fill(table, a={"checker": "one"})
    assert check_round(table, {"a": text, "b": "more"}, {}) == {"a": Checked(text, text, "one")}
    assert check_round(table, {"a": text, "b": "more"}, {}) == {"a": Checked(text, text, "one")}


def test_a_quote_that_a_spreadsheet_took_away_changes_nothing(tmp_path):
    check_round(tmp_path / "t.csv", {"a": "- He smiles"}, {})
    fill(tmp_path / "t.csv", a={"before": "- He smiles", "after": "- He frowns", "checker": "one"})
    checked = check_round(tmp_path / "t.csv", {"a": "- He smiles"}, {})
    assert checked["a"].after == "- He frowns"


def test_rows_that_nobody_touched_follow_the_step_before(tmp_path):
    table = tmp_path / "t.csv"
    check_round(table, dict.fromkeys("abc", "old"), {})
    fill(table, b={"after": "changed"}, c={"checker": "one"})
    assert check_round(table, {"a": "new", "b": "old", "c": "old"}, {}).keys() == {"c"}
    assert [row["before"] for row in rows_of(table)] == ["new", "old", "old"]
    for clip in "bc":  # somebody's work is not thrown away
        with pytest.raises(ValueError, match=f"clip '{clip}' was checked for another text"):
            check_round(table, {"a": "new", "b": "old", "c": "old"} | {clip: "new"}, {})


def test_all_of_a_text_may_be_wrong(tmp_path):
    check_round(tmp_path / "t.csv", {"a": "made up"}, {})
    fill(tmp_path / "t.csv", a={"after": "", "checker": "one"})
    assert check_round(tmp_path / "t.csv", {"a": "made up"}, {})["a"].after == ""


def test_columns_of_people_and_rows_of_dropped_clips_stay(tmp_path):
    table = tmp_path / "t.csv"
    table.write_text(",".join([*COLUMNS, "mood"]) + "\ngone,,x,y,one,,good\n", encoding="utf-8")
    assert check_round(table, {"a": "x"}, {}) == {}
    assert rows_of(table)[0]["mood"] == "good" and rows_of(table)[1]["mood"] == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("id,before\na,x\n", "lacks column 'subtitle'"),
        ("", "lacks column 'id'"),
        (",".join(COLUMNS) + "\na,,x,x,one,\na,,x,x,one,\n", "line 3: got clip 'a' twice"),
        (",".join(COLUMNS) + "\na,,other,x,one,\n", "checked for another text"),
    ],
)
def test_tables_that_do_not_fit(tmp_path, text, told):
    (tmp_path / "t.csv").write_text(text)
    with pytest.raises(ValueError, match=told):
        check_round(tmp_path / "t.csv", {"a": "x"}, {})


def test_a_table_in_another_encoding(tmp_path):
    (tmp_path / "t.csv").write_bytes(
        ",".join(COLUMNS).encode() + "\na,,你好,你好,x,\n".encode("gbk")
    )
    with pytest.raises(ValueError, match="UTF-8"):
        check_round(tmp_path / "t.csv", {"a": "你好"}, {})
