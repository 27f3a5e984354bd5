"""A mistyped name or path is answered before torch is imported, in one line."""

import subprocess
import sys

import pytest

# Runs the command line, then says whether torch came with it.
CODE = """
import sys
from affecthub.cli.main import main
try:
    main()
finally:
    print("torch" in sys.modules)
"""


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("train demoo --data-dir . --output-dir out", "unknown recipe: got 'demoo'"),
        ("train my.yaml --data-dir . --output-dir out", "recipe file not found: my.yaml"),
        ("train demo --data-dir nowhere --output-dir out", "got 'nowhere' (nothing there)"),
        ("predict film.mp4 --model nowhere/model/1", "clip not found: film.mp4"),
        ("predict a.txt --model nowhere/model/1", "model folder not found: nowhere/model/1"),
        ("predict a.txt --model .", "holds no model"),
        ("predict --model . --corpus demo", "without `--data-dir`"),
        ("convert affectgpt no.pth --out new --prompt a.txt", "checkpoint not found: no.pth"),
        ("convert affectgpt a.txt --out new --prompt no.yaml", "prompt file not found: no.yaml"),
        ("score set_ff --predictions a.txt --references a.txt", "unknown metric: got 'set_ff'"),
        ("score set_f --predictions no.csv --references a.txt", "label file not found: got no.csv"),
        ("data verify meldd --data-dir .", "unknown corpus: got 'meldd'"),
        ("data verify meld --data-dir nowhere", "got 'nowhere' (nothing there)"),
    ],
)
def test_mistakes_are_answered_before_torch_is_imported(command, said, tmp_path):
    (tmp_path / "a.txt").write_text("something")
    done = subprocess.run(
        [sys.executable, "-c", CODE, *command.split()],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    (line,) = done.stderr.strip().splitlines()
    assert line.startswith("error: ") and said in line
    assert done.returncode == 1 and done.stdout.strip() == "False"
