"""What libraries do today that we work around; a test fails when the workaround may go."""

import inspect
import json
import os
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest
from huggingface_hub import CommitOperationAdd, HfApi


def run(code: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run lines of Python in a fresh process, whatever comes of it."""
    command = [sys.executable, "-c", dedent(code)]
    env = dict(os.environ if environment is None else environment)
    return subprocess.run(command, env=env, capture_output=True, text=True, check=False)


# The Hub's client: a push goes to a branch of its own, and tries a commit again by itself.


def test_uploads_by_xet_come_in_several_commits() -> None:
    """So a push to main would show half of it; ``publishing`` goes to a branch and merges."""
    from huggingface_hub import _upload_pipeline

    assert "(part {self.nb_commits + 1})" in inspect.getsource(_upload_pipeline)
    assert not hasattr(HfApi, "upload_large_folder")


@pytest.mark.slow
def test_the_client_needs_xet_of_a_hub_unless_told_otherwise(hub, tmp_path) -> None:
    """``tests/hub_server.py`` speaks no Xet, so every test sets HF_HUB_DISABLE_XET."""
    environment = hub.environment(tmp_path / "home")
    code = """
        from huggingface_hub import HfApi
        api = HfApi()
        api.create_repo("org/name", exist_ok=True)
        api.upload_file(path_or_fileobj=b"\\0" * 99, path_in_repo="a.bin", repo_id="org/name")
    """
    assert run(code, environment).returncode == 0
    del environment["HF_HUB_DISABLE_XET"]
    by_xet = run(code.replace("99", "98"), environment)
    assert by_xet.returncode == 1 and "xet-write-token" in by_xet.stderr


def test_a_commit_that_the_hub_refuses_for_a_moment_is_not_tried_again(hub_client) -> None:
    api = HfApi(endpoint=hub_client.url, token=hub_client.tokens["write"])
    api.create_repo("org/name")
    hub_client.fail("/commit/", 503, on=(1,))
    with pytest.raises(OSError, match="503"):
        api.create_commit("org/name", [CommitOperationAdd("a", b"1")], commit_message="a")
    assert [r.status for r in hub_client.requests if "/commit/" in r.path] == [503]


# datasets: the default configuration is pushed first.


def test_a_later_default_configuration_breaks_push_to_hub(hub_client) -> None:
    """Our cards write ``configs`` whole, the default first."""
    from datasets import Dataset

    rows = Dataset.from_dict({"a": [1]})
    rows.push_to_hub("org/rows", config_name="first", token=hub_client.tokens["write"])
    with pytest.raises(KeyError, match="default"):
        rows.push_to_hub(
            "org/rows",
            config_name="second",
            set_default=True,
            token=hub_client.tokens["write"],
        )


# evaluate: a staged metric imports every sibling from its main file, one import a line.

METRIC = """
import datasets
import evaluate
{imports}

class Probe(evaluate.Metric):
    def _info(self):
        features = datasets.Features({{"predictions": datasets.Value("int64")}})
        return evaluate.MetricInfo(
            description="", citation="", inputs_description="", features=features)

    def _compute(self, predictions):
        return {{"probe": {value}}}
"""


@pytest.fixture(scope="module")
def evaluated(tmp_path_factory):
    """What ``evaluate.load`` makes of four metrics, in one process; the name of its error."""
    root = tmp_path_factory.mktemp("metrics")
    beside = {"low.py": "N = 1\n", "high.py": "from .low import N\n", "table.json": "{}"}
    data = "import os.path\n"
    cases = {
        "whole": ("from .low import N\nfrom .high import N as M\n", "N + M"),
        "deep": ("from .high import N\n", "N"),
        "remark": ("from .low import N  # a remark\n", "N"),
        "two": ("import json, os\n", "1"),
        "data": (data, "os.path.exists(os.path.join(os.path.dirname(__file__), 'table.json'))"),
    }
    for name, (imports, value) in cases.items():
        (root / name).mkdir()
        for file, text in beside.items():
            (root / name / file).write_text(text)
        (root / name / f"{name}.py").write_text(METRIC.format(imports=imports, value=value))
    done = run(
        f"""
        import json, evaluate
        said = {{}}
        for name in {list(cases)}:
            try:
                metric = evaluate.load({str(root)!r} + "/" + name)
                said[name] = metric.compute(predictions=[1])["probe"]
            except Exception as error:
                said[name] = f"{{type(error).__name__}}: {{error}}"
        print(json.dumps(said))
        """,
        {**os.environ, "HF_HOME": str(root / "home")},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_siblings_that_the_main_file_imports_are_copied(evaluated) -> None:
    assert evaluated["whole"] == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("deep", "No module named"),  # a sibling of a sibling stays behind
        ("remark", "FileNotFoundError"),  # the remark is taken for an address
        ("two", "json,"),  # "json," is taken for a package to install
    ],
)
def test_what_the_loader_of_evaluate_stumbles_over(evaluated, name, error) -> None:
    assert error in evaluated[name]


@pytest.mark.slow
def test_data_beside_a_metric_stays_behind(evaluated) -> None:
    assert evaluated["data"] is False


# transformers: entries of other Auto classes are written by hand.


def test_a_class_has_one_auto_class(tmp_path: Path) -> None:
    from transformers import PreTrainedConfig

    class Probe(PreTrainedConfig):
        model_type = "probe"

    Probe.register_for_auto_class("AutoConfig")
    assert Probe._auto_class == "AutoConfig"
    Probe.register_for_auto_class("AutoProcessor")
    assert Probe._auto_class == "AutoProcessor"  # one name: the first is forgotten


@pytest.mark.slow
def test_a_torchvision_that_does_not_fit_breaks_every_model(tmp_path: Path) -> None:
    """None is better: no extra of ours asks for it, and ``affecthub doctor`` names a broken one."""
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text(
        'raise RuntimeError("operator torchvision::nms does not exist")\n'
    )
    told = tmp_path / "torchvision-0.28.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: torchvision\nVersion: 0.28.0\n")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    # An image processor stands for the rest: every class that looks at pictures goes this way.
    code = "from transformers import CLIPImageProcessor; CLIPImageProcessor()"
    done = run(code, environment)
    assert done.returncode == 1, done.stdout
    assert "torchvision::nms" in done.stderr or "Could not import module" in done.stderr
    assert run(code).returncode == 0
