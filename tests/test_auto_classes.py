"""Importing affecthub gives the Auto classes AffectGPT, and takes nothing from anybody else."""

import sys
from importlib import import_module
from types import ModuleType

import pytest

from affecthub import auto_classes


@pytest.fixture
def tables() -> dict[str, type[dict]]:
    """The kinds of table, by the name of the table."""
    return {table: kind for table, kind in auto_classes.TABLES.values()}


def test_a_table_asks_for_affectgpt_when_it_is_looked_up(tables, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(auto_classes, "import_module", lambda name: asked.append(name))
    found = tables["CONFIG_MAPPING"]({"other": int})
    assert "affectgpt" in found and "other" in found and "third" not in found
    assert found["other"] is int and asked == []
    with pytest.raises(KeyError):
        found["third"]
    assert asked == []
    with pytest.raises(KeyError):  # what was imported registered nothing
        found["affectgpt"]
    assert asked == ["affecthub.modeling.affectgpt"]
    found["affectgpt"] = str
    assert found["affectgpt"] is str and len(asked) == 1


def test_processors_of_others_are_found_without_what_affectgpt_needs(tables, monkeypatch) -> None:
    def missing(name):
        raise ImportError("torch is not installed")

    monkeypatch.setattr(auto_classes, "import_module", missing)
    assert list(tables["PROCESSOR_MAPPING"]({int: str}).values()) == [str]
    with pytest.raises(ImportError, match="torch is not installed"):
        tables["CONFIG_MAPPING"]()["affectgpt"]


def test_a_module_is_met_after_its_import(tmp_path, monkeypatch) -> None:
    (tmp_path / "late_table.py").write_text("TABLE = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    met: list[ModuleType] = []
    finder = auto_classes._AfterImport("late_table", met.append)
    monkeypatch.setattr(sys, "meta_path", [finder, *sys.meta_path])
    module = import_module("late_table")
    monkeypatch.delitem(sys.modules, "late_table")
    assert met == [module] and module.TABLE == 1
    # Nothing of the finder is left, in the module or in the way of the next one.
    assert finder not in sys.meta_path
    assert type(module.__loader__).__name__ == "SourceFileLoader"
    assert module.__spec__.loader is module.__loader__


def test_announcing_twice_changes_nothing() -> None:
    module = pytest.importorskip("transformers.models.auto.configuration_auto")
    auto_classes.announce()
    before = module.CONFIG_MAPPING._extra_content
    auto_classes.announce()
    assert module.CONFIG_MAPPING._extra_content is before
    assert "affectgpt" in module.CONFIG_MAPPING and "bert" in module.CONFIG_MAPPING
