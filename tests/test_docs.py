"""Every Markdown link leads somewhere, every room has its card, and every recipe is documented."""

import importlib.util
import re
from pathlib import Path

import pytest

from affecthub.entries import entries

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not {".venv", "demo", "build", "node_modules"} & set(path.relative_to(ROOT).parts[:1])
    and "src" not in path.relative_to(ROOT).parts
)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_relative_links_and_pictures_exist(page):
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8"))
    missing = [link for link in links if not (page.parent / link).exists()]
    assert not missing


def test_the_table_of_corpora_is_current():
    spec = importlib.util.spec_from_file_location("corpora", ROOT / ".ci" / "corpora_table.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert module.current(readme) == readme, "write it anew with: make readme"


def test_tree_in_the_readme_names_things_that_exist():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tree = readme.split("## The tree")[1].split("```")[1]
    folder = ROOT
    for line in tree.strip().splitlines():
        names = re.split(r"\s{2,}", line.strip())[0].split()
        if line[0] != " ":
            folder = ROOT / names[0]
            assert folder.exists(), line
        else:
            assert all((folder / name).exists() for name in names), line


@pytest.mark.parametrize("corpus", sorted(entries()))
def test_dataset_cards_state_licence_and_language(corpus):
    card = (ROOT / "datasets_scripts" / corpus / "README.md").read_text(encoding="utf-8")
    front = card.split("---")[1]
    assert "license:" in front and "language:" in front
