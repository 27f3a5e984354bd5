"""Prompts: the installed ones keep the house's rules, and files of others are checked."""

import re
from pathlib import Path

import pytest

import affecthub.training.asking.prompts as prompts
from affecthub.entries import entries
from affecthub.labels import BASIC7, GOEMOTIONS
from affecthub.metrics.replies.reading import FORMS, read_reply
from affecthub.metrics.texts import text_of
from affecthub.training.asking.prompts.listing import prompt_table
from affecthub.training.asking.prompts.registry import (
    load_prompt,
    prompt_from,
    prompt_names,
)
from affecthub.training.captioning.kinds import COLUMNS

FOLDER = Path(prompts.__path__[0])
GOOD = {
    "id": "mood",
    "version": "1",
    "language": "en",
    "media": "[audio]",
    "form": "one_of",
    "placeholders": "[labels]",
    "purpose": "Glad or not.",
    "source": "mine",
    "text": "'Is it {labels}? Answer {\"mood\": 1}.'",
}


def written(path: Path, **changes: str | None) -> Path:
    fields = GOOD | changes
    lines = (f"{name}: {value}" for name, value in fields.items() if value is not None)
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.mark.parametrize("name", prompt_names())
def test_installed_prompts_keep_the_rules(name):
    prompt = load_prompt(name)
    assert prompt.id == name
    assert prompt.form in FORMS
    assert ("subtitle" in prompt.placeholders) <= ("text" in prompt.media)
    assert prompt.language == ("zh" if name.endswith("_zh") or name == "translate_en_zh" else "en")
    values = {place: f"<{place}>" for place in prompt.placeholders}
    filled = prompt.fill(**values)
    assert all(value in filled for value in values.values())
    # A corpus' name tells a model where the answer may be found.
    names = {*entries(), "emer", "mer2023", "mosi", "mosei", "iemocap", "friends"} - {"demo"}
    names = {re.sub(r"[_-]", "", each) for each in names}
    words = {re.sub(r"[_-]", "", word) for word in re.findall(r"[\w-]+", prompt.text.lower())}
    assert not names & words


def test_every_function_of_the_papers_is_there():
    names = set(prompt_names())
    media = ("audio", "video", "av")
    assert {f"emer_s{step}_{each}" for step in (0, 1) for each in media} <= names
    assert {f"caption_{kind}{end}" for kind in COLUMNS for end in ("", "_zh")} <= names
    assert {load_prompt(name).form for name in names} == set(FORMS)
    for name in ("emos_basic7", "emos_stream"):
        assert load_prompt(name).labels == BASIC7
    for name in (n for n in names if n.startswith("emos_")):
        assert all(re.search(rf"\b{label}\b", load_prompt(name).text) for label in GOEMOTIONS)


def test_the_readme_has_the_table():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert readme.endswith(prompt_table() + "\n")


def test_the_example_of_the_readme_is_a_prompt():
    readme = (FOLDER / "README.md").read_text(encoding="utf-8")
    example = re.search(r"```yaml\n(.*?)```", readme, re.DOTALL)[1]
    prompt = prompt_from(example, "README.md")
    assert prompt.fill().startswith("Is the person in this clip glad, gloomy?")
    assert prompt.system == "You answer in one word."


def test_texts_of_the_metrics_are_not_written_twice():
    assert load_prompt("extract_labels").text == text_of("answers/prompts/labels.txt").strip()
    assert load_prompt("sentiment_of_labels").text == (
        text_of("answers/prompts/sentiment.txt").strip()
    )


@pytest.mark.parametrize("name", [n for n in prompt_names() if load_prompt(n).form == "basic7"])
def test_the_form_shown_in_a_prompt_is_read(name):
    """The example of an answer that stands in the prompt is itself an answer that can be read."""
    shown = load_prompt(name).text.rpartition("\n\n")[2].partition("\n")[2]
    for blank, given in (
        ("one main emotion", "joy"),
        ("一个主要情绪", "joy"),
        ("a number", "0.0"),
        ("a finer label", "love"),
        ("一个细分标签", "love"),
        ("finer label (number), finer label (number), ...", "love (0.0)"),
    ):
        shown = shown.replace(blank, given)
    reading = read_reply(shown, "basic7")
    assert (reading.status, reading.notes) == ("plain" if name.endswith("lines") else "json", {})
    assert (reading.value.emotion, reading.value.confidence) == ("joy", 0.0)
    assert [each.label for each in reading.value.goemotions] == ["love"]
    assert reading.value.evidence and reading.value.rationale


def test_the_streaming_form_is_read():
    shown = load_prompt("emos_stream").text.rpartition("\n")[2]
    shown = shown.replace("one main emotion", "joy").replace("finer labels", "love")
    reading = read_reply(shown.replace("MM:SS-MM:SS", "00:01-00:02"), "stream")
    (utterance,) = reading.value.utterances
    assert (reading.status, reading.notes) == ("json", {})
    assert (utterance.primary, utterance.secondary) == ("joy", ("love",))
    assert (utterance.start_s, utterance.end_s, utterance.intensity) == (1, 2, 3)


def test_a_file_of_ones_own(tmp_path):
    prompt = load_prompt(written(tmp_path / "mood.yaml", labels="[glad, gloomy]"))
    assert prompt.fill() == 'Is it glad, gloomy? Answer {"mood": 1}.'
    assert prompt.fill(labels="{x}") == 'Is it {x}? Answer {"mood": 1}.'
    assert prompt.media == {"audio"}
    assert re.fullmatch(r"mood@1:[0-9a-f]{16}", prompt.key)


def test_the_key_tells_what_is_asked_apart(tmp_path):
    changes = (
        {},
        {"text": "'Is it {labels}? '"},
        {"text": "'What, {labels}?'"},
        {"system": "Be brief."},
        {"labels": "[a, b]"},
        {"labels": "['a, b']"},
        {"version": "2"},
    )
    keys = [load_prompt(written(tmp_path / "p.yml", **change)).key for change in changes]
    assert len(set(keys)) == len(keys)
    described = load_prompt(written(tmp_path / "p.yml", purpose="Otherwise said.", source="ours"))
    assert described.key == keys[0]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"text": None}, "lacks text: got id, version, "),
        ({"text": "' '"}, "`text` .* expected some text"),
        ({"txt": "a"}, "unknown field of prompt .*'txt'.*Did you mean 'text'"),
        ({"text_from": "a.txt"}, "unknown field .*'text_from'"),
        ({"form": "oneof"}, "unknown form of prompt .*Did you mean 'one_of'"),
        ({"form": "[labels]"}, "`form` .* expected some text"),
        ({"media": "[sound]"}, "unknown medium of prompt .*'sound'"),
        ({"media": "[]"}, "`media` .* at least one"),
        ({"media": "audio"}, "`media` .* a list of words"),
        ({"media": "[audio, audio]"}, "each of them once"),
        ({"version": "0"}, "a whole number from 1 on"),
        ({"version": "1.5"}, "a whole number from 1 on"),
        ({"version": "true"}, "a whole number from 1 on"),
        ({"id": "../mood"}, "`id` .* lower-case letters"),
        ({"language": "English!"}, "a code such as en or zh"),
        ({"labels": "[1, 2]"}, "`labels` .* a list of words"),
        ({"placeholders": "[]"}, "got none, expected labels"),
        ({"placeholders": "[labels, subtitle]"}, "got labels, subtitle, expected labels"),
        ({"text": "'{labels} and {other}'"}, "expected labels, other. Name each"),
        ({"system": "[a]"}, "`system` .* expected text"),
        ({"text": "'unclosed"}, "is not YAML"),
        ({"text": "!!python/object/apply:os.getcwd []"}, "is not YAML"),
    ],
)
def test_what_is_wrong_with_a_file_is_said(tmp_path, change, said):
    with pytest.raises(ValueError, match=said):
        load_prompt(written(tmp_path / "mood.yaml", **change))


@pytest.mark.parametrize("content", [b"", b"- a\n- b", b"just words", b"\xff\xfe\x00"])
def test_what_is_no_mapping_is_said(tmp_path, content):
    (tmp_path / "mood.yaml").write_bytes(content)
    with pytest.raises(ValueError, match=r"mood\.yaml is no "):
        load_prompt(tmp_path / "mood.yaml")


def test_a_name_stands_for_one_prompt(tmp_path):
    with pytest.raises(ValueError, match="`id` of prompt .* is taken: got 'one_of'"):
        load_prompt(written(tmp_path / "mine.yaml", id="one_of"))
    assert load_prompt(FOLDER / "one_of.yaml") == load_prompt("one_of")


def test_unknown_names_and_paths(tmp_path):
    with pytest.raises(FileNotFoundError, match="prompt file not found"):
        load_prompt(tmp_path / "none.yaml")
    with pytest.raises(ValueError, match="unknown prompt: got 'emos_basic'.*'emos_basic7'"):
        load_prompt("emos_basic")
    with pytest.raises(ValueError, match="unknown prompt"):
        load_prompt("../prompts/one_of")


def test_places_are_filled_all_and_no_others():
    prompt = load_prompt("one_of_words")
    with pytest.raises(ValueError, match=r"\{labels\} has no value, there is no \{label\}"):
        prompt.fill(label="joy", subtitle="Oh!")
    with pytest.raises(TypeError, match=r"\{subtitle\} is no text: got None"):
        prompt.fill(labels="joy", subtitle=None)
