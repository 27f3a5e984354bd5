"""The page of a metric's Space in a browser: scored, mistaken, narrow, dark, in Chinese."""

import re
import runpy
import sys

import evaluate
import pytest
from browser import flaws, serve, too_wide
from playwright.sync_api import expect

from affecthub.hub_cards.metrics import stage_metric

pytestmark = pytest.mark.slow
# A card's tables have no caption in Markdown, and gradio gives some elements an empty id.
NOT_OURS = ("no caption: <table> <thead>", "id twice: ")


@pytest.fixture(scope="module")
def space(tmp_path_factory):
    """The address of the page that the Space of Set-F shows."""
    folder = stage_metric("set_f", tmp_path_factory.mktemp("spaces") / "set_f").folder
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        patch.setattr(evaluate.config, "HF_MODULES_CACHE", str(folder.parent / "modules"))
        for name in [each for each in sys.modules if each.startswith("evaluate_modules")]:
            patch.delitem(sys.modules, name)  # an earlier test's lie in another folder
        app = runpy.run_path(str(folder / "app.py"))
        assert not app["METRIC"].__module__.startswith("affecthub")
        blocks = app["view"](app["METRIC"], "Set-F", "A sentence.", app["CARD"])
        with serve(blocks, css=app["CSS"]) as url:
            yield url


def scored(page):
    page.get_by_role("button", name="Score").click()
    page.get_by_role("region", name="Scores").wait_for()
    return page.get_by_role("region", name="Scores").inner_text()


def test_the_example_a_mistake_and_an_option(space, open_page):
    page = open_page(space)
    # The text below a label, part of the name, speaks of the other box.
    predictions, references = (
        page.get_by_label(re.compile(rf"^\s*{side}")) for side in ("predictions", "references")
    )
    assert "0.8571" in scored(page)
    assert page.get_by_role("region", name="per_wheel").locator("tr").count() == 6
    assert page.get_by_role("heading", name="How it can be gamed").count() == 1
    assert [flaw for flaw in flaws(page) if not flaw.startswith(NOT_OURS)] == []
    # What is wrong is said in words and spoken.
    predictions.fill("happy\nsad")
    references.fill("joy")
    page.get_by_role("button", name="Score").click()
    alert = page.locator("p.amiss")
    alert.wait_for()
    assert alert.get_attribute("role") == "alert"
    assert "got 2 predictions for 1 references" in alert.inner_text()
    # Chinese, and an option.
    predictions.fill("[开心、激动]")
    references.fill("happy")
    page.get_by_role("button", name="Options").press("Enter")
    ring = page.get_by_label(re.compile(r"^\s*ring"))
    ring.click()
    page.get_by_role("option", name="middle").click()
    expect(ring).to_have_value("middle")
    page.get_by_role("button", name="Score").press("Enter")
    page.get_by_role("region", name="Scores").wait_for()
    page.get_by_role("row", name="ring middle").wait_for()
    # The second example fills the boxes.
    page.get_by_role("button", name="Example 1").press("Enter")
    page.wait_for_function("document.querySelector('textarea').value.includes('cheerful')")


def test_narrow_and_dark(space, open_page):
    page = open_page(space + "?__theme=dark", width=390, height=844, dark=True)
    assert "0.8571" in scored(page)
    assert too_wide(page) == []
    color = "getComputedStyle(document.body).getPropertyValue('--body-background-fill')"
    assert page.evaluate("document.body.classList.contains('dark')"), page.evaluate(color)
