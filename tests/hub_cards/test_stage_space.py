"""The demo as a Space: the folder holds what runs it and no more, and mistakes leave nothing."""

import ast
import json

import pytest
from model_folders import tiny_model

from affecthub.hub_cards.cards import check_metadata, empty_sections, split_card
from affecthub.hub_cards.spaces import demo, stage_space
from affecthub.hub_cards.spaces.demo.examples import read_examples
from affecthub.media import probe


def files_of(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_model_of_the_hub_is_named(tmp_path):
    staged = stage_space("demo", tmp_path / "out", model="org/model", hardware="zero-a10g")
    assert (staged.repo_type, staged.space_sdk, staged.notes) == ("space", "gradio", ())
    examples = read_examples(staged.folder / "examples")
    assert files_of(staged.folder) == {
        "README.md",
        "app.py",
        "requirements.txt",
        "examples/examples.json",
        *(f"examples/{row['file']}" for row in json.loads(
            (staged.folder / "examples" / "examples.json").read_text()
        )),
    }  # fmt: skip
    assert len(examples) == 3
    assert all(probe(example.path).has_audio and example.text for example in examples)
    head, card = split_card((staged.folder / "README.md").read_text("utf-8"))
    assert check_metadata(head, "space") == [] and empty_sections(card) == []
    assert head["models"] == head["preload_from_hub"] == ["org/model"]
    assert head["suggested_hardware"] == "zero-a10g"
    assert "article 5(1)(f)" in card and "deleted within the hour" in card
    requirements = (staged.folder / "requirements.txt").read_text().splitlines()
    assert requirements[0].startswith("torch==") and "affecthub[app" in requirements[1]


def test_the_page_serves_what_stands_beside_it(tmp_path, monkeypatch):
    model = tiny_model(tmp_path / "run")
    staged = stage_space("demo", tmp_path / "out", model=model, examples=False)
    assert {"model/config.json", "model/model.safetensors"} <= files_of(staged.folder)
    assert not (staged.folder / "examples").exists()
    assert any("carries a copy" in note for note in staged.notes)
    source = (staged.folder / "app.py").read_text("utf-8")
    assert str(tmp_path) not in source
    ast.parse(source)
    served = []
    monkeypatch.setattr(demo, "serve", lambda *given, **more: served.append((given, more)))
    exec(compile(source, "app.py", "exec"), {"__file__": str(staged.folder / "app.py")})
    assert served == [((staged.folder / "model",), {})]


@pytest.mark.parametrize(
    ("name", "settings", "told"),
    [
        ("dmo", {}, "unknown Space: got 'dmo'"),
        ("demo", {}, "`model` is missing"),
        ("demo", {"modl": "a/b"}, "unknown setting of the Space demo: got 'modl'"),
        ("demo", {"model": "a/b", "examples": False, "hardware": "big"}, "suggested_hardware"),
        ("demo", {"model": "no/such/folder"}, "which is no folder here"),
    ],
)
def test_mistakes_leave_nothing(tmp_path, name, settings, told):
    with pytest.raises((ValueError, OSError), match=told):
        stage_space(name, tmp_path / "out", **settings)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(ValueError, match="not empty"):
        stage_space("demo", tmp_path, model="a/b")
    assert files_of(tmp_path) == {"mine.txt"}
