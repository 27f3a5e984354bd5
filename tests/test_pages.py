"""The documentation's pages: made from what is here, each thing once; and the check of the site."""

import re
import shlex
from pathlib import Path

import check_site
import make_pages
import pytest
from pages import command_line, contents, markdown, written

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Every page as it goes to the builder."""
    out = tmp_path_factory.mktemp("made")
    make_pages.write(out)
    return {
        path.relative_to(out / "pages").as_posix(): path.read_text(encoding="utf-8")
        for path in (out / "pages").rglob("*.md")
    }


@pytest.mark.slow
def test_every_corpus_metric_and_room_has_a_page(made):
    for name, entry in written.ours().items():
        assert entry.terms.partition(":")[0] in made[f"corpora/{name}.md"]
        assert f"({name}.md)" in made["corpora/index.md"]
    for card in (ROOT / "metrics").glob("*/README.md"):
        assert f"({card.parent.name}.md#limits)" in made["metrics/index.md"]
    taken = {page.file for pages in contents.contents().values() for page in pages}
    for readme in (ROOT / "training").rglob("README.md"):
        assert readme.relative_to(ROOT).as_posix() in taken


@pytest.mark.slow
def test_pages_have_one_title_and_links_of_their_own(made):
    for path, text in made.items():
        plain = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.DOTALL | re.MULTILINE)
        assert len(re.findall(r"^# ", plain, re.MULTILINE)) == 1, path
        for link in re.findall(r"\]\((?!https?://|#|mailto:)([^)\s#]+)", plain):
            target = (Path(path).parent / link).as_posix()
            target = re.sub(r"(?:^|(?<=/))[^/.]+/\.\./", "", target)
            assert target in made or "pictures/" in target, f"{path}: {link}"


@pytest.mark.slow
def test_every_notebook_is_a_page_with_its_code(made):
    for script in (ROOT / "examples").glob("*.py"):
        page = made[f"notebooks/{script.stem}.md"]
        assert f"({script.stem}.md)" in made["notebooks/index.md"] and "import affecthub" in page
        assert "%%" not in page


@pytest.mark.slow
def test_every_command_and_option_is_told(made):
    page = made["reference/command_line.md"]
    for name, command in command_line.commands():
        section = page.split(f"## {name}\n")[1].split("\n## ")[0]
        for each in command.params:
            if not command_line.is_argument(each) and not each.hidden:
                assert f"`{each.opts[0]}`" in section, (name, each.opts)
            assert each.hidden or each.help or each.name == "as_json", (name, each.name)


@pytest.mark.slow
def test_every_public_name_is_in_the_reference(made):
    import affecthub

    for name in affecthub._PUBLIC:
        assert re.search(rf"^::: affecthub\.\S+\.{name}$", made["reference/index.md"], re.MULTILINE)


PAGES = sorted((ROOT / "docs").glob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_on_the_pages_exist(page):
    """Each line of a block without a language, with its options."""
    known = dict(command_line.commands())
    blocks = re.findall(r"^```\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.M)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    for line in filter(None, lines):
        words = shlex.split(line, comments=True)
        found = [name for name in known if words[: len(name.split())] == name.split()]
        assert found, line
        options = {word for word in words if word.startswith("-")}
        assert options <= command_line.option_names(known[max(found, key=len)]), line


@pytest.mark.slow
def test_python_of_the_front_page_runs(tmp_path, monkeypatch, capsys):
    (block,) = re.findall(
        r"^```python\n(.*?)^```", (ROOT / "docs" / "index.md").read_text(), re.DOTALL | re.M
    )
    monkeypatch.chdir(tmp_path)
    quick = block.replace('make_demo("demo/corpus")', 'make_demo("d", n_clips=42, n_speakers=3)')
    exec(quick, {})
    assert re.fullmatch(r"\d+ [\d.]+", capsys.readouterr().out.strip())


def test_links_lead_to_pages_or_to_the_repository():
    places = {"metrics/set_f/README.md": "metrics/set_f.md", "README.md#install": "start.md"}
    text = (
        "[a](../metrics/set_f/README.md#limits) [b](../LICENSE) [c](../README.md#install) `[d](e)`"
    )
    found = markdown.relink(text, "docs/x.md", "papers/x.md", places, ROOT)
    assert found == (
        "[a](../metrics/set_f.md#limits) "
        "[b](https://github.com/affecthub/affecthub/blob/main/LICENSE) "
        "[c](../start.md#install) `[d](e)`"
    )
    with pytest.raises(ValueError, match=r"x\.md: nothing\.md leads nowhere"):
        markdown.relink("[a](nothing.md)", "docs/x.md", "x.md", {}, ROOT)


def test_sections_are_taken_whole_and_by_name():
    text = "# T\n\n## A\n\n```\n## no\n```\n\n### B\n\n## C\nc\n"
    assert markdown.sections(text, ["A"]) == "## A\n\n```\n## no\n```\n\n### B\n\n"
    assert markdown.title_up(markdown.sections(text, ["A"])).startswith("# A\n\n```\n## no")
    with pytest.raises(ValueError, match="no section 'D'"):
        markdown.sections(text, ["D"])


def test_the_check_of_the_site_finds_what_is_broken(tmp_path):
    (tmp_path / "a.html").write_text(
        '<h2 id="x"></h2><a href="b.html#y"></a><a href="b.html#z"></a><a href="c.html"></a>'
        '<a href="#x"></a><a href="https://d.e/"></a><script src="https://f.g/h.js"></script>'
    )
    (tmp_path / "b.html").write_text('<h2 id="y"></h2><img src="k.png">')
    broken, external = check_site.wrong(tmp_path)
    assert external == {"https://d.e/"}
    assert broken == [
        "a.html: fetches https://f.g/h.js",
        "a.html: b.html#z has no such anchor",
        "a.html: c.html is not there",
        "b.html: k.png is not there",
    ]
