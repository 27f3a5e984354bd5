"""Make the notebooks of `examples` from their scripts, or check that they are current.

    python .ci/notebooks.py [--check]

A script is percent cells of Python. The first line names the extras that it needs. A notebook is
that, below a badge that opens it in Colab and a cell that installs affecthub where it is missing;
both take their address from pyproject. Outputs are not kept: tests run every notebook, and cells
are numbered, so that the same script always gives the same file.
"""

import re
import sys
from pathlib import Path

import jupytext
import nbformat
from pages.repository import ROOT, colab, repository

EXAMPLES = ROOT / "examples"
_EXTRAS = re.compile(r"# affecthub\[([\w,-]+)\]\n")
_INSTALL = """\
# Installs affecthub where it is missing, as on Colab.
from importlib.util import find_spec

if find_spec("affecthub") is None:
    %pip install --quiet "affecthub[{extras}] @ git+{repository}"\
"""


def badge(name: str) -> str:
    """The picture that opens a notebook of the main branch in Colab."""
    picture = "https://colab.research.google.com/assets/colab-badge.svg"
    return f"[![Open in Colab]({picture})]({colab(name)})"


def scripts() -> list[Path]:
    """The scripts that become notebooks."""
    return sorted(EXAMPLES.glob("*.py"))


def notebook(script: Path) -> str:
    """The notebook of a script, as its file has it."""
    text = script.read_text(encoding="utf-8")
    extras = _EXTRAS.match(text)
    if extras is None:
        raise ValueError(f"{script.name}: the first line names no extras: # affecthub[data,plots]")
    book = jupytext.reads(text[extras.end() :], fmt="py:percent")
    install = _INSTALL.format(extras=extras[1], repository=repository())
    title, *cells = book.cells
    title.source = f"{badge(script.stem)}\n\n{title.source}"
    book.cells = [title, nbformat.v4.new_code_cell(install), *cells]
    for number, cell in enumerate(book.cells):
        cell.id = f"cell-{number:02}"
        cell.metadata = {}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    book.metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    book.nbformat, book.nbformat_minor = 4, 5
    nbformat.validate(book)
    return str(nbformat.writes(book)).rstrip("\n") + "\n"


def main(check: bool) -> None:
    """Write the notebooks that differ, or exit 1 where one does."""
    stale = []
    for script in scripts():
        target, text = script.with_suffix(".ipynb"), notebook(script)
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            stale.append(target.relative_to(ROOT))
            if not check:
                target.write_text(text, encoding="utf-8", newline="\n")
    for path in stale:
        print(f"{path}: {'not current' if check else 'written'}")
    if check and stale:
        sys.exit("write the notebooks anew with: make notebooks")


if __name__ == "__main__":
    main("--check" in sys.argv[1:])
