"""The notebooks as pages, from the scripts of percent cells that they are made of."""

import re
from pathlib import Path

from pages.repository import ROOT, colab

EXAMPLES = ROOT / "examples"


def scripts() -> list[Path]:
    """The scripts, the first to read first."""
    order = ["load_a_corpus", "score_predictions", "fine_tune", "your_own_folder", "publish"]
    found = sorted(EXAMPLES.glob("*.py"))
    return sorted(found, key=lambda each: order.index(each.stem) if each.stem in order else 99)


def title(script: Path) -> str:
    """A notebook's first heading."""
    match = re.search(r"^# # (.+)$", script.read_text(encoding="utf-8"), re.MULTILINE)
    return match[1] if match else script.stem.replace("_", " ")


def page(script: Path) -> str:
    """A notebook's cells, text as text and code as code."""
    _, *cells = re.split(r"^# %%", script.read_text(encoding="utf-8"), flags=re.MULTILINE)
    parts = []
    for cell in cells:
        kind, _, body = cell.partition("\n")
        if "[markdown]" in kind:
            parts.append("\n".join(re.sub("^# ?", "", line) for line in body.strip().splitlines()))
        elif body.strip():
            parts.append(f"```python\n{body.strip()}\n```")
    head, rest = parts[0].split("\n", 1) if "\n" in parts[0] else (parts[0], "")
    opened = f"[Open in Colab]({colab(script.stem)})"
    return "\n\n".join([head, opened, rest.strip(), *parts[1:]]) + "\n"
