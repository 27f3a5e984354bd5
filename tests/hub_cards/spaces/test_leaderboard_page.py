"""The leaderboard in a browser: it loads, sorts, filters, speaks two languages, fits a phone."""

import csv

import pytest
from browser import flaws, serve, too_wide

from affecthub.hub_cards.spaces.leaderboard.launching import gather
from affecthub.hub_cards.spaces.leaderboard.page import build
from affecthub.hub_cards.spaces.leaderboard.style import CSS
from affecthub.hub_cards.spaces.look import launching

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def url(tmp_path_factory, write_result):
    root = tmp_path_factory.mktemp("results")
    about = "modalities: avt\nanswers: https://example.com/answers\n"
    write_result(root, "good", 0.6, about)
    write_result(root, "best", 0.7, "modalities: at")
    write_result(root, "other", 0.8, lexicon={"name": "mer2026", "version": "1"})
    (root / "bad").mkdir()
    (root / "bad" / "bench.json").write_text('{"benchmark": ')
    with serve(build(*gather([root])), **launching(CSS)) as address:
        yield address


def systems(page):
    return page.locator("tbody:not(.lb-floors) th.lb-system .lb-name").all_inner_texts()


def wait_for_status(page, text):
    page.locator("[data-status]", has_text=text).wait_for()


def choose(page, label, option):
    page.get_by_label(label, exact=True).first.click()
    page.get_by_role("option", name=option, exact=True).click()


def test_it_loads_and_is_open_to_everybody(open_page, url):
    page = open_page(url)
    wait_for_status(page, "22 systems shown, sorted by Mean, highest first.")
    assert systems(page)[:3] == ["best", "good", "other"]
    assert flaws(page) == []
    assert too_wide(page) == []
    link = page.get_by_role("link", name="Answers of good")
    assert link.get_attribute("href") == "https://example.com/answers"
    # A file that cannot be read is named, and the page stands.
    assert "bad/bench.json: This is no JSON" in page.locator(".lb-bad").inner_text()


def test_it_sorts_by_keyboard(open_page, url):
    page = open_page(url)
    wait_for_status(page, "sorted by Mean")
    head = page.get_by_role("columnheader", name="MELD")
    button = head.get_by_role("button")
    button.focus()
    page.keyboard.press("Enter")
    wait_for_status(page, "sorted by MELD, highest first")
    assert head.get_attribute("aria-sort") == "descending"
    assert page.get_by_label("Sort by").input_value() == "MELD"
    page.wait_for_function("document.activeElement.dataset.sort == 'meld'")
    page.keyboard.press("Enter")
    wait_for_status(page, "lowest first")
    assert systems(page)[:2] == ["good", "best"]
    assert "sorted by MELD, lowest first" in page.locator(".ah-unseen[role=status]").inner_text()


def test_it_filters_and_the_floor_stays(open_page, url, tmp_path):
    page = open_page(url)
    wait_for_status(page, "22 systems")
    assert page.locator(".lb-unlike").count() == 1
    page.get_by_label("Rows stated by the paper").uncheck()
    wait_for_status(page, "3 systems")
    choose(page, "Lexicon", "mer2026 1")
    wait_for_status(page, "1 systems")
    assert systems(page) == ["other"]
    assert page.locator(".lb-unlike").count() == 0
    choose(page, "What a system is given", "audio + text")
    wait_for_status(page, "No system fits")
    assert page.locator(".lb-floor").count() == 2
    choose(page, "Lexicon", "All, ranked apart")
    wait_for_status(page, "1 systems")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download this table").click()
    download.value.save_as(tmp_path / "table.csv")
    with (tmp_path / "table.csv").open(encoding="utf-8-sig") as file:
        assert [row["system"] for row in csv.DictReader(file)] == ["best"]


def test_it_speaks_chinese_and_english(open_page, url):
    page = open_page(url, locale="zh-CN")
    page.get_by_role("heading", name="MER-UniBench 排行榜").wait_for()
    wait_for_status(page, "显示 22 个系统")
    assert page.get_by_label("排序").input_value() == "平均"
    assert page.evaluate("document.documentElement.lang").startswith("zh")
    page.get_by_label("English").check()
    wait_for_status(page, "22 systems")
    page.get_by_role("heading", name="Read with care").wait_for()
    assert page.evaluate("document.documentElement.lang") == "en"


def test_it_fits_a_phone_in_the_dark(open_page, url):
    page = open_page(f"{url}?lang=zh", width=390, height=844, dark=True)
    wait_for_status(page, "显示 22 个系统")
    assert too_wide(page) == []
    assert flaws(page) == []
    box = page.locator(".lb-scroll")
    assert box.evaluate("e => e.scrollWidth > e.clientWidth")
    page.get_by_role("columnheader", name="OV-MERD+").get_by_role("button").click()
    wait_for_status(page, "OV-MERD+")
    # The column that was asked for is moved into the window, beside the names.
    page.wait_for_function("document.querySelector('.lb-scroll').scrollLeft > 100")
    ground = page.locator(".lb-scroll").evaluate("e => getComputedStyle(e).backgroundColor")
    assert ground == "rgb(23, 26, 35)"
