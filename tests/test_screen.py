"""How reports are drawn: cells, columns that do not fit, text that is no markup, HTML."""

import pytest

from affecthub.screen import WIDTH, Screen, Section, as_html, as_text, cell

# What a label, a speaker or a folder may be called.
HOSTILE = ("<b>", "</td>", "&amp;", "a \"b\" & 'c'", "[red]x[/red]", ":fire:", "{0}", "<script>1")


class Report(Screen):
    """Two sections, one of them without a title."""

    def heading(self) -> str:
        return "Two clips"

    def sections(self) -> list[Section]:
        return [
            Section("", ["name", "n"], [["a", 1]]),
            Section("Labels", ["", "joy"], [["clips", 2]]),
        ]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, ""),
        (True, "yes"),
        (False, "NO"),
        (0, "0"),
        (2 / 3, "0.6667"),
        (["joy", 1], "joy, 1"),
        (("a",), "a"),
        ("as it is", "as it is"),
    ],
)
def test_cells(value, text):
    assert cell(value) == text


def test_a_report_prints_itself():
    lines = repr(Report()).splitlines()
    assert lines[0] == "Two clips"
    assert "Labels" in lines
    assert [line.split() for line in lines if "│" in line] == [
        ["│", "a", "│", "1", "│"],
        ["│", "clips", "│", "2", "│"],
    ]
    assert str(Report()) == repr(Report())


def test_a_report_in_a_notebook(read_page):
    texts = read_page(Report()._repr_html_())
    assert texts["b"] == ["Two clips"] and texts["caption"] == ["Labels"]
    assert texts["th"] == ["name", "n", "", "joy"]
    assert texts["td"] == ["a", "1", "clips", "2"]


@pytest.mark.parametrize("word", HOSTILE)
def test_nothing_that_is_printed_is_markup(read_page, word):
    sections = [Section(word, [word], [[word], [[word, word]]])]
    text = as_text(word, sections)
    assert text.count(word) == 6 and "\x1b" not in text
    texts = read_page(as_html(word, sections))
    assert texts["b"] == texts["caption"] == texts["th"] == [word]
    assert texts["td"] == [word, f"{word}, {word}"]
    assert set(texts) == {*("p", "b", "table", "caption", "thead", "tbody", "tr", "th", "td")}


def test_no_line_is_wider_than_the_screen_and_nothing_is_lost():
    word = "a" * 300
    text = as_text(word, [Section(word, ["one", word], [[word, "情" * 100]])])
    assert all(len(line) + line.count("情") <= WIDTH for line in text.splitlines())
    assert text.count("a") == 4 * 300 and text.count("情") == 100


@pytest.mark.parametrize("n_labels", [1, 7, 11, 12, 28, 40])
def test_every_count_of_many_labels_is_readable(n_labels):
    labels = {f"label_{i}": 10_000 + i for i in range(n_labels)}
    rows = [[split, *labels.values()] for split in ("train", "total")]
    text = as_text("", [Section("Clips", ["split", *labels], rows)])
    assert max(map(len, text.splitlines())) <= WIDTH
    assert all(text.count(str(n)) == 2 for n in labels.values())
    assert "train" in text and "total" in text


def test_a_wide_table_on_its_side_keeps_what_belongs_together():
    columns = ["split", *(f"label{i}" for i in range(20))]
    text = as_text("", [Section("", columns, [["train", *range(20)], ["test", *range(20, 40)]])])
    lines = [line.replace("│", " ").replace("┃", " ").split() for line in text.splitlines()]
    assert ["split", "train", "test"] in lines
    assert all([f"label{i}", str(i), str(i + 20)] in lines for i in range(20))


def test_a_square_table_stays_as_it_is():
    """A table of confusions has as many rows as columns; turned, it would say the opposite."""
    names = [chr(ord("a") + i) for i in range(13)]
    rows = [[name, *(int(name == other) for other in names)] for name in names]
    lines = as_text("", [Section("", ["true", *names], rows)]).splitlines()
    assert lines[1].replace("┃", " ").split() == ["true", *names]


def test_columns_without_names_have_no_line_of_heads(read_page):
    section = Section("", ["", ""], [["clips", 2]])
    assert len(as_text("", [section]).splitlines()) == 3
    assert "th" not in read_page(as_html("", [section]))


def test_text_is_only_given_back_where_a_notebook_runs(monkeypatch, capsys):
    """Inside of a notebook rich shows what it is told to print; a report is shown there once."""
    monkeypatch.setattr("rich.console._is_jupyter", lambda: True)
    text = as_text("a heading", [Section("", ["a"], [[1]])])
    assert text.splitlines()[0] == "a heading" and len(text.splitlines()) > 3
    assert capsys.readouterr().out == ""
