"""Settings are read as YAML, numbers as people write them, keys with dots into mappings."""

import doctest

import pytest

from affecthub import settings
from affecthub.settings import parse_overrides, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("1e-5", 1e-5), ("7.0e-4", 7e-4), ("2E3", 2000.0), ("-.5e1", -5.0), ("3", 3)),
        # No numbers: a word with an e, an id, and what is quoted.
        *(("1e", "1e"), ("e5", "e5"), ("'1e-5'", "1e-5"), ("none", "none")),
    ],
)
def test_numbers_of_yaml_1_2(text, value):
    found = read_yaml(text)
    assert found == value and type(found) is type(value)


def test_later_pairs_go_over_earlier_ones_key_by_key():
    pairs = ["trainer={max_steps: 3, report_to: none}", "trainer.max_steps=5", "seed=1"]
    assert parse_overrides(pairs) == {
        "trainer": {"max_steps": 5, "report_to": "none"},
        "seed": 1,
    }
    assert parse_overrides(["a.b.c=x=y"]) == {"a": {"b": {"c": "x=y"}}}


@pytest.mark.parametrize("pair", ["seed", "=3", ".seed=3", "trainer.=3"])
def test_pairs_without_a_key_or_a_value_are_refused(pair):
    with pytest.raises(ValueError, match="expected KEY=VALUE"):
        parse_overrides([pair])


def test_values_that_are_no_yaml_are_refused():
    with pytest.raises(ValueError, match=r"cannot read override 'a=\[': its value is no YAML"):
        parse_overrides(["a=["])


def test_doctests():
    result = doctest.testmod(settings)
    assert result.attempted and not result.failed
