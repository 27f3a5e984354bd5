"""Metrics as Spaces: their files, and the same scores where affecthub is not installed."""

import ast
import doctest
import json
import re
import tomllib
import warnings
from importlib import import_module
from pathlib import Path

import pytest
from huggingface_hub import HfApi
from metric_clips import CLIPS, drawn

import affecthub
from affecthub.hub_cards.cards import check_metadata, empty_sections, split_card
from affecthub.hub_cards.metrics import stage_metric
from affecthub.hub_cards.metrics.bundle import bundle, flat, literal, rewritten
from affecthub.hub_cards.metrics.closure import closure, needs
from affecthub.hub_cards.metrics.space import REQUIREMENTS, absolute_links, space_files
from affecthub.hub_cards.publishing import publish
from affecthub.metrics import load_metric

ROOT = Path(__file__).resolve().parents[2]
METRICS = affecthub.list_metrics()


@pytest.fixture(params=METRICS)
def name(request):
    return request.param


@pytest.mark.parametrize("metric", ["set_f", "label_agreement"])
def test_the_folder_is_the_same_each_time(metric, tmp_path):
    first = stage_metric(metric, tmp_path / "first")
    (tmp_path / "second").mkdir()
    second = stage_metric(metric, tmp_path / "second")
    assert (first.repo_type, first.space_sdk) == ("space", "gradio")
    files = {file.name: file.read_bytes() for file in first.folder.iterdir()}
    assert files == {file.name: file.read_bytes() for file in second.folder.iterdir()}
    assert {"README.md", "app.py", "requirements.txt", f"{metric}.py"} < set(files)
    assert oct(first.folder.stat().st_mode)[-3:] == "755"


def test_what_is_in_the_way_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ValueError, match="which is not empty, expected an empty folder"):
        stage_metric("set_f", tmp_path)
    with pytest.raises(ValueError, match="unknown metric: got 'setf'"):
        stage_metric("setf", tmp_path / "new")
    assert [file.name for file in tmp_path.iterdir()] == ["mine.txt"]


def test_every_file_is_python_that_people_can_read(name):
    for file, content in bundle(name).items():
        ast.parse(content)
        assert max(map(len, content.splitlines())) < 3000, file
        assert not re.search(r"[A-Za-z0-9+/]{200}", content), f"{file} holds a blob"


def test_the_main_file_imports_every_other(name):
    """The loader of evaluate copies what it finds by this pattern, and nothing else."""
    files = bundle(name)
    found = re.findall(r"^from \.(\w+) import [^#\n]*$", files[f"{name}.py"], re.MULTILINE)
    assert {f"{module}.py" for module in found} == set(files) - {f"{name}.py"}
    assert not re.search(r"^(from|import) affecthub\b", "".join(files.values()), re.MULTILINE)


def test_the_requirements_are_those_of_the_extra():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert set(REQUIREMENTS.values()) == set(project["optional-dependencies"]["metrics"])
    lines = space_files("speaking_style_caption")["requirements.txt"].split()
    assert not any(line.startswith(("torch", "transformers", "nltk")) for line in lines)


def test_the_card_keeps_the_hubs_rules(name):
    card = space_files(name)["README.md"]
    head, body = split_card(card)
    assert check_metadata(head, "space") == []
    assert empty_sections(card) == []
    assert (head["sdk"], head["app_file"], head["tags"]) == (
        "gradio",
        "app.py",
        ["evaluate", "metric"],
    )
    # The default of a Space is an older Python than the one we need.
    assert head["python_version"] == "3.11" and head["sdk_version"].startswith("6.")
    sections = dict(re.findall(r"^## (.+)\n+((?:(?!^## ).*\n?)+)", body, re.MULTILINE))
    gaming = sections["How it can be gamed"]
    assert len(re.findall(r"\d+\.\d+", gaming)) >= 3, "say what guessing reaches, in figures"
    assert not re.search(r"\]\((?!https?:|#)", body), "links must lead somewhere on the Hub too"


def test_links_of_a_card_lead_into_the_repository():
    text = "[a](../set_f/README.md#limits) [b](https://x.y/z) [c](#top)"
    assert absolute_links(text, "metrics/hit_rate") == (
        "[a](https://github.com/affecthub/affecthub/blob/main/metrics/set_f/README.md#limits)"
        " [b](https://x.y/z) [c](#top)"
    )


@pytest.mark.parametrize(
    "source, said",
    [
        ("from importlib import import_module", "use importlib"),
        ("import importlib.util", "use importlib.util"),
        ("from importlib.resources import files", "read texts by affecthub.metrics.texts.text_of"),
        ("x = __import__('a')", "use __import__"),
        ("from pathlib import Path\nx = Path(__file__)", "files beside it are not carried"),
        ("from .errors import require", "import relatively"),
        ("import affecthub.errors", "write `from affecthub.errors import"),
        ("from affecthub import load_metric", "front door"),
        ("import scipy", "evaluate would ask everybody to install it"),
        ("from affecthub.metrics.texts import text_of\nx = text_of(y)", "write the name out"),
    ],
)
def test_what_cannot_be_carried_is_refused(source, said):
    with pytest.raises(ValueError, match=re.escape(said)) as caught:
        needs("affecthub.metrics.new", source)
    assert str(caught.value).startswith("carry affecthub.metrics.new to the Hub: got ")


def test_a_text_that_is_not_there_is_missed():
    read = needs("m", "def f():\n    return text_of('answers/none.tsv')").texts
    assert read == ("answers/none.tsv",)
    with pytest.raises(ValueError, match=r"got no file of that name"):
        closure("affecthub.metrics.set_f.none")


def test_imports_are_turned_to_the_files_beside():
    source = (
        "from affecthub.metrics.lexicon import (\n    workbooks,\n    released as r,\n)\n"
        "def f():\n    from affecthub.cache import (\n        cache_root,\n    )\n"
        "    import torch\n"
    )
    found = needs("m", source)
    assert rewritten(source, found) == (
        "from . import affecthub_lexicon_workbooks as workbooks, affecthub_lexicon_released as r"
        "\n\n\n\n"
        "def f():\n    from .affecthub_cache import (\n        cache_root,\n    )\n"
        "    import torch\n"
    )
    assert {target for each in found.imports for target in each.targets} == {
        "affecthub.cache",
        "affecthub.metrics.lexicon.released",
        "affecthub.metrics.lexicon.workbooks",
    }
    assert flat("affecthub.metrics.answers.chat") == "affecthub_answers_chat"


@pytest.mark.parametrize(
    "text", ["", "\n", "a\\b\n", 'ends in "', '"""', "tab\tand 开心\n", "\r\n", "one\n\ntwo"]
)
def test_texts_stand_as_they_are(text):
    assert ast.literal_eval(literal(text)) == text


@pytest.mark.parametrize("module", ["bundle", "closure", "space"])
def test_examples_run(module):
    assert not doctest.testmod(import_module(f"affecthub.hub_cards.metrics.{module}")).failed


# What a fresh process runs. Optional packages are out of reach while metrics are loaded.
LOAD = """
import json, sys, warnings
from pathlib import Path
warnings.simplefilter("ignore")
import evaluate
evaluate.utils.logging.disable_progress_bar()

class Without:
    lazy = {"ahocorasick_rs", "openpyxl", "platformdirs", "torch", "transformers", "nltk", "jieba"}
    lazy |= {"pycocoevalcap", "gradio", "affecthub"}
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in self.lazy:
            raise ModuleNotFoundError(name, name=name)

tasks, folder, out = json.loads(Path("task.json").read_text())
blocked = Without()
sys.meta_path.insert(0, blocked)
metrics = {name: evaluate.load(f"org/{name}") for name in {task[0] for task in tasks}}
metrics["local"] = evaluate.load(f"{folder}/hit_rate")
sys.meta_path.remove(blocked)
given = {"predictions": ["happy", "['sad']"], "references": ["joy", "fear"]}
scores = [
    metrics[name].compute(predictions=predictions, references=references, **options)
    for name, predictions, references, options in tasks
]
combined = evaluate.combine([metrics["set_f"], metrics["hit_rate"]])
beside = {
    "combined": combined.compute(**given),
    "local": metrics["local"].compute(**given),
    "folder": hasattr(metrics["mer_unibench"], "score_folder"),
    "signature": "ring" in str(__import__("inspect").signature(metrics["set_f"].compute)),
    "ours": [name for name in sys.modules if name.split(".")[0] == "affecthub"],
}
Path(out).write_text(json.dumps([scores, beside], sort_keys=True))
"""


@pytest.mark.slow
def test_every_metric_loads_from_its_space_without_affecthub(
    hub_client, stock_python, tmp_path, reference_data
):

    api = HfApi()
    for name in METRICS:
        staged = stage_metric(name, tmp_path / "spaces" / name)
        if name == "set_f":
            publish(staged, f"org/{name}", private=False)
        else:  # one commit without the checks before and after it, which ask much
            api.create_repo(f"org/{name}", repo_type="space", space_sdk=staged.space_sdk)
            api.upload_folder(
                repo_id=f"org/{name}", folder_path=staged.folder, repo_type=staged.repo_type
            )
        assert set(hub_client.files("space", f"org/{name}")) >= set(space_files(name))
    tasks = [(name, *CLIPS[name]) for name in METRICS] + [(n, *drawn(n, 200)) for n in METRICS]
    tables = {"lexicon": str(reference_data / "emotion_wheel" / "mer2025")}
    tasks.append(("set_f", *drawn("set_f", 50)[:2], tables))
    answers = tmp_path / "scores.json"
    (tmp_path / "stock").mkdir()
    task = json.dumps((tasks, str(tmp_path / "spaces"), str(answers)))
    (tmp_path / "stock" / "task.json").write_text(task)
    stock_python(LOAD, hub_client.environment(tmp_path / "home"))
    scores, beside = json.loads(answers.read_text())
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for (name, predictions, references, options), there in zip(tasks, scores, strict=True):
            here = load_metric(name).compute(
                predictions=predictions, references=references, **options
            )
            assert json.dumps(there, sort_keys=True) == json.dumps(here, sort_keys=True), name
    assert beside["combined"]["set_f"] == beside["combined"]["hit_rate"] == 0.5
    assert beside["local"]["hit_rate"] == 0.5
    assert beside["folder"] and beside["signature"] and beside["ours"] == []
