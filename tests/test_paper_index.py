"""The index of the papers: whole, and every function, command, option and test in it exists."""

import ast
import re
import shlex
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from pages import command_line, paper_index

ROOT = Path(__file__).resolve().parents[1]
PAPERS = {paper["key"]: paper for paper in paper_index.index()}
ITEMS = [(key, item) for key, paper in PAPERS.items() for item in paper["items"]]
# What each paper numbers: equations and tables, 1 to n.
NUMBERED = {"affectgpt": (13, 13), "emotiontalk": (3, 15), "emos": (1, 13), "emer": (3, 8)}
TEXTS = {"emotiontalk": "000", "emos": "001", "related": "002", "affectgpt": "003", "emer": "004"}


def told(key, kind):
    return sorted(item[kind] for item in PAPERS[key]["items"] if kind in item)


@pytest.mark.parametrize("key", NUMBERED)
def test_every_equation_and_table_is_there_once(key):
    equations, tables = NUMBERED[key]
    assert told(key, "equation") == list(range(1, equations + 1))
    assert told(key, "table") == list(range(1, tables + 1))


@pytest.mark.parametrize("key", TEXTS)
def test_what_the_papers_number_is_what_is_indexed(reference_data, key):
    papers = reference_data.parent / "papers"
    if not papers.is_dir():
        pytest.skip(f"the papers' texts are not at {papers}")
    (file,) = papers.glob(f"{TEXTS[key]}_*.txt")
    text = file.read_text(encoding="utf-8")
    tags = re.findall(
        r"(?:\\tag\{|\(|\\quad \()(\d+)\)?\}?[.\s|]*\$?\$?\s*(?:\||$)", text, re.MULTILINE
    )
    equations, tables = NUMBERED.get(key, (0, 0))
    numbered = {int(n) for n in tags if int(n) < 100}
    assert set(range(1, equations + 1)) <= numbered or key == "related"
    mentioned = {int(n) for n in re.findall(r"\b[Tt]able ?(\d+)", text)}
    assert not mentioned or max(mentioned) == tables


def name(case):
    return f"{case[0]}-{paper_index.name(case[1])}"


@pytest.mark.parametrize("case", ITEMS, ids=name)
def test_an_answer_is_there_or_a_reason(case):
    _, item = case
    assert item["what"]
    if "not_here" in item:
        assert len(item["not_here"]) > 10
    else:
        assert item["functions"] and item["tests"]


@pytest.mark.slow
def test_every_function_can_be_imported():
    names = {each for _, item in ITEMS for each in item.get("functions", [])}
    missing = []
    for each in sorted(names):
        module, _, attribute = each.rpartition(".")
        if not hasattr(import_module(module), attribute):
            missing.append(each)
    assert not missing


@cache
def names_in(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    return {each.name for each in ast.walk(tree) if isinstance(each, ast.FunctionDef)}


def test_every_test_exists():
    named = {each for _, item in ITEMS for each in item.get("tests", [])}
    pairs = [each.partition("::")[::2] for each in sorted(named)]
    assert not [(file, test) for file, test in pairs if test not in names_in(file)]


def test_every_command_exists_with_its_options():
    known = dict(command_line.commands())
    wrong = []
    for line in sorted({each for _, item in ITEMS for each in item.get("commands", [])}):
        words = shlex.split(line)
        found = [name for name in known if words[: len(name.split())] == name.split()]
        options = {word for word in words if word.startswith("-")}
        if not found or not options <= command_line.option_names(known[max(found, key=len)]):
            wrong.append(line)
    assert not wrong


def test_recipes_in_commands_are_installed():
    recipes = {path.stem for path in (ROOT / "training" / "recipes").glob("*.yaml")}
    lines = [each for _, item in ITEMS for each in item.get("commands", [])]
    named = {match[1] for line in lines if (match := re.search(r"train (\w+)", line))}
    assert named and named <= recipes


def test_a_missing_name_would_be_noticed():
    with pytest.raises(ModuleNotFoundError):
        import_module("affecthub.metrics.set_g")
    assert "test_nothing_of_the_kind" not in names_in("tests/test_docs.py")
    assert "--nothing" not in command_line.option_names(
        dict(command_line.commands())["affecthub score"]
    )
