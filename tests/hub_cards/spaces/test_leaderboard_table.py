"""The leaderboard's table: what is ranked with what, what is marked, what stands always."""

import csv
import io

import pytest

from affecthub.hub_cards.spaces.leaderboard.choosing import View, groups
from affecthub.hub_cards.spaces.leaderboard.csv_file import as_csv
from affecthub.hub_cards.spaces.leaderboard.reading import read_results
from affecthub.hub_cards.spaces.leaderboard.stated import stated_entries
from affecthub.hub_cards.spaces.leaderboard.table import COLUMNS, render
from affecthub.hub_cards.spaces.look import LANGUAGES, Words

OTHER = {"name": "mer2026", "version": "1"}


@pytest.fixture(scope="module")
def entries(tmp_path_factory, write_result):
    root = tmp_path_factory.mktemp("results")
    write_result(root, "good", 0.7, "modalities: avt")
    write_result(root, "weak", 0.2, "modalities: at")
    write_result(root, "twin", 0.7, "modalities: vt")
    write_result(root, "part", 0.9, sets=("meld", "cmu_mosi"))
    write_result(root, "chosen", 0.8, protocol="official-best-epoch")
    write_result(root, "other", 0.6, lexicon=OTHER)
    return [*read_results([root])[0], *stated_entries()]


def names(group):
    return [(line.rank, line.entry.system) for line in group.lines]


def test_ranks_never_cross_a_lexicon_or_a_protocol(entries):
    found = groups(entries, View(stated=False))
    assert [(group.lexicon, group.protocol) for group in found] == [
        ("mer2025 1", "fixed"),
        ("mer2025 1", "official-best-epoch"),
        ("mer2026 1", "fixed"),
    ]
    # Equal scores share a rank; a mean of two sets is shown and has none.
    assert names(found[0]) == [(1, "good"), (1, "twin"), (3, "weak"), (None, "part")]
    assert names(found[1]) == [(1, "chosen")]
    page = render(entries, View(stated=False))
    assert "unlike lexicons or protocols" in page
    alone = render(entries, View(lexicon="mer2026 1", stated=False))
    assert "unlike lexicons" not in alone


def test_a_set_ranks_whoever_has_it(entries):
    first = groups(entries, View(column="meld", lexicon="mer2025 1", stated=False))[0]
    assert names(first)[0] == (1, "part")
    turned = groups(entries, View(column="meld", ascending=True, stated=False))[0]
    assert names(turned)[0] == (4, "weak")


@pytest.mark.parametrize(
    "view, shown",
    [
        (View(modalities="audio+text"), {"weak", "SALMONN"}),
        (View(protocol="official-best-epoch"), {"chosen", "AffectGPT"}),
        (View(lexicon="mer2026 1", stated=False), {"other"}),
        (View(modalities="unsaid", stated=False), {"part", "chosen", "other"}),
    ],
)
def test_filters_leave_what_fits(entries, view, shown):
    left = {line.entry.system for group in groups(entries, view) for line in group.lines}
    assert shown <= left
    assert "good" not in left


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "view", [View(), View(lexicon="mer2026 1"), View(protocol="none"), View(column="ov_merd")]
)
def test_the_floor_stands_whatever_is_asked(entries, view, language):
    page = render(entries, view, language)
    names = {
        "en": ("Majority answer", "Best constant answer"),
        "zh": ("多数类答案", "最佳固定答案"),
    }
    assert all(name in page for name in names[language])
    assert page.count("<caption>") == 1


def test_scores_that_guessing_reaches_are_marked(entries):
    page = render([entry for entry in entries if entry.system == "weak"], View())
    # Its MER2023, MELD, MOSI, SIMS and SIMS v2 are below; of the other sets the floor is not known,
    # but IEMOCAP's, which its own file tells.
    assert page.count("lb-below") == 6
    strong = render([entry for entry in entries if entry.system == "good"], View())
    assert "lb-below" not in strong


def test_markup_in_a_name_stays_text(tmp_path, write_result):
    file = write_result(tmp_path, "x", system="<img src=x onerror=alert(1)>")
    page = render(read_results([file])[0], View())
    assert "<img" not in page
    assert "&lt;img" in page


def test_the_table_is_well_formed(entries, read_page):
    page = (
        render(entries, View(second=True)).replace("<colgroup", "<x").replace("</colgroup", "</x")
    )
    texts = read_page(page)
    assert len(texts["button"]) == len(COLUMNS)
    assert any("F1" in text for text in texts["small"])


def test_the_csv_holds_what_is_shown(entries):
    rows = list(csv.DictReader(io.StringIO(as_csv(groups(entries, View(stated=False))))))
    assert [row["system"] for row in rows][:2] == ["good", "twin"]
    assert (rows[0]["rank"], rows[0]["meld"], rows[0]["meld_low"]) == ("1", "72.00", "70.00")
    assert rows[3]["rank"] == "" and rows[3]["n_sets"] == "2"


def test_a_formula_in_a_name_is_none_in_the_csv(tmp_path, write_result):
    file = write_result(tmp_path, "x", system="=1+1")
    assert "'=1+1" in as_csv(groups(read_results([file])[0], View()))


def test_words_stand_in_both_languages():
    with pytest.raises(ValueError, match="lacks a in zh"):
        Words({"a": {"en": "A"}})
