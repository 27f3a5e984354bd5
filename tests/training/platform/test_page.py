"""The page in a browser: by keys alone, in two languages, for those who do not see it."""

import json
import threading
import time
from contextlib import contextmanager
from importlib.resources import files

import pytest
import uvicorn
from annotating import TASK, contradictions, work_through
from browser import flaws, too_wide
from sqlalchemy import select

from affecthub.training.platform.tables import votes
from affecthub.training.platform.task import read_task

PAGE = files("affecthub.training.platform") / "page"


@contextmanager
def served(platform):
    """The platform's address on a free port of this machine."""
    server = uvicorn.Server(
        uvicorn.Config(platform.app, host="127.0.0.1", port=0, log_level="warning")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.should_exit = True
        thread.join()


def sign_in(page, platform, name):
    page.wait_for_selector("#token")
    page.keyboard.type(platform.tokens[name])
    page.keyboard.press("Enter")


def until(page, condition, argument=None):
    """Wait until a condition holds; the page's policy forbids playwright's own way of waiting."""
    for _ in range(200):
        if page.evaluate(condition, argument):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came: {condition} {argument}\n{page.inner_text('body')}")


def heading(page, text):
    until(page, "text => document.querySelector('h1')?.textContent === text", text)


def test_both_languages_say_the_same_things():
    english, chinese = (
        json.loads((PAGE / "words" / f"{language}.json").read_text(encoding="utf-8"))
        for language in ("en", "zh")
    )
    assert list(english) == list(chinese)
    for key, text in english.items():
        holes = sorted(part.partition("}")[0] for part in text.split("{")[1:])
        assert holes == sorted(p.partition("}")[0] for p in chinese[key].split("{")[1:]), key
    scripts = "".join(
        each.read_text(encoding="utf-8") for each in PAGE.iterdir() if each.name.endswith(".js")
    )
    unused = [key for key in english if f'"{key}"' not in scripts and not _made(key)]
    assert unused == []


def _made(key: str) -> bool:
    """Whether the name of a text is put together, or comes from the server."""
    prefixes = ("judge_", "see_", "this_", "status_", "view_", "clips_")
    codes = ("labels_differ", "low_confidence", "signs_differ", "fleiss_kappa")
    codes += ("krippendorff_alpha", "text", "sound", "silent", "film", "malformed", "refused")
    codes += ("answered_elsewhere", "round_is_over", "not_its_turn", "later_one_opened")
    codes += ("not_yours", "not_ready", "not_shown", "key_of_another", "faults", "rules")
    return key.startswith(prefixes) or key in codes


@pytest.mark.slow
def test_a_clip_is_labelled_by_keys_alone(begin, open_page):
    platform = begin()
    with served(platform) as url:
        page = open_page(url)
        sign_in(page, platform, "cem")  # begins with d0
        heading(page, "Judge the words")
        assert flaws(page) == []
        page.keyboard.press("Enter")  # nothing is answered
        page.wait_for_selector(".fault:not([hidden])")
        page.keyboard.press("2")
        page.keyboard.press("f")
        page.keyboard.press("Enter")
        heading(page, "Judge the sound")
        until(page, "document.querySelector('audio').duration > 0.7")
        page.keyboard.press("p")
        until(page, "document.querySelector('audio').currentTime > 0")
        page.keyboard.press("1")
        page.keyboard.press("a")
        page.keyboard.press("c")
        page.keyboard.type("1 soft voice")
        page.keyboard.press("Control+Enter")
        heading(page, "Judge the pictures")
        silent = "document.querySelector('video')"
        until(page, f"{silent}.videoWidth > 0")
        page.keyboard.press("2")
        page.keyboard.press("g")
        page.keyboard.press("Enter")
        heading(page, "Judge the whole")
        until(page, f"{silent}.duration > 0.7 && {silent}.videoWidth > 0")
        page.keyboard.press("2")
        page.keyboard.press("g")
        for _ in range(2):  # 0, then -1: below the middle, against joy
            page.keyboard.press(",")
        page.wait_for_selector(".note input")
        page.keyboard.press("Enter")  # not confirmed
        assert page.evaluate("document.activeElement.dataset.rule") is not None
        assert flaws(page) == []
        page.keyboard.press("y")
        page.keyboard.press("Enter")
        heading(page, "Judge the words")
        page.keyboard.press("b")  # the film of the clip before may still be changed
        heading(page, "Judge the whole")
        assert page.inner_text("#said") == "You are changing an answer you gave."
        page.keyboard.press("?")
        page.wait_for_selector("dialog[open]")
        assert flaws(page) == []
        page.keyboard.press("Escape")
    with platform.store.reading() as connection:
        rows = connection.execute(select(votes).order_by(votes.c.n)).all()
    assert [(row.modality, row.answer["emotion"]) for row in rows] == [
        ("text", {"label": "joy", "confidence": 0.7}),
        ("sound", {"label": "anger", "confidence": 0.1}),
        ("silent", {"label": "joy", "confidence": 0.9}),
        ("film", {"label": "joy", "confidence": 0.9}),
    ]
    assert rows[1].answer["style"] == "1 soft voice"
    assert rows[3].answer["sentiment"] == -1 and len(rows[3].confirmed) == 1
    assert all(0 < row.seconds < 60 for row in rows)


@pytest.mark.slow
def test_the_page_checks_rules_as_the_server_does(begin, open_page):
    rules, answers = contradictions()
    questions = [TASK["questions"][0] | {"labels": ["joy", "anger", "neutral"]}]
    questions += [TASK["questions"][1], TASK["questions"][2] | {"in": ["film"]}]
    questions[1] = questions[1] | {"in": ["film"]}
    task = read_task({"questions": questions, "rules": rules}, (), "a task").to_dict()
    with served(begin()) as url:
        page = open_page(url)
        page.wait_for_selector("#token")
        found = page.evaluate(
            """async ([rules, answers]) => {
              const { broken } = await import("/rules.js");
              return answers.map(answer => broken(rules, answer).map(rule => rule.name));
            }""",
            [task["rules"], [answer for answer, _ in answers]],
        )
    assert found == [names for _, names in answers]


@pytest.mark.slow
def test_a_reviewer_decides_and_another_is_told(begin, open_page):
    platform = begin(TASK | {"review": {"negotiation_rounds": 0}})
    work_through(platform.sign_in("ann"))
    work_through(
        platform.sign_in("bob"),
        lambda p: (
            {"label": "anger", "sentiment": -1, "note": "<img src=x onerror=alert(1)>"}
            if (p["item"], p["modality"]) == (2, "film")
            else {}
        ),
    )
    with served(platform) as url:
        pages = [open_page(url), open_page(url, locale="zh-CN", dark=True, width=390)]
        for page, name, title in zip(pages, ("rex", "ruth"), ("Review", "审核"), strict=True):
            page.watch.expected.append("409")
            sign_in(page, platform, name)
            heading(page, title)
            assert flaws(page) == [] and too_wide(page) == []
            page.keyboard.press("1")
        heading(pages[0], "c2 · Film")
        heading(pages[1], "c2 · 完整视频")
        assert "<img src=x onerror=alert(1)>" in pages[0].inner_text("main"), "words, not markup"
        for page, keys in zip(pages, ("2g..", "1g,,"), strict=True):
            assert flaws(page) == [] and too_wide(page) == []
            for key in keys:
                page.keyboard.press(key)
            page.keyboard.press("Enter")
            if page is pages[0]:
                heading(page, "Review")
        until(pages[1], "document.querySelector('#said').textContent.includes('别人先做了')")
        assert "rex" in pages[1].inner_text("main")
        pages[0].goto(f"{url}#progress")
        heading(pages[0], "Progress")
        assert flaws(pages[0]) == []
        # P_o = 4/5, P_e = 0.9^2 + 0.1^2, as in test_review.
        assert "-0.111" in pages[0].inner_text("main")


@pytest.mark.slow
def test_an_ended_session_and_a_dead_server_lose_nothing(begin, open_page):
    platform = begin()
    with served(platform) as url:
        page = open_page(url)
        page.watch.expected += ["401", "ERR_", "Failed to fetch"]
        sign_in(page, platform, "cem")
        heading(page, "Judge the words")
        page.keyboard.press("3")
        with platform.store.writing() as connection:
            connection.exec_driver_sql("DELETE FROM sessions")
        page.keyboard.press("d")
        page.keyboard.press("Enter")
        sign_in(page, platform, "cem")
        heading(page, "Judge the words")
        assert page.locator("input:checked").count() == 2, "what was chosen is chosen again"
        page.route("**/api/votes", lambda route: route.abort())
        page.keyboard.press("Enter")
        until(page, "document.querySelector('#said').textContent.includes('Not saved')")
        page.unroute("**/api/votes")
        heading(page, "Judge the sound")
        page.keyboard.press("3")
        with platform.store.writing() as connection:
            connection.exec_driver_sql("DELETE FROM sessions")
        page.keyboard.press("d")
        page.keyboard.type("cc")
        page.reload()
        sign_in(page, platform, "ann")
        heading(page, "Judge the words")
        assert page.evaluate("Object.keys(sessionStorage).join()") == "who", "of nobody else"
    with platform.store.reading() as connection:
        assert len(connection.execute(select(votes)).all()) == 1
