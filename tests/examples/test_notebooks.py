"""Every notebook is current, and runs from top to bottom with the results that it states."""

import ast
import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
NAMES = sorted(path.stem for path in EXAMPLES.glob("*.py"))
MOST_LINES = 40

# What each notebook says of its results, as a cell of its own at the end, and its pictures.
STATED = {
    "load_a_corpus": (
        4,
        "assert not people['train'] & people['test'] and not corpus.leaks().found\n"
        "assert len(shared) >= 5",
    ),
    "score_predictions": (
        5,
        "careful, constant = scores['careful'], scores['constant']\n"
        "assert 0.45 < constant['emotion_classification'] < 0.55 and constant['uar'] == 1 / 7\n"
        "assert 0.11 < high - low < 0.14\n"
        "wide, kept = (set_f.compute(predictions=w, references=meant)"
        " for w in (everything, modest))\n"
        "assert wide['set_recall'] > 0.99 and wide['set_f'] < 0.5 < kept['set_f']\n"
        "assert calibration['ece'] > 0.05 and 0.4 < calibration['auroc'] < 0.6\n"
        "assert turns['label_accuracy'] == 4 / 6 and turns['turning_points'] < 0.7\n",
    ),
    "fine_tune": (2, "assert losses[-1] < losses[0] / 2\nassert scores['n_clips'] == 7"),
    "your_own_folder": (
        1,
        "assert always['anger'] == round(2.5 / 7, 3) and always['joy'] == round(1 / 7, 3)"
        " and len(set(clips['train']['speaker_id'])) == 4",
    ),
    "ask_a_model": (
        1,
        "assert (first.n_asked, answers.n_asked) == (20, len(clips) - 20)\n"
        "assert {'json', 'plain', 'loose', 'invalid'} <= set(shares)\n"
        "assert not any(reading.value for i, reading in readings.items() if ' or ' in answers[i])\n"
        "assert scores['invalid_rate'] == shares['invalid'] / len(clips) > 0\n"
        "assert scores['emotion_classification'] < 0.67",
    ),
    "publish": (1, "assert theirs['test'][0]['id'] and not entry.may_redistribute"),
}


def maker():
    spec = importlib.util.spec_from_file_location("notebooks", ROOT / ".ci" / "notebooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_is_what_its_script_makes(name):
    made = maker().notebook(EXAMPLES / f"{name}.py")
    kept = (EXAMPLES / f"{name}.ipynb").read_text(encoding="utf-8")
    assert kept == made, "write it anew with: make notebooks"
    address = f"github/affecthub/affecthub/blob/main/examples/{name}.ipynb"
    assert address in made and "%pip install" in made


def test_a_change_of_a_script_shows(tmp_path, monkeypatch, capsys):
    make = maker()
    monkeypatch.setattr(make, "ROOT", tmp_path)
    monkeypatch.setattr(make, "EXAMPLES", tmp_path)
    monkeypatch.setattr(make, "repository", lambda: "https://github.com/a/b")
    script = tmp_path / "one.py"
    script.write_text("# affecthub[data]\n# %% [markdown]\n# # One\n\n# %%\n1 + 1\n")
    with pytest.raises(SystemExit, match="make notebooks"):
        make.main(check=True)
    make.main(check=False)
    make.main(check=True)
    script.write_text(script.read_text().replace("1 + 1", "1 + 2"))
    with pytest.raises(SystemExit):
        make.main(check=True)
    assert "one.ipynb: not current" in capsys.readouterr().out
    script.write_text("# %%\n1\n")
    with pytest.raises(ValueError, match=r"one.py: the first line names no extras"):
        make.main(check=True)


def test_fine_tuning_is_as_short_as_it_says():
    text = (EXAMPLES / "fine_tune.py").read_text(encoding="utf-8")
    cell = text.split("## The training, all of it")[1].split("# %%\n")[1]
    lines = [line for line in cell.splitlines() if line.strip() and not line.startswith("#")]
    assert "trainer.train()" in lines and len(lines) <= MOST_LINES
    roots = {
        node.module.partition(".")[0]
        for node in ast.walk(ast.parse(cell))
        if isinstance(node, ast.ImportFrom)
    }
    assert roots == {"peft", "transformers", "affecthub"}


def test_the_page_of_examples_lists_every_notebook():
    page = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    assert all(f"[`{name}`]({name}.ipynb)" in page for name in NAMES) and set(STATED) == set(NAMES)


@pytest.fixture(scope="module")
def workplace(tmp_path_factory):
    """One folder for all, so that the demo corpus is drawn once."""
    return tmp_path_factory.mktemp("notebooks")


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_runs_and_its_results_hold(name, workplace):
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.read(EXAMPLES / f"{name}.ipynb", as_version=4)
    n_pictures, stated = STATED[name]
    book.cells.append(nbformat.v4.new_code_cell(stated))
    where = {"metadata": {"path": str(workplace)}}
    NotebookClient(book, timeout=300, kernel_name="python3", resources=where).execute()
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    pictures = [output for output in outputs if "image/png" in output.get("data", {})]
    assert len(pictures) == n_pictures
    assert not [output for output in outputs if output.output_type == "error"]
