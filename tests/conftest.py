"""Fixtures every room shares: where the released annotation files are, and an offline Hub."""

import os
import subprocess
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from textwrap import dedent

import pytest
from browser import browser, open_page  # noqa: F401  (fixtures, found by name)
from hub_fixtures import hub, hub_client, stock_python  # noqa: F401  (fixtures, found by name)

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("HF_DATASETS_DISABLE_PROGRESS_BARS", "1")
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

ROOT = Path(__file__).resolve().parents[1]
REFERENCE_DATA = Path(os.environ.get("AFFECTHUB_REFERENCE_DATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def reference_data() -> Path:
    """Folder of released annotation files and recorded reference scores.

    The files are other projects' and are not part of the repository. A developer without them
    skips these tests; continuous integration must have them.
    """
    if not REFERENCE_DATA.is_dir():
        missing = (
            f"released annotation files not found at {REFERENCE_DATA}; set AFFECTHUB_REFERENCE_DATA"
        )
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    return REFERENCE_DATA


@pytest.fixture
def run_python():
    """Run lines of Python in a process of their own and return what they print."""

    def run(code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", dedent(code)], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    return run


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.texts: dict[str, list[str]] = {}

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.texts.setdefault(tag, []).append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, "not closed in its turn"

    def handle_data(self, data):
        self.texts[self.open[-1]][-1] += data


@pytest.fixture
def read_page() -> Callable[[str], dict[str, list[str]]]:
    """Read HTML, each tag to the texts of its elements; what is not well-formed fails."""

    def read(html: str) -> dict[str, list[str]]:
        page = _Page()
        page.feed(html)
        page.close()
        assert page.open == []
        return page.texts

    return read


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a case of bytes by its length: what encoders write may hold the time of day.

    Names must be the same in every process that shares the tests.
    """
    return f"{argname} of {len(val)} bytes" if isinstance(val, bytes) else None
