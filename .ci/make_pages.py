"""The documentation's pages, written into build/pages: ``make docs`` builds the site of them.

    python .ci/make_pages.py

Nothing is told twice: cards, READMEs and sections of them are taken as they stand, with their links
pointed at each other's pages; tables and references are written from the code.
"""

import os
import shutil
import sys
from pathlib import Path

import yaml

sys.path.insert(0, str(Path(__file__).parent))

from pages.contents import ROOT, Page, contents
from pages.markdown import pictures, relink, sections, title_up, without_head

BUILD = ROOT / "build"
# Folders of the repository that have a page.
FOLDERS = {
    "datasets_scripts": "corpora/index.md",
    "metrics": "metrics/index.md",
    "training": "training/index.md",
    "modeling": "affectgpt/index.md",
    "src/affecthub": "reference/index.md",
    "src/affecthub/cli": "reference/command_line.md",
    "docs/paper_index.yaml": "paper_index.md",
    "examples": "notebooks/index.md",
}


def text_of(page: Page) -> str:
    """A page's Markdown, its links still those of its source."""
    file = ROOT / page.file
    if page.write:
        return page.write(file)
    text = without_head(file.read_text(encoding="utf-8"))
    if not page.sections:
        return text
    taken = sections(text, page.sections)
    return title_up(taken) if len(page.sections) == 1 else f"# {page.title}\n\n{taken}"


def places(parts: dict[str, list[Page]]) -> dict[str, str]:
    """File or folder of the repository to the page that shows it."""
    every = [page for pages in parts.values() for page in pages]
    found = dict(FOLDERS)
    for page in every:
        if page.file:
            found.setdefault(page.file, page.path)
            if page.path.startswith("notebooks/"):
                found[page.file.replace(".py", ".ipynb")] = page.path
            slugs = [name.lower().replace(",", "").replace(" ", "-") for name in page.sections]
            found |= {f"{page.file}#{slug}": page.path for slug in slugs}
    return {**found, "README.md": "index.md", "CONTRIBUTING.md": "contributing.md"}


def write(out: Path) -> int:
    """Write every page, its pictures and the navigation.

    Returns:
        How many pages there are.
    """
    parts = contents()
    where = places(parts)
    shutil.rmtree(out / "pages", ignore_errors=True)
    shown: set[str] = set()
    n = 0
    for page in (page for pages in parts.values() for page in pages):
        text = text_of(page)
        shown |= pictures(text, page.file)
        target = out / "pages" / page.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(relink(text, page.file, page.path, where, ROOT), encoding="utf-8")
        n += 1
    for picture in shown:
        copy = out / "pages" / "pictures" / picture
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / picture, copy)
    for name in ("logo.svg", "favicon.svg", "style.css"):
        shutil.copyfile(ROOT / "docs" / name, out / "pages" / name)
    nav = [{part: [{page.title: page.path} for page in pages]} for part, pages in parts.items()]
    (out / "nav.yml").write_text(yaml.safe_dump({"nav": nav}, sort_keys=False), encoding="utf-8")
    return n


if __name__ == "__main__":
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    print(f"{write(BUILD)} pages in {BUILD / 'pages'}")
