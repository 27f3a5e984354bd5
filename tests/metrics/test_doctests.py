"""Every example in the docstrings of the room runs; modules are found, not listed."""

import doctest
import warnings
from importlib import import_module
from pkgutil import walk_packages

import pytest

from affecthub import metrics

FINDER = doctest.DocTestFinder(exclude_empty=True)
# The page of a metric serves itself where it is run.
MODULES = [
    name
    for _, name, _ in walk_packages(metrics.__path__, f"{metrics.__name__}.")
    if not name.endswith(".app")
]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = doctest.testmod(import_module(name))
    assert not result.failed


def test_there_are_examples():
    found = [name for name in MODULES if any(t.examples for t in FINDER.find(import_module(name)))]
    assert {"affecthub.metrics.parsing", "affecthub.metrics.set_f.levels"} <= set(found)
    assert len(found) >= 25
