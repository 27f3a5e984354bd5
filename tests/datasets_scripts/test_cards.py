"""Examples of the corpora's cards run on the released files and print what the cards say."""

import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "datasets_scripts"
# The folder that a card opens, and where the release lies among the reference files.
FOLDERS = {"emos": ("EmoS", "emos"), "meld": ("MELD.Raw", "meld")}
CARDS = {path.parent.name: path.read_text(encoding="utf-8") for path in ROOT.glob("*/README.md")}


def test_every_card_with_examples_is_run():
    assert {name for name, card in CARDS.items() if ">>> " in card} == set(FOLDERS)


@pytest.mark.parametrize("name", FOLDERS)
def test_examples_run(name, reference_data, tmp_path, monkeypatch):
    folder, released = FOLDERS[name]
    (tmp_path / folder).symlink_to((reference_data / released).resolve())
    monkeypatch.chdir(tmp_path)
    blocks = [
        block
        for block in re.findall(r"```python\n(.*?)```", CARDS[name], re.DOTALL)
        if ">>> " in block
    ]
    examples = doctest.DocTestParser().get_doctest("".join(blocks), {}, f"{name} card", None, 0)
    result = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE).run(examples)
    assert result.attempted and not result.failed
