"""The model that says what it is told to, and whom a name names."""

import json

import pytest

from affecthub.training.asking.asks import Ask, Reply
from affecthub.training.asking.backends.choosing import backend_of, kind_of, model_type
from affecthub.training.asking.backends.scripted import ScriptedBackend


def said(backend, *ids) -> list[Reply]:
    return backend.answer([Ask(clip_id, "How is it?") for clip_id in ids])


def test_it_says_what_a_mapping_says():
    script = {"a": "joy", "b": {"text": "one two three", "n_in": 5}, "c": {"error": "down"}}
    replies = said(ScriptedBackend(script, max_new_tokens=2), "a", "b", "c", "d")
    assert replies == [
        Reply("joy", 3, 1),
        Reply("one two", 5, 2, cut=True),
        Reply(n_in=3, n_out=0, error="down"),
        Reply(error="the script has no answer to clip 'd'"),
    ]
    assert ScriptedBackend(script).name != ScriptedBackend(script | {"d": "fear"}).name
    assert ScriptedBackend(script).name != ScriptedBackend(script, max_new_tokens=2).name
    assert said(ScriptedBackend(lambda ask: ask.question), "a")[0].text == "How is it?"


def test_it_reads_files(tmp_path):
    lines = [{"id": "a", "prediction": "x\u2028y"}, {"id": 2, "prediction": "", "error": "e"}]
    jsonl = tmp_path / "s.jsonl"
    jsonl.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
    assert [r.text for r in said(backend_of(f"script:{jsonl}"), "a", "2")] == ["x\u2028y", ""]
    file = tmp_path / "s.yaml"
    file.write_text("a: joy\n3: 高兴\n'*': {text: other, cut: true}\n")
    assert said(ScriptedBackend(file), "3", "x")[1].cut
    assert said(ScriptedBackend(file), "3")[0].text == "高兴"


@pytest.mark.parametrize(
    ("name", "text", "match"),
    [
        ("s.yaml", "- a\n", "is no script: got list"),
        ("s.yaml", "a: true\n", "got True for clip 'a', expected a text"),
        ("s.yaml", "a: {words: b}\n", "expected a text, or a mapping with any of text"),
        ("s.jsonl", '{"id": "a"}\n[1]\n', "line 2: got '\\[1\\]', expected an object with `id`"),
        ("s.jsonl", "{\n", "line 1"),
    ],
)
def test_a_file_that_is_no_script_is_told(tmp_path, name, text, match):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=match):
        ScriptedBackend(tmp_path / name)
    with pytest.raises(FileNotFoundError, match="script not found"):
        ScriptedBackend(tmp_path / "gone.yaml")


def test_a_name_names_a_kind_of_model(tmp_path):
    assert kind_of("script:a.yaml") == ("a script", ("a.yaml",))
    assert kind_of("https://x.org/v1/#Q/7B") == ("an endpoint", ("https://x.org/v1", "Q/7B"))
    with pytest.raises(ValueError, match="the endpoint's model is missing"):
        kind_of("http://localhost:8000/v1")
    with pytest.raises(FileNotFoundError, match="model folder not found"):
        kind_of("./nowhere/model")
    for folder, config in (("a", "affectgpt"), ("q", "qwen2_audio")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "config.json").write_text(json.dumps({"model_type": config}))
    assert kind_of(str(tmp_path / "a")) == ("AffectGPT", (str(tmp_path / "a"),))
    assert kind_of(str(tmp_path / "q"))[0] == "a chat model"
    # Adapters are of their base's kind.
    (tmp_path / "lora").mkdir()
    adapter = {"base_model_name_or_path": str(tmp_path / "a")}
    (tmp_path / "lora" / "adapter_config.json").write_text(json.dumps(adapter))
    assert model_type(str(tmp_path / "lora")) == "affectgpt"


def test_a_setting_that_a_model_has_not_is_told(tmp_path):
    file = tmp_path / "s.yaml"
    file.write_text("a: joy\n")
    made = backend_of(f"script:{file}", batch_size=3, sound=None)
    assert made.batch_size == 3
    with pytest.raises(ValueError, match="`sound` has no effect on a script"):
        backend_of(f"script:{file}", sound="in_video")
