"""The demo's page in a browser: a clip in, an answer out, by mouse, by keyboard, on a phone."""

import pytest
from browser import flaws, serve, too_wide
from spoken_model import SAID, asker, clips, model_folder  # noqa: F401 - fixtures

from affecthub.hub_cards.spaces.demo.examples import Example
from affecthub.hub_cards.spaces.demo.page import build, launching

pytestmark = pytest.mark.slow
# Every text that the answer's place has shown, in order.
WATCH = """
() => {
  window.shown = [];
  new MutationObserver(() => {
    const said = document.querySelector('#demo-answer .demo-said')?.textContent;
    if (said && said !== window.shown.at(-1)) window.shown.push(said);
  }).observe(document.getElementById('demo-answer'), {childList: true, subtree: true,
    characterData: true});
}
"""


@pytest.fixture(scope="module")
def address(asker, clips):  # noqa: F811
    examples = [Example(str(clips / "clip.mp4"), "There is a dead rat.")]
    page = build(asker, "small-affectgpt", examples=examples)
    with serve(page, **launching(examples)) as url:
        yield url


def opened(open_page, address, **how):
    page = open_page(address, **how)
    page.wait_for_selector("#demo-status[role=status]", state="attached")
    return page


def ask(page):
    page.locator("#demo-ask").click()
    page.wait_for_selector("#demo-on-wheel .lit")


def upload(page, path, tab="video"):
    page.locator(f"#demo-{tab} input[type=file]").set_input_files(path)


def test_a_clip_is_answered_bit_by_bit(open_page, address, clips):  # noqa: F811
    page = opened(open_page, address)
    assert flaws(page) == []
    upload(page, clips / "clip.mp4")
    page.wait_for_selector("#demo-video video")
    page.locator("#demo-text textarea").fill("There is a <b>dead</b> rat.")
    page.evaluate(WATCH)
    ask(page)
    shown = page.evaluate("window.shown")
    assert shown[-1] == SAID and len(shown) >= 2
    assert all(SAID.startswith(text) for text in shown)
    assert page.locator("#demo-status").inner_text() == f"The model says: {SAID}"
    assert page.locator("#demo-answer .demo-chips li").all_inner_texts() == SAID.split(", ")
    assert "positive" in page.locator("#demo-answer").inner_text()
    assert page.locator("#demo-on-wheel path.sector.lit").count() == 2
    assert page.locator("#demo-support li").count() == 4
    assert page.locator("#demo-seen img").count() == 6
    assert "<b>dead</b>" in page.locator("#demo-seen").inner_text()
    assert flaws(page) == [] and too_wide(page) == []


def test_the_language_is_switched_everywhere(open_page, address, clips):  # noqa: F811
    page = opened(open_page, address)
    page.get_by_text("“There is a dead rat.”").click()
    page.wait_for_selector("#demo-video video")
    ask(page)
    page.get_by_label("中文").check()
    page.get_by_role("button", name="提问").wait_for()
    page.get_by_role("heading", name="哪种模态起了作用").wait_for()
    assert page.evaluate("document.documentElement.lang").startswith("zh")
    latin = page.evaluate(
        "() => document.querySelector('.gradio-container').innerText.split('\\n')"
        ".filter(line => /[A-Za-z]{3}/.test(line) && !/[\\u4e00-\\u9fff]/.test(line))"
    )
    # What is left is the model's answer, what was said, and the name of the other language.
    own = {"English", SAID, "There is a dead rat.", "“There is a dead rat.”"}
    assert {line.strip() for line in latin} - own == set()
    names = page.eval_on_selector_all(
        "#demo-video [aria-label]", "all => all.map(one => one.getAttribute('aria-label'))"
    )
    assert not [name for name in names if name.isascii()]
    assert flaws(page) == []


def test_a_reader_of_chinese_is_met_in_chinese(open_page, address):
    page = opened(open_page, address, locale="zh-CN")
    page.get_by_role("button", name="提问").wait_for()


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("text.mp4", "text.mp4 cannot be read as video or sound"),
        (None, "There is nothing to look at"),
    ],
)
def test_a_bad_clip_is_one_line(open_page, address, clips, file, told):  # noqa: F811
    page = opened(open_page, address)
    page.watch.expected += [
        "media",
        "Media",
        "Format error",
        "DEMUXER",
        "416",
    ]  # the player cannot, either
    if file:
        upload(page, clips / file)
        page.wait_for_selector("#demo-video video, #demo-video [data-named=Clear]")
    page.locator("#demo-ask").click()
    error = page.locator("#demo-status .demo-error")
    error.wait_for()
    assert told in error.inner_text()
    assert str(clips) not in page.content()
    assert not page.locator("#demo-on-wheel").is_visible()
    page.get_by_label("中文").check()
    page.wait_for_function(
        "() => /[\\u4e00-\\u9fff]/.test(document.querySelector('.demo-error').textContent)"
    )


def test_sound_alone_takes_the_place_of_a_film(open_page, address, clips):  # noqa: F811
    page = opened(open_page, address)
    upload(page, clips / "clip.mp4")
    page.wait_for_selector("#demo-video video")
    page.get_by_role("tab", name="Sound alone").click()
    upload(page, clips / "sound.wav", "audio")
    page.wait_for_selector("#demo-audio [data-named=Clear], #demo-audio .waveform-container")
    page.wait_for_selector("#demo-video video", state="detached")
    ask(page)
    seen = page.locator("#demo-seen").inner_text()
    assert "There is no picture in it." in seen
    assert "There is the sound alone" in page.locator("#demo-support").inner_text()


def test_on_a_phone_in_the_dark_nothing_runs_out_of_the_page(open_page, address, clips):  # noqa: F811
    page = opened(open_page, address, width=390, height=844, dark=True)
    assert too_wide(page) == []
    upload(page, clips / "clip.mp4")
    page.wait_for_selector("#demo-video video")
    ask(page)
    assert too_wide(page) == []
    # The answer was brought into view.
    assert page.evaluate("scrollY") > 300
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert max(map(int, background[4:-1].split(","))) < 60


def test_the_keyboard_alone_will_do(open_page, address):
    page = opened(open_page, address)

    def tab_to(selector):
        for _ in range(40):
            page.keyboard.press("Tab")
            if page.evaluate(f"document.activeElement.matches({selector!r})"):
                outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
                assert outline != "none", "focus is not seen"
                return
        raise AssertionError(f"Tab does not reach {selector}")

    tab_to("#demo-text textarea")
    page.keyboard.type("There is a dead rat.")
    tab_to("#demo-ask")
    page.keyboard.press("Enter")
    page.wait_for_selector("#demo-on-wheel .lit")
    assert SAID in page.locator("#demo-status").inner_text()
