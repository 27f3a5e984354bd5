"""The browser that pages are tested in sees what is wrong with them."""

import asyncio

import pytest
from browser import flaws, screenshot, serve, too_wide

GOOD = """<!doctype html><html lang="en"><title>Good</title><body><h1>One</h1><h2>Two</h2>
<label>Name <input></label><button>Go</button>
<img alt="A dot" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">
<table><caption>Scores</caption><tr><th scope="col">a</th></tr></table></body></html>"""
BAD = """<!doctype html><html><body><h2>Two</h2><h4>Four</h4><input><button></button><img src="">
<table><tr><td>1</td></tr></table><p id="x"></p><p id="x"></p>
<div style="width: 900px">wide</div></body></html>"""


@pytest.fixture
def page_of(tmp_path):
    def write(html):
        file = tmp_path / "page.html"
        file.write_text(html)
        return file.as_uri()

    return write


def test_a_good_page_has_no_flaws(open_page, page_of):
    page = open_page(page_of(GOOD), width=390)
    assert flaws(page) == []
    assert too_wide(page) == []


def test_flaws_are_named(open_page, page_of):
    page = open_page(page_of(BAD), width=390)
    found = "\n".join(flaws(page))
    for flaw in ("no lang", "no title", "no name: <input>", "no name: <button>", "no alt"):
        assert flaw in found
    for flaw in ("no caption", "no heading cells", "h4 after h2", "not one h1", "id twice: x"):
        assert flaw in found
    assert 'style="width: 900px"' in too_wide(page)[0]


def test_errors_and_other_machines_are_held_against_a_page(open_page, page_of):
    page = open_page(
        page_of(
            '<img alt="" src="https://example.com/a.png">'
            "<script>console.error('on purpose'); throw new Error('uncaught')</script>"
        )
    )
    assert any("on purpose" in line for line in page.watch.wrong())
    assert "uncaught" in page.watch.errors
    assert page.watch.foreign == ["https://example.com/a.png"]
    page.watch.expected += ["on purpose", "uncaught"]
    assert page.watch.wrong() == ["asked of another machine: https://example.com/a.png"]
    page.watch.foreign.clear()


def test_dark_width_and_language_reach_the_page(open_page, page_of, tmp_path):
    page = open_page(page_of(GOOD), width=390, height=800, dark=True, locale="zh-CN")
    seen = page.evaluate(
        "[innerWidth, matchMedia('(prefers-color-scheme: dark)').matches, navigator.language]"
    )
    assert seen == [390, True, "zh-CN"]
    picture = screenshot(page, tmp_path / "p" / "page.png")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_other_tests_may_run_loops_while_a_browser_is_open(browser):
    async def answer():
        return 42

    assert asyncio.run(answer()) == 42


def test_an_app_is_served_on_this_machine_alone(open_page):
    import gradio as gr

    with gr.Blocks() as blocks:
        said = gr.Textbox(label="Said")
        heard = gr.Textbox(label="Heard")
        said.change(lambda text: text.upper(), said, heard)
    local = gr.themes.Base(font="sans-serif", font_mono="monospace")
    with serve(blocks, theme=local) as url:
        page = open_page(url)
        page.get_by_label("Said").fill("hello")
        page.wait_for_function("document.querySelectorAll('textarea, input')[1].value == 'HELLO'")
        page.close()
