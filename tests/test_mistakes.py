"""A mistyped name or path is answered before torch is imported, in one line."""

import json
import subprocess
import sys

import pytest

from affecthub.cli.main import main

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


# Runs several command lines, then says whether torch came with any of them.
SEVERAL = """
import json, sys
from affecthub.cli.main import main
for command in json.loads(sys.argv[1]):
    sys.argv = ["affecthub", *command.split()]
    try:
        main()
    except SystemExit as stopped:
        assert stopped.code == 1, command
print("torch" in sys.modules)
"""
# What a model, a corpus and a question are asked for that they do not have.
ASKED = [
    ("predict a.txt b.txt --model m --text hi", "transcript of one clip: got 2 clips"),
    ("predict --corpus demo --data-dir . --model m --text hi", "got 0 clips"),
    ("predict a.txt --model m --question labells", "Did you mean 'labels'?"),
    ("predict a.txt --model m --option joy", "got 'Which?' and 1 of `--option`"),
    ("predict a.txt --model m --question one_of", "got 'Which of {options}?' and 0 of `--option`"),
    ("predict a.txt --model m --max-new-tokens 0", "Invalid value for '--max-new-tokens'"),
    ("predict a.txt --model ./m/x", "model folder not found: m/x"),
    ("predict --corpus demoo --data-dir . --model m", "unknown corpus: got 'demoo'"),
    ("predict --corpus demo --data-dir nowhere --model m", "got 'nowhere' (nothing there)"),
    ("predict --corpus demo --data-dir . --model m --protocol oficial", "unknown protocol of demo"),
    ("predict demoo --data-dir . --model m", "unknown corpus: got 'demoo'"),
    ("predict demo --model m", "without `--data-dir`"),
    ("predict demo --data-dir .", "Missing option '--model'"),
    ("predict demo --data-dir . --model m --shard 3/2 --output o", "first number to be 1 to 2"),
    ("predict demo --data-dir . --model m --shard 1/2", "`--output` is missing"),
    ("predict demo --data-dir . --model m --output m", "got the folder m, expected a file"),
    ("predict demo --data-dir . --model m --output a.txt/o", "a.txt is a file, expected a folder"),
    ("predict demo --data-dir . --model m --stream", "`--stream` has no effect on a corpus"),
    ("predict demo --data-dir . --model m --features no", "`--features`: got 'no' (nothing there)"),
    ("predict a.txt --model m --limit 3", "`--limit` has no effect on files"),
    ("predict a.txt --model m --data-dir .", "got it with the file a.txt, expected a corpus"),
    ("predict a.txt b.txt --model m --stream", "got 2 clips, expected one"),
]


def test_what_is_asked_in_vain_is_told_before_torch_is_imported(tmp_path):
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("something")
    (tmp_path / "m").mkdir()
    (tmp_path / "m" / "config.json").write_text("{}")
    questions = {"labels": "Which?", "one_of": "Which of {options}?"}
    known = {"questions": questions, "default_question": "labels"}
    (tmp_path / "m" / "processor_config.json").write_text(json.dumps(known))
    commands = json.dumps([command for command, _ in ASKED])
    done = subprocess.run(
        [sys.executable, "-c", SEVERAL, commands], cwd=tmp_path, capture_output=True, text=True
    )
    lines = done.stderr.strip().splitlines()
    assert len(lines) == len(ASKED), done.stderr
    for line, (command, said) in zip(lines, ASKED, strict=True):
        assert line.startswith("error: ") and said in line, command
    assert done.stdout.strip() == "False"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("train demo --protocol oficial", "unknown protocol of demo: got 'oficial'"),
        ("train demo --set corpus=demoo", "unknown corpus: got 'demoo'"),
        ("train affectgpt --set model=./nowhere/x", "model folder not found: nowhere/x"),
    ],
)
def test_a_recipe_is_compared_before_anything_is_made(command, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["affecthub", *command.split()])
    with pytest.raises(SystemExit):
        main()
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
