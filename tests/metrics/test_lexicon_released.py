"""Released lexicon tables: editions, errors that name the file, and a cache that is never stale."""

import csv
import json
import logging
from pathlib import Path

import openpyxl
import pytest

from affecthub.metrics.lexicon import compiled as cache
from affecthub.metrics.lexicon.loading import load_lexicon
from affecthub.metrics.set_f.scores import set_f

WHEEL = [("level1", "level2", "level3"), (" Joyful ", "Glad", "Elated"), (None, None, "Merry")]


def write_sheet(path: Path, rows, title="Sheet1"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    book.save(path)


def synonym_rows(synonyms="cheery, Happy"):
    header = [f"{kind}_run{run}" for run in range(1, 9) for kind in ("word", "synonym")]
    row = [cell for _ in range(8) for cell in ("Elated", synonyms)]
    return [header, row]


@pytest.fixture
def tables(tmp_path, monkeypatch):
    """A folder in the released format with one sector, and a cache of its own."""
    monkeypatch.setenv("AFFECTHUB_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "tables"
    folder.mkdir()
    for number in range(1, 6):
        write_sheet(folder / f"wheel{number}.xlsx", WHEEL)
    write_sheet(folder / "synonym.xlsx", synonym_rows())
    with (folder / "format.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("name", "format"), ("happy", "happy,happier"), ("elated", "")])
    return folder


def cache_files(tmp_path):
    return list((tmp_path / "cache" / "lexicons").iterdir())


def test_forms_synonyms_and_merged_cells(tables):
    lexicon = load_lexicon(tables)
    assert lexicon.identity["name"] == "tables"
    assert len(lexicon.identity["version"]) == 12
    assert lexicon.sectors("Happier") == ("joyful",) * 5
    assert lexicon.sectors("elated", "middle") == ("glad",) * 5
    # merry stands on the wheels but no table lists it as a form, so no label reaches it.
    assert not lexicon.owners("merry")


def test_the_edition_decides_what_a_degenerate_score_is(tables):
    with pytest.warns(UserWarning, match="set_f is nan"):
        scores = set_f(["happy"], ["unknown"], lexicon=tables)
    assert scores["set_f"] != scores["set_f"]
    # Only the presence of the 2026 file is looked at: this one is no archive.
    (tables / "wheel_mapping.npz").write_text("not opened")
    assert set_f(["happy"], ["unknown"], lexicon=tables)["set_f"] == 0


def test_compiled_once_then_read_from_the_cache(tables, tmp_path, monkeypatch):
    first = load_lexicon(tables)
    assert load_lexicon(tables) is first
    cache._compiled.cache_clear()
    monkeypatch.setattr(cache, "read_tables", pytest.fail)
    again = load_lexicon(tables)
    assert again.names == first.names and again.identity == first.identity
    assert again.sectors("happy", "middle") == first.sectors("happy", "middle")
    assert len(cache_files(tmp_path)) == 1


def test_an_edited_table_is_never_served_stale(tables):
    before = load_lexicon(tables)
    write_sheet(tables / "synonym.xlsx", synonym_rows("jolly"))
    after = load_lexicon(tables)
    assert before.sectors("happy") == ("joyful",) * 5
    assert after.sectors("happy") == (None,) * 5
    assert before.identity["version"] != after.identity["version"]


@pytest.mark.parametrize("damage", [b"", b"{", b"\xff\xfe", b'{"sha256": "0"}\n{}'])
def test_a_damaged_cache_file_is_rebuilt(tables, tmp_path, damage, caplog):
    first = load_lexicon(tables)
    (path,) = cache_files(tmp_path)
    good = path.read_bytes()
    path.write_bytes(damage)
    cache._compiled.cache_clear()
    with caplog.at_level(logging.WARNING):
        assert load_lexicon(tables).names == first.names
    assert "compiling the lexicon again" in caplog.text
    assert path.read_bytes() == good


def test_a_cut_off_cache_file_is_rebuilt(tables, tmp_path):
    first = load_lexicon(tables)
    (path,) = cache_files(tmp_path)
    path.write_bytes(path.read_bytes()[:-40])
    cache._compiled.cache_clear()
    assert load_lexicon(tables).names == first.names


def test_a_cache_that_cannot_be_written_is_done_without(tables, tmp_path, monkeypatch, caplog):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("AFFECTHUB_CACHE", str(tmp_path / "file"))
    with caplog.at_level(logging.WARNING):
        assert load_lexicon(tables).owners("happy")
    assert "cannot cache" in caplog.text


def test_the_cache_is_json(tables, tmp_path):
    load_lexicon(tables)
    (path,) = cache_files(tmp_path)
    checksum, document = map(json.loads, path.read_text().splitlines())
    assert set(checksum) == {"sha256"} and document["wheels"][0]["name"] == "wheel1"


def test_missing_tables_are_all_named(tables):
    (tables / "wheel4.xlsx").unlink()
    (tables / "format.csv").unlink()
    with pytest.raises(FileNotFoundError, match="tables: got no format.csv, wheel4.xlsx"):
        load_lexicon(tables)


@pytest.mark.parametrize(
    ("name", "rows", "title", "message"),
    [
        ("wheel2.xlsx", WHEEL, "Table", "wheel2.xlsx has no sheet 'Sheet1': got Table"),
        ("wheel2.xlsx", [("level1", "level2")], "Sheet1", "wheel2.xlsx lacks columns: .* level3"),
        ("wheel2.xlsx", [WHEEL[0], (None, "a", "b")], "Sheet1", "wheel2.xlsx, row 2: got level1"),
        ("wheel2.xlsx", [*WHEEL, ("Sad", None, "b")], "Sheet1", "wheel2.xlsx, row 4: .* level2 ''"),
        ("wheel2.xlsx", [*WHEEL, ("Sad", "a", None)], "Sheet1", "wheel2.xlsx, row 4: .* level3 ''"),
        ("synonym.xlsx", [("word_run1",)], "Sheet1", "synonym.xlsx lacks columns: .*synonym_run1"),
        (
            "synonym.xlsx",
            [synonym_rows()[0], ["odd", "x"] * 8],
            "Sheet1",
            "synonym.xlsx, row 2: got 'odd' in column word_run1",
        ),
    ],
)
def test_a_wrong_table_is_named_with_what_is_wrong(tables, name, rows, title, message):
    write_sheet(tables / name, rows, title)
    with pytest.raises(ValueError, match=message):
        load_lexicon(tables)


def test_a_csv_without_its_columns_and_a_workbook_that_is_none(tables):
    (tables / "format.csv").write_text("word,format\nhappy,happier\n")
    with pytest.raises(ValueError, match="format.csv lacks columns: got word, format, .* name"):
        load_lexicon(tables)
    (tables / "wheel1.xlsx").write_text("no zip")
    with pytest.raises(ValueError, match="wheel1.xlsx is not a workbook"):
        load_lexicon(tables)


def test_every_word_of_the_2025_tables_maps_as_recorded(reference_data):
    lexicon = load_lexicon(reference_data / "emotion_wheel" / "mer2025")
    path = reference_data / "emotion_wheel_reference" / "vocab_mapping_2025.json"
    recorded = json.loads(path.read_text())["vocab"]
    assert len(recorded) == 7386 and set(recorded) == set(lexicon.names)
    mapped = {
        word: [
            lexicon.base_form(word) or "",
            lexicon.synonym(word) or "",
            *(sector or "" for sector in lexicon.sectors(word, "inner")),
            *(sector or "" for sector in lexicon.sectors(word, "middle")),
        ]
        for word in recorded
    }
    assert mapped == recorded


def test_the_two_editions_hold_as_many_forms_as_published(reference_data):
    editions = {year: reference_data / "emotion_wheel" / f"mer{year}" for year in (2025, 2026)}
    assert len(load_lexicon(editions[2025]).names) == 7386
    assert len(load_lexicon(editions[2026]).names) == 7356
