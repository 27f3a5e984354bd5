"""Pages in a headless Chromium: opened, watched for what is wrong with them, looked at.

A test asks for `open_page`, opens an address of this machine and goes on with playwright's own
page. Whatever the page asks of another machine is refused and held against it, as is every error
on its console: both are asserted when the test ends.
"""

import asyncio
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
HERE = {"localhost", "127.0.0.1", "::1"}
# Of the page as it stands: controls without a name, pictures without words, headings out of order.
# A name is looked for where a screen reader looks first; what is not shown is not asked for one.
_FLAWS = """
() => {
  const flaws = [];
  const shown = e =>
    e.checkVisibility({visibilityProperty: true}) && !e.closest('[aria-hidden=true]');
  const what = e => e.outerHTML.replace(/\\s+/g, ' ').slice(0, 120);
  const words = id => (document.getElementById(id)?.textContent ?? '').trim();
  const label = e => [
    e.getAttribute('aria-label'),
    (e.getAttribute('aria-labelledby') ?? '').split(' ').map(words).join(' '),
  ].join('').trim();
  const name = e => [
    label(e),
    ...[...(e.labels ?? [])].map(l => l.textContent),
    e.tagName === 'INPUT' ? (e.type === 'submit' || e.type === 'button' ? e.value : '') : '',
    ['INPUT', 'SELECT', 'TEXTAREA'].includes(e.tagName) ? '' : e.textContent,
    [...e.querySelectorAll('img[alt], svg[aria-label]')]
      .map(i => i.getAttribute('alt') ?? i.getAttribute('aria-label')).join(' '),
    e.getAttribute('title'),
  ].some(text => (text ?? '').trim());
  if (!document.documentElement.lang) flaws.push('html has no lang');
  if (!document.title.trim()) flaws.push('the page has no title');
  const controls = 'button, input:not([type=hidden]), select, textarea, a[href], summary, '
    + '[role=button], [role=checkbox], [role=radio], [role=slider], [role=tab], [role=combobox]';
  for (const e of document.querySelectorAll(controls))
    if (shown(e) && !name(e)) flaws.push('no name: ' + what(e));
  for (const e of document.querySelectorAll('img'))
    if (shown(e) && e.getAttribute('alt') === null) flaws.push('no alt: ' + what(e));
  for (const e of document.querySelectorAll('svg[role=img]'))
    if (shown(e) && !e.getAttribute('aria-label') && !e.querySelector('title'))
      flaws.push('no title: ' + what(e));
  for (const e of document.querySelectorAll('video, audio'))
    if (shown(e) && !label(e) && !e.title) flaws.push('no name: ' + what(e));
  for (const e of document.querySelectorAll('table')) {
    if (!shown(e)) continue;
    if (!e.caption?.textContent.trim() && !label(e)) flaws.push('no caption: ' + what(e));
    if (!e.querySelector('th')) flaws.push('no heading cells: ' + what(e));
  }
  let before = 0;
  const heads = [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].filter(shown);
  if (heads.filter(h => h.tagName === 'H1').length !== 1) flaws.push('not one h1');
  for (const h of heads) {
    const level = Number(h.tagName[1]);
    if (level > before + 1) flaws.push(`h${level} after h${before}: ` + what(h));
    before = level;
  }
  const seen = new Set();
  for (const e of document.querySelectorAll('[id]')) {
    if (e.id && seen.has(e.id)) flaws.push('id twice: ' + e.id);
    seen.add(e.id);
  }
  return flaws;
}
"""
# Elements whose right edge lies outside of the window though nothing around them scrolls.
_TOO_WIDE = """
() => {
  if (document.documentElement.scrollWidth <= innerWidth) return [];
  return [...document.querySelectorAll('body *')]
    .filter(e => e.getBoundingClientRect().right > innerWidth + 1)
    .map(e => e.outerHTML.replace(/\\s+/g, ' ').slice(0, 120)).slice(-5);
}
"""


class Watch:
    """What went wrong on a page so far: errors on its console, and what it asked of others.

    Attributes:
        errors: Of the console, and uncaught.
        foreign: Addresses of other machines that the page asked for; none was let through.
        expected: Parts of errors that a test makes on purpose; these do not count.
    """

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self.expected: list[str] = []

    def follow(self, page: Any) -> None:
        """Listen to a page from before it loads."""
        page.route("**/*", self._let_through)
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.errors.append(str(error)))

    def wrong(self) -> list[str]:
        """One line for each thing that went wrong and was not expected."""
        errors = [e for e in self.errors if not any(part in e for part in self.expected)]
        return [*errors, *(f"asked of another machine: {url}" for url in self.foreign)]

    def _let_through(self, route: Any) -> None:
        if is_here(route.request.url):
            route.continue_()
        else:
            self.foreign.append(route.request.url)
            route.abort()

    def _note(self, message: Any) -> None:
        where = message.location.get("url", "")
        # A refused address is in `foreign` already.
        if message.type == "error" and (is_here(where) or not where):
            self.errors.append(f"{message.text} ({where})")


def is_here(url: str) -> bool:
    """Whether an address is this machine's, or no machine's at all."""
    parts = urlsplit(url)
    return parts.scheme in {"data", "blob", "about", "file"} or parts.hostname in HERE


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The system's Chromium, without a window. Developers without it skip; CI must have it."""
    from playwright.sync_api import sync_playwright

    if not Path(CHROMIUM).exists():
        missing = f"Chromium not found at {CHROMIUM}: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with sync_playwright() as playwright:
        loop = asyncio.get_running_loop()
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM,
            args=[
                "--no-sandbox",
                "--disable-dev-shm-usage",
                "--force-color-profile=srgb",
                "--use-fake-device-for-media-stream",
                "--use-fake-ui-for-media-stream",
            ],
        )
        asyncio._set_running_loop(None)
        yield chromium
        asyncio._set_running_loop(loop)
        chromium.close()
    asyncio._set_running_loop(None)


@pytest.fixture
def open_page(browser) -> Iterator[Callable[..., Any]]:
    """Open an address: ``open_page(url, width=1280, height=900, dark=False, locale="en")``.

    It gives a playwright page in a context of its own, with ``page.watch`` (a `Watch`). When the
    test ends its pages are closed, and anything wrong that was not expected fails the test.
    """
    contexts: list[Any] = []
    watches: list[Watch] = []

    def open_(
        url: str,
        width: int = 1280,
        height: int = 900,
        dark: bool = False,
        locale: str = "en",
        **context: Any,
    ) -> Any:
        contexts.append(
            browser.new_context(
                viewport={"width": width, "height": height},
                color_scheme="dark" if dark else "light",
                reduced_motion="reduce",
                locale=locale,
                **context,
            )
        )
        page = contexts[-1].new_page()
        page.set_default_timeout(60_000)
        page.watch = Watch()
        watches.append(page.watch)
        page.watch.follow(page)
        page.goto(url)
        return page

    with _playwright_loop(browser):
        yield open_
        for context in contexts:
            context.close()
    wrong = [line for watch in watches for line in watch.wrong()]
    assert not wrong, "\n".join(wrong)


@contextmanager
def _playwright_loop(browser: Any) -> Iterator[None]:
    """Let playwright's loop run for a while; outside of it other tests may run loops of theirs."""
    asyncio._set_running_loop(browser._impl_obj._loop)
    try:
        yield
    finally:
        asyncio._set_running_loop(None)


@contextmanager
def serve(blocks: Any, **launch: Any) -> Iterator[str]:
    """Launch a gradio app on a free port of this machine, and close it.

    Args:
        blocks: A `gradio.Blocks` or `gradio.Interface`.
        **launch: More for its ``launch``: ``css``, ``theme``, ``head``, ``allowed_paths``.

    Yields:
        Its address.
    """
    blocks.analytics_enabled = False
    blocks.launch(
        server_name="127.0.0.1",
        share=False,
        quiet=True,
        prevent_thread_lock=True,
        inbrowser=False,
        ssr_mode=False,
        show_error=True,
        **launch,
    )
    try:
        yield blocks.local_url
    finally:
        blocks.close(verbose=False)


def flaws(page: Any) -> list[str]:
    """What keeps people with a screen reader out: one line for each.

    Controls, pictures, tables and media without a name, headings that skip a level, not one
    ``h1``, no language or title of the page, ids that stand twice.
    """
    return page.evaluate(_FLAWS)


def too_wide(page: Any) -> list[str]:
    """Elements that make the whole page scroll sideways; empty where it does not."""
    return page.evaluate(_TOO_WIDE)


def screenshot(page: Any, path: str | Path, *, whole: bool = True) -> Path:
    """Take a picture of the page, from top to bottom or of the window; PNG."""
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(path), full_page=whole, animations="disabled")
    return Path(path)
