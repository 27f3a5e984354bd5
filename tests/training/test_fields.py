"""Every field of a recipe is listed with its meaning: in ``--help`` and on the page."""

import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

from affecthub.training.arguments import DEFAULTS, REFUSED
from affecthub.training.fields import groups, page
from affecthub.training.recipe import PARTS, Recipe, list_recipes

TRAINING = Path(__file__).resolve().parents[2] / "training"
NAMES = [
    *(field.name for field in fields(Recipe)),
    *(f"{part}.{field.name}" for part, kind in PARTS.items() for field in fields(kind)),
]


def test_groups_hold_every_field_once_with_a_meaning():
    rows = [row for group in groups().values() for row in group]
    assert sorted(name for name, _, _ in rows) == sorted(NAMES)
    assert all(len(meaning.split()) > 1 for _, _, meaning in rows if meaning != "Rank.")
    assert dict((name, default) for name, default, _ in rows)["freeze_towers"] == "true"


def test_page_is_the_one_that_the_code_makes():
    written = (TRAINING / "README.md").read_text(encoding="utf-8")
    assert written == page(), "run: python -m affecthub.training.fields > training/README.md"


@pytest.mark.parametrize("recipe", list_recipes())
def test_every_recipe_has_a_line_with_its_command(recipe):
    lines = (TRAINING / "recipes" / "README.md").read_text(encoding="utf-8").splitlines()
    (line,) = (line for line in lines if line.startswith(f"| `{recipe}` |"))
    assert f"affecthub train {recipe} --" in line


def test_help_lists_every_field_and_imports_no_torch():
    program = (
        "import sys\nfrom affecthub.cli.main import app\n"
        "app(['train', '--help'], standalone_mode=False)\n"
        "sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    listed = {line.split("│")[1].strip() for line in done.stdout.splitlines() if "│" in line}
    assert listed >= {*NAMES, *DEFAULTS}
    assert all(name in done.stdout for name in REFUSED)
